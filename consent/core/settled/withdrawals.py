"""
When consents were withdrawn, and for which acts.

1. A performer takes back a grant by name, or everything that a grantee was ever given; so does who may revoke for them.
2. The grant says how: at will, on notice, for breach alone, or not while it runs. INVARIANT (as easy to withdraw as to
   give): acts on biometric templates, whatever rests on consent alone, an offer that is not accepted yet, and whatever
   is still in its cooling-off, end at once however the grant reads.
3. A withdrawal for breach that the grantee disputes stands, until the performer concedes or a court says that it fails.
4. Where notice runs and the tail is `pull`, nothing made of it may be distributed once it has run: its boxes end then.

What nobody vouches to stand is withdrawn.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from consent.core.grants import AT_ONCE, Grant, Withdrawn
from consent.core.record import Consent, ConsentRevoked
from consent.core.settled.read import Read
from consent.core.settled.settling import Settling
from consent.core.settled.windows import cut
from registry.core.scope import FOREVER_S
from registry.core.terms import ACTS
from registry.core.times import to_epoch_s

HOUR_S = 3_600
BIOMETRIC = ACTS.mask(("scan", "store", "train", "finetune"))
DISTRIBUTE: Final = ACTS.mask(("distribute",))
STAYS: Final = frozenset({"keep", "finish"})  # tails that leave alone what was released
_EVERYTHING: Withdrawn = ((ACTS.all, AT_ONCE),)


class Withdrawals:
    """The withdrawals among the statements, asked for one consent at a time."""

    def __init__(self, settling: Settling) -> None:
        self._settling = settling
        self._by_digest: defaultdict[str, list[Read]] = defaultdict(list)
        self._by_grantee: defaultdict[tuple[str, str], list[Read]] = defaultdict(list)
        for s in settling.statements:
            if isinstance(s.record, ConsentRevoked):
                for digest in s.record.grants or ():
                    self._by_digest[digest].append(s)
                if s.record.grantee is not None:
                    self._by_grantee[s.record.performer, s.record.grantee].append(s)

    def of(self, grant: Read, grantees: frozenset[str], accepted: Read | None) -> Withdrawn:
        """Return for which acts a consent was withdrawn and from when; ``grantees`` held it one after another."""
        consent: Consent = grant.record
        said = [s for s in self._by_digest[grant.digest] if self._may_revoke(s, consent.performer)]
        for grantee in sorted(grantees):
            said += [s for s in self._by_grantee[consent.performer, grantee] if self._ends(s, grant)]
        if not said:
            return () if grant.digest in self._settling.vouched.no_revocation_of else _EVERYTHING
        return tuple(sorted({part for s in said for part in self._parts(s, consent, accepted)}))

    def _ends(self, everything: Read, grant: Read) -> bool:
        """A withdrawal of everything ends what was issued before it, and what was in the log before it."""
        before = everything.issued_at >= grant.issued_at or everything.order > grant.order
        return before and self._may_revoke(everything, grant.record.performer)

    def _may_revoke(self, s: Read, performer: str) -> bool:
        """As it narrows, the performer's word is believed as it is, and that of who may revoke for them."""
        return s.issuer == performer or self._settling.authorities.word(s, performer, power="revoke") is not None

    def _parts(self, s: Read, consent: Consent, accepted: Read | None) -> Iterator[tuple[int, int]]:
        at_once = self._acts_at_once(s, consent, accepted)
        if at_once:
            yield at_once, AT_ONCE
        if consent.revocation.kind == "on_notice" and at_once != ACTS.all:
            hours = consent.revocation.notice_hours or 0
            yield ACTS.all & ~at_once, to_epoch_s(s.issued_at) + hours * HOUR_S

    def _acts_at_once(self, s: Read, consent: Consent, accepted: Read | None) -> int:
        binds = consent.basis == "contract" and accepted is not None and accepted.order < s.order
        cooling = consent.cooling_off_until is not None and s.issued_at < consent.cooling_off_until
        if not binds or cooling or consent.revocation.kind == "at_will":
            return ACTS.all
        if consent.revocation.kind == "for_breach" and s.record.cause == "breach" and not self._fails(s, consent):
            return ACTS.all
        return BIOMETRIC

    def _fails(self, s: Read, consent: Consent) -> bool:
        """Say whether the dispute of a withdrawal for breach was upheld."""
        return self._settling.disputes.of(s.digest, lambda party: party == consent.performer).upheld


def tail_of(grant: Grant) -> str:
    """Return what becomes of a released shot when this grant is withdrawn; what a grant does not say is `pull`."""
    return grant.tail.get("distribute", "pull")


def until_notice(grant: Grant, at_s: int) -> Grant:
    """Return a grant as it serves distribution: while notice of a withdrawal runs that pulls, until it has run."""
    ends = [from_s for acts, from_s in grant.withdrawn if acts & DISTRIBUTE and from_s > at_s]
    if not ends or tail_of(grant) in STAYS:
        return grant
    return replace(grant, scopes=cut(grant.scopes, (-FOREVER_S, min(ends))))
