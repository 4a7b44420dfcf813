"""Lost keys: a second one, or agents named for it; a week in which it can be undone; and never the operator alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client
from psycopg.types.json import Jsonb

from consent.models import Consent, Revocation
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.core.recovery import COOLING_S
from registry.locks import clock
from registry.models import Key, Notice, StatementRow
from registry.services import accept
from tests.authenticator import Authenticator, resigned
from tests.refusals import rebuilt
from tests.terms import authority, consent, revoked
from tests.world import Actor, World, new_id
from web import fsck

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agent(world: World) -> Actor:
    return world.party("Bright Talent", kind="organisation")


def appoint(world: World, principal: Actor, *agents: Actor, **fields: Json) -> str:
    usual: dict[str, Json] = {"powers": ["recover"], "acts": []}
    body = authority(principal, *agents, **(usual | fields))
    world.act("authority.granted", body, by=principal)
    return str(body["authority"])


def bringing(world: World, party: Actor, phone: Authenticator, *by: Actor, at: Any = None) -> dict[str, Any]:
    """Return the `key.added` by which agents bring a passkey, signed by them and by it."""
    body: dict[str, Json] = {"party": party.id, "key": phone.key.format()}
    keys = tuple(one.key for one in by)
    return resigned(world.signed("key.added", body, by=by[0], keys=keys, at=at), phone, keep=len(keys))


def refused(world: World, submission: dict[str, Any], code: str) -> None:
    before = StatementRow.objects.count(), Key.objects.count()
    with pytest.raises(DomainError) as error:
        world.submit(submission)
    assert error.value.code == code, f"{error.value.code}: {error.value}"
    assert (StatementRow.objects.count(), Key.objects.count()) == before


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> timedelta:
    """Let statements be older than a day, since a test cannot wait a week; their dates say what is ripe."""
    monkeypatch.setattr(accept, "OLDEST", timedelta(days=400))
    return timedelta(seconds=COOLING_S)


# --- a second key -----------------------------------------------------------------------------------------------------


def test_whoever_has_two_keys_loses_none_and_is_told_of_each_further_one(world: World, ada: Actor) -> None:
    phone, spare = Authenticator(), Authenticator(algorithm="mldsa44")
    assert Notice.objects.count() == 0  # of a first key there is nobody to tell
    for one, signers in ((phone, (ada.key,)), (spare, ())):
        body: dict[str, Json] = {"party": ada.id, "key": one.key.format()}
        added = world.signed("key.added", body, by=ada, keys=signers or (ada.key,))
        beside = (one,) if signers else (one, phone)  # the phone that she still has brings the spare one
        digest = world.submit(resigned(added, *beside, keep=len(signers)))
        told = Notice.objects.get(digest=digest)
        assert (told.party, told.type, told.signed_by) == (ada.id, "key.added", ada.id)
    ended: dict[str, Json] = {"party": ada.id, "keyid": phone.key.keyid}
    world.submit(resigned(world.signed("key.revoked", ended, by=ada), spare))
    refused(world, resigned(world.signed("work.registered", work(), by=ada), phone), "key_revoked")
    world.submit(resigned(world.signed("work.registered", work(), by=ada), spare))
    rebuilt()


def work() -> dict[str, Json]:
    return {"work": new_id(), "title": "The Ridge", "kind": "film", "identifiers": {}}


# --- agents whom she named --------------------------------------------------------------------------------------------


def test_agents_whom_she_named_bring_a_key_and_she_is_told_at_once(world: World, ada: Actor, agent: Actor) -> None:
    phone = Authenticator()
    refused(world, bringing(world, ada, phone, agent), "not_the_issuer")
    appoint(world, ada, agent, powers=["grant", "revoke", "view"])
    refused(world, bringing(world, ada, phone, agent), "unauthorised_signer")
    appoint(world, ada, agent)
    digest = world.submit(bringing(world, ada, phone, agent))
    told = Notice.objects.get(digest=digest)
    assert (told.party, told.type, told.signed_by) == (ada.id, "key.added", agent.id)
    row = Key.objects.get(keyid=phone.key.keyid)
    assert row.ripe_at is not None
    issued_at = StatementRow.objects.get(digest=digest).issued_at
    assert (row.party, row.recovered_by, row.ripe_at - issued_at) == (ada.id, agent.id, timedelta(days=7))
    headers = {"Authorization": f"Bearer {world.token(ada, 'read')}"}
    first, new = Client().get(f"/api/v1/parties/{ada.id}", headers=headers).json()["keys"]
    assert (first["keyid"], first["ripe_at"]) == (ada.keyid, None)
    assert (new["keyid"], new["kind"], new["recovered_by"]) == (phone.key.keyid, "webauthn", agent.id)
    assert new["ripe_at"] is not None
    rebuilt()


def test_a_green_key_signs_nothing_but_a_withdrawal(world: World, ada: Actor, agent: Actor, studio: Actor) -> None:
    granted = world.act("consent.granted", consent(ada, studio), by=ada)
    appoint(world, ada, agent)
    phone = Authenticator()
    world.submit(bringing(world, ada, phone, agent))
    bodies: dict[str, dict[str, Json]] = {
        "consent.granted": consent(ada, studio),
        "work.registered": work(),
        "key.revoked": {"party": ada.id, "keyid": ada.keyid},
        "authority.granted": authority(ada, agent, powers=["recover"]),
    }
    for type_, body in bodies.items():
        refused(world, resigned(world.signed(type_, body, by=ada), phone), "key_green")
    spare = Authenticator()
    further: dict[str, Json] = {"party": ada.id, "key": spare.key.format()}
    refused(world, resigned(world.signed("key.added", further, by=ada), spare, phone), "key_green")
    world.submit(resigned(world.signed("consent.revoked", revoked(ada, granted), by=ada), phone))
    assert Revocation.objects.count() == 1
    rebuilt()


def test_after_a_week_the_key_is_hers(world: World, ada: Actor, agent: Actor, studio: Actor, later: timedelta) -> None:
    long_ago = clock() - later
    appoint(world, ada, agent)
    phone, early = Authenticator(), Authenticator()
    world.submit(bringing(world, ada, phone, agent, at=long_ago))
    world.submit(bringing(world, ada, early, agent, at=long_ago + timedelta(minutes=1)))
    granted = world.signed("consent.granted", consent(ada, studio), by=ada)
    refused(world, resigned(granted, early), "key_green")
    digest = world.submit(resigned(granted, phone))
    assert Consent.objects.get(digest=digest).performer == ada.id
    rebuilt()


def test_any_key_of_hers_ends_the_one_that_a_bad_agent_brought(
    world: World, ada: Actor, agent: Actor, later: timedelta
) -> None:
    appoint(world, ada, agent)
    theirs = Authenticator()
    world.submit(bringing(world, ada, theirs, agent, at=clock() - later))
    world.act("key.revoked", {"party": ada.id, "keyid": theirs.key.keyid}, by=ada)
    refused(world, resigned(world.signed("work.registered", work(), by=ada), theirs), "key_revoked")
    again = Authenticator()
    world.submit(bringing(world, ada, again, agent))  # the authority is hers to end, too
    ended = Notice.objects.filter(party=ada.id).count()
    assert ended == 2


def test_a_dispute_while_the_key_is_green_holds_it_back_until_it_is_over(
    world: World, ada: Actor, agent: Actor, studio: Actor, later: timedelta
) -> None:
    held = appoint(world, ada, agent)
    phone = Authenticator()
    added = clock() - later - timedelta(days=1)
    world.submit(bringing(world, ada, phone, agent, at=added))
    body: dict[str, Json] = {"authority": held, "grounds": "not her agent any more", "evidence_sha256": "b" * 64}
    afterwards = world.submit(world.signed("authority.disputed", body, by=studio))
    world.submit(resigned(world.signed("work.registered", work(), by=ada), phone))
    dispute = world.submit(world.signed("authority.disputed", body, by=studio, at=added + timedelta(days=1)))
    submission = resigned(world.signed("work.registered", work(), by=ada), phone)
    refused(world, submission, "key_contested")
    assert afterwards != dispute
    over: dict[str, Json] = {"dispute": dispute, "outcome": "withdrawn", "document_sha256": None}
    world.act("title.resolved", over, by=studio)
    world.submit(submission)
    rebuilt()


def test_as_many_agents_sign_as_she_asked_for(world: World, ada: Actor, agent: Actor) -> None:
    lawyer, stranger = world.party("Lena Law"), world.party("Ben Okafor")
    appoint(world, ada, agent, lawyer, required=2)
    phone = Authenticator()
    refused(world, bringing(world, ada, phone, agent), "unauthorised_signer")
    refused(world, bringing(world, ada, phone, agent, stranger), "wrong_key")
    refused(world, world.signed("key.added", {"party": ada.id, "key": phone.key.format()}, by=agent,
                                keys=(agent.key, lawyer.key)), "wrong_key")  # fmt: skip
    world.submit(bringing(world, ada, phone, agent, lawyer))
    assert [f for f in fsck.run().findings if f.fault.startswith(("key_", "signature_"))] == []


def test_a_key_that_an_agent_recovered_for_itself_brings_none_while_it_is_green(
    world: World, ada: Actor, agent: Actor
) -> None:
    lawyer = world.party("Lena Law")
    appoint(world, ada, agent)
    appoint(world, agent, lawyer)
    new = Authenticator()
    world.submit(bringing(world, agent, new, lawyer))
    phone = Authenticator()
    body: dict[str, Json] = {"party": ada.id, "key": phone.key.format()}
    refused(world, resigned(world.signed("key.added", body, by=agent), phone, new), "key_green")


@pytest.mark.parametrize("role", ["estate", "guardian", "society", "vendor"])
def test_only_a_role_that_she_gives_herself_recovers(world: World, ada: Actor, agent: Actor, role: str) -> None:
    """To guardians and estates others attest: two parties of an operator's own would do."""
    body = authority(ada, agent, powers=["recover"], role=role, evidence_sha256="e" * 64)
    by = world.notary if role in ("estate", "guardian") else ada
    with pytest.raises(DomainError) as error:
        world.act("authority.granted", body, by=by)
    assert (error.value.code, error.value.field) == ("bad_value", "body.powers")
    world.act("authority.granted", body | {"powers": ["view"]}, by=by)


def test_what_somebody_signs_to_recover_says_that_it_takes_a_week(world: World, ada: Actor, agent: Actor) -> None:
    for language, week in (("en", "a week"), ("fr", "une semaine")):
        named = world.signed("authority.granted", authority(ada, agent, powers=["recover"]), by=ada, language=language)
        brought = world.signed("key.added", {"party": ada.id, "key": Authenticator().key.format()}, by=agent,
                               language=language)  # fmt: skip
        assert week in named["text"]
        assert week in brought["text"]


# --- never the operator alone -----------------------------------------------------------------------------------------


def test_the_operator_is_no_agent_in_this_even_where_she_named_them(
    world: World, ada: Actor, agent: Actor, settings: Any
) -> None:
    operator = world.party("Proviso Operator", kind="organisation")
    settings.OPERATOR_PARTY = operator.id
    appoint(world, ada, operator)
    phone = Authenticator()
    refused(world, bringing(world, ada, phone, operator), "unauthorised_signer")
    appoint(world, ada, operator, agent, required=2)
    refused(world, bringing(world, ada, phone, agent, operator), "unauthorised_signer")
    appoint(world, ada, operator, agent)
    world.submit(bringing(world, ada, phone, agent))


def test_a_key_row_that_no_statement_brought_signs_nothing_for_decisions_and_is_named(
    world: World, ada: Actor, agent: Actor, studio: Actor, owner: psycopg.Connection[Any]
) -> None:
    """Fiat: who holds the database, with every right, enrols nobody."""
    phone = Authenticator()
    assert phone.key.passkey is not None
    owner.execute(
        "INSERT INTO registry_key (keyid, party, kind, spki, credential, added, added_by) "
        "VALUES (%s, %s, 'webauthn', %s, %s::jsonb, now(), %s)",
        [phone.key.keyid, ada.id, phone.key.spki, Jsonb(phone.key.passkey.format()), "0" * 64],
    )
    world.submit(resigned(world.signed("consent.granted", consent(ada, studio), by=ada), phone))  # the door believes
    found = {finding.fault for finding in fsck.run().findings}
    assert {"key_unknown", "row_stray"} <= found


def test_a_ripe_date_that_was_moved_in_the_database_is_named_and_changes_no_decision(
    world: World, ada: Actor, agent: Actor, owner: psycopg.Connection[Any]
) -> None:
    appoint(world, ada, agent)
    phone = Authenticator()
    world.submit(bringing(world, ada, phone, agent))
    owner.execute("UPDATE registry_key SET ripe_at = now() - interval '1 day' WHERE keyid = %s", [phone.key.keyid])
    world.submit(resigned(world.signed("work.registered", work(), by=ada), phone))
    found = {finding.fault for finding in fsck.run().findings}
    assert {"key_green", "row_stray", "row_missing"} <= found


def test_a_recovery_without_an_authority_that_was_slipped_in_is_named(
    world: World, ada: Actor, agent: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The services of an operator who took their checks out."""
    from registry.services import authority as door

    phone = Authenticator()
    submission = bringing(world, ada, phone, agent)
    with monkeypatch.context() as patch:
        patch.setattr(door, "require_issuer", lambda *_: None)
        patch.setattr(door, "require_signers", lambda *_, **__: None)
        world.submit(submission)
    assert {finding.fault for finding in fsck.run().findings} >= {"key_foreign"}
