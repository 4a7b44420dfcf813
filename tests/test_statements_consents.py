"""Consents at the door: offers and counter-offers, minors, ratification, withdrawals of each kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from consent.models import Consent, Revocation
from registry.core.jcs import Json
from registry.models import Dispute
from tests.refusals import epoch, rebuilt, refused
from tests.terms import MINOR, authority, consent, face, guardianship, offer, recorded, revoked
from tests.world import Actor, World, new_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ben(world: World) -> Actor:
    return world.party("Ben Okafor")


@pytest.fixture
def child(world: World) -> Actor:
    return world.party("Cleo Marsh", born=_years_ago(12))


def _years_ago(years: int, *, days: int = 0) -> str:
    today = datetime.now(UTC).date() - timedelta(days=days)
    return today.replace(year=today.year - years, day=min(today.day, 28)).isoformat()


def test_a_consent_names_people_projects_and_approvers_that_are_there(world: World, ada: Actor, studio: Actor) -> None:
    approval = {"by": new_id(), "on": "spec", "acts": ["condition"], "hours": None, "on_silence": "refused"}
    for fields, code in (
        ({"grantee": new_id()}, "unknown_party"),
        ({"grantee": ada.id}, "self_granted"),
        ({"approvals": [approval]}, "unknown_party"),
        ({"future_projects": [new_id()]}, "unknown_project"),
        ({"answers": "0" * 64}, "unknown_request"),
        ({"supersedes": ["0" * 64]}, "not_own_grant"),
    ):
        refused(world, "consent.granted", consent(ada, studio) | fields, code, by=ada)
    refused(world, "consent.granted", consent(studio, ada), "not_a_person", by=studio)
    project = world.project(studio)
    world.act("consent.granted", consent(ada, studio, future_projects=[project]), by=ada)


def test_an_offer_is_accepted_once(world: World, ada: Actor, studio: Actor, ben: Actor) -> None:
    alone = world.act("consent.granted", consent(ada, studio), by=ada)
    refused(world, "grant.accepted", {"grant": alone}, "not_an_offer", by=studio)
    digest = world.act("consent.granted", offer(ada, studio), by=ada)
    refused(world, "grant.accepted", {"grant": digest}, "not_the_issuer", by=ben)
    accepted = world.act("grant.accepted", {"grant": digest}, by=studio)
    assert Consent.objects.get(digest=digest).accepted == accepted
    refused(world, "grant.accepted", {"grant": digest}, "already_accepted", by=studio)


def test_an_offer_that_was_countered_withdrawn_or_is_over_is_not_accepted(
    world: World, ada: Actor, studio: Actor
) -> None:
    countered, withdrawn = (world.act("consent.granted", offer(ada, studio), by=ada) for _ in range(2))
    world.act("consent.recorded", recorded(ada, studio, counters=countered), by=studio)
    refused(world, "grant.accepted", {"grant": countered}, "offer_countered", by=studio)
    world.act("consent.revoked", revoked(ada, withdrawn), by=ada)
    refused(world, "grant.accepted", {"grant": withdrawn}, "offer_revoked", by=studio)
    over = face(window=["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"])
    late = world.act("consent.granted", offer(ada, studio, scopes=[over]), by=ada)
    refused(world, "grant.accepted", {"grant": late}, "offer_expired", by=studio)
    whole = world.act("consent.granted", offer(ada, studio), by=ada)
    world.act("consent.revoked", revoked(ada, grants=None, grantee=studio.id), by=ada)
    refused(world, "grant.accepted", {"grant": whole}, "offer_revoked", by=studio)


def test_a_withdrawal_of_everything_ends_the_offers_before_it_in_the_log_whenever_it_was_dated(
    world: World, ada: Actor, studio: Actor
) -> None:
    earlier = datetime.now(UTC) - timedelta(hours=2)
    withdrawal = world.signed("consent.revoked", revoked(ada, grants=None, grantee=studio.id), by=ada, at=earlier)
    digest = world.act("consent.granted", offer(ada, studio), by=ada)
    world.submit(withdrawal)
    refused(world, "grant.accepted", {"grant": digest}, "offer_revoked", by=studio)
    again = world.act("consent.granted", offer(ada, studio), by=ada)
    world.act("grant.accepted", {"grant": again}, by=studio)


def test_only_an_open_offer_to_oneself_is_countered(world: World, ada: Actor, studio: Actor) -> None:
    other = world.party("Westwind", kind="organisation")
    digest = world.act("consent.granted", offer(ada, studio), by=ada)
    refused(world, "consent.recorded", recorded(ada, other, counters=digest), "not_an_offer", by=other)
    refused(world, "consent.recorded", recorded(ada, studio, counters="0" * 64), "unknown_grant", by=studio)
    refused(world, "consent.recorded", recorded(ada, studio, counters=digest), "not_the_issuer", by=ada)
    counter = world.act("consent.recorded", recorded(ada, studio, counters=digest), by=studio)
    row = Consent.objects.get(digest=digest)
    assert (row.countered, Consent.objects.get(digest=counter).counters) == (counter, digest)
    refused(world, "consent.recorded", recorded(ada, studio, counters=digest), "offer_countered", by=studio)
    taken = world.act("consent.granted", offer(ada, studio), by=ada)
    world.act("grant.accepted", {"grant": taken}, by=studio)
    refused(world, "consent.recorded", recorded(ada, studio, counters=taken), "already_accepted", by=studio)


def test_paper_is_recorded_by_its_grantee_and_was_signed_before_today(world: World, ada: Actor, studio: Actor) -> None:
    tomorrow = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    refused(world, "consent.recorded", recorded(ada, studio, signed_on=tomorrow), "bad_value", by=studio)
    digest = world.act("consent.recorded", recorded(ada, studio), by=studio)
    assert Consent.objects.get(digest=digest).type == "consent.recorded"
    answer = world.act("consent.granted", consent(ada, studio, answers=digest), by=ada)
    assert Consent.objects.get(digest=answer).answers == digest
    other = world.party("Westwind", kind="organisation")
    refused(world, "consent.granted", consent(ada, other, answers=digest), "unknown_request", by=ada)


def test_a_minor_consents_through_a_guardian_alone(world: World, child: Actor, ben: Actor, studio: Actor) -> None:
    body = consent(child, studio, minor=MINOR)
    refused(world, "consent.granted", body | {"minor": False}, "guardian_needed", by=child)
    refused(world, "consent.granted", body, "guardian_needed", by=child)
    refused(world, "consent.granted", body, "not_the_issuer", by=ben)
    world.act("authority.granted", guardianship(child, ben), by=world.notary)
    refused(world, "consent.granted", body | {"minor": False}, "guardian_needed", by=ben)
    world.act("consent.granted", body, by=ben)
    world.submit(world.signed("consent.granted", body, by=ben, keys=(ben.key, child.key)))


def test_an_agent_is_no_guardian(world: World, child: Actor, studio: Actor) -> None:
    agent = world.party("Bright Talent", kind="organisation")
    world.act("authority.granted", authority(child, agent), by=child)
    refused(world, "consent.granted", consent(child, studio, minor=MINOR), "guardian_needed", by=agent)


def test_all_guardians_sign_where_the_consent_says_so(
    world: World, child: Actor, ben: Actor, ada: Actor, studio: Actor
) -> None:
    world.act("authority.granted", guardianship(child, ada, ben), by=world.notary)
    body = consent(child, studio, minor=MINOR | {"guardians": "all"})
    refused(world, "consent.granted", body, "guardian_needed", by=ben)
    world.submit(world.signed("consent.granted", body, by=ben, keys=(ada.key, ben.key)))


def test_who_is_of_age_has_no_guardian(world: World, ada: Actor, studio: Actor) -> None:
    refused(world, "consent.granted", consent(ada, studio, minor=MINOR), "not_a_minor", by=ada)
    today = world.party("Dora Lind", born=_years_ago(18))
    world.act("consent.granted", consent(today, studio), by=today)


@pytest.mark.parametrize("label", ["nudity", "partial_nudity", "simulated_sex", "sexual_violence", "intimacy"])
def test_never_allowed_a_guardian_consents_to_no_nudity_or_sex_of_a_minor(
    world: World, child: Actor, ben: Actor, studio: Actor, label: str
) -> None:
    world.act("authority.granted", guardianship(child, ben), by=world.notary)
    for content in ({"depicts": [label], "scene": []}, {"depicts": [], "scene": [label]}):
        body = consent(child, studio, minor=MINOR, scopes=[face(content=content)])
        refused(world, "consent.granted", body, "never_allowed", by=ben)
        paper = recorded(child, studio, minor=MINOR, scopes=[face(content=content)])
        refused(world, "consent.recorded", paper, "never_allowed", by=studio)
    harmless = face(content={"depicts": ["violence"], "scene": []})
    world.act("consent.granted", consent(child, studio, minor=MINOR, scopes=[harmless]), by=ben)


def test_a_minor_ratifies_once_of_age_by_their_own_key(
    world: World, child: Actor, ben: Actor, studio: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.act("authority.granted", guardianship(child, ben), by=world.notary)
    ends = world.act("consent.granted", consent(child, studio, minor=MINOR), by=ben)
    waits = world.act(
        "consent.granted", consent(child, studio, minor=MINOR | {"at_majority": "to_be_ratified"}), by=ben
    )
    refused(world, "consent.ratified", {"grant": ends}, "nothing_to_ratify", by=child)
    refused(world, "consent.ratified", {"grant": waits}, "not_of_age", by=child)
    refused(world, "consent.ratified", {"grant": waits}, "own_key_needed", by=ben)
    monkeypatch.setattr("consent.kinds.consents.OF_AGE", 12)  # six years pass
    digest = world.act("consent.ratified", {"grant": waits}, by=child)
    assert Consent.objects.get(digest=waits).ratified == digest
    refused(world, "consent.ratified", {"grant": waits}, "already_ratified", by=child)


def accepted(world: World, performer: Actor, grantee: Actor, **fields: Json) -> str:
    digest = world.act("consent.granted", offer(performer, grantee, **fields), by=performer)
    world.act("grant.accepted", {"grant": digest}, by=grantee)
    return digest


def test_a_consent_for_breach_is_taken_back_with_cause_and_evidence(world: World, ada: Actor, studio: Actor) -> None:
    term = {"kind": "for_breach", "notice_hours": None}
    digest = accepted(world, ada, studio, revocation=term)
    refused(world, "consent.revoked", revoked(ada, digest), "breach_needed", by=ada)
    refused(world, "consent.revoked", revoked(ada, digest, cause="breach"), "missing_field", by=ada)
    breach = revoked(ada, digest, cause="breach", evidence_sha256="b" * 64)
    world.act("consent.revoked", breach, by=ada)
    assert Revocation.objects.get().cause == "breach"
    assert epoch("grant", digest) == 1


def test_a_consent_that_binds_for_its_term_is_not_taken_back_before(world: World, ada: Actor, studio: Actor) -> None:
    term = {"kind": "not_during_term", "notice_hours": None}
    digest = accepted(world, ada, studio, revocation=term)
    for cause in ({}, {"cause": "breach", "evidence_sha256": "b" * 64}):
        refused(world, "consent.revoked", revoked(ada, digest, **cause), "not_revocable", by=ada)
    loose = world.act("consent.granted", offer(ada, studio, revocation=term), by=ada)
    world.act("consent.revoked", revoked(ada, loose), by=ada)  # nobody has accepted it


@pytest.mark.parametrize("act", ["scan", "store", "train", "finetune"])
def test_a_scan_and_what_is_kept_or_learnt_of_it_are_always_taken_back(
    world: World, ada: Actor, studio: Actor, act: str
) -> None:
    term = {"kind": "not_during_term", "notice_hours": None}
    scopes = [face(acts=sorted(["condition", act]))]
    world.act("consent.revoked", revoked(ada, accepted(world, ada, studio, revocation=term, scopes=scopes)), by=ada)


def test_before_the_cooling_off_ends_everything_is_taken_back(world: World, ada: Actor, studio: Actor) -> None:
    term = {"kind": "not_during_term", "notice_hours": None}
    tomorrow, yesterday = (f"{datetime.now(UTC) + timedelta(days=d):%Y-%m-%dT00:00:00Z}" for d in (2, -2))
    still = accepted(world, ada, studio, revocation=term, cooling_off_until=tomorrow)
    world.act("consent.revoked", revoked(ada, still), by=ada)
    passed = accepted(world, ada, studio, revocation=term, cooling_off_until=yesterday)
    refused(world, "consent.revoked", revoked(ada, passed), "not_revocable", by=ada)


def test_only_ones_own_consents_are_taken_back(world: World, ada: Actor, ben: Actor, studio: Actor) -> None:
    digest = world.act("consent.granted", consent(ada, studio), by=ada)
    refused(world, "consent.revoked", revoked(ben, digest), "unknown_grant", by=ben)
    refused(world, "consent.revoked", revoked(ada, digest), "not_the_issuer", by=ben)
    refused(world, "consent.revoked", revoked(ada, grants=None, grantee=new_id()), "unknown_party", by=ada)


def test_a_grantee_disputes_a_withdrawal_for_breach_with_evidence(
    world: World, ada: Actor, ben: Actor, studio: Actor
) -> None:
    term = {"kind": "for_breach", "notice_hours": None}
    digest = accepted(world, ada, studio, revocation=term)
    breach = world.act("consent.revoked", revoked(ada, digest, cause="breach", evidence_sha256="b" * 64), by=ada)
    will = world.act(
        "consent.revoked", revoked(ada, world.act("consent.granted", consent(ada, studio), by=ada)), by=ada
    )
    body = {"revocation": breach, "grounds": "the scene was in the script", "evidence_sha256": "c" * 64}
    refused(world, "revocation.disputed", body, "not_the_issuer", by=ben)
    refused(world, "revocation.disputed", body | {"revocation": will}, "not_disputable", by=studio)
    refused(world, "revocation.disputed", body | {"revocation": "0" * 64}, "unknown_revocation", by=studio)
    bare = {name: value for name, value in body.items() if name != "evidence_sha256"}
    refused(world, "revocation.disputed", bare, "missing_field", by=studio)
    dispute = world.act("revocation.disputed", body, by=studio)
    row = Dispute.objects.get(digest=dispute)
    assert (row.kind, row.target, row.by, row.against) == ("revocation", breach, studio.id, ada.id)


def consents(world: World, by: Actor) -> dict[str, dict[str, Any]]:
    answer = Client().get("/api/v1/consents", headers={"Authorization": f"Bearer {world.token(by, 'read')}"})
    return {row["digest"]: row for row in answer.json()["results"]}


def test_what_became_of_a_consent_is_listed_for_both_sides(world: World, ada: Actor, ben: Actor, studio: Actor) -> None:
    open_offer = world.act("consent.granted", offer(ada, studio), by=ada)
    counter = world.act("consent.recorded", recorded(ada, studio, counters=open_offer), by=studio)
    bound = accepted(world, ada, studio, revocation={"kind": "for_breach", "notice_hours": None})
    breach = world.act("consent.revoked", revoked(ada, bound, cause="breach", evidence_sha256="b" * 64), by=ada)
    body = {"revocation": breach, "grounds": "it was in the script", "evidence_sha256": "c" * 64}
    dispute = world.act("revocation.disputed", body, by=studio)
    for side in (ada, studio):
        rows = consents(world, side)
        assert rows[open_offer]["countered"] == counter
        assert (rows[counter]["type"], rows[counter]["counters"]) == ("consent.recorded", open_offer)
        assert (rows[bound]["revoked"], rows[bound]["disputed"]) == (breach, dispute)
    assert consents(world, ben) == {}
    rebuilt()


def test_an_agent_who_may_view_sees_the_consents_of_the_person(world: World, ada: Actor, studio: Actor) -> None:
    agent = world.party("Bright Talent", kind="organisation")
    digest = world.act("consent.granted", consent(ada, studio), by=ada)
    appointed = authority(ada, agent, powers=["negotiate"])
    world.act("authority.granted", appointed, by=ada)
    assert consents(world, agent) == {}
    seen = authority(ada, agent, powers=["view"])
    world.act("authority.granted", seen, by=ada)
    assert set(consents(world, agent)) == {digest}
    world.act("authority.ended", {"authority": seen["authority"]}, by=agent)
    assert consents(world, agent) == {}


def test_the_text_of_a_withdrawal_names_the_two_in_both_languages(world: World, ada: Actor, studio: Actor) -> None:
    digest = world.act("consent.granted", consent(ada, studio), by=ada)
    for language in ("en", "fr"):
        text = world.signed("consent.revoked", revoked(ada, digest), by=ada, language=language)["text"]
        assert f"Ada Marsh ({ada.id}) → Northlight ({studio.id}) ({digest})" in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_term_of_a_consent_is_said(world: World, ada: Actor, studio: Actor, language: str) -> None:
    """Two consents that differ in one term differ in their text."""
    project = world.project(studio)
    plain = offer(ada, studio)
    approval = {"by": "performer", "on": "result", "acts": ["distribute"], "hours": None, "on_silence": "refused"}
    changes: list[dict[str, Json]] = [
        {"role": None}, {"scenes": ["12", "13"]}, {"dialogue": {"kind": "any", "script_sha256": None}},
        {"replica_use": ["background"]}, {"replaces_in_person_work": True}, {"represented": True},
        {"basis": "consent"}, {"revocation": {"kind": "on_notice", "notice_hours": 48}},
        {"revocation": {"kind": "on_notice", "notice_hours": 49}},
        {"revocation": {"kind": "for_breach", "notice_hours": None}},
        {"revocation": {"kind": "not_during_term", "notice_hours": None}},
        {"approvals": [approval]}, {"approvals": [approval | {"on": "spec"}]},
        {"approvals": [approval | {"by": studio.id}]}, {"approvals": [approval | {"by": "estate"}]},
        {"approvals": [approval | {"hours": 5}]}, {"approvals": [approval | {"hours": 5, "on_silence": "approved"}]},
        {"approvals": [approval | {"acts": ["condition"]}]},
        {"caps": {"shots": 3}}, {"caps": {"seconds": 3}}, {"caps": {"draft_takes": 3}},
        {"caps": {"training_epochs": 3}}, {"survives_death": True}, {"tail": {"condition": "keep"}},
        {"tail": {"distribute": "keep"}}, {"tail": {"condition": "finish"}}, {"minor": MINOR},
        {"minor": MINOR | {"guardians": "all"}}, {"minor": MINOR | {"court_order_sha256": "a" * 64}},
        {"minor": MINOR | {"at_majority": "continues"}}, {"minor": MINOR | {"at_majority": "to_be_ratified"}},
        {"strike": "continues"}, {"assignable": True}, {"future_projects": [project]},
        {"retention_until": "2031-01-01T00:00:00Z"}, {"cooling_off_until": "2031-01-01T00:00:00Z"},
        {"supersedes": ["a" * 64]}, {"answers": "b" * 64}, {"description": "Mara runs"},
        {"scopes": [face(territories=["FR"])]},
    ]  # fmt: skip
    texts = [
        world.signed("consent.granted", plain | change, by=ada, language=language)["text"] for change in [{}, *changes]
    ]
    assert len(set(texts)) == len(texts)
