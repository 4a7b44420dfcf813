"""A key that was in other hands: what it permitted from there on falls, what it narrowed stays, the rest stands."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command

from consent.core.settled.keyring import Keyring
from consent.core.settled.reading import read_all, record_of
from generation.verify.__main__ import main
from registry.core.envelope import PublicKey, parse_statement
from registry.core.errors import DomainError
from registry.models import Entry, Key
from tests.decisions import World, id_of, keyid, party, public, revocation
from tests.reference_keys import Keys, Said
from tests.sealed_papers import fetched
from tests.studio import Studio, state_of
from tests.world import Actor
from tests.world import World as Registry
from web import fsck

# --- The decision


@pytest.fixture
def world() -> World:
    world = World()
    world.before(
        "consent", "second key", "key.added", "ada", key_body("ada 2"), signers=("ada 2", "ada")
    )  # the good one, which ends the other
    return world


def key_body(key: str, owner: str = "ada") -> dict[str, Any]:
    return {"party": id_of(owner), "key": public(key)}


def lost(world: World, key: str, since: int | str, *, owner: str = "ada", by: str = "ada 2", **options: Any) -> None:
    place = since if isinstance(since, int) else [*world.steps].index(since)
    body = {"party": id_of(owner), "keyid": keyid(key), "compromised_from": place}
    world.add(f"{key} lost from {since}", "key.revoked", owner, body, signers=(by,), **options)


def test_what_a_lost_key_permitted_before_that_place_counts_and_from_there_on_does_not(world: World) -> None:
    lost(world, "ada", [*world.steps].index("consent") + 1)
    assert world.codes() == []
    lost(world, "ada", "consent")
    assert world.codes() == ["unauthorised_signer"]


def test_a_lost_key_is_lost_as_soon_as_it_is_said_and_not_once_that_is_published(world: World) -> None:
    lost(world, "ada", "consent", logged=False)
    assert world.codes() == ["unauthorised_signer"]


def test_a_consent_that_is_not_in_the_log_falls_with_any_later_loss(world: World) -> None:
    world.add_like("again", "consent")
    world.steps["again"].logged = False
    lost(world, "ada", len(world.steps) + 1)
    reads = {read.digest: read for read in read_all(world.envelopes().values(), world.vouches(world.envelopes()))}
    assert reads[world.digest("consent")].authorised
    assert not reads[world.digest("again")].authorised


def test_a_lost_key_that_signed_beside_a_good_one_does_no_harm(world: World) -> None:
    world.steps["consent"].signers = ("ada", "ada 2")
    lost(world, "ada", "consent")
    assert world.codes() == []


def test_what_a_lost_key_withdrew_stays_withdrawn(world: World) -> None:
    """It may have been the person herself, and a thief who withdraws permits nothing."""
    world.steps["consent"].signers = ("ada 2",)
    world.add("withdrawal", "consent.revoked", "ada", revocation("ada", world.digest("consent")))
    lost(world, "ada", "withdrawal")
    assert world.codes() == ["revoked"]


def test_a_policy_under_a_lost_key_makes_nothing_laxer(world: World) -> None:
    """`policy.set` narrows, and may ask less than the one before it: of a thief's, what is stricter counts."""
    rest = {"party": id_of("studio"), "attested_engines": False, "court_officers": []}
    world.before(
        "claim", "studio 2", "key.added", "studio", key_body("studio 2", "studio"), signers=("studio 2", "studio")
    )
    world.before("claim", "strict", "policy.set", "studio", rest | {"assurance": {"condition": "confirmed"}})
    world.before("claim", "lax", "policy.set", "studio", rest | {"assurance": {}})
    world.steps["licence"].type, world.steps["licence"].issuer = "licence.recorded", "studio"
    world["licence"].update(document_sha256="d" * 64, signed_on="2027-01-01")
    assert world.codes() == []  # the newest policy takes paper
    lost(world, "studio", "lax", owner="studio", by="studio 2")
    world.steps["licence"].signers = ("studio 2",)
    assert world.codes() == ["assurance_too_low"]


def read(world: World) -> list[Any]:
    return read_all(world.envelopes().values(), world.vouches(world.envelopes()))


def test_keys_that_a_lost_key_brought_are_lost_with_it(world: World) -> None:
    world.before("consent", "thief", "key.added", "ada", key_body("forged"), signers=("forged", "ada"))
    world.before("consent", "thief's", "key.added", "ada", key_body("forged 2"), signers=("forged 2", "forged"))
    world.steps["consent"].signers = ("forged 2",)
    assert world.codes() == []  # as long as nobody knows better
    lost(world, "ada", "thief")
    assert world.codes() == ["unauthorised_signer"]


def test_a_key_that_a_good_one_brought_too_stays_good(world: World) -> None:
    world.before("consent", "third", "key.added", "ada", key_body("ada 3"), signers=("ada 3", "ada", "ada 2"))
    world.steps["consent"].signers = ("ada 3",)
    lost(world, "ada", "third")
    assert world.codes() == []


def test_a_key_is_not_lost_by_being_brought_a_second_time(world: World) -> None:
    world.steps["consent"].signers = ("ada 2",)
    world.before("consent", "again", "key.added", "ada", key_body("ada 2"), signers=("ada 2", "ada"))
    lost(world, "ada", "again")
    assert world.codes() == []


def test_the_earliest_place_that_was_rightly_said_counts(world: World) -> None:
    lost(world, "ada", [*world.steps].index("consent") + 1)
    lost(world, "ada", "consent")
    lost(world, "ada", [*world.steps].index("consent") + 2)
    assert world.codes() == ["unauthorised_signer"]


@pytest.mark.parametrize("by", ["studio", "unknown", "notary"])
def test_nobody_else_says_that_a_key_was_lost(world: World, by: str) -> None:
    lost(world, "ada", "consent", by=by)
    assert world.codes() == []


def test_a_voucher_s_and_a_licensor_s_loss_reach_what_they_permitted(world: World) -> None:
    for owner, step, codes in (("notary", "vouch", ["identity_unverified"]), ("gallery", "licence", None)):
        other = world.copy()
        new = f"{owner} 2"
        other.before(step, new, "key.added", owner, key_body(new, owner), signers=(new, owner))
        assert other.codes() == []
        lost(other, owner, step, owner=owner, by=new)
        assert other.codes() == (codes or ["unauthorised_signer"])


# --- The slow twin


def test_the_ring_and_its_slow_twin_agree_on_random_lives_of_keys() -> None:
    seen: Counter[bool] = Counter()
    for seed in range(500):
        said = _life(random.Random(seed))
        twin = Keys(said)
        ring, parsed = _ring(said)
        for one, (statement, envelope, _) in zip(said, parsed, strict=True):
            expected = {id_of(name) for name in twin.counting(one)}
            assert ring.signers(statement, envelope) == expected, (seed, one)
            assert ring.is_suspect(statement, envelope) == twin.suspect(one), (seed, one)
            if one.does in ("permits", "narrows"):
                seen[bool(expected), twin.suspect(one)] += 1
    assert min(seen[True, False], seen[False, False], seen[True, True]) > 50, seen


def _life(rng: random.Random) -> list[Said]:
    """Tell a short story of two parties and their keys, in which each act is likely and none is certain to be right."""
    said = [
        Said(place=number, issuer=name, does="enrols", key=name, signed=(name,))
        for number, name in enumerate(("ada", "ben"))
    ]
    keys = {"ada": ["ada"], "ben": ["ben"]}
    for place in range(2, 14):
        issuer = rng.choice(("ada", "ada", "ben"))
        pool = keys[issuer] if rng.random() < 0.9 else keys["ada"] + keys["ben"]
        signed = tuple(sorted(rng.sample(pool, min(len(pool), rng.choice((1, 1, 2))))))
        does = rng.choice(("adds", "ends", "permits", "permits", "narrows"))
        key = None
        if does == "adds":
            key = f"{issuer} {place}"
            keys[issuer].append(key)
            signed = (*signed, key)
        if does == "ends":
            key = rng.choice(keys[issuer] if rng.random() < 0.9 else keys["ben"])
        since = rng.choice((None, rng.randrange(14))) if does == "ends" else None
        said.append(Said(place=place, issuer=issuer, does=does, key=key, signed=signed, lost_from=since))
    return said


def _ring(said: list[Said]) -> tuple[Keyring, list[Any]]:
    world = World(steps={})
    types = {"permits": "consent.granted", "narrows": "title.disputed"}
    kinds = {"enrols": "party.registered", "adds": "key.added", "ends": "key.revoked"} | types
    for one in said:
        world.add(str(one.place), kinds[one.does], one.issuer, _body(one), signers=one.signed)
    signed = world.envelopes()
    parsed = []
    for envelope in signed.values():
        statement = parse_statement(envelope.payload)
        record = None if statement.type in types.values() else record_of(statement.type, statement.body)
        parsed.append((statement, envelope, record))
    return Keyring.of(parsed, world.vouches(signed).indices), parsed


def _body(one: Said) -> dict[str, Any]:
    if one.does == "enrols":
        return party(one.issuer)
    if one.does == "adds":
        return key_body(str(one.key), one.issuer)
    if one.does == "ends":
        return {"party": id_of(one.issuer), "keyid": keyid(str(one.key)), "compromised_from": one.lost_from}
    return {"said": one.place}


# --- The registry


@pytest.fixture
def registry(settings: Any, tmp_path: Path) -> Registry:
    settings.LOG_DIR = tmp_path / "log"
    return Registry()


def second_key(registry: Registry, actor: Actor) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    body = {"party": actor.id, "key": PublicKey.of(key).format()}
    registry.submit(registry.signed("key.added", body, by=actor, keys=(key, actor.key)))
    return key


def revoked(registry: Registry, actor: Actor, by: Ed25519PrivateKey, since: int | None) -> str:
    body = {"party": actor.id, "keyid": actor.keyid, "compromised_from": since}
    return registry.submit(registry.signed("key.revoked", body, by=actor, keys=(by,)))


@pytest.mark.django_db(transaction=True)
def test_a_loss_is_told_in_both_languages_kept_and_rebuilt(registry: Registry) -> None:
    ada = registry.party("Ada Marsh")
    good = second_key(registry, ada)
    size = registry.publish()
    body = {"party": ada.id, "keyid": ada.keyid, "compromised_from": size - 1}
    for language, told in (("en", "In other hands from this entry"), ("fr", "En d’autres mains à partir de")):
        assert told in registry.signed("key.revoked", body, by=ada, keys=(good,), language=language)["text"]
    revoked(registry, ada, good, size - 1)
    key = Key.objects.get(keyid=ada.keyid)
    assert (key.compromised_from, key.revoked is None) == (size - 1, False)
    registry.publish()
    assert fsck.run().findings == []
    Key.objects.filter(keyid=ada.keyid).update(compromised_from=size)
    assert {finding.fault for finding in fsck.run().findings} == {"row_stray", "row_missing"}


@pytest.mark.django_db(transaction=True)
def test_a_loss_may_become_known_later_and_only_moves_to_an_earlier_place(registry: Registry) -> None:
    ada = registry.party("Ada Marsh")
    good = second_key(registry, ada)
    size = registry.publish()
    revoked(registry, ada, good, None)
    ended = Key.objects.get(keyid=ada.keyid)
    revoked(registry, ada, good, 3)
    for since in (None, 3, 4):
        assert refused(registry, ada, good, since) == "already_revoked"
    revoked(registry, ada, good, 2)
    key = Key.objects.get(keyid=ada.keyid)
    assert (key.compromised_from, key.revoked, key.revoked_by) == (2, ended.revoked, ended.revoked_by)
    assert size > 3
    registry.publish()
    assert fsck.run().findings == []


@pytest.mark.django_db(transaction=True)
def test_nobody_says_that_a_key_was_lost_in_the_future_or_that_another_s_was(registry: Registry) -> None:
    ada, ben = registry.party("Ada Marsh"), registry.party("Ben Ode", vouched=False)
    good = second_key(registry, ada)
    size = registry.publish()
    assert refused(registry, ada, good, size + 1) == "place_not_reached"
    body = {"party": ada.id, "keyid": ada.keyid, "compromised_from": 0}
    with pytest.raises(DomainError) as foreign:
        registry.submit(registry.signed("key.revoked", body, by=ben))
    assert foreign.value.code == "not_the_issuer"
    revoked(registry, ada, good, size)  # from now on is not in the future


@pytest.mark.django_db(transaction=True)
def test_the_list_of_a_party_s_keys_says_which_were_lost(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = registry.party("Ada Marsh")
    good = second_key(registry, ada)
    registry.publish()
    revoked(registry, ada, good, 1)
    call_command("keys", "list", "--party", ada.id)
    lines = capsys.readouterr().out.splitlines()
    assert [ada.keyid in line for line in lines] == [True, False]
    assert "compromised_from=1" in lines[0]
    assert "revoked" not in lines[1]


@pytest.mark.django_db(transaction=True)
def test_what_runs_on_a_consent_under_a_lost_key_stops_and_what_was_released_keeps_its_papers(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studio = Studio.open(tmp_path, settings)
    good = second_key(studio.world, studio.ada)
    studio.world.publish()
    released = studio.released()
    studio.world.publish()
    papers = fetched(studio, released, tmp_path)
    running = studio.queued()
    place = Entry.objects.get(leaf__digest=studio.consent).index
    revoked(studio.world, studio.ada, good, place)
    refusal = studio.ask()
    assert refusal.status_code == 403
    assert {one["code"] for one in refusal.json()["decision"]["obstacles"]} == {"unauthorised_signer"}
    studio.work(running)
    assert state_of(running) == "aborted"
    studio.world.publish()
    assert main(papers) == 0, capsys.readouterr().out
    assert fsck.run().findings == []


def refused(registry: Registry, actor: Actor, by: Ed25519PrivateKey, since: int | None) -> str:
    with pytest.raises(DomainError) as error:
        revoked(registry, actor, by, since)
    return str(error.value.code)
