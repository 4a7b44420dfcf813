"""
A registry that has rows in nearly every table, for whoever changes them one at a time.

``populated`` adds to every type of statement (``tests.whole_scene``) what statements leave no trace of: papers read,
challenges answered, passkeys that count, requests, cuts, amounts, people told. ``after_erasure`` is a second one, of
somebody who was in released work and is erased, with what had to be kept opened once.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from uuid6 import uuid7

from consent.services import requests
from generation.models import Compared, Cut, FavouredAlert, Manifest, Release, Shot, Told
from generation.services import opening
from generation.services.stating import state_basis
from registry.core.jcs import Json, canonical, sha256_hex
from registry.locks import clock
from registry.models import Notice, NoticeRead, Project
from registry.services import challenges, documents
from tests import media
from tests.authenticator import Authenticator, resigned
from tests.deal_bodies import follows
from tests.erasing import erased, principal
from tests.erasure_scene import Scene, request_body
from tests.studio import Studio
from tests.test_erasure_opening import name_officers, wish
from tests.whole_scene import every_type
from tests.world import Actor, new_id, scope


def as_owner() -> None:
    """Let the default connection be the owner's, who may do anything; before the first query of a test."""
    owner = connections.settings["owner"]
    connections["default"].close()
    connections["default"].close_pool()
    for name in ("USER", "PASSWORD"):
        connections["default"].settings_dict[name] = owner[name]


def let_me() -> None:
    """Take away what guards insert-only and once-only tables, until the transaction is rolled back."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_TRIGGERS)
        for (table,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        cursor.execute(_FOREIGN)
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


_TRIGGERS = "SELECT DISTINCT event_object_table FROM information_schema.triggers WHERE trigger_schema = 'public'"
_FOREIGN = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


def populated(folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = every_type(folder, settings, monkeypatch)
    world = studio.world
    eve = world.party("Eve Marsh", vouched=False)
    _challenged(studio, eve)
    _counted(studio, eve)
    _papers(studio, eve)
    _asked(studio, eve)
    _told(studio)
    _tied(studio)
    studio.ada = eve
    world.asset_body(studio.archive, media.png(media.scene(seed=501)))  # deposited, and never registered
    studio.queued(studio.empty_request(shot_code="R9_010"))
    assert studio.ask(studio.request(shot_code="R9_020")).status_code == 403
    world.publish()
    world.work(studio.producer)  # waits for its number
    return studio


def _tied(studio: Studio) -> None:
    """Who belongs to whom: somebody in a union and a house, of a court; a window that waits for an event."""
    world, archive = studio.world, studio.archive
    union = world.party("Screen Union", kind="organisation")
    member = world.party("Olga Officer", unions=[union.id], affiliates=[archive.id], vouched=False)
    name_officers(studio, member)
    later = scope(window=[follows(world.work(archive)), None])
    world.licence(archive, studio.producer, studio.ridge, scopes=[later])


def _challenged(studio: Studio, eve: Actor) -> None:
    """Eve answers a challenge, and is vouched for on it."""
    world, by, at = studio.world, principal(studio.world, eve), clock()
    made = challenges.challenge(eve.id, voucher=world.notary.id, kind="written", by=by, at=at)
    challenges.answer(made.id, io.BytesIO(f"I say: {made.passcode}".encode()), by=by, at=at)
    body: dict[str, Json] = {"party": eve.id, "level": "document", "checked_on": "2026-01-02", "method": "video"}
    world.act("identity.vouched", body | {"challenge": made.id, "confirms": []}, by=world.notary)
    challenges.challenge(eve.id, voucher=world.notary.id, kind="spoken", by=by, at=at)


def _counted(studio: Studio, eve: Actor) -> None:
    world, phone = studio.world, Authenticator(steps=1)
    added = world.signed("key.added", {"party": eve.id, "key": phone.key.format()}, by=eve)
    world.submit(resigned(added, phone, keep=1))
    body: dict[str, Json] = {"work": new_id(), "title": "The Ridge", "kind": "film", "identifiers": {}}
    world.submit(resigned(world.signed("work.registered", body, by=eve), phone))


def _papers(studio: Studio, eve: Actor) -> None:
    at, by = clock(), principal(studio.world, eve)
    kept = documents.deposit(io.BytesIO(b"%PDF-1.7\na contract"), party=eve.id, at=at)
    documents.read(kept.sha256, by=by, at=at)


def _asked(studio: Studio, eve: Actor) -> None:
    found = requests.ask(request_body(studio, eve), asker=studio.producer.id, at=clock())
    requests.see(found, party=eve.id, at=clock())


def _told(studio: Studio) -> None:
    at, release = clock(), Release.objects.first()
    assert release is not None
    shot = Shot.objects.get(id=release.shot)
    person = principal(studio.world, studio.producer, "produce")
    state_basis(shot.id, {"statement": release.digest, "days": {}, "base": {"minor": 5, "currency": "EUR"}}, by=person)
    grant = release.clearance
    for version in (1, 2):
        Cut.objects.create(
            id=str(uuid7()), project=studio.project, version=version, format="edl", name="Reel 1", sha256="a" * 64,
            events=[], by_person=studio.reviewer.id, by_party=studio.producer.id, at=at,
        )  # fmt: skip
    Compared.objects.get_or_create(statement=release.digest, defaults={"at": at})
    FavouredAlert.objects.create(
        id=str(uuid7()), party=studio.producer.id, project=studio.project, grant=grant, other=release.digest,
        kind="better", at=at,
    )  # fmt: skip
    Told.objects.create(
        id=str(uuid7()),
        party=shot.for_party,
        project=shot.project,
        shot=shot.id,
        grant=release.digest,
        cause=grant,
        at=at,
    )
    notice = Notice.objects.first()
    if notice is not None:
        NoticeRead.objects.get_or_create(party=notice.party, digest=notice.digest, defaults={"read_at": at})
    body: dict[str, Json] = {"v": 1, "assets": []}
    Manifest.objects.create(sha256=sha256_hex(canonical(body)), body=body)
    assert Project.objects.filter(id=studio.project).exists()


def after_erasure(folder: Path, settings: Any) -> Studio:
    scene = Scene.open(folder, settings)
    studio = scene.studio
    first, second = studio.world.party("Olive Officer"), studio.world.party("Otto Officer")
    name_officers(studio, first, second)
    studio.world.publish()
    erased(studio.world, scene.ada)
    studio.consent = scene.consent
    opening.open_kept(wish(studio, first.key, second.key))
    studio.world.publish()
    return studio
