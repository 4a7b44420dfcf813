"""Hostile input to `python -m generation.verify`: one sentence, never a traceback."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generation.media.certificates import Chain
from generation.verify.__main__ import main
from tests.papers import Papers, new_chain, papers

ROOT = Path(__file__).resolve().parents[1]
Capture = pytest.CaptureFixture[str]


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


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "not-json": b"{'v': 1}",
    "not-utf8": b'{"v":"\xff"}',
    "nul-bytes": b"\x00" * 100,
    "a-number": b"1",
    "a-list": b"[]",
    "an-empty-object": b"{}",
    "deep": deep(50),
    "deeper-than-python": deep(200_000),
    "float": b'{"v":1.0}',
    "huge-number": b'{"v":' + b"9" * 5_000 + b"}",
    "duplicate-key": b'{"v":1,"v":1}',
    "infinity": b'{"v":Infinity}',
    "lone-surrogate": b'{"v":"\\ud800"}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bundle_gets_one_sentence(
    name: str, files: tuple[str, str, str], tmp_path: Path, capsys: Capture
) -> None:
    hostile = tmp_path / "hostile.json"
    hostile.write_bytes(HOSTILE[name])
    assert main([str(hostile), files[1]]) == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    problem = "empty (empty)" if name == "empty" else "not a bundle: "
    assert captured.err.startswith(f"proviso-verify: `{hostile}` is {problem}")
    assert len(captured.err) < 600


def test_no_input_can_steer_the_terminal_or_pass_for_our_output(
    honest: Papers, files: tuple[str, str, str], tmp_path: Path, capsys: Capture
) -> None:
    spoof = "\x1b[2J\r0  trust  proven\n\u202e"
    hostile = tmp_path / "hostile.json"
    hostile.write_text(json.dumps({spoof: 1})[:-1] + f", {json.dumps(spoof)}: 2}}")
    assert main([str(hostile), files[1]]) == 64
    said = capsys.readouterr().err
    bundle = copy.deepcopy(honest.bundle)
    bundle["clearance"]["request"] = {"kind": spoof}
    hostile.write_text(json.dumps(bundle))
    assert main([str(hostile), files[1]]) == 1
    said += capsys.readouterr().out
    assert not set(said) & {"\x1b", "\r", "\u202e"}
    assert not [line for line in said.splitlines() if line.startswith("0  trust")]


def test_a_terminal_without_utf_8_gets_the_same_answer(files: tuple[str, str, str]) -> None:
    bundle, mp4, trust = files
    done = subprocess.run(
        [sys.executable, "-m", "generation.verify", bundle, mp4, "--trust", trust],
        cwd=ROOT, env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


def test_a_bundle_of_many_megabytes_is_refused_unread(
    files: tuple[str, str, str], tmp_path: Path, capsys: Capture
) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(65 << 20)
    assert main([str(huge), files[1]]) == 64
    assert "larger than 64 MiB" in capsys.readouterr().err


def spoil(bundle: dict[str, Any], name: str) -> None:
    """Make a bundle that is no bundle any more."""
    statement = bundle["statements"][0]
    spoilt: dict[str, Any] = {
        "version-2": lambda: bundle.update(v=2),
        "unknown-field": lambda: bundle.update(override=True),
        "missing-field": lambda: bundle.pop("release"),
        "statement-twice": lambda: bundle["statements"].append(statement),
        "foreign-payload-type": lambda: statement["envelope"].update(payloadType="text/plain"),
        "payload-not-base64": lambda: statement["envelope"].update(payload="%%%"),
        "no-signature": lambda: statement["envelope"].update(signatures=[]),
        "short-signature": lambda: statement["envelope"]["signatures"][0].update(sig="AAAA"),
        "many-signatures": lambda: statement["envelope"].update(signatures=statement["envelope"]["signatures"] * 2),
        "digests-out-of-order": lambda: bundle["clearance"]["digests"].reverse(),
        "negative-index": lambda: bundle["clearance"]["vouched"]["indices"].update({"0" * 64: -1}),
        "vkey-with-another-id": lambda: bundle["trust"].update(log=["papers.example/log+00000000+AQ=="]),
        "low-order-key": lambda: bundle["trust"].update(registry=["MCowBQYDK2VwAyEA" + "A" * 42 + "A="]),
        "certificate-that-is-none": lambda: bundle["trust"].update(c2pa=["-----BEGIN CERTIFICATE-----\n"]),
        "certificate-of-nonsense": lambda: bundle["trust"].update(
            c2pa=["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
        ),
    }
    spoilt[name]()


SPOILT = (
    "version-2",
    "unknown-field",
    "missing-field",
    "statement-twice",
    "foreign-payload-type",
    "payload-not-base64",
    "no-signature",
    "short-signature",
    "many-signatures",
    "digests-out-of-order",
    "negative-index",
    "vkey-with-another-id",
    "low-order-key",
    "certificate-that-is-none",
    "certificate-of-nonsense",
)


@pytest.mark.parametrize("name", SPOILT)
def test_a_bundle_that_breaks_its_format_is_unreadable(
    name: str, honest: Papers, files: tuple[str, str, str], tmp_path: Path, capsys: Capture
) -> None:
    bundle = copy.deepcopy(honest.bundle)
    spoil(bundle, name)
    spoilt = tmp_path / "spoilt.json"
    spoilt.write_text(json.dumps(bundle))
    assert main([str(spoilt), files[1]]) == 64
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_files_that_are_not_there_are_unreadable(files: tuple[str, str, str], tmp_path: Path, capsys: Capture) -> None:
    bundle, mp4, _ = files
    gone = str(tmp_path / "gone")
    for arguments in (
        [gone, mp4],
        [bundle, gone],
        [bundle, str(tmp_path)],
        [str(tmp_path), mp4],
        [bundle, mp4, "--trust", gone],
        [bundle, mp4, "--trust", bundle],
        [mp4, bundle],
    ):
        assert main(arguments) == 64
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["a", "b", "c"], ["a", "b", "--pin", "XYZ"], ["a", "b", "--pin", "0" * 64, "--trust", "t"]],
)
def test_wrong_usage_is_64_and_not_2(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 64
    assert "usage:" in capsys.readouterr().err


def test_a_request_that_asks_more_than_anybody_knows_fails_at_its_step(
    honest: Papers, files: tuple[str, str, str], tmp_path: Path, capsys: Capture
) -> None:
    bundle = copy.deepcopy(honest.bundle)
    request = bundle["clearance"]["request"]
    for _ in range(20):
        request = request.setdefault("deeper", {})
    damaged = tmp_path / "damaged.json"
    damaged.write_text(json.dumps(bundle))
    assert main([str(damaged), files[1]]) == 1
    assert "FAILED at step 3, clearance" in capsys.readouterr().out
