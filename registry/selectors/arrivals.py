"""
What is known when an envelope arrives, before any lock: whether it came before, who issues it, which keys signed it.

One query for all three. Nothing of it is final but the answer to an envelope that was accepted already, and the public
keys: whose a key is and whether it stands is read again under the locks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.core.envelope import Envelope, PublicKey
from registry.core.jcs import parse_json
from registry.core.passkey import Passkey
from registry.prepared import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The statement as it was accepted before."""

    type: str
    accepted_at: datetime
    envelope_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What is known of an envelope and its issuer."""

    before: Before | None
    issuer_kind: str | None  # None: nobody of that id is registered
    keys: Mapping[str, PublicKey]  # those that signed and are enrolled, standing or revoked


_ARRIVAL: Final = """
    SELECT s.type, s.accepted_at, s.envelope_sha256, p.kind, k.keyid, k.kind, k.spki, k.credential::text
    FROM unnest(%s::text[]) AS signed (keyid)
    LEFT JOIN registry_key k ON k.keyid = signed.keyid
    LEFT JOIN registry_statement s ON s.digest = %s
    LEFT JOIN registry_party p ON p.id = %s
"""


def arrival(envelope: Envelope, issuer: str) -> Arrival:
    """Read what is known of an envelope, and of the issuer that it names."""
    keyids = [signature.keyid for signature in envelope.signatures]
    rows = run(_ARRIVAL, [keyids, bytes.fromhex(envelope.digest), issuer]).fetchall()
    type_, accepted_at, sha256, kind = rows[0][:4]
    before = None if type_ is None else Before(type=type_, accepted_at=accepted_at, envelope_sha256=bytes(sha256).hex())
    keys = {row[4]: _key(*row[5:]) for row in rows if row[4] is not None}
    return Arrival(before=before, issuer_kind=kind, keys=keys)


def _key(kind: str, spki: bytes, credential: str | None) -> PublicKey:
    passkey = None if credential is None else Passkey.parse(parse_json(credential.encode()))
    return PublicKey(kind=kind, spki=bytes(spki), passkey=passkey)
