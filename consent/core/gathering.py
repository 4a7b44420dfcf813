"""
Gather what a rule may see from what a decision has in hand.

``broken_by`` is what a decision calls: it first looks whether any rule is asked at all, which costs next to nothing,
and gathers facts only then. Nothing is guessed: what is not given stays unknown, and a rule that comes to read it
refuses.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from consent.core.ages import OF_AGE, age_on
from consent.core.context import (
    ANY_LAW,
    NO_END_DAYS,
    Context,
    DemandFacts,
    GrantFacts,
    OutputFacts,
    PerformerFacts,
    ProjectFacts,
    RequestFacts,
)
from consent.core.grants import Grant
from consent.core.record import Consent
from consent.core.request import AnyRequest, ByPerformer, Request
from consent.core.rulepacks import Rule
from consent.core.rules import Broken, Rules, installed
from registry.core.record import Party, Project
from registry.core.scope import FOREVER_S
from registry.core.terms import MEDIA, PURPOSES

SPECIFIC_CHARS: Final = 20  # a shorter description cannot say who does what; ours, the texts say "reasonably specific"
MARKS: Final = frozenset({"signed_metadata", "watermark"})  # what sealing puts on every output

_DAY_S = 86_400
_LAW = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")  # ISO 3166-1 alpha-2, or ISO 3166-2
_YEAR = re.compile(r"(_20\d\d)+$")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_WORK = PURPOSES.mask(("work",))
_INTERNAL = MEDIA.mask(("internal",))


def broken_by(
    request: AnyRequest,
    *,
    of: str,
    at_s: int,
    act: str | None = None,
    project: Project | None = None,
    rules: Rules | None = None,
    **given: Any,
) -> tuple[Broken, ...]:
    """
    Return every rule in force that a use does not keep or that cannot be asked, by rule id.

    ``of`` is `request` once a request, `performer` for a performer, act and ground, `asset` for an asset, act and
    ground; ``given`` is the rest that ``context_of`` takes. ``rules`` are the installed ones unless others are given.
    """
    rules = rules or installed()
    if not selected_by(request, of=of, at_s=at_s, act=act, project=project, rules=rules):
        return ()
    return rules.broken(context_of(request, of=of, at_s=at_s, act=act, project=project, **given), at_s)


def selected_by(
    request: AnyRequest,
    *,
    of: str,
    at_s: int,
    act: str | None = None,
    project: Project | None = None,
    rules: Rules | None = None,
) -> tuple[Rule, ...]:
    """Return the rules in force that are asked about a use, by rule id."""
    agreement = law = None
    if project is not None:
        agreement, law = _key(agreement_key, project.agreement), _key(law_key, project.governing_law)
    return (rules or installed()).selected(
        at_s,
        of=of,
        kind=request.kind,
        act=act,
        agreement=agreement,
        law=law,
        territories=request.territories if isinstance(request, Request) else request.territory,
        purposes=request.purposes if isinstance(request, Request) else _WORK,
    )


def context_of(
    request: AnyRequest,
    *,
    of: str,
    at_s: int,
    act: str | None = None,
    aspects: int | None = None,
    project: Project | None = None,
    party: Party | None = None,
    shown: ByPerformer | None = None,
    dead: bool | None = None,
    struck: bool | None = None,
    grant: Grant | None = None,
    marks: frozenset[str] | None = MARKS,
    disclosed: bool | None = None,
) -> Context:
    """Gather the facts of one question; whatever is not given is unknown, and a rule that reads it refuses."""
    return Context(
        of=of,
        request=request_facts(request),
        demand=demand_facts(act, aspects, shown),
        project=project_facts(project),
        performer=performer_facts(party, at_s=at_s, dead=dead, struck=struck),
        grant=GrantFacts() if grant is None else grant_facts(grant, at_s=at_s),
        output=OutputFacts(marks=marks, disclosed=disclosed),
    )


def request_facts(request: AnyRequest) -> RequestFacts:
    if not isinstance(request, Request):
        return RequestFacts(
            kind=request.kind,
            purposes=_WORK,
            media=_INTERNAL,
            territories=request.territory,
            scene=0,
            depicted_ages=frozenset(),
            seconds=0,
        )
    ages = frozenset(r.depicted_age for r in request.references if r.depicted_age is not None)
    return RequestFacts(
        kind=request.kind,
        purposes=request.purposes,
        media=request.media,
        territories=request.territories,
        scene=request.scene,
        depicted_ages=ages,
        seconds=request.seconds,
    )


def demand_facts(act: str | None, aspects: int | None, shown: ByPerformer | None) -> DemandFacts:
    if shown is None:
        return DemandFacts(act=act, aspects=aspects)
    return DemandFacts(act=act, aspects=aspects, depicts=shown.depicts, replica_use=shown.replica_use)


def project_facts(project: Project | None) -> ProjectFacts:
    if project is None:
        return ProjectFacts()
    return ProjectFacts(
        agreement=_key(agreement_key, project.agreement),
        signatory=project.signatory is not None,
        governing_law=_key(law_key, project.governing_law),
        kind=project.kind,
    )


def performer_facts(
    party: Party | None, *, at_s: int, dead: bool | None = None, struck: bool | None = None
) -> PerformerFacts:
    if party is None:
        return PerformerFacts(dead=dead, struck=struck)
    today = datetime.fromtimestamp(at_s, UTC).date()
    minor = None if party.born is None else age_on(party.born, today) < OF_AGE
    return PerformerFacts(
        minor=minor, dead=dead, struck=struck, domicile=party.domicile, unions=frozenset(party.unions)
    )


def grant_facts(grant: Grant, *, at_s: int) -> GrantFacts:
    """Return what a grant says; of its terms only what a consent has, as no rule asks licences for more."""
    return _at(said_by(grant), hours_before_use(grant, at_s))


@lru_cache(maxsize=16_384)
def _at(facts: GrantFacts, hours: int) -> GrantFacts:
    return replace(facts, hours_before_use=hours)


def hours_before_use(grant: Grant, at_s: int) -> int:
    return (at_s - grant.issued_s) // 3_600


def said_by(grant: Grant) -> GrantFacts:
    """Return what a grant says whatever the moment, gathered once; the same object for all that say the same."""
    return grant.remembered(_gathered)


def _gathered(grant: Grant) -> GrantFacts:
    acts = 0
    for box in grant.scopes:
        acts |= box.acts
    facts: dict[str, Any] = {
        "kind": grant.kind,
        "assurance": grant.assurance,
        "acts": acts,
        "all_projects": any(box.all_projects for box in grant.scopes),
        "term_days": _term_days(grant),
        "signed_by": grant.signed_by,
    }
    return _one_of(GrantFacts(**facts, **(_terms_of(grant.terms) if isinstance(grant.terms, Consent) else {})))


@lru_cache(maxsize=16_384)
def _one_of(facts: GrantFacts) -> GrantFacts:
    return facts


def _terms_of(terms: Consent) -> dict[str, Any]:
    return {
        "basis": terms.basis,
        "represented": terms.represented,
        "replaces_in_person_work": terms.replaces_in_person_work,
        "replica_use": terms.replica_use,
        "specific": is_specific(terms),
        "court_order": terms.minor is not None and terms.minor.court_order_sha256 is not None,
        "retention_set": terms.retention_until is not None,
        "survives_death": terms.survives_death,
        "revocation": terms.revocation.kind,
        "strike": terms.strike,
        "assignable": terms.assignable,
    }


def is_specific(terms: Consent) -> bool:
    """Say whether a consent describes the use: long enough to say who does what, and a role or scenes named."""
    words = " ".join(terms.description.split())
    return len(words) >= SPECIFIC_CHARS and (terms.role is not None or terms.scenes is not None)


def _term_days(grant: Grant) -> int | None:
    if not grant.scopes:
        return None
    end_s = max(box.end_s for box in grant.scopes)
    if end_s == FOREVER_S:
        return NO_END_DAYS
    return -((min(box.start_s for box in grant.scopes) - end_s) // _DAY_S)  # a day that has begun counts


@lru_cache(maxsize=1_024)
def agreement_key(name: str) -> str:
    """Return the form in which agreements are compared: `SAG-AFTRA TV/Theatrical 2026` is `sag_aftra_tv_theatrical`."""
    return _YEAR.sub("", _NOT_A_WORD.sub("_", name.casefold()).strip("_"))


@lru_cache(maxsize=1_024)
def law_key(text: str) -> str:
    """Return a governing law as its ISO 3166 code, or ``ANY_LAW`` where it is none."""
    code = text.strip().upper()
    return code if _LAW.fullmatch(code) else ANY_LAW


def _key(key: Callable[[str], str], text: str | None) -> str | None:
    return None if text is None else key(text)
