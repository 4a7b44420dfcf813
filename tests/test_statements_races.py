"""
Statements that meet: whoever comes first in the log came first for everybody.

Each race is two real transactions in two threads, on sessions of their own, started at one moment. A property counts
both outcomes: if one of them never happens, the race did not race.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.envelope import PublicKey
from registry.models import Component, Key, Leaf, StatementRow, Token
from tests.rivals import Rivals, late
from tests.world import Actor, World, new_id

pytestmark = pytest.mark.django_db(transaction=True)

RACES = 300
RARE = RACES // 20  # each outcome must happen at least this often


@pytest.fixture
def rivals() -> Iterator[Rivals]:
    made = Rivals()
    yield made
    made.close()


@pytest.mark.slow
def test_in_300_races_of_key_revocation_against_signing_no_order_is_wrong(world: World, rivals: Rivals) -> None:
    studio = world.party("Northlight", kind="organisation")
    seeded, outcomes = random.Random(7), Counter[str]()
    for _ in range(RACES):
        key = Ed25519PrivateKey.generate()
        public = PublicKey.of(key)
        added = {"party": studio.id, "key": public.format()}
        world.submit(world.signed("key.added", added, by=studio, keys=(key, studio.key)))
        body = {"work": new_id(), "title": "x", "kind": "film", "identifiers": {}}
        signed = world.signed("work.registered", body, by=studio, keys=(key,))
        revoked = world.signed("key.revoked", {"party": studio.id, "keyid": public.keyid}, by=studio)
        digest, revocation = rivals.race(
            late(lambda signed=signed: world.submit(signed), seeded.uniform(0, 0.004)),
            late(lambda revoked=revoked: world.submit(revoked), seeded.uniform(0, 0.004)),
        )
        row = Key.objects.get(keyid=public.keyid)
        assert row.revoked_by == revocation
        if digest == "key_revoked":
            outcomes["refused"] += 1
            continue
        outcomes["accepted"] += 1
        seq = dict(Leaf.objects.filter(digest__in=[digest, revocation]).values_list("digest", "seq"))
        assert seq[digest] < seq[revocation]
        assert StatementRow.objects.get(digest=digest).accepted_at < row.revoked
    assert min(outcomes["refused"], outcomes["accepted"]) >= RARE, outcomes


def test_one_envelope_sent_twice_at_once_is_accepted_once(world: World, rivals: Rivals) -> None:
    studio = world.party("Northlight", kind="organisation")
    for _ in range(30):
        body = {"work": new_id(), "title": "x", "kind": "film", "identifiers": {}}
        signed = world.signed("work.registered", body, by=studio)
        before = StatementRow.objects.count()
        one, other = rivals.race(lambda signed=signed: world.submit(signed), lambda signed=signed: world.submit(signed))
        assert one == other
        assert StatementRow.objects.count() == before + 1


def test_one_enrolment_token_lets_one_of_two_keys_in(world: World, rivals: Rivals) -> None:
    studio = world.party("Northlight", kind="organisation")
    for _ in range(15):
        ada = Actor(id=new_id(), name="Ada", kind="person", key=Ed25519PrivateKey.generate())
        body = {
            "party": ada.id, "kind": "person", "name": "Ada", "identifiers": {}, "affiliates": [], "born": None,
            "domicile": None, "unions": [], "key": None,
        }  # fmt: skip
        world.act("party.registered", body, by=studio)
        token = world.enrolment(ada.id)
        keys = [ada.key, Ed25519PrivateKey.generate()]
        first, second = (
            world.signed("key.added", {"party": ada.id, "key": PublicKey.of(key).format()}, by=ada, keys=(key,))
            for key in keys
        )
        outcomes = rivals.race(
            lambda first=first, token=token: world.submit(first, by=token),
            lambda second=second, token=token: world.submit(second, by=token),
        )
        assert Key.objects.filter(party=ada.id).count() == 1
        assert {"wrong_key", "enrolment_needed"} & set(outcomes)
        assert Token.objects.get(id=token.token_id).used_for in outcomes


def test_two_components_recorded_at_once_close_no_cycle(world: World, rivals: Rivals) -> None:
    studio = world.party("Northlight", kind="organisation")

    def part(whole: str, component: str) -> dict[str, Any]:
        body = {"asset": whole, "component": component, "aspects": ["picture"], "spans": None}
        return world.signed("component.recorded", body, by=studio)

    for _ in range(6):
        a, b, c, d = (world.asset(studio).id for _ in range(4))
        world.submit(part(a, b))
        world.submit(part(c, d))
        before = Component.objects.count()
        one, other = part(b, c), part(d, a)  # either is fine, both are a ring
        outcomes = rivals.race(lambda one=one: world.submit(one), lambda other=other: world.submit(other))
        assert outcomes.count("component_cycle") == 1
        assert Component.objects.count() == before + 1


def test_a_statement_that_gave_way_in_a_deadlock_starts_again(
    world: World, rivals: Rivals, owner: psycopg.Connection[Any]
) -> None:
    """Another session takes heads in the wrong order, so that PostgreSQL ends one of the two."""
    studio = world.party("Northlight", kind="organisation")
    body = {"work": new_id(), "title": "x", "kind": "film", "identifiers": {}}
    signed = world.signed("work.registered", body, by=studio)
    take = "SELECT epoch FROM registry_head WHERE kind = %s AND id = %s FOR UPDATE"

    def against_the_order() -> str:
        with owner.transaction():
            owner.execute(take, ["organisation", studio.id])
            threading.Event().wait(0.4)  # by now the statement holds its key's head and waits for ours
            owner.execute(take, ["key", studio.keyid])
        return "done"

    outcomes = rivals.race(late(lambda: world.submit(signed), 0.1), against_the_order)
    assert outcomes[1] == "done"
    assert StatementRow.objects.filter(digest=outcomes[0]).exists()
