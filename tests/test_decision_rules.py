"""Rule packs in a decision: dated law and union terms that no grant sets aside."""

from datetime import UTC, datetime
from typing import Any

import pytest

from consent.core.rules import installed
from tests.decisions import CLEAR, World, id_of, shot


@pytest.fixture
def world() -> World:
    cleared = World()
    assert cleared.codes() == []
    return cleared


def broken(world: World, request: Any = None, **when: Any) -> set[tuple[str, str | None]]:
    """Return (code, rule) of every obstacle that names a rule."""
    decision = world.decide(request, **when)
    return {(o.code, o.rule) for o in decision.obstacles if o.rule is not None}


def californian(world: World) -> None:
    """Ada's consent replaces in-person work, under Californian law, and she had nobody at her side."""
    world["film"]["governing_law"] = "US-CA"
    world["consent"].update(
        replaces_in_person_work=True, represented=False, description="anything", role=None, scenes="any"
    )


def test_a_vague_clause_that_replaces_work_without_counsel_is_refused_in_california(world: World) -> None:
    californian(world)
    assert {code for code, _ in broken(world)} == {"rule_refused"}
    decision = world.decide()
    (obstacle, *_) = [o for o in decision.obstacles if o.rule is not None]
    assert obstacle.nearest == world.digest("consent")
    assert obstacle.subject == ("performer", id_of("ada"))


def test_grounds_that_say_different_things_are_each_asked(world: World) -> None:
    californian(world)
    world.add_like("clear", "consent", **CLEAR, role="Mara", scenes=["12"])
    world.scope("consent", territories=["DE"])
    world.scope("clear", territories=["FR"])
    decision = world.decide()
    assert {o.nearest for o in decision.obstacles if o.rule is not None} == {world.digest("consent")}
    world["consent"].update(CLEAR)
    assert broken(world) == set()


@pytest.mark.parametrize("fact", [{"represented": True}, {"replaces_in_person_work": False}, CLEAR | {"role": "Mara"}])
def test_one_fact_of_the_three_being_otherwise_the_clause_stands(world: World, fact: dict[str, Any]) -> None:
    californian(world)
    assert broken(world)
    world["consent"].update(fact)
    assert broken(world) == set()


def test_elsewhere_the_same_clause_is_not_asked_for(world: World) -> None:
    californian(world)
    assert broken(world)
    world["film"]["governing_law"] = "FR"
    assert broken(world) == set()


def test_the_agreement_of_a_series_governs_its_episodes(world: World) -> None:
    world["film"].update(kind="series", agreement="SAG-AFTRA TV/Theatrical 2026", signatory="studio")
    episode = dict(world["film"], project=id_of("episode"), kind="episode", agreement=None, parent=id_of("film"))
    world.add("episode", "project.registered", "studio", episode)
    world.scope("consent", projects=["*"])
    world.scope("licence", projects=["*"])
    world["ada"]["born"] = None  # which a rule of the agreement wants to know
    of_series, of_episode = broken(world), broken(world, shot(project=id_of("episode")))
    assert of_series == of_episode
    assert of_series
    world["film"]["agreement"] = None
    assert broken(world, shot(project=id_of("episode"))) == set()


def test_a_fact_that_a_rule_reads_and_nobody_stated_is_named(world: World) -> None:
    world["film"].update(agreement="SAG-AFTRA TV/Theatrical 2026", signatory="studio")
    world["ada"]["born"] = None
    found = [o for o in world.decide().obstacles if o.code == "rule_fact_missing"]
    assert found
    assert all(o.fact for o in found)


def test_a_decision_that_other_rules_were_asked_for_cannot_be_made_with_these(world: World) -> None:
    world.vouched["rules"] = installed().sha256
    assert world.codes() == []
    world.vouched["rules"] = "0" * 64
    assert world.codes() == ["rule_unreadable"]


def test_the_day_after_the_agreement_ends_its_rules_are_not_asked_any_more(world: World) -> None:
    world["film"].update(agreement="SAG-AFTRA TV/Theatrical 2026", signatory="studio")
    world["ada"]["born"] = None  # which a rule of the agreement wants to know
    for grant in ("consent", "licence"):
        world.scope(grant, window=["2027-01-01T00:00:00Z", None])
    last, after = datetime(2030, 6, 30, 23, 59, 59, tzinfo=UTC), datetime(2030, 7, 1, tzinfo=UTC)
    assert broken(world, at=last)
    assert broken(world, at=after) == set()
