"""
Laws that hold between two decisions on histories that differ in one thing.

Each law counts both outcomes and fails where either is rare. What a law leaves out it says.
"""

import copy
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from consent.core.decision import Decision, decide
from consent.core.facts import facts_of
from consent.core.request import parse_request
from consent.core.settled.read import Read
from consent.core.vouched import Vouched
from registry.core.jcs import canonical
from tests.decision_cases_damage import damaged
from tests.decision_cases_harm import name_of, wide
from tests.decision_cases_identity import impersonated
from tests.decision_cases_ways import OF_ASSETS, OF_PERFORMERS, boxes, parsed
from tests.decisions import AT, appearance, consent, id_of, licence, revocation
from tests.reference_points import Point
from tests.reference_turns import turns_of
from tests.test_decision_twin_told import of_rules, points
from tests.told import Body, Tale, at

CASES = 250
RARE = 0.2
Missing = set[tuple[tuple[str, str], Point]]


def decided(tale: Tale) -> Decision:
    return without_rules(decide(parsed(tale), facts_of(tale.reads(), tale.vouched()), AT))


def without_rules(decision: Decision) -> Decision:
    """Rules are asked of each ground; which grants are grounds is not what these laws are about."""
    return replace(decision, obstacles=tuple(o for o in decision.obstacles if not of_rules(o)))


def tales(law: str) -> Iterator[tuple[Tale, random.Random, Decision]]:
    outcomes: Counter[bool] = Counter()
    for number in range(CASES):
        rng = random.Random(f"{law} {number}")
        tale = damaged(rng)
        before = decided(tale)
        outcomes[before.cleared] += 1
        yield tale, rng, before
    assert min(outcomes.values()) > RARE * CASES, outcomes


def missing(decision: Decision, moments: list[int]) -> Missing:
    """Return every point that is refused."""
    return {
        (obstacle.subject, point)
        for obstacle in decision.obstacles
        for piece in obstacle.missing
        for point in points(piece, moments)
    }


def refused(decision: Decision) -> set[tuple[str, tuple[str, str]]]:
    return {(obstacle.code, obstacle.subject) for obstacle in decision.obstacles if not obstacle.missing}


# --- granting more


def _another_consent(tale: Tale, rng: random.Random) -> None:
    body = consent("ada", "studio", scopes=boxes(rng, tale, OF_PERFORMERS), role=None, scenes="any")
    tale.say("another consent", "consent.granted", "ada", body)


def _another_licence(tale: Tale, rng: random.Random) -> None:
    owner = rng.choice(("gallery", "heir", "rival"))
    body = licence(owner, "studio", "portrait", scopes=boxes(rng, tale, OF_ASSETS))
    tale.say("another licence", "licence.granted", owner, body)


def test_granting_more_never_uncovers_anything() -> None:
    """
    Another consent, or another licence to the requester, adds.

    Left out: one that supersedes, one that is exclusive to somebody else or holds its licensor back, and one that
    leaves something to an approver who then declines.
    """
    for tale, rng, before in tales("more"):
        rng.choice((_another_consent, _another_licence))(tale, rng)
        after = decided(tale)
        moments = turns_of(tale.reads(), tale.vouched())
        assert missing(after, moments) <= missing(before, moments), tale
        assert refused(after) <= refused(before), tale


# --- taking away


def _revoked(tale: Tale, rng: random.Random) -> None:
    told = rng.choice(tale.of("consent.granted") or [None])
    if told is not None:
        person = name_of(told.body["performer"])
        tale.say("taken back", "consent.revoked", person, revocation(person, tale.digest(told.name)))


def _terminated(tale: Tale, rng: random.Random) -> None:
    mine = [told for told in tale.of("licence.granted", "licence.recorded") if told.name != "rival licence"]
    if mine:
        told = rng.choice(mine)
        body = {"licence": tale.digest(told.name), "sell_off_until": None}
        tale.say("taken away", "licence.terminated", name_of(told.body["licensor"]), body)


def _restricted(tale: Tale, rng: random.Random) -> None:
    scopes = wide(tale, rng, OF_PERFORMERS)
    body = {"restriction": id_of("a never"), "performer": id_of("ada"), "scopes": scopes}
    tale.say("a never", "restriction.declared", "ada", body, logged=rng.random() < 0.5)


def _suspended(tale: Tale, rng: random.Random) -> None:
    on = rng.choice((("performer", "ada"), ("asset", "portrait"), ("grantee", "studio"), ("grantee", "house")))
    body = {
        "suspension": id_of("a not now"),
        "kind": "court",
        "by": id_of("court"),
        "on": {"kind": on[0], "id": id_of(on[1])},
        "scopes": wide(tale, rng, OF_ASSETS if on[0] == "asset" else OF_PERFORMERS),
        "agreements": [],
        "excepted_projects": [],
        "document_sha256": "d" * 64,
    }
    tale.say("a not now", "suspension.declared", "court", body, logged=rng.random() < 0.5)


def _kept_out(tale: Tale, rng: random.Random) -> None:
    owner = rng.choice(("gallery", "heir", "rival"))
    holdbacks = [{"binds": "licensor", "scopes": wide(tale, rng, OF_ASSETS)}]
    body = licence(
        owner,
        "broker",
        "portrait",
        scopes=wide(tale, rng, OF_ASSETS),
        exclusivity=rng.choice(("none", "sole", "exclusive")),
        holdbacks=rng.choice(([], holdbacks)),
    )
    tale.say("kept out", "licence.granted", owner, body)
    tale.told.insert(24, tale.told.pop())


def _disputed(tale: Tale, rng: random.Random) -> None:
    told = rng.choice(tale.of("title.claimed", "authority.granted"))
    claim = told.type == "title.claimed"
    target = {"claim": tale.digest(told.name)} if claim else {"authority": told.body["authority"]}
    body = {**target, "grounds": "No.", "evidence_sha256": "e" * 64}
    tale.say("a dispute", "title.disputed" if claim else "authority.disputed", "ben", body, issued_at=AT)


def _asks_more(tale: Tale, rng: random.Random) -> None:
    assurance = {rng.choice(("distribute", "condition", "train")): "signed"}
    body = {"party": id_of("studio"), "assurance": assurance, "attested_engines": False, "court_officers": []}
    tale.say("asks more", "policy.set", "studio", body, logged=False)


def _declined(tale: Tale, rng: random.Random) -> None:
    for told in tale.of("consent.granted", "licence.granted"):
        for on in ("spec", "result"):
            body = {"shot": id_of("shot"), "grant": tale.digest(told.name), "on": on, "note": None}
            who = name_of(told.body.get("performer") or told.body["licensor"])
            tale.say(f"no to {told.name} {on}", "approval.declined", who, body, logged=False)


def _claimed(tale: Tale, rng: random.Random) -> None:
    body = {"asset": id_of("portrait"), "performer": id_of("ben"), "aspects": ["face", "voice"], "spans": None}
    tale.say("also me", "appearance.claimed", "ben", body)


def _appears(tale: Tale, rng: random.Random) -> None:
    """Somebody recorded to appear is somebody more to ask; what a claim needs to be settled is left out."""
    if not tale.of("appearance.claimed"):
        by = rng.choice(("rival", "gallery"))
        tale.say("also there", "appearance.recorded", by, appearance("portrait", "heir", aspects=["face", "voice"]))


def _amended(tale: Tale, rng: random.Random) -> None:
    """An amendment that is not under the checkpoint only narrows."""
    mine = [told for told in tale.of("licence.granted", "licence.recorded") if told.name != "rival licence"]
    if mine:
        told = rng.choice(mine)
        owner = name_of(told.body["licensor"])
        terms = {key: value for key, value in told.body.items() if key not in ("document_sha256", "signed_on")}
        fewer = terms | {"scopes": _cut(terms["scopes"], rng)[:1]}
        effective = rng.choice(("2027-05-20T00:00:00Z", "2027-09-10T00:00:00Z"))
        body = {"licence": tale.digest(told.name), "effective_from": effective, "document_sha256": None}
        tale.say("not yet", "licence.amended", owner, {**body, "terms": fewer}, logged=False)


NARROWINGS = (
    _revoked, _terminated, _restricted, _suspended, _kept_out, _disputed, _asks_more, _declined, _claimed, _appears,
    _amended, impersonated,
)  # fmt: skip


@pytest.mark.parametrize("narrowing", NARROWINGS, ids=lambda one: one.__name__.strip("_"))
def test_taking_away_never_covers_anything(narrowing: Callable[[Tale, random.Random], None]) -> None:
    """
    Whatever narrows only refuses: what was missing stays so, and what was refused stays refused.

    Left out: what ends somebody else's exclusive licence, or a union's membership, sets others free once it counts.
    """
    for tale, rng, before in tales(f"less {narrowing.__name__}"):
        narrowing(tale, rng)
        after = decided(tale)
        moments = turns_of(tale.reads(), tale.vouched())
        assert missing(before, moments) <= missing(after, moments), tale
        lost = {one for one in refused(before) - refused(after) if one[0] != "approval_declined"}
        assert not lost, (tale, lost)
        assert before.cleared or not after.cleared, tale


def test_something_that_narrows_does_refuse_now_and_then() -> None:
    """The law above, on cases that it is about: were all that narrows without effect, it would hold too."""
    for narrowing in NARROWINGS:
        assert any(_refuses(narrowing, number) for number in range(300)), narrowing.__name__


def _refuses(narrowing: Callable[[Tale, random.Random], None], number: int) -> bool:
    rng = random.Random(f"effect {number}")
    tale = damaged(rng)
    if not decided(tale).cleared:
        return False
    narrowing(tale, rng)
    return not decided(tale).cleared


# --- saying the same otherwise


def test_cutting_boxes_in_two_changes_nothing() -> None:
    for tale, rng, before in tales("cut"):
        for told in tale.of("consent.granted", "licence.granted", "licence.recorded", "title.claimed"):
            told.body = copy.deepcopy(told.body)
            told.body["scopes"] = _cut(told.body["scopes"], rng)
        after = decided(tale)
        moments = turns_of(tale.reads(), tale.vouched())
        assert missing(after, moments) == missing(before, moments), tale
        assert refused(after) == refused(before), tale
        assert after.grounds == before.grounds, tale


def _cut(scopes: list[Body], rng: random.Random) -> list[Body]:
    """Cut each box along a dimension that is drawn, where it can be cut there."""
    found = {}
    for scope in scopes:
        name = rng.choice(("territories", "media", "aspects", "purposes", "acts", "window"))
        pieces = [scope]
        if name == "window":
            start, end = scope["window"]
            middle = rng.choice(("2027-06-01T12:10:00Z", "2027-09-12T00:00:00Z"))
            plain = isinstance(start, str) and not isinstance(end, dict)
            if plain and start < middle < (end or "9"):
                pieces = [{**scope, "window": [start, middle]}, {**scope, "window": [middle, end]}]
        elif len(scope[name]) > 1:
            pieces = [{**scope, name: scope[name][:1]}, {**scope, name: scope[name][1:]}]
        found |= {canonical(piece): piece for piece in pieces}
    return [found[key] for key in sorted(found)]


def test_a_request_for_more_is_never_easier() -> None:
    wider: dict[str, object] = {
        "territories": ["DE", "FR"],
        "media": ["svod", "theatrical"],
        "purposes": ["press", "third_party_advertising", "work"],
        "window": ["2027-07-01T00:00:00Z", None],
        "scene": ["violence"],
    }
    for tale, rng, before in tales("superset"):
        if tale.request["kind"] == "train":
            continue
        name = rng.choice(sorted(wider))
        tale.request = {**tale.request, name: wider[name]}
        after = decided(tale)
        assert before.cleared or not after.cleared, (name, tale)


def test_the_order_in_which_statements_are_read_never_matters() -> None:
    for tale, rng, _ in tales("order"):
        reads, vouched = tale.reads(), tale.vouched()
        once = decide(parsed(tale), facts_of(reads, vouched), AT)
        again = decide(parsed(tale), facts_of(rng.sample(reads, len(reads)), vouched), AT)
        assert canonical(once.format()) == canonical(again.format()), tale


def test_other_ids_change_nothing_but_names() -> None:
    """Every id ends otherwise: the order of ids, in which lists are written, stays as it was."""
    for tale, _, _ in tales("names"):
        reads, vouched = tale.reads(), tale.vouched()
        names = {id_: f"{id_[:24]}{'0' * 11}7" for id_ in _ids(tale)}
        assert len({*names.values()}) == len(names)
        once = decide(parsed(tale), facts_of(reads, vouched), AT)
        others = [_renamed(read, names) for read in reads]
        known: Vouched = replace(vouched, registry=names[id_of("registry")])
        again = decide(parse_request(_other(tale.request, names)), facts_of(others, known), AT)
        ours = _other(once.format(), names)
        theirs = again.format()
        assert {**ours, "facts_digest": ""} == {**theirs, "facts_digest": ""}, tale


def _ids(tale: Tale) -> Iterable[str]:
    found: set[str] = set()
    issuers = {id_of(told.issuer) for told in tale.told}
    for value in [tale.request, *issuers, *(told.body for told in tale.told)]:
        text = json.dumps(value)
        found |= {part for part in text.split('"') if len(part) == 36 and part.count("-") == 4}
    return found


def _renamed(read: Read, names: dict[str, str]) -> Read:
    tale = Tale(salt="")
    body = _other(dict(read.body), names)
    tale.say("one", read.type, "registry", body, issued_at=read.issued_at)
    return replace(
        read,
        issuer=names[read.issuer],
        body=body,
        record=tale.reads()[0].record,
        signers=frozenset(names[signer] for signer in read.signers),
    )


def _other(value: object, names: dict[str, str]) -> Body:
    text = json.dumps(value)
    for name, other in names.items():
        text = text.replace(name, other)
    found: Body = json.loads(text)
    return found


def test_another_salt_changes_which_grants_serve_and_nothing_that_is_missing() -> None:
    """Grounds are chosen by digest; what is covered is not."""
    for tale, _, before in tales("salt"):
        old = {tale.digest(told.name): told.name for told in tale.told}
        tale.salt = f"{tale.salt} again"
        names = {digest: tale.digest(name) for digest, name in old.items()}
        tale.request = _other(tale.request, names)
        if "rests_on" in tale.request:
            tale.request["rests_on"] = sorted(tale.request["rests_on"])
        for told in tale.told:
            told.body = _other(told.body, names)
        after = decided(tale)
        moments = turns_of(tale.reads(), tale.vouched())
        assert at(AT).endswith("Z")
        assert missing(after, moments) == missing(before, moments), tale
