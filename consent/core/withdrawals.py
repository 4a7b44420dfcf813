"""
When each grant was withdrawn, and for which acts; what nobody vouches to stand is withdrawn.
"""

from collections import defaultdict

from consent.core.grants import AT_ONCE, Withdrawn
from consent.core.read import Read
from consent.core.record import ConsentRevoked
from consent.core.settling import Settling
from registry.core.terms import ACTS
from registry.core.times import to_epoch_s

HOUR_S = 3_600


class Withdrawals:
    """When each grant was withdrawn; what nobody vouches to stand is withdrawn."""

    def __init__(self, settling: Settling) -> None:
        self._vouched = settling.vouched
        self._by_digest: defaultdict[str, list[Read]] = defaultdict(list)
        self._by_grantee: defaultdict[tuple[str, str], list[Read]] = defaultdict(list)
        for s in settling.statements:
            if isinstance(s.record, ConsentRevoked):
                for digest in s.record.grants or ():
                    self._by_digest[digest].append(s)
                if s.record.grantee is not None and s.issuer == s.record.performer:
                    self._by_grantee[s.record.performer, s.record.grantee].append(s)

    def of(self, grant: Read, *, grantor: str, grantee: str, notice_hours: int | None) -> Withdrawn:
        acts = [s for s in self._by_digest[grant.digest] if s.issuer == grantor]
        acts += [s for s in self._by_grantee[grantor, grantee] if _ends(s, grant)]
        if not acts:
            return () if grant.digest in self._vouched.no_revocation_of else ((ACTS.all, AT_ONCE),)
        if notice_hours is None:
            return ((ACTS.all, AT_ONCE),)
        return ((ACTS.all, min(to_epoch_s(s.issued_at) for s in acts) + notice_hours * HOUR_S),)


def _ends(everything: Read, grant: Read) -> bool:
    """A withdrawal of everything ends what was issued before it, and what was in the log before it."""
    return everything.issued_at >= grant.issued_at or everything.order > grant.order
