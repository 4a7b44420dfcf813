"""
What is disputed, until when, and how disputes ended: of title claims, authorities and revocations.

A dispute refuses while it is open: from when it is read until it lapses, or somebody who may ends it.

1. The disputing party withdraws or settles it.
2. The other side concedes (`upheld`): the claimant, the principal or an agent, the performer who revoked.
3. A court officer, whom the registry's own policy names, dismisses, upholds or settles it.

INVARIANT (slow-to-permit-quick-to-withdraw): a dispute counts as it is read; an end that lets something through again
counts once it is signed and under the checkpoint. A dispute that is upheld stays so, unless a court says otherwise.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from consent.core.record import RevocationDisputed
from consent.core.settled.read import Read
from registry.core.authority import AuthorityDisputed
from registry.core.policy import PolicySet
from registry.core.times import to_epoch_s
from registry.core.titles import DISPUTE_LAPSES_S, TitleDisputed, TitleResolved

NOT_OPEN: Final = 0
_BY_COURT: Final = frozenset({"dismissed", "upheld", "settled"})
_BY_DISPUTER: Final = frozenset({"withdrawn", "settled"})
Disputed = TitleDisputed | AuthorityDisputed | RevocationDisputed


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the disputes of one thing stand."""

    open_until_s: int  # second until which it is disputed; 0: it is not
    upheld: bool


UNDISPUTED: Final = Standing(open_until_s=NOT_OPEN, upheld=False)


class Disputes:
    """All disputes among the statements, by what they dispute: a claim or revocation by digest, an authority by id."""

    def __init__(self, statements: Sequence[Read], registry: str | None) -> None:
        self._officers = _officers(statements, registry)
        self._of: defaultdict[str, list[Read]] = defaultdict(list)
        self._ends: defaultdict[str, list[Read]] = defaultdict(list)
        for s in statements:
            if isinstance(s.record, Disputed):
                self._of[_target(s.record)].append(s)
            elif isinstance(s.record, TitleResolved) and s.authorised and s.logged:
                self._ends[s.record.dispute].append(s)

    def of(self, target: str, may_concede: Callable[[str], bool]) -> Standing:
        """Return how a thing stands; ``may_concede`` says whether a party is the other side."""
        disputes = self._of.get(target)
        if not disputes:
            return UNDISPUTED
        open_until_s, upheld = NOT_OPEN, False
        for s in disputes:
            outcome = self._outcome(s, may_concede)
            upheld = upheld or outcome == "upheld"
            if outcome is None:
                open_until_s = max(open_until_s, to_epoch_s(s.issued_at) + DISPUTE_LAPSES_S)
        return Standing(open_until_s=open_until_s, upheld=upheld)

    def is_officer(self, party: str) -> bool:
        return party in self._officers

    def _outcome(self, dispute: Read, may_concede: Callable[[str], bool]) -> str | None:
        """Return the last outcome that somebody said who may; a court's outranks the parties'."""
        said = sorted(self._ends.get(dispute.digest, ()), key=lambda s: (s.issuer in self._officers, s.order, s.digest))
        outcomes = [s.record.outcome for s in said if self._may_say(s, dispute, may_concede)]
        return outcomes[-1] if outcomes else None

    def _may_say(self, s: Read, dispute: Read, may_concede: Callable[[str], bool]) -> bool:
        outcome = s.record.outcome
        if s.issuer in self._officers:
            return outcome in _BY_COURT
        if s.issuer == dispute.issuer:
            return outcome in _BY_DISPUTER
        return outcome == "upheld" and may_concede(s.issuer)


def _officers(statements: Sequence[Read], registry: str | None) -> frozenset[str]:
    """Return whom the registry's newest policy names as officers of a court."""
    policies = [
        s for s in statements if isinstance(s.record, PolicySet) and s.issuer == registry and s.authorised and s.logged
    ]
    newest = max(policies, key=lambda s: (s.order, s.digest), default=None)
    return frozenset() if newest is None else frozenset(newest.record.court_officers)


def _target(record: Disputed) -> str:
    if isinstance(record, TitleDisputed):
        return record.claim
    return record.authority if isinstance(record, AuthorityDisputed) else record.revocation
