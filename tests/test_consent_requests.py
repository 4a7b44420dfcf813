"""A refusal becomes a request to the person: who sees it first, what it carries, and what it never tells."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from consent.models import Consent, ConsentRequest
from consent.services.requests import MAX_A_DAY, REPRESENTATIVE_FIRST
from registry.core.jcs import Json
from registry.locks import clock
from tests.refusals import rebuilt, refused
from tests.studio import Studio
from tests.terms import authority, face
from tests.world import Actor, World, new_id, scope

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/consent-requests"
FILE = scope(territories=["FR"], purposes=["work"], media=["svod"])
SOON = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%dT00:00:00Z}"


@dataclass(slots=True)
class Scene:
    """A studio that was refused, the performer, and her agent."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.ada = self.world.party("Ada Marsh")
        self.studio = self.world.party("Northlight", kind="organisation")
        self.agent = self.world.party("Bright Talent", kind="organisation")
        self.project = self.world.project(self.studio)

    ada: Actor = field(init=False)
    studio: Actor = field(init=False)
    agent: Actor = field(init=False)
    project: str = field(init=False)

    def body(self, performer: str | None = None, **fields: Any) -> dict[str, Any]:
        asked = performer or self.ada.id
        body: dict[str, Any] = {
            "performer": asked,
            "project": self.project,
            "obstacles": [self.obstacle(asked, "condition"), self.obstacle(asked, "distribute")],
            "until": SOON,
            "description": "Mara walks along the ridge",
            "role": "Mara",
            "scenes": "any",
            "dialogue": {"kind": "none", "script_sha256": None},
            "replica_use": ["employment_based"],
            "replaces_in_person_work": False,
        }
        return body | fields

    def obstacle(self, performer: str, act: str) -> dict[str, Json]:
        """What a decision says where nothing was granted; to generate is asked for a quarter of an hour."""
        now = datetime.now(UTC).replace(microsecond=0)
        window = [f"{now:%Y-%m-%dT%H:%M:%SZ}", f"{now + timedelta(minutes=15):%Y-%m-%dT%H:%M:%SZ}"]
        box = face(acts=[act], territories=["FR"], languages=["fr-FR"], media=["svod"], purposes=["work"],
                   projects=[self.project])  # fmt: skip
        box["window"] = window if act == "condition" else ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]
        return {
            "code": "no_grant", "subject": {"kind": "performer", "id": performer}, "act": act, "aspect": "face",
            "missing": [box], "nearest": None, "rule": None, "remedy": {"ask": performer, "for": [box]},
        }  # fmt: skip

    def call(self, method: str, path: str = "", body: Any = None, *, by: Actor, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.world.token(by)}"}
        if method in ("get", "delete"):
            return getattr(Client(), method)(f"{URL}{path}", query, headers=headers)
        return getattr(Client(), method)(f"{URL}{path}", body, content_type="application/json", headers=headers)

    def ask(self, **fields: Any) -> dict[str, Any]:
        answer = self.call("post", body=self.body(**fields), by=self.studio)
        assert answer.status_code == 201, answer.content
        return dict(answer.json())

    def received(self, by: Actor) -> list[str]:
        return [row["id"] for row in self.call("get", by=by).json()["results"]]

    def state(self, request: str) -> str:
        return str(self.call("get", f"/{request}", by=self.studio).json()["state"])

    def represented(self) -> str:
        body = authority(self.ada, self.agent, powers=["negotiate", "view"])
        self.world.act("authority.granted", body, by=self.ada)
        return str(body["authority"])


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()


def pass_time(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let the clock of the API run ahead."""
    monkeypatch.setattr("consent.api.requests.clock", lambda: clock() + by)


def test_a_request_carries_the_draft_that_gives_what_is_missing_and_no_more(scene: Scene) -> None:
    asked = scene.ask()
    assert (asked["state"], [step["state"] for step in asked["history"]]) == ("sent", ["sent"])
    draft = asked["draft"]
    assert (draft["performer"], draft["grantee"], draft["answers"]) == (scene.ada.id, scene.studio.id, asked["digest"])
    by_act = {tuple(box["acts"]): box for box in draft["scopes"]}
    assert set(by_act) == {("condition",), ("distribute",)}
    assert by_act["distribute",]["window"] == ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]
    assert by_act["condition",]["window"][1] == SOON
    for box in by_act.values():
        assert (box["territories"], box["projects"], box["media"]) == (["FR"], [scene.project], ["svod"])
        assert box["content"] == {"depicts": [], "scene": []}


def test_the_text_says_project_role_and_use_in_the_readers_language(scene: Scene) -> None:
    asked = scene.ask()
    for language, lines in (
        (
            "en",
            ["Ada Marsh (", "Northlight (", "The Ridge (", "Role: Mara.", "Where: France.", "walks along the ridge"],
        ),
        ("fr", ["Ada Marsh (", "Northlight (", "The Ridge (", "Rôle : Mara.", "Où : France."]),
    ):
        text = scene.call("get", f"/{asked['id']}", by=scene.ada, language=language).json()["text"]
        assert [line for line in lines if line not in text.replace("\xa0", " ")] == []
    assert "Ada Marsh" not in asked["text"]  # the asker brought an id, and reads no name


def test_a_request_is_seen_and_answered_by_the_consent_that_it_carries(scene: Scene) -> None:
    asked = scene.ask()
    assert scene.received(scene.ada) == [asked["id"]]
    assert scene.state(asked["id"]) == "sent"
    scene.call("get", f"/{asked['id']}", by=scene.ada)
    assert scene.state(asked["id"]) == "seen"
    digest = scene.world.act("consent.granted", asked["draft"], by=scene.ada)
    assert Consent.objects.get(digest=digest).answers == asked["digest"]
    now = scene.call("get", f"/{asked['id']}", by=scene.studio).json()
    assert (now["state"], now["answer"]) == ("answered", digest)
    assert scene.call("post", f"/{asked['id']}/decline", {}, by=scene.ada).json()["code"] == "request_answered"
    rebuilt()


def test_a_representative_sees_it_first_and_passes_it_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.represented()
    first, second = scene.ask()["id"], scene.ask()["id"]
    assert scene.received(scene.agent) == [second, first]
    assert scene.received(scene.ada) == []
    assert scene.call("post", f"/{first}/pass-on", by=scene.ada).status_code == 404
    assert scene.call("post", f"/{first}/pass-on", by=scene.agent).status_code == 204
    assert scene.received(scene.ada) == [first]
    pass_time(monkeypatch, REPRESENTATIVE_FIRST)
    assert scene.received(scene.ada) == [second, first]


def test_who_represents_her_no_more_sees_nothing(scene: Scene) -> None:
    authority_id = scene.represented()
    asked = scene.ask()["id"]
    assert scene.call("get", f"/{asked}", by=scene.agent).status_code == 200
    scene.world.act("authority.ended", {"authority": authority_id}, by=scene.ada)
    assert scene.received(scene.agent) == []
    assert scene.call("get", f"/{asked}", by=scene.agent).status_code == 404


def test_the_asker_is_not_told_who_acts_for_her(scene: Scene) -> None:
    scene.represented()
    asked = scene.ask()["id"]
    scene.call("get", f"/{asked}", by=scene.agent)
    shown = scene.call("get", f"/{asked}", by=scene.studio)
    assert shown.json()["state"] == "seen"
    assert scene.agent.id not in shown.content.decode()


def test_she_declines_with_a_reason_from_a_list_and_no_words(scene: Scene) -> None:
    asked = scene.ask()["id"]
    path = f"/{asked}/decline"
    assert scene.call("post", path, {"reason": "call me on my phone"}, by=scene.ada).json()["code"] == "bad_value"
    assert scene.call("post", path, {"note": "call me"}, by=scene.ada).json()["code"] == "unknown_field"
    assert scene.call("post", path, {}, by=scene.agent).status_code == 404
    assert scene.call("post", path, {"reason": "not_now"}, by=scene.ada).status_code == 204
    assert scene.state(asked) == "declined"
    assert scene.call("post", path, {}, by=scene.ada).json()["code"] == "request_declined"


def test_a_request_expires(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = scene.ask(lasts_days=2)["id"]
    pass_time(monkeypatch, timedelta(days=2, seconds=1))
    assert scene.state(asked) == "expired"
    assert scene.call("post", f"/{asked}/decline", {}, by=scene.ada).json()["code"] == "request_expired"


def test_one_asker_asks_one_person_a_few_times_a_day(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(MAX_A_DAY):
        scene.ask()
    answer = scene.call("post", body=scene.body(), by=scene.studio)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 86_000 < int(answer.headers["Retry-After"]) <= 86_400
    assert ConsentRequest.objects.count() == MAX_A_DAY
    ben = scene.world.party("Ben Okafor")
    scene.ask(performer=ben.id)
    pass_time(monkeypatch, timedelta(days=1, seconds=1))
    scene.ask()


def test_nobody_learns_whether_the_person_exists_or_does_not_listen(scene: Scene) -> None:
    ben = scene.world.party("Ben Okafor")
    assert scene.call("put", f"/mutes/{scene.studio.id}", by=ben).status_code == 204
    nobody = new_id()
    answers = [scene.ask(performer=one) for one in (scene.ada.id, ben.id, nobody, scene.agent.id)]
    assert len({_blank(answer) for answer in answers}) == 1
    assert scene.received(ben) == []
    assert len(scene.received(scene.ada)) == 1
    for _ in range(MAX_A_DAY - 1):
        scene.ask(performer=nobody)
    assert scene.call("post", body=scene.body(nobody), by=scene.studio).status_code == 429


def _blank(answer: dict[str, Any]) -> str:
    """Write an answer without the ids and moments of its own."""
    text = json.dumps(answer, sort_keys=True)
    for own in (answer["performer"], answer["id"], answer["digest"], answer["sent_at"], answer["expires_at"]):
        text = text.replace(own, "-")
    return re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ|\d{1,2} \w+ 20\d\d, \d\d:\d\d(:\d\d)?", "-", text)


def test_she_mutes_an_asker_and_listens_again(scene: Scene) -> None:
    asked = scene.ask()["id"]
    assert scene.call("post", f"/{asked}/decline", {"mute": True}, by=scene.ada).status_code == 204
    assert [row["asker"] for row in scene.call("get", "/mutes", by=scene.ada).json()] == [scene.studio.id]
    scene.ask()
    assert scene.received(scene.ada) == [asked]
    assert scene.call("delete", f"/mutes/{scene.studio.id}", by=scene.ada).status_code == 204
    heard = scene.ask()["id"]
    assert scene.received(scene.ada) == [heard, asked]


def test_only_she_mutes_and_not_who_represents_her(scene: Scene) -> None:
    scene.represented()
    asked = scene.ask()["id"]
    answer = scene.call("post", f"/{asked}/decline", {"mute": True}, by=scene.agent)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert scene.state(asked) == "sent"


@pytest.mark.parametrize(
    ("fields", "code", "where"),
    [
        ({"note": "between us"}, "unknown_field", "note"),
        ({"private": {"fee": 1}}, "unknown_field", "private"),
        ({"description": "x" * 501}, "bad_value", "description"),
        ({"obstacles": []}, "bad_value", "obstacles"),
        ({"obstacles": None}, "bad_value", "obstacles"),
        ({"decision": {"obstacles": []}}, "bad_value", "obstacles"),
        ({"until": "2020-01-01T00:00:00Z"}, "bad_value", "until"),
        ({"until": "2090-01-01T00:00:00Z"}, "bad_value", "until"),
        ({"lasts_days": 91}, "integer_out_of_range", "lasts_days"),
        ({"replica_use": ["cloning"]}, "bad_value", "replica_use"),
        ({"scenes": ["2", "1"]}, "not_sorted", "scenes"),
        ({"project": "01890000-0000-7000-8000-000000000001"}, "bad_value", "project"),
    ],
)
def test_what_is_not_asked_in_order_is_refused_and_nothing_is_kept(
    scene: Scene, fields: dict[str, Any], code: str, where: str
) -> None:
    answer = scene.call("post", body=scene.body() | fields, by=scene.studio)
    assert (answer.json()["code"], answer.json()["field"]) == (code, where), answer.content
    assert not ConsentRequest.objects.exists()
    scene.ask()


def test_one_asks_for_projects_of_ones_own_and_not_oneself(scene: Scene) -> None:
    answer = scene.call("post", body=scene.body(), by=scene.agent)
    assert answer.json()["code"] == "not_yours"
    ada_project = scene.world.project(scene.ada)
    body = scene.body(project=ada_project)
    for obstacle in body["obstacles"]:
        obstacle["remedy"]["for"][0]["projects"] = [ada_project]
    assert scene.call("post", body=body, by=scene.ada).json()["code"] == "self_granted"


def test_remedies_of_others_and_of_files_are_left_aside(scene: Scene) -> None:
    ben = scene.obstacle(new_id(), "condition")
    ours = scene.obstacle(scene.ada.id, "distribute")
    file = ours | {"remedy": {"ask": scene.ada.id, "for": [FILE | {"projects": [scene.project]}]}}
    asked = scene.ask(obstacles=[ben, ours, file])
    assert [box["acts"] for box in asked["draft"]["scopes"]] == [["distribute"]]


def test_an_answer_names_a_request_of_the_same_two(scene: Scene) -> None:
    asked = scene.ask()
    other = scene.world.party("Westwind", kind="organisation")
    stolen = asked["draft"] | {"grantee": other.id}
    refused(scene.world, "consent.granted", stolen, "unknown_request", by=scene.ada)


def test_a_refused_shot_is_cleared_once_the_request_it_led_to_is_answered(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)
    refusal = studio.ask().json()
    assert refusal["code"] == "not_cleared", refusal
    use = studio.use()["by_performer"][studio.ada.id]
    body = {
        "performer": studio.ada.id, "project": studio.project, "decision": refusal["decision"],
        "until": SOON, "description": "Mara walks along the ridge", "role": use["role"], "scenes": "any",
        "dialogue": {"kind": "none", "script_sha256": None}, "replica_use": [use["replica_use"]],
        "replaces_in_person_work": False,
    }  # fmt: skip
    asked = studio.post("/consent-requests", body)
    assert asked.status_code == 201, asked.content
    studio.world.act("consent.granted", asked.json()["draft"], by=studio.ada)
    studio.world.publish()
    assert studio.ask().status_code == 201
