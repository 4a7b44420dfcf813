"""Who goes by the same thing is held, from commit to a vouch: at the door, in decisions, projections and threads."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from consent.models import Sheet
from consent.services.sheets import look_at, sweep
from registry.core.identifiers import fold
from registry.core.jcs import Json
from registry.errors import Inadmissible
from registry.models import Affiliation, Confirmation, IdentifierClaim, NameIndex, StatementRow, Thread
from registry.selectors.identities import held_by, is_independent, serves
from tests.refusals import epoch, rebuilt, refused
from tests.studio import Studio, consent_body, state_of
from tests.terms import authority
from tests.world import Actor, World

pytestmark = pytest.mark.django_db(transaction=True)

ISNI = "0000 0002 9534 656X"
COLON = {"en": ":", "fr": "\N{NO-BREAK SPACE}:"}


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings)


@pytest.fixture
def rival(studio: Studio) -> Actor:
    return studio.world.party("Eve Rival", vouched=False)


def alias(world: World, who: Actor, name: str | None, *disclaims: dict[str, Json]) -> str:
    body: dict[str, Json] = {"party": who.id, "alias": name, "disclaims": [*disclaims]}
    return world.act("alias.declared", body, by=who)


def confirm(world: World, who: Actor, value: str, *, by: Actor | None = None, scheme: str = "alias") -> str:
    return world.act("identity.vouched", confirming(who, value, scheme=scheme), by=by or world.notary)


def confirming(who: Actor, value: str, *, scheme: str = "alias", **fields: Json) -> dict[str, Json]:
    return {
        "party": who.id,
        "level": "document",
        "checked_on": "2026-01-01",
        "method": "passport",
        "challenge": None,
        "confirms": [{"scheme": scheme, "value": value}],
    } | fields


def codes(studio: Studio, **request: Any) -> set[str]:
    answer = studio.post("/clearances/check", studio.request(**request))
    assert answer.status_code == 200, answer.content
    return {obstacle["code"] for obstacle in answer.json()["obstacles"]}


def shown(studio: Studio, party: Actor, reader: Actor, **query: str) -> Any:
    header = {"Authorization": f"Bearer {studio.world.token(reader)}"}
    return Client(headers=header).get(f"/api/v1/parties/{party.id}", query).json()


def test_a_rival_holds_from_commit_and_a_vouch_frees_under_the_checkpoint(studio: Studio, rival: Actor) -> None:
    world = studio.world
    alias(world, studio.ada, "Ada M.")
    assert codes(studio) == set()
    alias(world, rival, "ADA  M.")
    assert codes(studio) == {"identity_contested"}
    assert studio.ask().status_code == 403
    confirm(world, studio.ada, "ada m.")
    assert codes(studio) == {"identity_contested"}
    world.publish()
    assert codes(studio) == set()
    assert held_by(studio.ada.id) == ()
    assert held_by(rival.id) == ("alias",)
    rebuilt()


def test_a_rival_who_registers_with_the_same_number_holds_a_clearance_in_flight(studio: Studio) -> None:
    world = studio.world
    bea = world.party("Bea Lind", identifiers={"isni": ISNI})
    world.appearance(studio.ridge, bea, by=studio.archive)
    world.act("consent.granted", consent_body(bea, studio.producer), by=bea)
    shown_as = {"depicts": [], "role": "Mara", "replica_use": "employment_based"}
    both = {studio.ada.id: shown_as, bea.id: shown_as}
    world.publish()
    request = studio.request(use=studio.use(by_performer=both))
    assert codes(studio, use=request["use"]) == set()
    shot = studio.queued(request)
    world.party("Bea Impostor", vouched=False, identifiers={"isni": "0000-0002-9534-656x"})
    studio.work(shot)
    assert state_of(shot) == "aborted"
    rebuilt()


def test_the_heads_of_an_identifier_rise_where_somebody_else_states_it_and_not_before(
    studio: Studio, rival: Actor
) -> None:
    alias(studio.world, studio.ada, "Ada M.")
    row = IdentifierClaim.objects.get()
    head = ("identifier", bytes(row.value_hmac).hex())
    assert epoch(*head) == 0
    confirm(studio.world, studio.ada, "Ada M.")
    assert epoch(*head) == 0
    alias(studio.world, rival, "Ada M.")
    assert epoch(*head) == 1
    confirm(studio.world, rival, "Ada M.", by=studio.archive)
    assert epoch(*head) == 2


def test_what_was_kept_about_a_person_ends_when_somebody_else_states_the_same(studio: Studio, rival: Actor) -> None:
    """From either side: who stated it first, and who only states it now."""
    for first, second in ((studio.ada, rival), (rival, studio.ada)):
        name = f"Ada of {first.name}"
        alias(studio.world, first, name)
        studio.world.publish()
        sweep()
        look_at(studio.producer.id, performers=[studio.ada.id])
        assert Sheet.objects.count() == 1
        alias(studio.world, second, name)
        assert sweep() == 1


def test_threads_and_projections_hold_hashes_and_no_identifier(studio: Studio, rival: Actor) -> None:
    alias(studio.world, studio.ada, "Ada M.")
    studio.world.party("Bea Lind", identifiers={"isni": ISNI, "hand": "10.23/B77C-A6A1"}, vouched=False)
    stored = " ".join(Thread.objects.values_list("ident", flat=True)).casefold()
    assert stored.count(" ") > 50
    for word in ("ada m.", "656x", "10.23", "b77c-a6a1", "b77ca6a1", fold("Lind")):
        assert word not in stored
    assert {len(bytes(row)) for row in IdentifierClaim.objects.values_list("value_hmac", flat=True)} == {32}


def test_the_way_out_of_a_squatters_claim_is_a_vouch_and_costs_the_squatter_the_prompt(
    studio: Studio, rival: Actor
) -> None:
    world = studio.world
    prompt = "ada vane walks at dusk"
    alias(world, studio.ada, "Ada Vane")
    alias(world, rival, "Ada Vane")
    assert codes(studio, prompt=prompt) >= {"identity_contested", "description_mismatch"}  # whoever is meant
    confirm(world, studio.ada, "Ada Vane")
    assert "description_mismatch" in codes(studio, prompt=prompt)
    world.publish()
    assert codes(studio, prompt=prompt) == set()
    officer = world.party("Bailiff", kind="organisation")
    confirm(world, rival, "Ada Vane", by=officer)
    assert codes(studio, prompt=prompt) >= {"identity_contested", "description_mismatch"}
    rebuilt()


def test_a_prompt_means_a_person_by_their_alias(studio: Studio, rival: Actor) -> None:
    prompt = "the nightingale walks at dusk"
    assert codes(studio, prompt=prompt) == set()
    alias(studio.world, rival, "The Nightingale")
    assert codes(studio, prompt=prompt) == {"description_mismatch"}
    alias(studio.world, rival, None, {"scheme": "alias", "value": "the nightingale"})
    assert codes(studio, prompt=prompt) == {"description_mismatch"}  # until what was given up is published
    studio.world.publish()
    assert codes(studio, prompt=prompt) == set()
    assert NameIndex.objects.filter(party=rival.id).count() == 1  # by the name alone


def test_a_rival_that_gives_up_frees_the_other(studio: Studio, rival: Actor) -> None:
    alias(studio.world, studio.ada, "Ada M.")
    alias(studio.world, rival, "Ada M.")
    assert codes(studio) == {"identity_contested"}
    alias(studio.world, rival, None, {"scheme": "alias", "value": "ADA M."})
    assert codes(studio) == {"identity_contested"}
    assert held_by(studio.ada.id) == ("alias",)
    studio.world.publish()
    assert codes(studio) == set()
    assert held_by(studio.ada.id) == ()
    rebuilt()


def test_a_namesake_holds_nobody(studio: Studio) -> None:
    studio.world.party(studio.ada.name)
    studio.world.publish()
    assert codes(studio) == set()


def test_what_cannot_be_so_is_refused_at_the_door(studio: Studio, rival: Actor) -> None:
    world, notary = studio.world, studio.world.notary
    alias(world, studio.ada, "Ada M.")
    again: dict[str, Json] = {"party": studio.ada.id, "alias": "ADA M.", "disclaims": []}
    refused(world, "alias.declared", again, "already_declared", by=studio.ada)
    foreign: dict[str, Json] = {"party": studio.ada.id, "alias": "Ada N.", "disclaims": []}
    refused(world, "alias.declared", foreign, "not_the_issuer", by=rival)
    unsaid: dict[str, Json] = {"party": studio.ada.id, "alias": None, "disclaims": [{"scheme": "isni", "value": ISNI}]}
    assert refused(world, "alias.declared", unsaid, "not_claimed", by=studio.ada).field == "body.disclaims[0]"
    refused(world, "identity.vouched", confirming(rival, "Ada M."), "not_claimed", by=notary)
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize(
    ("identifiers", "field"),
    [({"isni": "0000 0002 9534 6560"}, "isni"), ({"isni": "1"}, "isni"), ({"hand": "B77C"}, "hand")],
)
def test_a_number_that_cannot_be_one_is_refused(studio: Studio, identifiers: dict[str, Json], field: str) -> None:
    before = StatementRow.objects.count()
    with pytest.raises(Inadmissible) as error:
        studio.world.party("Zoe", identifiers=identifiers)
    assert (error.value.code, error.value.field) == ("bad_identifier", f"body.identifiers.{field}")
    assert StatementRow.objects.count() == before


def test_a_party_shows_its_level_who_vouched_and_whether_it_is_held(studio: Studio, rival: Actor) -> None:
    world = studio.world
    assert shown(studio, rival, studio.producer)["level"] == "self_stated"
    world.vouch(rival, level="email")
    world.publish()
    assert shown(studio, rival, studio.producer)["level"] == "email"
    for_producer = {"grantee": studio.producer.id}
    ours = shown(studio, studio.ada, studio.ada, **for_producer)
    assert (ours["level"], ours["held"], ours["held_by"], ours["serves"]) == ("document", False, [], True)
    (vouch,) = ours["vouches"]
    assert (vouch["voucher"], vouch["independent"], vouch["logged"]) == (world.notary.id, True, True)
    assert vouch["accepted_at"] is not None
    assert vouch["method"] == "passport, seen by video"
    by_notary = shown(studio, studio.ada, world.notary)
    assert ([v["digest"] for v in by_notary["vouches"]], by_notary["held_by"]) == ([vouch["digest"]], None)
    stranger = shown(studio, studio.ada, studio.producer, **for_producer)
    assert (stranger["level"], stranger["serves"], stranger["vouches"]) == ("document", True, [])


def test_before_a_grantee_whoever_is_tied_to_it_proves_nothing(studio: Studio, rival: Actor) -> None:
    world = studio.world
    alias(world, studio.ada, "Ada M.")
    alias(world, rival, "Ada M.")
    confirm(world, studio.ada, "Ada M.")
    world.publish()
    assert (held_by(studio.ada.id, studio.producer.id), codes(studio)) == ((), set())
    tie = authority(studio.producer, world.notary, powers=["negotiate"], acts=[])
    world.act("authority.granted", tie, by=studio.producer)
    world.publish()
    assert not is_independent(world.notary.id, studio.ada.id, studio.producer.id)
    assert held_by(studio.ada.id, studio.producer.id) == ("alias",)
    assert held_by(studio.ada.id) == ()
    assert not serves(studio.ada.id, studio.producer.id)
    assert codes(studio) == {"identity_unverified"}  # which comes first
    Affiliation.objects.create(party=world.notary.id, affiliate=studio.archive.id)
    assert not is_independent(world.notary.id, studio.ada.id, studio.archive.id)


def test_of_two_who_claim_at_once_neither_is_missed(studio: Studio, rival: Actor) -> None:
    """Whoever commits second takes the head of the identifier alone, and sees the first."""
    world, other = studio.world, studio.world.party("Third", vouched=False)
    signed = [
        world.signed("alias.declared", {"party": one.id, "alias": "Same Same", "disclaims": []}, by=one)
        for one in (rival, other)
    ]
    threads = [threading.Thread(target=_submit, args=(world, one)) for one in signed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (held_by(rival.id), held_by(other.id)) == (("alias",), ("alias",))
    head = bytes(IdentifierClaim.objects.filter(party=rival.id).values_list("value_hmac", flat=True)[0]).hex()
    assert epoch("identifier", head) == 1


def _submit(world: World, one: Any) -> None:
    try:
        world.submit(one)
    finally:
        connections.close_all()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_texts_say_all_that_is_signed_of_an_identity(studio: Studio, language: str) -> None:
    world = studio.world
    given_up: list[Json] = [{"scheme": "isni", "value": ISNI}, {"scheme": "alias", "value": "Ada O."}]
    body: dict[str, Json] = {"party": studio.ada.id, "alias": "Ada M.", "disclaims": given_up}
    text = world.signed("alias.declared", body, by=studio.ada, language=language)["text"]
    assert all(said in text for said in (studio.ada.id, "Ada M.", f"ISNI{COLON[language]} {ISNI}", "Ada O."))
    vouch = confirming(studio.ada, "10.23/B77C", scheme="hand", challenge=studio.project)
    text = world.signed("identity.vouched", vouch, by=world.notary, language=language)["text"]
    assert all(said in text for said in (studio.ada.id, f"HAND{COLON[language]} 10.23/B77C", studio.project))
    assert "challenge" not in world.signed("identity.vouched", confirming(studio.ada, "x"), by=world.notary)["text"]
