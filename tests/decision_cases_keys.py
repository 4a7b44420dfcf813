"""
What may happen to the keys of people in a history: lost and brought back by others, in other hands, gone with a person.

Each is told rightly more often than not, so that what rests on it counts, and wrongly now and then in one thing.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.decision_cases_damage import damaged
from tests.decision_cases_harm import name_of
from tests.decision_cases_told import EVERYBODY, draw
from tests.decisions import authority, id_of, keyid, public
from tests.told import FIRST, Body, Tale, Told
from tests.told_signed import Sent

WHO = ("ada", "ada", "ada", "gallery", "notary", "studio", "house", "broker", "ben", "court")
PERSONS = ("ada", "ben", "notary", "notary", "guardian", "court", "broker", "house")
LAWYERS = ("union", "society", "rival", "heir")
SUBJECTS = ("performer", "principal", "claimant", "licensor", "party", "owner")
REFERRING = ("grant", "licence", "claim", "authority", "revocation", "restriction", "dispute")
ABOUT_THINGS = ("asset.registered", "project.registered", "work.registered", "inventory.declared")


def told_with_keys(rng: random.Random) -> Sent:
    """Return a history in which something happened to somebody's keys, sent under them."""
    sent = Sent(tale=damaged(rng) if rng.random() < 0.4 else draw(rng))
    for told in sent.tale.told:
        if not told.authorised and rng.random() < 0.5:
            sent.false.add(told.name)
    sent.told_late = rng.choice((0, 0, 0, 0, 0, 0, 0, 1, 3))
    for name, happening in rng.sample(HAPPENINGS, rng.choice((1, 1, 2, 3))):
        sent.tale.damage.append(name)
        happening(sent, rng)
    return sent


def _start(tale: Tale) -> int:
    """Return the place after the parties, from where on keys change."""
    return max(number for number, told in enumerate(tale.told) if told.type == "party.registered") + 1


def _put(tale: Tale, place: int, name: str, type_: str, issuer: str, body: Body, at: datetime, **more: Any) -> None:
    tale.say(name, type_, issuer, body, issued_at=at, **more)
    tale.told.insert(place, tale.told.pop())


def _keys(sent: Sent, told: Told) -> tuple[str, ...]:
    return sent.keys.get(told.name, told.signers)


def _others_say(sent: Sent, rng: random.Random, who: str, since: int, *instead: tuple[str, ...]) -> None:
    """Let somebody sign with other keys what they signed after a place in the log."""
    for told in sent.tale.told[since:]:
        keys = _keys(sent, told)
        if who in keys and told.type not in ("key.added", "key.revoked"):
            others = tuple(key for key in keys if key != who)
            sent.keys[told.name] = tuple(dict.fromkeys((*rng.choice(instead), *others)))


# --- brought back by others


def recovered(sent: Sent, rng: random.Random) -> None:
    """Somebody lost a key, and whom they named for it brought another."""
    tale, who = sent.tale, rng.choice(WHO)
    new = f"{who} new"
    if tale.find(f"{who} lost") is not None:
        return
    agents = rng.sample(LAWYERS, rng.choice((1, 1, 2)))
    at = FIRST + timedelta(days=rng.choice((-30, -30, -8, 2, 6)), seconds=rng.choice((0, 1)))
    granted = authority(
        who,
        *agents,
        powers=["recover"] if rng.random() < 0.93 else ["grant", "revoke"],
        role=rng.choice(("agent", "agent", "union")),
        required=rng.randint(1, len(agents)),
        window=rng.choice((["2020-01-01T00:00:00Z", None],) * 7 + (["2026-12-28T09:00:00Z", "2027-01-11T09:00:00Z"],)),
        authority=id_of(f"who recovers {who}"),
    )
    place = _start(tale)
    by = who if rng.random() < 0.95 else agents[0]
    _put(tale, place, f"{who} names", "authority.granted", by, granted, at - timedelta(days=rng.choice((0, 1))))
    signing = agents if rng.random() < 0.85 else [*agents[:1], "registry"]
    added = {"party": id_of(who), "key": public(new)}
    ahead = rng.random() < 0.05
    _put(tale, place if ahead else place + 1, f"{who} lost", "key.added", signing[0], added, at)
    sent.keys[f"{who} lost"] = tuple(dict.fromkeys((*([new] if rng.random() < 0.95 else []), *signing)))
    _others_say(sent, rng, who, place + 2, (new,), (new,), (new,), (new, who), (who,))
    _hinder(sent, rng, who, agents, at)


def _hinder(sent: Sent, rng: random.Random, who: str, agents: list[str], at: datetime) -> None:
    """Let the authority end, or be disputed, or the new key be ended, now and then."""
    tale, ident = sent.tale, id_of(f"who recovers {who}")
    if rng.random() < 0.1:
        place = rng.randrange(_start(tale), len(tale.told) + 1)
        by = rng.choice((who, agents[0], "ben"))
        _put(tale, place, f"{who} ends it", "authority.ended", by, {"authority": ident}, at)
    if rng.random() < 0.35:
        when = at + timedelta(days=rng.choice((-200, -1, 3, 6, 7, 30)), seconds=rng.choice((-1, 0)))
        by = rng.choice((who, "ben", "studio"))
        body = {"authority": ident, "grounds": "No.", "evidence_sha256": "e" * 64}
        dispute = tale.say(f"{who} disputed", "authority.disputed", by, body, issued_at=when, logged=rng.random() < 0.8)
        for number in range(rng.choice((0, 1, 1, 2))):
            outcome = rng.choice(("withdrawn", "withdrawn", "settled", "upheld", "dismissed"))
            resolved = {"dispute": dispute, "outcome": outcome, "document_sha256": None}
            issuer = rng.choice((by, by, "court", *agents, who))
            name = f"{who} resolved {number}"
            tale.say(name, "title.resolved", issuer, resolved, logged=rng.random() < 0.9)
            if issuer in WHO and tale.find(f"{issuer} lost") is not None and rng.random() < 0.5:
                sent.keys[name] = (f"{issuer} new",)
    if rng.random() < 0.15:
        ended, signer = rng.choice(((f"{who} new", who), (who, f"{who} new"), (who, who)))
        body = {"party": id_of(who), "keyid": keyid(ended)}
        place = rng.randrange(_start(tale) + 2, len(tale.told) + 1)
        when = tale.told[place - 1].issued_at
        _put(tale, place, f"{who} ends a key", "key.revoked", who, body, when, logged=rng.random() < 0.8)
        sent.keys[f"{who} ends a key"] = (signer,)
    if rng.random() < 0.08:  # the new key comes once more, from whoever has it
        added = {"party": id_of(who), "key": public(f"{who} new")}
        tale.say(f"{who} adds it too", "key.added", who, added)
        sent.keys[f"{who} adds it too"] = (f"{who} new", who)


# --- in other hands


def compromised(sent: Sent, rng: random.Random) -> None:
    """Somebody has two keys, and says of one that it was in other hands."""
    tale, who = sent.tale, rng.choice(WHO)
    second = f"{who} second"
    if tale.find(f"{who} has two") is not None:
        return
    place = _start(tale)
    when = FIRST + timedelta(days=place // 2)
    added = {"party": id_of(who), "key": public(second)}
    _put(tale, place, f"{who} has two", "key.added", who, added, when)
    sent.keys[f"{who} has two"] = (second, who)
    if rng.random() < 0.2:  # a third, which one of the two brought later
        later = rng.randrange(place + 1, len(tale.told) + 1)
        third, by = f"{who} third", rng.choice(((who,), (second,), (who, second)))
        body = {"party": id_of(who), "key": public(third)}
        _put(tale, later, f"{who} has three", "key.added", who, body, tale.told[later - 1].issued_at)
        sent.keys[f"{who} has three"] = (third, *by)
        _others_say(sent, rng, who, later + 1, (third,), (third,), (second,), (who,))
    else:
        _others_say(sent, rng, who, place + 1, (who,), (who,), (second,), (who, second))
    for number in range(rng.choice((1, 1, 1, 2))):
        lost, good = rng.choice(((who, second), (who, second), (second, who)))
        since = rng.choice((None, 0, place + 1, rng.randrange(len(tale.told) + 1), rng.randrange(len(tale.told) + 1)))
        body = {"party": id_of(who), "keyid": keyid(lost), "compromised_from": since}
        by = rng.choice((who, who, who, who, "rival"))
        name = f"{who} says so {number}"
        tale.say(name, "key.revoked", by, body, logged=rng.random() < 0.8)
        sent.keys[name] = (good if by == who else by,) if rng.random() < 0.9 else (lost,)


# --- gone with a person


def erased(sent: Sent, rng: random.Random) -> None:
    """Somebody was erased: nothing about them is left but where they appeared, what they held and their keys."""
    tale, who = sent.tale, rng.choice(PERSONS)
    gone = [told for told in tale.told if _about(tale, told) == id_of(who)]
    shown = [told.body for told in gone if told.type.startswith("appearance.")]
    titles = {(told.body["subject"]["kind"], told.body["subject"]["id"]) for told in gone
              if told.type == "title.claimed"}  # fmt: skip
    names = {key for told in tale.told for key in _keys(sent, told) if key.split()[0] == who} | {who}
    body = {
        "cause": "asked",
        "subject": id_of(who),
        "destroyed": [],
        "kept": [],
        "keys": sorted(map(keyid, names)),
        "appearances": [{name: one[name] for name in ("asset", "aspects", "spans")} for one in shown],
        "titles": [{"kind": kind, "id": ident} for kind, ident in sorted(titles)],
        "assets": [],
        "opened_by": [],
        "request_sha256": None,
    }
    tale.told = [told for told in tale.told if told not in gone]
    known = {f"{tale.digest(told.name)}" for told in tale.told}
    tale.asked = {key: time for key, time in tale.asked.items() if tale.digest(key.partition(":")[0]) in known}
    tale.say(f"{who} erased", "erasure.done", "registry", body, logged=rng.random() < 0.7)


def _about(tale: Tale, told: Told) -> str | None:
    """Return whom a statement is about: of what answers another, whom that one is about."""
    if told.type in ABOUT_THINGS:
        return None
    by_digest = {tale.digest(one.name): one for one in tale.told}
    for name in REFERRING:
        said = told.body.get(name)
        if isinstance(said, str) and said in by_digest and by_digest[said] is not told:
            return _about(tale, by_digest[said])
    if "authority" in told.body and "principal" not in told.body:
        given = [one for one in tale.of("authority.granted") if one.body["authority"] == told.body["authority"]]
        return given[0].body["principal"] if given else None
    found = next((told.body[name] for name in SUBJECTS if isinstance(told.body.get(name), str)), None)
    return found if found is not None and name_of(found) in (*EVERYBODY[1], "broker", "house") else None


HAPPENINGS: list[tuple[str, Callable[[Sent, random.Random], None]]] = [
    ("recovered", recovered),
    ("recovered", recovered),
    ("compromised", compromised),
    ("compromised", compromised),
    ("erased", erased),
]
