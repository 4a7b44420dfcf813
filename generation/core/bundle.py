"""
A shot's papers as one JSON object, and the keys by which they are judged (``docs/formats.md`` section 8).

``Bundle.parse`` and ``Trust.parse`` read the closed forms; what they refuse is no bundle at all. What a bundle claims
is believed nowhere before ``generation.core.verify`` has checked it; statements, requests and facts stay as they came.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cryptography import x509

from consent.core.vouched import Vouched
from registry.core.checkpoint import VerifierKey
from registry.core.envelope import Envelope, canonical, sha256_hex
from registry.core.errors import BadKey, Malformed
from registry.core.fields import MAX_LONG_TEXT, Reader, read_digest, read_str, require_sorted
from registry.core.jcs import Json
from registry.core.keys import KINDS, MAX_SPKI_BYTES, PublicKey

MAX_STATEMENTS = 20_000  # a shot reads some hundred; a hostile bundle should not keep a machine busy for an hour
MAX_KEYS = 100  # of each kind in a trust
MAX_PROOF_CHARS = 128 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom somebody believes: logs, registries, and the roots under which files are sealed."""

    log: tuple[VerifierKey, ...]
    registry: tuple[PublicKey, ...]
    c2pa: tuple[str, ...]  # PEM, one certificate each

    @classmethod
    def parse(cls, obj: object, path: str = "trust") -> "Trust":
        body = Reader(obj, path)
        trust = cls(
            log=body.list_of("log", _vkey, max_items=MAX_KEYS),
            registry=body.list_of("registry", _spki, max_items=MAX_KEYS),
            c2pa=body.list_of("c2pa", _certificate, max_items=MAX_KEYS),
        )
        body.finish()
        return trust

    def format(self) -> dict[str, Json]:
        return {
            "log": [vkey.format() for vkey in self.log],
            "registry": [base64.b64encode(key.spki).decode() for key in self.registry],
            "c2pa": list(self.c2pa),
        }

    @property
    def sha256(self) -> str:
        """What ``--pin`` is compared with."""
        return sha256_hex(canonical(self.format()))

    def __or__(self, other: "Trust") -> "Trust":
        """Return the keys of both, each once."""
        return Trust(
            log=tuple(dict.fromkeys(self.log + other.log)),
            registry=tuple(dict.fromkeys(self.registry + other.registry)),
            c2pa=tuple(dict.fromkeys(self.c2pa + other.c2pa)),
        )


NO_TRUST = Trust(log=(), registry=(), c2pa=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipted:
    """A statement's envelope and, where it was published, its receipt."""

    envelope: Envelope
    proof: str | None

    @classmethod
    def parse(cls, obj: object, path: str) -> "Receipted":
        body = Reader(obj, path)
        proof = body.raw("proof")
        found = cls(
            envelope=Envelope.parse(body.raw("envelope"), body.at("envelope")),
            proof=None if proof is None else read_str(proof, body.at("proof"), max_chars=MAX_PROOF_CHARS),
        )
        body.finish()
        return found

    def format(self) -> dict[str, Json]:
        return {"envelope": self.envelope.format(), "proof": self.proof}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision: the statement that logged it, and all that is needed to make it again."""

    digest: str
    request: Json
    vouched: Vouched
    digests: tuple[str, ...]  # of the statements that it read

    @classmethod
    def parse(cls, obj: object, path: str) -> "Decided":
        body = Reader(obj, path)
        digests = body.list_of("digests", read_digest, max_items=MAX_STATEMENTS)
        require_sorted(digests, body.at("digests"))
        decided = cls(
            digest=body.digest("digest"),
            request=body.raw("request"),
            vouched=Vouched.parse(body.raw("vouched"), body.at("vouched")),
            digests=digests,
        )
        body.finish()
        return decided

    def format(self) -> dict[str, Json]:
        return {
            "digest": self.digest,
            "request": self.request,
            "vouched": self.vouched.format(),
            "digests": list(self.digests),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    output_sha256: str
    trust: Trust
    statements: Mapping[str, Receipted]  # by digest
    clearance: Decided
    release: Decided

    @classmethod
    def parse(cls, obj: object) -> "Bundle":
        body = Reader(obj)
        body.int("v", 1, 1)
        statements = body.list_of("statements", Receipted.parse, max_items=MAX_STATEMENTS)
        by_digest = {statement.envelope.digest: statement for statement in statements}
        if len(by_digest) != len(statements):
            raise Malformed("duplicate_value", field="statements", wanted="each statement once")
        bundle = cls(
            output_sha256=body.digest("output_sha256"),
            trust=Trust.parse(body.raw("trust")),
            statements=MappingProxyType(by_digest),
            clearance=Decided.parse(body.raw("clearance"), "clearance"),
            release=Decided.parse(body.raw("release"), "release"),
        )
        body.finish()
        return bundle

    def format(self) -> dict[str, Any]:
        return {
            "v": 1,
            "output_sha256": self.output_sha256,
            "trust": self.trust.format(),
            "statements": [self.statements[digest].format() for digest in sorted(self.statements)],
            "clearance": self.clearance.format(),
            "release": self.release.format(),
        }


def public_key(spki: bytes) -> PublicKey:
    """Return the key of these bytes, whichever kind it is; raises ``BadKey``."""
    for kind in sorted(KINDS):
        if KINDS[kind].check(spki) is None:
            return PublicKey(kind=kind, spki=spki)
    raise BadKey(kind=" | ".join(sorted(KINDS)), problem="the bytes are no key of a known kind")


def _vkey(value: object, path: str) -> VerifierKey:
    return VerifierKey.parse(read_str(value, path))


def _spki(value: object, path: str) -> PublicKey:
    text = read_str(value, path, max_chars=MAX_SPKI_BYTES * 2)
    body = Reader({"spki": text}, path)
    return public_key(body.base64("spki", max_bytes=MAX_SPKI_BYTES))


def _certificate(value: object, path: str) -> str:
    pem = read_str(value, path, max_chars=MAX_LONG_TEXT)
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise Malformed("bad_value", field=path, wanted="one certificate in PEM") from error
    if len(found) != 1:
        raise Malformed("bad_value", field=path, wanted="one certificate in PEM")
    return pem
