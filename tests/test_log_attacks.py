"""
Ten thousand lies of a log and a minority of its witnesses: whoever should notice does, and no honest log is accused.

The detectors are the real ones: the monitor and its tree, the witness, the receipt verifier, the list of a person. Each
round draws from its own number, so that a failure names one round that can be run alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from generation.core import logged, receipt
from registry.core.checkpoint import Checkpoint, Note, verify_note
from registry.core.errors import DomainError
from registry.core.note import VerifierKey
from registry.core.quorum import Cosigned
from registry.watch import signed
from registry.watch.findings import Finding
from registry.watch.following import Watch
from registry.watch.listing import Check
from registry.watch.signed import Keys, Seen
from registry.watch.source import read_tile
from registry.watch.tree import Tree
from tests import attack_world
from tests.attack_honest import HONEST_DAYS
from tests.attack_papers import ATTACKS
from tests.attack_world import Scene

ROUNDS = 10_000
Kind = Callable[[Scene], bool]


def kind_of(number: int, kinds: Mapping[str, tuple[int, Kind]]) -> tuple[str, random.Random]:
    draw = random.Random(f"round {number}")
    (name,) = draw.choices([*kinds], weights=[weight for weight, _ in kinds.values()])
    return name, draw


def run(start: int, rounds: int, kinds: Mapping[str, tuple[int, Kind]]) -> tuple[Counter[str], list[tuple[int, str]]]:
    """Run rounds; return how often each kind came, and the rounds that did not go as they should."""
    counted: Counter[str] = Counter()
    wrong = []
    for number in range(start, start + rounds):
        name, draw = kind_of(number, kinds)
        counted[name] += 1
        if not kinds[name][1](Scene.drawn(draw)):
            wrong.append((number, name))
    return counted, wrong


@pytest.mark.slow
def test_of_ten_thousand_attacks_every_one_is_caught_by_whoever_should_see_it() -> None:
    counted, missed = run(0, ROUNDS, ATTACKS)
    assert missed == []
    assert counted.total() == ROUNDS
    assert min(counted[name] for name in ATTACKS) > ROUNDS // 200, counted


@pytest.mark.slow
def test_two_thousand_honest_days_raise_no_alarm() -> None:
    counted, accused = run(0, ROUNDS // 5, HONEST_DAYS)
    assert accused == []
    assert min(counted[name] for name in HONEST_DAYS) > ROUNDS // 500, counted


@pytest.mark.nightly
@pytest.mark.parametrize("start", range(ROUNDS, ROUNDS + 10 * ROUNDS, ROUNDS))
def test_of_a_hundred_thousand_attacks_every_one_is_caught(start: int) -> None:
    assert run(start, ROUNDS, ATTACKS)[1] == []
    assert run(start, ROUNDS // 5, HONEST_DAYS)[1] == []


# --- planted faults: each detector, weakened, lets attacks through ----------------------------------------------------


def forgets(self: Watch, last: Seen | None) -> Any:
    return _follow(self, None)


_follow = Watch.follow


def signatures_are_counted(note: Note, witnesses: Any) -> tuple[Cosigned, ...]:
    """Take every line under a witness's name for a witness."""
    names = {key.name: key for key in witnesses}
    return tuple(Cosigned(key=names[one.name], time_s=0) for one in note.signatures if one.name in names)


def any_origin(self: Keys, data: bytes) -> Seen:
    note = Note.parse(data)
    verify_note(note, self.log)
    return Seen(note=data, checkpoint=Checkpoint.parse(note.text), times=())


WEAKNESSES: dict[str, tuple[tuple[object, str, object], tuple[str, ...]]] = {
    "no consistency": (
        (Watch, "_difference", lambda *_, **__: None),
        ("fork", "rewritten", "equivocation"),
    ),
    "no memory": ((Watch, "follow", forgets), ("fork", "rewritten", "rollback", "withheld", "backdated")),
    "smaller is welcome": (
        (Watch, "_rollback", lambda *_: Finding(code="witness_ahead", facts={"witness": "x"})),
        ("rollback", "withheld"),
    ),
    "no quorum": (
        (Keys, "check", lambda *_, **__: ()),
        ("split_view", "stuffed_quorum", "borrowed_cosignatures", "witness_from_the_future", "from_the_future"),
    ),
    "signatures counted for witnesses": ((signed, "cosigned", signatures_are_counted), ("stuffed_quorum",)),
    "no clock": ((signed, "CLOCKS_DIFFER_S", 10**10), ("from_the_future", "backdated", "witness_from_the_future")),
    "times may go back": ((Seen, "contradicts", lambda *_: None), ("backdated",)),
    "any signature will do": (
        (VerifierKey, "verifies", lambda *_: True),
        ("reused_key_id", "changed_text", "borrowed_cosignatures", "pasted_receipt"),
    ),
    "any origin": ((Keys, "open", any_origin), ("other_origin",)),
    "tiles as served": ((Tree, "tile", lambda self, tile: read_tile(self.source, tile)), ("wrong_tiles",)),
    "bundles as served": ((Tree, "_bundle", lambda self, tile: read_tile(self.source, tile)), ("wrong_tiles",)),
    "receipts that lead nowhere": ((logged, "verify_inclusion", lambda *_: None), ("false_receipt",)),
    "receipts without witnesses": (
        (receipt, "check_witnesses", lambda *_: ("proven", "")),
        ("unwitnessed_receipt",),
    ),
    "no memory of a list": ((Check, "_vanished", lambda *_: ()), ("false_list",)),
    "a list may wait for ever": ((Check, "_overdue", lambda *_: ()), ("false_list",)),
    "a majority of liars": ((attack_world, "LIARS", 3), ("split_view", "unwitnessed_receipt")),
}


def escapes(kind: str, rounds: int = 60) -> int:
    """Count the attacks of a kind that got through."""
    through = 0
    for number in range(rounds):
        try:
            through += not ATTACKS[kind][1](Scene.drawn(random.Random(f"{kind} {number}")))
        except DomainError:  # noticed elsewhere
            continue
    return through


@pytest.mark.parametrize("weakness", WEAKNESSES)
def test_a_weakened_detector_lets_attacks_through(weakness: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (place, name, weak), kinds = WEAKNESSES[weakness]
    assert {kind: escapes(kind) for kind in kinds} == dict.fromkeys(kinds, 0)
    monkeypatch.setattr(place, name, weak)
    through = {kind: escapes(kind) for kind in kinds}
    assert all(through.values()), through


def test_every_kind_of_attack_gets_through_one_of_the_weakened_detectors() -> None:
    assert {kind for _, kinds in WEAKNESSES.values() for kind in kinds} == {*ATTACKS}
