"""What would this text allow? Drafts are decided on as if they had been signed, and as they are once they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.core.jcs import Json
from tests.studio import Studio
from tests.supposed import Draft, claim, codes_of, consent, draft, licence, policy, restriction, revocation, suspension
from tests.world import licence_body, new_id, scope

pytestmark = pytest.mark.django_db

Make = Callable[[Studio], Draft]


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


def ask(studio: Studio, *drafts: Draft, requests: Any = None, **fields: Any) -> dict[str, Any]:
    """Ask about one usual request, or about these, on drafts."""
    body = {"requests": requests or [studio.request()], "suppose": list(drafts)} | fields
    answer = studio.post("/clearances/check", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def codes(studio: Studio, *drafts: Draft, **fields: Any) -> set[str]:
    (decision,) = ask(studio, *drafts, **fields)["decisions"]
    assert decision["cleared"] == (not decision["obstacles"])
    return codes_of(decision)


def real(studio: Studio, one: Draft) -> None:
    """Sign what was supposed."""
    actors = [studio.producer, studio.archive, studio.ada]
    (by,) = (actor for actor in actors if actor.id == one["issuer"])
    studio.world.act(one["type"], one["body"], by=by)
    studio.world.publish()


MAKES: dict[str, tuple[Make, set[str]]] = {
    "a consent for other media": (lambda s: consent(s, scopes=[scope(media=["xr"], aspects=["face"])]), set()),
    "a licence": (licence, set()),
    "a revocation": (revocation, {"revoked"}),
    "a restriction": (restriction, {"restricted"}),
    "a restriction elsewhere": (lambda s: restriction(s, territories=["JP"]), set()),
    "a suspension": (suspension, {"suspended"}),
    "a claim to what somebody has": (claim, {"title_disputed"}),
    "a policy": (policy, set()),
}


@pytest.mark.parametrize("name", MAKES)
def test_a_draft_does_what_it_will_do_once_it_is_signed(studio: Studio, name: str) -> None:
    make, expected = MAKES[name]
    one = make(studio)
    assert codes(studio) == set()
    assert codes(studio, one) == expected
    real(studio, one)
    assert codes(studio) == expected


def test_a_consent_that_is_supposed_clears_and_is_named_as_supposed(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)
    assert codes(studio) == {"no_grant"}
    answer = ask(studio, consent(studio))
    (told,), (decision,) = answer["supposed"], answer["decisions"]
    assert decision["cleared"]
    assert told["read"]
    supposed = {ground["digest"] for ground in decision["grounds"] if ground["supposed"]}
    assert supposed == {told["digest"]}
    assert len(decision["grounds"]) > 1


def test_a_consent_that_falls_short_says_where(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)
    box = scope(aspects=["body", "face", "name", "performance"], acts=["condition", "distribute"], territories=["JP"])
    answer = ask(studio, consent(studio, scopes=[box]))
    (decision,) = answer["decisions"]
    assert codes_of(decision) == {"territory_not_covered"}
    assert {obstacle["nearest"] for obstacle in decision["obstacles"]} == {answer["supposed"][0]["digest"]}


def test_an_offer_is_supposed_to_be_accepted_while_a_signed_one_waits(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)
    offer = consent(studio, basis="contract")
    assert codes(studio, offer) == set()
    real(studio, offer)
    assert codes(studio) == {"no_grant"}


def test_an_offer_that_was_signed_is_accepted_by_a_draft(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)
    digest = studio.grant(basis="contract")
    acceptance = draft("grant.accepted", studio.producer.id, {"grant": digest})
    assert codes(studio, acceptance) == set()
    assert codes(studio, acceptance | {"issuer": studio.archive.id}) == {"no_grant"}


def test_several_drafts_count_together(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)
    lands = [
        consent(studio, scopes=[scope(aspects=["body", "face"], acts=["condition", "distribute"], territories=[land])])
        for land in ("FR", "BE")
    ]
    requests = [studio.request(use=studio.use(territories=["BE", "FR"]))]
    assert codes(studio, *lands, requests=requests) == set()
    assert codes(studio, lands[0], requests=requests) == {"territory_not_covered"}


def test_a_cap_of_a_draft_was_never_drawn_on(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)
    assert codes(studio, consent(studio, caps={"shots": 1})) == set()
    assert codes(studio, consent(studio, caps={"seconds": 1})) <= {"cap_exhausted"}


def test_earlier_and_later_terms_of_an_amendment_hold_at_their_time(studio: Studio) -> None:
    first = studio.world.licence(studio.archive, studio.producer, studio.portrait, studio.ridge)
    terms = licence_body(studio.archive, studio.producer, studio.portrait, studio.ridge)
    narrow: Any = terms | {"scopes": [scope(media=["free_tv"])]}
    del narrow["document_sha256"], narrow["signed_on"]
    body: dict[str, Json] = {
        "licence": first,
        "effective_from": "2028-01-01T00:00:00Z",
        "terms": narrow,
        "document_sha256": None,
    }
    others = [ground for ground in studio.get("/licences").json()["results"] if ground["digest"] != first]
    for other in others:
        studio.world.act("licence.terminated", {"licence": other["digest"], "sell_off_until": None}, by=studio.archive)
    studio.world.publish()
    late = [studio.request(use=studio.use(window=["2028-06-01T00:00:00Z", "2028-07-01T00:00:00Z"]))]
    one = draft("licence.amended", studio.archive.id, body)
    assert codes(studio, requests=late) == set()
    assert "media_not_covered" in codes(studio, one, requests=late)
    before = studio.use(window=["2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"])
    assert codes(studio, one, requests=[studio.request(use=before)]) == set()
    assert "media_not_covered" in codes(studio, one, requests=[studio.request(use=before)], at="2028-02-01T00:00:00Z")
    real(studio, one)
    assert "media_not_covered" in codes(studio, requests=late)
    assert codes(studio, requests=[studio.request(use=before)], at="2027-03-01T00:00:00Z") == set()


def test_a_notice_runs_from_when_the_draft_is_issued(studio: Studio) -> None:
    studio.revoke()
    studio.consent = studio.grant(basis="contract", revocation={"kind": "on_notice", "notice_hours": 48})
    studio.world.act("grant.accepted", {"grant": studio.consent}, by=studio.producer)
    studio.world.publish()
    (at, later) = ("2026-12-10T00:00:00Z", "2026-12-20T00:00:00Z")
    notice = revocation(studio) | {"issued_at": at}
    assert codes(studio, notice, at=at) == set()
    assert codes(studio, notice, at=later) == {"revoked"}


def test_what_is_committed_comes_before_the_drafts(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)
    digest = studio.grant()
    assert codes(studio) == {"not_yet_logged"}
    one = consent(studio, scopes=[scope(aspects=["face"], media=["xr"])])
    answer = ask(studio, one)
    (decision,) = answer["decisions"]
    assert decision["cleared"]
    assert {ground["digest"]: ground["supposed"] for ground in decision["grounds"]}[digest] is False


def test_a_promise_to_somebody_else_is_met_where_it_would_refuse(studio: Studio) -> None:
    rival = studio.world.party("Elsewhere", kind="organisation")
    one = draft(
        "licence.granted",
        studio.archive.id,
        licence_body(studio.archive, rival, studio.ridge) | {"exclusivity": "exclusive"},
    )
    own = studio.empty_request(**{"for": studio.archive.id})
    secret = studio.world.token(studio.archive, "produce", "rights", "read")

    def told(drafts: list[Draft]) -> set[str]:
        answer = studio.post("/clearances/check", {"requests": [own], "suppose": drafts}, secret=secret)
        return codes_of(answer.json()["decisions"][0])

    assert told([]) == set()
    assert told([one]) == {"exclusive_to_other"}


def test_a_vendor_acts_under_an_authority_that_is_supposed(studio: Studio) -> None:
    vendor = studio.world.party("Vendor", kind="organisation")
    body: dict[str, Json] = {
        "authority": new_id(),
        "principal": studio.producer.id,
        "agents": [vendor.id],
        "required": 1,
        "role": "vendor",
        "powers": ["view"],
        "acts": ["condition", "distribute"],
        "window": ["2026-01-01T00:00:00Z", None],
        "evidence_sha256": None,
    }
    one = draft("authority.granted", studio.producer.id, body)
    requests = [studio.request(**{"for": vendor.id})]
    (decision,) = ask(studio, one, requests=requests)["decisions"]
    assert decision["cleared"]
    (refused,) = ask(studio, consent(studio), requests=requests)["decisions"]
    assert not refused["cleared"]


def test_many_requests_are_decided_in_order_and_as_one_by_one(studio: Studio) -> None:
    requests = [
        studio.request(),
        studio.request(use=studio.use(scene=["hate"])),
        studio.empty_request(),
        studio.request(prompt="Ada Marsh walks at dusk"),
    ]
    alone = [studio.post("/clearances/check", one).json() for one in requests]
    together = ask(studio, requests=requests)["decisions"]
    assert {one["cleared"] for one in alone} == {True, False}
    for one, other in zip(alone, together, strict=True):
        assert codes_of(one) == codes_of(other)
        assert one["grounds"] == [{"digest": g["digest"], "assurance": g["assurance"]} for g in other["grounds"]]


def test_many_requests_take_as_many_queries_as_two_refused_or_not(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)

    def queries(number: int, *drafts: Draft) -> int:
        with CaptureQueriesContext(connection) as captured:
            ask(studio, *drafts, requests=[studio.request() for _ in range(number)])
        return len(captured.captured_queries)

    assert queries(2) == queries(10)
    assert queries(2, consent(studio)) == queries(10, consent(studio))
