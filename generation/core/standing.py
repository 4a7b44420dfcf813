"""
Where a released shot stands now: may it be used at this moment, and must it go.

1. The uses of a shot are those it was released and cleared for. One whose window holds this moment is decided again
   for this moment, by the one decision, on the facts of now.
2. A ground that was withdrawn with a `tail` of `keep` or `finish` still serves what was released under it.
3. Where no use is decided well, a ground that was withdrawn with `pull` says that the shot must go. A licence has no
   tail: once it was denied or terminated, and is not being sold off, what rests on it must go.

Left out: telling anybody, and recording it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Final

from consent.core.decision import decide
from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.obstacles import Obstacle
from consent.core.request import Request
from consent.core.settled.withdrawals import DISTRIBUTE, STAYS, tail_of, until_notice
from registry.core.jcs import Json
from registry.core.scope import FOREVER_S
from registry.core.times import format_time, from_epoch_s, to_epoch_s, whole_second

MOMENT_S: Final = 1  # the shortest window


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnGround:
    """A ground of a released shot that no longer covers its distribution."""

    grant: str  # digest
    kind: str  # consent | licence
    grantor: str
    tail: str  # keep | pull | finish
    since_s: int  # 0: at once, when it was committed

    def format(self) -> dict[str, Json]:
        since = None if self.since_s == 0 else format_time(from_epoch_s(self.since_s))
        return {"grant": self.grant, "grantor": self.grantor, "tail": self.tail, "since": since}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    in_window: bool
    must_pull: bool
    withdrawn: tuple[WithdrawnGround, ...]
    obstacles: tuple[Obstacle, ...]  # why not, of the first use whose window holds this moment

    @property
    def window(self) -> str:
        return "in_window" if self.in_window else "out_of_window"

    @property
    def pulled(self) -> tuple[WithdrawnGround, ...]:
        """The withdrawals that say that the shot must go."""
        return tuple(ground for ground in self.withdrawn if ground.tail == "pull") if self.must_pull else ()


def standing(uses: Sequence[Request], facts: Facts, at: datetime) -> Standing:
    """Say where a shot stands; ``uses`` are its cleared requests of kind `use`, that of its release first."""
    at_s = to_epoch_s(whole_second(at))
    grounds = frozenset(chain.from_iterable(use.rests_on for use in uses))
    withdrawn = tuple(withdrawn_grounds(grounds, facts, at_s))
    kept = as_released(facts, grounds)
    decided = [decide(_now(use, at_s), kept, at) for use in uses if use.start_s <= at_s < use.end_s]
    inside = any(decision.cleared for decision in decided)
    pulled = any(ground.tail == "pull" for ground in withdrawn)
    return Standing(
        in_window=inside,
        must_pull=pulled and not inside and not _cleared_ahead(uses, kept, at, at_s),
        withdrawn=withdrawn,
        obstacles=() if inside or not decided else decided[0].obstacles,
    )


def withdrawn_grounds(grounds: frozenset[str], facts: Facts, at_s: int) -> Iterator[WithdrawnGround]:
    """Return each of these grounds whose distribution is withdrawn by now, by digest."""
    found: dict[str, WithdrawnGround] = {}
    for grant in _all(facts):
        since = [from_s for acts, from_s in grant.withdrawn if acts & DISTRIBUTE and from_s <= at_s]
        if grant.digest in grounds and since:
            found[grant.digest] = WithdrawnGround(
                grant=grant.digest,
                kind=grant.kind,
                grantor=grant.grantor,
                tail=tail_of(grant),
                since_s=min(since),
            )
    yield from (found[digest] for digest in sorted(found))


def as_released(facts: Facts, grounds: frozenset[str]) -> Facts:
    """Return the facts as they are for what was released on these grounds: a tail may let a withdrawn one serve."""
    return _each_consent(facts, lambda grant: _kept(grant, grounds))


def _kept(grant: Grant, grounds: frozenset[str]) -> Grant:
    if grant.digest not in grounds or tail_of(grant) not in STAYS or not grant.withdrawn:
        return grant
    return replace(grant, withdrawn=tuple(one for one in grant.withdrawn if not one[0] & DISTRIBUTE))


def ahead(facts: Facts, at_s: int) -> Facts:
    """Return the facts as they will be: a consent withdrawn on notice, with a tail of `pull`, ends with its notice."""
    return _each_consent(facts, lambda grant: until_notice(grant, at_s))


def _each_consent(facts: Facts, change: Callable[[Grant], Grant]) -> Facts:
    def changed(one: Facts) -> Facts:
        consents = {grantor: tuple(change(grant) for grant in held) for grantor, held in one.consents.items()}
        return replace(one, consents=MappingProxyType(consents))

    return facts.both(changed)


def _cleared_ahead(uses: Iterable[Request], facts: Facts, at: datetime, at_s: int) -> bool:
    """Say whether a use that has not begun is covered from its first moment on."""
    ahead = [use for use in uses if use.start_s > at_s]
    return any(decide(_now(use, use.start_s), facts, at).cleared for use in ahead)


def _now(use: Request, from_s: int) -> Request:
    return replace(use, start_s=from_s, end_s=min(use.end_s, from_s + MOMENT_S, FOREVER_S))


def _all(facts: Facts) -> Iterator[Grant]:
    held: Mapping[str, tuple[Grant, ...]]
    for held in (facts.consents, facts.licences):
        for grant in chain.from_iterable(held.values()):
            yield grant
            yield from grant.under
    yield from facts.replaced
    if facts.believing is not None:
        yield from _all(facts.believing)
