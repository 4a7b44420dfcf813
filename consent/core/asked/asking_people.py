"""
Ask performers: each demand on one is covered by that performer's grants to the requester, and barred by nothing.

1. What is said is a condition on the voice alone, so that it is asked apart.
2. A consent of which notice was given, and whose tail is `pull`, serves distribution until the notice has run.
3. A restriction, and a suspension of the performer, of the requester or by a court, refuses whatever it meets.
4. A strike refuses what it meets unless consents cover that which say that they continue during one.
"""

from collections.abc import Iterable
from dataclasses import replace

from consent.core.asked.asking import Asked, Narrowed
from consent.core.asked.conditions import VOICE
from consent.core.asked.covering import cover
from consent.core.asked.demands import Demand
from consent.core.asked.placing import barred, barred_by
from consent.core.grants import Grant
from consent.core.obstacles import Obstacle
from consent.core.request import Request
from consent.core.settled.bars import Bar
from consent.core.settled.withdrawals import DISTRIBUTE, until_notice
from registry.core.errors import TooFragmented
from registry.core.scope import Scope


def ask_performer(asked: Asked, demand: Demand) -> list[Obstacle]:
    """Ask one performer's grants for one demand."""
    shown = asked.shown(demand.id)
    if isinstance(asked.request, Request) and shown is None:
        return [Obstacle(code="description_mismatch", subject=("performer", demand.id))]
    held = asked.facts.consents.get(demand.id, ())
    subject = ("performer", demand.id)
    narrowed = _on_notice(held, demand.wanted, asked.at_s)
    obstacles: list[Obstacle] = []
    bars = [*barred_by(asked, [subject], demand.wanted)] if asked.facts.bars else []
    asked.struck = any(bar.strike for bar, _ in bars)
    for wanted in _voice_apart(demand.wanted):
        obstacles += asked.grantor(wanted, held, subject=subject, grantor=demand.id, shown=shown, narrowed=narrowed)
    for bar, parts in bars:
        obstacles += _struck(asked, demand, bar, parts) if bar.strike else [barred(subject, bar, parts)]
    return obstacles


def _struck(asked: Asked, demand: Demand, bar: Bar, parts: tuple[Scope, ...]) -> list[Obstacle]:
    """A strike leaves what rests on consents that continue during one."""
    subject, held = ("performer", demand.id), asked.facts.consents.get(demand.id, ())
    narrowed = _on_notice(held, demand.wanted, asked.at_s)
    left: list[Scope] = []
    try:
        for part in parts:
            for wanted in _voice_apart(part):
                grants = asked.applicable(
                    wanted, held, subject=subject, grantor=demand.id, shown=asked.shown(demand.id)
                )
                if narrowed is not None:
                    grants = [narrowed(grant, wanted) for grant in grants]
                left += cover(wanted, [grant for grant in grants if not grant.strike_suspends])[0]
    except TooFragmented:
        left = [*parts]
    return [barred(subject, bar, tuple(left))] if left else []


def _on_notice(held: Iterable[Grant], wanted: Scope, at_s: int) -> Narrowed | None:
    """Return how consents are narrowed by notices that run; None where nothing is, which is usual."""
    if not wanted.acts & DISTRIBUTE or not any(grant.withdrawn for grant in held):
        return None
    return lambda grant, _: until_notice(grant, at_s)


def _voice_apart(wanted: Scope) -> list[Scope]:
    parts = [aspects for aspects in (wanted.aspects & ~VOICE, wanted.aspects & VOICE) if aspects]
    return [wanted] if len(parts) == 1 else [replace(wanted, aspects=aspects) for aspects in parts]
