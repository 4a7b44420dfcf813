"""Each of the registry's keys is rotated by one command, and nothing that it signed or wrapped is lost by that."""

from __future__ import annotations

import json
import threading
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError
from django.db import connections, transaction

from registry import log
from registry.core.checkpoint import Note, Proof, VerifierKey, open_checkpoint
from registry.core.errors import BadNote
from registry.custody import Custody, Signer, custody
from registry.log import identity
from registry.models import Checkpoint, DataKey, Key, Leaf, StatementRow
from registry.selectors.policies import registry
from registry.services import record as records
from registry.services import rotation
from registry.vault import rewrapping
from tests.custody_keys import places
from tests.rotating import keys, said, sound, states
from tests.world import World
from web import fsck

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Keys, certificates and a log of this test's own."""
    settings.LOG_DIR, settings.CREDENTIAL_DIR, settings.MEDIA_DIR = (tmp_path / n for n in ("log", "certs", "media"))
    settings.KEY_PLACES = places(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def world(folder: Path) -> World:
    return World()


# --- The registry's key


def test_the_registry_s_key_changes_hands_in_three_steps(world: World) -> None:
    before = custody().signer("registry").public.keyid
    said(1)
    lines = keys("rotate", "registry")
    after = custody().signer("registry").public.keyid
    assert lines[:3] == [
        f"key {after} is enrolled beside {before}",
        "version 2 of the registry key signs from now on",
        f"key {before} signs nothing more; what it signed stays good",
    ]
    assert lines[3].startswith("to undo: ")
    said(2)
    world.publish()
    types = StatementRow.objects.filter(type__startswith="key.").order_by("accepted_at").values_list("type", flat=True)
    assert [*types] == ["key.added", "key.revoked"]
    assert registry() == world.registry
    assert sound()


def test_the_registry_goes_on_as_one_party_after_many_rotations(world: World) -> None:
    for number in range(4):
        said(number)
        keys("rotate", "registry")
    world.publish()
    assert states("registry") == ["old"] * 4 + ["current"]
    assert Key.objects.filter(party=world.registry, revoked=None).count() == 1
    assert sound()


def _stop(*args: Any, **kwargs: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize("done", range(4))
@pytest.mark.parametrize("role", ["registry", "log", "kek"])
def test_a_rotation_that_stops_after_any_line_is_finished_by_the_same_command(
    world: World, role: str, done: int
) -> None:
    said(1)
    steps = rotation.rotate(role)
    [*islice(steps, done)]
    steps.close()  # as Ctrl-C does
    said(2)
    keys("rotate", role)
    said(3)
    world.publish()
    assert states(role)[-1] == "current"
    assert "next" not in states(role)
    assert rewrapping.behind(custody().versions("kek")[-1].number) == 0
    assert sound()


@pytest.mark.parametrize("step", ["make", "promote", "key.added", "key.revoked"])
def test_a_rotation_killed_right_before_any_step_is_finished_by_the_same_command(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(1)
    with monkeypatch.context() as patch:
        if step in ("make", "promote"):
            patch.setattr(custody(), step, _stop)
        else:
            act = rotation._act
            patch.setattr(rotation, "_act", lambda type_, *rest: _stop() if type_ == step else act(type_, *rest))
        with pytest.raises(KeyboardInterrupt):
            keys("rotate", "registry")
    said(2)
    before = len(states("registry"))
    keys("rotate", "registry")
    assert len(states("registry")) == 2 >= before
    said(3)
    world.publish()
    assert Key.objects.filter(party=world.registry).count() == 2
    assert Key.objects.filter(party=world.registry, revoked=None).count() == 1
    assert sound()


class Late:
    """A process whose view of the keys is that of some moments ago, until it looks again."""

    def __init__(self, keeper: Custody, seen: Signer) -> None:
        self._keeper, self._seen = keeper, seen
        self.looked_again = 0

    def signer(self, role: str) -> Signer:
        return self._keeper.signer(role) if self.looked_again else self._seen

    def refresh(self) -> None:
        self.looked_again += 1


def test_who_had_taken_the_old_key_finds_it_revoked_and_takes_the_new_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Late(custody(), custody().signer("registry"))
    keys("rotate", "registry")
    monkeypatch.setattr(records, "custody", lambda: late)
    said(1)
    assert late.looked_again == 1
    world.publish()
    assert sound()


def test_a_record_that_is_on_its_way_under_the_old_key_is_waited_for(world: World) -> None:
    """Were the old key revoked before it commits, it would stand in the log behind its key's end."""
    signed, may_commit, rotated = threading.Event(), threading.Event(), threading.Event()
    faults: list[BaseException] = []

    def write() -> None:
        try:
            with transaction.atomic():
                said(1)
                signed.set()
                assert may_commit.wait(20)
        except BaseException as error:
            faults.append(error)
            raise
        finally:
            connections.close_all()

    def rotate() -> None:
        try:
            keys("rotate", "registry")
            rotated.set()
        finally:
            connections.close_all()

    writer, rotator = threading.Thread(target=write), threading.Thread(target=rotate)
    writer.start()
    assert signed.wait(20)
    rotator.start()
    assert not rotated.wait(1.0)
    assert states("registry") == ["old", "current"]
    said(2)  # nobody else waits
    may_commit.set()
    writer.join()
    rotator.join()
    assert rotated.is_set()
    assert faults == []
    world.publish()
    assert sound()


@pytest.mark.parametrize(
    ("fault", "query"),
    [
        ("nobody waits", records._HOLD.replace(" FOR SHARE", "")),
        ("nobody looks", records._HOLD.replace(" AND revoked IS NULL", "")),
    ],
)
def test_a_record_behind_its_key_s_end_is_found_by_fsck(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str, query: str
) -> None:
    """What the two tests above rest on: without it, the log would hold what no longer counts."""
    monkeypatch.setattr(records, "_HOLD", query)
    if fault == "nobody looks":
        late = Late(custody(), custody().signer("registry"))
        keys("rotate", "registry")
        monkeypatch.setattr(records, "custody", lambda: late)
        said(1)
    else:
        rotator = threading.Thread(target=lambda: (keys("rotate", "registry"), connections.close_all()))
        with transaction.atomic():
            party, signer = records._standing()
            rotator.start()
            rotator.join()
            monkeypatch.setattr(records, "_standing", lambda: (party, signer))
            said(1)
    world.publish()
    assert [finding.fault for finding in fsck.run().findings] == ["key_revoked"]


# --- The log's keys


@pytest.mark.parametrize("role", ["log", "log_pq"])
def test_the_next_checkpoint_bears_both_keys_and_those_after_it_the_new_one(world: World, role: str) -> None:
    old = key_of(role)
    receipted = said(1)
    world.publish()
    receipt = log.proof(receipted)
    keys("rotate", role)
    new = key_of(role)
    assert new.format() in log.vkeys()
    assert old.format() in log.vkeys()
    notes = []
    for number in (2, 3):
        said(number)
        world.publish()
        notes.append(Checkpoint.objects.latest("size").note.encode())
    assert [signed_by(note, old) for note in notes] == [True, False]
    assert all(signed_by(note, new) for note in notes)
    assert open_checkpoint(notes[0], old).size == open_checkpoint(notes[0], new).size  # the bridge
    with pytest.raises(BadNote):
        open_checkpoint(notes[1], old)
    entry = bytes(Leaf.objects.get(digest=receipted).entry)
    assert receipt is not None
    assert Proof.parse(receipt.encode()).verify(entry, old).size > 0
    assert sound()


def test_a_log_whose_key_is_rotated_twice_between_checkpoints_is_bridged_from_the_one_that_signed(
    world: World,
) -> None:
    old = key_of("log")
    world.publish()
    keys("rotate", "log")
    unused = key_of("log")
    keys("rotate", "log")
    said(1)
    world.publish()
    note = Checkpoint.objects.latest("size").note.encode()
    assert (signed_by(note, old), signed_by(note, unused), signed_by(note, key_of("log"))) == (True, False, True)
    assert sound()


def test_a_key_that_waits_is_shown_before_it_signs_and_can_be_taken_back(world: World) -> None:
    world.publish()
    assert "waits" in keys("prepare", "log")[0]
    (waiting,) = (one for one in custody().versions("log") if one.state == "next")
    shown = [VerifierKey.parse(one).public for one in log.vkeys()]
    assert len(shown) == 3
    said(1)
    world.publish()
    note = Checkpoint.objects.latest("size").note.encode()
    assert signed_by(note, key_of("log"))
    assert len(Note.parse(note).signatures) == 2
    assert "destroyed" in keys("discard", "log")[0]
    assert len(log.vkeys()) == 2
    keys("prepare", "log")
    assert "version 2 waits already" in keys("prepare", "log")[0].replace("of the log key ", "")
    keys("rotate", "log")
    assert [one.number for one in custody().versions("log")] == [1, 2]
    assert waiting.number == 2


def key_of(role: str) -> VerifierKey:
    (found,) = (one for one in identity.signers() if one.type == identity.ROLES[role])
    return found.key


def signed_by(note: bytes, key: VerifierKey) -> bool:
    return any(signature.is_of(key) for signature in Note.parse(note).signatures)


# --- The command


def test_the_list_names_every_version_and_what_is_left_to_do(world: World) -> None:
    keys("rotate", "registry")
    keys_ = custody()
    keys_.promote("kek", keys_.make("kek").number)
    rows = json.loads("\n".join(keys("list", "--json")))
    found = {(row["role"], row["version"]): row for row in rows}
    assert found["registry", 1]["state"] == "old"
    assert "revoked" in found["registry", 1]
    assert "revoked" not in found["registry", 2]
    assert found["kek", 2]["keys_under_older_versions"] == DataKey.objects.count() > 0
    assert len(keys("list")) == len(rows)
    assert not any("PRIVATE" in line for line in keys("list"))


@pytest.mark.parametrize("role", [*rotation.ROTATE])
def test_a_dry_run_says_what_would_be_done_and_does_nothing(world: World, role: str, folder: Path) -> None:
    custody().versions(role)
    before = sorted(path.name for path in folder.iterdir())
    statements = StatementRow.objects.count()
    lines = keys("rotate", role, "--dry-run")
    assert lines[0] == f"would put version 2 of the {role} key in the place of version 1"
    assert sorted(path.name for path in folder.iterdir()) == before
    assert StatementRow.objects.count() == statements
    keys("rotate", role)
    assert states(role) == ["old", "current"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rotate", "regsitry"), "`regsitry` is no role of a key"),
        (("retire", "tsa", "--dry-run"), "the `tsa` key is not to retire by this command"),
        (("retire", "registry"), "the `registry` key is not retired"),
        (("retire", "kek"), "the `kek` key has no old version"),
        (("discard", "log"), "no version of the `log` key waits"),
        (("prepare", ""), "`` is no role of a key"),
        (("list", "--party", "ada"), "not a lower-case UUID"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(world: World, arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError) as refused:
        keys(*arguments)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_two_rotations_at_once_do_not_happen(world: World, owner: psycopg.Connection[Any]) -> None:
    owner.execute("SELECT pg_advisory_lock(%s)", [rotation.ROTATING])
    with pytest.raises(CommandError, match="another rotation is running"):
        keys("rotate", "log")
    owner.execute("SELECT pg_advisory_unlock(%s)", [rotation.ROTATING])
    keys("rotate", "log")
    assert states("log") == ["old", "current"]


def test_an_enrolled_key_is_not_taken_back(world: World) -> None:
    steps = rotation.rotate("registry")
    next(steps)
    steps.close()
    with pytest.raises(CommandError, match="is enrolled already: finish"):
        keys("discard", "registry")
    keys("rotate", "registry")
    assert sound()
