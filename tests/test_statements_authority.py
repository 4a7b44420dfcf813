"""Who may sign for whom, at the door: granted, ended, disputed; jointly; by the power and the acts that it takes."""

from __future__ import annotations

import pytest

from registry.core.jcs import Json
from registry.models import Authority, AuthorityAgent, Dispute, Membership, Party, Policy
from registry.models.threads import Thread
from registry.selectors.policies import court_officers
from tests.refusals import epoch, rebuilt, refused
from tests.terms import authority
from tests.world import Actor, World, new_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agent(world: World) -> Actor:
    return world.party("Bright Talent", kind="organisation", vouched=False)


def test_a_person_grants_authority_over_their_own_affairs_alone(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    body = authority(ada, agent)
    refused(world, "authority.granted", body, "not_the_issuer", by=studio)
    refused(world, "authority.granted", body | {"agents": sorted([ada.id])}, "self_authorised", by=ada)
    refused(world, "authority.granted", body | {"agents": [new_id()]}, "unknown_party", by=ada)
    refused(world, "authority.granted", body | {"required": 2}, "bad_value", by=ada)
    digest = world.act("authority.granted", body, by=ada)
    row = Authority.objects.get()
    assert (row.digest, row.principal, row.attestor, row.role) == (digest, ada.id, ada.id, "agent")
    assert list(AuthorityAgent.objects.values_list("agent", flat=True)) == [agent.id]
    refused(world, "authority.granted", body, "already_registered", by=ada)


def test_guardians_and_estates_are_attested_by_a_third_party_with_evidence(world: World, ada: Actor) -> None:
    ben = world.party("Ben Okafor")
    for role in ("guardian", "estate"):
        body = authority(ada, ben, role=role, evidence_sha256="a" * 64)
        refused(world, "authority.granted", body, "not_the_issuer", by=ada)
        refused(world, "authority.granted", body, "not_the_issuer", by=ben)
        refused(world, "authority.granted", body | {"evidence_sha256": None}, "missing_field", by=world.notary)
        world.act("authority.granted", body, by=world.notary)
    assert set(Authority.objects.values_list("attestor", flat=True)) == {world.notary.id}


def test_an_organisation_has_no_guardian_and_a_union_is_no_person(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    ben = world.party("Ben Okafor")
    guardian = authority(studio, ben, role="guardian", evidence_sha256="a" * 64)
    refused(world, "authority.granted", guardian, "not_a_person", by=world.notary)
    refused(world, "authority.granted", authority(ada, ben, role="union"), "not_an_organisation", by=ada)
    world.act("authority.granted", authority(ada, agent, role="union", powers=[], acts=[]), by=ada)


def test_the_principal_and_each_agent_end_an_authority_once(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    for by in (ada, agent):
        body = authority(ada, agent)
        world.act("authority.granted", body, by=ada)
        ended = {"authority": body["authority"]}
        refused(world, "authority.ended", ended, "not_the_issuer", by=studio)
        digest = world.act("authority.ended", ended, by=by)
        assert Authority.objects.get(id=body["authority"]).ended == digest
        assert epoch("authority", str(body["authority"])) == 1
        refused(world, "authority.ended", ended, "already_ended", by=by)
    refused(world, "authority.ended", {"authority": new_id()}, "unknown_authority", by=ada)


def test_whoever_attested_to_a_guardian_takes_it_back(world: World, ada: Actor, studio: Actor) -> None:
    ben = world.party("Ben Okafor")
    body = authority(ada, ben, role="guardian", evidence_sha256="a" * 64)
    world.act("authority.granted", body, by=world.notary)
    refused(world, "authority.ended", {"authority": body["authority"]}, "not_the_issuer", by=studio)
    world.act("authority.ended", {"authority": body["authority"]}, by=world.notary)


def test_a_dispute_of_an_authority_has_evidence_and_is_nobodys_among_its_agents(
    world: World, ada: Actor, agent: Actor, studio: Actor
) -> None:
    body = authority(ada, agent)
    world.act("authority.granted", body, by=ada)
    dispute = {"authority": body["authority"], "grounds": "she never signed it", "evidence_sha256": "b" * 64}
    refused(world, "authority.disputed", dispute, "not_the_issuer", by=agent)
    bare = {name: value for name, value in dispute.items() if name != "evidence_sha256"}
    refused(world, "authority.disputed", bare, "missing_field", by=studio)
    digest = world.act("authority.disputed", dispute, by=studio)
    row = Dispute.objects.get()
    assert (row.digest, row.kind, row.target, row.by, row.against) == (
        digest, "authority", body["authority"], studio.id, ada.id,
    )  # fmt: skip
    assert epoch("authority", str(body["authority"])) == 1


@pytest.mark.parametrize("concedes", ["ada", "agent", "notary"])
def test_the_principal_an_agent_or_who_attested_concedes_a_dispute_of_an_authority(
    world: World, ada: Actor, agent: Actor, studio: Actor, concedes: str
) -> None:
    body = authority(ada, agent, role="guardian", evidence_sha256="e" * 64)
    world.act("authority.granted", body, by=world.notary)
    dispute = {"authority": body["authority"], "grounds": "forged", "evidence_sha256": "b" * 64}
    upheld = {"dispute": world.act("authority.disputed", dispute, by=studio), "outcome": "upheld"}
    refused(world, "title.resolved", upheld, "not_the_issuer", by=studio)
    world.act("title.resolved", upheld, by={"ada": ada, "agent": agent, "notary": world.notary}[concedes])
    assert Dispute.objects.get().outcome == "upheld"
    rebuilt()


def test_who_disputes_an_authority_concedes_nothing(world: World, ada: Actor, agent: Actor) -> None:
    body = authority(ada, agent)
    world.act("authority.granted", body, by=ada)
    dispute = {"authority": body["authority"], "grounds": "forged", "evidence_sha256": "b" * 64}
    upheld = {"dispute": world.act("authority.disputed", dispute, by=ada), "outcome": "upheld"}
    refused(world, "title.resolved", upheld, "not_the_issuer", by=ada)
    world.act("title.resolved", upheld, by=agent)


def test_a_party_sets_its_policy_and_the_latest_holds(world: World, ada: Actor, studio: Actor) -> None:
    body: dict[str, Json] = {
        "party": studio.id, "assurance": {"condition": "confirmed"}, "attested_engines": False, "court_officers": [],
    }  # fmt: skip
    refused(world, "policy.set", body, "not_the_issuer", by=ada)
    refused(world, "policy.set", body | {"assurance": {"train": "recorded"}}, "bad_value", by=studio)
    refused(world, "policy.set", body | {"court_officers": [ada.id]}, "not_the_registry", by=studio)
    world.act("policy.set", body, by=studio)
    latest = world.act("policy.set", body | {"assurance": {}}, by=studio)
    assert Policy.objects.get(party=studio.id).digest == latest
    assert epoch("policy", studio.id) == 2
    assert court_officers() == frozenset()


def test_a_member_names_a_union_by_its_id(world: World, agent: Actor) -> None:
    ada = world.party("Ada Marsh", unions=sorted([agent.id, "SAG-AFTRA"]))
    assert list(Membership.objects.values_list("party", "union")) == [(ada.id, agent.id)]


def test_a_union_named_in_words_alone_is_no_head(world: World, agent: Actor) -> None:
    """A name may be longer than the id of a head, and binds nobody."""
    ada = world.party("Ada Marsh", unions=sorted([agent.id, "Guild " * 40 + "of all"]))
    met = Thread.objects.filter(kind="union", digest__in=Party.objects.filter(id=ada.id).values("digest"))
    assert [thread.ident for thread in met] == [agent.id]


def test_an_agent_negotiates_and_sees_unless_the_draft_says_otherwise(world: World, ada: Actor, agent: Actor) -> None:
    body = {name: value for name, value in authority(ada, agent).items() if name not in ("powers", "required")}
    world.act("authority.granted", body, by=ada)
    row = Authority.objects.get()
    assert (row.powers, row.required) == (["negotiate", "view"], 1)
