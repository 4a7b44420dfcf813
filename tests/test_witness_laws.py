"""
A witness against logs that lie: whatever comes in whatever order, its cosignatures tell one history.

The slow twin knows every entry of every tree and asks whether one is a prefix of the other; the witness knows roots and
proofs. They answer alike.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from registry.core.merkle import consistency_proof, leaf_hash, root
from registry.core.note import sign_note
from registry.core.submission import Submission
from registry.core.treehead import Checkpoint
from tests.witness_scene import AT_S, ListLog, new_witness

ROUNDS = 12
STEPS = 40
LOG = ListLog()
SIGNED: dict[tuple[int, bytes], object] = {}  # signatures cost more than all the rest


@dataclass(kw_only=True)
class Twin:
    """What a witness must answer, from all the entries."""

    seen: tuple[bytes, ...] | None = None
    cosigned: list[tuple[bytes, ...]] = field(default_factory=list)

    def status(self, old: int, proof: tuple[bytes, ...], tree: tuple[bytes, ...], trusted: bool) -> int:
        if not trusted:
            return 403
        if old > len(tree):
            return 400
        seen = self.seen or ()
        if old != len(seen):
            return 409
        if tree[:old] != seen or proof != _proof(old, tree):
            return 422
        self.seen = tree
        self.cosigned.append(tree)
        return 200


def _proof(old: int, tree: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return consistency_proof(old, [leaf_hash(entry) for entry in tree]) if 0 < old < len(tree) else ()


def _submission(old: int, proof: tuple[bytes, ...], tree: tuple[bytes, ...], trusted: bool) -> bytes:
    top = root([leaf_hash(entry) for entry in tree])
    key = (len(tree) if trusted else -len(tree) - 1, top)
    if key not in SIGNED:
        signers = (LOG if trusted else ListLog(key=41)).signers[:1]
        SIGNED[key] = sign_note(Checkpoint(origin=LOG.origin, size=len(tree), root=top).format(), *signers)
    return Submission(old_size=old, proof=proof, note=SIGNED[key]).format()


def _step(chance: random.Random, seen: tuple[bytes, ...]) -> tuple[int, tuple[bytes, ...], tuple[bytes, ...], bool]:
    """Make an honest next step, and damage one thing of it half the time."""
    old = len(seen)
    tree = seen + tuple(b"%d" % (old + number) for number in range(chance.choice([0, 1, 1, 2, 5])))
    proof, trusted = _proof(old, tree), True
    match chance.choice(["none"] * 6 + ["old", "rewritten", "shorter", "proof", "longer", "stranger", "restart"]):
        case "old":
            old = max(old + chance.choice([-1, 1, 7]), 0)
            proof = _proof(old, tree)
        case "rewritten" if seen:
            place = chance.randrange(len(seen))
            tree = (*tree[:place], b"another", *tree[place + 1 :])
            proof = _proof(old, tree)
        case "shorter" if seen:
            tree = seen[: chance.randrange(len(seen))]
            old = chance.choice([old, len(tree)])
            proof = _proof(old, tree)
        case "proof" if proof:
            proof = chance.choice([proof[:-1], proof[::-1], (*proof[:-1], bytes(32))])
        case "longer":
            proof = (*proof, bytes(32))
        case "stranger":
            trusted = False
        case "restart":
            old, tree, proof = 0, (b"a new beginning", *tree), ()
    return old, proof, tree, trusted


def test_what_is_cosigned_is_one_history() -> None:
    chance, answers = random.Random(71), Counter[int]()
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            witness, twin = new_witness(Path(folder), {LOG.origin: LOG.keys}), Twin()
            for _ in range(STEPS):
                step = _step(chance, twin.seen or ())
                wanted = twin.status(*step)
                answer = witness.add_checkpoint(_submission(*step), now_s=AT_S)
                assert answer.status == wanted, step
                answers[wanted] += 1
            for earlier, later in zip(twin.cosigned, twin.cosigned[1:], strict=False):
                assert later[: len(earlier)] == earlier
    assert min(answers[status] for status in (200, 400, 403, 409, 422)) >= 6, answers
    assert answers[200] > ROUNDS * STEPS / 3


def test_the_first_checkpoint_needs_no_proof_and_may_have_none() -> None:
    with tempfile.TemporaryDirectory() as folder:
        witness = new_witness(Path(folder), {LOG.origin: LOG.keys})
        note = LOG.note(3)
        for proof, wanted in (((bytes(32),), 422), ((), 200)):
            body = Submission(old_size=0, proof=proof, note=note).format()
            assert witness.add_checkpoint(body, now_s=AT_S).status == wanted


def test_its_word_never_goes_back_in_time() -> None:
    with tempfile.TemporaryDirectory() as folder:
        witness = new_witness(Path(folder), {LOG.origin: LOG.keys})
        for size, now_s in ((1, AT_S), (2, AT_S - 90)):
            assert witness.add_checkpoint(LOG.submission(size - 1, size), now_s=now_s).status == 200
        kept = witness.states.read(LOG.origin)
        assert kept is not None
        assert {one.time_s for one in kept.signatures if one.name == "w.example"} == {AT_S}


def test_what_was_said_is_remembered_and_a_fork_is_kept() -> None:
    with tempfile.TemporaryDirectory() as folder:
        witness = new_witness(Path(folder), {LOG.origin: LOG.keys})
        assert witness.add_checkpoint(LOG.submission(0, 3), now_s=AT_S).status == 200
        assert witness.add_checkpoint(LOG.submission(3, 3, root=bytes(32)), now_s=AT_S).status == 422
        assert len(list(Path(folder).glob("*.fork"))) == 1
        again = new_witness(Path(folder), {LOG.origin: LOG.keys})
        assert again.add_checkpoint(LOG.submission(0, 4), now_s=AT_S).body == b"3\n"
