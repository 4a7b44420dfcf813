"""
Whose identity is vouched for, and whose is contested.

1. A performer's identity stands before a grantee where somebody independent of that grantee vouched for it, having seen
   a document or the person.
2. It is contested where another party states the same ISNI, HAND id or alias, and nobody who is independent in the same
   way has confirmed that it is this performer's alone (``registry.core.identifiers``).

INVARIANT (slow-to-permit-quick-to-withdraw): what a party states contests as it is read, whoever signed it: believing
it can only refuse. What a party disclaims, and what is confirmed for it, frees once it is signed and under the
checkpoint. A confirmation for a rival refuses as soon as a standing key signed it, unless its voucher is surely tied to
the grantee, for whom it then proves nothing either way.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from consent.core.settled.read import Read, counting
from registry.core.identifiers import Confirmation, Key, stands
from registry.core.record import SERVING_LEVELS, Alias, Party, Vouch

Apart = Callable[[str, str, str], bool]  # (voucher, whom it vouches for, grantee)


class Identities:
    """What was said about who is who, asked for one performer and one grantee."""

    def __init__(
        self, statements: Sequence[Read], *, independent: Apart, heard: Apart, is_officer: Callable[[str], bool]
    ) -> None:
        self._independent, self._heard, self._is_officer = independent, heard, is_officer
        self._vouchers: defaultdict[str, set[str]] = defaultdict(set)
        self._confirmed: defaultdict[Key, list[Read]] = defaultdict(list)
        for s in statements:
            if isinstance(s.record, Vouch) and s.authorised and s.record.level in SERVING_LEVELS:
                self._note(s)
        self._claimants = _claimants(statements)
        self._known: dict[tuple[str, str], tuple[bool, bool]] = {}

    def stands(self, performer: str, grantee: str) -> bool:
        """Say whether somebody independent of the grantee vouches for the performer."""
        return self._of(performer, grantee)[0]

    def contested(self, performer: str, grantee: str) -> bool:
        """Say whether somebody else states an identifier of the performer's, and that is not settled for them."""
        return self._of(performer, grantee)[1]

    def _note(self, s: Read) -> None:
        vouch: Vouch = s.record
        if s.logged:
            self._vouchers[vouch.party].add(s.issuer)
        for one in vouch.confirms:
            self._confirmed[one.key].append(s)

    def _of(self, performer: str, grantee: str) -> tuple[bool, bool]:
        asked = (performer, grantee)
        if asked not in self._known:
            vouched = any(self._independent(one, performer, grantee) for one in self._vouchers[performer])
            contested = any(not self._is_theirs(key, performer, grantee) for key in self._stated_by(performer))
            self._known[asked] = (vouched, contested)
        return self._known[asked]

    def _stated_by(self, party: str) -> list[Key]:
        return [key for key, claimants in self._claimants.items() if party in claimants]

    def _is_theirs(self, key: Key, performer: str, grantee: str) -> bool:
        return stands(performer, self._claimants[key], self._confirmations(key, performer, grantee))

    def _confirmations(self, key: Key, performer: str, grantee: str) -> Iterable[Confirmation]:
        """Yield what was confirmed, as far as who confirmed it stands apart from the grantee."""
        for s in self._confirmed.get(key, ()):
            party: str = s.record.party
            apart = self._independent if party == performer else self._heard
            if apart(s.issuer, party, grantee):
                yield Confirmation(party=party, by_court=self._is_officer(s.issuer), counts=s.logged)


def _claimants(statements: Sequence[Read]) -> dict[Key, frozenset[str]]:
    """Map each identifier to who states it: who said so, and did not disclaim it since."""
    stated: dict[tuple[Key, str], tuple[int, datetime]] = {}
    for s in statements:
        if isinstance(s.record, Party | Alias):
            for key in s.record.claimed:
                at = (key, s.record.party)
                stated[at] = max(stated.get(at, s.order), s.order)
    for s in counting(statements, Alias):
        for one in s.record.disclaims if s.issuer == s.record.party else ():
            at = (one.key, s.record.party)
            if at in stated and stated[at] < s.order:
                del stated[at]
    found: defaultdict[Key, set[str]] = defaultdict(set)
    for key, party in stated:
        found[key].add(party)
    return {key: frozenset(parties) for key, parties in found.items()}
