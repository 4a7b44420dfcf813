"""
Where a request stands among projects, and which bars meet it there.
"""

from collections.abc import Iterable, Iterator

from consent.core.asked.asking import Asked, one_name
from consent.core.asked.demands import Demand
from consent.core.facts import Facts
from consent.core.gathering import agreement_key
from consent.core.obstacles import Obstacle, Remedy
from consent.core.request import AnyRequest, Request
from consent.core.settled.bars import NOWHERE, Bar, Placed
from registry.core.scope import Scope, merge
from registry.core.terms import ACTS, ASPECTS


def placed(request: AnyRequest, facts: Facts) -> Placed:
    """Return the project of a request with the nodes above it, and the agreement that governs it."""
    if not isinstance(request, Request):
        return NOWHERE
    row = facts.ancestors(request.project)
    stated = (facts.projects[node].agreement for node in row if node in facts.projects)
    agreement = next((agreement for agreement in stated if agreement is not None), None)
    return Placed(row=tuple(row), agreement=None if agreement is None else agreement_key(agreement))


def barred_by(
    asked: Asked, subjects: Iterable[tuple[str, str]], wanted: Scope
) -> Iterator[tuple[Bar, tuple[Scope, ...]]]:
    """Yield each bar on these subjects that meets what is wanted, and what it meets."""
    held = [bar for subject in subjects for bar in asked.facts.bars.get(subject, ())]
    if not held:
        return
    place = placed(asked.request, asked.facts)
    for bar in held:
        if asked.at_s < bar.until_s and (parts := bar.met(wanted, place)):
            yield bar, parts


def barred_grantees(asked: Asked, demand: Demand) -> list[Obstacle]:
    """Refuse what rests on grants to somebody who is suspended, once a demand was asked."""
    if not asked.facts.bars:
        return []
    bound = [("grantee", grantee) for grantee in sorted(asked.grantees)]
    return [barred((demand.of, demand.id), bar, parts) for bar, parts in barred_by(asked, bound, demand.wanted)]


def barred(subject: tuple[str, str], bar: Bar, parts: Iterable[Scope]) -> Obstacle:
    """Refuse what a bar meets, and say who can lift it."""
    missing = merge(parts)
    acts = aspects = 0
    for part in missing:
        acts, aspects = acts | part.acts, aspects | part.aspects
    return Obstacle(
        code=bar.code,
        subject=subject,
        act=one_name(ACTS.names(acts)),
        aspect=one_name(ASPECTS.names(aspects)),
        missing=missing,
        nearest=bar.digest,
        remedy=Remedy(ask=bar.by, for_=missing),
    )
