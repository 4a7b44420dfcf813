"""A project's cut over HTTP: handed in, kept in versions, matched with what was released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, transaction
from django.test import Client
from uuid6 import uuid7

from generation.models import Cut
from tests.studio import Studio, post

pytestmark = pytest.mark.django_db

TABLE = "shot_code,take,in,out\nR1_010,1,0,3\nR1_020,,,\n"


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


def hand_in(studio: Studio, text: str = TABLE, *, key: str | None = None, **fields: Any) -> Any:
    headers = studio.headers(fields.pop("secret", None)) | {"Idempotency-Key": key or str(uuid7())}
    return post(f"/api/v1/projects/{studio.project}/cut", {"format": "csv", "text": text} | fields, headers)


def test_a_cut_says_which_of_its_events_have_papers_and_follows_what_is_released(studio: Studio) -> None:
    shot = studio.released(studio.empty_request())
    told = hand_in(studio)
    assert told.status_code == 201, told.content
    first, second = told.json()["events"]
    assert (first["shot"], first["frames"], first["gap"]) == (shot, [0, 3], None)
    assert (second["shot"], second["gap"]) == (None, "unmatched")
    other = studio.released(studio.empty_request(shot_code="R1_020"))
    read = studio.get(f"/projects/{studio.project}/cut").json()
    assert [event["shot"] for event in read["events"]] == [shot, other]
    assert read["gaps"] == 0


def test_every_version_is_kept_and_the_newest_counts(studio: Studio) -> None:
    assert studio.get(f"/projects/{studio.project}/cut").status_code == 404
    assert hand_in(studio, key="one").json()["version"] == 1
    assert hand_in(studio, key="one").json()["version"] == 1
    assert hand_in(studio, "shot_code\nR1_030\n", key="one").json()["code"] == "idempotency_key_reused"
    assert hand_in(studio, "shot_code\nR1_030\n").json()["version"] == 2
    path = f"/projects/{studio.project}/cut"
    assert [len(studio.get(path + query).json()["events"]) for query in ("", "?version=1", "?version=2")] == [1, 2, 1]
    assert studio.get(f"{path}?version=3").status_code == 404
    assert studio.get(f"{path}?version=x").json()["code"] == "bad_value"
    with pytest.raises(ProgrammingError), transaction.atomic():
        Cut.objects.update(name="another")


def test_a_file_is_taken_as_well_as_text_and_its_format_is_that_of_its_name(studio: Studio) -> None:
    headers = studio.headers() | {"Idempotency-Key": "file"}
    url = f"/api/v1/projects/{studio.project}/cut"
    file = SimpleUploadedFile("ridge.CSV", TABLE.encode())
    told = Client().post(url, {"file": file}, headers=headers).json()
    assert (told["format"], told["name"], len(told["events"])) == ("csv", "ridge.CSV", 2)
    headers["Idempotency-Key"] = "other"
    unknown = Client().post(url, {"file": SimpleUploadedFile("ridge.xml", b"<x/>")}, headers=headers)
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["field"]) == (422, "unreadable_cut", "format")


def test_a_wrong_line_is_one_problem_that_names_it_and_nothing_is_kept(studio: Studio) -> None:
    answer = hand_in(studio, "shot_code,in,out\nR1_010,0,3\nR1_020,x,3\n")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "unreadable_cut", "line 3, in")
    assert not Cut.objects.exists()


def test_only_the_producer_of_a_project_cuts_it(studio: Studio) -> None:
    stranger = studio.world.token(studio.archive, "produce")
    assert hand_in(studio, secret=stranger).status_code == 404
    reader = studio.world.token(studio.producer, "read")
    assert hand_in(studio, secret=reader).status_code == 403
    assert hand_in(studio).status_code == 201
    assert studio.get(f"/projects/{studio.project}/cut", secret=reader).status_code == 200
    assert studio.get(f"/projects/{studio.project}/cut", secret=stranger).status_code == 404
