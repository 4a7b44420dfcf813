"""
Whose key signed what, and whether it stood at the time.

Keys come from envelopes alone: enrolment with the party (`party.registered` with a key, signed by that key), the first
`key.added` signed by the new key alone, later ones by the new key and one that stands. A revoked key vouches for what
lies before its revocation in the log, and for nothing after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from registry.core.envelope import PAYLOAD_TYPE, Envelope, Statement, pae
from registry.core.keys import PublicKey, verify
from registry.core.record import KeyAdded, KeyRevoked, Party

Parsed = tuple[Statement, Envelope, object]
NARROWING = frozenset(
    {
        "key.revoked",
        "appearance.recorded",
        "appearance.claimed",
        "component.recorded",
        "licence.denied",
        "licence.terminated",
        "consent.revoked",
    }
)
_LAST = 1 << 62  # as grants.NOT_LOGGED


@lru_cache(maxsize=65_536)
def _verified(spki: bytes, kind: str, message: bytes, sig: bytes) -> bool:
    """Remember a signature's outcome: it is a pure function of these bytes."""
    return verify(PublicKey(kind=kind, spki=spki), message, sig)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that these envelopes prove, each with the place in the log where it was revoked, if it was."""

    keys: Mapping[str, tuple[str, PublicKey]]  # key id -> (party, key)
    revoked: Mapping[str, int]  # key id -> index of its revocation
    indices: Mapping[str, int | None]

    @classmethod
    def of(cls, parsed: Sequence[Parsed], indices: Mapping[str, int | None]) -> "Keyring":
        """Enrol keys in the order of the log."""
        revoked: dict[str, int] = {}
        for statement, _, record in parsed:
            if isinstance(record, KeyRevoked):
                revoked[record.keyid] = min(_place(indices[statement.digest]), revoked.get(record.keyid, _LAST))
        keys: dict[str, tuple[str, PublicKey]] = {}
        ring = cls(keys=keys, revoked=revoked, indices=indices)
        for statement, envelope, record in sorted(parsed, key=lambda p: (_place(indices[p[0].digest]), p[0].digest)):
            brought = ring._brought(statement, envelope, record)
            if brought is not None and brought.key is not None:
                keys[brought.key.keyid] = (brought.party, brought.key)
        return ring

    def vouches_for(self, statement: Statement, envelope: Envelope) -> bool:
        """Say whether every signature verifies and one is by a key of the issuer that stood then."""
        known = [self.keys.get(signature.keyid) for signature in envelope.signatures]
        if not all(entry and _signed(envelope, entry[1]) for entry in known):
            return False
        return any(entry and entry[0] == statement.issuer and self._stood(entry[1], statement) for entry in known)

    def _stood(self, key: PublicKey, statement: Statement) -> bool:
        ended = self.revoked.get(key.keyid)
        if ended is None:
            return True
        place = _place(self.indices[statement.digest])
        return place < ended or (place == ended == _LAST and statement.type in NARROWING)

    def _brought(self, statement: Statement, envelope: Envelope, record: object) -> Party | KeyAdded | None:
        """Return the record where it brings its party a key, rightly signed."""
        if isinstance(record, Party) and self._enrols(statement, envelope, record):
            return record
        if isinstance(record, KeyAdded) and self._adds(statement, envelope, record):
            return record
        return None

    def _enrols(self, statement: Statement, envelope: Envelope, record: Party) -> bool:
        """A party's own first statement, signed by the key it brings and by no other."""
        key = record.key
        alone = key is not None and [s.keyid for s in envelope.signatures] == [key.keyid]
        return alone and statement.issuer == record.party and key is not None and _signed(envelope, key)

    def _adds(self, statement: Statement, envelope: Envelope, record: KeyAdded) -> bool:
        """The new key signs; so does a standing one, unless the party has none yet."""
        if statement.issuer != record.party or not _signed(envelope, record.key):
            return False
        others = [self.keys.get(s.keyid) for s in envelope.signatures if s.keyid != record.key.keyid]
        if not any(party == record.party for party, _ in self.keys.values()):
            return not others
        standing = [e for e in others if e and e[0] == record.party and self._stood(e[1], statement)]
        return len(standing) == len(others) > 0 and all(_signed(envelope, key) for _, key in standing)


def _place(index: int | None) -> int:
    return _LAST if index is None else index


def _signed(envelope: Envelope, key: PublicKey) -> bool:
    message = pae(PAYLOAD_TYPE, envelope.payload)
    return any(
        s.keyid == key.keyid and s.kind == key.kind and _verified(key.spki, key.kind, message, s.sig)
        for s in envelope.signatures
    )
