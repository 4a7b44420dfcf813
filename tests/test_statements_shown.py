"""To whom a statement is shown over HTTP, and how much of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from registry.locks import clock
from registry.services.policies import set_registry_policy
from tests.terms import authority, consent, revoked, suspension
from tests.world import Actor, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directories")]


@pytest.fixture
def stranger(world: World) -> Actor:
    return world.party("Westwind", kind="organisation")


def reads(world: World, who: Actor, digest: str) -> int:
    headers = {"Authorization": f"Bearer {world.token(who, 'read')}"}
    return int(Client().get(f"/api/v1/statements/{digest}", headers=headers).status_code)


def test_a_withdrawal_and_its_dispute_are_read_by_whoever_was_granted_what_it_takes_back(
    world: World, ada: Actor, studio: Actor, stranger: Actor
) -> None:
    grant = world.act("consent.granted", consent(ada, studio, assignable=True), by=ada)
    other = world.party("Gallery", kind="organisation")
    passed = {"grant": grant, "to": other.id, "effective_from": "2027-01-01T00:00:00Z", "document_sha256": None}
    world.act("grant.assigned", passed, by=studio)
    breach = revoked(ada, grant, cause="breach", evidence_sha256="e" * 64)
    taken = world.act("consent.revoked", breach, by=ada)
    said = {"revocation": taken, "grounds": "It was in the script.", "evidence_sha256": "f" * 64}
    disputed = world.act("revocation.disputed", said, by=studio)
    for who, status in ((ada, 200), (studio, 200), (other, 200), (stranger, 403)):
        assert [reads(world, who, digest) for digest in (grant, taken)] == [status, status]
    assert [reads(world, who, disputed) for who in (ada, studio, stranger)] == [200, 200, 403]


def test_who_may_view_for_somebody_reads_their_statements_but_not_what_is_private(
    world: World, ada: Actor, studio: Actor, stranger: Actor
) -> None:
    private = {"pay": [{"kind": "shot", "minor": 1, "currency": "EUR"}]}
    grant = world.act("consent.granted", consent(ada, studio), by=ada, private=private)
    agent, mute = world.party("Bright Talent", kind="organisation"), world.party("Ben Okafor")
    world.act("authority.granted", authority(ada, agent, powers=["view"]), by=ada)
    world.act("authority.granted", given := authority(ada, mute, powers=["grant"]), by=ada)
    assert [reads(world, who, grant) for who in (agent, mute, stranger)] == [200, 403, 403]
    headers = {"Authorization": f"Bearer {world.token(agent)}"}
    assert Client().get(f"/api/v1/statements/{grant}", headers=headers).json()["private"] is None
    ended = world.act("authority.ended", {"authority": given["authority"]}, by=ada)
    assert [reads(world, who, ended) for who in (mute, stranger)] == [200, 403]


def test_a_suspension_is_read_by_whom_it_binds(world: World, studio: Actor, stranger: Actor) -> None:
    court = world.party("Olga Officer")
    set_registry_policy(court_officers=[court.id], at=clock())
    order = world.act("suspension.declared", suspension("court", court, "grantee", studio.id), by=court)
    assert [reads(world, who, order) for who in (court, studio, stranger)] == [200, 200, 403]


def test_a_draft_calls_a_consent_by_its_sides_only_before_those_who_may_read_it(
    world: World, ada: Actor, studio: Actor, stranger: Actor
) -> None:
    grant = world.act("consent.granted", consent(ada, studio), by=ada)
    agent = world.party("Bright Talent", kind="organisation")
    world.act("authority.granted", authority(ada, agent, powers=["view"]), by=ada)
    named = {
        who.name: "Ada Marsh" in json.dumps(drafted.json())
        for who in (studio, agent, stranger)
        for type_, body in (("grant.accepted", {"grant": grant}), ("consent.ratified", {"grant": grant}))
        if (drafted := draft_of(world, who, type_, body)).status_code == 200
    }
    assert named == {"Northlight": True, "Bright Talent": True, "Westwind": False}


def draft_of(world: World, who: Actor, type_: str, body: dict[str, Any]) -> Any:
    request = {"type": type_, "issuer": who.id, "body": body, "language": "fr"}
    headers = {"Authorization": f"Bearer {world.token(who)}"}
    return Client().post(
        "/api/v1/statements/draft", json.dumps(request), content_type="application/json", headers=headers
    )
