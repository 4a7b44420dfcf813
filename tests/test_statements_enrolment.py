"""Whose first word counts: enrolment, new keys, and who may speak for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.envelope import PublicKey
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.locks import clock
from registry.models import Key, Party, StatementRow, Token
from registry.services import tokens
from registry.services.setup import ensure_registry
from registry.services.tokens import Principal
from tests.world import Actor, World, new_id

pytestmark = pytest.mark.django_db


def newcomer(name: str = "Ada Marsh") -> tuple[Actor, dict[str, Json]]:
    actor = Actor(id=new_id(), name=name, kind="person", key=Ed25519PrivateKey.generate())
    return actor, {
        "party": actor.id, "kind": "person", "name": name, "identifiers": {}, "affiliates": [], "born": None,
        "domicile": None, "unions": [], "key": PublicKey.of(actor.key).format(),
    }  # fmt: skip


def refused(world: World, submission: Mapping[str, Any], code: str, *, by: Principal | None = None) -> None:
    before = StatementRow.objects.count(), Key.objects.count(), Party.objects.count()
    with pytest.raises(DomainError) as error:
        world.submit(submission, by=by)
    assert error.value.code == code
    assert (StatementRow.objects.count(), Key.objects.count(), Party.objects.count()) == before


def test_the_registry_enrols_itself_once(world: World) -> None:
    assert ensure_registry() == world.registry
    assert Party.objects.count() == 1


def test_a_first_key_needs_an_enrolment_token_for_that_party(world: World) -> None:
    ada, body = newcomer()
    submission = world.signed("party.registered", body, by=ada)
    refused(world, submission, "enrolment_needed")
    refused(world, submission, "foreign_token", by=world.enrolment(new_id()))
    studio = world.party("Northlight", kind="organisation")
    sign = tokens.principal_of(world.token(studio, "sign"), at=clock())
    refused(world, submission, "foreign_token", by=sign)
    world.submit(submission, by=world.enrolment(ada.id))
    assert Key.objects.get(party=ada.id).keyid == ada.keyid


def test_an_enrolment_token_serves_once(world: World) -> None:
    ada, body = newcomer()
    token = world.enrolment(ada.id)
    digest = world.submit(world.signed("party.registered", body, by=ada), by=token)
    assert Token.objects.get(id=token.token_id).used_for == digest
    other, their_body = newcomer("Eve")
    again = world.signed("party.registered", their_body | {"party": ada.id}, by=Actor(
        id=ada.id, name="Eve", kind="person", key=other.key,
    ))  # fmt: skip
    refused(world, again | {"envelope": again["envelope"]}, "wrong_key", by=token)


def test_a_refused_enrolment_leaves_its_token_unused(world: World) -> None:
    studio = world.party("Northlight", kind="organisation")
    ada, body = newcomer()
    taken = body | {"key": PublicKey.of(studio.key).format()}
    token = world.enrolment(ada.id)
    refused(world, world.signed("party.registered", taken, by=ada, keys=(studio.key,)), "already_registered", by=token)
    assert Token.objects.get(id=token.token_id).used_at is None
    world.submit(world.signed("party.registered", body, by=ada), by=token)


def test_a_party_cannot_be_enrolled_with_a_key_that_did_not_sign(world: World) -> None:
    ada, body = newcomer()
    thief = Ed25519PrivateKey.generate()
    submission = world.signed("party.registered", body, by=ada, keys=(thief,))
    refused(world, submission, "unknown_key", by=world.enrolment(ada.id))


def test_nobody_enrols_another_party_with_a_key(world: World) -> None:
    studio = world.party("Northlight", kind="organisation")
    ada, body = newcomer()
    submission = world.signed("party.registered", body, by=studio, keys=(studio.key, ada.key))
    refused(world, submission, "not_the_issuer")


def test_a_party_that_another_registered_gets_its_first_key_with_a_token(world: World) -> None:
    studio = world.party("Northlight", kind="organisation")
    ada, body = newcomer()
    world.act("party.registered", body | {"key": None}, by=studio)
    added = world.signed("key.added", {"party": ada.id, "key": PublicKey.of(ada.key).format()}, by=ada)
    refused(world, added, "enrolment_needed")
    world.submit(added, by=world.enrolment(ada.id))
    assert Key.objects.get(party=ada.id).keyid == ada.keyid


def test_a_later_key_is_signed_by_the_new_key_and_by_one_that_stands(world: World) -> None:
    ada = world.party("Ada Marsh")
    second = Ed25519PrivateKey.generate()
    body: dict[str, Json] = {"party": ada.id, "key": PublicKey.of(second).format()}
    refused(world, world.signed("key.added", body, by=ada, keys=(second,)), "wrong_key", by=world.enrolment(ada.id))
    refused(world, world.signed("key.added", body, by=ada, keys=(ada.key,)), "wrong_key")
    stranger = world.party("Eve")
    refused(world, world.signed("key.added", body, by=ada, keys=(second, stranger.key)), "wrong_key")
    world.submit(world.signed("key.added", body, by=ada, keys=(second, ada.key)))
    world.act("key.revoked", {"party": ada.id, "keyid": ada.keyid}, by=ada)
    third = Ed25519PrivateKey.generate()
    late: dict[str, Json] = {"party": ada.id, "key": PublicKey.of(third).format()}
    refused(world, world.signed("key.added", late, by=ada, keys=(third, ada.key)), "key_revoked")
    world.submit(world.signed("key.added", late, by=ada, keys=(third, second)))
    assert Key.objects.filter(party=ada.id, revoked=None).count() == 2


def test_a_key_that_somebody_had_is_never_taken_again(world: World) -> None:
    ada, eve = world.party("Ada Marsh"), world.party("Eve")
    body: dict[str, Json] = {"party": eve.id, "key": PublicKey.of(ada.key).format()}
    refused(world, world.signed("key.added", body, by=eve, keys=(ada.key, eve.key)), "already_registered")


def test_a_revoked_key_is_revoked_once_and_only_by_its_party(world: World) -> None:
    ada, eve = world.party("Ada Marsh"), world.party("Eve")
    refused(world, world.signed("key.revoked", {"party": eve.id, "keyid": ada.keyid}, by=eve), "unknown_key")
    refused(world, world.signed("key.revoked", {"party": ada.id, "keyid": ada.keyid}, by=eve), "not_the_issuer")
    second = Ed25519PrivateKey.generate()
    added: dict[str, Json] = {"party": ada.id, "key": PublicKey.of(second).format()}
    world.submit(world.signed("key.added", added, by=ada, keys=(second, ada.key)))
    world.act("key.revoked", {"party": ada.id, "keyid": ada.keyid}, by=ada)
    again = world.signed("key.revoked", {"party": ada.id, "keyid": ada.keyid}, by=ada, keys=(second,))
    refused(world, again, "already_revoked")


def test_nobody_vouches_for_themselves_nor_for_the_future(world: World) -> None:
    ada = world.party("Ada Marsh")
    vouch: dict[str, Json] = {"party": ada.id, "level": "document", "checked_on": "2026-01-02", "method": "passport"}
    refused(world, world.signed("identity.vouched", vouch, by=ada), "self_vouched")
    eve = world.party("Eve")
    refused(world, world.signed("identity.vouched", vouch | {"checked_on": "2999-01-01"}, by=eve), "bad_value")
    refused(world, world.signed("identity.vouched", vouch | {"party": new_id()}, by=eve), "unknown_party")


def test_an_unknown_issuer_signs_nothing(world: World) -> None:
    ghost = Actor(id=new_id(), name="Ghost", kind="person", key=Ed25519PrivateKey.generate())
    body: dict[str, Json] = {"work": new_id(), "title": "x", "kind": "film", "identifiers": {}}
    refused(world, world.signed("work.registered", body, by=ghost), "unknown_key")
    ada = world.party("Ada Marsh")
    refused(world, world.signed("work.registered", body, by=ghost, keys=(ada.key,)), "unknown_party")
