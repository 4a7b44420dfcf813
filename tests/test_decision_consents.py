"""Offers, counter-offers, cooling-off, papers, later projects, events and assignment of consents."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.decisions import (
    AT,
    SIGNED,
    Body,
    World,
    after,
    box,
    boxes,
    consent,
    id_of,
    party,
    revocation,
    shot,
    train_box,
    training,
)
from tests.titled import assigned, event, film_work, follows


def offered(**changed: Any) -> World:
    """Return a case in which Ada's consent is an offer that Studio accepted."""
    world = World()
    world["consent"].update({"basis": "contract"} | changed)
    accept(world)
    assert world.codes() == []
    return world


def accept(world: World, name: str = "accepted", issuer: str = "studio", **options: Any) -> None:
    world.add(name, "grant.accepted", issuer, {"grant": world.digest("consent")}, **options)


def on_paper(**changed: Any) -> Body:
    return consent(
        "ada", "studio", **({"document_sha256": "d" * 64, "signed_on": "2027-04-01", "counters": None} | changed)
    )


# Counter-offers


def is_grant(world: World, name: str = "consent") -> bool:
    return world.digest(name) in {grant.digest for grant in world.facts().consents[id_of("ada")]}


@pytest.mark.parametrize(("place", "codes"), [("accepted", ["act_not_covered"]), ("after", [])])
def test_an_offer_that_its_grantee_countered_is_not_accepted_afterwards(place: str, codes: list[str]) -> None:
    world = offered()
    world.add_like("after", "ada", party=id_of("somebody"), key=None)
    counter = on_paper(counters=world.digest("consent"), scopes=[box(acts=["store"])])
    world.before(place, "counter", "consent.recorded", "studio", counter)
    assert world.codes() == codes  # the paper serves to store alone
    assert is_grant(world) is (codes == [])


def test_a_counter_offer_counts_at_commit_and_only_by_the_grantee() -> None:
    world = offered()
    counter = on_paper(counters=world.digest("consent"))
    world.add("counter", "consent.recorded", "studio", counter, logged=False, issued_at=SIGNED - timedelta(seconds=1))
    world.steps["accepted"].logged = False
    assert not is_grant(world)
    world.steps["counter"].issuer = "gallery"
    assert is_grant(world)


def test_a_new_offer_after_a_counter_offer_is_a_new_one() -> None:
    world = offered()
    counter = on_paper(counters=world.digest("consent"))
    world.before("accepted", "counter", "consent.recorded", "studio", counter)
    world.add_like("again", "consent", description="walks along the ridge, again")
    world.add("accepted again", "grant.accepted", "studio", {"grant": world.digest("again")})
    assert world.codes() == []


# Papers


def test_a_consent_recorded_from_paper_serves_to_store_alone() -> None:
    world = World()
    world.drop("consent")
    scope = box(acts=["condition", "distribute", "store"])
    world.add("paper", "consent.recorded", "studio", on_paper(scopes=[scope], basis="contract"))
    assert world.codes() == ["act_not_covered"]
    (grant,) = world.facts().consents[id_of("ada")]
    assert grant.assurance == "recorded"
    assert [piece.format()["acts"] for piece in grant.scopes] == [["store"]]


def test_a_paper_is_its_grantees_word() -> None:
    world = World()
    world.add("paper", "consent.recorded", "studio", on_paper(scopes=[box(acts=["store"])]))
    paper, _ = sorted(world.facts().consents[id_of("ada")], key=lambda grant: grant.assurance)
    assert paper.authorised
    world.steps["paper"].issuer = "gallery"
    paper, _ = sorted(world.facts().consents[id_of("ada")], key=lambda grant: grant.assurance)
    assert not paper.authorised


# Cooling-off and retention


def cooling(until: datetime) -> str:
    return until.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_nothing_is_made_before_the_cooling_off_is_over() -> None:
    world = offered(cooling_off_until=cooling(AT))
    world["consent"]["cooling_off_until"] = cooling(AT + timedelta(seconds=1))
    accept(world)
    assert world.codes() == ["not_started"]
    assert world.codes(at=AT + timedelta(seconds=1)) == []


def test_scanning_and_storing_begin_before_it() -> None:
    world = offered(cooling_off_until=cooling(AT), scopes=[box(acts=["condition", "distribute", "scan", "store"])])
    (grant,) = world.facts().consents[id_of("ada")]
    starts = {name: piece.start for piece in grant.scopes for name in piece.format()["acts"]}  # type: ignore[union-attr]  # a list
    assert starts == {
        **dict.fromkeys(("condition", "distribute"), AT),
        **dict.fromkeys(("scan", "store"), datetime(2027, 1, 1, tzinfo=UTC)),
    }


@pytest.mark.parametrize("kind", ["on_notice", "for_breach", "not_during_term"])
def test_before_the_cooling_off_is_over_it_is_withdrawn_at_will(kind: str) -> None:
    terms = {"kind": kind, "notice_hours": 72 if kind == "on_notice" else None}
    world = offered(revocation=terms, cooling_off_until="2027-05-20T00:00:00Z")
    late = {"issued_at": datetime(2027, 5, 20, tzinfo=UTC)}
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest("consent")), **late)
    assert world.codes(at=late["issued_at"]) == []
    world.steps["revoked"].issued_at -= timedelta(seconds=1)
    assert world.codes(at=late["issued_at"]) == ["revoked"]


def test_copies_are_kept_until_the_day_that_was_said() -> None:
    world = offered(retention_until="2028-01-01T00:00:00Z", scopes=[box(acts=["condition", "distribute", "store"])])
    (grant,) = world.facts().consents[id_of("ada")]
    ends = {name: piece.end for piece in grant.scopes for name in piece.format()["acts"]}  # type: ignore[union-attr]  # a list
    assert ends["store"] == datetime(2028, 1, 1, tzinfo=UTC)
    assert ends["distribute"] == datetime(2030, 1, 1, tzinfo=UTC)


# Withdrawals by kind


def withdrawn(kind: str, *, cause: str = "will", **changed: Any) -> World:
    terms = {"kind": kind, "notice_hours": 48 if kind == "on_notice" else None}
    world = offered(revocation=terms, **changed)
    evidence = "e" * 64 if cause == "breach" else None
    body = revocation("ada", world.digest("consent")) | {"cause": cause, "evidence_sha256": evidence}
    world.add("revoked", "consent.revoked", "ada", body, issued_at=AT - timedelta(hours=1))
    return world


@pytest.mark.parametrize(
    ("kind", "cause", "codes"),
    [
        ("at_will", "will", ["revoked"]),
        ("on_notice", "will", []),
        ("for_breach", "will", []),
        ("for_breach", "breach", ["revoked"]),
        ("not_during_term", "will", []),
        ("not_during_term", "breach", []),
    ],
)
def test_a_consent_is_taken_back_as_it_says(kind: str, cause: str, codes: list[str]) -> None:
    assert withdrawn(kind, cause=cause).codes() == codes


def test_notice_runs_from_the_withdrawal() -> None:
    world = withdrawn("on_notice")
    assert world.codes(at=after(hours=46, minutes=59, seconds=59)) == []
    assert world.codes(at=after(hours=47)) == ["revoked"]


@pytest.mark.parametrize("kind", ["on_notice", "for_breach", "not_during_term"])
def test_biometric_templates_are_always_withdrawn_at_will(kind: str) -> None:
    both = [box(), train_box(["body", "face"])]
    world = withdrawn(kind, scopes=boxes(*both), role=None, scenes="any")
    world["licence"]["scopes"] = boxes(box(aspects=["picture", "style"]), train_box(["picture", "style"]))
    assert world.codes() == []  # what was filmed goes on
    assert world.codes(training("portrait")) == ["revoked"]


def test_what_rests_on_consent_alone_is_withdrawn_at_will() -> None:
    world = World()
    world.add("revoked", "consent.revoked", "ada", revocation("ada", world.digest("consent")))
    assert world.codes() == ["revoked"]


@pytest.mark.parametrize("kind", ["on_notice", "for_breach", "not_during_term"])
def test_an_offer_that_was_withdrawn_before_it_was_accepted_is_none(kind: str) -> None:
    world = withdrawn(kind)
    assert world.codes() == []
    world.steps["accepted"] = world.steps.pop("accepted")
    assert world.codes() == ["revoked"]


def dispute_revocation(world: World, **options: Any) -> None:
    body = {"revocation": world.digest("revoked"), "grounds": "no breach", "evidence_sha256": "f" * 64}
    world.add("dispute", "revocation.disputed", "studio", body, **options)


def resolve(world: World, issuer: str, outcome: str, **options: Any) -> None:
    body = {"dispute": world.digest("dispute"), "outcome": outcome, "document_sha256": None}
    world.add("resolved", "title.resolved", issuer, body, **options)


@pytest.mark.parametrize(
    ("issuer", "outcome", "codes"),
    [
        ("ada", "upheld", []),
        ("ada", "dismissed", ["revoked"]),
        ("studio", "withdrawn", ["revoked"]),
        ("studio", "upheld", ["revoked"]),
        ("studio", "settled", ["revoked"]),
        ("gallery", "upheld", ["revoked"]),
    ],
)
def test_a_disputed_withdrawal_for_breach_stands_until_the_performer_concedes(
    issuer: str, outcome: str, codes: list[str]
) -> None:
    world = withdrawn("for_breach", cause="breach")
    dispute_revocation(world)
    assert world.codes() == ["revoked"]
    resolve(world, issuer, outcome)
    assert world.codes() == codes


def test_conceding_counts_under_the_checkpoint() -> None:
    world = withdrawn("for_breach", cause="breach")
    dispute_revocation(world)
    resolve(world, "ada", "upheld", logged=False)
    assert world.codes() == ["revoked"]


def test_a_withdrawal_at_will_stands_whatever_becomes_of_a_dispute() -> None:
    world = withdrawn("at_will")
    dispute_revocation(world)
    resolve(world, "ada", "upheld")
    assert world.codes() == ["revoked"]


# Events


def test_a_box_that_follows_an_event_starts_once_it_is_recorded() -> None:
    world = World()
    film_work(world)
    world.scope("consent", window=[follows(plus="P1M"), "2030-01-01T00:00:00Z"])
    assert world.codes() == ["not_started"]
    world.add("released", "event.recorded", "ada", event(on="2026-12-02"))
    assert world.codes() == []
    world["released"]["on"] = "2027-05-02"
    assert world.codes() == ["not_started"]


@pytest.mark.parametrize(("issuer", "codes"), [("ada", []), ("studio", []), ("gallery", ["not_started"])])
def test_an_event_is_the_performers_or_the_registrants_to_record(issuer: str, codes: list[str]) -> None:
    world = World()
    film_work(world)  # registered by Studio
    world.scope("consent", window=[follows(), "2030-01-01T00:00:00Z"])
    world.add("released", "event.recorded", issuer, event())
    assert world.codes() == codes


# Later projects


def series(**changed: Any) -> World:
    """Return a case in which Ada consented to a series whose episode is shot now."""
    world = World()
    saga = world["film"] | {"project": id_of("saga"), "kind": "series"}
    world.before("film", "saga", "project.registered", "studio", saga)
    world["film"]["parent"] = id_of("saga")
    world["consent"].update({"scopes": [box(projects=[id_of("saga")])]} | changed)
    return world


def test_a_node_stands_for_what_is_below_it_where_the_consent_says_so() -> None:
    assert series().codes() == ["project_not_covered"]
    assert series(future_projects=[id_of("saga")]).codes() == []


def test_a_project_registered_after_the_consent_is_covered_too_at_any_depth() -> None:
    world = series(future_projects=[id_of("saga")])
    season = world["film"] | {"project": id_of("season"), "kind": "season", "parent": id_of("saga")}
    world.add("season", "project.registered", "studio", season)
    world["film"]["parent"] = id_of("season")
    world.steps["film"] = world.steps.pop("film")
    assert world.codes() == []


def test_a_node_that_no_box_names_adds_nothing() -> None:
    world = series(scopes=[box(projects=[id_of("other")])], future_projects=[id_of("saga")])
    assert world.codes() == ["project_not_covered"]


def test_a_node_that_is_not_to_be_followed_stands_for_itself() -> None:
    nodes = sorted([id_of("saga"), id_of("other")])
    assert series(scopes=[box(projects=nodes)], future_projects=[id_of("other")]).codes() == ["project_not_covered"]
    assert series(scopes=[box(projects=nodes)], future_projects=nodes).codes() == []


def test_only_the_box_that_names_the_node_reaches_below_it() -> None:
    scopes = boxes(
        box(projects=[id_of("saga")], territories=["FR"]), box(projects=[id_of("other")], territories=["DE"])
    )
    world = series(scopes=scopes, future_projects=[id_of("saga")])
    assert world.codes(shot(territories=["FR"])) == []
    assert world.codes(shot(territories=["DE"])) == ["territory_not_covered"]


def test_a_project_above_the_node_or_beside_it_is_not_covered() -> None:
    world = series(scopes=[box(projects=[id_of("film")])], future_projects=[id_of("film")])
    assert world.codes() == []
    assert world.codes(shot(project=id_of("saga"))) == ["project_not_covered"]


# Assignment


def passed_on(since: str = "2027-05-15", **changed: Any) -> tuple[World, Body, Body]:
    """Return a case in which Studio passes the consent and the licence on to Heir, with a request of each."""
    world = World()
    world.before("vouch", "heir", "party.registered", "heir", party("heir", kind="organisation", born=None))
    world["consent"].update({"assignable": True} | changed)
    world["licence"]["assignable"] = True
    for name in ("consent", "licence"):
        world.add(f"{name} assigned", "grant.assigned", "studio", assigned(world.digest(name), "heir", since))
    return world, shot(), shot(**{"for": id_of("heir")})


def of_ada(world: World, request: Body) -> list[str]:
    """Return the codes of the obstacles on the performer's side."""
    return sorted({o.code for o in world.decide(request).obstacles if o.subject == ("performer", id_of("ada"))})


def test_an_assignee_stands_in_the_grantees_place_and_the_grantee_no_more() -> None:
    world, by_studio, by_heir = passed_on()
    assert of_ada(world, by_studio) == ["expired"]
    assert world.codes(by_heir) == []


def test_a_consent_that_is_not_assignable_stays_where_it_is() -> None:
    world, by_studio, by_heir = passed_on(assignable=False)
    assert of_ada(world, by_studio) == []
    assert of_ada(world, by_heir) == ["grantee_not_covered"]


def test_an_assignment_takes_effect_on_its_day() -> None:
    world, by_studio, by_heir = passed_on("2028-01-01")
    first = {"window": ["2027-09-01T00:00:00Z", "2028-01-01T00:00:00Z"]}
    assert world.codes(by_studio | first) == []
    assert of_ada(world, by_heir | first) == ["not_started"]
    assert of_ada(world, by_studio) == ["window_not_covered"]


def test_the_old_grantee_is_out_at_commit_and_the_new_one_in_under_the_checkpoint() -> None:
    world, by_studio, by_heir = passed_on()
    for name in ("consent assigned", "licence assigned"):
        world.steps[name].logged = False
    assert of_ada(world, by_studio) == ["expired"]
    assert of_ada(world, by_heir) == ["not_yet_logged"]


def test_nobody_else_assigns_a_consent() -> None:
    world, by_studio, _ = passed_on()
    for name in ("consent assigned", "licence assigned"):
        world.steps[name].issuer = "gallery"
    assert world.codes(by_studio) == []


def test_who_vouches_is_independent_of_the_new_grantee_too() -> None:
    world, _, by_heir = passed_on()
    world["heir"]["affiliates"] = [id_of("notary")]
    assert world.codes(by_heir) == ["identity_unverified"]


def test_a_withdrawal_of_everything_for_the_new_grantee_ends_what_was_passed_on() -> None:
    world, _, by_heir = passed_on()
    everything = revocation("ada", grantee="heir")
    world.add("revoked", "consent.revoked", "ada", everything)
    assert world.codes(by_heir) == ["revoked"]
