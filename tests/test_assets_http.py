"""Assets over HTTP: a file is kept once, told what it is, and shown to those whom it concerns."""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry.api import uploads
from registry.ingest import limits
from registry.models import Asset, Deposit
from tests import media
from tests.world import PEOPLE, Actor, File, World, new_id

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path: Path) -> Path:
    settings.MEDIA_DIR, settings.LOG_DIR = tmp_path / "media", tmp_path / "log"
    return settings.MEDIA_DIR


def get(world: World, actor: Actor, path: str) -> Any:
    return Client().get(f"/api/v1/assets{path}", headers={"Authorization": f"Bearer {world.token(actor)}"})


def post(world: World, actor: Actor, data: bytes, *scopes: str, **said: Any) -> Any:
    metadata = {"title": "Ridge at dawn", "kind": "still", "inventory": {"people": "none"}} | said
    return Client().post(
        "/api/v1/assets",
        {"file": SimpleUploadedFile("anything.exe", data), "metadata": json.dumps(metadata)},
        headers={"Authorization": f"Bearer {world.token(actor, *scopes)}"},
    )


def test_a_file_is_kept_and_comes_back_as_a_draft_to_sign(world: World) -> None:
    studio = world.party("Northlight", kind="organisation")
    data = media.png(alpha=True)
    answer = post(world, studio, data)
    assert answer.status_code == 201
    kept = answer.json()
    assert kept["sha256"] == hashlib.sha256(data).hexdigest()
    assert kept["media"]["alpha"] is True
    body = json.loads(base64.b64decode(kept["draft"]["payload"]))["body"]
    assert (body["asset"], body["media"], body["inventory"]["music"]) == (kept["asset"], kept["media"], "unknown")
    again = post(world, studio, data)
    assert (again.status_code, again.json()["asset"]) == (200, kept["asset"])
    assert not Asset.objects.exists()


BAD_FILES = {
    "not_media": b"hello",
    "truncated_media": media.png()[:-20],
    "unsupported_media": b"GIF89a" + bytes(100),
    "media_too_large": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (100_000).to_bytes(4) * 2 + b"\x08\2\0\0\0" + bytes(4),
}


@pytest.mark.parametrize("code", BAD_FILES)
def test_a_bad_file_gets_one_clear_problem_and_changes_nothing(world: World, places: Path, code: str) -> None:
    studio = world.party("Northlight", kind="organisation")
    answer = post(world, studio, BAD_FILES[code])
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["field"]) == (code, "file")
    assert not Deposit.objects.exists()
    assert not [path for path in places.rglob("*") if path.is_file()]


def test_keeping_a_file_needs_a_token_with_the_scope(world: World) -> None:
    studio = world.party("Northlight", kind="organisation")
    assert post(world, studio, media.png(), "read").status_code == 403
    assert Client().post("/api/v1/assets", {}).status_code == 401
    assert Client().get("/api/v1/assets").status_code == 401


def test_a_body_that_is_too_large_is_refused_before_it_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = world.party("Northlight", kind="organisation")
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 10_000)
    answer = post(world, studio, bytes(10_000))
    assert (answer.status_code, answer.json()["code"]) == (422, "media_too_large")


def test_an_upload_has_no_name_on_the_disk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = world.party("Northlight", kind="organisation")
    seen: list[list[Path]] = []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "uploads"))
    (tmp_path / "uploads").mkdir()
    real = uploads.UnnamedUpload.file_complete
    monkeypatch.setattr(
        uploads.UnnamedUpload,
        "file_complete",
        lambda self, size: seen.append(list((tmp_path / "uploads").iterdir())) or real(self, size),
    )
    assert post(world, studio, media.wav(10)).status_code == 201
    assert seen == [[]]


@pytest.fixture
def scene(world: World) -> dict[str, Any]:
    """A studio's portrait of Ada, licensed to a producer; a stranger stands by."""
    studio = world.party("Northlight", kind="organisation")
    producer = world.party("Westwind", kind="organisation")
    stranger = world.party("Nobody", kind="organisation")
    ada, bob = world.party("Ada Marsh"), world.party("Bob Reed")
    portrait = world.asset(studio, media.png(media.scene(seed=1)), title="Portrait of Ada", inventory=PEOPLE)
    plate = world.asset(studio, media.png(media.scene(seed=2)), title="Ridge at dawn")
    world.appearance(portrait, ada, by=studio)
    world.appearance(portrait, bob, by=studio, aspects=["body"])
    world.title(studio, portrait)
    world.licence(studio, producer, portrait)
    world.publish()
    return {
        "studio": studio, "producer": producer, "stranger": stranger, "ada": ada, "bob": bob,
        "portrait": portrait, "plate": plate,
    }  # fmt: skip


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [row["title"] for row in answer.json()["results"]]


def test_everybody_sees_the_assets_that_concern_them_and_no_others(world: World, scene: dict[str, Any]) -> None:
    assert titles(get(world, scene["studio"], "")) == ["Ridge at dawn", "Portrait of Ada"]
    for who in ("producer", "ada", "bob"):
        assert titles(get(world, scene[who], "")) == ["Portrait of Ada"]
    assert titles(get(world, scene["stranger"], "")) == []
    portrait: File = scene["portrait"]
    assert get(world, scene["producer"], f"/{portrait.id}").json()["sha256"] == portrait.sha256
    for path in (f"/{portrait.id}", f"/{portrait.id}/rights", f"/{new_id()}"):
        hidden = get(world, scene["stranger"], path)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "unknown_asset")


def test_a_list_is_filtered_and_comes_in_pages(world: World, scene: dict[str, Any]) -> None:
    studio, plate = scene["studio"], scene["plate"]
    assert titles(get(world, studio, f"?sha256={plate.sha256}")) == ["Ridge at dawn"]
    assert titles(get(world, studio, "?q=ridge")) == ["Ridge at dawn"]
    assert titles(get(world, studio, "?kind=footage")) == []
    first = get(world, studio, "?limit=1")
    assert titles(first) == ["Ridge at dawn"]
    assert titles(get(world, studio, first.json()["next"].partition("/assets")[2])) == ["Portrait of Ada"]
    for wrong in ("?kind=painting", "?sha256=abc", "?q="):
        assert get(world, studio, wrong).status_code == 400


def test_rights_in_an_asset_are_shown_as_far_as_they_concern_the_caller(world: World, scene: dict[str, Any]) -> None:
    def rights(who: str) -> dict[str, Any]:
        answer = get(world, scene[who], f"/{scene['portrait'].id}/rights")
        assert answer.status_code == 200
        return answer.json()

    seen = rights("studio")
    assert [row["claimant"] for row in seen["titles"]] == [scene["studio"].id]
    assert [row["licensee"] for row in seen["licences"]] == [scene["producer"].id]
    assert {row["performer"] for row in seen["appearances"]} == {scene["ada"].id, scene["bob"].id}
    assert seen["appearances"][0]["logged"] is True
    assert {row["performer"] for row in rights("producer")["appearances"]} == {scene["ada"].id, scene["bob"].id}
    own = rights("ada")
    assert [(row["performer"], row["aspects"]) for row in own["appearances"]] == [(scene["ada"].id, ["body", "face"])]
    assert own["licences"] == []
