"""
What may happen to consents and to those who give them, and what bars their use.
"""

import copy
import random
from datetime import timedelta

from tests.decision_cases_harm import CONSENT, LICENCE, dispute, name_of, on, one, wide
from tests.decision_cases_ways import OF_ASSETS, OF_PERFORMERS
from tests.decisions import AT, authority, id_of, revocation
from tests.told import Tale, Told, at


def revoked(tale: Tale, rng: random.Random) -> None:
    consent = one(tale, rng, *CONSENT)
    if consent is None:
        return
    person = name_of(consent.body["performer"])
    everything = rng.random() < 0.3
    digests = () if everything else (tale.digest(consent.name),)
    body = revocation(person, *digests, grantee=rng.choice(("studio", "house")) if everything else None)
    cause = rng.choice(("will", "breach"))
    body |= {"cause": cause, "evidence_sha256": "e" * 64 if cause == "breach" else None}
    when = AT - timedelta(hours=rng.choice((1, 100, 2_000)))
    issuer = rng.choice((person, person, person, "broker"))
    digest = tale.say("revocation", "consent.revoked", issuer, body, issued_at=when, logged=rng.random() < 0.8)
    if rng.random() < 0.5:
        tale.request |= {"rests_on": [tale.digest(consent.name)]} if tale.request["kind"] != "train" else {}
    if cause == "breach" and rng.random() < 0.4:
        dispute(tale, rng, "revocation.disputed", "revocation", digest, "studio", (person,))


def noticed(tale: Tale, rng: random.Random) -> None:
    """Give notice, which runs or has run, of a consent that binds."""
    bound = [told for told in tale.of("consent.granted") if told.body["basis"] == "contract"]
    if not bound:
        return
    consent = rng.choice(bound)
    consent.body["revocation"] = {"kind": "on_notice", "notice_hours": rng.choice((1, 72, 4_000, 8_760))}
    consent.body["tail"] = rng.choice(({}, {}, {"distribute": "keep"}, {"condition": "finish", "distribute": "finish"}))
    person, when = name_of(consent.body["performer"]), AT - timedelta(hours=rng.choice((1, 2)))
    body = revocation(person, tale.digest(consent.name))
    tale.say("notice", "consent.revoked", person, body, issued_at=when, logged=rng.random() < 0.8)
    if tale.request["kind"] in ("release", "use"):
        tale.request |= {"rests_on": [tale.digest(consent.name)]}


def terms_of_revocation(told: Told, rng: random.Random) -> None:
    kind = rng.choice(("at_will", "on_notice", "for_breach", "not_during_term"))
    if told.body["basis"] == "contract":
        told.body["revocation"] = {"kind": kind, "notice_hours": 72 if kind == "on_notice" else None}


def died(tale: Tale, rng: random.Random) -> None:
    day = rng.choice(("2027-01-02", "2027-05-20", "2027-09-12"))
    body = {"event": "death", "party": id_of("ada"), "territory": None, "on": day, "utc_offset": 0}
    issuer = rng.choice(("notary", "rival", "studio", "ada"))
    tale.say("death", "event.recorded", issuer, {**body, "document_sha256": None}, logged=rng.random() < 0.7)


def countered(tale: Tale, rng: random.Random) -> None:
    offer = one(tale, rng, *CONSENT)
    accepted = one(tale, rng, "grant.accepted")
    if offer is None:
        return
    paper = {"document_sha256": "d" * 64, "signed_on": "2026-12-01", "counters": tale.digest(offer.name)}
    tale.say("counter", "consent.recorded", "studio", {**copy.deepcopy(offer.body), **paper})
    if accepted is not None and rng.random() < 0.5:
        tale.told.remove(accepted)
        tale.told.append(accepted)


def minor(tale: Tale, rng: random.Random) -> None:
    registered = tale.find("ada")
    if registered is not None:
        registered.body = registered.body | {"born": rng.choice(("2010-04-01", "2009-06-01", "2009-09-15", None))}


def restricted(tale: Tale, rng: random.Random) -> None:
    body = {"restriction": id_of("restriction"), "performer": id_of("ada"), "scopes": wide(tale, rng, OF_PERFORMERS)}
    tale.say("restriction", "restriction.declared", "ada", body, logged=rng.random() < 0.7)
    if rng.random() < 0.3:
        lifted = {"restriction": id_of("restriction")}
        tale.say(
            "lifted", "restriction.lifted", rng.choice(("ada", "ada", "broker")), lifted, logged=rng.random() < 0.8
        )


def suspended(tale: Tale, rng: random.Random) -> None:
    kind, issuer, on = rng.choice((
        ("strike", "union", ("union", "union")), ("strike", "union", ("union", "union")),
        ("court", "court", ("performer", "ada")), ("court", "court", ("grantee", "studio")),
        ("court", "court", ("grantee", "house")), ("court", "court", ("asset", "portrait")),
        ("holdback", "gallery", ("asset", "portrait")), ("holdback", "gallery", ("work", "work")),
        ("personal", "ada", ("performer", "ada")), ("personal", "agent", ("performer", "ada")),
    ))  # fmt: skip
    of_people = on[0] in ("performer", "union")
    body = {
        "suspension": id_of("suspension"),
        "kind": kind,
        "by": id_of(issuer),
        "on": {"kind": on[0], "id": id_of(on[1])},
        "scopes": wide(tale, rng, OF_PERFORMERS if of_people or rng.random() < 0.3 else OF_ASSETS),
        "agreements": rng.choice(([], [], ["theatre 2026"], ["Radio"])),
        "excepted_projects": rng.choice(([], [], [id_of("film")], [id_of("series")], [id_of("other")])),
        "document_sha256": "d" * 64 if kind == "court" else None,
    }
    if kind == "strike" and rng.random() < 0.6:
        window = [
            rng.choice(("2027-01-01T00:00:00Z", "2027-08-15T00:00:00Z")),
            rng.choice((None, "2027-09-20T00:00:00Z")),
        ]
        joined = authority("ada", "union", role="union", powers=["negotiate"], window=window)
        tale.say("membership", "authority.granted", "ada", joined)
    tale.say("suspension", "suspension.declared", issuer, body, logged=rng.random() < 0.7)
    if rng.random() < 0.4:
        _lift(tale, rng, issuer)


def _lift(tale: Tale, rng: random.Random, issuer: str) -> None:
    scopes = rng.choice((None, wide(tale, rng, sorted([*OF_PERFORMERS, *OF_ASSETS]))))
    projects = rng.choice((None, None, [id_of("film")], [id_of("series")], [id_of("other")]))
    body = {"suspension": id_of("suspension"), "scopes": scopes, "projects": projects}
    by = rng.choice((issuer, issuer, issuer, "court", "rival", "agent", "ada"))
    tale.say("lifting", "suspension.lifted", by, body, logged=rng.random() < 0.8)


def authority_ends(tale: Tale, rng: random.Random) -> None:
    told = one(tale, rng, "authority.granted")
    if told is None:
        return
    principal = name_of(told.body["principal"])
    if rng.random() < 0.5:
        body = {"authority": told.body["authority"]}
        by = rng.choice((principal, told.issuer, name_of(told.body["agents"][0]), "rival"))
        tale.say("ended", "authority.ended", by, body, logged=rng.random() < 0.7)
        if rng.random() < 0.5:
            tale.told.insert(tale.told.index(told) + 1, tale.told.pop())
    else:
        others = (told.issuer, name_of(told.body["agents"][0]))
        dispute(tale, rng, "authority.disputed", "authority", told.body["authority"], principal, others)


def less_authority(told: Told, rng: random.Random) -> None:
    name = rng.choice(("powers", "acts", "window", "required", "role", "agents"))
    agents = told.body["agents"]
    told.body[name] = {
        "powers": ["negotiate", "view"],
        "acts": rng.choice((["condition"], ["condition", "distribute"])),
        "window": rng.choice((["2020-01-01T00:00:00Z", "2027-01-02T00:00:00Z"], ["2027-05-30T00:00:00Z", None])),
        "required": len(agents),
        "role": told.body["role"] if told.body["role"] in ("guardian", "estate") else rng.choice(("agent", "union")),
        "agents": sorted({*agents[:1], id_of("rival")}),
    }[name]


def policy(tale: Tale, rng: random.Random) -> None:
    for number in range(rng.choice((1, 2))):
        act = rng.choice(("distribute", "condition", "train"))
        assurance = {act: rng.choice(("confirmed", "signed"))}
        body = {"party": id_of("studio"), "assurance": assurance, "attested_engines": False, "court_officers": []}
        tale.say(f"policy {number}", "policy.set", "studio", body, logged=rng.random() < 0.6)


def spoken(tale: Tale, rng: random.Random) -> None:
    """Let approvers answer, or silence."""
    for told in tale.of(*LICENCE, *CONSENT, "licence.amended"):
        terms = told.body["terms"] if told.type == "licence.amended" else told.body
        for term in terms["approvals"]:
            named = told.body.get("performer") or terms.get("licensor") or id_of("ada")
            approver = name_of(named if term["by"] in ("licensor", "performer", "estate") else term["by"])
            body = {"shot": id_of("shot"), "grant": tale.digest(told.name), "on": term["on"], "note": None}
            for number in range(rng.choice((0, 1, 1, 2))):
                type_ = rng.choice(("approval.given", "approval.given", "approval.declined"))
                by = rng.choice((approver, approver, approver, "broker", "heir"))
                name = f"answer {number} {told.name} {term['on']}"
                if tale.find(name) is None:
                    tale.say(name, type_, by, body, logged=rng.random() < 0.8)
            if rng.random() < 0.5:
                asked = AT - timedelta(hours=rng.choice((1, 23, 24, 30)))
                tale.asked[f"{told.name}:{term['on']}"] = at(asked)


def _asks_for_approval(told: Told, rng: random.Random) -> None:
    party_ = "licensor" if told.type.startswith("licence") else rng.choice(("performer", "estate"))
    hours = rng.choice((None, 24))
    silence = rng.choice(("approved", "refused")) if hours else "refused"
    told.body["approvals"] = [
        {"by": party_, "on": "spec", "acts": ["condition", "distribute"], "hours": hours, "on_silence": silence}
    ]


def answered(tale: Tale, rng: random.Random) -> None:
    on((*LICENCE, *CONSENT), _asks_for_approval)(tale, rng)
    spoken(tale, rng)


def affiliate(tale: Tale, rng: random.Random) -> None:
    registered = tale.find(rng.choice(("notary", "studio", "house")))
    assert registered is not None
    other = "studio" if registered.name == "notary" else "notary"
    registered.body = registered.body | {"affiliates": [id_of(other)]}
