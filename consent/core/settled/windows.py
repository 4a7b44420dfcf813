"""
The boxes of one licence, as what happened and what was exercised makes them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consent.core.settled.versions import Version
from registry.core.events import Happened, Reading, Timed, box_of, resolve_all
from registry.core.licences import Licence
from registry.core.scope import FOREVER_S, Scope, overlap
from registry.core.times import to_epoch_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """What is known of the events that a licence follows, and which of its options were exercised."""

    happened: Happened
    exercised: frozenset[str]

    def covered(self, version: Version) -> tuple[Scope, ...]:
        """Return the boxes of a version, within those of each amendment that shrinks it."""
        boxes = self._granted(version.terms, version.issued_s)
        for terms in version.shrunk_to:
            pairs = (overlap(a, b) for a in boxes for b in self._granted(terms, version.issued_s))
            boxes = tuple(dict.fromkeys(box for box in pairs if box is not None))
        return boxes

    def kept(self, terms: Licence, issued_s: int) -> tuple[Scope, ...]:
        """Return the boxes in the reading that keeps others out longest."""
        return self._resolved(terms, issued_s, "bars")

    def held_back(self, terms: Licence, binds: str) -> tuple[Scope, ...]:
        """Return what a party to the licence promised not to do."""
        return tuple(
            box
            for holdback in terms.holdbacks
            if holdback.binds == binds
            for box in resolve_all(holdback.scopes, self.happened, 0, "bars")
        )

    def unopened(self, terms: Licence) -> tuple[Scope, ...]:
        """Return the boxes whose start has not happened; their windows mean nothing."""
        return tuple(
            box_of(scope) for scope in terms.scopes if isinstance(scope, Timed) and not scope.started(self.happened)
        )

    def lapses_s(self, terms: Licence) -> int | None:
        """Return when a licence ends for want of what it waits for; None: that happened, or nothing is due."""
        ends = terms.ends_unless
        if ends is None:
            return None
        said, counted = self.happened(ends.event)
        by_s = to_epoch_s(ends.by)
        return None if counted and max(said) <= by_s else by_s

    def frees_s(self, terms: Licence) -> int | None:
        """Return when others are free of a licence for that reason: what does not count yet sets nobody free."""
        ends = terms.ends_unless
        if ends is None:
            return None
        by_s = to_epoch_s(ends.by)
        return None if any(moment <= by_s for moment in self.happened(ends.event).counted) else by_s

    def _granted(self, terms: Licence, issued_s: int) -> tuple[Scope, ...]:
        boxes = self._resolved(terms, issued_s, "grants")
        lapses_s = self.lapses_s(terms)
        return boxes if lapses_s is None else cut(boxes, (-FOREVER_S, lapses_s))

    def _resolved(self, terms: Licence, issued_s: int, reading: Reading) -> tuple[Scope, ...]:
        boxes = resolve_all(terms.scopes, self.happened, issued_s, reading)
        for option in terms.options:
            if option.option in self.exercised:
                boxes += resolve_all(option.scopes, self.happened, issued_s, reading)
        return boxes


def cut(boxes: Iterable[Scope], stretch: tuple[int, int]) -> tuple[Scope, ...]:
    """Return what of the boxes lies in a stretch of time."""
    return tuple(_cut(boxes, stretch))


def _cut(boxes: Iterable[Scope], stretch: tuple[int, int]) -> Iterator[Scope]:
    for box in boxes:
        part = box.clipped(*stretch)
        if part is not None:
            yield part
