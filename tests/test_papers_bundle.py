"""The papers of a shot that a real server released: fetched over HTTP, verified without it."""

import json
from pathlib import Path
from typing import Any

import pytest

from generation.core.bundle import Bundle
from generation.verify.__main__ import main
from tests.sealed_papers import fetched
from tests.studio import Studio

pytestmark = pytest.mark.django_db

Capture = pytest.CaptureFixture[str]


def test_a_released_shot_is_proven_without_the_server(settings: Any, tmp_path: Path, capsys: Capture) -> None:
    studio = Studio.open(tmp_path, settings)
    shot = studio.released()
    waiting = studio.get(f"/shots/{shot}/bundle")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not_yet_published")
    studio.world.publish()
    arguments = fetched(studio, shot, tmp_path)
    assert main(arguments) == 0, capsys.readouterr().out
    capsys.readouterr()
    assert main(arguments[:2]) == 2
    bundle = Bundle.parse(json.loads((tmp_path / "bundle.json").read_text()))
    assert studio.consent in bundle.statements
    assert all(held.proof for held in bundle.statements.values())


def test_papers_stay_proven_after_a_revocation_and_a_tampered_copy_has_none(
    settings: Any, tmp_path: Path, capsys: Capture
) -> None:
    studio = Studio.open(tmp_path, settings)
    shot = studio.released()
    studio.revoke()
    studio.world.publish()
    arguments = fetched(studio, shot, tmp_path)
    assert main(arguments) == 0, capsys.readouterr().out
    file = tmp_path / "out.mp4"
    data = bytearray(file.read_bytes())
    data[data.index(b"mdat") + 100] ^= 1
    file.write_bytes(data)
    assert main(arguments) == 1
    assert "FAILED at step 1, file" in capsys.readouterr().out


def test_a_shot_without_anybody_has_papers_too(settings: Any, tmp_path: Path, capsys: Capture) -> None:
    studio = Studio.open(tmp_path, settings)
    shot = studio.released(studio.empty_request())
    studio.world.publish()
    assert main(fetched(studio, shot, tmp_path)) == 0, capsys.readouterr().out


def test_a_shot_that_was_not_released_has_no_papers(settings: Any, tmp_path: Path) -> None:
    studio = Studio.open(tmp_path, settings)
    shot = studio.queued()
    studio.world.publish()
    answer = studio.get(f"/shots/{shot}/bundle")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
