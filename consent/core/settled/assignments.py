"""
Who stands in whose place, and from when: the assignments of a grant or of a title claim, in a row.

An assignment counts from the one who holds by then. INVARIANT (slow-to-permit-quick-to-withdraw): the old holder holds
no more as soon as the assignment is read; the new one's place counts once it is signed and under the checkpoint.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from consent.core.settled.read import Read
from registry.core.licences import GrantAssigned
from registry.core.scope import FOREVER_S
from registry.core.times import to_epoch_s

BEFORE_ALL_S: Final = -FOREVER_S  # the start of what was always so


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A stretch of time in which one party holds."""

    holder: str
    start_s: int = BEFORE_ALL_S
    end_s: int = FOREVER_S
    logged: bool = True
    authorised: bool = True
    since: int | None = None  # place in the log of the assignment; None: the first holder

    @property
    def sure(self) -> bool:
        """Whether it holds by assignments that are signed and under the checkpoint."""
        return self.logged and self.authorised


def earlier(row: Sequence[Held], number: int) -> tuple[tuple[str, int], ...]:
    """Pair each holder before one of a row with the place in the log of the assignment by which the next took over."""
    return tuple((held.holder, after.since or 0) for held, after in pairwise(row[: number + 1]))


class Assignments:
    """The assignments among the statements, by what they assign."""

    def __init__(self, statements: Iterable[Read]) -> None:
        self._of: defaultdict[str, list[Read]] = defaultdict(list)
        for s in statements:
            if isinstance(s.record, GrantAssigned):
                self._of[s.record.grant].append(s)

    def of(self, digest: str, first: str, may: Callable[[Read], bool] = lambda s: True) -> tuple[Held, ...]:
        """Return the holders in a row; ``may`` says whether what is assigned allows it."""
        row = [Held(holder=first)]
        for s in sorted(self._of.get(digest, ()), key=lambda s: (s.order, s.digest)):
            last, from_s = row[-1], to_epoch_s(s.record.effective_from)
            if s.issuer != last.holder or from_s < last.start_s or not may(s):
                continue
            row[-1] = Held(
                holder=last.holder,
                start_s=last.start_s,
                end_s=from_s,
                logged=last.logged,
                authorised=last.authorised,
                since=last.since,
            )
            row.append(
                Held(
                    holder=s.record.to,
                    start_s=from_s,
                    logged=last.logged and s.logged,
                    authorised=last.authorised and s.authorised,
                    since=s.order[0],
                )
            )
        return tuple(held for held in row if held.start_s < held.end_s)
