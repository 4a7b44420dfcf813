"""Who may ask what a text would allow, of what they are told, and that nothing comes of it."""

import inspect
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from consent.services import clear, deliberation, simulation
from generation.models import Shot
from registry.models import Notice, StatementRow, Thread
from tests.studio import Studio
from tests.supposed import Draft, codes_of, consent, draft, licence, revocation
from tests.world import licence_body, new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


def post(studio: Studio, *drafts: Draft, secret: str | None = None, requests: Any = None, **fields: Any) -> Any:
    body = {"requests": requests or [studio.request()], "suppose": list(drafts)} | fields
    return studio.post("/clearances/check", body, secret=secret)


def authority(principal: str, agent: str) -> Draft:
    body: dict[str, Any] = {
        "authority": new_id(),
        "principal": principal,
        "agents": [agent],
        "required": 1,
        "role": "vendor",
        "powers": ["view"],
        "acts": ["condition", "distribute"],
        "window": ["2026-01-01T00:00:00Z", None],
        "evidence_sha256": None,
    }
    return draft("authority.granted", principal, body)


def test_supposed_never_clears(studio: Studio) -> None:
    """INVARIANT (supposed-never-clears)."""
    counted = (StatementRow.objects.count(), Thread.objects.count(), Notice.objects.count())
    assert post(studio, consent(studio)).json()["decisions"][0]["cleared"]
    assert studio.ask().status_code == 403
    assert (StatementRow.objects.count(), Thread.objects.count(), Notice.objects.count()) == counted
    assert Shot.objects.filter(clearance__isnull=False).count() == 0
    studio.grant()
    studio.world.publish()
    assert studio.ask().status_code == 201


def test_whatever_clears_takes_no_drafts() -> None:
    for function in (clear, deliberation.deliberate, deliberation.preflight):
        assert not {"supposed", "drafts", "at"} & {*inspect.signature(function).parameters}
    assert simulation.__name__ not in inspect.getsource(deliberation)
    assert "suppose" not in inspect.getsource(deliberation)


def test_a_simulation_locks_nothing(studio: Studio) -> None:
    with connection.execute_wrapper(_no_lock):
        assert post(studio, consent(studio), licence(studio)).status_code == 200


def _no_lock(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert not any(lock in sql for lock in ("FOR SHARE", "FOR UPDATE", "advisory"))
    assert not sql.startswith(("INSERT", "UPDATE", "DELETE"))
    return execute(sql, params, many, context)


def test_a_performer_asks_about_what_names_them(studio: Studio) -> None:
    ada = studio.world.token(studio.ada, "sign")
    (decision,) = post(studio, consent(studio), secret=ada).json()["decisions"]
    assert decision["cleared"]
    nobody = post(studio, requests=[studio.empty_request()], secret=ada)
    assert (nobody.status_code, nobody.json()["code"]) == (403, "foreign_token")


def test_a_stranger_to_request_and_draft_is_refused(studio: Studio) -> None:
    rob = studio.world.token(studio.reviewer, "sign", "produce")
    assert post(studio, consent(studio), secret=rob).json()["code"] == "foreign_token"
    assert post(studio, secret=rob).json()["code"] == "foreign_token"
    archive = studio.world.token(studio.archive, "rights")
    assert post(studio, secret=archive).json()["code"] == "foreign_token"
    mixed = post(studio, licence(studio), consent(studio), secret=archive)
    assert mixed.json()["code"] == "foreign_token"


def test_a_party_to_every_draft_is_told_what_concerns_them_alone(studio: Studio) -> None:
    archive = studio.world.token(studio.archive, "rights")
    whole = post(studio, licence(studio)).json()["decisions"][0]
    part = post(studio, licence(studio), secret=archive).json()["decisions"][0]
    assert codes_of(whole) == {"no_grant"}
    assert (whole["withheld"], part["withheld"], part["obstacles"]) == (0, len(whole["obstacles"]), [])
    others = [ground for ground in whole["grounds"] if not ground["supposed"]]
    assert others
    assert all(ground["supposed"] for ground in part["grounds"])  # whether it comes first of two equal ones is chance
    assert not part["cleared"]


def test_a_party_to_every_draft_needs_a_token_to_sign(studio: Studio) -> None:
    reader = studio.world.token(studio.archive, "read")
    assert post(studio, licence(studio), secret=reader).status_code == 403


def test_nobody_supposes_somebody_elses_authority(studio: Studio) -> None:
    rival = studio.world.party("Elsewhere", kind="organisation")
    refused = post(studio, authority(rival.id, studio.producer.id))
    assert (refused.status_code, refused.json()["code"]) == (403, "foreign_draft")
    assert refused.json()["field"] == "suppose[0]"
    assert post(studio, authority(studio.producer.id, rival.id)).status_code == 200


BAD: dict[str, dict[str, Any]] = {
    "unknown type": {"type": "consent.imagined"},
    "a record of the registry": {"type": "shot.closed"},
    "no body": {"body": []},
    "a field too many": {"body": {"performer": "x", "more": 1}},
    "no issuer": {"issuer": "somebody"},
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_draft_is_refused_as_where_it_would_be_drafted(studio: Studio, name: str) -> None:
    one = consent(studio) | BAD[name]
    supposed = post(studio, consent(studio), one)
    drafted = studio.post("/statements/draft", one | {"language": "en"})
    assert 400 <= drafted.status_code < 500
    assert (supposed.status_code, supposed.json()["code"]) == (drafted.status_code, drafted.json()["code"])
    assert supposed.json()["field"].startswith("suppose[1]")
    assert post(studio, consent(studio), consent(studio)).status_code == 200


def test_a_bad_request_says_which(studio: Studio) -> None:
    wrong = studio.request(use=studio.use(media=["smoke"]))
    refused = post(studio, requests=[studio.request(), wrong])
    assert refused.status_code == 422
    assert refused.json()["field"].startswith("requests[1].use.media")
    lost = studio.request(references=[{"asset": new_id(), "role": "style"}])
    unknown = post(studio, requests=[studio.request(), lost])
    assert unknown.json()["field"] == "requests[1].references[0].asset"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"requests": []}, "requests"),
        ({"requests": [{}] * 1_001}, "requests"),
        ({"suppose": [{}] * 21}, "suppose"),
        ({"at": "soon"}, "at"),
        ({"then": None}, "then"),
    ],
    ids=["none", "too many", "too many drafts", "no time", "unknown field"],
)
def test_what_is_asked_is_closed_and_bounded(studio: Studio, fields: dict[str, Any], field: str) -> None:
    refused = studio.post("/clearances/check", {"requests": [studio.request()]} | fields)
    assert 400 <= refused.status_code < 500
    assert refused.json()["field"] == field
    assert studio.post("/clearances/check", {"requests": [studio.request()], "at": None}).status_code == 200


def test_a_draft_that_nothing_leads_to_is_not_read(studio: Studio) -> None:
    rival = studio.world.party("Elsewhere", kind="organisation")
    other = studio.world.asset(studio.archive)
    apart = draft("licence.granted", studio.archive.id, dict(licence_body(studio.archive, rival, other)))
    answer = post(studio, apart, consent(studio)).json()
    assert [one["read"] for one in answer["supposed"]] == [False, True]


def test_who_may_not_say_a_thing_has_not_said_it_here_either(studio: Studio) -> None:
    assert codes_of(post(studio, consent(studio)).json()["decisions"][0]) == set()
    forged = consent(studio) | {"issuer": studio.producer.id}
    assert codes_of(post(studio, forged).json()["decisions"][0]) == {"unauthorised_signer"}


def test_papers_of_a_draft_are_no_papers(studio: Studio) -> None:
    gone = revocation(studio) | {"body": {"performer": studio.ada.id, "grants": ["0" * 64], "grantee": None}}
    first, second = (post(studio, gone, consent(studio)).json() for _ in range(2))
    assert first["supposed"][1]["digest"] != second["supposed"][1]["digest"]  # nothing was kept to be named again
    assert first["decisions"][0]["facts_digest"] != second["decisions"][0]["facts_digest"]


def test_the_schema_tells_of_both_forms(studio: Studio) -> None:
    schema = Client().get("/api/v1/schema?format=json", headers=studio.headers()).json()
    call = schema["paths"]["/api/v1/clearances/check"]["post"]
    one, many = call["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert "shot_code" in one["properties"]
    assert {*many["properties"]} == {"requests", "suppose", "at"}
    assert "consent.granted" in many["properties"]["suppose"]["items"]["properties"]["type"]["enum"]
    assert "shot.closed" not in many["properties"]["suppose"]["items"]["properties"]["type"]["enum"]
