"""
The fields of each type of statement, as a deal states them, and what they are where it does not.

The words are those of ``docs/formats.md`` section 3, but for a few that read better: `to` (grantee, licensee), `of`
(subject), `covers` and `bars` (scopes), `frames` (spans), `document` and `evidence` (their hashes).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.deal_terms import (
    OF_ASSETS,
    OF_PERSONS,
    Book,
    Read,
    asset,
    boxes,
    optional,
    paper,
    parties,
    party,
    plain,
    projects,
    statement,
    statements,
    time,
    words,
)
from tests.deal_words import (
    approvals,
    dialogue,
    ends_unless,
    holdbacks,
    identifiers,
    inventory,
    minor,
    options,
    revocation,
    scenes,
    subject,
    subjects,
)
from tests.decisions import Body, id_of

WANTED: Final = object()  # the deal has to state it
ISSUER: Final = object()  # whoever issues the statement
ITSELF: Final = object()  # what goes by the statement's own name


@dataclass(frozen=True, slots=True)
class Word:
    """One field: how a deal's word for it is read, what it is unless stated, and its name in the body if another."""

    read: Read
    usual: Any = WANTED
    into: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """The words of one type, what is always the same, and the kind of thing that its name is the name of."""

    words: Mapping[str, Word]
    fixed: Body = field(default_factory=dict)
    introduces: str = ""


def _any_name(value: Any, book: Book) -> str:
    return id_of(str(value))


def _named(kind: str) -> Read:
    return lambda value, book: book.id(value, kind)


BARS_PERSONS: Final = boxes(OF_PERSONS, whole=True, content=False)
BARS_ASSETS: Final = boxes(OF_ASSETS, whole=True, content=False)
BARS_BOTH: Final = boxes((*OF_PERSONS, *OF_ASSETS), whole=True, content=False)
_PAPER: Final = Word(optional(paper), None, "document_sha256")
_EVIDENCE: Final = Word(paper, "the evidence", "evidence_sha256")
LICENCE: Final = {
    "licensor": Word(party, ISSUER),
    "to": Word(party, WANTED, "licensee"),
    "of": Word(subjects, WANTED, "subjects"),
    "covers": Word(boxes(OF_ASSETS), WANTED, "scopes"),
    "new_assets": Word(plain, False),
    "exclusivity": Word(plain, "none"),
    "product_categories": Word(words, []),
    "sublicensable": Word(plain, False),
    "parent": Word(optional(statement), None),
    "assignable": Word(plain, False),
    "change_of_control": Word(plain, "ends"),
    "caps": Word(plain, {}),
    "holdbacks": Word(holdbacks, []),
    "approvals": Word(approvals, []),
    "options": Word(options, []),
    "ends_unless": Word(optional(ends_unless), None),
    "sell_off_days": Word(plain, 0),
}
CONSENT: Final = {
    "performer": Word(party, ISSUER),
    "to": Word(party, WANTED, "grantee"),
    "covers": Word(boxes(("body", "face")), WANTED, "scopes"),
    "description": Word(plain, "as the script has it"),
    "role": Word(plain, None),
    "scenes": Word(scenes, "any"),
    "dialogue": Word(dialogue, "any"),
    "replica_use": Word(words, ["employment_based"]),
    "replaces_in_person_work": Word(plain, False),
    "represented": Word(plain, False),
    "basis": Word(plain, "consent"),
    "revocation": Word(revocation, "at_will"),
    "approvals": Word(approvals, []),
    "caps": Word(plain, {}),
    "survives_death": Word(plain, False),
    "tail": Word(plain, {}),
    "minor": Word(minor, False),
    "strike": Word(plain, "suspends"),
    "assignable": Word(plain, False),
    "future_projects": Word(projects, []),
    "retention_until": Word(optional(time), None),
    "cooling_off_until": Word(optional(time), None),
    "supersedes": Word(statements, []),
    "answers": Word(optional(statement), None),
}
_ANSWER: Final = {
    "shot": Word(_any_name, "the shot"),
    "grant": Word(statement),
    "on": Word(plain),
    "note": Word(plain, None),
}
_ABOUT_A_LICENCE: Final = {"licence": Word(statement)}
_ABOUT_AN_AUTHORITY: Final = {"authority": Word(_named("authority"))}
_DISPUTE: Final = {"grounds": Word(plain), "evidence": _EVIDENCE}
_APPEARS: Final = {"asset": Word(asset), "frames": Word(plain, None, "spans")}

SHAPES: Final[Mapping[str, Shape]] = {
    "identity.vouched": Shape(
        {"party": Word(party), "level": Word(plain, "document"), "confirms": Word(identifiers, {})},
        {"checked_on": "2026-12-01", "method": "passport", "challenge": None},
    ),
    "alias.declared": Shape(
        {"party": Word(party, ISSUER), "alias": Word(plain, None), "disclaims": Word(identifiers, {})}
    ),
    "authority.granted": Shape(
        {
            "principal": Word(party, ISSUER),
            "agents": Word(parties),
            "required": Word(plain, 1),
            "role": Word(plain, "agent"),
            "powers": Word(words, ["negotiate", "view"]),
            "acts": Word(words, ["alter", "condition", "distribute", "scan", "store"]),
            "evidence": Word(optional(paper), None, "evidence_sha256"),
            "window": Word(lambda value, book: [time(value[0], book), optional(time)(value[1], book)]),
        },
        introduces="authority",
    ),
    "authority.ended": Shape(_ABOUT_AN_AUTHORITY),
    "authority.disputed": Shape({**_ABOUT_AN_AUTHORITY, **_DISPUTE}),
    "policy.set": Shape(
        {"party": Word(party, ISSUER), "assurance": Word(plain)}, {"attested_engines": False, "court_officers": []}
    ),
    "inventory.declared": Shape({"asset": Word(asset), "holds": Word(inventory, WANTED, "inventory")}),
    "appearance.recorded": Shape(
        {**_APPEARS, "performer": Word(party), "aspects": Word(words, ["body", "face"])}, {"recognisable": True}
    ),
    "appearance.claimed": Shape({**_APPEARS, "performer": Word(party, ISSUER), "aspects": Word(words, ["face"])}),
    "component.recorded": Shape(
        {**_APPEARS, "component": Word(asset), "aspects": Word(words, ["picture"])},
    ),
    "title.claimed": Shape(
        {
            "claimant": Word(party, ISSUER),
            "of": Word(subject, WANTED, "subject"),
            "right": Word(plain, "picture"),
            "nature": Word(plain, "economic"),
            "covers": Word(boxes(OF_ASSETS, whole=True), "everything", "scopes"),
            "share": Word(plain, [1, 1]),
            "document": _PAPER,
        }
    ),
    "title.disputed": Shape({"claim": Word(statement), **_DISPUTE}),
    "title.resolved": Shape({"dispute": Word(statement), "outcome": Word(plain), "document": _PAPER}),
    "catalogue.registered": Shape(
        {
            "catalogue": Word(_any_name, ITSELF),
            "owner": Word(party, ISSUER),
            "title": Word(plain, "The catalogue"),
            "members": Word(subjects),
        },
        introduces="catalogue",
    ),
    "licence.granted": Shape(LICENCE, {"document_sha256": None, "signed_on": None}),
    "licence.recorded": Shape(
        {
            **LICENCE,
            "licensor": Word(party),
            "to": Word(party, ISSUER, "licensee"),
            "document": Word(paper, "the contract", "document_sha256"),
            "signed_on": Word(plain),
        }
    ),
    "licence.confirmed": Shape(_ABOUT_A_LICENCE),
    "licence.denied": Shape(_ABOUT_A_LICENCE),
    "licence.terminated": Shape({**_ABOUT_A_LICENCE, "sell_off_until": Word(optional(time), None)}),
    "option.exercised": Shape({**_ABOUT_A_LICENCE, "option": Word(plain)}),
    "grant.assigned": Shape(
        {"grant": Word(statement), "to": Word(party), "effective_from": Word(time), "document": _PAPER}
    ),
    "consent.granted": Shape(CONSENT),
    "consent.recorded": Shape(
        {
            **CONSENT,
            "performer": Word(party),
            "to": Word(party, ISSUER, "grantee"),
            "document": Word(paper, "the release form", "document_sha256"),
            "signed_on": Word(plain),
            "counters": Word(optional(statement), None),
        }
    ),
    "consent.ratified": Shape({"grant": Word(statement)}),
    "grant.accepted": Shape({"grant": Word(statement)}),
    "consent.revoked": Shape(
        {
            "performer": Word(party, ISSUER),
            "grants": Word(optional(statements), None),
            "grantee": Word(optional(party), None),
            "cause": Word(plain, "will"),
            "evidence": Word(optional(paper), None, "evidence_sha256"),
        }
    ),
    "revocation.disputed": Shape({"revocation": Word(statement), **_DISPUTE}),
    "restriction.declared": Shape(
        {"performer": Word(party, ISSUER), "bars": Word(BARS_PERSONS, WANTED, "scopes")}, introduces="restriction"
    ),
    "restriction.lifted": Shape({"restriction": Word(_named("restriction"))}),
    "suspension.lifted": Shape(
        {
            "suspension": Word(_named("suspension")),
            "bars": Word(optional(BARS_BOTH), None, "scopes"),
            "projects": Word(optional(projects), None),
        }
    ),
    "approval.given": Shape(_ANSWER),
    "approval.declined": Shape(_ANSWER),
}
