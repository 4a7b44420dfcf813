"""Exclusivity, holdbacks and product categories: what one licence keeps others, its licensor and its licensee from."""

import pytest

from registry.core.terms import LABELS
from tests.decisions import World, id_of, licence, training
from tests.titled import (
    CLEARED,
    amended,
    asks,
    assigned,
    codes,
    day,
    event,
    follows,
    missing,
    poster,
    sublicence,
    terminated,
    wide,
)


@pytest.fixture
def world() -> World:
    """Gallery licenses Rival exclusively for Germany, and then Studio for everything."""
    world = poster()
    exclusive = licence("gallery", "rival", "portrait", exclusivity="exclusive", scopes=[wide(territories=["DE"])])
    world.add("exclusive", "licence.granted", "gallery", exclusive)
    world.steps["licence"].body["scopes"] = [wide()]
    world.steps["licence"] = world.steps.pop("licence")
    return world


def recorded(world: World, name: str, licensee: str, signed_on: str) -> None:
    """Make a licence one that its licensee recorded from paper of some day."""
    world.steps[name].type, world.steps[name].issuer = "licence.recorded", licensee
    world[name].update(signed_on=signed_on, document_sha256="d" * 64)


def own(world: World) -> None:
    """Make Studio the holder, and the licensor of what Rival has."""
    world["claim"]["claimant"] = id_of("studio")
    world["exclusive"]["licensor"] = id_of("studio")
    world.steps["claim"].issuer = world.steps["exclusive"].issuer = "studio"
    world.drop("licence")


def test_an_exclusive_licence_keeps_later_ones_out_of_exactly_what_it_covers(world: World) -> None:
    assert codes(world) == ["exclusive_to_other"]
    assert missing(world, "exclusive_to_other") == {"DE"}
    assert codes(world, territories=["FR"]) == CLEARED
    world["exclusive"]["exclusivity"] = "none"
    assert codes(world) == CLEARED


def use_up(world: World) -> None:
    """Leave nothing of the exclusive licence but that it keeps others out."""
    world["exclusive"]["caps"] = {"shots": 1}
    drawn = {"shots": 1, "seconds": 0, "draft_takes": 0, "training_epochs": 0}
    world.vouched = {"cap_counts": {world.digest("exclusive"): drawn}}


@pytest.mark.parametrize("exclusivity", ["sole", "exclusive"])
def test_what_was_licensed_before_stays(world: World, exclusivity: str) -> None:
    world["exclusive"]["exclusivity"] = exclusivity
    assert codes(world) == ["exclusive_to_other"]
    world.steps["exclusive"] = world.steps.pop("exclusive")
    assert codes(world) == CLEARED


def test_the_exclusive_licensee_itself_is_not_kept_out(world: World) -> None:
    request = asks(**{"for": id_of("rival")}, territories=["DE"])
    assert world.codes(request) == CLEARED
    world.add("more", "licence.granted", "gallery", licence("gallery", "rival", "portrait", scopes=[wide()]))
    use_up(world)
    assert world.codes(request) == CLEARED
    world["more"]["licensee"] = id_of("heir")
    assert world.codes(request) == ["cap_exhausted"]


def test_boxes_that_do_not_meet_keep_nobody_out(world: World) -> None:
    for change in ({"media": ["avod"]}, {"projects": [id_of("another")]}, {"acts": ["train"]}):
        apart = world.copy()
        apart["exclusive"]["scopes"] = [wide(territories=["DE"], **change)]
        assert codes(apart) == CLEARED, change
    world["exclusive"]["scopes"] = [wide(territories=["DE"], content={"depicts": [], "scene": []})]
    assert codes(world) == ["exclusive_to_other"]  # content alone never parts two licences


def test_exclusivity_in_another_asset_keeps_nobody_out(world: World) -> None:
    world["exclusive"]["subjects"] = [{"kind": "asset", "id": id_of("another")}]
    assert codes(world) == CLEARED


def test_exclusivity_ends_with_its_licence(world: World) -> None:
    world.add("end", "licence.terminated", "gallery", terminated(world.digest("exclusive")))
    assert codes(world) == CLEARED
    world.drop("end")
    vouched = world.vouches(world.envelopes())
    world.vouched = {"no_revocation_of": vouched.no_revocation_of - {world.digest("exclusive")}}
    assert codes(world) == ["exclusive_to_other"]  # that nobody vouches for it sets nobody free


def test_exclusivity_ends_with_its_window_and_with_its_holder_s_control(world: World) -> None:
    world["exclusive"]["scopes"] = [wide(territories=["DE"], window=["2020-01-01T00:00:00Z", "2027-09-01T00:00:00Z"])]
    assert {o.act for o in world.decide(asks()).obstacles} == {"condition"}
    world["exclusive"]["scopes"] = [wide(territories=["DE"])]
    control = {"event": "change_of_control", "party": id_of("rival"), "territory": None, "on": "2027-05-15"}
    world.add("sold", "event.recorded", "rival", control | {"utc_offset": 0})
    assert codes(world) == CLEARED


def test_an_exclusive_window_that_follows_an_event_bars_from_the_start_until_it_is_known(world: World) -> None:
    later = {"event": "home_release", "work": id_of("work"), "territory": "FR", "plus": "P0D"}
    world["exclusive"]["scopes"] = [wide(territories=["DE"], window=[follows(), later])]
    assert codes(world) == ["exclusive_to_other"]
    world.add("release", "event.recorded", "gallery", event(on="2029-06-01"))
    assert codes(world) == CLEARED
    world["release"]["on"] = "2026-06-01"
    assert codes(world) == ["exclusive_to_other"]
    world.add("home", "event.recorded", "gallery", event("home_release", on="2027-01-01"))
    assert codes(world) == CLEARED


def test_an_exclusive_licence_that_may_lapse_bars_what_lies_beyond_until_it_does(world: World) -> None:
    by = {"event": {"event": "premiere", "work": id_of("work"), "territory": None}, "by": "2027-07-01T00:00:00Z"}
    world["exclusive"]["ends_unless"] = by
    obstacles = world.decide(asks(), day(2027, 6, 30)).obstacles
    assert {(o.code, o.act) for o in obstacles} == {
        ("exclusive_to_other", "condition"),
        ("exclusive_to_other", "distribute"),  # which lies beyond
    }
    assert codes(world, at=day(2027, 7, 1)) == CLEARED
    world.add("premiere", "event.recorded", "gallery", event("premiere", on="2027-01-01", territory=None))
    assert codes(world, at=day(2027, 7, 1)) == ["exclusive_to_other"]


def test_an_amendment_that_makes_exclusive_counts_from_its_own_place(world: World) -> None:
    world["exclusive"]["exclusivity"] = "none"
    terms = amended(world, "2027-05-15", "exclusive", exclusivity="exclusive")
    world.add("amendment", "licence.amended", "gallery", terms)
    assert codes(world) == CLEARED  # the other licence was there first
    world.steps["licence"] = world.steps.pop("licence")
    assert codes(world) == ["exclusive_to_other"]


def test_an_amendment_that_gives_no_more_loses_no_place(world: World) -> None:
    terms = amended(world, "2027-05-15", "exclusive", caps={"shots": 9})
    world.add("amendment", "licence.amended", "gallery", terms)
    assert codes(world) == ["exclusive_to_other"]
    world.steps["exclusive"] = world.steps.pop("exclusive")
    world["amendment"].update(amended(world, "2027-05-15", caps={"shots": 9}))
    assert codes(world) == CLEARED  # the earlier licence, amended after the exclusive one


def test_an_exclusive_licence_bars_whoever_does_not_hold_it_at_the_time(world: World) -> None:
    world["exclusive"]["assignable"] = True
    digest = world.digest("exclusive")
    world.add("assignment", "grant.assigned", "rival", assigned(digest, "studio", "2027-01-01"))
    assert codes(world) == CLEARED
    world["assignment"]["to"] = id_of("heir")
    assert codes(world) == ["exclusive_to_other"]


# --- what is recorded and what is signed --------------------------------------------------------------------------


def test_a_recorded_exclusive_never_blocks_a_signed_licence_nor_its_own_licensor(world: World) -> None:
    recorded(world, "exclusive", "rival", "2020-01-01")
    assert codes(world) == CLEARED
    world.add("confirmation", "licence.confirmed", "gallery", {"licence": world.digest("exclusive")})
    assert codes(world) == ["exclusive_to_other"]
    world.drop("confirmation")
    own(world)
    recorded(world, "exclusive", "rival", "2020-01-01")
    assert codes(world) == CLEARED


def test_a_signed_exclusive_blocks_a_recorded_licence_whichever_came_first(world: World) -> None:
    recorded(world, "licence", "studio", "2020-01-01")
    assert codes(world) == ["exclusive_to_other"]
    world.steps["exclusive"] = world.steps.pop("exclusive")
    assert codes(world) == ["exclusive_to_other"]
    world.add("confirmation", "licence.confirmed", "gallery", {"licence": world.digest("licence")})
    assert codes(world) == CLEARED


def test_of_two_recorded_exclusives_neither_serves_where_they_meet(world: World) -> None:
    recorded(world, "exclusive", "rival", "2026-10-02")
    recorded(world, "licence", "studio", "2026-10-01")
    world["licence"]["exclusivity"] = "exclusive"
    assert codes(world) == ["exclusive_to_other"]
    assert world.codes(asks(**{"for": id_of("rival")}, territories=["DE"])) == ["exclusive_to_other"]
    world["licence"]["exclusivity"] = "sole"
    assert codes(world) == ["exclusive_to_other"]


def test_a_recorded_exclusive_goes_before_recorded_paper_that_is_not_older(world: World) -> None:
    recorded(world, "exclusive", "rival", "2026-10-02")
    for signed_on, outcome in (
        ("2026-10-01", CLEARED),
        ("2026-10-02", ["exclusive_to_other"]),
        ("2026-10-03", ["exclusive_to_other"]),
    ):
        recorded(world, "licence", "studio", signed_on)
        assert codes(world) == outcome, signed_on


def test_an_exclusive_licence_that_was_not_rightly_signed_keeps_nobody_out(world: World) -> None:
    world.steps["exclusive"].signers = ("rival",)
    assert codes(world) == CLEARED


# --- the holder itself --------------------------------------------------------------------------------------------


def test_a_holder_is_kept_out_of_what_it_gave_exclusively_and_not_of_a_sole_licence(world: World) -> None:
    own(world)
    assert codes(world) == ["exclusive_to_other"]
    assert missing(world, "exclusive_to_other") == {"DE"}
    obstacles = world.decide(asks()).obstacles
    assert {o.remedy.ask for o in obstacles if o.remedy} == {id_of("rival")}
    assert all(piece.scene == LABELS.mask(("violence",)) for o in obstacles for piece in o.missing)
    assert codes(world, territories=["FR"]) == CLEARED
    world["exclusive"]["exclusivity"] = "sole"
    assert codes(world) == CLEARED


def test_a_sole_licence_keeps_third_parties_out(world: World) -> None:
    world["exclusive"]["exclusivity"] = "sole"
    assert codes(world) == ["exclusive_to_other"]


def test_a_licensee_who_sublicensed_exclusively_is_kept_out_itself(world: World) -> None:
    world["licence"]["sublicensable"] = True
    world.drop("exclusive")
    assert codes(world) == CLEARED
    sub = sublicence(world, "licence", "studio", "rival", exclusivity="exclusive", scopes=[wide(territories=["DE"])])
    world.add("sub", "licence.granted", "studio", sub)
    assert codes(world) == ["exclusive_to_other"]
    assert missing(world, "exclusive_to_other") == {"DE"}
    world["sub"]["exclusivity"] = "sole"
    assert codes(world) == CLEARED


def test_who_stands_under_an_exclusive_licence_is_not_kept_out_by_it(world: World) -> None:
    world["exclusive"]["sublicensable"] = True
    world["licence"].update(sublicence(world, "exclusive", "rival", "studio"))
    world.steps["licence"].issuer = "rival"
    assert codes(world, territories=["DE"]) == CLEARED
    recorded(world, "exclusive", "rival", "2026-10-01")
    world["licence"]["parent"] = world.digest("exclusive")
    assert codes(world, territories=["DE"]) == CLEARED
    world["licence"]["parent"] = None
    assert codes(world, territories=["DE"]) != CLEARED


def test_exclusive_sublicences_keep_other_sublicensees_out(world: World) -> None:
    world.drop("exclusive")
    world["licence"].update(licensee=id_of("heir"), sublicensable=True)
    world.add("first", "licence.granted", "heir", sublicence(world, "licence", "heir", "rival"))
    world.add("second", "licence.granted", "heir", sublicence(world, "licence", "heir", "studio"))
    assert codes(world) == CLEARED
    world["first"]["exclusivity"] = "exclusive"
    assert codes(world) == ["exclusive_to_other"]
    world.add("end", "licence.terminated", "heir", terminated(world.digest("first")))
    assert codes(world) == CLEARED


# --- product categories -------------------------------------------------------------------------------------------


def test_a_licence_for_some_products_advertises_those_alone(world: World) -> None:
    world.drop("exclusive")
    world["licence"]["product_categories"] = ["beer", "cars"]
    advertising = {"purposes": ["merchandise", "third_party_advertising"]}
    assert codes(world, **advertising, product_categories=["beer"]) == CLEARED
    assert codes(world, **advertising, product_categories=["beer", "cars"]) == CLEARED
    assert codes(world, **advertising, product_categories=["beer", "watches"]) == ["product_not_covered"]
    assert codes(world, **advertising) == ["product_not_covered"]
    assert codes(world, product_categories=["watches"]) == CLEARED  # the work itself advertises nothing
    world["licence"]["product_categories"] = []
    assert codes(world, **advertising, product_categories=["watches"]) == CLEARED


def test_where_a_shot_is_for_the_work_and_for_advertising_only_the_latter_is_refused(world: World) -> None:
    world.drop("exclusive")
    world["licence"]["product_categories"] = ["cars"]
    both = {"purposes": ["merchandise", "work"], "product_categories": ["beer"]}
    assert codes(world, **both) == ["product_not_covered"]
    assert missing(world, "product_not_covered", "purposes", **both) == {"merchandise"}


def test_the_categories_of_a_parent_bind(world: World) -> None:
    world.drop("exclusive")
    world["licence"].update(licensee=id_of("heir"), sublicensable=True, product_categories=["cars"])
    world.add("sub", "licence.granted", "heir", sublicence(world, "licence", "heir", "studio"))
    merchandise = {"purposes": ["merchandise"]}
    assert codes(world, **merchandise, product_categories=["cars"]) == CLEARED
    assert codes(world, **merchandise, product_categories=["beer"]) == ["product_not_covered"]


def test_exclusivity_in_some_products_bites_in_advertising_for_those_alone(world: World) -> None:
    world["exclusive"]["product_categories"] = ["cars"]
    merchandise = {"purposes": ["merchandise"]}
    assert codes(world, **merchandise, product_categories=["cars"]) == ["exclusive_to_other"]
    assert codes(world, **merchandise, product_categories=["beer", "cars"]) == ["exclusive_to_other"]
    assert codes(world, **merchandise) == ["exclusive_to_other"]  # whoever names none may mean any
    assert codes(world, **merchandise, product_categories=["beer"]) == CLEARED
    assert codes(world, product_categories=["beer"]) == ["exclusive_to_other"]  # the work is not advertising


# --- holdbacks ----------------------------------------------------------------------------------------------------


NOTHING = {"depicts": [], "scene": []}


def held_back(binds: str, **changed: object) -> list[dict[str, object]]:
    return [{"binds": binds, "scopes": [wide(**({"territories": ["DE"], "content": NOTHING} | changed))]}]


def test_a_licensee_does_not_do_what_it_promised_to_hold_back(world: World) -> None:
    world.drop("exclusive")
    world["licence"]["holdbacks"] = held_back("licensee")
    assert codes(world) == ["holdback"]
    assert missing(world, "holdback") == {"DE"}
    assert codes(world, territories=["FR"]) == CLEARED
    world.add("another", "licence.granted", "gallery", licence("gallery", "studio", "portrait", scopes=[wide()]))
    assert codes(world) == CLEARED  # a licence without the promise


def test_a_holdback_that_names_labels_speaks_of_what_shows_them(world: World) -> None:
    world.drop("exclusive")
    world["licence"]["holdbacks"] = held_back("licensee", content={"depicts": [], "scene": ["violence"]})
    assert codes(world) == ["holdback"]
    world["licence"]["holdbacks"] = held_back("licensee", content={"depicts": [], "scene": ["gambling"]})
    assert codes(world) == CLEARED


def test_a_holdback_holds_from_the_start_until_its_event_is_known(world: World) -> None:
    world.drop("exclusive")
    world["licence"]["holdbacks"] = held_back("licensee", window=["2027-01-01T00:00:00Z", follows(plus="P1Y")])
    assert codes(world) == ["holdback"]
    world.add("release", "event.recorded", "gallery", event(on="2026-05-01"))
    assert codes(world, at=day(2027, 5, 2)) == CLEARED
    assert codes(world, at=day(2027, 4, 30)) == ["holdback"]


def test_a_licensor_and_its_later_licensees_keep_what_it_promised_to_hold_back(world: World) -> None:
    world["exclusive"].update(exclusivity="none", holdbacks=held_back("licensor"))
    assert codes(world) == ["holdback"]
    assert missing(world, "holdback") == {"DE"}
    assert world.codes(asks(**{"for": id_of("rival")}, territories=["DE"])) == CLEARED
    world.steps["exclusive"] = world.steps.pop("exclusive")
    assert codes(world) == CLEARED  # licensed before
    own(world)
    assert codes(world) == ["holdback"]
    world.add("end", "licence.terminated", "studio", terminated(world.digest("exclusive")))
    assert codes(world) == CLEARED


def test_a_recorded_holdback_binds_neither_the_licensor_nor_a_signed_licence(world: World) -> None:
    world["exclusive"].update(exclusivity="none", holdbacks=held_back("licensor"))
    recorded(world, "exclusive", "rival", "2020-01-01")
    assert codes(world) == CLEARED
    recorded(world, "licence", "studio", "2020-01-01")
    assert codes(world) == ["holdback"]
    own(world)
    assert codes(world) == CLEARED


def test_training_for_every_project_is_kept_out_where_one_project_is_exclusive(world: World) -> None:
    run = training("portrait")
    world["licence"]["scopes"] = [wide()]
    assert world.codes(run) == CLEARED
    world["exclusive"]["scopes"] = [wide(territories=["FR"], projects=[id_of("film")])]
    assert world.codes(run) == ["exclusive_to_other"]
