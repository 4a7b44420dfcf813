"""
Where released shots stand now, on facts that are read once for all of them.

``facts_of`` is what a decision on each of the shots' uses would see: its own draws on caps are left out, as they are
when the shot itself is decided. Reads only; the answer may be old by the time it is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from types import MappingProxyType

from consent import uses as drawn
from consent.core.facts import Facts
from consent.core.request import Request
from consent.services.deliberation import facts_about_many
from generation.core.standing import Standing, standing
from generation.models import Shot, ShotUse
from generation.models.after_release import CLEARED
from registry.core.jcs import Json
from registry.core.times import parse_time, to_epoch_s


def standings(shots: Sequence[Shot]) -> dict[str, Standing]:
    """Map each of these that was released to where it stands; the others have no standing."""
    released = [shot for shot in shots if shot.release is not None]
    uses = cleared_uses(released)
    return {
        shot.id: standing([Request.parse(use) for use in uses[shot.id]], facts, at)
        for shot, (facts, at) in zip(released, facts_of(released), strict=True)
    }


def cleared_uses(shots: Iterable[Shot]) -> dict[str, list[dict[str, Json]]]:
    """Map each released shot to what it may be used for: the requests of its release and of its cleared uses."""
    found = {shot.id: [_of_release(shot)] for shot in shots}
    rows = ShotUse.objects.filter(shot__in=list(found), state=CLEARED).order_by("id")
    for shot, request, decision in rows.values_list("shot", "request", "decision"):
        found[str(shot)].append({**request, "rests_on": [ground["digest"] for ground in decision["grounds"]]})
    return found


def _of_release(shot: Shot) -> dict[str, Json]:
    return {**shot.release_request, "kind": "use", "rests_on": sorted(digest for digest, _ in shot.sealed_grounds)}


def facts_of(shots: Sequence[Shot]) -> list[tuple[Facts, datetime]]:
    """Return what a decision on another use of each released shot would see, and the moment of reading."""
    if not shots:
        return []
    read = facts_about_many([(_of_release(shot), shot.prompt) for shot in shots])
    return [(_of_one(facts, shot), at) for shot, (facts, at) in zip(shots, read, strict=True)]


def _of_one(facts: Facts, shot: Shot) -> Facts:
    counted = facts.vouched.cap_counts and drawn.counts(_accounts(facts), besides_shot=shot.id)
    asked = {key: to_epoch_s(parse_time(moment)) for key, moment in shot.asked.items()}
    vouched = replace(facts.vouched, cap_counts=MappingProxyType(dict(counted)), asked=MappingProxyType(asked))
    return facts.both(lambda one: replace(one, vouched=vouched))


def _accounts(facts: Facts) -> Mapping[str, str]:
    """Map each capped grant to the digest under which its uses are counted."""
    held = chain(chain.from_iterable(facts.consents.values()), chain.from_iterable(facts.licences.values()))
    return {grant.digest: grant.account for grant in held if grant.account in facts.vouched.cap_counts}
