"""
Whose names are gone from the text of a record: `erasures.json`.

A text is signed as it was shown, names of others in it. Whoever is erased takes their name along, out of all that names
them; what is left hashes to something else than what was signed. For each name that is gone a record holds the log's
entry of the erasure, with its receipt:

1. The entry is an `erasure.done`, in the same log and after the statement: no new statement names somebody erased.
2. The party stands in the text by its id, where the name was.

The `erasure.done` itself is left out, as it lists all that was kept of the person. So whose erasure it was, and that
nothing but the name is gone, is the registry's word: such a text is consistent, never proven.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from generation.core.bundle import MAX_PROOF_CHARS
from generation.core.inclusion import check_checkpoints
from generation.core.steps import require
from generation.core.trust import Signed
from registry.core.checkpoint import Proof, VerifierKey
from registry.core.entry import entry_bytes
from registry.core.fields import Reader
from registry.core.jcs import Json
from registry.core.merkle import leaf_hash, verify_inclusion
from registry.core.times import format_time

ERASURE: Final = "erasure.done"
MAX_ERASED: Final = 50  # people named in one text


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """One party whose name is gone: when, by which statement of the registry, and where that stands in the log."""

    party: str
    at: datetime
    digest: str  # of the `erasure.done`
    envelope_sha256: str
    proof: str  # tlog-proof

    @classmethod
    def parse(cls, obj: object, path: str) -> "Erased":
        body = Reader(obj, path)
        found = cls(
            party=body.uuid("party"),
            at=body.time("at"),
            digest=body.digest("digest"),
            envelope_sha256=body.digest("envelope"),
            proof=body.str("proof", max_chars=MAX_PROOF_CHARS),
        )
        body.finish()
        return found

    def format(self) -> dict[str, Json]:
        return {
            "party": self.party,
            "at": format_time(self.at),
            "digest": self.digest,
            "envelope": self.envelope_sha256,
            "proof": self.proof,
        }

    @property
    def entry(self) -> bytes:
        return entry_bytes(digest=self.digest, envelope_sha256=self.envelope_sha256, type=ERASURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """An erasure that the log holds."""

    erased: Erased
    index: int
    under: Signed  # the checkpoint under which that is proven

    def __str__(self) -> str:
        one = self.erased
        return f"party `{one.party}` at {format_time(one.at)} by `{one.digest}`, entry {self.index}"


def parse_erasures(obj: object) -> tuple[Erased, ...]:
    """Read `erasures.json`; one that names nobody is none."""
    body = Reader(obj)
    body.int("v", 1, 1)
    found = body.list_of("erasures", Erased.parse, min_items=1, max_items=MAX_ERASED)
    body.finish()
    return found


def format_erasures(erased: Collection[Erased]) -> Mapping[str, Json]:
    return {"v": 1, "erasures": [one.format() for one in erased]}


def check_erasures(
    erased: Collection[Erased], *, text: str, before: Proof, known: tuple[VerifierKey, ...]
) -> tuple[Gone, ...]:
    """Check each against the log and the text that is left; raises where one does not hold."""
    parties = [one.party for one in erased]
    require(len(set(parties)) == len(parties), "one party is erased twice")
    return tuple(_checked(one, text, before, known) for one in erased)


def _checked(one: Erased, text: str, before: Proof, known: tuple[VerifierKey, ...]) -> Gone:
    require(one.party in text, f"party `{one.party}`, whose name is said to be gone, does not stand in the text")
    proof = Proof.parse(one.proof.encode())
    require(proof.extra is None, "the receipt of an erasure carries `extra`, which nobody signed")
    checked = check_checkpoints([proof.checkpoint_text, before.checkpoint_text], known)
    under = next(found for found in checked.signed if found.note.format().decode() == proof.checkpoint_text)
    point = under.checkpoint
    verify_inclusion(proof.index, point.size, leaf_hash(one.entry), proof.hashes, point.root)
    early = f"the erasure `{one.digest}` is entry {proof.index}, before the statement at {before.index}"
    require(proof.index > before.index, early)
    return Gone(erased=one, index=proof.index, under=under)
