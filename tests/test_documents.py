"""Papers over HTTP: kept encrypted, bound to their hash, read by those whom they concern, every reading noted."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, transaction
from django.test import Client

from registry.locks import clock
from registry.models import Document, DocumentReading
from registry.services import documents
from registry.services.policies import set_registry_policy
from registry.vault.files import path_of
from tests.refusals import rebuilt, refused
from tests.terms import consent, guardianship, recorded, revoked, suspension
from tests.world import Actor, File, World, licence_body, new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directories")]

CONTRACT = b"%PDF-1.7\nThe licensor grants the licensee Ridge at dawn for France.\n%%EOF"
SHA256 = hashlib.sha256(CONTRACT).hexdigest()


@pytest.fixture
def plate(world: World, studio: Actor) -> File:
    return world.asset(studio)


def client(world: World, actor: Actor, *scopes: str, person: Actor | None = None) -> Client:
    return Client(headers={"Authorization": f"Bearer {world.token(actor, *scopes, person=person)}"})


def send(world: World, actor: Actor, content: bytes = CONTRACT, *scopes: str) -> Any:
    file = SimpleUploadedFile("contract.exe", content)
    return client(world, actor, *scopes).post("/api/v1/documents", {"file": file})


def read(world: World, actor: Actor, sha256: str = SHA256, **who: Any) -> Any:
    return client(world, actor, **who).get(f"/api/v1/documents/{sha256}")


def test_a_paper_is_kept_once_by_its_hash_and_encrypted(world: World, gallery: Actor) -> None:
    answer = send(world, gallery)
    assert (answer.status_code, answer.json()) == (
        201, {"sha256": SHA256, "size": len(CONTRACT), "mime": "application/pdf"},
    )  # fmt: skip
    assert send(world, gallery).status_code == 200
    assert b"licensor" not in path_of(Document.objects.get().id).read_bytes()
    got = read(world, gallery)
    assert (got.status_code, got.content, got["Content-Type"]) == (200, CONTRACT, "application/pdf")
    assert got["Content-Disposition"].startswith("attachment")
    assert got["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "status", "code"), [(b"<html>", 422, "unsupported_document"), (b"", 422, "unsupported_document")]
)
def test_what_is_no_paper_is_refused_and_leaves_nothing(
    world: World, gallery: Actor, settings: Any, content: bytes, status: int, code: str
) -> None:
    answer = send(world, gallery, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Document.objects.exists()
    assert not [path for path in Path(settings.MEDIA_DIR).rglob("*") if path.is_file()]


def test_a_paper_has_a_largest_size(world: World, gallery: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", len(CONTRACT))
    assert send(world, gallery).status_code == 201
    answer = send(world, gallery, CONTRACT + b"\n")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_paper_is_deposited_by_whoever_may_sign_or_keeps_rights(world: World, gallery: Actor) -> None:
    assert send(world, gallery, CONTRACT, "read").json()["code"] == "insufficient_scope"
    assert send(world, gallery, CONTRACT, "rights").status_code == 201
    assert Client().get(f"/api/v1/documents/{SHA256}").status_code == 401


def test_both_sides_of_a_licence_read_its_paper_and_nobody_else(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    stranger = world.party("Eve")
    send(world, gallery)
    assert [read(world, one).status_code for one in (studio, stranger)] == [404, 404]
    paper = licence_body(studio, gallery, plate) | {"document_sha256": SHA256, "signed_on": "2026-01-02"}
    world.act("licence.recorded", paper, by=gallery)
    assert read(world, studio).content == CONTRACT
    missing, unknown = read(world, stranger), read(world, stranger, "0" * 64)
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_document")
    assert unknown.json()["code"] == "unknown_document"  # whether it is there is nobody else's to know
    rebuilt()


def test_naming_a_hash_opens_nobody_elses_paper(world: World, studio: Actor, gallery: Actor, plate: File) -> None:
    """Whoever learns a hash and claims a deal about it gets nothing: only the depositor's own word opens a paper."""
    eve = world.party("Eve", kind="organisation")
    send(world, gallery)
    claimed = licence_body(gallery, eve, plate) | {"document_sha256": SHA256, "signed_on": "2026-01-02"}
    world.act("licence.recorded", claimed, by=eve)
    assert read(world, eve).status_code == 404
    assert read(world, gallery).status_code == 200


def test_who_acts_for_a_side_reads_what_it_reads_while_the_authority_stands(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    agent = world.party("Ben Okri")
    authority = {
        "authority": new_id(), "principal": studio.id, "agents": [agent.id], "required": 1, "role": "agent",
        "powers": ["view"], "acts": [], "window": ["2026-01-01T00:00:00Z", None],
    }  # fmt: skip
    send(world, gallery)
    paper = licence_body(studio, gallery, plate) | {"document_sha256": SHA256, "signed_on": "2026-01-02"}
    world.act("licence.recorded", paper, by=gallery)
    assert read(world, agent).status_code == 404
    world.act("authority.granted", authority, by=studio)
    assert read(world, agent).status_code == 200
    world.act("authority.ended", {"authority": authority["authority"]}, by=studio)
    assert read(world, agent).status_code == 404


def test_the_paper_of_a_consent_and_the_evidence_of_a_breach_are_read_by_the_other_side(
    world: World, studio: Actor, ada: Actor
) -> None:
    stranger, court = world.party("Eve"), world.party("Olga Officer")
    set_registry_policy(court_officers=[court.id], at=clock())
    kept, breach, answer = (
        world.paper(who, said) for who, said in ((studio, "deal"), (ada, "shot"), (studio, "script"))
    )
    world.act("consent.recorded", recorded(ada, studio, document_sha256=kept), by=studio)
    assert [read(world, who, kept).status_code for who in (ada, stranger, court)] == [200, 404, 404]
    grant = world.act("consent.granted", consent(ada, studio), by=ada)
    taken = world.act("consent.revoked", revoked(ada, grant, cause="breach", evidence_sha256=breach), by=ada)
    assert [read(world, who, breach).status_code for who in (studio, court, stranger)] == [200, 200, 404]
    said = {"revocation": taken, "grounds": "It was in the script.", "evidence_sha256": answer}
    world.act("revocation.disputed", said, by=studio)
    assert [read(world, who, answer).status_code for who in (ada, court, stranger)] == [200, 200, 404]
    rebuilt()


def test_to_whom_a_licence_was_assigned_reads_its_paper(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    heir = world.party("Westwind", kind="organisation")
    send(world, gallery)
    paper = licence_body(studio, gallery, plate) | {"document_sha256": SHA256, "signed_on": "2026-01-02"}
    licence = world.act("licence.recorded", paper | {"assignable": True}, by=gallery)
    passed = {"grant": licence, "to": heir.id, "effective_from": "2027-01-01T00:00:00Z", "document_sha256": None}
    assert read(world, heir).status_code == 404
    world.act("grant.assigned", passed, by=gallery)
    assert read(world, heir).content == CONTRACT
    rebuilt()


def test_the_papers_of_amendments_are_read_by_to_whom_the_licence_was_assigned_before_or_after(
    world: World, studio: Actor, gallery: Actor, plate: File
) -> None:
    heir, stranger = world.party("Westwind", kind="organisation"), world.party("Eve")
    terms = licence_body(studio, gallery, plate)
    licence = world.act("licence.granted", terms | {"assignable": True}, by=studio)
    plain = {name: terms[name] for name in terms if name not in ("document_sha256", "signed_on")}
    papers = [world.paper(studio, said) for said in ("before", "after")]
    for day, paper in zip(("2027-01-01", "2027-06-01"), papers, strict=True):
        amended = {"licence": licence, "effective_from": f"{day}T00:00:00Z", "terms": plain | {"assignable": True}}
        world.act("licence.amended", amended | {"document_sha256": paper}, by=studio)
        if paper == papers[0]:
            assert read(world, heir, paper).status_code == 404
            passed = {"grant": licence, "to": heir.id, "effective_from": "2027-02-01T00:00:00Z"}
            world.act("grant.assigned", passed | {"document_sha256": None}, by=gallery)
    for paper in papers:
        assert [read(world, who, paper).status_code for who in (gallery, heir, stranger)] == [200, 200, 404]
    rebuilt()


def test_the_evidence_of_a_guardianship_and_of_its_dispute_are_read_by_its_sides_and_the_court(
    world: World, ada: Actor
) -> None:
    notary = world.party("Nora Notary")
    guardian, stranger, court = world.party("Ben Okri"), world.party("Eve"), world.party("Olga Officer")
    set_registry_policy(court_officers=[court.id], at=clock())
    birth, doubt = world.paper(notary, "birth"), world.paper(stranger, "doubt")
    named = guardianship(ada, guardian, evidence_sha256=birth)
    world.act("authority.granted", named, by=notary)
    assert [read(world, who, birth).status_code for who in (ada, guardian, court, stranger)] == [200, 200, 200, 404]
    said = {"authority": named["authority"], "grounds": "They never met.", "evidence_sha256": doubt}
    world.act("authority.disputed", said, by=stranger)
    assert [read(world, who, doubt).status_code for who in (ada, guardian, notary, court)] == [200] * 4
    rebuilt()


def test_an_order_of_a_court_is_read_by_whom_it_binds_or_who_registered_what_it_is_on(
    world: World, studio: Actor, ada: Actor, plate: File
) -> None:
    stranger, court = world.party("Eve"), world.party("Olga Officer")
    set_registry_policy(court_officers=[court.id], at=clock())
    owner = world.party("Westwind", kind="organisation")
    work = world.work(studio)
    world.title(owner, plate)
    on = (
        ("performer", ada.id, ada),
        ("asset", plate.id, studio),
        ("asset", plate.id, owner),
        ("work", work, studio),
        ("grantee", studio.id, studio),
    )
    for number, (kind, id_, reader) in enumerate(on):
        order = world.paper(court, f"order {number}")
        assert read(world, reader, order).status_code == 404
        world.act("suspension.declared", suspension("court", court, kind, id_, document_sha256=order), by=court)
        assert [read(world, who, order).status_code for who in (reader, stranger)] == [200, 404]
    rebuilt()


def test_the_order_that_lets_a_minor_work_is_read_by_both_sides(world: World, studio: Actor) -> None:
    notary = world.party("Nora Notary")
    child, guardian, stranger = world.party("Mia Marsh", born="2015-01-01"), world.party("Ben Okri"), world.party("Eve")
    world.act("authority.granted", guardianship(child, guardian), by=notary)
    order = world.paper(guardian, "order")
    minor = {"guardians": "one", "court_order_sha256": order, "at_majority": "ends"}
    world.act("consent.granted", consent(child, studio, minor=minor), by=guardian)
    assert [read(world, who, order).status_code for who in (studio, child, stranger)] == [200, 200, 404]
    rebuilt()


def test_every_reading_is_noted_and_stays_noted(world: World, gallery: Actor) -> None:
    ben = world.party("Ben Okri")
    send(world, gallery)
    read(world, gallery, person=ben)
    read(world, ben)  # refused
    (noted,) = DocumentReading.objects.all()
    assert (noted.sha256, noted.party, noted.person) == (SHA256, gallery.id, ben.id)
    with pytest.raises(ProgrammingError) as error, transaction.atomic():
        DocumentReading.objects.all().delete()
    assert isinstance(error.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_a_dispute_needs_evidence_that_its_issuer_deposited(world: World, studio: Actor, gallery: Actor) -> None:
    plate = world.asset(studio)
    claim = world.title(studio, plate)
    world.title(gallery, plate, share=[1, 2])
    dispute = {"claim": claim, "grounds": "the negative is ours", "evidence_sha256": SHA256}
    refused(world, "title.disputed", dispute, "no_evidence", by=gallery)
    send(world, studio)
    refused(world, "title.disputed", dispute, "no_evidence", by=gallery)
    send(world, gallery)
    world.act("title.disputed", dispute, by=gallery)
    rebuilt()
