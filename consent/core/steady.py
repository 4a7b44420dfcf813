"""
What rules may read of a grant and of its grantor that no day changes, so that many grants are asked about at once.

Grants that say the same in all of ``STEADY`` get the same answer from every rule that reads nothing else, whoever gave
them. A rule that is selected and reads more (how long ago something was signed, whether somebody has come of age, which
aspects are taken) has to be asked grant by grant, by ``decide``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from consent.core.context import Context, as_cedar, read_facts
from consent.core.gathering import agreement_key, context_of, grant_facts, law_key, performer_facts
from consent.core.grants import Grant
from consent.core.request import AnyRequest, ByPerformer, Request
from consent.core.rulepacks import Rule
from consent.core.rules import ask, installed
from registry.core.jcs import Json
from registry.core.record import Party, Project
from registry.core.terms import PURPOSES

STEADY: Final = frozenset(
    {
        "performer.domicile",
        "performer.unions",
        "grant.kind",
        "grant.assurance",
        "grant.acts",
        "grant.all_projects",
        "grant.signed_by",
        "grant.basis",
        "grant.represented",
        "grant.replaces_in_person_work",
        "grant.replica_use",
        "grant.specific",
        "grant.court_order",
        "grant.retention_set",
        "grant.survives_death",
        "grant.revocation",
        "grant.strike",
        "grant.assignable",
    }
)
_ASKED_ONCE: Final = ("request.", "project.", "output.")  # the same for every grant
_OF_DEMAND: Final = frozenset({"demand.act", "demand.depicts", "demand.replica_use"})
_WORK: Final = PURPOSES.mask(("work",))
_EPOCH_S: Final = 0  # whichever day: none of these facts changes


def steady_facts(grant: Grant, grantor: Party | None) -> dict[str, Json]:
    """Return the facts of ``STEADY`` as JSON, None where nobody stated one."""
    groups = {
        "grant": grant_facts(grant, at_s=_EPOCH_S),
        "performer": performer_facts(grantor if grant.kind == "consent" else None, at_s=_EPOCH_S),
    }
    found: dict[str, Json] = {}
    for name in sorted(STEADY):
        group, _, fact = name.partition(".")
        value = getattr(groups[group], fact)
        found[name] = None if value is None else _as_json(as_cedar(name, value))
    return found


def keeps_rules(
    facts: Iterable[tuple[int, str, Mapping[str, Json]]],
    request: AnyRequest,
    *,
    act: str,
    at_s: int,
    project: Project | None,
    shown: ByPerformer | None,
) -> frozenset[int]:
    """
    Return which of these (number, kind of grant, steady facts) keep every rule that the request selects.

    None does where a rule that is selected reads what is not steady.
    """
    kept: set[int] = set()
    rules = {of: _selected(request, of=of, act=act, at_s=at_s, project=project) for of in ("performer", "asset")}
    for number, kind, held in facts:
        of = "performer" if kind == "consent" else "asset"
        if not all(_is_steady(rule) for rule in rules[of]):
            continue
        base = context_of(request, of=of, at_s=at_s, act=act, project=project, shown=shown)
        if not any(ask(rule, _context(base, held)) for rule in rules[of]):
            kept.add(number)
    return frozenset(kept)


def _selected(request: AnyRequest, *, of: str, act: str, at_s: int, project: Project | None) -> tuple[Rule, ...]:
    return installed().selected(
        at_s,
        of=of,
        kind=request.kind,
        act=act,
        agreement=None if project is None or project.agreement is None else agreement_key(project.agreement),
        law=None if project is None or project.governing_law is None else law_key(project.governing_law),
        territories=request.territories if isinstance(request, Request) else request.territory,
        purposes=request.purposes if isinstance(request, Request) else _WORK,
    )


def _is_steady(rule: Rule) -> bool:
    return all(name in STEADY or name in _OF_DEMAND or name.startswith(_ASKED_ONCE) for name in rule.reads)


def _context(base: Context, held: Mapping[str, Json]) -> Context:
    own = read_facts(base.of, dict(held))
    return replace(base, performer=own.performer, grant=own.grant)


def _as_json(value: object) -> Json:
    if isinstance(value, list):
        return [str(item) for item in value]
    return value if isinstance(value, bool | int) else str(value)
