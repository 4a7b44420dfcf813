"""
How licences end before their time: denied by the licensor they were recorded for, or terminated.

What nobody vouches to stand has ended too. An ending counts as it is read against the licence; it sets others free of
an exclusive licence only once it is signed and under the checkpoint, and never by not being vouched against.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from consent.core.grants import AT_ONCE, Withdrawn
from consent.core.settled.read import Read
from registry.core.licences import LicenceDenied, LicenceTerminated
from registry.core.terms import ACTS
from registry.core.times import to_epoch_s

ENDED: Withdrawn = ((ACTS.all, AT_ONCE),)
DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is said of one licence's end; of several terminations the one that leaves least."""

    denied: bool
    terminations: tuple[Read, ...]
    sure: bool = False  # something of it is signed and under the checkpoint

    def __bool__(self) -> bool:
        return self.denied or bool(self.terminations)

    def sold_off_until_s(self, sell_off_days: int) -> int | None:
        """Return until when what was released may still be sold off after a termination; None: there is none."""
        if self.denied or not self.terminations:
            return None
        until_s = min(_until_s(s, sell_off_days) for s in self.terminations)
        return until_s if until_s > min(to_epoch_s(s.issued_at) for s in self.terminations) else None


class Endings:
    """The denials and terminations among the statements, by licence."""

    def __init__(self, statements: Iterable[Read], may_end: Callable[[Read, str], bool]) -> None:
        self._may_end = may_end
        self._of: defaultdict[str, list[Read]] = defaultdict(list)
        for s in statements:
            if isinstance(s.record, LicenceDenied | LicenceTerminated):
                self._of[s.record.licence].append(s)

    def of(self, digest: str, licensor: str) -> Ending:
        """Return how a licence ended, by the word of its licensor or of who may end it in the licensor's name."""
        said = [s for s in self._of.get(digest, ()) if self._may_end(s, licensor)]
        return Ending(
            denied=any(isinstance(s.record, LicenceDenied) for s in said),
            terminations=tuple(s for s in said if isinstance(s.record, LicenceTerminated)),
            sure=any(s.authorised and s.logged for s in said),
        )


def _until_s(s: Read, sell_off_days: int) -> int:
    until = s.record.sell_off_until
    return to_epoch_s(s.issued_at) + sell_off_days * DAY_S if until is None else to_epoch_s(until)
