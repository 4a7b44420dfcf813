"""
The ways in which a consent comes about, each of which grants what is asked.
"""

import random
from typing import Any

from registry.core.jcs import canonical
from tests.decision_cases_ways import OF_PERFORMERS, Way, after_premiere, approvals, assign, boxes, premiere, vendor
from tests.decisions import authority, consent, id_of
from tests.told import Body, Tale


def consent_terms(tale: Tale, rng: random.Random, person: str, grantee: str = "studio", **changed: Any) -> Body:
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


def own_consent(tale: Tale, rng: random.Random, person: str) -> str:
    return tale.say(f"{person} consents", "consent.granted", person, consent_terms(tale, rng, person))


def two_consents(tale: Tale, rng: random.Random, person: str) -> None:
    """One consent for each box."""
    for number, scope in enumerate(boxes(rng, tale, OF_PERFORMERS)):
        body = consent_terms(tale, rng, person, scopes=[scope], role=None)
        tale.say(f"{person} consents {number or ''}".strip(), "consent.granted", person, body)


def _contract(rng: random.Random) -> Body:
    kind = rng.choice(("at_will", "on_notice", "for_breach", "not_during_term"))
    return {"basis": "contract", "revocation": {"kind": kind, "notice_hours": 72 if kind == "on_notice" else None}}


def offered(tale: Tale, rng: random.Random, person: str) -> None:
    digest = tale.say(
        f"{person} consents", "consent.granted", person, consent_terms(tale, rng, person, **_contract(rng))
    )
    tale.say(f"{person} accepted", "grant.accepted", "studio", {"grant": digest})


def by_agent(tale: Tale, rng: random.Random, person: str) -> None:
    tale.say(f"{person} agent", "authority.granted", person, authority(person, "broker"))
    tale.say(f"{person} consents", "consent.granted", "broker", consent_terms(tale, rng, person))


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
        f"{person} consents", "consent.granted", issuer, consent_terms(tale, rng, person, minor=minor), *sorted(signers)
    )
    if rng.random() < 0.3:
        tale.say(f"{person} ratified", "consent.ratified", person, {"grant": digest})


def to_vendor(tale: Tale, rng: random.Random, person: str) -> None:
    tale.say(f"{person} consents", "consent.granted", person, consent_terms(tale, rng, person, "house"))
    vendor(tale)


def assigned_consent(tale: Tale, rng: random.Random, person: str) -> None:
    digest = tale.say(
        f"{person} consents", "consent.granted", person, consent_terms(tale, rng, person, "house", assignable=True)
    )
    assign(tale, f"{person} assigned", digest, "house", "studio", "2027-04-01")


def superseding(tale: Tale, rng: random.Random, person: str) -> None:
    old = tale.say(f"{person} consented", "consent.granted", person, consent_terms(tale, rng, person))
    body = consent_terms(tale, rng, person, supersedes=[old])
    tale.say(f"{person} consents", "consent.granted", person, body, logged=rng.random() < 0.7)


def by_estate(tale: Tale, rng: random.Random, person: str) -> None:
    tale.say(f"{person} died", "event.recorded", "notary", {
        "event": "death", "party": id_of(person), "territory": None, "on": "2027-01-10", "utc_offset": 0,
        "document_sha256": None,
    })  # fmt: skip
    body = authority(person, "heir", role="estate", evidence_sha256="e" * 64)
    tale.say(f"{person} estate", "authority.granted", "notary", body)
    terms = consent_terms(tale, rng, person, survives_death=True)
    tale.say(f"{person} consents", "consent.granted", "heir", terms)


def after_event(tale: Tale, rng: random.Random, person: str) -> None:
    """A consent that opens with a premiere, and ends some time after it."""
    scopes = after_premiere(rng, boxes(rng, tale, OF_PERFORMERS))
    tale.say(f"{person} consents", "consent.granted", person, consent_terms(tale, rng, person, scopes=scopes))
    premiere(tale, rng, "studio")


def for_series(tale: Tale, rng: random.Random, person: str) -> None:
    series = id_of("series")
    scopes = boxes(rng, tale, OF_PERFORMERS)
    if tale.request["kind"] != "train":
        scopes = sorted(({**scope, "projects": [series]} for scope in scopes), key=canonical)
    body = consent_terms(tale, rng, person, scopes=scopes, future_projects=[series])
    tale.say(f"{person} consents", "consent.granted", person, body)


CONSENTS: tuple[Way, ...] = (
    own_consent, own_consent, two_consents, offered, offered, by_agent, by_guardian, to_vendor, assigned_consent,
    superseding, by_estate, after_event, for_series,
)  # fmt: skip
