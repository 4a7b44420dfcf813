"""
Whose key signed what, and whether it stood at the time.

Keys come from envelopes alone: enrolment with the party (`party.registered` with a key, signed by that key), the first
`key.added` signed by the new key alone, later ones by the new key and one that stands, or brought by agents
(``settled.recovering``). A revoked key vouches for what lies between its enrolment and its revocation in the log, and
for nothing else; a recovered one, but for withdrawals, for what was issued once it was ripe.

What brought the keys of a person who was erased is gone, and with it the proof of what they signed about others. Such a
signature is believed where it narrows, as it was when it was accepted, and otherwise only by who is ``believing``.

A key that was in other hands from some place on, as the `key.revoked` that ends it says, permits nothing from there on;
what it narrowed there still counts, whoever wrote it. Keys that it brought there are in those hands too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from registry.core.envelope import PAYLOAD_TYPE, Envelope, PublicKey, Signature, Statement, pae
from registry.core.erasure import Erasure
from registry.core.record import KeyAdded, KeyRevoked, Party
from registry.core.recovery import WHILE_GREEN
from registry.core.times import to_epoch_s

Parsed = tuple[Statement, Envelope, object]
NARROWING = frozenset(
    {
        "key.revoked",
        "authority.ended",
        "authority.disputed",
        "policy.set",
        "appearance.recorded",
        "appearance.claimed",
        "component.recorded",
        "title.disputed",
        "licence.denied",
        "licence.terminated",
        "consent.revoked",
        "restriction.declared",
        "suspension.declared",
        "approval.declined",
    }
)
_LAST = 1 << 62  # as grants.NOT_LOGGED


@lru_cache(maxsize=4_096)  # holds the messages too: some tens of megabytes at worst in practice
def _verified(key: PublicKey, message: bytes, signature: Signature) -> bool:
    """Remember a signature's outcome: it is a pure function of these values."""
    return signature.fault(key, message) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A key, whose it is, and from which place in the log on."""

    party: str
    key: PublicKey
    since: int
    ripe_s: int = 0  # a recovered key signs what was issued from this second on


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The keys that these envelopes prove, each with the place in the log where it was revoked, if it was."""

    keys: Mapping[str, Enrolled]  # by key id
    revoked: Mapping[str, int]  # key id -> place of its revocation
    indices: Mapping[str, int | None]
    erased: Mapping[str, str]  # key id -> the person whose it was, of keys that no statement shows any more
    believing: bool = False  # whatever bears a key of somebody who was erased
    lost: Mapping[str, int] = field(default_factory=dict)  # key id -> place from which on it was in other hands

    @classmethod
    def of(
        cls,
        parsed: Sequence[Parsed],
        indices: Mapping[str, int | None],
        recovered: Mapping[str, int] = MappingProxyType({}),
        *,
        believing: bool = False,
    ) -> "Keyring":
        """
        Enrol keys and end them in the order of the log; what is not rightly signed does neither.

        ``recovered``: digests of the recoveries that count, each with the second from which its key is ripe.
        """
        keys: dict[str, Enrolled] = {}
        revoked: dict[str, int] = {}
        gone = [record for _, _, record in parsed if isinstance(record, Erasure) and record.subject is not None]
        erased = {keyid: str(record.subject) for record in gone for keyid in record.keys}
        ring = cls(keys=keys, revoked=revoked, indices=indices, erased=erased, believing=believing)

        def order(one: Parsed) -> tuple[int, datetime, str]:
            return _place(indices[one[0].digest]), one[0].issued_at, one[0].digest

        lost: dict[str, int] = {}
        ordered = sorted(parsed, key=order)
        for statement, envelope, record in ordered:
            if isinstance(record, KeyRevoked) and ring._ends(statement, envelope, record):
                revoked.setdefault(record.keyid, ring._at(statement))
                if record.compromised_from is not None:
                    lost[record.keyid] = min(record.compromised_from, lost.get(record.keyid, _LAST))
            since, ripe_s = ring._at(statement), recovered.get(statement.digest)
            if isinstance(record, KeyAdded) and ripe_s is not None:
                entry = Enrolled(party=record.party, key=record.key, since=since, ripe_s=ripe_s)
                keys.setdefault(record.key.keyid, entry)
                continue
            brought = ring._brought(statement, envelope, record)
            if brought is not None:  # a key that somebody holds already stays theirs
                keys.setdefault(brought.keyid, Enrolled(party=statement.issuer, key=brought, since=since))
        return replace(ring, lost=ring._spread(lost, ordered))

    def vouches_for(self, statement: Statement, envelope: Envelope) -> bool:
        """Say whether every signature verifies and one is by a key of the issuer that stood then."""
        return statement.issuer in self.signers(statement, envelope)

    def signers(self, statement: Statement, envelope: Envelope) -> frozenset[str]:
        """Return the parties whose keys, standing then, signed; none where any signature does not verify."""
        keyids = {signature.keyid for signature in envelope.signatures}
        believed = self.believing or statement.type in NARROWING
        gone = (self.erased.keys() - self.keys.keys()) & keyids if believed else frozenset()
        known = [self.keys.get(keyid) for keyid in keyids - gone]
        if not all(entry and _signed(envelope, entry.key) for entry in known):
            return frozenset()
        standing = {entry.party for entry in known if entry and self._counts(entry, statement)}
        return frozenset(standing | {self.erased[keyid] for keyid in gone})

    def is_suspect(self, statement: Statement, envelope: Envelope) -> bool:
        """Say whether somebody whose word narrows signed with no key but such as were in other hands."""
        if not self.lost or statement.type not in NARROWING:
            return False
        known = [entry for one in envelope.signatures if (entry := self.keys.get(one.keyid)) is not None]
        standing = [entry for entry in known if self._stood(entry, statement)]
        held = {entry.party for entry in standing if not self._was_lost(entry, statement)}
        return bool(self.signers(statement, envelope)) and not held >= {entry.party for entry in standing}

    def bringers(self, statement: Statement, envelope: Envelope, key: PublicKey) -> frozenset[str]:
        """Return the parties whose keys, standing then, signed beside a new key; none where any does not verify."""
        if not _signed(envelope, key):
            return frozenset()
        others = tuple(signature for signature in envelope.signatures if signature.keyid != key.keyid)
        return self.signers(statement, replace(envelope, signatures=others)) if others else frozenset()

    def _counts(self, entry: Enrolled, statement: Statement) -> bool:
        """Say whether a key's signature counts: it stood, and was in its party's hands where something is permitted."""
        if not self._stood(entry, statement):
            return False
        return statement.type in NARROWING or not self._was_lost(entry, statement)

    def _was_lost(self, entry: Enrolled, statement: Statement) -> bool:
        return self._at(statement) >= self.lost.get(entry.key.keyid, _LAST + 1)

    def _spread(self, lost: dict[str, int], ordered: Sequence[Parsed]) -> Mapping[str, int]:
        """Add the keys that none but lost ones brought: whoever held those holds these, from the beginning."""
        for statement, envelope, record in ordered:
            if isinstance(record, KeyAdded) and self._came_with(statement, record):
                place = self._at(statement)
                beside = [s.keyid for s in envelope.signatures if s.keyid != record.key.keyid]
                if beside and all(lost.get(keyid, _LAST + 1) <= place for keyid in beside):
                    lost[record.key.keyid] = min(place, lost.get(record.key.keyid, _LAST))
        return lost

    def _came_with(self, statement: Statement, record: KeyAdded) -> bool:
        """Say whether a key is its party's by this statement of the party itself, and by no other."""
        held = self.keys.get(record.key.keyid)
        own = held is not None and held.party == record.party == statement.issuer
        return own and held is not None and held.since == self._at(statement)

    def _at(self, statement: Statement) -> int:
        return _place(self.indices[statement.digest])

    def _stood(self, entry: Enrolled, statement: Statement) -> bool:
        place = self._at(statement)
        if place < entry.since:
            return False
        if to_epoch_s(statement.issued_at) < entry.ripe_s and statement.type not in WHILE_GREEN:
            return False
        ended = self.revoked.get(entry.key.keyid)
        return ended is None or place < ended or (place == ended == _LAST and statement.type in NARROWING)

    def _brought(self, statement: Statement, envelope: Envelope, record: object) -> PublicKey | None:
        """Return the key that a statement rightly brings its issuer."""
        if isinstance(record, Party) and self._enrols(statement, envelope, record):
            return record.key
        if isinstance(record, KeyAdded) and self._adds(statement, envelope, record):
            return record.key
        return None

    def _enrols(self, statement: Statement, envelope: Envelope, record: Party) -> bool:
        """A party's own first statement, signed by the key it brings and by no other; never a second enrolment."""
        key = record.key
        if key is None or statement.issuer != record.party or self._has_key(record.party):
            return False
        return [s.keyid for s in envelope.signatures] == [key.keyid] and _signed(envelope, key)

    def _adds(self, statement: Statement, envelope: Envelope, record: KeyAdded) -> bool:
        """The new key signs; so does a standing one, unless the party has never had one."""
        if statement.issuer != record.party or not _signed(envelope, record.key):
            return False
        others = [self.keys.get(s.keyid) for s in envelope.signatures if s.keyid != record.key.keyid]
        if not self._has_key(record.party):
            return not others
        standing = [e for e in others if e and e.party == record.party and self._stood(e, statement)]
        return len(standing) == len(others) > 0 and all(_signed(envelope, e.key) for e in standing)

    def _ends(self, statement: Statement, envelope: Envelope, record: KeyRevoked) -> bool:
        """A party ends its own keys; a false ending would void, say, the claim that makes a title disputed."""
        held = self.keys.get(record.keyid)
        own = held is not None and held.party == record.party == statement.issuer
        return own and self.vouches_for(statement, envelope)

    def _has_key(self, party: str) -> bool:
        return any(entry.party == party for entry in self.keys.values())


def _place(index: int | None) -> int:
    return _LAST if index is None else index


def _signed(envelope: Envelope, key: PublicKey) -> bool:
    message = pae(PAYLOAD_TYPE, envelope.payload)
    return any(s.keyid == key.keyid and _verified(key, message, s) for s in envelope.signatures)
