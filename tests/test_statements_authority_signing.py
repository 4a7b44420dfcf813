"""Signing for somebody else: the power and the acts it takes, how many sign, and that the person is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from consent.models import Consent, Restriction, Revocation
from registry.core.jcs import Json
from registry.models import Notice, NoticeRead
from tests.refusals import refused
from tests.terms import authority, consent, face, offer, restriction, revoked
from tests.world import Actor, World, licence_body, scope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agent(world: World) -> Actor:
    return world.party("Bright Talent", kind="organisation")


def appoint(world: World, principal: Actor, *agents: Actor, by: Actor | None = None, **fields: Json) -> str:
    body = authority(principal, *agents, **fields)
    world.act("authority.granted", body, by=by or principal)
    return str(body["authority"])


def test_an_agent_with_the_power_consents_for_the_performer_and_she_is_told(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    refused(world, "consent.granted", consent(ada, studio), "not_the_issuer", by=agent)
    appoint(world, ada, agent)
    digest = world.act("consent.granted", consent(ada, studio), by=agent)
    assert Consent.objects.get(digest=digest).performer == ada.id
    notice = Notice.objects.get()
    assert (notice.party, notice.digest, notice.signed_by) == (ada.id, digest, agent.id)
    world.act("consent.granted", consent(ada, studio), by=ada)
    assert Notice.objects.count() == 1  # of her own statement nobody tells her


def test_an_agent_needs_the_power_that_the_statement_takes(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    appoint(world, ada, agent, powers=["negotiate", "view"])
    refused(world, "consent.granted", consent(ada, studio), "unauthorised_signer", by=agent)
    granted = world.act("consent.granted", consent(ada, studio), by=ada)
    refused(world, "consent.revoked", revoked(ada, granted), "unauthorised_signer", by=agent)
    appoint(world, ada, agent, powers=["revoke"])
    world.act("consent.revoked", revoked(ada, granted), by=agent)
    assert Revocation.objects.count() == 1


def test_an_authority_reaches_its_acts_alone(world: World, ada: Actor, agent: Actor, studio: Actor) -> None:
    appoint(world, ada, agent, acts=["condition"])
    refused(world, "consent.granted", consent(ada, studio), "unauthorised_signer", by=agent)
    world.act("consent.granted", consent(ada, studio, scopes=[face(acts=["condition"])]), by=agent)


def test_several_agents_sign_one_envelope_together(world: World, ada: Actor, agent: Actor, studio: Actor) -> None:
    second, stranger = world.party("Second Agency", kind="organisation"), world.party("Ben Okafor")
    appoint(world, ada, agent, second, required=2)
    body = consent(ada, studio)
    refused(world, "consent.granted", body, "unauthorised_signer", by=agent)
    refused(world, "consent.granted", body, "wrong_key", by=agent, keys=(agent.key, stranger.key))
    refused(world, "consent.granted", body, "wrong_key", by=agent, keys=(second.key,))
    world.submit(world.signed("consent.granted", body, by=agent, keys=(agent.key, second.key)))
    world.submit(world.signed("consent.granted", body, by=second, keys=(agent.key, second.key, ada.key)))


def test_agents_of_two_authorities_do_not_add_up(world: World, ada: Actor, agent: Actor, studio: Actor) -> None:
    second, third = (world.party(name, kind="organisation") for name in ("Second Agency", "Third Agency"))
    appoint(world, ada, agent, second, required=2)
    appoint(world, ada, agent, third, required=2)
    body, keys = consent(ada, studio), (agent.key, second.key, third.key)
    refused(world, "consent.granted", body, "unauthorised_signer", by=agent, keys=keys)
    world.submit(world.signed("consent.granted", body, by=agent, keys=keys[:2]))


def test_an_authority_that_ended_or_has_not_begun_lets_nobody_sign(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT00:00:00Z}"
    appoint(world, ada, agent, window=[tomorrow, None])
    refused(world, "consent.granted", consent(ada, studio), "unauthorised_signer", by=agent)
    ended = appoint(world, ada, agent)
    world.act("consent.granted", consent(ada, studio), by=agent)
    world.act("authority.ended", {"authority": ended}, by=ada)
    refused(world, "consent.granted", consent(ada, studio), "unauthorised_signer", by=agent)


def test_while_an_authority_is_disputed_nothing_is_signed_under_it(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    disputed = appoint(world, ada, agent)
    dispute = {"authority": disputed, "grounds": "she never signed it", "evidence_sha256": "b" * 64}
    digest = world.act("authority.disputed", dispute, by=studio)
    refused(world, "consent.granted", consent(ada, studio), "unauthorised_signer", by=agent)
    withdrawn = {"dispute": digest, "outcome": "withdrawn", "document_sha256": None}
    world.act("title.resolved", withdrawn, by=studio)
    world.act("consent.granted", consent(ada, studio), by=agent)


def test_training_nudity_and_restrictions_need_the_person(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    appoint(world, ada, agent, acts=["condition", "distribute", "finetune", "train"])
    nude = face(content={"depicts": ["nudity"], "scene": []})
    beside = face(content={"depicts": [], "scene": ["simulated_sex"]})
    for box in (face(acts=["train"]), face(acts=["finetune"]), nude, beside):
        body = consent(ada, studio, scopes=[box])
        refused(world, "consent.granted", body, "own_key_needed", by=agent)
        world.submit(world.signed("consent.granted", body, by=agent, keys=(agent.key, ada.key)))
        world.act("consent.granted", body, by=ada)
    refused(world, "restriction.declared", restriction(ada), "own_key_needed", by=agent)
    refused(world, "restriction.declared", restriction(ada), "not_the_issuer", by=studio)
    body = restriction(ada)
    world.act("restriction.declared", body, by=ada)
    refused(world, "restriction.lifted", {"restriction": body["restriction"]}, "own_key_needed", by=agent)
    assert Restriction.objects.get().lifted is None


def test_whoever_negotiates_for_a_grantee_accepts_for_it(world: World, ada: Actor, agent: Actor, studio: Actor) -> None:
    digest = world.act("consent.granted", offer(ada, studio), by=ada)
    refused(world, "grant.accepted", {"grant": digest}, "not_the_issuer", by=agent)
    appoint(world, studio, agent, role="vendor", powers=["negotiate"])
    world.act("grant.accepted", {"grant": digest}, by=agent)
    assert Notice.objects.get().party == studio.id


def test_a_token_of_the_performer_does_not_speak_for_her_agent(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    appoint(world, ada, agent)
    submission = world.signed("consent.granted", consent(ada, studio), by=agent)
    for actor, status in ((ada, 403), (agent, 201)):
        answer = Client().post(
            "/api/v1/statements",
            submission,
            content_type="application/json",
            headers={"Authorization": f"Bearer {world.token(actor)}"},
        )
        assert answer.status_code == status, answer.content


def test_notices_are_listed_for_the_party_alone_and_marked_as_read_once(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    appoint(world, ada, agent)
    digests = [world.act("consent.granted", consent(ada, studio), by=agent) for _ in range(3)]
    mine = {"Authorization": f"Bearer {world.token(ada, 'sign')}"}
    url = f"/api/v1/parties/{ada.id}/notices"
    page = Client().get(url, {"limit": 2}, headers=mine).json()
    assert [row["digest"] for row in page["results"]] == digests[:0:-1]
    rest = Client().get(page["next"], headers=mine).json()["results"]
    assert [(row["digest"], row["type"], row["signed_by"], row["read_at"]) for row in rest] == [
        (digests[0], "consent.granted", agent.id, None)
    ]
    assert Client().put(f"{url}/{digests[0]}/read", headers=mine).status_code == 204
    first = NoticeRead.objects.get().read_at
    assert Client().put(f"{url}/{digests[0]}/read", headers=mine).status_code == 204
    assert NoticeRead.objects.get().read_at == first
    assert Client().put(f"{url}/{'0' * 64}/read", headers=mine).status_code == 404
    other = {"Authorization": f"Bearer {world.token(agent)}"}
    assert Client().get(url, headers=other).json()["code"] == "not_yours"
    assert Client().put(f"{url}/{digests[0]}/read", headers=other).status_code == 403
    assert Client().get(f"/api/v1/statements/{digests[0]}", headers=mine).status_code == 200


def test_a_licensor_is_spoken_for_too(world: World, ada: Actor, agent: Actor, studio: Actor) -> None:
    plate = world.asset(ada)
    body = licence_body(ada, studio, plate) | {"scopes": [scope(acts=["condition"])]}
    refused(world, "licence.granted", body, "not_the_issuer", by=agent)
    appoint(world, ada, agent)
    world.act("licence.granted", body, by=agent)
    assert Notice.objects.get().party == ada.id
