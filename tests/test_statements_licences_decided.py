"""What is said of licences and titles at the door reaches the next decision, and means the same there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from consent.selectors.closure import EVERY_USE, Seeds, closure_of, survey
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second
from registry.locks import Head, clock
from registry.threads import Ref
from tests.refusals import rebuilt, refused
from tests.studio import Studio
from tests.terms import authority
from tests.world import Actor, File, licence_body, scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


@pytest.fixture
def plate(studio: Studio) -> File:
    """A file of the archive's that is licensed to nobody."""
    made = studio.world.asset(studio.archive, title="The plate")
    studio.world.title(studio.archive, made)
    studio.world.publish()
    return made


@pytest.fixture
def rival(studio: Studio) -> Actor:
    return studio.world.party("Rival", kind="organisation")


def codes(studio: Studio, asset: File, **use: Any) -> set[str]:
    """Check a shot that begins with a picture, and return the codes of what is in its way."""
    body = studio.empty_request(references=[{"asset": asset.id, "role": "first_frame"}])
    body["use"] |= use
    answer = studio.post("/clearances/check", body)
    assert answer.status_code == 200, answer.content
    return {obstacle["code"] for obstacle in answer.json()["obstacles"]}


def now(**later: int) -> str:
    return format_time(whole_second(clock() + timedelta(**later)))


def terms(body: dict[str, Json], **fields: Json) -> dict[str, Json]:
    return {name: value for name, value in (body | fields).items() if name not in ("document_sha256", "signed_on")}


def amended(licence: str, body: dict[str, Json], **fields: Json) -> dict[str, Json]:
    return {"licence": licence, "effective_from": now(), "terms": terms(body, **fields), "document_sha256": None}


def agent(studio: Studio, principal: Actor, *powers: str) -> Actor:
    made = studio.world.party("Bright Rights", kind="organisation")
    given = authority(principal, made, powers=sorted(powers), acts=["alter", "condition", "distribute", "train"])
    studio.world.act("authority.granted", given, by=principal)
    studio.world.publish()
    return made


def shot_of(studio: Studio, *refs: Ref) -> Seeds:
    """Return where a decision on a shot of the usual project begins."""
    named = {Ref("party", studio.producer.id), Ref("project", studio.project), *refs}
    return Seeds(refs=frozenset(named), requester=studio.producer.id, uses=EVERY_USE)


def met(studio: Studio, asset: File) -> frozenset[Ref]:
    """Return what a decision about a file for the studio meets."""
    refs = {Ref("asset", asset.id), Ref("grantee", studio.producer.id)}
    return closure_of(Seeds(refs=frozenset(refs), requester=studio.producer.id, uses=EVERY_USE)).refs


def locked(studio: Studio) -> frozenset[Head]:
    """Return what a decision locks that asks for Ada."""
    return survey(shot_of(studio).beside(persons=[studio.ada.id]), "").heads


def film(studio: Studio, by: Actor, named: str) -> tuple[str, str]:
    """Register what windows may follow, a work or a project that no shot here is of."""
    return named, studio.world.work(by) if named == "work" else studio.world.project(by)


def changed_hands(studio: Studio, party: Actor, on: str) -> None:
    said = {"event": "change_of_control", "party": party.id, "territory": None, "on": on, "utc_offset": 0}
    studio.world.act("event.recorded", said, by=party)
    studio.world.publish()


def test_what_an_amendment_adds_is_licensed(studio: Studio, plate: File) -> None:
    studio.world.licence(studio.archive, studio.producer, plate, scopes=[scope(media=["fast"])])
    body = licence_body(studio.archive, studio.producer, studio.ridge)
    licence = studio.world.act("licence.granted", body, by=studio.archive)
    studio.world.publish()
    assert codes(studio, plate) == {"media_not_covered"}
    both = licence_body(studio.archive, studio.producer, *sorted([studio.ridge, plate], key=lambda file: file.id))
    studio.world.act("licence.amended", amended(licence, both), by=studio.archive)
    studio.world.publish()
    assert codes(studio, plate) == set()


def test_an_amendment_without_new_assets_looks_back_from_the_licence_itself(studio: Studio, rival: Actor) -> None:
    work = studio.world.work(studio.archive)
    subjects = {"subjects": [{"kind": "work", "id": work}]}
    body = licence_body(studio.archive, studio.producer) | subjects
    licence = studio.world.act("licence.granted", body, by=studio.archive)
    late = studio.world.asset(studio.archive, work=work)
    studio.world.title(studio.archive, late)
    signed = studio.world.signed("licence.amended", amended(licence, body, exclusivity="exclusive"), by=studio.archive)
    assert "held when the licence was first given" in signed["text"]
    studio.world.submit(signed)
    studio.world.publish()
    assert codes(studio, late) == {"no_grant"}
    studio.world.licence(studio.archive, rival, late, exclusivity="exclusive")  # which nobody was promised


def test_an_amendment_by_who_may_grant_for_the_licensor_counts(studio: Studio, plate: File) -> None:
    made = agent(studio, studio.archive, "grant")
    body = licence_body(studio.archive, studio.producer, plate) | {"scopes": [scope(media=["fast"])]}
    licence = studio.world.act("licence.granted", body, by=studio.archive)
    studio.world.publish()
    assert codes(studio, plate) == {"media_not_covered"}
    studio.world.act("licence.amended", amended(licence, body, scopes=[scope()]), by=made)
    studio.world.publish()
    assert codes(studio, plate) == set()


def test_a_denial_by_who_may_grant_for_the_licensor_counts(studio: Studio, plate: File) -> None:
    made = agent(studio, studio.archive, "grant")
    paper = {"document_sha256": "a" * 64, "signed_on": "2026-01-01"}
    body = licence_body(studio.archive, studio.producer, plate) | paper
    licence = studio.world.act("licence.recorded", body, by=studio.producer)
    studio.world.publish()
    assert codes(studio, plate) == set()
    studio.world.act("licence.denied", {"licence": licence}, by=made)
    assert codes(studio, plate) == {"revoked"}


@pytest.mark.parametrize("named", ["work", "project"])
def test_whoever_registered_what_a_window_follows_opens_it(
    studio: Studio, plate: File, rival: Actor, named: str
) -> None:
    kind, id_ = film(studio, rival, named)
    event = {"event": "premiere", kind: id_, "territory": "FR"}
    studio.world.licence(studio.archive, studio.producer, plate, scopes=[scope(window=[event | {"plus": "P0D"}, None])])
    studio.world.publish()
    assert codes(studio, plate) == {"not_started"}
    studio.world.act("event.recorded", event | {"on": "2026-01-01", "utc_offset": 0}, by=rival)
    studio.world.publish()
    assert codes(studio, plate) == set()


@pytest.mark.parametrize("named", ["work", "project", "party"])
def test_a_decision_locks_what_a_consent_it_rests_on_follows(studio: Studio, rival: Actor, named: str) -> None:
    kind, id_ = ("organisation", rival.id) if named == "party" else film(studio, rival, named)
    event = "change_of_control" if named == "party" else "premiere"
    window = ["2026-01-01T00:00:00Z", {"event": event, named: id_, "territory": None, "plus": "P2Y"}]
    assert Head(kind, id_) not in locked(studio)
    studio.grant(scopes=[scope(aspects=["body", "face"], acts=["condition", "distribute"], window=window)])
    assert Head(kind, id_) in locked(studio)


def test_who_may_answer_for_a_party_that_a_licence_asks_is_read(studio: Studio, plate: File, rival: Actor) -> None:
    given = authority(rival, studio.world.party("Bert Quill"), powers=["approve"])
    approval = studio.world.act("authority.granted", given, by=rival)
    term = {"by": rival.id, "on": "spec", "acts": ["condition"], "hours": None, "on_silence": "refused"}
    studio.world.licence(studio.archive, studio.producer, plate, approvals=[term])
    asked = shot_of(studio, Ref("asset", plate.id))
    assert approval in closure_of(asked).opened


def test_a_licence_passes_on_where_the_terms_of_that_day_say_so(studio: Studio, plate: File, rival: Actor) -> None:
    body = licence_body(studio.archive, rival, plate)
    licence = studio.world.act("licence.granted", body, by=studio.archive)
    day = now(days=30)
    later = amended(licence, body, assignable=True) | {"effective_from": day}
    studio.world.act("licence.amended", later, by=studio.archive)
    passed = {"grant": licence, "to": studio.producer.id, "effective_from": day, "document_sha256": None}
    studio.world.act("grant.assigned", passed, by=rival)
    studio.world.publish()
    assert codes(studio, plate) == {"not_started"}


def test_who_was_sublicensed_before_a_licence_passed_on_keeps_what_they_were_given(
    studio: Studio, plate: File, rival: Actor
) -> None:
    above = studio.world.licence(studio.archive, rival, plate, sublicensable=True, assignable=True)
    studio.world.licence(rival, studio.producer, plate, parent=above)
    heir = studio.world.party("Heir", kind="organisation")
    passed = {"grant": above, "to": heir.id, "effective_from": now(), "document_sha256": None}
    studio.world.act("grant.assigned", passed, by=rival)
    studio.world.publish()
    assert codes(studio, plate) == set()


@pytest.mark.parametrize(("right", "acts"), [("picture", "condition"), ("master", "condition"), ("picture", "train")])
def test_what_a_holder_promised_before_its_title_passed_on_binds_the_next_at_the_door_too(
    studio: Studio, rival: Actor, right: str, acts: str
) -> None:
    made = studio.world.asset(studio.archive, title="The plate")
    claims = {named: studio.world.title(studio.archive, made, right=named) for named in ("picture", "master")}
    heir = studio.world.party("Heir", kind="organisation")
    promised = {"exclusivity": "exclusive", "scopes": [scope(acts=[acts], aspects=["picture"])]}
    studio.world.licence(studio.archive, rival, made, **promised)
    passed = {"grant": claims[right], "to": heir.id, "effective_from": now(), "document_sha256": None}
    studio.world.act("grant.assigned", passed, by=studio.archive)
    body = licence_body(heir, studio.producer, made) | {"scopes": [scope(acts=["condition"], aspects=["picture"])]}
    if (right, acts) == ("picture", "condition"):
        error = refused(studio.world, "licence.granted", body, "exclusive_conflict", by=heir)
        (deal,) = cast(Any, error.extra()["deals"])
        assert deal["licence"] is None  # whose it is, is no business of the heir's
        studio.world.act("licence.granted", body | {"licensee": rival.id}, by=heir)
    else:
        studio.world.act("licence.granted", body, by=heir)
        studio.world.publish()
        assert "exclusive_to_other" not in codes(studio, made)


def test_what_a_holder_promises_after_its_title_passed_on_binds_nobody_at_the_door(
    studio: Studio, plate: File, rival: Actor
) -> None:
    heir = studio.world.party("Heir", kind="organisation")
    claim = studio.world.title(studio.archive, made := studio.world.asset(studio.archive, title="Another"))
    early = licence_body(studio.archive, rival, made)
    licence = studio.world.act("licence.granted", early, by=studio.archive)
    passed = {"grant": claim, "to": heir.id, "effective_from": now(), "document_sha256": None}
    studio.world.act("grant.assigned", passed, by=studio.archive)
    more = amended(licence, early, exclusivity="exclusive")
    studio.world.act("licence.amended", more, by=studio.archive)
    studio.world.licence(studio.archive, rival, made, exclusivity="exclusive")
    studio.world.licence(heir, studio.producer, made)
    studio.world.publish()
    assert codes(studio, made) == set()


def test_a_change_of_control_sets_others_free_at_the_door_too(studio: Studio, plate: File, rival: Actor) -> None:
    studio.world.licence(studio.archive, rival, plate, exclusivity="exclusive")
    body = licence_body(studio.archive, studio.producer, plate)
    changed_hands(studio, rival, "2026-01-01")  # before it held the licence
    refused(studio.world, "licence.granted", body, "exclusive_conflict", by=studio.archive)
    changed_hands(studio, rival, f"{clock() + timedelta(days=1):%Y-%m-%d}")
    refused(studio.world, "licence.granted", body, "exclusive_conflict", by=studio.archive)  # today is still promised
    tomorrow = body | {"scopes": [scope(window=[now(days=1), None])]}
    studio.world.act("licence.granted", tomorrow, by=studio.archive)
    studio.world.publish()
    assert codes(studio, plate) == {"not_started"}


@pytest.mark.parametrize("end", ["terminated", "opened to others", "of less"])
def test_others_are_free_of_an_exclusive_licence_once_its_end_is_published(
    studio: Studio, plate: File, rival: Actor, end: str
) -> None:
    body = licence_body(studio.archive, rival, plate) | {"exclusivity": "exclusive"}
    promised = studio.world.act("licence.granted", body, by=studio.archive)
    studio.world.publish()
    ends: dict[str, tuple[str, dict[str, Json]]] = {
        "terminated": ("licence.terminated", {"licence": promised, "sell_off_until": None}),
        "opened to others": ("licence.amended", amended(promised, body, exclusivity="none")),
        "of less": ("licence.amended", amended(promised, body, scopes=[scope(acts=["store"])])),
    }
    paper = licence_body(studio.archive, studio.producer, plate) | {"signed_on": "2026-01-02"}
    recorded = paper | {"document_sha256": studio.world.paper(studio.producer)}
    studio.world.act("licence.recorded", recorded, by=studio.producer)
    studio.world.publish()
    assert codes(studio, plate) == {"exclusive_to_other"}
    type_, said = ends[end]
    studio.world.act(type_, said, by=studio.archive)
    assert codes(studio, plate) == {"exclusive_to_other"}
    studio.world.publish()
    assert codes(studio, plate) == set()
    assert (Ref("grant", promised) in met(studio, plate)) == (type_ != "licence.terminated")  # it is in no more papers
    rebuilt()


def test_the_holder_is_free_of_a_sublicence_of_its_own_once_the_end_of_its_parent_is_published(
    studio: Studio, plate: File, rival: Actor
) -> None:
    above = studio.world.licence(studio.archive, studio.producer, plate, sublicensable=True)
    studio.world.licence(studio.archive, studio.producer, plate)
    studio.world.licence(studio.producer, rival, plate, parent=above, exclusivity="exclusive")
    studio.world.publish()
    before = codes(studio, plate)
    studio.world.act("licence.terminated", {"licence": above, "sell_off_until": None}, by=studio.archive)
    assert codes(studio, plate) == before
    studio.world.publish()
    assert codes(studio, plate) == set()
    rebuilt()


def test_a_change_of_control_before_a_licence_was_given_does_not_end_it(studio: Studio, plate: File) -> None:
    changed_hands(studio, studio.producer, "2026-01-01")
    studio.world.licence(studio.archive, studio.producer, plate)
    studio.world.publish()
    assert codes(studio, plate) == set()


def test_a_stranger_frees_nobody_by_talking_of_a_change_of_control(studio: Studio, plate: File, rival: Actor) -> None:
    studio.world.licence(studio.archive, rival, plate, exclusivity="exclusive")
    tomorrow = f"{clock() + timedelta(days=1):%Y-%m-%d}"
    said = {"event": "change_of_control", "party": rival.id, "territory": None, "on": tomorrow, "utc_offset": 0}
    later = licence_body(studio.archive, studio.producer, plate) | {"scopes": [scope(window=[now(days=2), None])]}
    studio.world.act("event.recorded", said, by=studio.producer)
    refused(studio.world, "licence.granted", later, "exclusive_conflict", by=studio.archive)
    studio.world.act("event.recorded", said, by=studio.archive)
    studio.world.act("licence.granted", later, by=studio.archive)


def test_nobody_s_agent_ends_a_dispute_for_them(studio: Studio, plate: File, rival: Actor) -> None:
    made = agent(studio, rival, "grant", "revoke")
    claim = studio.world.title(studio.archive, plate, right="artwork")
    studio.world.title(rival, plate, right="artwork")
    paper = studio.world.paper(rival)
    dispute = {"claim": claim, "grounds": "it was assigned to us", "evidence_sha256": paper}
    disputed = studio.world.act("title.disputed", dispute, by=rival)
    over = {"dispute": disputed, "outcome": "withdrawn", "document_sha256": None}
    refused(studio.world, "title.resolved", over, "not_the_issuer", by=made)
    studio.world.act("title.resolved", over, by=rival)
