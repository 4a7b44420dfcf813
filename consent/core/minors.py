"""
INVARIANT (never-allowed): a person under 18, or depicted under 18, with nudity or sexual content.

No consent, guardian, pack or override lifts this. Whose age nobody stated is treated as under age where such content is
asked for: missing means refused.
"""

from collections.abc import Iterable
from datetime import date, datetime

from consent.core.demands import Taken
from consent.core.facts import Facts
from consent.core.obstacles import Obstacle
from consent.core.request import AnyRequest, Request
from registry.core.terms import LABELS

OF_AGE = 18  # years
SEXUAL = LABELS.mask(("sexual_violence", "partial_nudity", "nudity", "simulated_sex", "intimacy"))


def never_allowed(request: AnyRequest, facts: Facts, taken: Iterable[Taken], at: datetime) -> list[Obstacle]:
    """Return an obstacle for each person who is, is shown, or may be under age in a shot of sexual content."""
    if not isinstance(request, Request):
        return []
    shown = {a.performer for one in taken for a in one.facts.appearances} | set(request.by_performer)
    shown |= set(facts.vouched.prompt_matches) | {r.performer for r in request.references if r.performer}
    sexual = request.scene & SEXUAL or any(by.depicts & SEXUAL for by in request.by_performer.values())
    if not sexual:
        return []
    depicted_young = any(r.depicted_age is not None and r.depicted_age < OF_AGE for r in request.references)
    obstacles = [
        Obstacle(code="never_allowed", subject=("performer", performer))
        for performer in sorted(shown)
        if _under_age(performer, facts, at)
    ]
    if depicted_young:
        obstacles.append(Obstacle(code="never_allowed", subject=("request", request.shot)))
    return obstacles


def _under_age(performer: str, facts: Facts, at: datetime) -> bool:
    party = facts.parties.get(performer)
    return party is None or party.born is None or age_on(party.born, at.date()) < OF_AGE


def age_on(born: date, day: date) -> int:
    """Return full years on a day; who is born on 29 February turns on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
