"""
Ask, at release, for the yes that making the shot needed.

A release asks to distribute; but what a ground of the clearance left to somebody's word before conditioning, or before
an alteration, is still to be answered, and so is the holder of a moral right. The shot's own demands say which acts
those were, and on whom.

Left out: whether those acts are still covered. The clearance said so, and a withdrawal since is for ``decision``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from consent.core.asked.asking import Asked, one_name
from consent.core.asked.asking_titles import TitleSubject, ask_authors
from consent.core.asked.demands import Demand, demands, takings
from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.obstacles import Obstacle
from consent.core.request import AnyRequest, Request
from registry.core.terms import ACTS

_DISTRIBUTE = ACTS.mask(("distribute",))


def ask_made(asked: Asked, request: AnyRequest, facts: Facts) -> list[Obstacle]:
    """Note who has not said yes to what was done, and refuse where somebody said no; of a release alone."""
    if not isinstance(request, Request) or request.kind != "release":
        return []
    shot = replace(request, kind="shot")
    taken, _ = takings(shot, facts)
    made = [one for one in demands(shot, facts, taken, asked.at_s) if one.wanted.acts != _DISTRIBUTE]
    return [refusal for demand in made for refusal in _ask(asked, demand, frozenset(request.rests_on))]


def _ask(asked: Asked, demand: Demand, rests_on: frozenset[str]) -> Iterator[Obstacle]:
    act = one_name(ACTS.names(demand.wanted.acts)) or ""
    held: Iterable[Grant] = asked.facts.consents.get(demand.id, ())
    if demand.of == "asset":
        subject = TitleSubject.of(asked.facts, asked.facts.assets[demand.id].asset)
        held = filter(subject.is_reached, chain(*asked.facts.licences.values()))
        yield from ask_authors(asked, demand.wanted, subject)
    for ground in chain.from_iterable(grant.approved for grant in held):
        if ground.digest in rests_on:
            yield from asked.approvals(ground, act, (demand.of, demand.id))
