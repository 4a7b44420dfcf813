"""
What two people sign to open what was kept of somebody who was erased (``docs/formats.md`` section 6).

A DSSE envelope of a payload type of its own, so that it can never be taken for a statement: who is concerned, which
digests, why, and when. The registry verifies both signatures, logs the opening, and keeps the envelope.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.core.envelope import MAX_PAYLOAD_BYTES, NONCE_BYTES, Signature, pae
from registry.core.erasure import MAX_NAMED, OPENERS
from registry.core.errors import BadSignature, UnknownKey
from registry.core.fields import Reader, read_digest, require_sorted
from registry.core.jcs import Json, canonical, parse_canonical, sha256_hex
from registry.core.keys import PrivateKey, PublicKey, sign
from registry.core.times import format_time

PAYLOAD_TYPE: Final = "application/vnd.proviso.opening.v1+json"
MAX_REASON: Final = 2_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One signed wish to open; nothing is verified yet."""

    payload: bytes
    signatures: tuple[Signature, ...]
    subject: str
    digests: tuple[str, ...]  # sorted
    reason: str
    asked_at: datetime

    @classmethod
    def parse(cls, obj: object) -> "Opening":
        """Read an envelope with two signatures over a canonical payload."""
        reader = Reader(obj)
        reader.choice("payloadType", {PAYLOAD_TYPE})
        payload = reader.base64("payload", max_bytes=MAX_PAYLOAD_BYTES)
        signatures = reader.list_of("signatures", Signature.parse, min_items=OPENERS, max_items=OPENERS)
        reader.finish()
        body = Reader(parse_canonical(payload, max_bytes=MAX_PAYLOAD_BYTES), "payload")
        digests = body.list_of("digests", read_digest, min_items=1, max_items=MAX_NAMED)
        require_sorted(digests, body.at("digests"))
        body.base64("nonce", min_bytes=NONCE_BYTES, max_bytes=NONCE_BYTES)
        opening = cls(
            payload=payload,
            signatures=signatures,
            subject=body.uuid("subject"),
            digests=digests,
            reason=body.str("reason", max_chars=MAX_REASON),
            asked_at=body.time("asked_at"),
        )
        body.finish()
        return opening

    @property
    def sha256(self) -> str:
        return sha256_hex(self.payload)

    def require_signed(self, keys: Mapping[str, PublicKey]) -> None:
        """Verify both signatures; raises ``UnknownKey``, ``BadSignature``."""
        message = pae(PAYLOAD_TYPE, self.payload)
        for number, signature in enumerate(self.signatures):
            key = keys.get(signature.keyid)
            if key is None:
                raise UnknownKey(keyid=signature.keyid, field=f"signatures[{number}]")
            if problem := signature.fault(key, message):
                raise BadSignature(keyid=signature.keyid, problem=problem, field=f"signatures[{number}]")


def sign_opening(
    *,
    subject: str,
    digests: tuple[str, ...],
    reason: str,
    asked_at: datetime,
    nonce: bytes,
    keys: tuple[PrivateKey, ...],
) -> dict[str, Json]:
    """Write a wish to open, signed by these keys; ``Opening.parse`` reads it."""
    payload = canonical(
        {
            "subject": subject,
            "digests": sorted(digests),
            "reason": reason,
            "asked_at": format_time(asked_at),
            "nonce": base64.b64encode(nonce).decode(),
        }
    )
    signatures: list[Json] = []
    for key in keys:
        public = PublicKey.of(key)
        made = Signature(keyid=public.keyid, kind=public.kind, sig=sign(key, pae(PAYLOAD_TYPE, payload)))
        signatures.append(made.format())
    return {"payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD_TYPE, "signatures": signatures}
