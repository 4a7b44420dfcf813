"""Exclusives that race: of two that meet one lands, whoever is faster, and whatever the services check beforehand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from registry.core.jcs import Json
from registry.kinds import conflicts, licences
from registry.kinds.kind import Locks
from registry.models import Licence, LicenceBox
from tests.refusals import rebuilt
from tests.rivals import Rivals
from tests.test_conflicts import EXCLUSIVE, FRANCE, ITALY
from tests.world import Actor, World, licence_body, scope

pytestmark = pytest.mark.django_db(transaction=True)

RACES = 60
RARE = RACES // 20  # each of the two must win at least this often


@pytest.fixture
def rivals() -> Iterator[Rivals]:
    made = Rivals()
    yield made
    made.close()


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    rebuilt()


def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave PostgreSQL alone with it: no check beforehand, and nothing that makes one licence wait for another."""
    monkeypatch.setattr(conflicts, "clashes", lambda rows, at: ())
    object.__setattr__(licences.LICENCE_GRANTED, "heads", lambda record, issuer: Locks())


@pytest.fixture
def heads_restored() -> Iterator[None]:
    before = licences.LICENCE_GRANTED.heads
    yield
    object.__setattr__(licences.LICENCE_GRANTED, "heads", before)


def offers(world: World, studio: Actor, seeded: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two exclusives of one file to different licensees that meet somewhere, signed and not yet sent."""
    plate = world.asset(studio)
    others = [world.actors[name] for name in seeded.sample(["Gallery", "Westwind", "Third"], 2)]
    territories = [[*seeded.sample(["DE", "ES", "IT"], 2), "FR"] for _ in others]
    bodies: list[dict[str, Json]] = [
        licence_body(studio, licensee, plate)
        | {"exclusivity": seeded.choice(["sole", "exclusive"]), "scopes": [scope(territories=list(held))]}
        for licensee, held in zip(others, territories, strict=True)
    ]
    one, two = (world.signed("licence.granted", body, by=studio) for body in bodies)
    return one, two


@pytest.mark.slow
@pytest.mark.parametrize("checked", [True, False], ids=["checked", "by PostgreSQL alone"])
def test_in_60_races_two_exclusives_that_meet_never_both_land(
    world: World, rivals: Rivals, monkeypatch: pytest.MonkeyPatch, heads_restored: None, checked: bool
) -> None:
    studio = world.party("Northlight", kind="organisation")
    for name in ("Gallery", "Westwind", "Third"):
        world.party(name, kind="organisation")
    if not checked:
        unchecked(monkeypatch)
    seeded, winners = random.Random(11), Counter[int]()
    for _ in range(RACES):
        before = Licence.objects.count()
        one, two = offers(world, studio, seeded)
        outcomes = rivals.race(lambda one=one: world.submit(one), lambda two=two: world.submit(two))
        assert outcomes.count("exclusive_conflict") == 1, outcomes
        assert Licence.objects.count() == before + 1
        winners[1 - outcomes.index("exclusive_conflict")] += 1
    assert min(winners[0], winners[1]) >= RARE, winners


@pytest.mark.slow
def test_two_exclusives_that_race_and_do_not_meet_both_land(world: World, rivals: Rivals) -> None:
    studio, gallery, other = (world.party(name, kind="organisation") for name in ("Northlight", "Gallery", "Westwind"))
    for _ in range(10):
        plate = world.asset(studio)
        one = world.signed(
            "licence.granted", licence_body(studio, gallery, plate) | EXCLUSIVE | {"scopes": [FRANCE]}, by=studio
        )
        two = world.signed(
            "licence.granted", licence_body(studio, other, plate) | EXCLUSIVE | {"scopes": [ITALY]}, by=studio
        )
        outcomes = rivals.race(lambda one=one: world.submit(one), lambda two=two: world.submit(two))
        assert all(len(outcome) == 64 for outcome in outcomes), outcomes


def test_with_the_check_switched_off_postgresql_still_refuses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflicts, "clashes", lambda rows, at: ())
    studio, gallery, other = (world.party(name, kind="organisation") for name in ("Northlight", "Gallery", "Westwind"))
    plate = world.asset(studio)
    world.licence(studio, gallery, plate, **EXCLUSIVE, scopes=[FRANCE])
    body = licence_body(studio, other, plate) | EXCLUSIVE
    with pytest.raises(conflicts.ExclusiveConflict) as error:
        world.act("licence.granted", body, by=studio)
    assert error.value.deals == ()  # the transaction is over: nothing can be asked of it any more
    assert not LicenceBox.objects.filter(licensee=other.id).exists()
    world.act("licence.granted", body | {"scopes": [ITALY]}, by=studio)
    world.licence(studio, gallery, plate, **EXCLUSIVE, scopes=[FRANCE])  # the same licensee
