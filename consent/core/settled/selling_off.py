"""
Selling off: for some time after a licence has ended, what was released under it may still be distributed.

That time is a grant of its own, which serves new uses alone, and only of what rests on the licence.
"""

from collections.abc import Iterator
from dataclasses import replace

from consent.core.grants import Grant
from consent.core.settled.endings import DAY_S, Ending
from consent.core.settled.windows import cut
from registry.core.licences import Licence
from registry.core.scope import FOREVER_S, Scope
from registry.core.terms import ACTS

_DISTRIBUTE = ACTS.mask(("distribute",))


def sold_off(grant: Grant, terms: Licence, ending: Ending, stretch: tuple[int, int]) -> list[Grant]:
    """Return what one stretch of a licence leaves to sell off: after its windows, or after its termination."""
    if ending:
        until_s = ending.sold_off_until_s(terms.sell_off_days)
        boxes = [] if until_s is None else [*_until(grant, until_s)]
    elif grant.withdrawn:
        boxes = []  # nobody vouches that it stood
    else:
        boxes = [*_after(grant, terms.sell_off_days * DAY_S, stretch[1])]
    kept = cut(boxes, stretch)
    return [replace(grant, scopes=kept, unopened=(), selling_off=True)] if kept else []


def _until(grant: Grant, until_s: int) -> Iterator[Scope]:
    for box in grant.scopes:
        if box.acts & _DISTRIBUTE and box.start_s < until_s:
            yield replace(box, acts=_DISTRIBUTE, end_s=until_s)


def _after(grant: Grant, period_s: int, stretch_end_s: int) -> Iterator[Scope]:
    """Return the boxes that follow those which end by themselves, not by other terms or another holder."""
    for box in grant.scopes:
        ends = box.end_s < min(stretch_end_s, FOREVER_S)
        if period_s and box.acts & _DISTRIBUTE and ends:
            yield replace(box, acts=_DISTRIBUTE, start_s=box.end_s, end_s=box.end_s + period_s)
