"""
A tale as it is really sent: statements under the keys that signed them, sealed in envelopes, in the order of the log.

``tests.told`` names statements by a salt. Here each is a payload, and its digest that of its bytes: whatever names an
earlier statement is written after it. What tells the same in every case (parties, projects) is the same bytes in every
case, so that its signatures are checked once.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from consent.core.vouched import Vouched
from registry.core.envelope import Envelope, Signature, format_statement, sign_statement
from tests.decisions import id_of, key_of, keyid, public
from tests.told import Body, Tale, Told

NOBODYS = "a key that nobody enrolled"
OWN_WORDS = ("erasure.done", "weights.trained")  # of the registry, which shows nobody a text
SAME = ("party.registered", "project.registered", "work.registered", "weights.trained", "policy.set")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(kw_only=True)
class Sent:
    """A tale, the keys under which its statements were signed, and what becomes of both: envelopes."""

    tale: Tale
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)  # name of a statement -> names of keys
    false: set[str] = field(default_factory=set)  # names of statements whose first signature is somebody else's
    told_late: int = 0  # statements at the end of the log that are not under the checkpoint yet
    _sealed: dict[str, Envelope] = field(default_factory=dict)

    def envelopes(self) -> dict[str, Envelope]:
        """Return every envelope by the name of its statement."""
        return {told.name: self._seal(told) for told in self.tale.told}

    def digest(self, name: str) -> str:
        told = self.tale.find(name)
        return self.tale.digest(name) if told is None else self._seal(told).digest

    def request(self) -> Body:
        asked: Body = self._written(self.tale.request)
        return asked

    def vouched(self) -> Vouched:
        told = self.tale.vouched()
        names = {self.tale.digest(one.name): one.name for one in self.tale.told}
        real = {digest: self.digest(name) for digest, name in names.items()}
        return Vouched(
            tree_size=told.tree_size - self.told_late,
            indices=MappingProxyType({real[digest]: index for digest, index in told.indices.items()}),
            no_revocation_of=frozenset(real[digest] for digest in told.no_revocation_of),
            prompt_matches=told.prompt_matches,
            cap_counts=MappingProxyType({real[digest]: counts for digest, counts in told.cap_counts.items()}),
            asked=MappingProxyType(
                {f"{real[key[:64]]}{key[64:]}": at for key, at in told.asked.items() if key[:64] in real}
            ),
            registry=told.registry,
        )

    def bars(self) -> set[str]:
        return {self.digest(one.name) for one in self.tale.of("restriction.declared", "suspension.declared")}

    # --- one statement

    def _seal(self, told: Told) -> Envelope:
        if told.name not in self._sealed:
            self._sealed[told.name] = self._envelope(told)
        return self._sealed[told.name]

    def _envelope(self, told: Told) -> Envelope:
        body: Body = self._written(told.body)
        if told.type == "party.registered":
            body |= {"key": public(told.name)}
        if told.type not in OWN_WORDS:
            body |= {"language": "en", "text_sha256": "0" * 64, "private_sha256": None}
        salt = told.name if told.type in SAME else f"{self.tale.salt} {told.name}"
        payload = format_statement(
            type=told.type,
            id=id_of(f"statement {salt}"),
            issued_at=told.issued_at,
            issuer=id_of(told.issuer),
            nonce=hashlib.sha256(salt.encode()).digest()[:16],
            body=body,
        )
        return _signed(payload, self._signers(told), told.name in self.false)

    def _signers(self, told: Told) -> tuple[str, ...]:
        if not told.authorised and told.name not in self.false:
            return (NOBODYS,)
        return self.keys.get(told.name, told.signers)

    def _written(self, value: Any) -> Any:
        """Return JSON in which every statement has the digest of its bytes."""
        names = {self.tale.digest(one.name): one for one in self.tale.told}
        found = {digest for digest in _DIGEST.findall(json.dumps(value)) if digest in names}
        text = json.dumps(value)
        for digest in found:
            text = text.replace(digest, self._seal(names[digest]).digest)
        return _in_order(json.loads(text)) if found else json.loads(text)


def _in_order(value: Any) -> Any:
    """Put lists of digests back in order."""
    if isinstance(value, dict):
        return {name: _in_order(one) for name, one in value.items()}
    if isinstance(value, list) and value and all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in value):
        return sorted(value)
    return [_in_order(one) for one in value] if isinstance(value, list) else value


def _signed(payload: bytes, names: tuple[str, ...], is_false: bool) -> Envelope:
    envelope = sign_statement(payload, *(key_of(name) for name in names))
    if not is_false:
        return envelope
    others = sign_statement(payload, *(key_of(NOBODYS) for _ in names[:1])).signatures
    first = Signature(keyid=keyid(names[0]), kind=others[0].kind, sig=others[0].sig)
    return Envelope(payload=payload, signatures=(first, *envelope.signatures[1:]))
