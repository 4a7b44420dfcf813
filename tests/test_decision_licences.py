"""What a licence covers now: windows that follow events, amendments, options, endings, selling off, caps."""

import pytest

from tests.decisions import AT, World, box, boxes, id_of, shot
from tests.titled import (
    CLEARED,
    amended,
    asks,
    codes,
    day,
    event,
    film_work,
    follows,
    grounds,
    missing,
    option,
    poster,
    terminated,
    use_of,
    wide,
)


@pytest.fixture
def world() -> World:
    return poster()


def changed(world: World, **terms: object) -> None:
    world["licence"].update(terms)


# --- windows that follow events -----------------------------------------------------------------------------------


@pytest.fixture
def windowed(world: World) -> World:
    """The licence starts with the French release, which Gallery records: nine months before the film is wanted."""
    changed(world, scopes=[wide(window=[follows(), None])])
    world.add("release", "event.recorded", "gallery", event())
    return world


def test_a_window_opens_with_the_event_and_without_it_has_not_started(windowed: World) -> None:
    assert codes(windowed) == CLEARED
    windowed.drop("release")
    assert codes(windowed) == ["not_started"]


def test_a_start_counts_from_the_logged_and_signed_event_alone(windowed: World) -> None:
    for damage in ({"logged": False}, {"signers": ("rival",)}):
        damaged = windowed.copy()
        for name, value in damage.items():
            setattr(damaged.steps["release"], name, value)
        assert codes(damaged) == ["not_started"]


def test_an_event_of_another_territory_or_work_opens_nothing(windowed: World) -> None:
    for change in ({"territory": None}, {"territory": "DE"}, {"work": id_of("another")}):
        damaged = windowed.copy()
        damaged["release"].update(change)
        assert codes(damaged) == ["not_started"]


def test_what_is_added_to_the_event_counts_from_its_day(windowed: World) -> None:
    changed(windowed, scopes=[wide(window=[follows(plus="P5M30D"), None])])
    assert codes(windowed, at=day(2027, 6, 1)) == CLEARED  # the second of May, and thirty days
    assert codes(windowed, at=day(2027, 5, 31)) == ["not_started"]


def test_of_several_starts_the_latest_counts(windowed: World) -> None:
    windowed.add("again", "event.recorded", "gallery", event(on="2027-07-01"))
    assert codes(windowed) == ["not_started"]
    windowed["again"]["on"] = "2026-11-01"
    assert codes(windowed) == CLEARED


def test_an_end_is_read_as_if_it_had_come_when_the_licence_was_issued_until_it_is_recorded(world: World) -> None:
    changed(world, scopes=[wide(window=["2020-01-01T00:00:00Z", follows("home_release", plus="P1Y")])])
    assert codes(world) == ["window_not_covered"]  # a year from the first of May 2027
    world.add("home", "event.recorded", "gallery", event("home_release", on="2028-06-01"))
    assert codes(world) == CLEARED
    world.add("sooner", "event.recorded", "gallery", event("home_release", on="2027-12-01"), logged=False)
    assert codes(world) == ["window_not_covered"]  # what ends is believed at once


@pytest.mark.parametrize(("issuer", "counts"), [("gallery", True), ("studio", False), ("rival", False)])
def test_the_licensor_s_word_opens_a_window_the_licensee_s_does_not(windowed: World, issuer: str, counts: bool) -> None:
    windowed.steps["release"].issuer = issuer
    assert codes(windowed) == (CLEARED if counts else ["not_started"])


def test_who_registered_the_work_may_record_its_events(windowed: World) -> None:
    windowed.steps["release"].issuer = "studio"
    film_work(windowed)
    assert codes(windowed) == CLEARED
    windowed.steps["work"].issuer = "rival"
    assert codes(windowed) == ["not_started"]


def test_who_produces_the_project_may_record_its_events(windowed: World) -> None:
    started = {"event": "photography_start", "project": id_of("film"), "plus": "P0D", "territory": None}
    changed(windowed, scopes=[wide(window=[started, None])])
    on = {"event": "photography_start", "project": id_of("film"), "territory": None, "on": "2027-01-10"}
    on |= {"utc_offset": 0, "document_sha256": None}
    windowed.add("shooting", "event.recorded", "studio", on)
    assert codes(windowed) == CLEARED
    windowed.steps["shooting"].issuer = "rival"
    assert codes(windowed) == ["not_started"]


@pytest.mark.parametrize(
    ("attestor", "counts"), [("notary", True), ("studio", False), ("heir", False), ("gallery", True)]
)
def test_a_party_s_events_are_told_by_somebody_independent_of_the_licensee(
    world: World, attestor: str, counts: bool
) -> None:
    death = {"event": "death", "party": id_of("ada"), "territory": None}
    changed(world, scopes=[wide(window=[death | {"plus": "P0D"}, None])])
    world.steps["heir"].body["affiliates"] = [id_of("studio")]
    world.add("death", "event.recorded", attestor, death | {"on": "2027-01-10", "utc_offset": 0})
    assert codes(world) == (CLEARED if counts else ["not_started"])


# --- amendments ---------------------------------------------------------------------------------------------------


def test_from_its_day_on_an_amendment_holds_and_before_it_the_earlier_terms(world: World) -> None:
    changed(world, scopes=[wide(territories=["FR"])])
    assert codes(world) == ["territory_not_covered"]
    world.add("amendment", "licence.amended", "gallery", amended(world, "2027-05-15", scopes=[wide()]))
    assert codes(world) == CLEARED
    assert codes(world, at=day(2027, 5, 10)) == ["territory_not_covered"]  # conditioning falls before it
    world["amendment"]["effective_from"] = "2027-08-01T00:00:00Z"
    assert codes(world) == ["territory_not_covered"]
    assert {o.act for o in world.decide(asks()).obstacles} == {"condition"}  # distribution lies after it


def test_an_amendment_s_digest_is_the_ground_and_its_caps_are_counted_under_the_licence(world: World) -> None:
    terms = {"scopes": [wide()], "caps": {"shots": 3}}
    digest = world.add("amendment", "licence.amended", "gallery", amended(world, "2027-05-15", **terms))
    assert codes(world) == CLEARED
    assert digest in grounds(world)
    drawn = {"seconds": 0, "draft_takes": 0, "training_epochs": 0}
    world.vouched = {"cap_counts": {world.digest("licence"): {**drawn, "shots": 3}}}
    assert codes(world) == ["cap_exhausted"]
    world.vouched = {"cap_counts": {world.digest("licence"): {**drawn, "shots": 2}}}
    assert codes(world) == CLEARED


def test_of_several_amendments_the_latest_day_holds_then_the_later_in_the_log(world: World) -> None:
    world.add("first", "licence.amended", "gallery", amended(world, "2027-05-15", scopes=[wide(media=["avod"])]))
    assert codes(world) == ["media_not_covered"]
    world.add("second", "licence.amended", "gallery", amended(world, "2027-05-15", scopes=[wide()]))
    assert codes(world) == CLEARED
    world.add("older", "licence.amended", "gallery", amended(world, "2027-05-10", scopes=[wide(media=["avod"])]))
    assert codes(world) == CLEARED


def test_an_amendment_not_yet_logged_already_shrinks_and_never_widens(world: World) -> None:
    terms = {"scopes": [wide(territories=["FR"])]}
    world.add("amendment", "licence.amended", "gallery", amended(world, "2027-08-01", **terms), logged=False)
    decision = world.decide(asks())
    assert {o.act for o in decision.obstacles} == {"distribute"}
    assert missing(world, "territory_not_covered") == {"DE"}
    changed(world, scopes=[wide(territories=["FR"])])
    world["amendment"].update(amended(world, "2027-05-01", scopes=[wide()]))
    assert codes(world) == ["territory_not_covered"]
    world.steps["amendment"].logged = True
    assert codes(world) == CLEARED


@pytest.mark.parametrize(
    "damage",
    [{"issuer": "studio"}, {"issuer": "rival"}],
    ids=["by the licensee", "by a stranger"],
)
def test_only_the_licensor_amends(world: World, damage: dict[str, str]) -> None:
    changed(world, scopes=[wide(territories=["FR"])])
    world.add("amendment", "licence.amended", damage["issuer"], amended(world, "2027-05-01", scopes=[wide()]))
    assert codes(world) == ["territory_not_covered"]
    world.steps["amendment"].issuer = "gallery"
    assert codes(world) == CLEARED


@pytest.mark.parametrize("name", ["licensor", "licensee", "parent"])
def test_an_amendment_changes_neither_the_parties_nor_the_chain(world: World, name: str) -> None:
    other = "a" * 64 if name == "parent" else id_of("rival")
    changed(world, scopes=[wide(territories=["FR"])])
    world.add("amendment", "licence.amended", "gallery", amended(world, "2027-05-01", scopes=[wide()]))
    assert codes(world) == CLEARED
    world["amendment"]["terms"][name] = other
    assert codes(world) == ["territory_not_covered"]


def test_an_amendment_from_before_its_licence_changes_nothing(world: World) -> None:
    changed(world, scopes=[wide(territories=["FR"])])
    world.add("amendment", "licence.amended", "gallery", amended(world, "2027-05-01", scopes=[wide()]))
    assert codes(world) == CLEARED
    world["amendment"]["effective_from"] = "2027-04-30T23:59:59Z"
    assert codes(world) == ["territory_not_covered"]


def test_a_recorded_licence_may_be_amended_from_the_day_of_its_paper(world: World) -> None:
    world.steps["licence"].type, world.steps["licence"].issuer = "licence.recorded", "studio"
    changed(world, scopes=[wide(territories=["FR"])], signed_on="2026-10-01", document_sha256="d" * 64)
    world.add("amendment", "licence.amended", "gallery", amended(world, "2026-10-01", scopes=[wide()]))
    assert codes(world) == CLEARED
    world["amendment"]["effective_from"] = "2026-09-30T00:00:00Z"
    assert codes(world) == ["territory_not_covered"]


# --- options ------------------------------------------------------------------------------------------------------


@pytest.fixture
def optional(world: World) -> World:
    """Germany is an option, which Studio exercises in time."""
    changed(world, scopes=[wide(territories=["FR"])], options=[option()])
    exercised = {"licence": world.digest("licence"), "option": "sequel"}
    world.add("exercise", "option.exercised", "studio", exercised)
    return world


def test_an_option_covers_once_the_licensee_exercises_it(optional: World) -> None:
    assert codes(optional) == CLEARED
    optional.drop("exercise")
    assert missing(optional, "territory_not_covered") == {"DE"}


def test_an_option_is_exercised_within_its_dates(optional: World) -> None:
    for moment, counts in (
        (day(2027, 1, 31), False),
        (day(2027, 2, 1), True),
        (day(2027, 5, 31), True),
        (day(2027, 6, 1), False),
    ):
        optional.steps["exercise"].issued_at = moment
        assert codes(optional) == (CLEARED if counts else ["territory_not_covered"]), moment


def test_an_option_is_the_licensee_s_to_exercise_signed_and_logged(optional: World) -> None:
    for name, value in (("issuer", "gallery"), ("issuer", "rival"), ("logged", False), ("signers", ("rival",))):
        damaged = optional.copy()
        setattr(damaged.steps["exercise"], name, value)
        assert codes(damaged) == ["territory_not_covered"], (name, value)


def test_an_option_of_another_name_covers_nothing(optional: World) -> None:
    optional["exercise"]["option"] = "prequel"
    assert codes(optional) == ["territory_not_covered"]


# --- ends unless --------------------------------------------------------------------------------------------------


def test_a_licence_ends_unless_what_it_waits_for_happens_by_its_day(world: World) -> None:
    by = {"event": {"event": "premiere", "work": id_of("work"), "territory": None}, "by": "2028-01-01T00:00:00Z"}
    changed(world, ends_unless=by)
    assert codes(world) == ["window_not_covered"]
    assert missing(world, "window_not_covered", "window") == {"2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"}
    world.add("premiere", "event.recorded", "gallery", event("premiere", on="2028-01-01", territory=None))
    assert codes(world) == CLEARED
    world["premiere"]["on"] = "2028-01-02"
    assert codes(world) == ["window_not_covered"]
    world["premiere"]["on"] = "2027-12-01"
    world.steps["premiere"].logged = False
    assert codes(world) == ["window_not_covered"]


# --- endings and selling off --------------------------------------------------------------------------------------


def test_a_terminated_licence_no_longer_counts(world: World) -> None:
    world.add("end", "licence.terminated", "gallery", terminated(world.digest("licence")), logged=False)
    assert codes(world) == ["revoked"]
    world.steps["end"].issuer = "studio"
    assert codes(world) == CLEARED


def test_the_amended_terms_end_with_their_licence(world: World) -> None:
    world.add("amendment", "licence.amended", "gallery", amended(world, "2027-05-01", scopes=[wide()]))
    world.add("end", "licence.terminated", "gallery", terminated(world.digest("licence")))
    assert codes(world) == ["revoked"]


def test_what_was_released_is_sold_off_for_so_many_days_after_the_end(world: World) -> None:
    changed(world, scopes=[wide(window=["2020-01-01T00:00:00Z", "2028-01-01T00:00:00Z"])], sell_off_days=60)
    after = ["2027-12-01T00:00:00Z", "2028-03-01T00:00:00Z"]
    assert world.codes(use_of(world, "licence", window=after)) == CLEARED
    assert world.codes(use_of(world, "licence", window=[after[0], "2028-03-02T00:00:00Z"])) == ["window_not_covered"]
    assert world.codes(use_of(world, "claim", window=after)) == ["window_not_covered"]  # it does not rest on it
    assert world.codes(asks(window=after)) == ["window_not_covered"]  # a new shot is none of it
    release = asks(kind="release", rests_on=[world.digest("licence")], window=after)
    assert world.codes(release) == ["window_not_covered"]
    changed(world, sell_off_days=0)
    assert world.codes(use_of(world, "licence", window=after)) == ["window_not_covered"]


def test_a_termination_leaves_the_sell_off_of_the_licence_or_its_own(world: World) -> None:
    changed(world, sell_off_days=60)
    digest = world.digest("licence")
    window = ["2027-06-01T00:00:00Z", "2027-06-30T00:00:00Z"]
    world.add("end", "licence.terminated", "gallery", terminated(digest))  # on the first of May
    assert world.codes(use_of(world, "licence", window=window)) == CLEARED
    assert world.codes(asks()) == ["revoked"]
    world["end"]["sell_off_until"] = "2027-06-15T00:00:00Z"
    assert world.codes(use_of(world, "licence", window=window)) != CLEARED
    assert world.codes(use_of(world, "licence", window=[window[0], "2027-06-15T00:00:00Z"])) == CLEARED


def test_a_denied_licence_is_not_sold_off(world: World) -> None:
    world.steps["licence"].type, world.steps["licence"].issuer = "licence.recorded", "studio"
    changed(world, signed_on="2026-10-01", document_sha256="d" * 64, sell_off_days=60)
    window = ["2027-06-01T00:00:00Z", "2027-06-30T00:00:00Z"]
    request = use_of(world, "licence", window=window)
    assert world.codes(request) == CLEARED
    digest = world.digest("licence")
    world.add("denial", "licence.denied", "gallery", {"licence": digest})
    assert world.codes(request) == ["revoked"]
    world.add("end", "licence.terminated", "gallery", terminated(digest, "2028-01-01T00:00:00Z"))
    assert world.codes(request) == ["revoked"]


# --- caps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "cap"), [("shots", 5), ("seconds", 8), ("draft_takes", 5)])
def test_each_cap_of_a_licence_is_counted_apart(world: World, unit: str, cap: int) -> None:
    changed(world, caps={unit: cap})
    drawn = {"shots": 0, "seconds": 0, "draft_takes": 0, "training_epochs": 0}
    digest = world.digest("licence")
    world.vouched = {"cap_counts": {digest: drawn | {unit: 4}}}
    assert codes(world) == CLEARED  # a take of four seconds
    world.vouched = {"cap_counts": {digest: drawn | {unit: 5}}}
    assert codes(world) == ["cap_exhausted"]
    world.vouched = {"cap_counts": {digest: dict.fromkeys(drawn, 1_000) | {unit: 4}}}
    assert codes(world) == CLEARED


def test_boxes_of_one_licence_add_up_whichever_event_they_follow(world: World) -> None:
    parts = boxes(wide(territories=["FR"], window=[follows(), None]), wide(territories=["DE"]))
    changed(world, scopes=parts)
    assert missing(world, "territory_not_covered") == {"FR"}
    world.add("release", "event.recorded", "gallery", event())
    assert codes(world) == CLEARED


def test_the_usual_shot_still_rests_on_licence_claim_and_consent() -> None:
    world = World()
    assert world.codes(shot()) == CLEARED
    assert world.digest("licence") in {digest for digest, _ in world.decide(shot(), AT).grounds}
    world["licence"]["scopes"] = [box(aspects=["picture"], territories=["DE"])]
    assert world.codes(shot()) == ["territory_not_covered"]
