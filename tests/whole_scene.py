"""
A registry in which every type of statement was accepted once.

``every_type`` lets a studio make shots, people hold and lose keys, things be registered and disputed, licences and
consents be granted and end, and somebody be erased.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generation.models import Shot
from generation.services.withdrawing import look_after
from registry.core.envelope import PublicKey
from registry.core.jcs import Json
from registry.locks import clock
from tests.deal_bodies import amended, assigned, catalogue, claim, disputed, option
from tests.erasing import erased
from tests.later_uses import now_use, use
from tests.studio import Studio, state_of
from tests.terms import authority, consent, guardianship, lifted, offer, recorded, restriction, revoked, suspension
from tests.world import PEOPLE, Actor, World, licence_body

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")


def parties(world: World, actor: Actor, agent: Actor) -> None:
    second = Ed25519PrivateKey.generate()
    key = {"party": actor.id, "key": PublicKey.of(second).format()}
    world.submit(world.signed("key.added", key, by=actor, keys=(second, actor.key)))
    world.act("key.revoked", {"party": actor.id, "keyid": PublicKey.of(second).keyid}, by=actor)
    identities(world, actor, agent)
    for word in ("ended", "disputed"):
        granted = authority(actor, agent)
        world.act("authority.granted", granted, by=actor)
        ending: dict[str, Json] = {"authority": granted["authority"]}
        if word == "disputed":
            ending |= {"grounds": "she never met them", "evidence_sha256": world.paper(actor)}
        world.act(f"authority.{word}", ending, by=actor)
    policy: dict[str, Json] = {"party": actor.id, "assurance": {"condition": "confirmed"}, "attested_engines": False}
    world.act("policy.set", policy | {"court_officers": []}, by=actor)


def identities(world: World, actor: Actor, rival: Actor) -> None:
    """Both go by one alias, which is settled; the rival gives up another."""
    for who in (actor, rival):
        for name in ("Ben the Tall", f"B. of {who.name}"):
            world.act("alias.declared", {"party": who.id, "alias": name, "disclaims": []}, by=who)
    vouch: dict[str, Json] = {"party": actor.id, "level": "in_person", "checked_on": YESTERDAY, "method": "seen"}
    confirmed: list[Json] = [{"scheme": "alias", "value": "ben the tall"}]
    world.act("identity.vouched", vouch | {"challenge": None, "confirms": confirmed}, by=world.notary)
    given_up: list[Json] = [{"scheme": "alias", "value": f"B. of {rival.name}"}]
    world.act("alias.declared", {"party": rival.id, "alias": None, "disclaims": given_up}, by=rival)


def things(world: World, owner: Actor, other: Actor, person: Actor) -> None:
    work = world.work(owner)
    plate, whole = world.asset(owner, inventory=PEOPLE, work=work), world.asset(owner)
    world.act("inventory.declared", {"asset": plate.id, "inventory": {**PEOPLE, "marks": "listed"}}, by=owner)
    world.appearance(plate, person, by=owner)
    world.act(
        "appearance.claimed",
        {"asset": plate.id, "performer": person.id, "aspects": ["face"], "spans": None},
        by=person,
    )
    part: dict[str, Json] = {"asset": whole.id, "component": plate.id, "aspects": ["picture"], "spans": None}
    world.act("component.recorded", part, by=owner)
    held = world.act("title.claimed", claim(other, plate), by=other)
    dispute = world.act("title.disputed", disputed(world, held, owner), by=owner)
    resolved: dict[str, Json] = {"dispute": dispute, "outcome": "withdrawn", "document_sha256": None}
    world.act("title.resolved", resolved, by=owner)
    world.act("catalogue.registered", catalogue(owner, plate), by=owner)
    event: dict[str, Json] = {"event": "premiere", "work": work, "territory": None, "on": YESTERDAY, "utc_offset": 60}
    world.act("event.recorded", event | {"document_sha256": None}, by=owner)


def licences(world: World, licensor: Actor, licensee: Actor, other: Actor) -> None:
    plate = world.asset(licensor)
    body = licence_body(licensor, licensee, plate) | {"assignable": True, "options": [option()]}
    granted = world.act("licence.granted", body, by=licensor)
    world.act("licence.amended", amended(granted, body), by=licensor)
    world.act("option.exercised", {"licence": granted, "option": "part two"}, by=licensee)
    world.act("grant.assigned", assigned(granted, other), by=licensee)
    world.act("licence.terminated", {"licence": granted, "sell_off_until": None}, by=licensor)
    for answer in ("confirmed", "denied"):
        paper = licence_body(licensor, licensee, plate) | {"document_sha256": "a" * 64, "signed_on": "2026-01-02"}
        digest = world.act("licence.recorded", paper, by=licensee)
        world.act(f"licence.{answer}", {"licence": digest}, by=licensor)


def consents(world: World, person: Actor, grantee: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for_breach = offer(person, grantee, revocation={"kind": "for_breach", "notice_hours": None})
    digest = world.act("consent.granted", for_breach, by=person)
    world.act("grant.accepted", {"grant": digest}, by=grantee)
    cause: dict[str, Json] = {"cause": "breach", "evidence_sha256": world.paper(person)}
    breach = world.act("consent.revoked", revoked(person, digest) | cause, by=person)
    said: dict[str, Json] = {"revocation": breach, "grounds": "it was in the script"}
    world.act("revocation.disputed", said | {"evidence_sha256": world.paper(grantee)}, by=grantee)
    world.act("consent.recorded", recorded(person, grantee), by=grantee)
    child, parent = world.party("Kim Marsh", born="2012-03-01"), world.party("Ben Marsh")
    world.act("authority.granted", guardianship(child, parent), by=world.notary)
    minor: Json = {"guardians": "one", "court_order_sha256": None, "at_majority": "to_be_ratified"}
    waits = world.act("consent.granted", consent(child, grantee, minor=minor), by=parent)
    monkeypatch.setattr("consent.kinds.consents.OF_AGE", 12)  # years pass
    world.act("consent.ratified", {"grant": waits}, by=child)


def bars(world: World, person: Actor) -> None:
    never = restriction(person)
    world.act("restriction.declared", never, by=person)
    world.act("restriction.lifted", {"restriction": never["restriction"]}, by=person)
    not_now = suspension("personal", person, "performer", person.id)
    world.act("suspension.declared", not_now, by=person)
    world.act("suspension.lifted", lifted(not_now), by=person)


def shots(studio: Studio) -> None:
    """One that Ada declines, one that she lets out, is used again and taken back, one that is given up."""
    term: Json = {"by": "performer", "on": "result", "acts": ["distribute"], "hours": None, "on_silence": "refused"}
    studio.consent = studio.grant(approvals=[term], tail={})
    studio.world.publish()
    made = []
    for take, word in ((1, "declined"), (2, "given")):
        shot = studio.queued(studio.request(take=take, use=now_use(studio)))
        studio.work(shot)
        studio.review(shot)
        studio.work(shot)
        body: dict[str, Json] = {"shot": shot, "grant": studio.consent, "on": "result", "note": None}
        studio.world.act(f"approval.{word}", body, by=studio.ada)
        Shot.objects.filter(id=shot).update(not_before=None)  # nobody has to sit out the pause between two looks
        studio.work(shot)
        made.append(state_of(shot))
    assert made == ["aborted", "released"]
    assert use(studio, shot, now_use(studio, territories=["BE"])).status_code == 201
    studio.revoke()
    assert look_after(at=clock()) == 1


def every_type(folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """Build the scene and publish it."""
    studio = Studio.open(folder, settings, consent=False)
    world, gallery = studio.world, studio.world.party("Gallery", kind="organisation")
    ben = world.party("Ben Hale")
    shots(studio)
    parties(world, ben, gallery)
    things(world, gallery, studio.archive, ben)
    licences(world, gallery, studio.producer, studio.archive)
    consents(world, ben, studio.producer, monkeypatch)
    bars(world, ben)
    erased(world, world.party("Ada Marsh"))
    world.publish()
    return studio
