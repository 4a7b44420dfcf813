"""Restrictions, suspensions and approvals at the door: who may say which, and what each raises."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from consent.models import Restriction, Suspension, SuspensionLifting
from registry.core.jcs import Json
from registry.locks import clock
from registry.services.policies import set_registry_policy
from tests.refusals import epoch, rebuilt, refused
from tests.terms import authority, face, lifted, restriction, suspension
from tests.world import Actor, World, new_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def union(world: World) -> Actor:
    return world.party("Screen Union", kind="organisation")


@pytest.fixture
def court(world: World) -> Actor:
    officer = world.party("Olga Officer")
    set_registry_policy(court_officers=[officer.id], at=clock())
    return officer


def test_a_performer_alone_says_never_and_takes_it_back(world: World, ada: Actor, studio: Actor) -> None:
    body = restriction(ada)
    refused(world, "restriction.declared", body, "not_the_issuer", by=studio)
    world.act("restriction.declared", body, by=ada)
    assert epoch("person", ada.id) == 1
    refused(world, "restriction.declared", body, "already_registered", by=ada)
    lift = {"restriction": body["restriction"]}
    refused(world, "restriction.lifted", lift, "not_the_issuer", by=studio)
    refused(world, "restriction.lifted", {"restriction": new_id()}, "unknown_restriction", by=ada)
    digest = world.act("restriction.lifted", lift, by=ada)
    assert Restriction.objects.get().lifted == digest
    assert epoch("person", ada.id) == 1
    refused(world, "restriction.lifted", lift, "already_lifted", by=ada)
    refused(world, "restriction.declared", restriction(studio), "not_a_person", by=studio)


@pytest.mark.parametrize(
    ("language", "lifts"),
    [
        ("en", ("What I forbade until now:", "What is barred: generating", "With: the face", "Where: Germany.")),
        ("fr", ("Ce que j’interdisais jusqu’ici\xa0:", "Ce qui est interdit\xa0: la génération", "Où\xa0: Allemagne.")),
    ],
)
def test_who_lifts_a_restriction_reads_what_is_lifted_and_a_stranger_does_not(
    world: World, ada: Actor, studio: Actor, language: str, lifts: tuple[str, ...]
) -> None:
    never = restriction(ada, scopes=[face(territories=["DE"])])
    world.act("restriction.declared", never, by=ada)
    agent = world.party("Bright Talent", kind="organisation")
    world.act("authority.granted", authority(ada, agent, powers=["view"]), by=ada)
    lift = {"restriction": never["restriction"]}
    told = {
        who.name: [words in text_of(world, who, "restriction.lifted", lift, language) for words in lifts]
        for who in (ada, agent, studio)
    }
    assert told == {name: [name != "Northlight"] * len(lifts) for name in told}


def text_of(world: World, who: Actor, type_: str, body: dict[str, Json], language: str) -> str:
    """Draft a statement, and return what is read before it is signed."""
    request = {"type": type_, "issuer": who.id, "body": body, "language": language}
    headers = {"Authorization": f"Bearer {world.token(who)}"}
    answer = Client().post("/api/v1/statements/draft", request, content_type="application/json", headers=headers)
    return str(answer.json()["text"])


def test_a_union_strikes_for_its_own_members_with_one_head(world: World, ada: Actor, union: Actor) -> None:
    for _ in range(3):
        world.party("Member", unions=[union.id], vouched=False)
    body = suspension("strike", union, "union", union.id)
    other = world.party("Other Union", kind="organisation")
    refused(world, "suspension.declared", body, "not_the_issuer", by=other)
    refused(world, "suspension.declared", body | {"by": other.id}, "not_the_issuer", by=union)
    refused(world, "suspension.declared", suspension("strike", ada, "union", ada.id), "not_an_organisation", by=ada)
    refused(world, "suspension.declared", suspension("strike", ada, "performer", ada.id), "bad_value", by=ada)
    world.act("suspension.declared", body, by=union)
    assert epoch("union", union.id) == 1
    assert epoch("person", ada.id) == 0
    refused(world, "suspension.declared", body, "already_registered", by=union)


def test_a_court_suspends_through_an_officer_with_its_document(
    world: World, ada: Actor, studio: Actor, court: Actor
) -> None:
    body = suspension("court", court, "performer", ada.id)
    refused(world, "suspension.declared", body | {"by": studio.id}, "not_the_issuer", by=studio)
    refused(world, "suspension.declared", body | {"document_sha256": None}, "missing_field", by=court)
    unknown = suspension("court", court, "work", new_id())
    refused(world, "suspension.declared", unknown, "unknown_work", by=court)
    world.act("suspension.declared", body, by=court)
    world.act("suspension.declared", suspension("court", court, "grantee", studio.id), by=court)
    assert (epoch("person", ada.id), epoch("organisation", studio.id)) == (1, 1)
    colleague = world.party("Otto Officer")
    set_registry_policy(court_officers=[colleague.id], at=clock())
    refused(world, "suspension.lifted", lifted(body), "not_the_issuer", by=ada)
    world.act("suspension.lifted", lifted(body), by=colleague)


def test_court_officers_are_named_by_the_registry_and_the_latest_list_holds(
    world: World, ada: Actor, court: Actor
) -> None:
    call_command("policy", "officers", ada.id)
    body = suspension("court", court, "performer", ada.id)
    refused(world, "suspension.declared", body, "not_the_issuer", by=court)
    world.act("suspension.declared", body | {"by": ada.id}, by=ada)
    with pytest.raises(CommandError, match="unknown_party"):
        call_command("policy", "officers", new_id())
    rebuilt()


def test_whoever_claims_title_holds_back_a_work_or_a_file(world: World, ada: Actor, studio: Actor) -> None:
    plate = world.asset(studio)
    body = suspension("holdback", studio, "asset", plate.id)
    refused(world, "suspension.declared", body, "not_the_issuer", by=studio)
    world.title(studio, plate)
    refused(world, "suspension.declared", body | {"by": ada.id}, "not_the_issuer", by=ada)
    before = epoch("asset", plate.id)
    world.act("suspension.declared", body, by=studio)
    assert epoch("asset", plate.id) == before + 1


def test_a_holdback_is_for_who_holds_title_now(world: World, ada: Actor, studio: Actor) -> None:
    plate = world.asset(studio)
    passed = {"grant": world.title(studio, plate), "to": ada.id, "effective_from": "2026-11-01T00:00:00Z"}
    world.act("grant.assigned", passed | {"document_sha256": None}, by=studio)
    former = suspension("holdback", studio, "asset", plate.id)
    refused(world, "suspension.declared", former, "not_the_issuer", by=studio)
    world.act("suspension.declared", suspension("holdback", ada, "asset", plate.id), by=ada)


def test_nobody_but_an_officer_lifts_what_a_court_ordered(world: World, ada: Actor, court: Actor) -> None:
    clerk = world.party("Cleo Clerk")
    world.act("authority.granted", authority(court, clerk, powers=["grant"]), by=court)
    body = suspension("court", court, "performer", ada.id)
    world.act("suspension.declared", body, by=court)
    refused(world, "suspension.lifted", lifted(body), "not_the_issuer", by=clerk)
    world.act("suspension.lifted", lifted(body), by=court)


def test_an_agent_who_was_dismissed_lifts_nothing_that_they_declared(world: World, ada: Actor) -> None:
    agent = world.party("Bright Talent", kind="organisation")
    agency = authority(ada, agent)
    world.act("authority.granted", agency, by=ada)
    kept, left = (suspension("personal", agent, "performer", ada.id) for _ in range(2))
    for body in (kept, left):
        world.act("suspension.declared", body, by=agent)
    world.act("suspension.lifted", lifted(left), by=agent)
    world.act("authority.ended", {"authority": agency["authority"]}, by=ada)
    refused(world, "suspension.lifted", lifted(kept), "unauthorised_signer", by=agent)


def test_a_performer_says_not_now_or_an_agent_who_may_revoke_does(
    world: World, ada: Actor, studio: Actor, union: Actor
) -> None:
    agent = world.party("Bright Talent", kind="organisation")
    body = suspension("personal", ada, "performer", ada.id)
    refused(world, "suspension.declared", body | {"by": agent.id}, "not_the_issuer", by=agent)
    world.act("authority.granted", authority(ada, agent, powers=["revoke"]), by=ada)
    for by in (ada, agent):
        declared = suspension("personal", by, "performer", ada.id)
        world.act("suspension.declared", declared, by=by)
        refused(world, "suspension.lifted", lifted(declared), "not_the_issuer", by=studio)
        world.act("suspension.lifted", lifted(declared), by=ada)
    assert epoch("person", ada.id) == 2


def test_a_suspension_is_lifted_in_part_or_whole_by_who_declared_it(
    world: World, union: Actor, studio: Actor, court: Actor
) -> None:
    project = world.project(studio)
    body = suspension("strike", union, "union", union.id)
    world.act("suspension.declared", body, by=union)
    refused(world, "suspension.lifted", lifted(body), "not_the_issuer", by=studio)
    refused(world, "suspension.lifted", {"suspension": new_id(), "scopes": None, "projects": None},
            "unknown_suspension", by=union)  # fmt: skip
    refused(world, "suspension.lifted", lifted(body, projects=[new_id()]), "unknown_project", by=union)
    world.act("suspension.lifted", lifted(body, projects=[project]), by=union)
    world.act("suspension.lifted", lifted(body, scopes=[face(territories=["FR"])]), by=union)
    assert Suspension.objects.get().lifted is None
    refused(world, "suspension.lifted", lifted(body), "not_the_issuer", by=court)  # no court ordered the strike
    digest = world.act("suspension.lifted", lifted(body), by=union)
    assert Suspension.objects.get().lifted == digest
    assert SuspensionLifting.objects.count() == 3
    refused(world, "suspension.lifted", lifted(body), "already_lifted", by=union)
    rebuilt()


def test_excepted_projects_are_there(world: World, union: Actor, studio: Actor) -> None:
    body = suspension("strike", union, "union", union.id)
    refused(world, "suspension.declared", body | {"excepted_projects": [new_id()]}, "unknown_project", by=union)
    world.act("suspension.declared", body | {"excepted_projects": [world.project(studio)]}, by=union)


def test_the_texts_say_whom_and_what_in_both_languages(world: World, ada: Actor, union: Actor) -> None:
    box = face(content={"depicts": ["nudity", "violence"], "scene": ["drugs"]}, territories=["FR"])
    strike: dict[str, Json] = suspension("strike", union, "union", union.id, agreements=["TV/Theatrical"])
    cases: list[tuple[str, dict[str, Any], Actor, dict[str, list[str]]]] = [
        ("restriction.declared", restriction(ada, scopes=[box]), ada, {
            "en": ["Ada Marsh (", "only where the person is shown in violence or nudity, or where the shot shows drugs",
                   "Where: France."],
            "fr": ["Ada Marsh (", "seulement si la personne est montrée dans la violence ou la nudité, ou si le plan "
                   "montre les drogues", "Où : France."],
        }),
        ("suspension.declared", strike, union, {
            "en": ["a strike", "Screen Union (", "Only for projects under: TV/Theatrical", "whatever it is"],
            "fr": ["une grève", "Screen Union (", "Seulement pour les projets sous : TV/Theatrical",
                   "quoi que ce soit"],
        }),
        ("suspension.declared", suspension("personal", ada, "performer", ada.id, agreements=["Radio"]), ada, {
            "en": ["“not now”", "Only for projects under: Radio"],
            "fr": ["pas maintenant", "Seulement pour les projets sous : Radio"],
        }),
    ]  # fmt: skip
    world.act("suspension.declared", strike, by=union)
    lift = lifted(strike, scopes=[face(content={"depicts": ["violence"], "scene": []}, territories=["FR"])])
    cases.append(("suspension.lifted", lift, union, {
        "en": ["What is lifted: ", "What is shown: at most, the person is shown in violence and the shot shows nothing "
               "sensitive"],
        "fr": ["Ce qui est levé : ", "Ce qui est montré : tout au plus, la personne est montrée dans la violence et le "
               "plan ne montre rien de sensible"],
    }))  # fmt: skip
    for type_, body, by, wanted in cases:
        for language, lines in wanted.items():
            text = world.signed(type_, body, by=by, language=language)["text"].replace("\xa0", " ")
            assert [line for line in lines if line not in text] == [], text
