"""Sublicences: what a chain of licences covers, and who in it binds whom."""

import pytest

from tests.decisions import World, id_of, licence, party
from tests.titled import (
    CLEARED,
    amended,
    asks,
    assigned,
    codes,
    event,
    follows,
    grounds,
    missing,
    poster,
    sublicence,
    terminated,
    wide,
)


@pytest.fixture
def world() -> World:
    """Gallery licenses Heir, who may sublicense and licenses Studio."""
    world = poster()
    world.steps["licence"].body = licence("gallery", "heir", "portrait", sublicensable=True, scopes=[wide()])
    world.add("sub", "licence.granted", "heir", sublicence(world, "licence", "heir", "studio"))
    return world


def relink(world: World, **changed: object) -> None:
    """Change the licence at the top and name its new digest below."""
    world["licence"].update(changed)
    world["sub"]["parent"] = world.digest("licence")


def test_a_sublicence_covers_and_rests_on_every_licence_above_it(world: World) -> None:
    assert codes(world) == CLEARED
    assert {world.digest(name) for name in ("sub", "licence", "claim")} <= grounds(world)
    world["sub"]["parent"] = None
    assert codes(world) == ["grantee_not_covered"]  # the holder licensed somebody else


def test_it_covers_at_most_what_those_above_it_cover(world: World) -> None:
    for dimension, left, code in (
        ("territories", ["FR"], "territory_not_covered"),
        ("media", ["avod"], "media_not_covered"),
        ("acts", ["condition"], "act_not_covered"),
        ("purposes", ["press"], "purpose_not_covered"),
        ("languages", ["de-DE"], "language_not_covered"),
        ("projects", [id_of("another")], "project_not_covered"),
        ("window", ["2020-01-01T00:00:00Z", "2028-01-01T00:00:00Z"], "window_not_covered"),
        ("content", {"depicts": [], "scene": []}, "content_not_covered"),
    ):
        narrow = world.copy()
        relink(narrow, scopes=[wide(**{dimension: left})])
        assert codes(narrow) == [code], dimension
        own = world.copy()
        own["sub"]["scopes"] = [wide(**{dimension: left})]
        assert codes(own) == [code], dimension


def test_boxes_of_both_meet_pair_by_pair(world: World) -> None:
    parts = sorted([wide(territories=["FR"]), wide(territories=["DE"])], key=lambda part: part["territories"])
    relink(world, scopes=parts)
    assert codes(world) == CLEARED
    relink(world, scopes=[wide(territories=["FR"])])
    world["sub"]["scopes"] = [wide(territories=["DE"])]
    assert codes(world) == ["territory_not_covered"]


def test_only_what_is_sublicensable_is_sublicensed_and_only_by_its_licensee(world: World) -> None:
    relink(world, sublicensable=False)
    assert codes(world) == ["unauthorised_signer"]
    relink(world, sublicensable=True)
    assert codes(world) == CLEARED
    relink(world, licensee=id_of("rival"))
    assert codes(world) == ["unauthorised_signer"]


def test_a_sublicence_under_a_licence_that_nobody_shows_is_worth_nothing(world: World) -> None:
    world["sub"]["parent"] = "a" * 64
    assert codes(world) == ["grantee_not_covered"]
    world["sub"]["parent"] = world.digest("licence")
    assert codes(world) == CLEARED


def test_when_a_parent_ends_all_below_it_end(world: World) -> None:
    world.add("end", "licence.terminated", "gallery", terminated(world.digest("licence")))
    assert codes(world) == ["revoked"]
    world.drop("end")
    world.vouched = {"no_revocation_of": frozenset({world.digest("sub")})}
    assert codes(world) == ["revoked"]  # nobody vouches for the parent


def test_each_condition_of_a_parent_binds(world: World) -> None:
    unlogged = world.copy()
    unlogged.steps["licence"].logged = False
    assert codes(unlogged) == ["not_yet_logged"]
    forged = world.copy()
    forged.steps["licence"].signers = ("heir",)
    assert codes(forged) == ["unauthorised_signer"]
    relink(world, caps={"shots": 3})
    drawn = {"shots": 2, "seconds": 0, "draft_takes": 0, "training_epochs": 0}
    world.vouched = {"cap_counts": {world.digest("licence"): drawn}}
    assert codes(world) == CLEARED
    world.vouched = {"cap_counts": {world.digest("licence"): drawn | {"shots": 3}}}
    assert codes(world) == ["cap_exhausted"]


def test_a_recorded_parent_does_not_serve_training_below_it(world: World) -> None:
    world.steps["licence"].type, world.steps["licence"].issuer = "licence.recorded", "heir"
    relink(world, signed_on="2026-10-01", document_sha256="d" * 64)
    decision = world.decide(asks())
    assert decision.cleared
    assert (world.digest("licence"), "recorded") in decision.grounds
    assert (world.digest("sub"), "signed") in decision.grounds


def test_a_parent_s_window_that_has_not_opened_opens_nothing_below(world: World) -> None:
    relink(world, scopes=[wide(window=[follows(), None])])
    assert codes(world) == ["not_started"]
    world.add("release", "event.recorded", "gallery", event())
    assert codes(world) == CLEARED


def test_a_parent_of_another_asset_does_not_reach(world: World) -> None:
    relink(world, subjects=[{"kind": "asset", "id": id_of("another")}])
    assert codes(world) == ["no_grant"]
    relink(world, subjects=world["sub"]["subjects"])
    assert codes(world) == CLEARED


@pytest.mark.parametrize(
    ("without_new_assets", "code"),
    [("licence", "no_grant"), ("sub", "grantee_not_covered"), ("last", "grantee_not_covered")],
)
def test_an_asset_logged_after_any_licence_of_a_chain_is_reached_only_if_that_one_gives_new_assets(
    world: World, without_new_assets: str, code: str
) -> None:
    of_the_work = [{"kind": "work", "id": id_of("work")}]
    world["portrait"]["work"] = id_of("work")
    world["sub"].update(licensee=id_of("broker"), sublicensable=True, new_assets=True, subjects=of_the_work)
    relink(world, new_assets=True, subjects=of_the_work)
    world.add("last", "licence.granted", "broker", sublicence(world, "sub", "broker", "studio"))
    world["last"].update(new_assets=True, subjects=of_the_work)
    world.steps["portrait"] = world.steps.pop("portrait")  # logged after all of them
    assert codes(world) == CLEARED
    world[without_new_assets]["new_assets"] = False
    world["sub"]["parent"] = world.digest("licence")
    world["last"]["parent"] = world.digest("sub")
    assert codes(world) == [code]  # those above it still reach the asset, and are given to others


def test_an_asset_logged_between_two_licences_of_a_chain_is_not_reached(world: World) -> None:
    world["portrait"]["work"] = id_of("work")
    world["sub"]["subjects"] = [{"kind": "work", "id": id_of("work")}]
    relink(world, subjects=world["sub"]["subjects"])
    assert codes(world) == CLEARED
    for name in ("portrait", "sub"):
        world.steps[name] = world.steps.pop(name)
    assert codes(world) == ["no_grant"]


def test_an_assignee_of_the_parent_may_sublicense_from_its_day_on(world: World) -> None:
    relink(world, licensee=id_of("rival"), assignable=True)
    assert codes(world) == ["unauthorised_signer"]
    digest = world.digest("licence")
    world.add("assignment", "grant.assigned", "rival", assigned(digest, "heir", "2027-01-01"))
    assert codes(world) == CLEARED
    world["assignment"]["effective_from"] = "2027-08-01T00:00:00Z"
    assert codes(world) == ["not_started"]


def test_what_was_sublicensed_before_the_parent_was_assigned_goes_on(world: World) -> None:
    world["licence"]["assignable"] = True
    world["sub"]["parent"] = world.digest("licence")
    assert codes(world) == CLEARED
    passed = assigned(world.digest("licence"), "rival", "2027-05-15")
    world.add("assignment", "grant.assigned", "heir", passed)
    assert codes(world) == CLEARED
    world["sub"]["licensor"], world.steps["sub"].issuer = id_of("broker"), "broker"  # who never held it
    assert codes(world) != CLEARED
    world["sub"]["licensor"], world.steps["sub"].issuer = id_of("heir"), "heir"
    assert codes(world) == CLEARED
    world.steps["sub"] = world.steps.pop("sub")  # given once it was assigned
    assert codes(world) == ["expired"]


def test_an_amended_parent_binds_from_its_day_on(world: World) -> None:
    world.add("amendment", "licence.amended", "gallery", amended(world, "2028-01-01", scopes=[wide(media=["avod"])]))
    assert missing(world, "window_not_covered", "window") == {"2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"}
    world["amendment"]["effective_from"] = "2029-01-01T00:00:00Z"
    assert codes(world) == CLEARED


def chain(world: World, links: int) -> None:
    """Put so many licences between Gallery and Studio, one below the other."""
    world.drop("licence", "sub")
    parent, licensor = None, "gallery"
    for number in range(links):
        last = number == links - 1
        licensee = "studio" if last else f"link {number}"
        body = licence(licensor, licensee, "portrait", parent=parent, sublicensable=not last, scopes=[wide()])
        if not last:
            party_like(world, licensee)
        parent = world.add(f"licence {number}", "licence.granted", licensor, body)
        licensor = licensee


def party_like(world: World, name: str) -> None:
    world.add(f"party {name}", "party.registered", name, party(name))


@pytest.mark.parametrize(("links", "covers"), [(1, True), (3, True), (8, True), (9, False)])
def test_a_chain_has_at_most_eight_licences(world: World, links: int, covers: bool) -> None:
    chain(world, links)
    assert (codes(world) == CLEARED) is covers


def test_the_chain_ends_at_who_holds_the_title(world: World) -> None:
    assert codes(world) == CLEARED
    world["claim"]["claimant"] = id_of("rival")
    world.steps["claim"].issuer = "rival"
    assert codes(world) == ["no_grant"]


def test_territory_by_territory_two_chains_add_up(world: World) -> None:
    world["sub"]["scopes"] = [wide(territories=["FR"])]
    assert missing(world, "territory_not_covered") == {"DE"}
    world.add(
        "for Germany",
        "licence.granted",
        "heir",
        sublicence(world, "licence", "heir", "studio", scopes=[wide(territories=["DE"])]),
    )
    assert codes(world) == CLEARED
