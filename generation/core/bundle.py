"""
A shot's papers as one JSON object (``docs/formats.md`` section 8).

``Bundle.parse`` reads the closed form; what it refuses is no bundle at all. What a bundle claims is believed nowhere
before ``generation.core.verify`` has checked it; statements, requests and facts stay as they came.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from consent.core.vouched import Vouched
from generation.core.trust import Trust
from registry.core.envelope import Envelope
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_digest, read_str, require_sorted
from registry.core.jcs import Json

MAX_STATEMENTS = 20_000  # a shot reads some hundred; a hostile bundle should not keep a machine busy for an hour
MAX_PROOF_CHARS = 128 * 1024


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
