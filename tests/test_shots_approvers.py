"""Whoever is asked for a yes sees what they are asked about, before they answer and no longer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from generation.models import Shot
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second
from registry.locks import clock
from registry.models import Licence
from tests.studio import Studio, state_of
from tests.world import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


def waiting(studio: Studio, by: Actor | str, *, on: str = "result") -> tuple[str, str]:
    """Ada consents with a word left to somebody; the shot is made and passed. Returns shot and grant."""
    term: dict[str, Json] = {
        "by": by if isinstance(by, str) else by.id, "on": on, "acts": ["distribute"], "hours": 24,
        "on_silence": "refused",
    }  # fmt: skip
    grant = studio.grant(approvals=[term])
    studio.world.publish()
    shot = studio.queued()
    studio.work(shot)
    studio.review(shot)
    studio.world.publish()
    for _ in range(2):  # asked at the first look, with its hours at the second
        studio.work(shot)
        Shot.objects.filter(id=shot).update(not_before=None)
    return shot, grant


def agent(studio: Studio, *powers: str) -> Actor:
    """Ada lets somebody act for her."""
    made = studio.world.party("Bert Quill")
    window: list[Json] = [format_time(whole_second(clock() - timedelta(hours=1))), None]
    studio.world.act(
        "authority.granted",
        {
            "authority": "01930000-0000-7000-8000-0000000000aa",
            "principal": studio.ada.id,
            "agents": [made.id],
            "required": 1,
            "role": "agent",
            "powers": [*sorted(powers)],
            "acts": ["condition", "distribute"],
            "window": window,
            "evidence_sha256": None,
        },
        by=studio.ada,
    )
    studio.world.publish()
    return made


def asked(studio: Studio, who: Actor) -> list[dict[str, Any]]:
    answer = studio.get("/approvals", secret=studio.world.token(who, "read", "sign"))
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def previewed(studio: Studio, who: Actor, shot: str) -> int:
    return int(studio.get(f"/shots/{shot}/preview", secret=studio.world.token(who, "read")).status_code)


def test_the_performer_is_told_what_waits_for_her_and_until_when_and_nobody_else_is(studio: Studio) -> None:
    shot, grant = waiting(studio, "performer")
    (row,) = asked(studio, studio.ada)
    (word,) = row["asked"]
    assert (row["shot"], row["shot_code"], row["state"]) == (shot, "R1_010", "awaiting_approval")
    assert (word["grant"], word["by"], word["on"], word["use"]) == (grant, studio.ada.id, "result", None)
    assert word["due"] is not None
    assert asked(studio, studio.archive) == asked(studio, studio.producer) == []


def test_somebody_else_whom_a_consent_asks_sees_shot_and_preview_until_they_answered(studio: Studio) -> None:
    shot, grant = waiting(studio, studio.archive)
    assert previewed(studio, studio.archive, shot) == 200
    told = studio.get(f"/shots/{shot}", secret=studio.world.token(studio.archive, "read")).json()
    assert told["state"] == "awaiting_approval"
    assert {"spec", "decision"}.isdisjoint(told)  # what is done, not how it is made
    body: dict[str, Json] = {"shot": shot, "grant": grant, "on": "result", "note": None}
    studio.world.act("approval.given", body, by=studio.archive)
    studio.world.publish()
    studio.work(shot)
    assert state_of(shot) == "released"
    assert asked(studio, studio.archive) == []
    assert previewed(studio, studio.archive, shot) == 404


def test_who_is_not_asked_is_told_that_there_is_no_such_shot(studio: Studio) -> None:
    shot, _ = waiting(studio, "performer")
    assert previewed(studio, studio.ada, shot) == 200
    assert previewed(studio, studio.archive, shot) == 404
    assert studio.get(f"/shots/{shot}", secret=studio.world.token(studio.archive)).status_code == 404


@pytest.mark.parametrize(("powers", "seen"), [(("approve", "view"), True), (("negotiate", "view"), False)])
def test_an_agent_who_may_approve_sees_what_their_principal_is_asked(
    studio: Studio, powers: tuple[str, ...], seen: bool
) -> None:
    made = agent(studio, *powers)
    shot, grant = waiting(studio, "performer")
    assert [word["grant"] for row in asked(studio, made) for word in row["asked"]] == ([grant] if seen else [])
    assert previewed(studio, made, shot) == (200 if seen else 404)


def test_a_licence_asks_who_is_in_the_picture_and_their_yes_releases_the_shot(studio: Studio) -> None:
    term: dict[str, Json] = {
        "by": "performer", "on": "result", "acts": ["distribute"], "hours": None, "on_silence": "refused",
    }  # fmt: skip
    (unasked,) = Licence.objects.values_list("digest", flat=True)
    studio.world.act("licence.terminated", {"licence": unasked}, by=studio.archive)
    licence = studio.world.licence(studio.archive, studio.producer, studio.portrait, studio.ridge, approvals=[term])
    studio.grant()
    studio.world.publish()
    shot = studio.queued()
    studio.work(shot)
    studio.review(shot)
    studio.world.publish()
    studio.work(shot)
    assert state_of(shot) == "awaiting_approval"
    Shot.objects.filter(id=shot).update(not_before=None)  # it would look again by itself, later
    (row,) = asked(studio, studio.ada)
    assert [(word["grant"], word["by"]) for word in row["asked"]] == [(licence, studio.ada.id)]
    body: dict[str, Json] = {"shot": shot, "grant": licence, "on": "result", "note": None}
    studio.world.act("approval.given", body, by=studio.ada)
    studio.world.publish()
    studio.work(shot)
    assert state_of(shot) == "released"


def test_a_word_on_the_request_is_asked_for_while_the_shot_is_made(studio: Studio) -> None:
    term: dict[str, Json] = {
        "by": "performer", "on": "spec", "acts": ["distribute"], "hours": None, "on_silence": "refused",
    }  # fmt: skip
    studio.grant(approvals=[term])
    studio.world.publish()
    shot = studio.queued()
    assert [(row["shot"], row["state"]) for row in asked(studio, studio.ada)] == [(shot, "queued")]
    studio.post(f"/shots/{shot}/cancel")
    assert asked(studio, studio.ada) == []
