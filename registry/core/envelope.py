"""
Signed statements: a DSSE envelope around canonical JSON.

1. ``Envelope.parse`` reads the outer object and decodes the payload, which stays bytes.
2. ``verify_signatures`` checks each signature over ``pae(PAYLOAD_TYPE, payload)``: the bytes received.
3. ``parse_statement`` reads the same bytes: canonical, one header, a body that whoever owns the type parses.

Left out: which keys a party has, whether a signer had authority, when a statement arrived. Nothing is ever
re-serialised to be verified.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from registry.core.errors import BadSignature, Malformed, UnknownKey
from registry.core.fields import Reader, read_digest
from registry.core.jcs import Json, canonical, parse_canonical, parse_json, sha256_hex
from registry.core.keys import KINDS, PrivateKey, PublicKey, fault, sign, verify
from registry.core.passkey import Assertion
from registry.core.terms import STATEMENT_TYPES, VOCABULARY
from registry.core.times import format_time

__all__ = [
    "KINDS",
    "PAYLOAD_TYPE",
    "Assertion",
    "Envelope",
    "Json",
    "PrivateKey",
    "PublicKey",
    "Signature",
    "Statement",
    "canonical",
    "format_statement",
    "pae",
    "parse_canonical",
    "parse_json",
    "parse_statement",
    "sha256_hex",
    "sign",
    "sign_statement",
    "verify",
    "verify_signatures",
]

PAYLOAD_TYPE = "application/vnd.proviso.statement.v1+json"
MAX_PAYLOAD_BYTES = 512 * 1024  # fifty boxes that list every territory and language take about 400 KiB
MAX_SIGNATURES = 8  # a jointly held authority, with the new key and a witness, has fewer
NONCE_BYTES = 16


def pae(payload_type: str, payload: bytes) -> bytes:
    """Encode type and payload as DSSE v1 signs them (secure-systems-lab/dsse, protocol.md)."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature, and what an authenticator said beside it where a passkey signed."""

    keyid: str
    kind: str
    sig: bytes
    assertion: Assertion | None = None

    @classmethod
    def parse(cls, obj: object, path: str = "signature") -> "Signature":
        reader = Reader(obj, path)
        keyid = read_digest(reader.raw("keyid"), reader.at("keyid"))
        name = reader.choice("kind", KINDS)
        kind = KINDS[name]
        sig = reader.base64("sig", min_bytes=kind.min_sig_bytes, max_bytes=kind.max_sig_bytes)
        assertion = Assertion.take(reader) if kind.by_passkey else None
        reader.finish()
        return cls(keyid=keyid, kind=name, sig=sig, assertion=assertion)

    def format(self) -> dict[str, Json]:
        plain: dict[str, Json] = {"keyid": self.keyid, "kind": self.kind, "sig": base64.b64encode(self.sig).decode()}
        return plain if self.assertion is None else plain | self.assertion.format()

    def fault(self, key: PublicKey, message: bytes) -> str | None:
        """Say why this is not ``key``'s signature over ``message``, or None where it is."""
        if key.keyid != self.keyid or key.kind != self.kind:
            return "it is by another key"
        return fault(key, message, self.sig, self.assertion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Payload bytes as received, and who signed them; nothing is verified yet."""

    payload: bytes
    signatures: tuple[Signature, ...]
    digest: str = field(init=False, compare=False)  # SHA-256 of the payload, hex: the statement's name

    def __post_init__(self) -> None:
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise Malformed("bad_value", field="signatures", wanted=f"1 to {MAX_SIGNATURES} signatures")
        keyids = [signature.keyid for signature in self.signatures]
        if len(set(keyids)) != len(keyids):
            raise Malformed("duplicate_value", field="signatures", wanted="one signature a key")
        object.__setattr__(self, "digest", sha256_hex(self.payload))

    @classmethod
    def parse(cls, obj: object, path: str = "") -> "Envelope":
        """Read ``{"payload", "payloadType", "signatures"}``; a foreign payload type is refused."""
        reader = Reader(obj, path)
        reader.choice("payloadType", {PAYLOAD_TYPE})
        payload = reader.base64("payload", max_bytes=MAX_PAYLOAD_BYTES)
        signatures = reader.list_of("signatures", Signature.parse, min_items=1, max_items=MAX_SIGNATURES)
        reader.finish()
        return cls(payload=payload, signatures=signatures)

    def format(self) -> dict[str, Json]:
        return {
            "payload": base64.b64encode(self.payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [signature.format() for signature in self.signatures],
        }

    @property
    def envelope_sha256(self) -> str:
        """SHA-256 of the canonical envelope: with the digest, what the log commits to."""
        return sha256_hex(canonical(self.format()))


def verify_signatures(envelope: Envelope, keys: Mapping[str, PublicKey]) -> tuple[str, ...]:
    """
    Return the ids of the keys that signed, in the envelope's order.

    ``keys`` maps a key id to its key. Every signature must verify: raises ``UnknownKey`` for a key that is not given,
    ``BadSignature`` for one that fails.
    """
    message = pae(PAYLOAD_TYPE, envelope.payload)
    for number, signature in enumerate(envelope.signatures):
        where = f"signatures[{number}]"
        key = keys.get(signature.keyid)
        if key is None or key.keyid != signature.keyid:
            raise UnknownKey(keyid=signature.keyid, field=where)
        if problem := signature.fault(key, message):
            raise BadSignature(keyid=signature.keyid, problem=problem, field=where)
    return tuple(signature.keyid for signature in envelope.signatures)


def sign_statement(payload: bytes, *private_keys: PrivateKey) -> Envelope:
    """Wrap a payload with one signature by each key."""
    message = pae(PAYLOAD_TYPE, payload)
    signatures = []
    for private_key in private_keys:
        public = PublicKey.of(private_key)
        signatures.append(Signature(keyid=public.keyid, kind=public.kind, sig=sign(private_key, message)))
    return Envelope(payload=payload, signatures=tuple(signatures))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The header that all statements share, and the body as plain JSON."""

    type: str
    id: str  # UUIDv7
    issued_at: datetime
    issuer: str  # party id, UUIDv7
    nonce: bytes
    vocabulary: int
    body: dict[str, Json]
    digest: str


def parse_statement(payload: bytes) -> Statement:
    """Read a statement's payload; the body is left to the parser of its type."""
    reader = Reader(parse_canonical(payload, max_bytes=MAX_PAYLOAD_BYTES))
    type_ = reader.str("type")
    if type_ not in STATEMENT_TYPES:
        raise Malformed("unknown_type", field="type", value=type_)
    if (vocabulary := reader.int("vocabulary")) != VOCABULARY:
        raise Malformed("unknown_vocabulary", field="vocabulary", value=vocabulary, wanted=str(VOCABULARY))
    statement = Statement(
        type=type_,
        id=reader.uuid("id"),
        issued_at=reader.time("issued_at"),
        issuer=reader.uuid("issuer"),
        nonce=reader.base64("nonce", min_bytes=NONCE_BYTES, max_bytes=NONCE_BYTES),
        vocabulary=vocabulary,
        body=_object(reader.raw("body")),
        digest=sha256_hex(payload),
    )
    reader.finish()
    return statement


def format_statement(
    *,
    type: str,  # noqa: A002 - the header's own word
    id: str,  # noqa: A002 - the header's own word
    issued_at: datetime,
    issuer: str,
    nonce: bytes,
    body: Mapping[str, object],
) -> bytes:
    """Write a statement's payload; what ``parse_statement`` would refuse is refused here already."""
    payload = canonical(
        {
            "type": type,
            "id": id,
            "issued_at": format_time(issued_at),
            "issuer": issuer,
            "nonce": base64.b64encode(nonce).decode(),
            "vocabulary": VOCABULARY,
            "body": dict(body),
        }
    )
    parse_statement(payload)
    return payload


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Malformed("bad_type", field="body", wanted="an object")
    return value
