"""A log's key is rotated: its monitor says what to do, believes the new key once it is given, and forgets nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from registry.core.checkpoint import Checkpoint, NoteSigner, sign_checkpoint
from registry.core.errors import DomainError
from registry.watch.evidence import Evidence
from registry.watch.monitor import Monitor, Report, format_report
from registry.watch.report import lines
from registry.watch.signed import Keys
from registry.watch.state import StateFolder
from tests.log_files import LOG_SIGNER, LOG_VKEY, ORIGIN, Files, entries

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
NEW = NoteSigner.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))
LIAR = NoteSigner.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32))
PQ = NoteSigner.of(ORIGIN, MLDSA44PrivateKey.from_seed_bytes(bytes(range(32))))
OLD_KEYS, NEW_KEYS = Keys(log=(LOG_VKEY,)), Keys(log=(NEW.key,))


class Scene:
    """A log that its monitor has verified under the old key."""

    def __init__(self, top: Path) -> None:
        self.log, self.state = Files(), StateFolder(top=top)
        self.grow(10, LOG_SIGNER)
        assert codes(self.look(OLD_KEYS)) == []

    def grow(self, count: int, *signers: NoteSigner, world: str = "") -> None:
        self.log.grow(entries(count, world=world or str(self.log.edge.size)))
        checkpoint = Checkpoint(origin=ORIGIN, size=self.log.edge.size, root=self.log.edge.root)
        self.log.files["checkpoint"] = sign_checkpoint(checkpoint, *signers)

    def states(self, *signers: NoteSigner) -> None:
        self.log.files["vkey"] = "".join(one.key.format() + "\n" for one in signers).encode()

    def look(self, keys: Keys | None = None, **changes: Any) -> Report:
        """Look once, as the command does: without keys by those that were kept."""
        known = self.state.load()
        believed = keys or (known and known.keys)
        assert believed
        monitor = Monitor(source=changes.pop("source", self.log), state=self.state, keys=believed)
        with self.state.hold():
            return monitor.look(at=AT, progress=lambda walked, size: None)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state")


def codes(report: Report) -> list[str]:
    for language in ("en", "fr"):
        assert all(lines(report, language))
    json.dumps(format_report(report))
    return [finding.code for finding in report.findings]


def test_a_rotation_is_followed_over_the_bridge_and_refused_behind_it_with_what_to_do(scene: Scene) -> None:
    scene.states(NEW, LOG_SIGNER, PQ)
    scene.grow(5, NEW, LOG_SIGNER)  # both sign the same tree
    assert codes(scene.look()) == []
    scene.grow(5, NEW)
    report = scene.look()
    assert (codes(report), report.exit_code) == (["key_unknown", "bad_note"], 3)
    (told,) = [line for line in lines(report, "en") if "key_unknown" in line]
    assert f"{ORIGIN}+{NEW.key.keyid.hex()}." in told  # and no key of a kind by which nobody asked to follow
    assert "--vkey" in told
    assert report.seen is not None
    assert report.seen.size == 15


def test_the_new_key_is_given_once_and_what_was_seen_stays_verified(scene: Scene) -> None:
    scene.grow(5, NEW)
    assert codes(scene.look(NEW_KEYS)) == []
    known = scene.state.load()
    assert known is not None
    assert (known.keys, known.earlier) == (NEW_KEYS, (LOG_VKEY,))
    scene.grow(5, NEW)
    assert codes(scene.look()) == []  # it is kept
    scene.grow(5, LOG_SIGNER)
    assert codes(scene.look()) == ["bad_note"]  # the old one is believed for nothing new


def test_a_key_that_signed_nothing_here_does_not_take_the_place_of_the_one_that_did(scene: Scene) -> None:
    """As where somebody mistypes it, or is told a wrong one: the state stays readable, and the old key believed."""
    assert codes(scene.look(Keys(log=(LIAR.key,)))) == ["bad_note"]
    known = scene.state.load()
    assert known is not None
    assert known.keys == OLD_KEYS
    assert codes(scene.look()) == []


def test_a_log_that_did_not_grow_since_the_rotation_leaves_a_state_that_can_be_read(scene: Scene) -> None:
    scene.grow(0, NEW)
    for keys in (NEW_KEYS, None, None):
        assert codes(scene.look(keys)) == []
    scene.grow(3, NEW)
    assert codes(scene.look()) == []


@pytest.mark.parametrize("size", [10, 8], ids=["fork", "rollback"])
def test_a_log_that_lies_under_its_new_key_is_found_out_by_what_it_signed_with_the_old_one(
    scene: Scene, size: int
) -> None:
    scene.grow(0, NEW)
    scene.look(NEW_KEYS)
    twin = Files()
    twin.grow(entries(size, world="other"), signer=NEW)
    report = scene.look(source=twin)
    assert report.exit_code == 1
    (path,) = report.evidence.values()
    evidence = Evidence.parse(Path(path).read_bytes())
    assert evidence.verify(Keys(log=(LOG_VKEY, NEW.key))) is not None
    for alone in (OLD_KEYS, NEW_KEYS):  # it takes the keys of both sides of the rotation
        with pytest.raises(DomainError):
            evidence.verify(alone)


def test_a_fork_from_before_the_rotation_is_found_after_it(scene: Scene) -> None:
    scene.grow(5, NEW)
    scene.look(NEW_KEYS)
    twin = Files()
    twin.grow(entries(10, world="other"), signer=NEW)  # of a size that was verified under the old key
    report = scene.look(source=twin)
    assert codes(report) == ["fork"]
    (evidence,) = [finding.evidence for finding in report.findings if finding.evidence]
    assert evidence.verify(Keys(log=(LOG_VKEY, NEW.key))).proven


def test_a_state_from_before_keys_had_successors_is_read(scene: Scene) -> None:
    place = scene.state.top / "state.json"
    state = json.loads(place.read_text())
    assert state.pop("earlier") == []
    place.write_text(json.dumps(state))
    assert codes(scene.look()) == []
