"""The power goes at every step of a witness: what it said is still known, and the log goes on from there."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import pytest

from registry import disk
from registry.core.checkpoint import Checkpoint
from registry.core.note import parse_signatures
from registry.core.quorum import cosigned
from registry.watch.witness import Answer, Witness
from tests.crash_disk import LOST, NAMES_WITH_ZEROS, NAMES_WITHOUT_BYTES, Disk, Fate, by_chance
from tests.crash_points import Points, numbered
from tests.witness_scene import AT_S, ListLog, new_witness

LOG = ListLog()
FATES: tuple[Fate | None, ...] = (None, LOST, NAMES_WITHOUT_BYTES, NAMES_WITH_ZEROS, by_chance(random.Random(3)))


def start(folder: Path, before: int) -> Witness:
    witness = new_witness(folder, {LOG.origin: LOG.keys})
    if before:
        assert witness.add_checkpoint(LOG.submission(0, before), now_s=AT_S).status == 200
    return witness


def die(witness: Witness, before: int, fatal: int | None) -> tuple[Points, list[Answer], Disk]:
    """Submit the next checkpoint and die at one point; return what was answered, if anything."""
    memory = Disk.of(witness.states.folder)
    disk.forget()  # another process
    said: list[Answer] = []
    with numbered(Points(fatal=fatal, memory=memory)) as points:
        said.append(witness.add_checkpoint(LOG.submission(before, before + 4), now_s=AT_S + 1))
    return points, said, memory


def size_of(witness: Witness) -> int:
    kept = witness.states.read(LOG.origin)
    return 0 if kept is None else Checkpoint.parse(kept.text).size


@pytest.mark.parametrize("before", [0, 3])
def test_it_may_die_at_any_step_and_the_power_may_go(before: int, tmp_path: Path) -> None:
    (tmp_path / "count").mkdir()
    names = die(start(tmp_path / "count", before), before, None)[0].names
    assert {"write", "sync", "rename", "sync_folder"} <= {name.split()[1] for name in names}
    for number, (fatal, fate) in enumerate(product([*range(len(names)), None], FATES)):
        folder = tmp_path / str(number)
        folder.mkdir()
        witness = start(folder, before)
        _, said, memory = die(witness, before, fatal)
        if fate is not None:
            memory.cut(fate)
        again = new_witness(folder, {LOG.origin: LOG.keys})
        kept = size_of(again)
        assert kept == before + 4 if said else kept in (before, before + 4), (fatal, fate)
        # The log goes on: from what the witness knows it gets its cosignature.
        answer = again.add_checkpoint(LOG.submission(kept, before + 9), now_s=AT_S + 2)
        assert answer.status == 200, (fatal, fate, answer)
        note = LOG.note(before + 9).signed_also(parse_signatures(answer.body.decode()))
        assert len(cosigned(note, [signer.key for signer in again.signers])) == 1


def test_a_witness_that_answered_before_it_wrote_would_be_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "keep_names", lambda targets: None)
    _, said, memory = die(start(tmp_path, 0), 0, None)
    assert said[0].status == 200
    memory.cut(LOST)
    assert size_of(new_witness(tmp_path, {LOG.origin: LOG.keys})) == 0
