"""
What may go wrong with a history, or merely happen in it: one change each, by name.

Each takes a tale in which everything is granted. Most make something refused, at least for a part of what is asked;
some only look as if they did.
"""

import copy
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from registry.core.jcs import canonical
from tests.decision_cases_told import OF_ASSETS, OF_PERFORMERS, amend, assign, boxes, draw, vendor
from tests.decisions import AT, appearance, authority, claim, id_of, licence, revocation
from tests.told import Body, Tale, Told, at

Damage = Callable[[Tale, random.Random], None]
LICENCE = ("licence.granted", "licence.recorded")
CONSENT = ("consent.granted",)
PERMITS = (
    *LICENCE, *CONSENT, "title.claimed", "grant.accepted", "grant.assigned", "licence.confirmed", "licence.amended",
    "authority.granted", "identity.vouched", "option.exercised", "event.recorded", "catalogue.registered",
    "consent.ratified", "policy.set", "project.registered", "asset.registered", "weights.trained",
)  # fmt: skip


def damaged(rng: random.Random) -> Tale:
    """Return a tale to which, more often than not, one thing was done, or two."""
    tale = draw(rng)
    for _ in range(rng.choice((0, 1, 1, 2))):
        name, damage = rng.choice(DAMAGES)
        tale.damage.append(name)
        damage(tale, rng)
    if rng.random() < 0.3:
        rng.choice((_rival_licence, _elsewhere, _spoken))(tale, rng)
    return tale


def _one(tale: Tale, rng: random.Random, *types: str) -> Told | None:
    found = tale.of(*types)
    return rng.choice(found) if found else None


def _on(types: tuple[str, ...], change: Callable[[Told, random.Random], object]) -> Damage:
    def damage(tale: Tale, rng: random.Random) -> None:
        told = _one(tale, rng, *types)
        if told is not None:
            told.body = copy.deepcopy(told.body)
            change(told, rng)

    return damage


def _field(types: tuple[str, ...], name: str, *values: Any) -> Damage:
    return _on(types, lambda told, rng: told.body.__setitem__(name, rng.choice(values)))


def _on_box(types: tuple[str, ...], change: Callable[[Body, random.Random], object]) -> Damage:
    def changed(told: Told, rng: random.Random) -> None:
        scopes = told.body["scopes"]
        change(rng.choice(scopes), rng)
        unique = {canonical(scope): scope for scope in scopes}
        told.body["scopes"] = [unique[key] for key in sorted(unique)]

    return _on(types, changed)


def _fewer(name: str, instead: str) -> Damage:
    return _on_box((*LICENCE, *CONSENT, "title.claimed"), lambda scope, rng: _drop_term(scope, name, instead, rng))


def _drop_term(scope: Body, name: str, instead: str, rng: random.Random) -> None:
    if len(scope[name]) > 1:
        scope[name].remove(rng.choice(scope[name]))
    else:
        scope[name] = [instead]


def _cut(scope: Body, edge: int, moment: str) -> None:
    """Move one end of a window; one that would be empty stays."""
    window = [*scope["window"]]
    window[edge] = moment
    plain = [one for one in window if isinstance(one, str)]
    if len(plain) < 2 or plain[0] < plain[1]:
        scope["window"] = window


def _unlogged(tale: Tale, rng: random.Random) -> None:
    told = _one(tale, rng, *PERMITS)
    if told is not None:
        told.logged = False


def _forged(tale: Tale, rng: random.Random) -> None:
    told = rng.choice(tale.told[14:])
    told.authorised = False


def _dropped(tale: Tale, rng: random.Random) -> None:
    told = rng.choice(tale.told[15:])
    if told.type != "party.registered":
        tale.told.remove(told)


def _moved(tale: Tale, rng: random.Random) -> None:
    """Let a statement come later in the log than it was told."""
    told = rng.choice(tale.told[14:])
    tale.told.remove(told)
    tale.told.append(told)


# --- what consents suffer


def _revoked(tale: Tale, rng: random.Random) -> None:
    consent = _one(tale, rng, *CONSENT)
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
        _dispute(tale, rng, "revocation.disputed", "revocation", digest, "studio", (person,))


def _dispute(
    tale: Tale, rng: random.Random, type_: str, name: str, target: str, by: str, others: tuple[str, ...]
) -> None:
    """Dispute a thing, half a year ago or lately, and end the dispute now and then, rightly or not."""
    body = {name: target, "grounds": "No.", "evidence_sha256": "e" * 64}
    when = AT - timedelta(days=rng.choice((1, 20, 179, 200)))
    dispute = tale.say("dispute", type_, by, body, issued_at=when, logged=rng.random() < 0.8)
    for number in range(rng.choice((0, 0, 1, 1, 2))):
        outcome = rng.choice(("withdrawn", "settled", "upheld", "upheld", "dismissed"))
        resolved = {"dispute": dispute, "outcome": outcome, "document_sha256": None}
        issuer = rng.choice((by, "court", "court", *others, "rival"))
        tale.say(f"resolved {number}", "title.resolved", issuer, resolved, logged=rng.random() < 0.9)


def _terms_of_revocation(told: Told, rng: random.Random) -> None:
    kind = rng.choice(("at_will", "on_notice", "for_breach", "not_during_term"))
    if told.body["basis"] == "contract":
        told.body["revocation"] = {"kind": kind, "notice_hours": 72 if kind == "on_notice" else None}


def _died(tale: Tale, rng: random.Random) -> None:
    day = rng.choice(("2027-01-02", "2027-05-20", "2027-09-12"))
    body = {"event": "death", "party": id_of("ada"), "territory": None, "on": day, "utc_offset": 0}
    issuer = rng.choice(("notary", "rival", "studio", "ada"))
    tale.say("death", "event.recorded", issuer, {**body, "document_sha256": None}, logged=rng.random() < 0.7)


def _countered(tale: Tale, rng: random.Random) -> None:
    offer = _one(tale, rng, *CONSENT)
    accepted = _one(tale, rng, "grant.accepted")
    if offer is None:
        return
    paper = {"document_sha256": "d" * 64, "signed_on": "2026-12-01", "counters": tale.digest(offer.name)}
    tale.say("counter", "consent.recorded", "studio", {**copy.deepcopy(offer.body), **paper})
    if accepted is not None and rng.random() < 0.5:
        tale.told.remove(accepted)
        tale.told.append(accepted)


def _minor(tale: Tale, rng: random.Random) -> None:
    registered = tale.find("ada")
    if registered is not None:
        registered.body = registered.body | {"born": rng.choice(("2010-04-01", "2009-06-01", "2009-09-15", None))}


# --- never, and not now


def wide(tale: Tale, rng: random.Random, aspects: list[str]) -> list[Body]:
    """Return a box of a bar: it meets what is asked, or nearly."""
    scope = copy.deepcopy(boxes(rng, tale, aspects)[0])
    scope["content"] = rng.choice((
        {"depicts": [], "scene": []}, {"depicts": [], "scene": []}, {"depicts": [], "scene": ["violence"]},
        {"depicts": ["nudity"], "scene": []},
    ))  # fmt: skip
    scope["projects"] = rng.choice((["*"], [id_of("film")], [id_of("series")], [id_of("other")]))
    if rng.random() < 0.3:
        scope["window"] = rng.choice((
            ["2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z"], ["2027-08-01T00:00:00Z", "2027-09-10T00:00:00Z"],
            [{"event": "premiere", "project": id_of("film"), "territory": None, "plus": "P1M"}, None],
        ))  # fmt: skip
    return [scope]


def _restricted(tale: Tale, rng: random.Random) -> None:
    body = {"restriction": id_of("restriction"), "performer": id_of("ada"), "scopes": wide(tale, rng, OF_PERFORMERS)}
    tale.say("restriction", "restriction.declared", "ada", body, logged=rng.random() < 0.7)
    if rng.random() < 0.3:
        lifted = {"restriction": id_of("restriction")}
        tale.say(
            "lifted", "restriction.lifted", rng.choice(("ada", "ada", "broker")), lifted, logged=rng.random() < 0.8
        )


def _suspended(tale: Tale, rng: random.Random) -> None:
    kind, issuer, on = rng.choice((
        ("strike", "union", ("union", "union")), ("strike", "union", ("union", "union")),
        ("court", "court", ("performer", "ada")), ("court", "court", ("grantee", "studio")),
        ("court", "court", ("grantee", "house")), ("court", "court", ("asset", "portrait")),
        ("holdback", "gallery", ("asset", "portrait")), ("holdback", "gallery", ("work", "work")),
        ("personal", "ada", ("performer", "ada")),
    ))  # fmt: skip
    of_people = on[0] in ("performer", "union")
    body = {
        "suspension": id_of("suspension"),
        "kind": kind,
        "by": id_of(issuer),
        "on": {"kind": on[0], "id": id_of(on[1])},
        "scopes": wide(tale, rng, OF_PERFORMERS if of_people or rng.random() < 0.3 else OF_ASSETS),
        "agreements": rng.choice(([], [], ["Theatre"], ["Radio"])),
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
    by = rng.choice((issuer, issuer, issuer, "court", "rival"))
    tale.say("lifting", "suspension.lifted", by, body, logged=rng.random() < 0.8)


# --- what licences and title suffer


def _terminated(tale: Tale, rng: random.Random) -> None:
    told = _one(tale, rng, *LICENCE)
    if told is None:
        return
    until = rng.choice((None, None, "2027-12-01T00:00:00Z", "2027-01-01T00:00:00Z"))
    body = {"licence": tale.digest(told.name), "sell_off_until": until}
    issuer = rng.choice((name_of(told.body["licensor"]), name_of(told.body["licensor"]), "rival"))
    options = {"logged": rng.random() < 0.7, "authorised": rng.random() < 0.8}
    tale.say("termination", "licence.terminated", issuer, body, issued_at=AT - timedelta(days=3), **options)
    if tale.request["kind"] == "use":
        tale.request |= {"rests_on": sorted(tale.digest(one.name) for one in tale.of(*LICENCE))}


def _sold_off(tale: Tale, rng: random.Random) -> None:
    """Let the boxes of a licence end soon, with time to sell off."""
    told = _one(tale, rng, *LICENCE)
    if told is None:
        return
    told.body = copy.deepcopy(told.body) | {"sell_off_days": rng.choice((30, 400))}
    for scope in told.body["scopes"]:
        _cut(scope, 1, rng.choice(("2027-07-15T00:00:00Z", "2027-09-15T00:00:00Z")))
    unique = {canonical(scope): scope for scope in told.body["scopes"]}
    told.body["scopes"] = [unique[key] for key in sorted(unique)]
    if tale.request["kind"] == "use":
        tale.request |= {"rests_on": [tale.digest(told.name)]}


def _rival_licence(tale: Tale, rng: random.Random) -> None:
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
    body = {"event": "change_of_control", "party": party_, "territory": None, "on": "2027-03-01", "utc_offset": 0}
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


def _held_back(tale: Tale, rng: random.Random) -> None:
    told = _one(tale, rng, *LICENCE)
    if told is not None:
        binds = rng.choice(("licensee", "licensee", "licensor"))
        told.body = copy.deepcopy(told.body) | {"holdbacks": [{"binds": binds, "scopes": wide(tale, rng, OF_ASSETS)}]}


def _control(tale: Tale, rng: random.Random) -> None:
    told = _one(tale, rng, *LICENCE)
    if told is not None:
        told.body = copy.deepcopy(told.body) | {"change_of_control": rng.choice(("ends", "ends", "continues"))}
        body = {"event": "change_of_control", "party": told.body["licensee"], "territory": None, "utc_offset": 0}
        day = rng.choice(("2027-05-01", "2027-09-20"))
        issuer = rng.choice(("studio", "gallery", "notary", "rival"))
        options = {"logged": rng.random() < 0.6}
        tale.say("control", "event.recorded", issuer, {**body, "on": day, "document_sha256": None}, **options)


def _more_title(tale: Tale, rng: random.Random) -> None:
    share = rng.choice(([1, 2], [1, 1]))
    right = rng.choice(("picture", "master", "composition"))
    name = rng.choice(("rival", "studio"))
    tale.say("another claim", "title.claimed", name, claim(name, "portrait", right=right, share=share))


def _disputed_title(tale: Tale, rng: random.Random) -> None:
    told = _one(tale, rng, "title.claimed")
    if told is not None:
        owner = name_of(told.body["claimant"])
        _dispute(tale, rng, "title.disputed", "claim", tale.digest(told.name), "ben", (owner,))


def _resold_title(tale: Tale, rng: random.Random) -> None:
    told = _one(tale, rng, "title.claimed")
    if told is not None:
        since = rng.choice(("2027-03-01", "2027-09-15"))
        owner, to = name_of(told.body["claimant"]), rng.choice(("heir", "rival", "studio"))
        assign(tale, "resold", tale.digest(told.name), owner, to, since)
        tale.told[-1].logged, tale.told[-1].authorised = rng.random() < 0.7, rng.random() < 0.8


def _amended_late(tale: Tale, rng: random.Random) -> None:
    told = _one(tale, rng, *LICENCE)
    if told is not None:
        owner = name_of(told.body["licensor"])
        amend(tale, rng, "late", tale.digest(told.name), owner, logged=rng.random() < 0.4)


def _moral(tale: Tale, rng: random.Random) -> None:
    digest = tale.digest("moral claim")
    if tale.find("moral claim") is None:
        tale.say("moral claim", "title.claimed", "ben", claim("ben", "portrait", nature="moral"))
    if rng.random() < 0.7 and tale.request["kind"] != "train":
        body = {"shot": id_of("shot"), "grant": digest, "on": "spec", "note": None}
        type_ = rng.choice(("approval.given", "approval.declined"))
        tale.say("author", type_, rng.choice(("ben", "rival")), body, logged=rng.random() < 0.8)


# --- authorities, policies, approvals


def _authority_ends(tale: Tale, rng: random.Random) -> None:
    told = _one(tale, rng, "authority.granted")
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
        _dispute(tale, rng, "authority.disputed", "authority", told.body["authority"], principal, others)


def _less_authority(told: Told, rng: random.Random) -> None:
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


def _policy(tale: Tale, rng: random.Random) -> None:
    for number in range(rng.choice((1, 2))):
        act = rng.choice(("distribute", "condition", "train"))
        assurance = {act: rng.choice(("confirmed", "signed"))}
        body = {"party": id_of("studio"), "assurance": assurance, "attested_engines": False, "court_officers": []}
        tale.say(f"policy {number}", "policy.set", "studio", body, logged=rng.random() < 0.6)


def _spoken(tale: Tale, rng: random.Random) -> None:
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


def _approvals(tale: Tale, rng: random.Random) -> None:
    _on((*LICENCE, *CONSENT), _asks_for_approval)(tale, rng)
    _spoken(tale, rng)


# --- the asset, the request


def _elsewhere(tale: Tale, rng: random.Random) -> None:
    """Say something that has to do with nobody here."""
    body = {"event": "home_release", "work": id_of("work"), "territory": "FR", "on": "2027-01-02", "utc_offset": 0}
    tale.say("elsewhere", "event.recorded", "rival", {**body, "document_sha256": None})


def _claimed(tale: Tale, rng: random.Random) -> None:
    body = {"asset": id_of("portrait"), "performer": id_of("ben"), "aspects": ["body", "face"], "spans": None}
    tale.say("that is me", "appearance.claimed", "ben", body, logged=rng.random() < 0.8)
    if rng.random() < 0.4:
        shows = appearance("portrait", "ben", aspects=["body"])
        by = rng.choice(("gallery", "ben", "rival"))
        tale.say("that is ben", "appearance.recorded", by, shows, logged=rng.random() < 0.8)


def _declared(tale: Tale, rng: random.Random) -> None:
    inventory = {name: rng.choice(("none", "none", "listed", "unknown")) for name in ("music", "marks", "artworks")}
    body = {"asset": id_of("portrait"), "inventory": {"people": "listed", "locations": "none", **inventory}}
    tale.say("inventory", "inventory.declared", rng.choice(("gallery", "gallery", "rival")), body)


def _request(change: Callable[[Body, random.Random], object]) -> Damage:
    def damage(tale: Tale, rng: random.Random) -> None:
        if tale.request["kind"] != "train":
            change(tale.request, rng)

    return damage


def _shown(name: str, *values: Any) -> Damage:
    return _request(
        lambda request, rng: request["by_performer"].get(id_of("ada"), {}).__setitem__(name, rng.choice(values))
    )


def _affiliate(tale: Tale, rng: random.Random) -> None:
    registered = tale.find(rng.choice(("notary", "studio", "house")))
    assert registered is not None
    other = "studio" if registered.name == "notary" else "notary"
    registered.body = registered.body | {"affiliates": [id_of(other)]}


def name_of(id_: str) -> str:
    return _NAMES[id_]


_NAMES = {
    id_of(name): name
    for name in (
        "registry", "studio", "gallery", "rival", "broker", "house", "heir", "society", "union", "notary", "ada", "ben",
        "guardian", "court",
    )
}  # fmt: skip

GRANTING = (*LICENCE, *CONSENT)
DAMAGES: list[tuple[str, Damage]] = [
    ("a territory less", _fewer("territories", "JP")),
    ("a medium less", _fewer("media", "games")),
    ("an act less", _fewer("acts", "store")),
    ("an aspect less", _fewer("aspects", "face")),
    ("a purpose less", _fewer("purposes", "making_of")),
    ("another language", _on_box(GRANTING, lambda scope, rng: scope.__setitem__("languages", ["en-GB"]))),
    ("another project", _on_box(GRANTING, lambda scope, rng: scope.__setitem__("projects", [id_of("other")]))),
    ("less is shown", _on_box(GRANTING, lambda scope, rng: scope["content"].__setitem__("scene", []))),
    ("later", _on_box(GRANTING, lambda scope, rng: _cut(scope, 0, "2027-06-01T12:30:00Z"))),
    ("sooner over", _on_box(GRANTING, lambda scope, rng: _cut(scope, 1, "2027-09-20T00:00:00Z"))),
    ("to another", _field(CONSENT, "grantee", id_of("rival"), id_of("house"))),
    ("to another licensee", _field(LICENCE, "licensee", id_of("rival"), id_of("house"))),
    ("not sublicensable", _field(LICENCE, "sublicensable", False, True)),
    ("not assignable", _field(GRANTING, "assignable", False)),
    ("dropped", _dropped),
    ("dropped", _dropped),
    ("moved", _moved),
    ("not logged", _unlogged),
    ("not logged", _unlogged),
    ("forged", _forged),
    ("forged", _forged),
    ("not vouched to stand", lambda tale, rng: tale.unvouched.update({rng.choice(tale.of(*GRANTING)).name})),
    ("revoked", _revoked),
    ("revoked", _revoked),
    ("revocable otherwise", _on(CONSENT, _terms_of_revocation)),
    ("cooling off", _field(CONSENT, "cooling_off_until", "2027-06-01T12:20:00Z", "2027-05-30T00:00:00Z")),
    ("kept for a time", _field(CONSENT, "retention_until", "2027-05-30T00:00:00Z")),
    ("died", _died),
    ("countered", _countered),
    ("under age", _minor),
    ("another role", _field(CONSENT, "role", "Nora")),
    ("another scene", _field(CONSENT, "scenes", ["13"])),
    ("no words", _field(CONSENT, "dialogue", {"kind": "none", "script_sha256": None})),
    ("synthetic", _field(CONSENT, "replica_use", ["synthetic"])),
    ("exhausted", _field(GRANTING, "caps", {"draft_takes": 1, "training_epochs": 1})),
    ("restricted", _restricted),
    ("restricted", _restricted),
    ("suspended", _suspended),
    ("suspended", _suspended),
    ("suspended", _suspended),
    ("terminated", _terminated),
    ("sold off", _sold_off),
    ("a rival", _rival_licence),
    ("a rival", _rival_licence),
    ("a rival", _rival_licence),
    ("held back", _held_back),
    ("control changed", _control),
    ("more title", _more_title),
    ("disputed title", _disputed_title),
    ("disputed title", _disputed_title),
    ("title resold", _resold_title),
    ("amended", _amended_late),
    ("amended", _amended_late),
    ("a moral right", _moral),
    ("an authority ends", _authority_ends),
    ("an authority ends", _authority_ends),
    ("less authority", _on(("authority.granted",), _less_authority)),
    ("a policy", _policy),
    ("approvals", _approvals),
    ("approvals", _approvals),
    ("claimed to appear", _claimed),
    ("declared anew", _declared),
    ("nobody vouches", _field(("identity.vouched",), "level", "email")),
    ("affiliated", _affiliate),
    ("as somebody", _shown("role", "Zoe")),
    ("unsaid words", _shown("dialogue", None, {"kind": "as_scripted", "script_sha256": "e" * 64})),
    ("as another replica", _shown("replica_use", "background")),
    ("nobody described", _request(lambda request, rng: request["by_performer"].pop(id_of("ada"), None))),
    ("other scenes", _request(lambda request, rng: request.__setitem__("scenes", ["14"]))),
    ("a child", _request(lambda request, rng: request["references"][0].__setitem__("depicted_age", 12))),
    ("other bytes", _request(lambda request, rng: request["references"][0].__setitem__("sha256", "0" * 64))),
    ("some frames", _request(lambda request, rng: request["references"][0].__setitem__("source", [5, 20]))),
    ("a vendor", lambda tale, rng: vendor(tale)),
]  # fmt: skip
