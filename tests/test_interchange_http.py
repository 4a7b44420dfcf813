"""Interchange over HTTP: own grants go out, files come in as drafts that can be signed, and nothing is stored."""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from registry.core.envelope import sign_statement
from registry.core.times import format_time
from registry.locks import clock
from registry.models import StatementRow
from tests.interchange_bodies import DIGESTS
from tests.interchange_sheets import GOOD, OFFER, csv_of, workbook
from tests.studio import consent_body
from tests.world import Actor, World, scope

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path: Path) -> None:
    settings.MEDIA_DIR, settings.LOG_DIR = tmp_path / "media", tmp_path / "log"


def take(world: World, actor: Actor, data: bytes, *scopes: str, **said: str) -> Any:
    return Client().post(
        "/api/v1/interchange/import",
        {"file": SimpleUploadedFile("deals", data), **said},
        headers={"Authorization": f"Bearer {world.token(actor, *scopes)}"},
    )


def give(world: World, actor: Actor, format_: str, kind: str = "licences", *scopes: str) -> Any:
    return Client().get(
        "/api/v1/interchange/export",
        {"format": format_, "kind": kind},
        headers={"Authorization": f"Bearer {world.token(actor, *scopes)}"},
    )


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def licensed(world: World) -> tuple[Actor, Actor, str]:
    """A licence of one picture, from an archive to a studio."""
    archive = world.party("Archive", kind="organisation")
    studio = world.party("Northlight", kind="organisation")
    return archive, studio, world.licence(archive, studio, world.asset(archive))


def body_of(world: World, actor: Actor, digest: str) -> dict[str, Any]:
    path = f"/api/v1/statements/{digest}"
    answer = Client().get(path, headers={"Authorization": f"Bearer {world.token(actor)}"}).json()
    body = json.loads(base64.b64decode(answer["envelope"]["payload"]))["body"]
    return {name: value for name, value in body.items() if name not in ("language", "text_sha256", "private_sha256")}


@pytest.mark.parametrize("format_", ["csv", "xlsx", "odrl", "odrl_jsonld"])
def test_own_licences_go_out_and_come_back_as_the_same_body(world: World, format_: str) -> None:
    archive, studio, digest = licensed(world)
    out = give(world, studio, format_)
    assert out.status_code == 200
    back = take(world, studio, content(out), format=format_)
    assert back.status_code == 200, back.json()
    (draft,) = back.json()["drafts"]
    assert draft["body"] == body_of(world, studio, digest)
    assert (draft["reference"], draft["type"], draft["issuer"]) == (digest, "licence.granted", archive.id)


@pytest.mark.parametrize("format_", ["csv", "xlsx", "odrl"])
def test_a_performers_own_consents_go_out_with_what_they_are_and_without_what_was_withdrawn(
    world: World, format_: str
) -> None:
    ada, studio = world.party("Ada Marsh"), world.party("Northlight", kind="organisation")
    digest = world.act("consent.granted", consent_body(ada, studio) | {"basis": "contract"}, by=ada)
    out = content(give(world, ada, format_, "consents"))
    if format_ == "odrl":
        assert b"odrl:Offer" in out  # the studio has not accepted it
    back = take(world, ada, out, format=format_, kind="consents")
    assert back.status_code == 200, back.json()
    (draft,) = back.json()["drafts"]
    assert draft["body"] == body_of(world, ada, digest)
    world.act("consent.revoked", {"performer": ada.id, "grants": [digest], "grantee": None}, by=ada)
    assert digest not in content(give(world, ada, "csv", "consents")).decode()


def test_nobody_elses_grants_go_out_and_no_ended_ones(world: World) -> None:
    archive, studio, digest = licensed(world)
    other = world.party("Other", kind="organisation")
    assert digest in content(give(world, studio, "csv")).decode()
    assert digest not in content(give(world, other, "csv")).decode()
    world.act("licence.terminated", {"licence": digest}, by=archive)
    assert digest not in content(give(world, studio, "csv")).decode()


@pytest.mark.parametrize("format_", ["csv", "xlsx", "odrl"])
def test_a_licence_goes_out_as_it_stands_amended_with_its_options_taken_and_by_whom_it_is_held(
    world: World, format_: str
) -> None:
    archive, studio = world.party("Archive", kind="organisation"), world.party("Northlight", kind="organisation")
    heir = world.party("Westwind", kind="organisation")
    taken, open_ = (
        {
            "option": name,
            "exercise": ["2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"],
            "scopes": [scope(media=[medium])],
        }
        for name, medium in (("games", "games"), ("radio", "radio_podcast"))
    )
    digest = world.licence(
        archive, studio, world.asset(archive), options=[taken, open_], assignable=True, scopes=[scope(media=["svod"])]
    )
    signed = body_of(world, studio, digest)
    left_out = ("document_sha256", "signed_on")
    terms = {name: value for name, value in signed.items() if name not in left_out}
    for moment, media in ((clock(), ["avod", "svod"]), (clock() + timedelta(days=1), ["fast"])):
        amended = terms | {"scopes": [scope(media=media)]}
        from_ = format_time(moment.replace(microsecond=0))
        said = {"licence": digest, "effective_from": from_, "terms": amended, "document_sha256": None}
        world.act("licence.amended", said, by=archive)
    world.act("option.exercised", {"licence": digest, "option": "games"}, by=studio)
    now = format_time(clock().replace(microsecond=0))
    passed = {"grant": digest, "to": heir.id, "effective_from": now, "document_sha256": None}
    world.act("grant.assigned", passed, by=studio)
    for who in (archive, heir):
        back = take(world, who, content(give(world, who, format_)), format=format_)
        assert back.status_code == 200, back.json()
        (draft,) = back.json()["drafts"]
        body = draft["body"]
        assert (draft["reference"], draft["type"], body["licensee"]) == (digest, "licence.granted", heir.id)
        assert [box["media"] for box in body["scopes"]] == [["avod", "svod"], ["games"]]
        assert [option["option"] for option in body["options"]] == ["radio"]
    assert digest not in content(give(world, studio, "csv")).decode()


def test_a_consent_goes_out_for_whom_it_was_assigned_to_once_it_holds_it(world: World) -> None:
    ada, studio = world.party("Ada Marsh"), world.party("Northlight", kind="organisation")
    heir = world.party("Westwind", kind="organisation")
    grants = [world.act("consent.granted", consent_body(ada, studio) | {"assignable": True}, by=ada) for _ in range(2)]
    for grant, days in zip(grants, (0, 10), strict=True):
        from_ = format_time(clock().replace(microsecond=0) + timedelta(days=days))
        passed = {"grant": grant, "to": heir.id, "effective_from": from_, "document_sha256": None}
        world.act("grant.assigned", passed, by=studio)
    out = {who.id: content(give(world, who, "csv", "consents")).decode() for who in (ada, studio, heir)}
    assert [[grant in text for grant in grants] for text in out.values()] == [
        [True, True],
        [False, True],
        [True, False],
    ]
    (draft,) = take(world, heir, out[heir.id].encode(), format="csv", kind="consents").json()["drafts"]
    assert draft["body"]["grantee"] == heir.id
    world.act("consent.revoked", {"performer": ada.id, "grants": None, "grantee": heir.id}, by=ada)
    assert grants[0] not in content(give(world, heir, "csv", "consents")).decode()


def test_a_consent_that_another_took_the_place_of_does_not_go_out_beside_it(world: World) -> None:
    ada, studio = world.party("Ada Marsh"), world.party("Northlight", kind="organisation")
    old = world.act("consent.granted", consent_body(ada, studio), by=ada)
    offer = consent_body(ada, studio) | {"supersedes": [old], "basis": "contract"}
    offered = world.act("consent.granted", offer, by=ada)
    assert [one in content(give(world, studio, "csv", "consents")).decode() for one in (old, offered)] == [True, True]
    world.act("grant.accepted", {"grant": offered}, by=studio)
    (row,) = csv.DictReader(io.StringIO(content(give(world, studio, "csv", "consents")).decode("utf-8-sig")))
    assert (row["grant"], row["supersedes"]) == (offered, old)


def test_an_avail_says_beside_it_that_a_licence_is_sole(world: World) -> None:
    archive, studio, _ = licensed(world)
    subjects = [{"kind": "work", "id": world.work(archive)}]
    box = scope(acts=["distribute"], aspects=["picture"])
    world.licence(archive, studio, subjects=subjects, scopes=[box], exclusivity="sole")
    notes = load_workbook(io.BytesIO(content(give(world, archive, "ema"))))["not expressed"]
    assert 'exclusivity: "sole"' in [str(what) for _, what in notes.iter_rows(values_only=True)]


def test_an_import_stores_nothing_and_its_draft_can_be_drafted_signed_and_sent(world: World) -> None:
    archive, studio, _ = licensed(world)
    work = world.work(archive)
    row = GOOD | {"licensor": archive.id, "licensee": studio.id, "subjects": f"work {work}"}
    before = StatementRow.objects.count()
    answer = take(world, studio, csv_of(row), format="csv", kind="licences")
    assert (answer.status_code, StatementRow.objects.count()) == (200, before)
    (draft,) = answer.json()["drafts"]
    asked = {name: draft[name] for name in ("type", "issuer", "body", "private")} | {"language": "fr"}
    headers = {"Authorization": f"Bearer {world.token(studio)}"}
    drafted = Client().post("/api/v1/statements/draft", asked, content_type="application/json", headers=headers)
    assert drafted.status_code == 200, drafted.json()
    envelope = sign_statement(base64.b64decode(drafted.json()["payload"]), studio.key)
    world.submit({"envelope": envelope.format(), "text": drafted.json()["text"], "private": None})
    assert StatementRow.objects.count() == before + 1


def test_a_file_with_a_wrong_row_answers_with_the_whole_report(world: World) -> None:
    _, studio, _ = licensed(world)
    before = StatementRow.objects.count()
    rows = csv_of(GOOD, GOOD | {"grant": "L-2", "territories": "Atlantis"})
    answer = take(world, studio, rows, format="csv")
    problem = answer.json()
    assert (answer.status_code, problem["code"], StatementRow.objects.count()) == (422, "file_refused", before)
    assert problem["report"]["wrong"] == 1
    assert [row["row"] for row in problem["report"]["rows"]] == [2, 3]
    (said,) = problem["report"]["rows"][1]["findings"]
    assert (said["column"], said["code"], sorted(said["message"])) == ("territories", "bad_cell", ["en", "fr"])
    assert take(world, studio, csv_of(GOOD), format="csv").status_code == 200


def test_avails_are_read_with_what_is_said_beside_them(world: World) -> None:
    archive, studio, _ = licensed(world)
    work = world.work(archive)
    terms = {
        "ids": {OFFER["ALID"]: work},
        "licensor": archive.id,
        "acts": ["distribute"],
        "aspects": ["picture", "sound"],
        "purposes": ["work"],
        "projects": ["*"],
        "document_sha256": DIGESTS[1],
        "signed_on": "2026-10-01",
    }
    answer = take(world, studio, workbook(OFFER), format="ema", terms=json.dumps(terms))
    assert answer.status_code == 200, answer.json()
    (draft,) = answer.json()["drafts"]
    assert (draft["issuer"], draft["body"]["subjects"]) == (studio.id, [{"kind": "work", "id": work}])
    refused = take(world, studio, workbook(OFFER), format="ema")
    assert (refused.status_code, refused.json()["code"]) == (422, "file_refused")


def test_works_are_found_by_the_identifiers_that_they_were_registered_with(world: World) -> None:
    archive, studio, _ = licensed(world)
    work = world.work(archive)
    fields = {"licensor": archive.id, "licensee": studio.id, "document_sha256": DIGESTS[1], "signed_on": "2026-10-01"}
    box = {"acts": ["distribute"], "aspects": ["picture"], "purposes": ["work"], "projects": ["*"]}
    world.act(
        "work.registered",
        {"work": work[:-4] + "ffff", "title": "Two", "kind": "film", "identifiers": {"eidr": "10.5240/7791-8534"}},
        by=studio,
    )
    offer = OFFER | {"ALID": "10.5240/7791-8534"}
    answer = take(world, studio, workbook(offer), format="ema", terms=json.dumps(fields | box))
    assert answer.status_code == 200, answer.json()
    assert answer.json()["drafts"][0]["body"]["subjects"] == [{"kind": "work", "id": work[:-4] + "ffff"}]


def test_licences_go_out_as_avails_and_consents_do_not(world: World) -> None:
    archive, studio, _ = licensed(world)
    work = world.work(archive)
    fields = {"subjects": [{"kind": "work", "id": work}], "scopes": [scope(acts=["distribute"], aspects=["picture"])]}
    world.licence(archive, studio, **fields)
    out = give(world, archive, "ema")
    assert (out.status_code, out["Content-Disposition"]) == (200, 'attachment; filename="licences.xlsx"')
    refused = give(world, archive, "ema", "consents")
    assert (refused.status_code, refused.json()["field"]) == (400, "kind")


def test_what_is_asked_wrongly_is_said(world: World) -> None:
    _, studio, _ = licensed(world)
    assert take(world, studio, csv_of(GOOD), format="doc").json()["field"] == "format"
    assert take(world, studio, csv_of(GOOD), format="csv", kind="x").json()["field"] == "kind"
    assert take(world, studio, csv_of(GOOD), format="csv", terms="{}").json()["field"] == "terms"
    assert take(world, studio, csv_of(GOOD), format="odrl", terms="{").status_code == 400
    assert give(world, studio, "pdf").json()["field"] == "format"
    assert take(world, studio, csv_of(GOOD), "read", format="csv").status_code == 403
    assert give(world, studio, "csv", "licences", "read").status_code == 403
    assert Client().get("/api/v1/interchange/export", {"format": "csv", "kind": "licences"}).status_code == 401


def test_the_profile_is_public(world: World) -> None:
    answer = Client().get("/api/v1/interchange/odrl-profile")
    assert answer.status_code == 200
    assert b"odrl:Profile" in answer.content
