"""What `python -m generation.verify` answers: exit codes, trust, report; and what it never touches."""

import copy
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generation.core import receipt, record_paper, resealed, verify, whole_log
from generation.core.bundle import Bundle
from generation.core.trust import Trust
from generation.media.certificates import Chain
from generation.verify.__main__ import main
from registry.core.envelope import canonical, sha256_hex
from tests.papers import Changes, Log, Papers, new_chain, papers, trust_of

ROOT = Path(__file__).resolve().parents[1]
Capture = pytest.CaptureFixture[str]

# Runs the command in a process that reports every module it loaded and ends at the first socket or database.
WATCHED = """
import sys
def watch(event, arguments):
    if event.split(".")[0] in ("socket", "sqlite3", "urllib", "http", "ftplib", "smtplib"):
        sys.stderr.write(f"opened {event} {arguments}\\n")
        sys.exit(99)
sys.addaudithook(watch)
from generation.verify.__main__ import main
code = main(sys.argv[1:])
print("loaded", *sorted({name.split(".")[0] for name in sys.modules}))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return new_chain(tmp_path_factory.mktemp("credentials"))


@pytest.fixture(scope="module")
def honest(chain: Chain) -> Papers:
    return papers(chain)


@pytest.fixture
def files(honest: Papers, tmp_path: Path) -> tuple[str, str, str]:
    bundle, mp4, trust = honest.write(tmp_path)
    return str(bundle), str(mp4), str(trust)


def reported(capsys: Capture) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_with_the_trust_from_elsewhere_everything_is_proven(files: tuple[str, str, str], capsys: Capture) -> None:
    bundle, mp4, trust = files
    assert main([bundle, mp4, "--trust", trust, "--json"]) == 0
    report = reported(capsys)
    assert report["exit"] == 0
    assert report["failed"] is None
    assert {step["outcome"] for step in report["steps"]} == {"proven", "vouched"}
    assert [step["number"] for step in report["steps"]] == list(range(1, len(report["steps"]) + 1))


def test_a_pinned_trust_proves_as_much(honest: Papers, files: tuple[str, str, str], capsys: Capture) -> None:
    bundle, mp4, _ = files
    pin = sha256_hex(canonical(honest.bundle["trust"]))
    assert main([bundle, mp4, "--pin", pin]) == 0
    assert "PROVEN" in capsys.readouterr().out


def test_another_pin_leaves_it_consistent(files: tuple[str, str, str], capsys: Capture) -> None:
    bundle, mp4, _ = files
    assert main([bundle, mp4, "--pin", "0" * 64]) == 2
    assert "CONSISTENT" in capsys.readouterr().out


def test_without_trust_it_is_consistent_at_best(files: tuple[str, str, str], capsys: Capture) -> None:
    bundle, mp4, _ = files
    assert main([bundle, mp4, "--json"]) == 2
    outcomes = {step["name"]: step["outcome"] for step in reported(capsys)["steps"]}
    keyed = ("credential", "checkpoints", "registry key", "trust")
    assert all(outcomes[name] == "consistent" for name in keyed)
    assert outcomes["clearance replayed"] == "proven"


def test_a_forger_s_bundle_with_keys_of_their_own_is_consistent_at_best(
    honest: Papers, tmp_path: Path, capsys: Capture
) -> None:
    """Log, registry and credential all made up, each named by the bundle itself: none is believed for that."""
    forged = papers(new_chain(tmp_path / "forger"), log=Log(key="mallory"), changes=Changes(registry="mallory"))
    forged.bundle["trust"] = trust_of(new_chain(tmp_path / "forger"), "mallory", registry=("mallory",))
    bundle, mp4, trust = map(str, forged.write(tmp_path))
    Path(trust).write_text(json.dumps(honest.trust))
    assert main([bundle, mp4, "--trust", trust, "--json"]) == 2
    outcomes = {step["name"]: step["outcome"] for step in reported(capsys)["steps"]}
    assert [outcomes[name] for name in ("credential", "checkpoints", "registry key", "trust")] == ["consistent"] * 4


@pytest.mark.parametrize(
    ("kind", "said"),
    [("log", "the log's key"), ("registry", "the registry's key"), ("c2pa", "the root certificate")],
)
def test_a_key_that_is_missing_from_the_trust_is_named(
    kind: str, said: str, honest: Papers, files: tuple[str, str, str], capsys: Capture
) -> None:
    bundle, mp4, trust = files
    Path(trust).write_text(json.dumps({**honest.trust, kind: []}))
    assert main([bundle, mp4, "--trust", trust, "--json"]) == 2
    (last,) = [step for step in reported(capsys)["steps"] if step["name"] == "trust"]
    assert last["evidence"].startswith("not in the trust given: ")
    assert said in last["evidence"]


def test_more_keys_in_the_trust_than_needed_do_no_harm(
    chain: Chain, files: tuple[str, str, str], capsys: Capture
) -> None:
    bundle, mp4, trust = files
    many = trust_of(chain, registry=("mallory", "registry"))
    many["log"] += trust_of(chain, "mallory")["log"]
    Path(trust).write_text(json.dumps(many))
    assert main([bundle, mp4, "--trust", trust]) == 0
    capsys.readouterr()


def test_the_report_lists_what_nobody_can_prove(files: tuple[str, str, str], capsys: Capture) -> None:
    bundle, mp4, trust = files
    main([bundle, mp4, "--trust", trust])
    out = capsys.readouterr().out
    proven, vouched = out.split("Not proven: the registry vouches for these.")
    assert "vouched" not in proven
    assert "proven" not in vouched.rsplit("\n\n", 1)[0]
    assert "unchecked: lookalike" in " ".join(vouched.split())


def test_lines_are_aligned_and_plain_where_nobody_watches(files: tuple[str, str, str], capsys: Capture) -> None:
    bundle, mp4, trust = files
    main([bundle, mp4, "--trust", trust])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    steps = [line for line in out.splitlines() if line[:2].strip().isdigit()]
    outcomes = {line.index(word) for line in steps for word in ("proven  ", "vouched  ") if f"  {word}" in line}
    assert len(outcomes) == 1
    assert all(len(line) <= 120 for line in out.splitlines()[1:])


def test_colour_is_for_terminals_and_no_color_is_honoured(
    files: tuple[str, str, str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, mp4, trust = files
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    main([bundle, mp4, "--trust", trust])
    assert "\x1b[32mproven\x1b[0m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    main([bundle, mp4, "--trust", trust])
    assert "\x1b" not in capsys.readouterr().out


def test_it_loads_no_django_and_no_torch_and_opens_no_socket(files: tuple[str, str, str], tmp_path: Path) -> None:
    bundle, mp4, trust = files
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "DATABASE"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WATCHED, bundle, mp4, "--trust", trust],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split("loaded ")[1].split())
    assert "generation" in loaded
    assert not loaded & {"django", "torch", "numpy", "psycopg", "celery", "rest_framework", "av", "PIL", "config"}


def test_the_watch_itself_would_have_seen_a_socket() -> None:
    planted = WATCHED.replace("code = main(sys.argv[1:])", "import socket; socket.create_connection(('127.0.0.1', 9))")
    done = subprocess.run([sys.executable, "-c", planted], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 99
    assert "opened socket." in done.stderr


def test_it_runs_as_a_module(files: tuple[str, str, str]) -> None:
    bundle, mp4, _ = files
    done = subprocess.run(
        [sys.executable, "-m", "generation.verify", bundle, mp4], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr == ""


def test_bundle_and_trust_are_read_and_written_alike(honest: Papers) -> None:
    bundle = Bundle.parse(honest.bundle)
    assert Bundle.parse(bundle.format()).format() == bundle.format()
    assert Trust.parse(honest.trust).format() == honest.trust
    assert bundle.trust.sha256 == sha256_hex(canonical(honest.bundle["trust"]))


# --- Whatever is changed, it is noticed -----------------------------------------------------------------------------


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every text, number and null."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield from leaves(child, (*path, name))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from leaves(child, (*path, number))
    else:
        yield path


def changed(value: Any, chance: random.Random) -> Any:
    """Return something like the value, but not it."""
    if isinstance(value, str) and value:
        place = chance.randrange(len(value))
        other = chance.choice([c for c in "0aZ-" if c != value[place]])
        return chance.choice([value[:place] + other + value[place + 1 :], value[:place] + value[place + 1 :], None])
    if isinstance(value, bool) or value is None:
        return chance.choice([0, "x", "0" * 64])
    return value + chance.choice([1, -1]) if isinstance(value, int) else "x"


def test_no_change_to_a_bundle_goes_unnoticed(
    honest: Papers, files: tuple[str, str, str], tmp_path: Path, capsys: Capture
) -> None:
    """Its `trust` apart, which counts for nothing where a trust is given."""
    chance = random.Random(7)
    _, mp4, trust = files
    places = [path for path in leaves(honest.bundle) if path[0] != "trust"]
    codes: list[int] = []
    for path in chance.sample(places, 150):
        bundle = copy.deepcopy(honest.bundle)
        held: Any = bundle
        for name in path[:-1]:
            held = held[name]
        held[path[-1]] = changed(held[path[-1]], chance)
        if path[-1] == "proof" and held["proof"] is None:  # a missing receipt is listed, where none is needed
            continue
        damaged = tmp_path / "damaged.json"
        damaged.write_text(json.dumps(bundle))
        code = main([str(damaged), mp4, "--trust", trust])
        assert code in (1, 64), path
        codes.append(code)
        capsys.readouterr()
    assert min(codes.count(1), codes.count(64)) > 10  # both kinds of refusal were met


def test_no_flipped_byte_of_the_file_goes_unnoticed(honest: Papers, tmp_path: Path, capsys: Capture) -> None:
    chance = random.Random(8)
    bundle, mp4, trust = honest.write(tmp_path)
    for _ in range(60):
        place = chance.randrange(len(honest.mp4))
        mp4.write_bytes(honest.mp4[:place] + bytes([honest.mp4[place] ^ 0x40]) + honest.mp4[place + 1 :])
        assert main([str(bundle), str(mp4), "--trust", str(trust)]) == 1
        assert "FAILED at step 1, file" in capsys.readouterr().out


# --- The page of formats ---------------------------------------------------------------------------------------------


def test_the_page_of_formats_names_every_step_of_every_kind() -> None:
    lines = (ROOT / "docs" / "formats.md").read_text().splitlines()
    for kind, steps in (
        ("bundle", verify.STEPS),
        ("record", record_paper.STEPS),
        ("receipt", receipt.STEPS),
        ("log", whole_log.STEPS),
        ("reseal", resealed.STEPS),
    ):
        named = " ".join(f"`{name}`" for name, _ in steps)
        assert any(f"| `{kind}` | {named} |" in line for line in lines), kind
