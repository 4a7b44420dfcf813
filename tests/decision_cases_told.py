"""
Random histories of statements for one request: everything it needs is granted, in a way that is drawn, then damaged.

One portrait of Ada, sometimes of Ben too; Gallery holds it; Studio asks, for a film of a series. A right reaches Studio
directly, from paper, under another licence, by assignment, through an agent, a society, a vendor, a guardian, an
estate, an option, an amendment, or after an event. ``tests/decision_cases_damage.py`` then changes one thing.
"""

import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from consent.core.request import AnyRequest, parse_request
from registry.core.jcs import canonical
from tests.decisions import (
    WEIGHTS,
    appearance,
    asset,
    authority,
    box,
    claim,
    consent,
    id_of,
    licence,
    party,
    reference,
    shot,
    shown,
    training,
    vouch,
)
from tests.told import Body, Tale

EVERYBODY = (
    ("registry", "studio", "gallery", "rival", "broker", "house", "heir", "society", "union"),
    ("notary", "ada", "ben", "guardian", "court"),
)
ACTS = ["alter", "condition", "distribute", "train"]


def parsed(tale: Tale) -> AnyRequest:
    return parse_request(tale.request)


def boxes(rng: random.Random, tale: Tale, aspects: list[str], **changed: Any) -> list[Body]:
    """Return boxes that together allow what is asked: more than that now and then, in one piece or two."""
    asked = tale.request
    trains = asked["kind"] == "train"
    labels = rng.choice((["nudity", "violence"], ["death", "nudity", "violence"]))
    whole = box(
        acts=ACTS,
        aspects=aspects,
        purposes=["work"] if trains else sorted({*asked["purposes"], rng.choice(("press", "work"))}),
        media=["internal"] if trains else sorted({*asked["media"], rng.choice(("avod", "svod"))}),
        territories=[asked["territory"]] if trains else sorted({*asked["territories"], rng.choice(("DE", "FR", "US"))}),
        languages=rng.choice((["*"], ["fr-FR", "zxx"])),
        projects=["*"] if trains or rng.random() < 0.3 else [id_of("film")],
        window=[
            rng.choice(("2020-01-01T00:00:00Z", "2027-02-01T00:00:00Z")),
            rng.choice((None, "2033-01-01T00:00:00Z")),
        ],
        content={"depicts": labels, "scene": labels},
        **changed,
    )
    pieces = [whole]
    if rng.random() < 0.4:
        name = rng.choice(("territories", "media", "aspects", "window", "purposes"))
        if name == "window":
            middle = rng.choice(("2027-09-01T00:00:00Z", "2027-06-01T12:30:00Z"))
            pieces = [
                {**whole, "window": [whole["window"][0], middle]},
                {**whole, "window": [middle, whole["window"][1]]},
            ]
        elif len(whole[name]) > 1:
            pieces = [{**whole, name: whole[name][:1]}, {**whole, name: whole[name][1:]}]
    return sorted(pieces, key=canonical)


def draw(rng: random.Random) -> Tale:
    """Return a tale in which everything is granted."""
    tale = Tale(salt=f"{rng.getrandbits(64):x}")
    tale.request = _request(rng)
    _introduce(tale, rng)
    _title(tale, rng)
    people = ["ada", "ben"] if tale.find("ben appears") else ["ada"]
    for person in people:
        rng.choice(CONSENTS)(tale, rng, person)
    tale.counted = {unit: rng.randint(0, 3) for unit in ("shots", "seconds", "draft_takes", "training_epochs")}
    return tale


def _request(rng: random.Random) -> Body:
    kind = rng.choice(("shot", "shot", "shot", "use", "release", "train"))
    if kind == "train":
        return training("portrait", epochs=rng.randint(1, 3))
    role = rng.choice(("likeness", "first_frame", "inpaint", "voice", "style", "motion"))
    words = {"kind": "as_scripted", "script_sha256": "d" * 64}
    advertises = rng.random() < 0.2
    return shot(
        kind=kind,
        references=[reference(role=role)],
        purposes=["third_party_advertising"] if advertises else rng.choice((["work"], ["press", "work"])),
        product_categories=rng.choice((["cars"], ["cars", "soap"], [])) if advertises else [],
        media=rng.choice((["svod"], ["svod", "theatrical"])),
        territories=rng.choice((["FR"], ["DE", "FR"])),
        window=[
            rng.choice(("2027-07-01T00:00:00Z", "2027-09-01T00:00:00Z")),
            rng.choice(("2027-10-01T00:00:00Z", None)),
        ],
        scene=rng.choice(([], ["violence"])),
        by_performer={
            id_of("ada"): shown(depicts=rng.choice(([], [], [], ["nudity"])), dialogue=words),
            id_of("ben"): shown(dialogue=words),
        },
        seconds=rng.randint(0, 4),
    )


@lru_cache
def _party(name: str, kind: str) -> Body:
    return party(name, kind=kind, born="1990-04-01" if kind == "person" else None, key=None)


@lru_cache
def _owned(owner: str, right: str, parts: int) -> Body:
    """Return a claim of everything that anybody asks for here."""
    whole = box(
        acts=ACTS,
        aspects=OF_ASSETS,
        purposes=["making_of", "press", "third_party_advertising", "work"],
        media=["games", "internal", "svod", "theatrical"],
        territories=["DE", "FR", "JP"],
        languages=["*"],
        projects=["*"],
        window=["2020-01-01T00:00:00Z", None],
        content={"depicts": ["death", "nudity", "violence"], "scene": ["death", "nudity", "violence"]},
    )
    return claim(owner, "portrait", right=right, share=[1, parts], scopes=[whole])


def _introduce(tale: Tale, rng: random.Random) -> None:
    for name in EVERYBODY[0]:
        tale.say(name, "party.registered", name, _party(name, "organisation"))
    for name in EVERYBODY[1]:
        unions = [id_of("union")] if name == "ben" and rng.random() < 0.5 else []
        tale.say(name, "party.registered", name, _party(name, "person") | {"unions": unions})
    series = {
        "title": "Ridge",
        "agreement": None,
        "signatory": None,
        "governing_law": None,
        "producer": id_of("studio"),
    }
    agreement = rng.choice((None, "Theatre"))
    tale.say("series", "project.registered", "studio", {
        **series, "project": id_of("series"), "kind": "series", "parent": None, "agreement": agreement,
    })  # fmt: skip
    tale.say("film", "project.registered", "studio", {
        **series, "project": id_of("film"), "kind": "episode", "parent": id_of("series"),
    })  # fmt: skip
    tale.say("work", "work.registered", "studio", {
        "work": id_of("work"), "title": "Ridge", "kind": "film", "identifiers": {},
    })  # fmt: skip
    tale.say("weights", "weights.trained", "registry", {"weights": WEIGHTS})
    portrait = asset("portrait", people="listed", aspects=["motion", "picture", "sound", "style"])
    portrait["work"] = rng.choice((None, id_of("work")))
    tale.say("portrait", "asset.registered", "gallery", portrait)
    tale.say("appearance", "appearance.recorded", "gallery", appearance("portrait", "ada", aspects=["face", "voice"]))
    if rng.random() < 0.3:
        spans = rng.choice((None, [[0, 10]]))
        tale.say("ben appears", "appearance.recorded", "gallery", appearance("portrait", "ben", spans=spans))
    for name in ("ada", "ben"):
        tale.say(f"vouch {name}", "identity.vouched", "notary", vouch(name))
    tale.say("officers", "policy.set", "registry", {
        "party": id_of("registry"), "assurance": {}, "attested_engines": False, "court_officers": [id_of("court")],
    })  # fmt: skip


# --- consents, in all the ways in which they come about --------------------------------------------------------------

Way = Callable[[Tale, random.Random, str], object]
OF_PERFORMERS = ["body", "face", "performance", "voice"]


def _terms(tale: Tale, rng: random.Random, person: str, grantee: str = "studio", **changed: Any) -> Body:
    trains = tale.request["kind"] == "train"
    usual: Body = {
        "scopes": boxes(rng, tale, OF_PERFORMERS),
        "role": None if trains else rng.choice((None, "Mara")),
        "scenes": "any" if trains else rng.choice(("any", ["12", "13"])),
        "dialogue": rng.choice(
            ({"kind": "any", "script_sha256": None}, {"kind": "listed", "script_sha256": "d" * 64})
            if not trains
            else ({"kind": "any", "script_sha256": None},)
        ),
        "basis": "consent",
        "strike": rng.choice(("continues", "suspends")),
        "caps": rng.choice(({}, {}, {"shots": 5}, {"seconds": 9, "training_epochs": 6})),
        "tail": rng.choice(({}, {"condition": "finish", "distribute": "finish"})),
        "approvals": approvals(rng, ("performer", id_of("house"))),
    }
    return consent(person, grantee, **(usual | changed))


def approvals(rng: random.Random, by: tuple[str, ...]) -> list[Body]:
    if rng.random() < 0.8:
        return []
    hours = rng.choice((None, 24))
    return [
        {
            "by": rng.choice(by),
            "on": rng.choice(("spec", "result")),
            "acts": rng.choice((["distribute"], ["condition", "distribute"], ["train"])),
            "hours": hours,
            "on_silence": "approved" if hours and rng.random() < 0.5 else "refused",
        }
    ]


def own_consent(tale: Tale, rng: random.Random, person: str) -> str:
    return tale.say(f"{person} consents", "consent.granted", person, _terms(tale, rng, person))


def two_consents(tale: Tale, rng: random.Random, person: str) -> None:
    """One consent for each box."""
    for number, scope in enumerate(boxes(rng, tale, OF_PERFORMERS)):
        body = _terms(tale, rng, person, scopes=[scope], role=None)
        tale.say(f"{person} consents {number or ''}".strip(), "consent.granted", person, body)


def _contract(rng: random.Random) -> Body:
    kind = rng.choice(("at_will", "on_notice", "for_breach", "not_during_term"))
    return {"basis": "contract", "revocation": {"kind": kind, "notice_hours": 72 if kind == "on_notice" else None}}


def offered(tale: Tale, rng: random.Random, person: str) -> None:
    digest = tale.say(f"{person} consents", "consent.granted", person, _terms(tale, rng, person, **_contract(rng)))
    tale.say(f"{person} accepted", "grant.accepted", "studio", {"grant": digest})


def by_agent(tale: Tale, rng: random.Random, person: str) -> None:
    tale.say(f"{person} agent", "authority.granted", person, authority(person, "broker"))
    tale.say(f"{person} consents", "consent.granted", "broker", _terms(tale, rng, person))


def by_guardian(tale: Tale, rng: random.Random, person: str) -> None:
    registered = tale.find(person)
    assert registered is not None
    registered.body = registered.body | {"born": rng.choice(("2010-04-01", "2009-08-15"))}
    body = authority(person, "guardian", "heir", role="guardian", evidence_sha256="e" * 64)
    tale.say(f"{person} guardians", "authority.granted", "notary", body)
    every = rng.random() < 0.5
    minor = {
        "guardians": "all" if every else "one",
        "court_order_sha256": None,
        "at_majority": rng.choice(("continues", "continues", "ends", "to_be_ratified")),
    }
    issuer = rng.choice((person, "guardian"))
    signers = (
        {issuer, "guardian"}
        | ({"heir"} if every or rng.random() < 0.3 else set())
        | ({person} if rng.random() < 0.7 else set())
    )
    digest = tale.say(
        f"{person} consents", "consent.granted", issuer, _terms(tale, rng, person, minor=minor), *sorted(signers)
    )
    if rng.random() < 0.3:
        tale.say(f"{person} ratified", "consent.ratified", person, {"grant": digest})


def to_vendor(tale: Tale, rng: random.Random, person: str) -> None:
    tale.say(f"{person} consents", "consent.granted", person, _terms(tale, rng, person, "house"))
    vendor(tale)


def vendor(tale: Tale) -> None:
    if tale.find("vendor") is None:
        tale.say("vendor", "authority.granted", "house", authority("house", "studio", role="vendor"))


def assigned_consent(tale: Tale, rng: random.Random, person: str) -> None:
    digest = tale.say(
        f"{person} consents", "consent.granted", person, _terms(tale, rng, person, "house", assignable=True)
    )
    assign(tale, f"{person} assigned", digest, "house", "studio", "2027-04-01")


def assign(tale: Tale, name: str, digest: str, by: str, to: str, since: str) -> None:
    body = {"grant": digest, "to": id_of(to), "effective_from": f"{since}T00:00:00Z", "document_sha256": None}
    tale.say(name, "grant.assigned", by, body)


def superseding(tale: Tale, rng: random.Random, person: str) -> None:
    old = tale.say(f"{person} consented", "consent.granted", person, _terms(tale, rng, person))
    body = _terms(tale, rng, person, supersedes=[old])
    tale.say(f"{person} consents", "consent.granted", person, body, logged=rng.random() < 0.7)


def by_estate(tale: Tale, rng: random.Random, person: str) -> None:
    tale.say(f"{person} died", "event.recorded", "notary", {
        "event": "death", "party": id_of(person), "territory": None, "on": "2027-01-10", "utc_offset": 0,
        "document_sha256": None,
    })  # fmt: skip
    body = authority(person, "heir", role="estate", evidence_sha256="e" * 64)
    tale.say(f"{person} estate", "authority.granted", "notary", body)
    terms = _terms(tale, rng, person, survives_death=True)
    tale.say(f"{person} consents", "consent.granted", "heir", terms)


def after_event(tale: Tale, rng: random.Random, person: str) -> None:
    """A consent that opens with a premiere, and ends some time after it."""
    scopes = []
    for scope in boxes(rng, tale, OF_PERFORMERS):
        start, end = scope["window"]
        edge = {"event": "premiere", "project": id_of("film"), "territory": None}
        opens = {**edge, "plus": rng.choice(("P0D", "P1M", "P3W"))} if start < "2027-03" else start
        ends = {**edge, "plus": rng.choice(("P1Y", "P6M"))} if end is None and rng.random() < 0.3 else end
        scopes.append({**scope, "window": [opens, ends]})
    tale.say(
        f"{person} consents", "consent.granted", person, _terms(tale, rng, person, scopes=sorted(scopes, key=canonical))
    )
    body = {
        "event": "premiere",
        "project": id_of("film"),
        "territory": None,
        "on": rng.choice(("2027-02-01", "2027-03-15")),
        "utc_offset": rng.choice((0, 60)),
        "document_sha256": None,
    }
    tale.say(f"{person} premiere", "event.recorded", "studio", body)


def for_series(tale: Tale, rng: random.Random, person: str) -> None:
    series = id_of("series")
    scopes = boxes(rng, tale, OF_PERFORMERS)
    if tale.request["kind"] != "train":
        scopes = sorted(({**scope, "projects": [series]} for scope in scopes), key=canonical)
    body = _terms(tale, rng, person, scopes=scopes, future_projects=[series])
    tale.say(f"{person} consents", "consent.granted", person, body)


CONSENTS: tuple[Way, ...] = (
    own_consent, own_consent, two_consents, offered, offered, by_agent, by_guardian, to_vendor, assigned_consent,
    superseding, by_estate, after_event, for_series,
)  # fmt: skip


# --- title and licences ----------------------------------------------------------------------------------------------

OF_ASSETS = ["motion", "picture", "sound", "style"]


def _title(tale: Tale, rng: random.Random) -> None:
    subject = {"kind": "asset", "id": id_of("portrait")}
    portrait = tale.find("portrait")
    if portrait is not None and portrait.body["work"] is not None and rng.random() < 0.4:
        subject = {"kind": "work", "id": id_of("work")}
    owners = rng.choice((["gallery"], ["gallery"], ["gallery", "heir"], ["gallery", "studio"], ["studio"]))
    for right in ("picture", "master"):
        for owner in owners:
            body = _owned(owner, right, len(owners)) | {"subject": subject}
            tale.say(f"{owner} claims {right}", "title.claimed", owner, body)
    if rng.random() < 0.15:
        body = claim("ben", "portrait", nature="moral") | {"subject": subject}
        tale.say("moral claim", "title.claimed", "ben", body)
    for owner in owners:
        if owner != "studio":
            rng.choice(LICENCES)(tale, rng, owner)


def _licence(tale: Tale, rng: random.Random, licensor: str, licensee: str = "studio", **changed: Any) -> Body:
    portrait = tale.find("portrait")
    assert portrait is not None
    subjects = [{"kind": "asset", "id": id_of("portrait")}]
    if portrait.body["work"] is not None and rng.random() < 0.3:
        subjects = [{"kind": "work", "id": id_of("work")}]
    usual: Body = {
        "scopes": boxes(rng, tale, OF_ASSETS),
        "subjects": subjects,
        "caps": rng.choice(({}, {}, {"draft_takes": 5}, {"seconds": 9, "training_epochs": 6})),
        "exclusivity": rng.choice(("none", "none", "sole", "exclusive")),
        "product_categories": rng.choice(([], [], ["cars", "soap"])),
        "approvals": approvals(rng, ("licensor", id_of("house"))),
        "sell_off_days": rng.choice((0, 0, 90)),
        "assignable": True,
    }
    return licence(licensor, licensee, "portrait", **(usual | changed))


def direct(tale: Tale, rng: random.Random, owner: str) -> str:
    return tale.say(f"{owner} licenses", "licence.granted", owner, _licence(tale, rng, owner))


def two_licences(tale: Tale, rng: random.Random, owner: str) -> None:
    for number, scope in enumerate(boxes(rng, tale, OF_ASSETS)):
        body = _licence(tale, rng, owner, scopes=[scope])
        tale.say(f"{owner} licenses {number or ''}".strip(), "licence.granted", owner, body)


def from_paper(tale: Tale, rng: random.Random, owner: str) -> None:
    body = _licence(tale, rng, owner, document_sha256="c" * 64, signed_on="2026-12-01")
    digest = tale.say(f"{owner} licenses", "licence.recorded", "studio", body)
    if tale.request["kind"] == "train" or rng.random() < 0.5:
        tale.say(f"{owner} confirms", "licence.confirmed", owner, {"licence": digest})


def sublicence(tale: Tale, rng: random.Random, owner: str) -> None:
    above = _licence(tale, rng, owner, "rival", sublicensable=True)
    parent = tale.say(f"{owner} licensed", "licence.granted", owner, above)
    body = _licence(tale, rng, "rival", parent=parent)
    tale.say(f"{owner} licenses", "licence.granted", "rival", body)


def assigned_licence(tale: Tale, rng: random.Random, owner: str) -> None:
    digest = tale.say(f"{owner} licenses", "licence.granted", owner, _licence(tale, rng, owner, "house"))
    assign(tale, f"{owner} assigned", digest, "house", "studio", "2027-04-01")


def assigned_title(tale: Tale, rng: random.Random, owner: str) -> None:
    """The title moves to the rival, after or before the licence was given."""
    before = rng.random() < 0.5
    if before:
        tale.say(f"{owner} licenses", "licence.granted", owner, _licence(tale, rng, owner))
    for right in ("picture", "master"):
        assign(tale, f"{owner} sells {right}", tale.digest(f"{owner} claims {right}"), owner, "rival", "2027-04-01")
    if not before:
        tale.say(f"{owner} licenses", "licence.granted", "rival", _licence(tale, rng, "rival"))


def by_manager(tale: Tale, rng: random.Random, owner: str) -> None:
    tale.say(f"{owner} agent", "authority.granted", owner, authority(owner, "broker"))
    tale.say(f"{owner} licenses", "licence.granted", "broker", _licence(tale, rng, owner))


def administered(tale: Tale, rng: random.Random, owner: str) -> None:
    tale.say(f"{owner} society", "authority.granted", owner, authority(owner, "society", role="society"))
    tale.say(f"{owner} licenses", "licence.granted", "society", _licence(tale, rng, "society"))


def licensed_to_vendor(tale: Tale, rng: random.Random, owner: str) -> None:
    tale.say(f"{owner} licenses", "licence.granted", owner, _licence(tale, rng, owner, "house"))
    vendor(tale)


def by_catalogue(tale: Tale, rng: random.Random, owner: str) -> None:
    members = [{"kind": "asset", "id": id_of("portrait")}]
    body = {"catalogue": id_of("catalogue"), "owner": id_of(owner), "title": "All", "members": members}
    catalogue = [{"kind": "catalogue", "id": id_of("catalogue")}]
    licensed = _licence(tale, rng, owner, subjects=catalogue, new_assets=rng.random() < 0.5)
    late = licensed["new_assets"] and rng.random() < 0.5
    if not late:
        tale.say("catalogue", "catalogue.registered", owner, body)
    tale.say(f"{owner} licenses", "licence.granted", owner, licensed)
    if late:
        tale.say("catalogue", "catalogue.registered", owner, body)


def amended(tale: Tale, rng: random.Random, owner: str) -> None:
    digest = tale.say(f"{owner} licenses", "licence.granted", owner, _licence(tale, rng, owner))
    amend(tale, rng, f"{owner} amends", digest, owner)


def amend(tale: Tale, rng: random.Random, name: str, digest: str, owner: str, **options: Any) -> None:
    first = next(told for told in tale.told if tale.digest(told.name) == digest)
    terms = {key: value for key, value in first.body.items() if key not in ("document_sha256", "signed_on")}
    changed = rng.choice((
        {}, {"scopes": boxes(rng, tale, OF_ASSETS)}, {"product_categories": ["cars", "soap"]}, {"sell_off_days": 0},
        {"exclusivity": "exclusive"}, {"approvals": approvals(rng, ("licensor",))}, {"caps": {"draft_takes": 9}},
    ))  # fmt: skip
    since = rng.choice(("2027-05-01", "2027-08-01", "2027-09-10"))
    tale.say(name, "licence.amended", owner, {
        "licence": digest, "effective_from": f"{since}T00:00:00Z", "terms": terms | changed, "document_sha256": None,
    }, **options)  # fmt: skip


def by_option(tale: Tale, rng: random.Random, owner: str) -> None:
    scopes = boxes(rng, tale, OF_ASSETS)
    options = [{"option": "more", "exercise": ["2027-01-01T00:00:00Z", "2027-06-01T00:00:00Z"], "scopes": scopes}]
    elsewhere = boxes(rng, tale, OF_ASSETS)[:1]
    body = _licence(tale, rng, owner, options=options, scopes=elsewhere)
    digest = tale.say(f"{owner} licenses", "licence.granted", owner, body)
    tale.say(f"{owner} option", "option.exercised", "studio", {"licence": digest, "option": "more"})


def if_it_is_made(tale: Tale, rng: random.Random, owner: str) -> None:
    event = {"event": "photography_start", "project": id_of("film"), "territory": None}
    unless = {"event": event, "by": rng.choice(("2027-04-01T00:00:00Z", "2027-08-01T00:00:00Z"))}
    tale.say(f"{owner} licenses", "licence.granted", owner, _licence(tale, rng, owner, ends_unless=unless))
    body = {**event, "on": rng.choice(("2027-02-01", "2027-03-31")), "utc_offset": 0, "document_sha256": None}
    tale.say(f"{owner} photography", "event.recorded", rng.choice(("studio", owner)), body)


LICENCES: tuple[Way, ...] = (
    direct, direct, two_licences, from_paper, sublicence, sublicence, assigned_licence, assigned_title, by_manager,
    administered, licensed_to_vendor, by_catalogue, amended, by_option, if_it_is_made,
)  # fmt: skip
