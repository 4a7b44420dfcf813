"""Who holds a licence: assignees in their turn, and licensees of whom somebody else took control."""

import pytest

from tests.decisions import World, id_of, licence
from tests.titled import CLEARED, amended, asks, assigned, codes, poster, wide


@pytest.fixture
def world() -> World:
    return poster()


def changed(world: World, **terms: object) -> None:
    world["licence"].update(terms)


@pytest.fixture
def handed_on(world: World) -> World:
    """A licence to Heir, which assigns it to Studio."""
    world.steps["licence"].body = licence("gallery", "heir", "portrait", assignable=True, scopes=[wide()])
    world.add("assignment", "grant.assigned", "heir", assigned(world.digest("licence"), "studio"))
    return world


def test_an_assignee_stands_in_the_licensee_s_place_from_its_day_on(handed_on: World) -> None:
    assert codes(handed_on) == CLEARED
    assert handed_on.codes(asks(**{"for": id_of("heir")})) == ["expired"]
    handed_on["assignment"]["effective_from"] = "2027-08-01T00:00:00Z"
    assert codes(handed_on) == ["not_started"]
    assert {o.act for o in handed_on.decide(asks()).obstacles} == {"condition"}
    handed_on.drop("assignment")
    assert codes(handed_on) == ["grantee_not_covered"]
    assert handed_on.codes(asks(**{"for": id_of("heir")})) == CLEARED


def test_an_assignment_not_yet_logged_ends_the_old_place_and_opens_none(handed_on: World) -> None:
    handed_on.steps["assignment"].logged = False
    assert codes(handed_on) == ["not_yet_logged"]
    assert handed_on.codes(asks(**{"for": id_of("heir")})) == ["expired"]


def test_only_what_is_assignable_is_assigned_and_only_by_who_holds_it(handed_on: World) -> None:
    for name, value in (("assignable", False), ("assignable", None)):
        damaged = handed_on.copy()
        damaged["licence"][name] = value
        damaged["assignment"]["grant"] = damaged.digest("licence")
        assert codes(damaged) == ["grantee_not_covered"]
    handed_on.steps["assignment"].issuer = "rival"
    assert codes(handed_on) == ["grantee_not_covered"]


def test_an_assignee_may_assign_again(handed_on: World) -> None:
    digest = handed_on.digest("licence")
    handed_on["assignment"]["to"] = id_of("rival")
    assert codes(handed_on) == ["grantee_not_covered"]
    handed_on.add("second", "grant.assigned", "rival", assigned(digest, "studio", "2027-02-01"))
    assert codes(handed_on) == CLEARED
    handed_on.steps["second"].issuer = "heir"  # who holds no more
    assert codes(handed_on) == ["grantee_not_covered"]


def test_a_change_of_control_ends_a_licence_unless_it_continues(world: World) -> None:
    control = {"event": "change_of_control", "party": id_of("studio"), "territory": None, "on": "2028-01-01"}
    world.add("sold", "event.recorded", "studio", control | {"utc_offset": 0}, logged=False)
    assert codes(world) == ["window_not_covered"]
    changed(world, change_of_control="continues")
    assert codes(world) == CLEARED
    changed(world, change_of_control="ends")
    assert codes(world) == ["window_not_covered"]
    world["sold"]["party"] = id_of("rival")
    assert codes(world) == CLEARED


def test_a_change_of_control_from_before_a_licence_was_held_ends_nothing(handed_on: World) -> None:
    control = {"event": "change_of_control", "party": id_of("studio"), "territory": None, "on": "2026-12-31"}
    handed_on.add("sold", "event.recorded", "studio", control | {"utc_offset": 0})
    assert codes(handed_on) == CLEARED
    handed_on["assignment"]["effective_from"] = "2027-05-15T00:00:00Z"  # a licence of 1 May
    handed_on["sold"]["on"] = "2027-05-10"
    assert codes(handed_on) == CLEARED
    handed_on["sold"]["on"] = "2027-05-20"
    assert codes(handed_on) == ["expired"]
    handed_on["assignment"]["effective_from"] = "2027-01-01T00:00:00Z"
    handed_on["sold"]["on"] = "2027-04-01"  # held by then, but by the word of a later day
    assert codes(handed_on) == CLEARED


def test_what_is_assignable_is_said_by_the_terms_of_the_day_on_which_it_passes(handed_on: World) -> None:
    handed_on["licence"]["assignable"] = False
    passing = assigned(handed_on.digest("licence"), "studio", "2027-05-20")
    handed_on["assignment"].update(passing)
    assert codes(handed_on) == ["grantee_not_covered"]
    handed_on.add("amendment", "licence.amended", "gallery", amended(handed_on, "2027-05-15", assignable=True))
    assert codes(handed_on) == CLEARED
    handed_on["amendment"]["effective_from"] = "2027-05-25T00:00:00Z"
    assert codes(handed_on) == ["grantee_not_covered"]


def test_a_rival_does_not_end_a_licence_by_talking_of_a_change_of_control(world: World) -> None:
    world.steps["rival"].body["affiliates"] = [id_of("studio")]
    control = {"event": "change_of_control", "party": id_of("studio"), "territory": None, "on": "2028-01-01"}
    world.add("rumour", "event.recorded", "rival", control | {"utc_offset": 0})
    assert codes(world) == CLEARED
    world.steps["rumour"].issuer = "notary"  # who stands apart
    assert codes(world) == ["window_not_covered"]
