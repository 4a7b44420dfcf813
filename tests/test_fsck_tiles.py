"""`fsck DIRECTORY|URL`: a whole log from its files alone; every flip in any of them is found and named."""

from __future__ import annotations

import http.server
import json
import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from generation.core.whole_log import STEPS
from generation.verify.__main__ import main
from registry.core.checkpoint import NoteSigner
from registry.core.tiles import encode_bundle
from tests.decision_bodies import key_of
from tests.tile_logs import ORIGIN, TileLog, entry

Capture = pytest.CaptureFixture[str]
SIZE = 700  # two full tiles, a partial one, and a level above them


@pytest.fixture
def log(tmp_path: Path) -> TileLog:
    found = TileLog(folder=tmp_path / "log")
    found.append([entry(number) for number in range(300)])
    found.append([entry(number) for number in range(300, SIZE)])
    return found


def walked(where: object, trust: str | None, capsys: Capture) -> dict[str, Any]:
    code = main(["fsck", str(where), "--json", *(() if trust is None else ("--trust", trust))])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert report["exit"] == code
    return report


def evidence(report: dict[str, Any], name: str) -> str:
    return str(next(step["evidence"] for step in report["steps"] if step["name"] == name))


def test_an_honest_log_is_proven_to_its_last_entry(log: TileLog, tmp_path: Path, capsys: Capture) -> None:
    report = walked(log.folder, log.write_trust(tmp_path / "trust.json"), capsys)
    assert (report["exit"], report["failed"]) == (0, None)
    assert report["about"] == {"origin": ORIGIN, "size": SIZE, "root": log.edge.root.hex()}
    assert evidence(report, "entries").startswith("700 entries")
    assert "(Ed25519 and ML-DSA-44)" in evidence(report, "checkpoint")


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 513])
def test_logs_of_every_shape_are_walked(size: int, tmp_path: Path, capsys: Capture) -> None:
    log = TileLog(folder=tmp_path / "log")
    log.folder.mkdir()
    log.append([entry(number) for number in range(size)])
    assert walked(log.folder, log.write_trust(tmp_path / "trust.json"), capsys)["exit"] == 0


def test_a_partial_tile_that_gave_way_to_the_full_one_is_read_from_it(
    log: TileLog, tmp_path: Path, capsys: Capture
) -> None:
    """The log grew on while it was walked, and dropped the partial tiles of the size that was signed."""
    note = (log.folder / "checkpoint").read_bytes()
    log.append([entry(number) for number in range(SIZE, 1_000)])
    for partial_ in log.folder.rglob("*.p/*"):
        if partial_.parent.with_suffix("").exists():
            partial_.unlink()
    (log.folder / "checkpoint").write_bytes(note)
    assert walked(log.folder, log.write_trust(tmp_path / "trust.json"), capsys)["exit"] == 0


def test_without_trust_it_is_consistent_and_with_a_key_of_one_kind_that_key_is_enough(
    log: TileLog, tmp_path: Path, capsys: Capture
) -> None:
    assert walked(log.folder, None, capsys)["exit"] == 2
    for vkey in log.trust["log"]:
        assert walked(log.folder, log.write_trust(tmp_path / "trust.json", log=[vkey]), capsys)["exit"] == 0


def test_a_kind_of_key_that_is_trusted_must_have_signed(tmp_path: Path, capsys: Capture) -> None:
    """Who lists a post-quantum key does not want a log that rests on the other alone."""
    log = TileLog(folder=tmp_path / "log", signs=("ed25519",))
    log.append([entry(0)])
    both = TileLog(folder=tmp_path).write_trust(tmp_path / "trust.json")
    report = walked(log.folder, both, capsys)
    assert report["exit"] == 2
    assert "ML-DSA-44" in evidence(report, "trust")


@pytest.mark.parametrize(("names", "quorum", "code"), [((), 1, 2), (("a.example",), 1, 0), (("a.example",), 2, 2)])
def test_as_many_witnesses_as_the_trust_asks_for(
    names: tuple[str, ...], quorum: int, code: int, tmp_path: Path, capsys: Capture
) -> None:
    log = TileLog(folder=tmp_path / "log", witnesses=names)
    log.append([entry(0)])
    witnesses = [NoteSigner.witness(name, key_of(name)).key.format() for name in ("a.example", "b.example")]
    trust = log.write_trust(tmp_path / "trust.json", witnesses=witnesses, quorum=quorum)
    assert walked(log.folder, trust, capsys)["exit"] == code


# --- Damage ----------------------------------------------------------------------------------------------------------

Damage = Callable[[TileLog], object]


def rewrite(log: TileLog, path: str, change: Callable[[bytes], bytes]) -> None:
    (log.folder / path).write_bytes(change((log.folder / path).read_bytes()))


def flipped(path: str, at: int = 50) -> Damage:
    return lambda log: rewrite(log, path, lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def cut(path: str) -> Damage:
    return lambda log: rewrite(log, path, lambda data: data[:-1])


def gone(path: str) -> Damage:
    return lambda log: (log.folder / path).unlink()


def exchanged_entries(log: TileLog) -> None:
    """Two entries changed places."""
    entries = [entry(number) for number in range(256)]
    entries[3], entries[4] = entries[4], entries[3]
    rewrite(log, "tile/entries/000", lambda _: encode_bundle(entries))


def replaced_everywhere(log: TileLog) -> None:
    """Somebody who may write the files makes another log of them, and cannot sign it."""
    note = (log.folder / "checkpoint").read_bytes()
    forged = TileLog(folder=log.folder)
    forged.append([entry(number + (number == 5) * 10_000) for number in range(SIZE)])
    (log.folder / "checkpoint").write_bytes(note)


def same_statement_twice(log: TileLog) -> None:
    TileLog(folder=log.folder).append([entry(number % 690) for number in range(SIZE)])


def foreign_entry(log: TileLog) -> None:
    TileLog(folder=log.folder).append([*(entry(number) for number in range(SIZE - 1)), b'{"note":"Ada lives in Lyon"}'])


def signed_another_root(log: TileLog) -> None:
    log.sign(bytes(32))


def signed_by_a_stranger(log: TileLog) -> None:
    log.key = "mallory"
    log.sign(log.edge.root)
    log.key = "log"


def unreadable_note(log: TileLog) -> None:
    (log.folder / "checkpoint").write_bytes(b"hello\n")


DAMAGED: dict[str, tuple[Damage, str]] = {
    "unreadable-note": (unreadable_note, "checkpoint"),
    "broken-signature": (
        lambda log: rewrite(log, "checkpoint", lambda note: note[:-2_000] + b"AAAAAA" + note[-1_994:]),
        "checkpoint",
    ),
    "signed-by-a-stranger": (signed_by_a_stranger, "checkpoint"),
    "flipped-form": (flipped("tile/entries/001", at=5), "entries"),
    "flipped-digest": (flipped("tile/entries/001"), "tiles"),
    "cut-bundle": (cut("tile/entries/000"), "entries"),
    "missing-bundle": (gone("tile/entries/001"), "entries"),
    "missing-last-bundle": (gone("tile/entries/002.p/188"), "entries"),
    "same-statement-twice": (same_statement_twice, "entries"),
    "foreign-entry": (foreign_entry, "entries"),
    "exchanged-entries": (exchanged_entries, "tiles"),
    "flipped-tile": (flipped("tile/0/001"), "tiles"),
    "flipped-partial-tile": (flipped("tile/0/002.p/188"), "tiles"),
    "flipped-upper-tile": (flipped("tile/1/000.p/2"), "tiles"),
    "cut-tile": (cut("tile/0/000"), "tiles"),
    "missing-tile": (gone("tile/0/000"), "tiles"),
    "signed-another-root": (signed_another_root, "root"),
    "replaced-everywhere": (replaced_everywhere, "root"),
}


@pytest.mark.parametrize("attack", DAMAGED)
def test_damage_is_named_at_its_step(attack: str, log: TileLog, tmp_path: Path, capsys: Capture) -> None:
    damage, step = DAMAGED[attack]
    trust = log.write_trust(tmp_path / "trust.json")
    damage(log)
    report = walked(log.folder, trust, capsys)
    assert (report["exit"], report["failed"]) == (1, step)


def test_every_step_can_fail() -> None:
    """(`trust` never fails; `witnesses` fails where a trusted one signed falsely, as records and bundles show.)"""
    assert {name for name, _ in STEPS} - {step for _, step in DAMAGED.values()} == {"trust", "witnesses"}


def test_the_file_at_fault_is_named(log: TileLog, tmp_path: Path, capsys: Capture) -> None:
    trust = log.write_trust(tmp_path / "trust.json")
    flipped("tile/0/001")(log)
    assert "`tile/0/001`" in evidence(walked(log.folder, trust, capsys), "tiles")


def test_a_flip_of_any_byte_of_any_file_is_found(log: TileLog, tmp_path: Path, capsys: Capture) -> None:
    """Of every file that the newest checkpoint needs, one byte at three places each."""
    chance = random.Random(7)
    trust = log.write_trust(tmp_path / "trust.json")
    needed = [path for path in log.folder.rglob("*") if path.is_file() and ".p/44" not in str(path)]
    needed = [path for path in needed if not str(path).endswith("tile/1/000.p/1")]  # of an earlier size
    assert len(needed) == 8
    for path in needed:
        data = path.read_bytes()
        for at in (0, chance.randrange(len(data)), len(data) - 1):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            renamed = path.name == "checkpoint" and at == 0  # the log of another name, whose keys nobody has
            assert main(["fsck", str(log.folder), "--trust", trust]) == (2 if renamed else 1), (path, at)
        path.write_bytes(data)
    capsys.readouterr()
    assert walked(log.folder, trust, capsys)["exit"] == 0


# --- Over HTTP -------------------------------------------------------------------------------------------------------


@pytest.fixture
def address(log: TileLog) -> Iterator[str]:
    """Any static web server will do."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(log.folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_log_behind_an_address_is_walked_alike(address: str, log: TileLog, tmp_path: Path, capsys: Capture) -> None:
    trust = log.write_trust(tmp_path / "trust.json")
    assert walked(address, trust, capsys)["exit"] == 0
    flipped("tile/0/001")(log)
    assert walked(address, trust, capsys)["failed"] == "tiles"


def test_a_log_that_states_its_keys_is_believed_no_more_for_it(address: str, log: TileLog, capsys: Capture) -> None:
    (log.folder / "vkey").write_text("\n".join(log.trust["log"]) + "\n")
    report = walked(address, None, capsys)
    assert report["exit"] == 2
    assert "is signed by the log" in evidence(report, "checkpoint")


@pytest.mark.parametrize("where", ["http://127.0.0.1:9", "/nowhere/at/all", "ftp://log.example", "http://"])
def test_a_log_that_cannot_be_asked_is_64_and_not_a_fault_of_the_log(where: str, capsys: Capture) -> None:
    assert main(["fsck", where]) == 64
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
