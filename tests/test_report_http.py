"""The clearance report over HTTP: what is known of a cut, and who is in the way of a sale."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from uuid6 import uuid7

from generation.services.withdrawing import look_after
from registry.core.times import format_time, parse_time, whole_second
from registry.locks import clock
from tests.studio import Studio, consent_body, post
from tests.terms import authority
from tests.world import scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    """Ada consents to streaming in France and Belgium until the end of 2029."""
    studio = Studio.open(tmp_path, settings, consent=False)
    box = scope(
        aspects=["body", "face", "name", "performance"],
        acts=["condition", "distribute"],
        media=["avod", "svod"],
        territories=["BE", "FR"],
        window=["2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
    )
    studio.consent = studio.grant(scopes=[box])
    studio.world.publish()
    return studio


def now_use(studio: Studio, **fields: Any) -> dict[str, Any]:
    start = whole_second(clock()) - timedelta(days=1)
    window = [format_time(start), format_time(start + timedelta(days=400))]
    return studio.use(**{"window": window} | fields)


def ask(studio: Studio, query: str = "", *, secret: str | None = None) -> Any:
    return studio.get(f"/projects/{studio.project}/clearance-report?{query}", secret=secret)


def with_ada(studio: Studio) -> str:
    return studio.released(studio.request(use=now_use(studio)))


def without_anybody(studio: Studio) -> str:
    return studio.released(studio.empty_request(shot_code="R1_020", use=now_use(studio, by_performer={})))


def test_without_a_cut_every_released_shot_is_reported_with_grounds_and_the_end_of_its_rights(studio: Studio) -> None:
    shot = with_ada(studio)
    studio.queued(studio.request(shot_code="R1_030"))
    told = ask(studio).json()
    (line,) = told["shots"]
    assert (line["shot"], line["window"]) == (shot, "in_window")
    assert (line["sale"], told["cut"], told["sale"]) == (None, None, None)
    assert line["rights_until"] == told["earliest_expiry"] == "2030-01-01T00:00:00Z"
    grounds = {ground["digest"]: ground for ground in line["grounds"]}
    assert grounds[studio.consent]["grantor"] == {"id": studio.ada.id, "name": "Ada Marsh"}
    assert (grounds[studio.consent]["kind"], grounds[studio.consent]["until"]) == ("consent", "2030-01-01T00:00:00Z")
    assert {ground["kind"] for ground in line["grounds"]} == {"consent", "licence", "title"}
    assert {ground["assurance"] for ground in line["grounds"]} == {"signed"}
    assert line["reviewed_by"]["name"] == "Rob Viewer"
    assert dict(line["checks"])["lookalike"] == "unchecked"
    assert told["weights"][0]["training"] == "proven"


def test_a_cut_brings_its_order_its_frames_and_what_has_no_papers(studio: Studio) -> None:
    first, second = with_ada(studio), without_anybody(studio)
    text = "shot_code,in,out\nR1_020,0,2\nR1_010,1,3\nR1_020,0,4\nR9_990,0,4\n"
    headers = studio.headers() | {"Idempotency-Key": str(uuid7())}
    body = {"format": "csv", "name": "lock 1", "text": text}
    assert post(f"/api/v1/projects/{studio.project}/cut", body, headers).status_code == 201
    told = ask(studio).json()
    assert [(line["shot"], line["frames_used"]) for line in told["shots"]] == [
        (second, [[0, 2], [0, 4]]),
        (first, [[1, 3]]),
    ]
    assert [(event["name"], event["gap"], event["place"]) for event in told["unmatched"]] == [
        ("R9_990", "unmatched", "line 5")
    ]
    assert (told["cut"]["version"], told["cut"]["name"]) == (1, "lock 1")


def test_a_sale_names_who_is_in_the_way_of_which_shot_and_where(studio: Studio) -> None:
    blocked, free = with_ada(studio), without_anybody(studio)
    told = ask(studio, "media=avod&territories=FR,BE,DE&until=2031-01-01").json()
    assert told["sale"]["media"] == ["avod"]
    assert told["sale"]["territories"] == ["BE", "DE", "FR"]
    assert told["sale"]["until"] == "2031-01-01T00:00:00Z"
    lines = {line["shot"]: line for line in told["shots"]}
    assert (lines[free]["sale"], lines[free]["blockers"]) == ("covered", [])
    assert lines[blocked]["sale"] == "blocked"
    assert {blocker["ask"]["name"] for blocker in lines[blocked]["blockers"]} == {"Ada Marsh"}
    areas = [area for blocker in lines[blocked]["blockers"] for area in blocker["areas"]]
    assert ["DE"] in [area["territories"] for area in areas]
    assert "2030-01-01T00:00:00Z" in [area["start"] for area in areas]
    covered = ask(studio, "media=avod&territories=FR,BE&until=2029-01-01").json()
    assert [line["sale"] for line in covered["shots"]] == ["covered", "covered"]
    for_ever = ask(studio, "media=avod&territories=FR&until=forever").json()
    assert {line["shot"]: line["sale"] for line in for_ever["shots"]} == {blocked: "blocked", free: "covered"}
    assert for_ever["sale"]["until"] == "forever"


def test_an_approval_not_given_makes_a_sale_wait_and_names_whom_for(studio: Studio) -> None:
    shot = with_ada(studio)
    asked = {"by": "performer", "on": "result", "acts": ["distribute"], "hours": None, "on_silence": "refused"}
    box = scope(aspects=["body", "face", "name", "performance"], acts=["distribute"], media=["theatrical"])
    studio.grant(scopes=[box], approvals=[asked])
    studio.world.publish()
    told = ask(studio, "media=theatrical&territories=FR").json()
    (line,) = told["shots"]
    assert (line["shot"], line["sale"]) == (shot, "pending")
    assert [(wait["by"]["name"], wait["on"]) for wait in line["waits"]] == [("Ada Marsh", "result")]


def test_a_withdrawal_that_lets_the_release_stay_blocks_every_new_sale(studio: Studio) -> None:
    with_ada(studio)
    assert [line["sale"] for line in ask(studio, "media=svod").json()["shots"]] == ["covered"]
    studio.revoke()
    (line,) = ask(studio, "media=svod").json()["shots"]
    assert (line["window"], line["must_pull"], line["sale"]) == ("in_window", False, "blocked")
    assert {blocker["code"] for blocker in line["blockers"]} == {"revoked"}
    assert "keep" in {ground["withdrawn"] for ground in line["grounds"]}


def test_a_revocation_whose_tail_pulls_says_so_before_and_after_it_is_recorded(studio: Studio) -> None:
    studio.revoke()
    studio.consent = studio.grant(tail={"distribute": "pull"})
    studio.world.publish()
    with_ada(studio)
    studio.revoke()
    for pulled in (0, 1):
        (line,) = ask(studio, "media=svod").json()["shots"]
        assert (line["window"], line["must_pull"], line["sale"]) == ("out_of_window", True, "blocked")
        assert "pull" in {ground["withdrawn"] for ground in line["grounds"]}
        assert line["state"] == ("withdrawn" if pulled else "released")
        assert look_after(at=clock()) == 1 - pulled


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_same_report_comes_as_pdf_and_as_table(studio: Studio, language: str) -> None:
    with_ada(studio)
    pdf = ask(studio, f"format=pdf&language={language}&media=theatrical")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert f"clearance-report-{studio.project}.pdf" in pdf["Content-Disposition"]
    table = ask(studio, "format=csv")
    assert table["Content-Type"].startswith("text/csv")
    assert table.content.decode().splitlines()[1].startswith("shot,R1_010,1,")


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("format=docx", "bad_value", "format"),
        ("language=de", "bad_value", "language"),
        ("media=smoke", "unknown_term", "media"),
        ("media=", "bad_value", "media"),
        ("territories=XX", "unknown_term", "territories"),
        ("until=soon", "bad_time", "until"),
        ("version=two", "bad_value", "version"),
    ],
)
def test_a_wrong_question_is_one_problem(studio: Studio, query: str, code: str, field: str) -> None:
    answer = ask(studio, query)
    assert answer.status_code == 400
    assert (answer.json()["code"], (answer.json()["field"] or field).split("[")[0]) == (code, field)


def test_a_report_is_for_the_producer_of_the_project(studio: Studio) -> None:
    assert ask(studio, secret=studio.world.token(studio.archive, "produce", "read")).status_code == 404
    assert ask(studio, secret=studio.world.token(studio.ada, "read")).status_code == 404
    assert ask(studio, secret=studio.world.token(studio.producer, "read")).status_code == 200


def test_a_ground_that_an_agent_signed_names_their_authority_and_a_notice_ends_it(studio: Studio) -> None:
    studio.revoke()
    agent = studio.world.party("Bright Talent", kind="organisation")
    mandate = studio.world.act("authority.granted", authority(studio.ada, agent), by=studio.ada)
    terms = {"basis": "contract", "revocation": {"kind": "on_notice", "notice_hours": 72}, "tail": {}}
    given = consent_body(studio.ada, studio.producer) | terms
    consent = studio.world.act("consent.granted", given, by=agent)
    studio.world.act("grant.accepted", {"grant": consent}, by=studio.producer)
    studio.world.publish()
    with_ada(studio)
    (line,) = ask(studio).json()["shots"]
    grounds = {ground["digest"]: ground for ground in line["grounds"]}
    assert (grounds[mandate]["kind"], grounds[mandate]["grantor"]["name"]) == ("authority", "Ada Marsh")
    assert (line["rights_until"], grounds[consent]["until"], grounds[mandate]["until"]) == (None, None, None)

    studio.revoke(consent)
    (line,) = ask(studio).json()["shots"]
    ends = line["rights_until"]
    assert ends is not None
    assert clock() + timedelta(hours=71) < parse_time(ends) < clock() + timedelta(hours=73)
    assert {ground["digest"]: ground["until"] for ground in line["grounds"]}[consent] == ends
    (sold,) = ask(studio, "until=2027-06-01").json()["shots"]
    assert sold["sale"] == "blocked"
    assert {area["start"] for blocker in sold["blockers"] for area in blocker["areas"]} == {ends}
    assert line["window"] == "in_window"
