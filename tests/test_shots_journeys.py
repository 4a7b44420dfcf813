"""Journeys of a shot over HTTP, from the request to the file, with the real engine at its tiny size."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from consent.models import Use
from generation import media as papers
from generation import takes
from generation.models import Closure, Release, Shot
from generation.services import rendering, watching, working
from generation.verify.__main__ import main as verify
from registry.locks import clock
from registry.models import ClearanceRow, StatementRow
from tests import media
from tests.studio import Studio, consent_body, events_of, landscape, outcome_of, state_of
from tests.world import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


def test_a_shot_with_a_person_waits_for_another_persons_look_and_leaves_with_papers(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shot = studio.queued()
    studio.work(shot)
    told = studio.get(f"/shots/{shot}").json()
    assert told["state"] == "awaiting_approval"
    assert told["review"]["due"]
    assert told["checks"] == {
        "near_copy": "pass",
        "training_near_copy": "unchecked",
        "lookalike": "unchecked",
        "content_labels": "unchecked",
    }
    assert studio.get(f"/shots/{shot}/media").json()["code"] == "wrong_state"
    assert studio.review(shot).status_code == 200
    studio.work(shot)
    studio.world.publish()
    told = studio.get(f"/shots/{shot}").json()
    assert (told["state"], told["review"]["by"]) == ("released", studio.reviewer.id)
    file, bundle = tmp_path / "out.mp4", tmp_path / "bundle.json"
    file.write_bytes(studio.get(f"/shots/{shot}/media").content)
    bundle.write_bytes(studio.get(f"/shots/{shot}/bundle").content)
    assert papers.decode(file.read_bytes()).shape == (4, 3, 80, 128)
    trust = tmp_path / "trust.json"
    trust.write_text(json.dumps(json.loads(bundle.read_text())["trust"]))
    assert verify([str(bundle), str(file), "--trust", str(trust)]) == 0, capsys.readouterr().out


def test_a_shot_without_anybody_goes_straight_on(studio: Studio) -> None:
    shot = studio.queued(studio.empty_request())
    studio.work(shot)
    assert state_of(shot) == "released"
    assert events_of(shot) == [
        "queued",
        "running",
        "step",
        "step",
        "step",
        "screening",
        "screening",
        "sealed",
        "released",
    ]


def test_the_same_request_renders_the_same_frames(studio: Studio) -> None:
    shots = [studio.queued(studio.request(take=take)) for take in (1, 2)]
    for shot in shots:
        studio.work(shot)
    one, other = (takes.unpack_frames(takes.read(Shot.objects.get(id=shot).frames)) for shot in shots)
    assert np.array_equal(one, other)
    another = studio.queued(studio.request(seed=12))
    studio.work(another)
    assert not np.array_equal(one, takes.unpack_frames(takes.read(Shot.objects.get(id=another).frames)))


def test_a_refusal_says_what_is_missing_and_queues_nothing(studio: Studio) -> None:
    body = studio.request(use=studio.use(territories=["FR", "CA"]))
    studio.revoke()
    answer = studio.ask(body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (403, "not_cleared")
    assert {obstacle["code"] for obstacle in problem["decision"]["obstacles"]} == {"revoked"}
    assert state_of(problem["shot"]) == "refused"
    assert studio.work() is None
    assert not ClearanceRow.objects.exists()


def test_a_consent_for_less_names_the_residual_and_a_wider_one_closes_it(tmp_path: Path, settings: Any) -> None:
    studio = Studio.open(tmp_path, settings, consent=False)
    narrow = consent_body(studio.ada, studio.producer)["scopes"][0] | {"territories": ["FR"]}  # type: ignore[index,operator]  # a list of boxes
    studio.grant(scopes=[narrow])
    studio.world.publish()
    body = studio.request(use=studio.use(territories=["FR", "CA"]))
    (obstacle, *_) = studio.ask(body).json()["decision"]["obstacles"]
    assert obstacle["code"] == "territory_not_covered"
    assert obstacle["missing"][0]["territories"] == ["CA"]
    assert obstacle["remedy"]["ask"] == studio.ada.id
    studio.grant()
    studio.world.publish()
    assert studio.ask(body).status_code == 201


def test_territories_and_languages_are_expanded_when_the_request_arrives(studio: Studio) -> None:
    shot = studio.queued(studio.request(use=studio.use(territories=["BENELUX", "FR"], languages=["fr"])))
    use = studio.get(f"/shots/{shot}").json()["use"]
    assert use["territories"] == ["BE", "FR", "LU", "NL"]
    assert {"fr-FR", "fr-BE", "fr-CA"} <= set(use["languages"])


def test_words_the_engine_does_not_know_are_told(studio: Studio) -> None:
    answer = studio.ask(studio.request(prompt="a woman walks at dusk, melancholy, anamorphic")).json()
    assert answer["unknown_words"] == ["melancholy", "anamorphic"]


def test_a_withdrawal_in_flight_aborts_the_render_within_its_step(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    shot = studio.queued(studio.request(controls={"steps": 8}))
    after_step(monkeypatch, 3, studio.revoke)
    studio.work(shot)
    assert (state_of(shot), outcome_of(shot)) == ("aborted", ("aborted", "revoked"))
    assert events_of(shot) == ["queued", "running", "step", "step", "step", "step", "aborted"]
    row = Shot.objects.get(id=shot)
    assert (row.frames, row.preview, row.output) == (None, None, None)
    assert Closure.objects.get(shot=shot).outcome == "aborted"
    assert not Release.objects.exists()
    assert studio.ask().status_code == 403


def test_a_withdrawal_that_does_not_touch_the_shot_lets_it_finish(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = studio.grant(role="Mara", scenes=["9"])
    studio.world.publish()
    shot = studio.queued(studio.request(controls={"steps": 4}))
    after_step(monkeypatch, 2, lambda: studio.revoke(other))
    studio.work(shot)
    assert state_of(shot) == "awaiting_approval"


def test_a_grant_whose_tail_says_finish_lets_what_was_cleared_be_released(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.revoke()
    lasting = studio.grant(tail={"condition": "finish", "distribute": "finish"})
    studio.world.publish()
    shot = studio.queued(studio.request(controls={"steps": 4}))
    after_step(monkeypatch, 2, lambda: studio.revoke(lasting))
    studio.work(shot)
    assert studio.review(shot).status_code == 200
    studio.work(shot)
    assert state_of(shot) == "released", outcome_of(shot)
    assert studio.ask().status_code == 403


def test_a_withdrawal_after_the_review_is_seen_at_the_release(studio: Studio) -> None:
    shot = studio.queued()
    studio.work(shot)
    studio.review(shot)
    studio.revoke()
    studio.work(shot)
    assert outcome_of(shot) == ("aborted", "revoked")
    assert not Release.objects.exists()


def test_other_grounds_than_the_sealed_ones_are_sealed_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both consents cover the shot; the one that the sealed file names is withdrawn, and its tail lets it finish."""
    studio.revoke()
    tail = {"condition": "finish", "distribute": "pull"}
    first, second = sorted(studio.grant(tail=tail) for _ in range(2))
    studio.world.publish()
    shot = studio.queued()
    assert first in {ground["digest"] for ground in Shot.objects.get(id=shot).decision["grounds"]}
    studio.work(shot)
    studio.review(shot)
    real = working.seal

    def seal(lease: Any) -> None:
        real(lease)
        if events_of(shot).count("sealed") == 1:
            studio.revoke(first)

    monkeypatch.setattr(working, "seal", seal)
    studio.work(shot)
    row = Shot.objects.get(id=shot)
    assert (row.state, events_of(shot).count("sealed")) == ("released", 2)
    assert second in {digest for digest, _ in row.sealed_grounds}
    assert first not in {digest for digest, _ in row.sealed_grounds}


def test_an_expired_clearance_is_decided_again_and_replaced(studio: Studio) -> None:
    shot = studio.queued()
    first = Shot.objects.get(id=shot).clearance
    ClearanceRow.objects.filter(digest=first).update(expires_at=clock() - timedelta(seconds=1))
    studio.work(shot)
    row = Shot.objects.get(id=shot)
    assert row.state == "awaiting_approval"
    assert row.clearance != first
    assert ClearanceRow.objects.get(digest=first).replaced_by == row.clearance
    assert set(Use.objects.filter(clearance=first).values_list("state", flat=True)) == {"returned"}
    assert set(Use.objects.filter(clearance=row.clearance).values_list("state", flat=True)) == {"reserved"}
    assert studio.review(shot).status_code == 200
    studio.work(shot)
    studio.world.publish()
    assert studio.get(f"/shots/{shot}/bundle").status_code == 200


def test_a_near_copy_of_what_nobody_cleared_is_quarantined_with_its_match(studio: Studio) -> None:
    stranger = studio.world.party("Westwind", kind="organisation")
    near = studio.world.asset(stranger, media.jpeg(landscape(), quality=70), title="Our ridge")
    shot = studio.queued(studio.empty_request())
    studio.work(shot)
    told = studio.get(f"/shots/{shot}").json()
    assert (told["state"], told["checks"]["near_copy"]) == ("quarantined", "fail")
    assert told["findings"]["near_copy"]["matches"][0]["asset"] == near.id
    assert told["outcome"]["code"] == "quarantined"
    assert studio.get(f"/shots/{shot}/preview").json()["code"] == "quarantined"
    assert studio.get(f"/shots/{shot}/preview", secret=studio.review_secret).status_code == 200
    assert studio.get(f"/shots/{shot}/media").json()["code"] == "wrong_state"


def test_the_preview_is_for_those_concerned_and_every_look_is_noted(studio: Studio) -> None:
    shot = studio.queued()
    studio.work(shot)
    ada, stranger = (studio.world.token(who, "read") for who in (studio.ada, studio.archive))
    seen = studio.get(f"/shots/{shot}/preview", secret=ada)
    assert (seen.status_code, seen.headers["Content-Type"]) == (200, "video/mp4")
    assert papers.decode(seen.content).shape == (4, 3, 200, 320)
    assert studio.get(f"/shots/{shot}/preview", secret=stranger).json()["code"] == "unknown_shot"
    assert studio.get(f"/shots/{shot}/preview", secret=studio.review_secret).status_code == 200
    assert events_of(shot).count("viewed") == 2


def test_nobody_reviews_their_own_shot(studio: Studio) -> None:
    boss = studio.world.actors["Pia Producer"]
    own = studio.world.token(studio.producer, "review", person=boss)
    shot = studio.queued()
    studio.work(shot)
    answer = studio.review(shot, secret=own)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_review")
    assert studio.review(shot, secret=studio.secret).json()["code"] == "insufficient_scope"
    assert state_of(shot) == "awaiting_approval"


def test_a_rejected_shot_is_over_and_returns_what_it_reserved(studio: Studio) -> None:
    shot = studio.queued()
    studio.work(shot)
    assert studio.review(shot, "reject").json()["outcome"] == {"code": "rejected", "detail": "seen"}
    assert set(Use.objects.filter(shot=shot).values_list("state", flat=True)) == {"returned"}
    assert studio.review(shot).json()["code"] == "wrong_state"
    assert studio.work(shot) is None


def test_a_cancelled_shot_is_over_and_again_is_once(studio: Studio) -> None:
    shot = studio.queued()
    for _ in range(2):
        answer = studio.post(f"/shots/{shot}/cancel")
        assert (answer.status_code, answer.json()["outcome"]["code"]) == (200, "cancelled")
    assert Closure.objects.filter(shot=shot).count() == 1
    assert studio.work(shot) is None


def test_a_shot_cancelled_while_it_renders_stops_within_a_step(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = studio.queued(studio.request(controls={"steps": 8}))
    after_step(monkeypatch, 2, lambda: studio.post(f"/shots/{shot}/cancel"))
    studio.work(shot)
    assert outcome_of(shot) == ("cancelled", None)
    assert events_of(shot) == ["queued", "running", "step", "step", "aborted"]


def test_a_released_shot_cannot_be_cancelled(studio: Studio) -> None:
    shot = studio.released(studio.empty_request())
    answer = studio.post(f"/shots/{shot}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert state_of(shot) == "released"


def test_the_same_key_gets_the_same_answer_and_another_body_none(studio: Studio) -> None:
    first, again = (studio.ask(key="k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = studio.ask(studio.request(take=2), key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Shot.objects.count() == 1


def test_a_kept_refusal_is_refused_again(studio: Studio) -> None:
    studio.revoke()
    first, again = (studio.ask(key="k1") for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 403
    assert Shot.objects.count() == 1


def test_a_call_without_a_key_is_refused(studio: Studio) -> None:
    headers = studio.headers()
    answer = Client().post("/api/v1/shots", studio.request(), content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_lists_have_cursors_and_filters_and_show_ones_own(studio: Studio) -> None:
    shots = [studio.queued(studio.request(take=take)) for take in range(1, 4)]
    studio.post(f"/shots/{shots[0]}/cancel")
    page = studio.get("/shots?limit=2").json()
    assert [shot["id"] for shot in page["results"]] == shots[:0:-1]
    rest = Client().get(page["next"], headers=studio.headers()).json()
    assert [shot["id"] for shot in rest["results"]] == shots[:1]
    assert [s["id"] for s in studio.get("/shots?state=aborted").json()["results"]] == shots[:1]
    assert studio.get(f"/shots?project={new_id()}").json()["results"] == []
    assert studio.get("/shots?state=lost").json()["code"] == "bad_value"
    stranger = studio.world.token(studio.archive, "produce", "read")
    assert studio.get("/shots", secret=stranger).json()["results"] == []
    assert studio.get(f"/shots/{shots[0]}", secret=stranger).status_code == 404
    assert studio.post(f"/shots/{shots[1]}/cancel", secret=stranger).status_code == 404


def test_a_performer_sees_every_use_and_not_how_it_is_made(studio: Studio) -> None:
    shot = studio.queued()
    ada = studio.world.token(studio.ada, "read")
    (use,) = studio.get(f"/performers/{studio.ada.id}/uses", secret=ada).json()["results"]
    assert (use["id"], use["use"]["media"]) == (shot, ["svod"])
    assert "spec" not in use
    assert "spec" not in studio.get(f"/shots/{shot}", secret=ada).json()
    assert studio.get(f"/performers/{studio.ada.id}/uses").status_code == 404


@pytest.mark.django_db(transaction=True)  # the stream gives its connection back between two looks
def test_events_stream_to_the_end_and_go_on_after_the_last_one_seen(studio: Studio) -> None:
    shot = studio.released(studio.empty_request())
    whole = b"".join(studio.get(f"/shots/{shot}/events").streaming_content).decode()
    events = [block for block in whole.split("\n\n") if block.startswith("id: ")]
    assert [block.split("\n")[1] for block in events] == [f"event: {name}" for name in events_of(shot)]
    last = events[-2].split("\n")[0].removeprefix("id: ")
    rest = b"".join(studio.get(f"/shots/{shot}/events", **{"Last-Event-ID": last}).streaming_content).decode()
    assert [block for block in rest.split("\n\n") if block.startswith("id: ")] == events[-1:]


def test_a_preflight_decides_and_leaves_nothing(studio: Studio) -> None:
    before = StatementRow.objects.count()
    cleared = studio.post("/clearances/check", studio.request())
    assert (cleared.status_code, cleared.json()["cleared"]) == (200, True)
    ada = studio.world.token(studio.ada, "sign")
    assert studio.post("/clearances/check", studio.request(), secret=ada).json()["cleared"] is True
    stranger = studio.world.token(studio.archive, "produce")
    assert studio.post("/clearances/check", studio.request(), secret=stranger).json()["code"] == "foreign_token"
    assert (StatementRow.objects.count(), Shot.objects.count()) == (before, 0)


def test_a_cap_is_drawn_on_by_shots_and_given_back_by_those_that_close(studio: Studio) -> None:
    studio.revoke()
    studio.grant(caps={"shots": 1})
    studio.world.publish()
    shot = studio.queued()
    refused = studio.ask().json()
    assert {obstacle["code"] for obstacle in refused["decision"]["obstacles"]} == {"cap_exhausted"}
    studio.post(f"/shots/{shot}/cancel")
    assert studio.ask().status_code == 201


def test_a_shot_that_cannot_be_rendered_fails_with_the_reason(studio: Studio) -> None:
    invisible = np.zeros((40, 40, 4), np.uint8)
    ghost = studio.world.asset(studio.archive, media.png(invisible), title="Nobody")
    studio.world.title(studio.archive, ghost)
    studio.world.licence(studio.archive, studio.producer, ghost)
    studio.world.appearance(ghost, studio.ada, by=studio.archive)
    studio.world.publish()
    likeness = {"asset": ghost.id, "role": "likeness", "performer": studio.ada.id}
    shot = studio.queued(studio.request(references=[likeness]))
    studio.work(shot)
    assert outcome_of(shot) == ("failed", "the reference is fully transparent")
    assert Closure.objects.get(shot=shot).outcome == "failed"


def after_step(monkeypatch: pytest.MonkeyPatch, wanted: int, act: Callable[[], object]) -> None:
    """Let something happen right before the look that a render takes at its step number ``wanted``."""
    real = watching.look

    def look(lease: Any, *, step: int, steps: int) -> Any:
        if step == wanted:
            act()
        return real(lease, step=step, steps=steps)

    monkeypatch.setattr(rendering, "look", look)
