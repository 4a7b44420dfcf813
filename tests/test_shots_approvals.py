"""A shot that waits for somebody's yes: on the spec, on the result, by silence, and what a no does."""

from pathlib import Path
from typing import Any

import pytest

from generation.models import Shot
from generation.verify.__main__ import main as verify
from registry.core.errors import DomainError
from registry.core.jcs import Json
from tests.studio import Studio, events_of, outcome_of, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


def consents(studio: Studio, on: str, *, hours: int | None = None, silence: str = "refused") -> str:
    """Ada consents, and keeps a word of her own on the shot."""
    term = {"by": "performer", "on": on, "acts": ["distribute"], "hours": hours, "on_silence": silence}
    digest = studio.grant(approvals=[term])
    studio.world.publish()
    return digest


def reviewed(studio: Studio) -> str:
    """A shot is asked for, made, and passed by its reviewer; Ada's word is left."""
    shot = studio.queued()
    studio.work(shot)
    studio.review(shot)
    studio.world.publish()
    studio.work(shot)
    return shot


def say(studio: Studio, what: str, shot: str, grant: str, on: str) -> None:
    body: dict[str, Json] = {"shot": shot, "grant": grant, "on": on, "note": None}
    studio.world.act(f"approval.{what}", body, by=studio.ada)
    studio.world.publish()
    Shot.objects.filter(id=shot).update(not_before=None)  # nobody has to sit out the pause between two looks
    studio.work(shot)


@pytest.mark.parametrize("on", ["spec", "result"])
def test_a_shot_is_queued_and_made_but_leaves_only_with_the_performers_yes(
    studio: Studio, on: str, tmp_path: Path
) -> None:
    grant = consents(studio, on)
    shot = reviewed(studio)
    assert state_of(shot) == "awaiting_approval"
    pending = studio.get(f"/shots/{shot}").json()["decision"]["pending"]
    assert pending == [{"grant": grant, "by": studio.ada.id, "on": on, "due": None}]
    say(studio, "given", shot, grant, on)
    assert state_of(shot) == "released"
    studio.world.publish()
    bundle, output = tmp_path / "bundle.json", tmp_path / "out.mp4"
    bundle.write_bytes(studio.get(f"/shots/{shot}/bundle").content)
    output.write_bytes(b"".join(studio.get(f"/shots/{shot}/media")))
    assert verify([str(bundle), str(output)]) in (0, 2)


def test_a_no_ends_the_shot(studio: Studio) -> None:
    grant = consents(studio, "result")
    shot = reviewed(studio)
    say(studio, "declined", shot, grant, "result")
    assert state_of(shot) == "aborted"
    assert "approval_declined" in str(outcome_of(shot)[1])


def test_silence_answers_when_its_hours_are_over(studio: Studio) -> None:
    grant = consents(studio, "spec", hours=1, silence="approved")
    shot = reviewed(studio)
    assert state_of(shot) == "awaiting_approval"
    row = Shot.objects.get(id=shot)
    (key,) = row.asked
    assert key == f"{grant}:spec"
    Shot.objects.filter(id=shot).update(asked={key: "2026-01-01T00:00:00Z"}, not_before=None)
    studio.work(shot)
    assert state_of(shot) == "released"


def test_those_who_watch_are_told_that_it_waits_and_for_whom(studio: Studio) -> None:
    consents(studio, "result")
    shot = reviewed(studio)
    assert events_of(shot).count("awaiting_approval") >= 1


def test_somebody_elses_yes_is_refused_and_changes_nothing(studio: Studio) -> None:
    grant = consents(studio, "result")
    shot = reviewed(studio)
    body: dict[str, Json] = {"shot": shot, "grant": grant, "on": "result", "note": None}
    with pytest.raises(DomainError, match="is not asked for approval here"):
        studio.world.act("approval.given", body, by=studio.archive)
    assert state_of(shot) == "awaiting_approval"
