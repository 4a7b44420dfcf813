"""
INVARIANT (never-allowed): a person under 18, or depicted under 18, with nudity or sexual content.

No consent, guardian, pack or override lifts this. Whose age nobody stated is treated as under age where such content is
asked for, and so is an age that is changed to nobody says which: missing means refused.
"""

from collections.abc import Iterable
from datetime import datetime

from consent.core.ages import OF_AGE, SEXUAL, age_on
from consent.core.asked.demands import Taken
from consent.core.facts import Facts
from consent.core.obstacles import Obstacle
from consent.core.request import AnyRequest, Request
from registry.core.assets import spans_meet
from registry.core.terms import LABELS

AGE_CHANGED = LABELS.mask(("age_changed",))


def never_allowed(request: AnyRequest, facts: Facts, taken: Iterable[Taken], at: datetime) -> list[Obstacle]:
    """Return an obstacle for each person who is, is shown, or may be under age in a shot of sexual content."""
    if not isinstance(request, Request) or not _labels(request) & SEXUAL:
        return []
    obstacles = [
        Obstacle(code="never_allowed", subject=("performer", performer))
        for performer in sorted(_shown(request, facts, taken))
        if _under_age(performer, facts, at)
    ]
    if _depicted_young(request):
        obstacles.append(Obstacle(code="never_allowed", subject=("request", request.shot)))
    return obstacles


def _labels(request: Request) -> int:
    """Return every content label that the request bears, whoever it speaks of."""
    labels = request.scene
    for shown in request.by_performer.values():
        labels |= shown.depicts
    return labels


def _shown(request: Request, facts: Facts, taken: Iterable[Taken]) -> set[str]:
    """Return everybody in the frames taken, whatever the role takes of them, and everybody whom the request names."""
    in_frames = {a.performer for one in taken for a in one.facts.appearances if spans_meet(a.spans, one.spans)}
    named = {reference.performer for reference in request.references if reference.performer}
    return in_frames | named | set(request.by_performer) | set(facts.vouched.prompt_matches)


def _depicted_young(request: Request) -> bool:
    """Say whether an age under 18 is to be shown, or an age is to be changed and nobody says to which."""
    ages = [reference.depicted_age for reference in request.references]
    if any(age is not None and age < OF_AGE for age in ages):
        return True
    unstated = any(r.role == "age_change" and r.depicted_age is None for r in request.references)
    return unstated or bool(_labels(request) & AGE_CHANGED and all(age is None for age in ages))


def _under_age(performer: str, facts: Facts, at: datetime) -> bool:
    party = facts.parties.get(performer)
    return party is None or party.born is None or age_on(party.born, at.date()) < OF_AGE
