"""Bad shot requests: each gets one clear problem with a stable code and the field at fault, and changes nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from registry.locks import clock
from registry.services import tokens
from tests.studio import Studio, post
from tests.world import PEOPLE, new_id

pytestmark = pytest.mark.django_db

Body = dict[str, Any]


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


def rows() -> dict[str, int]:
    models = [*apps.get_app_config("generation").get_models(), *apps.get_app_config("registry").get_models()]
    return {model._meta.label: model.objects.count() for model in models}


def put(*path: str | int, value: Any) -> Callable[[Body], None]:
    """Damage one field of the good request."""

    def damage(body: Body) -> None:
        at: Any = body
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = value

    return damage


def without(*path: str | int) -> Callable[[Body], None]:
    def damage(body: Body) -> None:
        at: Any = body
        for name in path[:-1]:
            at = at[name]
        del at[path[-1]]

    return damage


POINT = {"t": 0, "x": 0, "y": 0}
FAULTS: dict[str, tuple[Callable[[Body], None], str, str]] = {
    "unknown-asset": (put("references", 0, "asset", value=new_id()), "unknown_asset", "references[0].asset"),
    "asset-that-is-no-id": (put("references", 0, "asset", value="1"), "bad_id", "references[0].asset"),
    "unknown-role": (put("references", 0, "role", value="ghost"), "bad_value", "references[0].role"),
    "likeness-of-nobody": (without("references", 0, "performer"), "missing_field", "references[0].performer"),
    "frame-of-no-keyframe": (put("references", 1, "at", value=1), "bad_value", "references[1].at"),
    "backward-source": (
        put("references", 1, "source", value={"in": 1, "out": 1}),
        "bad_value",
        "references[1].source.out",
    ),
    "source-beyond-the-asset": (
        put("references", 1, "source", value={"in": 0, "out": 9}),
        "no_such_frame",
        "references[1].source",
    ),
    "empty-territories": (put("use", "territories", value=[]), "empty_dimension", "use.territories"),
    "unknown-territory": (put("use", "territories", value=["ZZ"]), "unknown_term", "use.territories"),
    "territory-twice": (put("use", "territories", value=["FR", "FR"]), "duplicate_value", "use.territories[1]"),
    "empty-media": (put("use", "media", value=[]), "empty_dimension", "use.media"),
    "unknown-medium": (put("use", "media", value=["tv"]), "unknown_term", "use.media"),
    "empty-purposes": (put("use", "purposes", value=[]), "empty_dimension", "use.purposes"),
    "empty-languages": (put("use", "languages", value=[]), "empty_dimension", "use.languages"),
    "unknown-language": (put("use", "languages", value=["xx"]), "unknown_term", "use.languages"),
    "unknown-label": (put("use", "scene", value=["rain"]), "unknown_term", "use.scene"),
    "backward-window": (
        put("use", "window", value=["2028-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]),
        "bad_value",
        "use.window",
    ),
    "empty-window": (
        put("use", "window", value=["2028-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]),
        "bad_value",
        "use.window",
    ),
    "time-without-a-zone": (
        put("use", "window", value=["2027-01-01T00:00:00", None]),
        "bad_time",
        "use.window[0]",
    ),
    "performer-that-is-no-id": (
        put("use", "by_performer", value={"ada": {"replica_use": "synthetic"}}),
        "bad_id",
        "use.by_performer.ada",
    ),
    "missing-use": (without("use"), "missing_field", "use"),
    "missing-format": (without("format"), "missing_field", "format"),
    "negative-take": (put("take", value=-1), "integer_out_of_range", "take"),
    "take-with-a-fraction": (put("take", value=1.5), "bad_type", "take"),
    "negative-seed": (put("seed", value=-3), "integer_out_of_range", "seed"),
    "unknown-field": (put("lens", value="35mm"), "unknown_field", "lens"),
    "unknown-control": (put("controls", "lens", value="35mm"), "unknown_field", "controls.lens"),
    "unknown-field-of-the-camera": (
        put("controls", "camera", value=[POINT | {"roll": 1}]),
        "unknown_field",
        "controls.camera[0].roll",
    ),
    "camera-back-in-time": (
        put("controls", "camera", value=[POINT | {"t": 1}, POINT]),
        "not_sorted",
        "controls.camera",
    ),
    "camera-without-end": (
        put("controls", "camera", value=[POINT | {"x": 1e9}]),
        "bad_value",
        "controls.camera[0].x",
    ),
    "zoom-of-nothing": (
        put("controls", "camera", value=[POINT | {"zoom": 0}]),
        "bad_value",
        "controls.camera[0].zoom",
    ),
    "path-of-a-stranger": (
        put("controls", "trajectories", value=[{"performer": new_id(), "points": [POINT]}]),
        "bad_value",
        "controls.trajectories[0].performer",
    ),
    "path-of-no-reference": (
        put("controls", "trajectories", value=[{"reference": 7, "points": [POINT]}]),
        "bad_value",
        "controls.trajectories[0].reference",
    ),
    "path-without-points": (
        put("controls", "trajectories", value=[{"points": []}]),
        "bad_value",
        "controls.trajectories[0].points",
    ),
    "no-steps": (put("controls", "steps", value=0), "integer_out_of_range", "controls.steps"),
    "width-of-nothing": (put("format", "width", value=0), "integer_out_of_range", "format.width"),
    "width-beyond-the-engine": (put("format", "width", value=8000), "format_not_offered", "format.width"),
    "odd-width": (put("format", "width", value=129), "format_not_offered", "format"),
    "another-shape": (put("format", "height", value=400), "format_not_offered", "format"),
    "more-frames-than-the-engine-makes": (put("format", "frames", value=48), "format_not_offered", "format.frames"),
    "rate-not-in-lowest-terms": (put("format", "fps", value=[48, 2]), "bad_value", "format.fps"),
    "unknown-field-of-the-format": (put("format", "codec", value="av1"), "unknown_field", "format.codec"),
    "unknown-engine": (put("engine", value="sora"), "unknown_engine", "engine"),
    "prompt-that-is-no-text": (put("prompt", value=7), "bad_type", "prompt"),
    "prompt-with-control-characters": (put("prompt", value="a\u0000b"), "bad_value", "prompt"),
    "prompt-without-end": (put("prompt", value="x " * 1_500), "bad_value", "prompt"),
    "prompt-of-too-many-words": (put("prompt", value="x " * 401), "bad_value", "prompt"),
    "role-the-engine-does-not-honour": (
        put("references", 1, "role", value="motion"),
        "control_not_honoured",
        "references[1].role",
    ),
    "negative-prompt-without-guidance": (
        put("negative_prompt", value="rain"),
        "control_not_honoured",
        "negative_prompt",
    ),
    "two-figures": (
        put("controls", "trajectories", value=[{"points": [POINT]}, {"points": [POINT]}]),
        "control_not_honoured",
        "controls.trajectories[1]",
    ),
    "path-of-a-background": (
        put("controls", "trajectories", value=[{"reference": 1, "points": [POINT]}]),
        "control_not_honoured",
        "controls.trajectories[0].reference",
    ),
    "likeness-in-an-empty-scene": (
        put("prompt", value="nobody at dusk"),
        "control_not_honoured",
        "references[0].role",
    ),
}


def test_a_request_with_one_fault_is_refused_with_its_field_and_changes_nothing(studio: Studio) -> None:
    """Each fault is the only one of a request that is queued without it."""
    before, answers = rows(), {}
    for fault, (damage, code, field) in FAULTS.items():
        body = copy.deepcopy(studio.request())
        damage(body)
        answer = studio.ask(body)
        problem = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json", fault
        answers[fault] = (answer.status_code, problem["code"], problem["field"]), (422, code, field)
    assert {fault: pair for fault, pair in answers.items() if pair[0] != pair[1]} == {}
    assert rows() == before
    assert studio.ask(studio.request()).status_code == 201


def test_two_pictures_for_one_frame_are_refused(studio: Studio) -> None:
    second = {"asset": studio.portrait.id, "role": "keyframe", "at": 0}
    body = studio.request()
    answer = studio.ask(body | {"references": [*body["references"], second]})
    assert (answer.status_code, answer.json()["code"]) == (422, "control_not_honoured")
    assert answer.json()["control"] == "keyframe"


UNREADABLE = (
    (b'{"for":1,"for":2}', "duplicate_key"),
    (b'{"take":NaN}', "not_json"),
    (b"{", "not_json"),
    (b"\xff", "not_utf8"),
    (b"[" * 100_000, "not_json"),
    (b"[]", "bad_type"),
    (b'{"prompt":"' + b"x" * (1 << 20) + b'"}', "too_large"),
)


def test_what_is_no_closed_json_is_refused(studio: Studio) -> None:
    before = rows()
    for data, code in UNREADABLE:
        answer = studio.ask(data)
        assert (answer.status_code in (400, 422), answer.json()["code"]) == (True, code)
    assert rows() == before


def test_anothers_consent_does_not_serve(studio: Studio) -> None:
    """Westwind has the same files and no consent of Ada's, who has given one to Northlight."""
    world = studio.world
    other = world.party("Westwind", kind="organisation")
    world.licence(studio.archive, other, studio.portrait, studio.ridge)
    project = world.project(other)
    world.publish()
    secret = world.token(other, "produce")
    answer = studio.ask(studio.request(**{"for": other.id, "project": project}), secret=secret)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_cleared")
    assert {one["code"] for one in answer.json()["decision"]["obstacles"]} == {"grantee_not_covered"}


def test_a_token_of_another_party_asks_for_nobody_else(studio: Studio) -> None:
    secret = studio.world.token(studio.archive, "produce")
    before = rows()
    answer = studio.ask(secret=secret)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_token")
    assert rows() == before


def test_a_token_without_the_scope_or_past_its_end_is_refused(studio: Studio) -> None:
    reader = studio.world.token(studio.producer, "read")
    assert studio.ask(secret=reader).json()["code"] == "insufficient_scope"
    at = clock() - timedelta(days=2)
    stale = tokens.create(party=studio.producer.id, scopes=["produce"], ends_at=at + timedelta(days=1), at=at).secret
    answer = studio.ask(secret=stale)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    assert studio.ask(secret="proviso_nonsense").json()["code"] == "bad_token"
    assert post("/api/v1/shots", studio.request(), {"Idempotency-Key": "k"}).status_code in (401, 403)


def test_a_stock_clip_with_undeclared_people_is_refused(studio: Studio) -> None:
    world = studio.world
    stock = world.asset(studio.archive, inventory=PEOPLE | {"people": "unknown"})
    world.title(studio.archive, stock)
    world.licence(studio.archive, studio.producer, stock)
    world.publish()
    answer = studio.ask(studio.empty_request(references=[{"asset": stock.id, "role": "first_frame"}]))
    assert answer.status_code == 403
    assert {one["code"] for one in answer.json()["decision"]["obstacles"]} == {"inventory_unknown"}


def test_an_unknown_project_is_an_obstacle(studio: Studio) -> None:
    answer = studio.ask(studio.request(project=new_id()))
    assert "unknown_subject" in {one["code"] for one in answer.json()["decision"]["obstacles"]}


def test_weights_that_no_log_knows_are_an_obstacle(studio: Studio) -> None:
    from django.conf import settings

    from generation.video.network import Network
    from generation.video.weights import Provenance, write_weights
    from tests.studio import TINY

    settings.STARTER_WEIGHTS.write_bytes(
        write_weights(Network(TINY), Provenance(pack_sha256="f" * 64, steps=1, seed=8))
    )
    answer = studio.ask()
    assert {one["code"] for one in answer.json()["decision"]["obstacles"]} == {"engine_unlicensed"}


def test_missing_weights_are_said_to_be_missing(studio: Studio) -> None:
    from django.conf import settings

    settings.STARTER_WEIGHTS.unlink()
    answer = studio.ask()
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")


def test_a_review_is_closed_too(studio: Studio) -> None:
    shot = studio.queued()
    for body, code in (
        ({"verdict": "maybe"}, "bad_value"),
        ({}, "missing_field"),
        ({"verdict": "pass", "x": 1}, "unknown_field"),
    ):
        answer = studio.post(f"/shots/{shot}/review", body, secret=studio.review_secret)
        assert answer.json()["code"] == code
    assert studio.review(shot).json()["code"] == "wrong_state"
    assert studio.review(new_id()).status_code == 404
    assert studio.get("/shots/none").json()["code"] == "bad_id"
    assert Client().get(f"/api/v1/shots/{shot}").status_code in (401, 403)


def test_the_schema_names_every_call(studio: Studio) -> None:
    schema = json.loads(studio.get("/schema?format=json").content)
    assert {
        "/api/v1/shots",
        "/api/v1/shots/{shot}/review",
        "/api/v1/shots/{shot}/events",
        "/api/v1/shots/{shot}/bundle",
        "/api/v1/weights/{weights}/contains/{sha256}",
        "/api/v1/clearances/check",
    } <= set(schema["paths"])
