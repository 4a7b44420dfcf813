"""What is said of a licence and does not count yet: it narrows the licence, and sets nobody free of it."""

from typing import Any

import pytest

from tests.decisions import World, authority, id_of, licence
from tests.titled import CLEARED, amended, assigned, codes, day, event, poster, sublicence, terminated, wide

CONTROL = {"event": "change_of_control", "territory": None, "on": "2027-05-15", "utc_offset": 0}
ALONE = {"exclusivity": "exclusive", "scopes": [wide()]}
NOT_COUNTING = pytest.mark.parametrize(
    "doubt", [{"logged": False}, {"signers": ("studio",)}], ids=["not yet logged", "forged"]
)


@pytest.fixture
def world() -> World:
    """Gallery licenses Rival exclusively for Germany, and then Studio for everything."""
    world = poster()
    exclusive = licence("gallery", "rival", "portrait", exclusivity="exclusive", scopes=[wide(territories=["DE"])])
    world.add("exclusive", "licence.granted", "gallery", exclusive)
    world["licence"]["scopes"] = [wide()]
    world.steps["licence"] = world.steps.pop("licence")
    assert codes(world) == ["exclusive_to_other"]
    return world


def counts(world: World, name: str, doubt: dict[str, Any]) -> None:
    """Let what was added set Studio free, and with a doubt about it not."""
    assert codes(world) == CLEARED
    for field, value in doubt.items():
        setattr(world.steps[name], field, value)
    assert codes(world) == ["exclusive_to_other"]


@NOT_COUNTING
def test_a_termination_that_does_not_count_frees_nobody(world: World, doubt: dict[str, Any]) -> None:
    world.add("end", "licence.terminated", "gallery", terminated(world.digest("exclusive")))
    counts(world, "end", doubt)


@NOT_COUNTING
def test_a_change_of_control_that_does_not_count_frees_nobody(world: World, doubt: dict[str, Any]) -> None:
    world.add("sold", "event.recorded", "rival", CONTROL | {"party": id_of("rival")})
    counts(world, "sold", doubt)


@NOT_COUNTING
@pytest.mark.parametrize("terms", [{"exclusivity": "none"}, {"subjects": [{"kind": "asset", "id": id_of("another")}]}])
def test_an_amendment_that_does_not_count_frees_nobody(
    world: World, terms: dict[str, Any], doubt: dict[str, Any]
) -> None:
    world.add("amendment", "licence.amended", "gallery", amended(world, "2027-05-15", "exclusive", **terms))
    counts(world, "amendment", doubt)


@NOT_COUNTING
def test_an_assignment_that_does_not_count_spares_nobody(world: World, doubt: dict[str, Any]) -> None:
    world["exclusive"]["assignable"] = True
    world.add("assignment", "grant.assigned", "rival", assigned(world.digest("exclusive"), "studio", "2027-01-01"))
    counts(world, "assignment", doubt)


def test_a_licence_that_may_lapse_frees_others_unless_what_it_waits_for_counts(world: World) -> None:
    premiere = {"event": "premiere", "work": id_of("work"), "territory": None}
    world["exclusive"]["ends_unless"] = {"event": premiere, "by": "2027-07-01T00:00:00Z"}
    world.add("premiere", "event.recorded", "gallery", event("premiere", on="2027-01-01", territory=None))
    assert codes(world, at=day(2027, 7, 1)) == ["exclusive_to_other"]
    world.steps["premiere"].logged = False
    assert codes(world, at=day(2027, 7, 1)) == CLEARED


@NOT_COUNTING
def test_a_sublicence_keeps_others_out_until_what_ends_its_parent_counts(world: World, doubt: dict[str, Any]) -> None:
    terms = licence("gallery", "rival", "portrait", sublicensable=True, scopes=[wide()])
    for parent in ("exclusive", "licence"):
        world.steps[parent].body = dict(terms)
    world.add("below", "licence.granted", "rival", sublicence(world, "exclusive", "rival", "heir", **ALONE))
    world.add("other", "licence.granted", "rival", sublicence(world, "licence", "rival", "studio", scopes=[wide()]))
    assert codes(world) == ["exclusive_to_other"]
    world.add("end", "licence.terminated", "gallery", terminated(world.digest("exclusive")))
    counts(world, "end", doubt)


def test_who_is_said_to_be_tied_to_the_licensee_still_narrows_until_the_tie_counts() -> None:
    world = poster()
    world.add("rumour", "event.recorded", "heir", CONTROL | {"party": id_of("studio"), "on": "2028-01-01"})
    assert codes(world) == ["window_not_covered"]
    world.add("tie", "authority.granted", "studio", authority("studio", "heir"), logged=False)
    assert codes(world) == ["window_not_covered"]
    world.steps["tie"].logged = True
    assert codes(world) == CLEARED


def test_who_is_said_to_be_tied_to_the_licensee_opens_nothing() -> None:
    world = poster()
    death = {"event": "death", "party": id_of("ben"), "territory": None}
    world["licence"]["scopes"] = [wide(window=[death | {"plus": "P0D"}, None])]
    world.add("death", "event.recorded", "heir", death | {"on": "2027-01-10", "utc_offset": 0})
    assert codes(world) == CLEARED
    world.add("tie", "authority.granted", "studio", authority("studio", "heir"), logged=False)
    assert codes(world) == ["not_started"]
