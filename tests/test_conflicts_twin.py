"""
The boxes in PostgreSQL against the algebra: what meets there meets here, on random boxes.

The twin asks ``registry.core.scope.overlap`` of every pair of boxes and compares the rest as sets.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest

from registry.core.scope import FOREVER_S, Scope, overlap
from registry.core.terms import ALL, LANGUAGES, TERRITORIES
from registry.locks import clock
from registry.models import LicenceBox
from registry.models.ranges import MaskField, PointsField, format_mask, named_point, points_of
from registry.selectors.exclusives import clashes, scope_of
from tests.world import new_id

pytestmark = pytest.mark.django_db

ROUNDS = 60
RARE = 0.2  # of all pairs at least so many meet, and at least so many do not
_MASKS = ("acts", "aspects", "purposes", "media", "territories", "languages")


def some(seeded: random.Random, bits: Sequence[int]) -> int:
    return sum(1 << bit for bit in seeded.sample(bits, seeded.randint(max(1, len(bits) - 2), len(bits))))


def row(
    seeded: random.Random, number: int, parties: Sequence[str], things: Sequence[str], projects: Sequence[str]
) -> Any:
    start = seeded.randint(0, 60)
    every = seeded.random() < 0.5
    return LicenceBox(
        licence=f"{number:064x}",
        part=0,
        bars=seeded.choice(["sole", "exclusive"]),
        firm=True,
        licensor=parties[0],
        licensee=parties[number],  # each its own, so that nothing is kept apart but by its boxes
        new_assets=False,
        subjects=points_of(seeded.sample(things, seeded.randint(1, 3))),
        acts=some(seeded, range(2, 8)),
        aspects=some(seeded, range(5, 10)),
        purposes=some(seeded, range(8)),
        media=some(seeded, range(5)),
        territories=some(seeded, [0, 7, TERRITORIES.all.bit_length() - 1]),
        languages=some(seeded, [0, LANGUAGES.all.bit_length() - 1]),
        projects=None if every else points_of(seeded.sample(projects, 2)),
        products=None if every else frozenset(map(named_point, seeded.sample(["cars", "watches", "café"], 2))),
        seconds=(start, seeded.choice([start + seeded.randint(1, 90), FOREVER_S])),
        lapses_at=None,
    )


def meet(one: LicenceBox, other: LicenceBox) -> Scope | None:
    """The twin: every dimension by itself, without PostgreSQL."""
    if not one.subjects & other.subjects:
        return None
    if one.products is not None and other.products is not None and not one.products & other.products:
        return None
    boxes = [scope_of(one), scope_of(other)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    return overlap(boxes[0], boxes[1])


def test_postgresql_and_the_algebra_say_alike_what_meets() -> None:
    seeded, pairs, met = random.Random(5), 0, 0
    for _ in range(ROUNDS):
        parties, things = [new_id() for _ in range(9)], [new_id() for _ in range(5)]
        projects = [new_id() for _ in range(4)]
        stored = [row(seeded, number, parties, things, projects) for number in range(1, 5)]
        wanted = [row(seeded, number, parties, things, projects) for number in range(5, 9)]
        for one in stored:
            one.firm = False  # so that they may meet each other
        LicenceBox.objects.bulk_create(stored)
        read = list(LicenceBox.objects.order_by("licence"))
        assert [(one.subjects, one.projects, one.products, one.seconds, one.territories) for one in read] == [
            (one.subjects, one.projects, one.products, one.seconds, one.territories) for one in stored
        ]
        for one, other in product(wanted, stored):
            LicenceBox.objects.filter(licence=other.licence).update(firm=True)
            expected = meet(one, other)
            deals = clashes([one], at=clock())
            assert [deal.overlap for deal in deals] == ([] if expected is None else [(expected,)])
            LicenceBox.objects.filter(licence=other.licence).update(firm=False)
            pairs, met = pairs + 1, met + (expected is not None)
        LicenceBox.objects.all().delete()
    assert RARE < met / pairs < 1 - RARE, met / pairs


def test_sets_are_written_as_postgresql_writes_them() -> None:
    assert format_mask(0b1011) == "{[0,2),[3,4)}"
    assert format_mask(0) == "{}"
    assert (MaskField().db_type(None), PointsField().db_type(None)) == ("int4multirange", "nummultirange")
    seeded = random.Random(3)
    for _ in range(200):
        mask = seeded.getrandbits(250)
        runs = format_mask(mask)[1:-1].replace("),[", ") [").split(" ") if mask else []
        back = 0
        for run in runs:
            low, high = (int(edge) for edge in run[1:-1].split(","))
            back |= (1 << high) - (1 << low)
        assert back == mask


def test_every_project_is_a_point_that_all_share_and_names_have_numbers_of_their_own() -> None:
    assert named_point("cars") != named_point("\x00cars")
    assert len({named_point(name) for name in ("a", "b", "ab", "ba", "é", "e")}) == 6
    whole = LicenceBox(**dict.fromkeys(_MASKS, 1), projects=None, seconds=(0, FOREVER_S))
    box = scope_of(whole)
    assert box is not None
    assert box.projects == {ALL}
