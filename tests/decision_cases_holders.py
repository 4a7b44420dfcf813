"""
What may happen to licences and title, and who else may be licensed.
"""

import copy
import random
from datetime import timedelta

from registry.core.jcs import canonical
from tests.decision_cases_harm import LICENCE, cut, dispute, name_of, one, wide
from tests.decision_cases_licences import amend
from tests.decision_cases_ways import OF_ASSETS, assign
from tests.decisions import AT, claim, id_of, licence
from tests.told import Tale


def terminated(tale: Tale, rng: random.Random) -> None:
    told = one(tale, rng, *LICENCE)
    if told is None:
        return
    until = rng.choice((None, None, "2027-12-01T00:00:00Z", "2027-01-01T00:00:00Z"))
    body = {"licence": tale.digest(told.name), "sell_off_until": until}
    issuer = rng.choice((name_of(told.body["licensor"]), name_of(told.body["licensor"]), "rival"))
    options = {"logged": rng.random() < 0.7, "authorised": rng.random() < 0.8}
    tale.say("termination", "licence.terminated", issuer, body, issued_at=AT - timedelta(days=3), **options)
    if tale.request["kind"] == "use":
        tale.request |= {"rests_on": sorted(tale.digest(one.name) for one in tale.of(*LICENCE))}


def sold_off(tale: Tale, rng: random.Random) -> None:
    """Let the boxes of a licence end soon, with time to sell off."""
    told = one(tale, rng, *LICENCE)
    if told is None:
        return
    told.body = copy.deepcopy(told.body) | {"sell_off_days": rng.choice((30, 400))}
    for scope in told.body["scopes"]:
        cut(scope, 1, rng.choice(("2027-07-15T00:00:00Z", "2027-09-15T00:00:00Z")))
    unique = {canonical(scope): scope for scope in told.body["scopes"]}
    told.body["scopes"] = [unique[key] for key in sorted(unique)]
    if tale.request["kind"] == "use":
        tale.request |= {"rests_on": [tale.digest(told.name)]}


def rival_licence(tale: Tale, rng: random.Random) -> None:
    """Let somebody else be licensed too, now and then exclusively, before or after."""
    owner = rng.choice(("gallery", "gallery", "studio", "heir", "rival"))
    exclusivity = rng.choice(("none", "sole", "exclusive", "exclusive"))
    holdbacks = [{"binds": "licensor", "scopes": wide(tale, rng, OF_ASSETS)}] if rng.random() < 0.3 else []
    recorded = rng.random() < 0.4
    event = {"event": "photography_start", "project": id_of("film"), "territory": None}
    body = licence(
        owner,
        rng.choice(("heir", "rival", "broker")),
        "portrait",
        scopes=wide(tale, rng, OF_ASSETS),
        exclusivity=exclusivity,
        holdbacks=holdbacks,
        signed_on=rng.choice(("2026-11-01", "2026-12-01", "2027-01-01")),
        document_sha256="c" * 64,
        product_categories=rng.choice(([], [], ["cars"], ["toys"])),
        ends_unless=rng.choice((None, None, None, {"event": event, "by": "2027-05-01T00:00:00Z"})),
        change_of_control=rng.choice(("ends", "continues")),
        assignable=True,
    )
    issuer = name_of(body["licensee"]) if recorded else owner
    name = "rival licence"
    if tale.find(name) is not None:
        return
    digest = tale.say(name, "licence.recorded" if recorded else "licence.granted", issuer, body)
    if recorded and rng.random() < 0.3:
        tale.say("rival confirmed", "licence.confirmed", owner, {"licence": digest})
    if rng.random() < 0.6:
        told = tale.told.pop(next(n for n, one in enumerate(tale.told) if one.name == name))
        tale.told.insert(24, told)
    if rng.random() < 0.5:
        rng.choice((_rival_ends, _rival_assigns, _rival_changes_hands, _rival_amended, _rival_made))(tale, rng)


def _rival_ends(tale: Tale, rng: random.Random) -> None:
    told = tale.find("rival licence")
    assert told is not None
    body = {"licence": tale.digest(told.name), "sell_off_until": None}
    options = {"logged": rng.random() < 0.6, "authorised": rng.random() < 0.6}
    tale.say("rival ended", "licence.terminated", name_of(told.body["licensor"]), body, **options)


def _rival_assigns(tale: Tale, rng: random.Random) -> None:
    told = tale.find("rival licence")
    assert told is not None
    since = rng.choice(("2027-03-01", "2027-08-15"))
    to = rng.choice(("studio", "broker"))
    assign(tale, "rival assigned", tale.digest(told.name), name_of(told.body["licensee"]), to, since)
    tale.told[-1].logged, tale.told[-1].authorised = rng.random() < 0.6, rng.random() < 0.6


def _rival_changes_hands(tale: Tale, rng: random.Random) -> None:
    told = tale.find("rival licence")
    assert told is not None
    party_ = told.body["licensee"]
    day = rng.choice(("2027-03-01", "2027-05-12", "2027-05-20"))
    body = {"event": "change_of_control", "party": party_, "territory": None, "on": day, "utc_offset": 0}
    options = {"logged": rng.random() < 0.6, "authorised": rng.random() < 0.6}
    issuer = rng.choice((name_of(party_), "notary", "gallery"))
    tale.say("rival sold", "event.recorded", issuer, {**body, "document_sha256": None}, **options)


def _rival_amended(tale: Tale, rng: random.Random) -> None:
    told = tale.find("rival licence")
    assert told is not None
    options = {"logged": rng.random() < 0.5, "authorised": rng.random() < 0.5}
    amend(tale, rng, "rival amended", tale.digest(told.name), name_of(told.body["licensor"]), **options)


def _rival_made(tale: Tale, rng: random.Random) -> None:
    body = {"event": "photography_start", "project": id_of("film"), "territory": None, "utc_offset": 0}
    for number, day in enumerate(rng.choice((["2027-02-01"], ["2027-02-01", "2027-05-02"]))):
        options = {"logged": rng.random() < 0.6, "authorised": rng.random() < 0.6}
        tale.say(f"made {number}", "event.recorded", "studio", {**body, "on": day, "document_sha256": None}, **options)


def held_back(tale: Tale, rng: random.Random) -> None:
    told = one(tale, rng, *LICENCE)
    if told is not None:
        binds = rng.choice(("licensee", "licensee", "licensor"))
        told.body = copy.deepcopy(told.body) | {"holdbacks": [{"binds": binds, "scopes": wide(tale, rng, OF_ASSETS)}]}


def control(tale: Tale, rng: random.Random) -> None:
    told = one(tale, rng, *LICENCE)
    if told is not None:
        told.body = copy.deepcopy(told.body) | {"change_of_control": rng.choice(("ends", "ends", "continues"))}
        body = {"event": "change_of_control", "party": told.body["licensee"], "territory": None, "utc_offset": 0}
        day = rng.choice(("2027-03-01", "2027-05-12", "2027-09-20"))
        issuer = rng.choice(("studio", "gallery", "notary", "rival"))
        options = {"logged": rng.random() < 0.6}
        tale.say("control", "event.recorded", issuer, {**body, "on": day, "document_sha256": None}, **options)


def more_title(tale: Tale, rng: random.Random) -> None:
    share = rng.choice(([1, 2], [1, 1]))
    right = rng.choice(("picture", "master", "composition"))
    name = rng.choice(("rival", "studio"))
    tale.say("another claim", "title.claimed", name, claim(name, "portrait", right=right, share=share))


def disputed_title(tale: Tale, rng: random.Random) -> None:
    told = one(tale, rng, "title.claimed")
    if told is not None:
        owner = name_of(told.body["claimant"])
        dispute(tale, rng, "title.disputed", "claim", tale.digest(told.name), "ben", (owner,))


def resold_title(tale: Tale, rng: random.Random) -> None:
    told = one(tale, rng, "title.claimed")
    if told is not None:
        since = rng.choice(("2027-03-01", "2027-09-15"))
        owner, to = name_of(told.body["claimant"]), rng.choice(("heir", "rival", "studio"))
        assign(tale, "resold", tale.digest(told.name), owner, to, since)
        tale.told[-1].logged, tale.told[-1].authorised = rng.random() < 0.7, rng.random() < 0.8


def amended_late(tale: Tale, rng: random.Random) -> None:
    told = one(tale, rng, *LICENCE)
    if told is not None:
        owner = name_of(told.body["licensor"])
        amend(tale, rng, "late", tale.digest(told.name), owner, logged=rng.random() < 0.4)


def moral(tale: Tale, rng: random.Random) -> None:
    digest = tale.digest("moral claim")
    if tale.find("moral claim") is None:
        tale.say("moral claim", "title.claimed", "ben", claim("ben", "portrait", nature="moral"))
    if rng.random() < 0.7 and tale.request["kind"] != "train":
        body = {"shot": id_of("shot"), "grant": digest, "on": "spec", "note": None}
        type_ = rng.choice(("approval.given", "approval.declined"))
        tale.say("author", type_, rng.choice(("ben", "rival")), body, logged=rng.random() < 0.8)
