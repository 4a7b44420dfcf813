"""
Title to the portrait, and the ways in which a licence of it comes about, each of which grants what is asked.
"""

import random
from functools import lru_cache
from typing import Any

from tests.decision_cases_ways import ACTS, OF_ASSETS, Way, after_premiere, approvals, assign, boxes, premiere, vendor
from tests.decisions import authority, box, claim, id_of, licence
from tests.told import Body, Tale


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


def tell_title(tale: Tale, rng: random.Random) -> None:
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


def licence_terms(tale: Tale, rng: random.Random, licensor: str, licensee: str = "studio", **changed: Any) -> Body:
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
    return tale.say(f"{owner} licenses", "licence.granted", owner, licence_terms(tale, rng, owner))


def two_licences(tale: Tale, rng: random.Random, owner: str) -> None:
    for number, scope in enumerate(boxes(rng, tale, OF_ASSETS)):
        body = licence_terms(tale, rng, owner, scopes=[scope])
        tale.say(f"{owner} licenses {number or ''}".strip(), "licence.granted", owner, body)


def from_paper(tale: Tale, rng: random.Random, owner: str) -> None:
    body = licence_terms(tale, rng, owner, document_sha256="c" * 64, signed_on="2026-12-01")
    digest = tale.say(f"{owner} licenses", "licence.recorded", "studio", body)
    if tale.request["kind"] == "train" or rng.random() < 0.5:
        tale.say(f"{owner} confirms", "licence.confirmed", owner, {"licence": digest})


def sublicence(tale: Tale, rng: random.Random, owner: str) -> None:
    above = licence_terms(tale, rng, owner, "rival", sublicensable=True)
    parent = tale.say(f"{owner} licensed", "licence.granted", owner, above)
    body = licence_terms(tale, rng, "rival", parent=parent)
    passes = rng.choice(("", "", "before", "after"))
    if passes == "before":
        assign(tale, f"{owner} licensed on", parent, "rival", "heir", "2027-08-20")
    tale.say(f"{owner} licenses", "licence.granted", "rival", body)
    if passes == "after":
        assign(tale, f"{owner} licensed on", parent, "rival", "heir", rng.choice(("2027-04-01", "2027-08-20")))


def assigned_licence(tale: Tale, rng: random.Random, owner: str) -> None:
    digest = tale.say(f"{owner} licenses", "licence.granted", owner, licence_terms(tale, rng, owner, "house"))
    assign(tale, f"{owner} assigned", digest, "house", "studio", "2027-04-01")


def assigned_title(tale: Tale, rng: random.Random, owner: str) -> None:
    """The title moves to the rival, after or before the licence was given."""
    before = rng.random() < 0.5
    if before:
        tale.say(f"{owner} licenses", "licence.granted", owner, licence_terms(tale, rng, owner))
    for right in ("picture", "master"):
        assign(tale, f"{owner} sells {right}", tale.digest(f"{owner} claims {right}"), owner, "rival", "2027-04-01")
    if not before:
        tale.say(f"{owner} licenses", "licence.granted", "rival", licence_terms(tale, rng, "rival"))


def by_manager(tale: Tale, rng: random.Random, owner: str) -> None:
    tale.say(f"{owner} agent", "authority.granted", owner, authority(owner, "broker"))
    tale.say(f"{owner} licenses", "licence.granted", "broker", licence_terms(tale, rng, owner))


def administered(tale: Tale, rng: random.Random, owner: str) -> None:
    tale.say(f"{owner} society", "authority.granted", owner, authority(owner, "society", role="society"))
    tale.say(f"{owner} licenses", "licence.granted", "society", licence_terms(tale, rng, "society"))


def licensed_to_vendor(tale: Tale, rng: random.Random, owner: str) -> None:
    tale.say(f"{owner} licenses", "licence.granted", owner, licence_terms(tale, rng, owner, "house"))
    vendor(tale)


def by_catalogue(tale: Tale, rng: random.Random, owner: str) -> None:
    members = [{"kind": "asset", "id": id_of("portrait")}]
    body = {"catalogue": id_of("catalogue"), "owner": id_of(owner), "title": "All", "members": members}
    catalogue = [{"kind": "catalogue", "id": id_of("catalogue")}]
    licensed = licence_terms(tale, rng, owner, subjects=catalogue, new_assets=rng.random() < 0.5)
    late = licensed["new_assets"] and rng.random() < 0.5
    if not late:
        tale.say("catalogue", "catalogue.registered", owner, body)
    tale.say(f"{owner} licenses", "licence.granted", owner, licensed)
    if late:
        tale.say("catalogue", "catalogue.registered", owner, body)


def amended(tale: Tale, rng: random.Random, owner: str) -> None:
    digest = tale.say(f"{owner} licenses", "licence.granted", owner, licence_terms(tale, rng, owner))
    issuer = owner
    if rng.random() < 0.4:
        issuer = "broker"
        tale.say(f"{owner} agent", "authority.granted", owner, authority(owner, "broker"))
    amend(tale, rng, f"{owner} amends", digest, issuer)


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
    body = licence_terms(tale, rng, owner, options=options, scopes=elsewhere)
    digest = tale.say(f"{owner} licenses", "licence.granted", owner, body)
    tale.say(f"{owner} option", "option.exercised", "studio", {"licence": digest, "option": "more"})


def if_it_is_made(tale: Tale, rng: random.Random, owner: str) -> None:
    event = {"event": "photography_start", "project": id_of("film"), "territory": None}
    unless = {"event": event, "by": rng.choice(("2027-04-01T00:00:00Z", "2027-08-01T00:00:00Z"))}
    tale.say(f"{owner} licenses", "licence.granted", owner, licence_terms(tale, rng, owner, ends_unless=unless))
    body = {**event, "on": rng.choice(("2027-02-01", "2027-03-31")), "utc_offset": 0, "document_sha256": None}
    tale.say(f"{owner} photography", "event.recorded", rng.choice(("studio", owner)), body)


def licensed_after_event(tale: Tale, rng: random.Random, owner: str) -> None:
    scopes = after_premiere(rng, boxes(rng, tale, OF_ASSETS))
    tale.say(f"{owner} licenses", "licence.granted", owner, licence_terms(tale, rng, owner, scopes=scopes))
    premiere(tale, rng, "studio", owner)


def administered_on_paper(tale: Tale, rng: random.Random, owner: str) -> None:
    tale.say(f"{owner} society", "authority.granted", owner, authority(owner, "society", role="society"))
    body = licence_terms(tale, rng, "society", document_sha256="c" * 64, signed_on="2026-12-01")
    digest = tale.say(f"{owner} licenses", "licence.recorded", "studio", body)
    tale.say(f"{owner} confirms", "licence.confirmed", "society", {"licence": digest})


LICENCES: tuple[Way, ...] = (
    direct, direct, two_licences, from_paper, sublicence, sublicence, assigned_licence, assigned_title, by_manager,
    administered, licensed_to_vendor, by_catalogue, amended, by_option, if_it_is_made, licensed_after_event,
    administered_on_paper,
)  # fmt: skip
