"""What becomes of a released shot over HTTP: other uses, windows, withdrawals and their tails."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from consent.models import Use
from generation.models import ClearedUse, ShotGround, ShotUse, Told, Withdrawal
from generation.services.withdrawing import look_after
from registry.core.times import format_time, whole_second
from registry.locks import clock
from registry.models import StatementRow
from registry.statements import open_statement
from tests.later_uses import NARROW, another, now_use, use
from tests.log_walk import walk
from tests.studio import Studio, consent_body, events_of, post, state_of
from tests.terms import authority, revoked
from tests.world import licence_body, scope
from web import fsck

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


def consented(studio: Studio, **fields: Any) -> str:
    """Ada consents, in narrow media unless said otherwise; the log is published."""
    box = scope(aspects=["body", "face", "name", "performance"], acts=["condition", "distribute", "alter"])
    studio.consent = studio.grant(**{"scopes": [box | {"media": NARROW}]} | fields)
    studio.world.publish()
    return studio.consent


def test_a_covered_use_is_cleared_and_logged_and_one_that_is_not_covered_is_refused_with_the_decision(
    studio: Studio,
) -> None:
    consented(studio)
    shot = studio.released()
    cleared = use(studio, shot)
    assert cleared.status_code == 201, cleared.content
    told = cleared.json()
    body = open_statement(told["statement"]).statement.body  # type: ignore[union-attr]  # it was just recorded
    assert set(body) == {"use", "shot", "request_sha256", "at", "facts_digest", "tree_size", "grounds"}
    assert [ground[0] for ground in body["grounds"]] == sorted(g["digest"] for g in told["decision"]["grounds"])
    assert studio.consent in ShotGround.objects.filter(statement=told["statement"]).values_list("grant", flat=True)

    refused = use(studio, shot, another(media=["theatrical"]))
    assert refused.status_code == 403
    problem = refused.json()
    assert problem["code"] == "not_cleared"
    (obstacle,) = {o["code"] for o in problem["decision"]["obstacles"]}
    assert obstacle == "media_not_covered"
    assert StatementRow.objects.filter(type="use.cleared").count() == 1

    listed = studio.get(f"/shots/{shot}/uses").json()["results"]
    assert [row["state"] for row in listed] == ["refused", "cleared"]
    walk(studio.world.publish())
    assert fsck.run().sound


def test_a_use_is_decided_on_what_the_shot_shows_whatever_its_asker_says(studio: Studio) -> None:
    consented(studio)
    shot = studio.released()
    shown = studio.use()["by_performer"]
    assert use(studio, shot, another(by_performer=shown, scene=[])).status_code == 201
    lied = {studio.ada.id: {"depicts": ["violence"], "role": "Mara", "replica_use": "employment_based"}}
    answer = use(studio, shot, another(by_performer=lied))
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "content_differs",
        "by_performer",
    )
    assert use(studio, shot, another(scene=["violence"])).json()["code"] == "content_differs"


def test_the_example_of_the_formats_is_a_use(studio: Studio) -> None:
    page = (Path(__file__).parents[1] / "docs" / "formats.md").read_text("utf-8")
    example = json.loads(page.split("**Another use**")[1].split("```json")[1].split("```")[0])
    consented(studio)
    assert use(studio, studio.released(), example).status_code == 201


def test_the_same_key_gives_the_first_answer_and_a_key_with_another_body_is_refused(studio: Studio) -> None:
    consented(studio)
    shot = studio.released()
    first = use(studio, shot, key="once")
    assert use(studio, shot, key="once").json() == first.json()
    assert ClearedUse.objects.filter(shot=shot).count() == 1
    assert use(studio, shot, another(territories=["CH"]), key="once").json()["code"] == "idempotency_key_reused"
    headers = studio.headers()
    assert post(f"/api/v1/shots/{shot}/uses", another(), headers).json()["code"] == "idempotency_key_missing"


def test_a_use_waits_for_an_approval_and_is_cleared_once_it_is_given(studio: Studio) -> None:
    consented(studio)
    shot = studio.released()
    asked = {"by": "performer", "on": "result", "acts": ["distribute"], "hours": None, "on_silence": "refused"}
    box = scope(aspects=["body", "face", "name", "performance"], acts=["distribute"], media=["theatrical"])
    wider = studio.grant(scopes=[box], approvals=[asked])
    studio.world.publish()
    wanted = another(media=["theatrical"])
    waiting = use(studio, shot, wanted)
    assert (waiting.status_code, waiting.json()["state"], waiting.json()["statement"]) == (202, "pending", None)
    assert [wait["by"] for wait in waiting.json()["decision"]["pending"]] == [studio.ada.id]
    assert use(studio, shot, wanted).json()["id"] == waiting.json()["id"]
    assert not ClearedUse.objects.exists()

    approval = {"shot": shot, "grant": wider, "on": "result", "note": None}
    studio.world.act("approval.given", approval, by=studio.ada)
    studio.world.publish()
    cleared = use(studio, shot, wanted)
    assert (cleared.status_code, cleared.json()["id"]) == (201, waiting.json()["id"])
    assert ShotUse.objects.count() == 1


def test_only_a_released_shot_has_uses_and_only_its_producer_asks_for_them(studio: Studio) -> None:
    consented(studio)
    waiting = studio.queued()
    assert use(studio, waiting).json()["code"] == "wrong_state"
    shot = studio.released(studio.request(shot_code="R1_020"))
    stranger = studio.world.token(studio.archive, "produce")
    assert use(studio, shot, secret=stranger).status_code == 404
    performer = studio.world.token(studio.ada, "produce", "read")
    assert use(studio, shot, secret=performer).status_code == 403
    use(studio, shot)
    (seen,) = studio.get(f"/shots/{shot}/uses", secret=performer).json()["results"]
    assert seen["use"]["territories"] == ["BE"]
    assert "decision" not in seen
    assert Client().get(f"/api/v1/shots/{shot}/uses").status_code == 401


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("media", [], "empty_dimension"),
        ("media", ["smoke_signals"], "unknown_term"),
        ("territories", ["FR", "FR"], "duplicate_value"),
        ("window", ["2030-01-01T00:00:00Z", "2029-01-01T00:00:00Z"], "bad_value"),
        ("price", 1, "unknown_field"),
    ],
)
def test_a_malformed_use_is_one_problem_with_its_field(studio: Studio, field: str, value: Any, code: str) -> None:
    consented(studio)
    shot = studio.released()
    answer = use(studio, shot, another(**{field: value}))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not ShotUse.objects.exists()


def test_a_cap_counts_a_shot_once_whatever_it_is_used_for(studio: Studio) -> None:
    consented(studio, caps={"shots": 1})
    shot = studio.released()
    assert use(studio, shot).status_code == 201
    assert use(studio, shot, another(territories=["CH"])).status_code == 201
    assert studio.ask(studio.request(shot_code="R1_020")).json()["code"] == "not_cleared"
    assert set(Use.objects.filter(grant=studio.consent).values_list("state", flat=True)) >= {"spent"}


def test_a_shot_is_in_window_while_a_use_of_it_is(studio: Studio) -> None:
    consented(studio)
    later = studio.released()
    assert studio.get(f"/shots/{later}").json()["window"] == "out_of_window"
    shot = studio.released(studio.request(use=now_use(studio), shot_code="R1_020"))
    told = studio.get(f"/shots/{shot}").json()
    assert (told["window"], told["must_pull"], told["withdrawn"]) == ("in_window", False, [])
    assert use(studio, later, another(window=now_use(studio)["window"])).status_code == 201
    assert studio.get(f"/shots/{later}").json()["window"] == "in_window"


@pytest.mark.parametrize(
    ("tail", "window", "must_pull", "state"),
    [
        ("keep", "in_window", False, "released"),
        ("finish", "in_window", False, "released"),
        ("pull", "out_of_window", True, "withdrawn"),
        (None, "out_of_window", True, "withdrawn"),
    ],
)
def test_the_tail_of_a_consent_says_whether_a_released_shot_stays(
    studio: Studio, tail: str | None, window: str, must_pull: bool, state: str
) -> None:
    consented(studio, tail={} if tail is None else {"distribute": tail})
    shot = studio.released(studio.request(use=now_use(studio)))
    assert look_after(at=clock()) == 0
    revocation = studio.revoke()
    told = studio.get(f"/shots/{shot}").json()
    assert (told["window"], told["must_pull"]) == (window, must_pull)
    assert [ground["grant"] for ground in told["withdrawn"]] == [studio.consent]
    assert use(studio, shot).status_code == 403  # nothing new rests on what was taken back

    assert look_after(at=clock()) == (1 if must_pull else 0)
    assert look_after(at=clock()) == 0
    assert state_of(shot) == state
    assert Withdrawal.objects.filter(shot=shot).exists() == must_pull
    (notice,) = studio.get(f"/projects/{studio.project}/notices").json()["results"]
    assert (notice["shot"], notice["grant"], notice["cause"]) == (shot, studio.consent, revocation)
    assert notice["tail"] == (tail or "pull")
    if must_pull:
        assert events_of(shot)[-1] == "withdrawn"
        assert studio.get(f"/shots/{shot}/media").json()["code"] == "wrong_state"
        assert use(studio, shot).json()["code"] == "wrong_state"
    walk(studio.world.publish())


def test_a_shot_that_another_consent_still_covers_is_not_pulled(studio: Studio) -> None:
    consented(studio, tail={"distribute": "pull"})
    shot = studio.released(studio.request(use=now_use(studio)))
    studio.grant()
    studio.world.publish()
    studio.revoke(studio.consent)
    told = studio.get(f"/shots/{shot}").json()
    assert (told["window"], told["must_pull"]) == ("in_window", False)
    assert look_after(at=clock()) == 0
    assert state_of(shot) == "released"


def test_a_withdrawal_on_notice_pulls_when_its_time_has_come(studio: Studio) -> None:
    studio.consent = studio.grant(
        basis="contract",
        revocation={"kind": "on_notice", "notice_hours": 48},
        tail={"distribute": "pull"},
    )
    studio.world.act("grant.accepted", {"grant": studio.consent}, by=studio.producer)
    studio.world.publish()
    shot = studio.released(studio.request(use=now_use(studio)))
    studio.revoke()
    assert look_after(at=clock()) == 0
    assert studio.get(f"/shots/{shot}").json()["window"] == "in_window"
    told = Told.objects.get(shot=shot)
    assert told.tail == "pull"
    assert told.effective_at > clock() + timedelta(hours=47)


@pytest.mark.parametrize(("tail", "status"), [("pull", 403), ("keep", 201), ("finish", 201)])
def test_a_use_beyond_a_notice_that_runs_is_cleared_where_the_tail_lets_it_stay(
    studio: Studio, tail: str, status: int
) -> None:
    terms = {"basis": "contract", "revocation": {"kind": "on_notice", "notice_hours": 48}}
    studio.consent = studio.grant(tail={"distribute": tail}, **terms)
    studio.world.act("grant.accepted", {"grant": studio.consent}, by=studio.producer)
    studio.world.publish()
    shot = studio.released(studio.request(use=now_use(studio)))
    studio.revoke()
    now = whole_second(clock())
    day, year = ([format_time(now), format_time(now + timedelta(days=days))] for days in (1, 365))
    assert use(studio, shot, another(window=day)).status_code == 201
    answer = use(studio, shot, another(window=year))
    assert (answer.status_code, "window_not_covered" in answer.content.decode()) == (status, status == 403)


def test_a_terminated_licence_takes_what_rests_on_it_and_one_that_is_sold_off_does_not(studio: Studio) -> None:
    consented(studio)
    sold = studio.world.asset(studio.archive, title="The other ridge")
    studio.world.title(studio.archive, sold)
    body = licence_body(studio.archive, studio.producer, sold) | {"sell_off_days": 90}
    licence = studio.world.act("licence.granted", body, by=studio.archive)
    studio.world.publish()
    request = studio.empty_request(use=now_use(studio, by_performer={}))
    shot = studio.released(request | {"references": [{"asset": sold.id, "role": "first_frame"}]})
    studio.world.act("licence.terminated", {"licence": licence}, by=studio.archive)
    assert studio.get(f"/shots/{shot}").json()["window"] == "in_window"
    assert look_after(at=clock()) == 0

    plain = studio.world.asset(studio.archive, title="The third ridge")
    studio.world.title(studio.archive, plain)
    ended = studio.world.licence(studio.archive, studio.producer, plain)
    studio.world.publish()
    other = studio.released(request | {"references": [{"asset": plain.id, "role": "first_frame"}], "take": 2})
    studio.world.act("licence.terminated", {"licence": ended}, by=studio.archive)
    assert studio.get(f"/shots/{other}").json()["must_pull"]
    assert look_after(at=clock()) == 1
    assert (state_of(shot), state_of(other)) == ("released", "withdrawn")


def test_a_withdrawal_under_an_authority_that_is_not_published_yet_is_told_once_it_is(studio: Studio) -> None:
    consented(studio, tail={})
    shot = studio.released(studio.request(use=now_use(studio)))
    agent = studio.world.party("Bright Talent", kind="organisation")
    studio.world.act("authority.granted", authority(studio.ada, agent, powers=["revoke"]), by=studio.ada)
    studio.world.act("consent.revoked", revoked(studio.ada, studio.consent), by=agent)
    assert look_after(at=clock()) == 0
    studio.world.publish()
    assert look_after(at=clock()) == 1
    assert state_of(shot) == "withdrawn"


def test_a_grant_that_a_shot_came_to_rest_on_while_it_was_made_is_drawn_on_at_release(studio: Studio) -> None:
    first = consented(studio)
    shot = studio.queued(studio.request(use=now_use(studio)))
    capped = consented(studio, supersedes=[first], caps={"shots": 1})
    studio.work(shot)
    studio.review(shot)
    studio.work(shot)
    assert state_of(shot) == "released"
    assert ShotGround.objects.filter(shot=shot, grant=capped).exists()
    assert {*Use.objects.filter(shot=shot, grant__in=[first, capped]).values_list("grant", "state")} == {
        (first, "spent"),
        (capped, "spent"),
    }
    another_shot = studio.ask(studio.request(shot_code="R1_020"))
    assert "cap_exhausted" in {obstacle["code"] for obstacle in another_shot.json()["decision"]["obstacles"]}
    assert fsck.run().sound


def test_what_rests_on_amended_terms_goes_with_the_licence(studio: Studio) -> None:
    plate = studio.world.asset(studio.archive, title="The other ridge")
    studio.world.title(studio.archive, plate)
    body = licence_body(studio.archive, studio.producer, plate)
    licence = studio.world.act("licence.granted", body, by=studio.archive)
    terms = {name: value for name, value in body.items() if name not in ("document_sha256", "signed_on")}
    amended = {"licence": licence, "effective_from": "2027-01-01T00:00:00Z", "terms": terms, "document_sha256": None}
    amendment = studio.world.act("licence.amended", amended, by=studio.archive)
    studio.world.publish()
    use = studio.use(by_performer={}, window=["2027-02-01T00:00:00Z", "2028-01-01T00:00:00Z"])
    shot = studio.released(studio.empty_request(use=use, references=[{"asset": plate.id, "role": "first_frame"}]))
    assert ShotGround.objects.filter(shot=shot, grant=amendment).exists()
    studio.world.act("licence.terminated", {"licence": licence}, by=studio.archive)
    assert look_after(at=clock()) == 1
    assert state_of(shot) == "withdrawn"
    notices = studio.get(f"/projects/{studio.project}/notices").json()["results"]
    assert amendment in {notice["grant"] for notice in notices}


def test_a_withdrawal_of_everything_reaches_whoever_had_a_consent_assigned(studio: Studio) -> None:
    first = studio.world.party("First Unit", kind="organisation")
    given = consent_body(studio.ada, first) | {"assignable": True, "tail": {}}
    consent = studio.world.act("consent.granted", given, by=studio.ada)
    passed = {"grant": consent, "to": studio.producer.id, "effective_from": "2026-11-01T00:00:00Z"}
    studio.world.act("grant.assigned", passed | {"document_sha256": None}, by=first)
    studio.world.publish()
    shot = studio.released(studio.request(use=now_use(studio)))
    everything = {"performer": studio.ada.id, "grants": None, "grantee": studio.producer.id}
    cause = studio.world.act("consent.revoked", everything, by=studio.ada)
    assert look_after(at=clock()) == 1
    assert state_of(shot) == "withdrawn"
    (notice,) = studio.get(f"/projects/{studio.project}/notices").json()["results"]
    assert (notice["grant"], notice["cause"]) == (consent, cause)


@pytest.mark.parametrize("named", ["first", "last"])
def test_what_rests_on_a_consent_that_was_replaced_goes_with_it_or_with_what_took_its_place(
    studio: Studio, named: str
) -> None:
    consented(studio, tail={})
    shot = studio.released()
    elsewhere = scope(aspects=["body", "face", "name", "performance"], acts=["condition"], media=["theatrical"])
    first = last = studio.consent
    for _ in range(2):
        last = studio.grant(scopes=[elsewhere], supersedes=[last])
    studio.world.publish()
    look_after(at=clock())
    assert state_of(shot) == "released"
    studio.revoke({"first": first, "last": last}[named])
    look_after(at=clock())
    assert state_of(shot) == "withdrawn"


def test_notices_are_for_the_producer_alone(studio: Studio) -> None:
    consented(studio)
    studio.released(studio.request(use=now_use(studio)))
    studio.revoke()
    look_after(at=clock())
    stranger = studio.world.token(studio.archive, "read")
    assert studio.get(f"/projects/{studio.project}/notices", secret=stranger).json()["results"] == []
    assert len(studio.get(f"/projects/{studio.project}/notices").json()["results"]) == 1
