"""
The slow twin of who signed what, from envelopes to parties: keys, recoveries, keys in other hands, erased persons.

Every question is asked anew from the beginning of the log, as ``docs/formats.md`` (sections 1 and 3) puts it: who had
which key by then, who had ended it, from where on it was in other hands. A recovery is judged by what everybody said
but for that recovery itself. Shares no code with what it checks; of disputes and authorities it asks the twin that
knows them (``tests.reference_history``).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from consent.core.settled.read import Read
from consent.core.vouched import Vouched
from registry.core.envelope import Envelope
from tests.reference_history import NEVER, History

WEEK_S = 7 * 86_400
NARROWS = {
    "key.revoked", "authority.ended", "authority.disputed", "policy.set", "appearance.recorded", "appearance.claimed",
    "component.recorded", "title.disputed", "licence.denied", "licence.terminated", "consent.revoked",
    "restriction.declared", "suspension.declared", "approval.declined",
}  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """One statement as it was sent: what it says, which keys it names, and which of these really signed it."""

    digest: str
    type: str
    issuer: str
    issued_at: datetime
    body: Any
    named: tuple[str, ...]
    signed: frozenset[str]
    index: int | None

    @property
    def place(self) -> int:
        return NEVER if self.index is None else self.index

    @property
    def order(self) -> tuple[int, datetime, str]:
        return (self.place, self.issued_at, self.digest)

    @property
    def key(self) -> str | None:
        """The id of the key that it brings, if any."""
        held = self.body.get("key") if self.type in ("party.registered", "key.added") else None
        return None if held is None else hashlib.sha256(base64.b64decode(held["spki"])).hexdigest()


def letters_of(envelopes: Iterable[Envelope], indices: Mapping[str, int | None]) -> list[Letter]:
    """Parse envelopes with nothing but the standard library, and check each signature by the key that it names."""
    sent = [(e, json.loads(e.payload)) for e in envelopes]
    spkis = [said["body"]["key"]["spki"] for _, said in sent if said["body"].get("key")]
    keys = {hashlib.sha256(der).hexdigest(): der for der in map(base64.b64decode, spkis)}
    found = []
    for envelope, said in sent:
        digest = hashlib.sha256(envelope.payload).hexdigest()
        kind = b"application/vnd.proviso.statement.v1+json"
        message = b" ".join([b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(envelope.payload), envelope.payload])
        good = {s.keyid for s in envelope.signatures if s.keyid in keys and _verifies(keys[s.keyid], s.sig, message)}
        when = datetime.strptime(said["issued_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        named = tuple(s.keyid for s in envelope.signatures)
        found.append(
            Letter(digest, said["type"], said["issuer"], when, said["body"], named, frozenset(good), indices[digest])
        )
    return found


@lru_cache(maxsize=4_096)
def _verifies(spki: bytes, signature: bytes, message: bytes) -> bool:
    key = load_der_public_key(spki)
    assert isinstance(key, Ed25519PublicKey)
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


class Signers:
    """Whose keys are whose, by these letters; ``believing``: what bears an erased person's key is taken for theirs."""

    def __init__(
        self,
        letters: Sequence[Letter],
        vouched: Vouched,
        *,
        believing: bool = False,
        erased: dict[str, str] | None = None,
    ) -> None:
        self.letters = sorted(letters, key=lambda one: one.order)
        self.vouched, self.believing = vouched, believing
        self.erased = self._gone() if erased is None else erased  # key -> whose it was
        self.whole = self  # whether a recovery counts may hang on what was said since
        self._bringers: dict[str, Letter | None] = {}
        self._enders: dict[str, list[Letter]] = {}
        self._ripe: dict[str, int | None] = {}
        self._known: dict[str, set[str]] = {}
        self._before: dict[str, Signers] = {}

    def _gone(self) -> dict[str, str]:
        done = [one.body for one in self.letters if one.type == "erasure.done" and one.body["subject"] is not None]
        return {keyid: body["subject"] for body in done for keyid in body["keys"]}

    def reads(self) -> list[Read]:
        """Return every statement as a decision's twin reads it, by digest."""
        found = [self._read(one) for one in self.letters]
        if self.believing:
            found += self._stand_ins()
        return sorted(found, key=lambda s: s.digest)

    def bear_keys_of_the_erased(self) -> bool:
        return any(keyid in self.erased for one in self.letters for keyid in one.named)

    def of(self, letter: Letter) -> set[str]:
        """Return the parties whose word a statement is."""
        if letter.digest not in self._known:
            self._known[letter.digest] = self._of(letter)
        return self._known[letter.digest]

    def _of(self, letter: Letter) -> set[str]:
        narrows = letter.type in NARROWS
        taken = {k for k in letter.named if k in self.erased and self.bringer(k) is None}
        taken = taken if self.believing or narrows else set()
        rest = [k for k in letter.named if k not in taken]
        if any(self.bringer(k) is None or k not in letter.signed for k in rest):
            return set()
        good = [k for k in rest if self.stood(k, letter) and (narrows or letter.place < self.lost_from(k))]
        return {self.holder(k) for k in good} | {self.erased[k] for k in taken}

    def suspect(self, letter: Letter) -> bool:
        """Say whether what narrows here was signed, for somebody, by nothing but a key in other hands."""
        if letter.type not in NARROWS or not self.of(letter):
            return False
        stood = [k for k in letter.named if self.bringer(k) is not None and self.stood(k, letter)]
        clean = {self.holder(k) for k in stood if letter.place < self.lost_from(k)}
        return any(self.holder(k) not in clean for k in stood)

    # --- one key

    def bringer(self, keyid: str) -> Letter | None:
        """Return the first statement that rightly brought a key."""
        if keyid not in self._bringers:
            self._bringers[keyid] = None  # while it is being found out it is nobody's
            rightly = (one for one in self.letters if one.key == keyid and self._brings(one))
            self._bringers[keyid] = next(rightly, None)
        return self._bringers[keyid]

    def holder(self, keyid: str) -> str:
        bringer = self.bringer(keyid)
        assert bringer is not None
        party: str = bringer.body["party"]
        return party

    def stood(self, keyid: str, letter: Letter) -> bool:
        bringer = self.bringer(keyid)
        if bringer is None or letter.place < bringer.place:
            return False
        ripe = self.ripe(bringer) if bringer.issuer != bringer.body["party"] else None
        if ripe is not None and letter.issued_at.timestamp() < ripe and letter.type != "consent.revoked":
            return False
        ends = self.ends(keyid)
        if not ends or letter.place < ends[0].place:
            return True
        return letter.place == ends[0].place == NEVER and letter.type in NARROWS

    def ends(self, keyid: str) -> list[Letter]:
        """Return what ended a key, or said so again: by its holder, under a key that stood until then."""
        if keyid not in self._enders:
            said = [one for one in self.letters if one.type == "key.revoked" and one.body["keyid"] == keyid]
            self._enders[keyid] = [one for one in said if self.before(one).may_end(one)]
        return self._enders[keyid]

    def may_end(self, end: Letter) -> bool:
        keyid = end.body["keyid"]
        own = self.bringer(keyid) is not None and self.holder(keyid) == end.body["party"] == end.issuer
        return own and end.issuer in self.of(end)

    def lost_from(self, keyid: str) -> int:
        """Return the place from which on a key was in other hands."""
        places = [one.body.get("compromised_from") for one in self.ends(keyid)]
        bringer = self.bringer(keyid)
        if bringer is not None and bringer.type == "key.added" and bringer.issuer == bringer.body["party"]:
            beside = [other for other in bringer.named if other != keyid]
            if beside and all(self.lost_from(other) <= bringer.place for other in beside):
                places.append(bringer.place)
        return min((place for place in places if place is not None), default=NEVER + 1)

    # --- how a key comes to somebody

    def before(self, letter: Letter) -> Signers:
        """Return what was known when a statement was made: of everything before it."""
        if letter.digest not in self._before:
            earlier = [one for one in self.letters if one.order < letter.order]
            before = Signers(earlier, self.vouched, believing=self.believing, erased=self.erased)
            before._before = self._before  # what lies before a part lies before the whole
            before.whole = self.whole
            self._before[letter.digest] = before
        return self._before[letter.digest]

    def has_key(self, party: str) -> bool:
        brought = {one.key for one in self.letters if one.key is not None and one.body["party"] == party}
        return any(self.bringer(k) is not None and self.holder(k) == party for k in brought)

    def _brings(self, letter: Letter) -> bool:
        key, party = letter.key, letter.body["party"]
        if key is None or key not in letter.signed:
            return False
        if letter.issuer != party:
            return letter.type == "key.added" and self.ripe(letter) is not None
        before, beside = self.before(letter), [k for k in letter.named if k != key]
        if not before.has_key(party):
            return not beside
        if letter.type == "party.registered" or not beside:
            return False
        known = all(before.bringer(k) is not None and k in letter.signed for k in beside)
        return known and all(before.holder(k) == party and before.stood(k, letter) for k in beside)

    def ripe(self, letter: Letter) -> int | None:
        """Return from which second a recovered key signs; None where the recovery counts for nothing."""
        known = self.whole._ripe
        if letter.digest not in known:
            others = [one for one in self.whole.letters if one.digest != letter.digest]
            without = Signers(others, self.vouched, believing=self.believing, erased=self.erased)
            known[letter.digest] = without.judge(letter)
        return known[letter.digest]

    def judge(self, letter: Letter) -> int | None:
        """Judge a recovery that is not among the letters."""
        key, beside = letter.key, [k for k in letter.named if k != letter.key]
        first = None if key is None else self.bringer(key)
        if key not in letter.signed or not beside or (first is not None and first.place <= letter.place):
            return None
        signers = self.of(replace(letter, named=tuple(beside))) - {self.vouched.registry}
        ripe = int(letter.issued_at.timestamp()) + WEEK_S
        heard = [s for s in self.reads() if s.type != "authority.disputed" or s.issued_at.timestamp() < ripe]
        said = replace(self._read(letter), signers=frozenset(signers), authorised=letter.issuer in signers)
        if letter.issuer not in signers:
            return None
        word = History(heard, self.vouched).word(said, letter.body["party"], "recover", roles={"agent", "union"})
        return None if word is None else max(ripe, word.contested_until)

    # --- for the decision's twin

    def _read(self, letter: Letter) -> Read:
        signers = self.of(letter)
        return Read(
            digest=letter.digest,
            type=letter.type,
            issuer=letter.issuer,
            issued_at=letter.issued_at,
            body=letter.body,
            record=None,
            index=letter.index,
            tree_size=self.vouched.tree_size,
            authorised=letter.issuer in signers,
            signers=frozenset(signers),
            suspect=self.suspect(letter),
        )

    def _stand_ins(self) -> list[Read]:
        """Of who was erased nothing is known but that they were there."""
        asked = [one for one in self.letters if one.type == "erasure.done" and one.body["cause"] == "asked"]
        found = []
        for one in asked:
            person = one.body["subject"]
            body = {"party": person, "affiliates": [], "identifiers": {}, "born": None, "unions": []}
            found.append(
                replace(self._read(one), type="party.registered", issuer=person, body=body, index=0, authorised=True)
            )
        return found
