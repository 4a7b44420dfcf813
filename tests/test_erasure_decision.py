"""An erasure never widens: whatever was refused before is refused after it, whoever was erased."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from consent.core.decision import decide
from consent.core.facts import Facts
from consent.core.request import parse_request
from registry.core.erasure import Erasure, Kept, parse_erasure
from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.core.jcs import canonical
from tests.decisions import (
    AT,
    SHA,
    World,
    appearance,
    authority,
    claim,
    consent,
    guard,
    id_of,
    keyid,
    licence,
    party,
    public,
    reference,
    revocation,
    shot,
    shown,
    vouch,
)

SUBJECTS = ("performer", "principal", "claimant", "licensor", "party", "owner")
ORGANISATIONS = frozenset(map(id_of, ("registry", "studio", "gallery", "other")))


def erase(world: World, name: str) -> World:
    """Return the world without anything about somebody, and with the registry's word for it."""
    after, person = world.copy(), id_of(name)
    gone = [step for step in world.steps if subject_of(world, step) == person]
    shown = [world[step] for step in gone if world.steps[step].type.startswith("appearance.")]
    titles = {(str(world[step]["subject"]["kind"]), str(world[step]["subject"]["id"]))
              for step in gone if world.steps[step].type == "title.claimed"}  # fmt: skip
    body = {
        "cause": "asked",
        "subject": person,
        "destroyed": sorted(world.digest(step) for step in gone),
        "kept": [],
        "keys": [keyid(name)],
        "appearances": [{field: one[field] for field in ("asset", "aspects", "spans")} for one in shown],
        "titles": [{"kind": kind, "id": ident} for kind, ident in sorted(titles)],
        "assets": [],
        "opened_by": [],
        "request_sha256": None,
    }
    after.drop(*gone)
    after.add("erasure", "erasure.done", "registry", body, shown=False)
    return after


def subject_of(world: World, step: str) -> str | None:
    """Return whom a statement is about, as its kind says; what only answers another is about whom that one is."""
    body = world[step]
    for field in ("grant", "licence", "claim", "authority", "revocation", "restriction", "dispute"):
        if isinstance(body.get(field), str) and field != "authority" and (found := answered(world, body[field])):
            return subject_of(world, found)
    named = next((str(body[field]) for field in SUBJECTS if isinstance(body.get(field), str)), None)
    if named is None and "authority" in body:
        named = next((str(world[one]["principal"]) for one in world.steps
                      if world.steps[one].type == "authority.granted" and world[one]["authority"] == body["authority"]),
                     None)  # fmt: skip
    return None if named in ORGANISATIONS or world.steps[step].type == "asset.registered" else named


def answered(world: World, digest: str) -> str | None:
    return next((name for name in world.steps if world.digest(name) == digest), None)


def usual() -> World:
    return World()


def co_star() -> World:
    """Ben is in the picture too, and consented."""
    world = World()
    world.add("ben", "party.registered", "ben", party("ben"))
    world.add("ben in it", "appearance.recorded", "gallery", appearance("portrait", "ben"))
    world.add("ben vouched", "identity.vouched", "notary", vouch("ben"))
    world.add("ben consents", "consent.granted", "ben", consent("ben", "studio"))
    return world


def agent_revoked() -> World:
    """Ada's agent took her consent back."""
    world = World()
    world.before("vouch", "agent", "party.registered", "agent", party("agent"))
    world.add("authority", "authority.granted", "ada", authority("ada", "agent", powers=["revoke"]))
    world.add("revoked", "consent.revoked", "agent", revocation("ada", world.digest("consent")))
    return world


def guardian_revoked() -> World:
    """A guardian, to whom the notary attested, took it back; somebody else vouches for Ada as well."""
    world = World()
    world.before("vouch", "guardian", "party.registered", "guardian", party("guardian"))
    world.before("vouch", "second", "party.registered", "second", party("second"))
    world.add("vouched twice", "identity.vouched", "second", vouch("ada"))
    body = authority("ada", "guardian", role="guardian", evidence_sha256=SHA, powers=["revoke"])
    world.add("guardianship", "authority.granted", "notary", body)
    world.add("revoked", "consent.revoked", "guardian", revocation("ada", world.digest("consent")))
    return world


def replaced_by_agent() -> World:
    """A narrower consent, signed by an agent, took the place of a wide one."""
    world = World()
    world.before("vouch", "agent", "party.registered", "agent", party("agent"))
    world.add("authority", "authority.granted", "ada", authority("ada", "agent"))
    narrow = copy.deepcopy(world["consent"]) | {"supersedes": [world.digest("consent")]}
    narrow["scopes"] = [narrow["scopes"][0] | {"territories": ["JP"]}]
    world.add("narrower", "consent.granted", "agent", narrow)
    return world


def shared_title() -> World:
    """Ben holds half of the picture."""
    world = World()
    world.add("ben", "party.registered", "ben", party("ben"))
    world["claim"]["share"] = [1, 2]
    world.add("ben's half", "title.claimed", "ben", claim("ben", "portrait") | {"share": [1, 2]})
    world.add("ben licenses", "licence.granted", "ben", licence("ben", "studio", "portrait"))
    return world


WORLDS = {
    "usual": (usual, ("ada", "notary")),
    "co-star": (co_star, ("ada", "ben", "notary")),
    "agent revoked": (agent_revoked, ("ada", "agent", "notary")),
    "guardian revoked": (guardian_revoked, ("ada", "guardian", "notary", "second")),
    "replaced by agent": (replaced_by_agent, ("ada", "agent")),
    "shared title": (shared_title, ("ada", "ben")),
}
CASES = [(name, who) for name, (_, people) in WORLDS.items() for who in people]


@pytest.mark.parametrize(("name", "who"), CASES)
def test_what_was_refused_before_is_refused_after(name: str, who: str) -> None:
    before = WORLDS[name][0]()
    after = erase(before, who)
    if before.codes():
        assert after.codes(), f"erasing {who} allows what was refused"
    else:
        assert name in ("usual", "co-star", "shared title")


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_whoever_was_erased_still_has_to_be_asked_and_cannot_say_yes(who: str) -> None:
    world = co_star()
    assert world.codes(shot(by_performer=both())) == []
    found = erase(world, who).decide(shot(by_performer=both()))
    assert ("performer", id_of(who)) in {obstacle.subject for obstacle in found.obstacles}


def both() -> dict[str, Any]:
    return shot()["by_performer"] | {id_of("ben"): shown()}


def test_frames_without_the_erased_person_are_as_they_were() -> None:
    world = co_star()
    world["ben in it"]["spans"] = [[0, 10]]
    world["portrait"]["media"] |= {"frames": 100, "fps": [24, 1]}
    clear_of_ben = reference("portrait", source=[20, 30])
    request = shot(references=[clear_of_ben])
    assert world.codes(request) == []
    assert erase(world, "ben").codes(request) == []
    assert erase(world, "ben").codes(shot(references=[reference("portrait", source=[5, 30])])) != []


@pytest.mark.parametrize(("name", "who"), [("agent revoked", "agent"), ("guardian revoked", "notary"),
                                           ("replaced by agent", "agent")])  # fmt: skip
def test_what_was_taken_back_under_a_signature_that_nobody_can_check_any_more_stays_taken_back(
    name: str, who: str
) -> None:
    """The planted fault: without the reading that believes such signatures, the withdrawal would be undone."""
    after = erase(WORLDS[name][0](), who)
    facts = after.facts()
    assert facts.believing is not None
    assert after.codes()
    alone = decide(parse_request(shot()), replace(facts, believing=None), AT)
    assert alone.cleared == (name == "guardian revoked")  # the others are believed where they narrow


def test_what_is_changed_in_facts_is_changed_in_both_readings() -> None:
    """A clearance on a copy of the facts would else be decided on one reading that is older."""

    def changed(one: Facts) -> Facts:
        return replace(one, tree_size=one.tree_size + 1)

    read = erase(agent_revoked(), "agent").facts()
    assert read.believing is not None
    both = read.both(changed)
    assert both.believing is not None
    assert (both.tree_size, both.believing.tree_size) == (read.tree_size + 1, read.believing.tree_size + 1)
    alone = World().facts().both(changed)
    assert (alone.tree_size, alone.believing) == (World().facts().tree_size + 1, None)


def test_only_who_was_erased_is_still_known_where_their_word_is_believed() -> None:
    """A believed vouch needs its voucher known; that something kept was opened, or has lapsed, makes nobody known."""
    world = guardian_revoked()
    after = erase(world, "notary")
    believing = after.facts().believing
    assert believing is not None
    assert id_of("notary") in believing.parties
    after["erasure"]["cause"] = "lapsed"
    believing = after.facts().believing
    assert believing is not None
    assert id_of("notary") not in believing.parties


def test_an_erasure_of_an_enrolled_person_brings_no_key_into_play() -> None:
    """An operator who says that Ada was erased, and signs with a key of theirs, gains nothing."""
    world = World()
    world.drop("vouch")
    body = erase(World(), "ada")["erasure"] | {"subject": id_of("notary"), "appearances": [], "keys": [keyid("forger")]}
    world.add("forged", "identity.vouched", "notary", vouch("ada"), signers=("forger",))
    assert world.codes() == ["identity_unverified"]
    world.add("erasure", "erasure.done", "registry", body, shown=False)
    assert world.codes() == ["identity_unverified"]


def test_what_rests_on_a_voucher_who_was_erased_is_not_vouched_for_any_more() -> None:
    assert erase(World(), "notary").codes() == ["identity_unverified"]


def test_a_title_that_an_erased_person_claimed_is_nobodys() -> None:
    world = shared_title()
    assert world.codes() == []
    assert erase(world, "ben").codes() == ["no_title"]


def test_a_title_that_an_erased_person_disputed_is_nobodys_either() -> None:
    """Two claimed more than there is: with one of them gone nobody knows that the other was right."""
    world = shared_title()
    world["claim"]["share"] = [1, 1]
    assert world.codes() == ["title_disputed"]
    assert erase(world, "ben").codes() == ["no_title"]


def test_an_erasure_that_names_a_key_that_stands_takes_it_from_nobody() -> None:
    """Else who runs the registry could undo what a key said, the end of another key, say."""
    world = World()
    added = {"party": id_of("ada"), "key": public("ada 2")}
    world.before("consent", "second", "key.added", "ada", added, signers=("ada 2", "ada"))
    ended = {"party": id_of("ada"), "keyid": keyid("ada")}
    world.before("consent", "ended", "key.revoked", "ada", ended, signers=("ada 2",))
    assert world.codes() == ["unauthorised_signer"]
    body = erase(World(), "notary")["erasure"] | {"subject": id_of("ben"), "keys": [keyid("ada 2")]}
    world.add("erasure", "erasure.done", "registry", body, shown=False)
    assert world.codes() == ["unauthorised_signer"]


def test_a_body_reads_back_as_it_was_written() -> None:
    body = erase(co_star(), "ada")["erasure"]
    record = parse_erasure(Reader(body, "body"))
    assert canonical(record.format()) == canonical(body)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ({"subject": None}, "bad_value"),
        ({"cause": "forgotten"}, "bad_value"),
        ({"opened_by": [id_of("ada"), id_of("ben")]}, "bad_value"),
        ({"request_sha256": SHA}, "bad_value"),
        ({"destroyed": [SHA, SHA]}, "duplicate_value"),
        ({"keys": [keyid("ben"), keyid("ada")][:: 1 if keyid("ben") > keyid("ada") else -1]}, "not_sorted"),
        ({"kept": [{"digest": SHA, "reason": "habit", "until": "2041-01-01T00:00:00Z"}]}, "bad_value"),
        ({"titles": [{"kind": "catalogue", "id": id_of("x")}]}, "bad_value"),
    ],
)
def test_a_damaged_body_is_refused(damage: dict[str, Any], code: str) -> None:
    body = erase(World(), "ada")["erasure"]
    parse_erasure(Reader(body, "body"))
    with pytest.raises(Malformed) as refused:
        parse_erasure(Reader(body | damage, "body"))
    assert refused.value.code == code


def test_nothing_is_both_destroyed_and_kept() -> None:
    record = Erasure(
        cause="asked",
        subject=id_of("ada"),
        destroyed=(SHA,),
        kept=(Kept(digest=SHA, reason="legal_duty", until=AT),),
    )
    with pytest.raises(Malformed) as refused:
        parse_erasure(Reader(record.format(), "body"))
    assert refused.value.code == "duplicate_value"


def test_a_guarded_consent_goes_with_its_guardian() -> None:
    world = World()
    guard(world)
    world["ada"]["born"] = "2015-01-01"
    assert world.codes() == []
    assert erase(world, "guardian").codes() != []
