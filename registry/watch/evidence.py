"""
Evidence that a log lied, as a file that anyone can check with the log's verifier key and nothing else.

::

    {"v":1,"kind":"…","seen_at":"…","where":"…","earlier":"<note>","later":"<note>"|null,"root":"<hex>"|null,"proof":["<base64>"…]}

What each kind proves, by the log's own signatures:

- ``fork``: two trees of one size.
- ``rewritten``: the larger tree begins otherwise than the smaller one. ``root`` is what its first entries really have,
  and ``proof``, a proof of consistency of RFC 6962, leads from there to the larger root; so the smaller was changed.
- ``backdated``: one key of the log said of two sizes the smaller one later.
- ``rollback``: the larger tree was served before the smaller one. Two such checkpoints are not wrong in themselves; the
  order is the word of whoever kept the file, unless the times in the signatures say it too.
- ``from_the_future``: one checkpoint (``earlier``), signed at a time after ``seen_at``, which is the keeper's word.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast, get_args

from registry.core.checkpoint import MAX_PROOF_HASHES
from registry.core.errors import BadNote, BadProof
from registry.core.fields import Reader, read_base64
from registry.core.jcs import Json, canonical, parse_json, sha256_hex
from registry.core.merkle import HASH_BYTES, verify_consistency
from registry.core.note import MAX_NOTE_BYTES
from registry.core.times import format_time, to_epoch_s
from registry.watch.signed import CLOCKS_DIFFER_S, Keys, Seen

EvidenceKind = Literal["backdated", "fork", "from_the_future", "rewritten", "rollback"]
KINDS: Final = frozenset(get_args(EvidenceKind))
MAX_EVIDENCE_BYTES: Final = 4 * MAX_NOTE_BYTES


class ProvesNothing(BadProof):
    """A file of evidence that does not show what it says."""

    code = "proves_nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a file of evidence shows."""

    proven: bool  # by signatures alone; otherwise by them and the word of whoever kept the file
    witnesses: frozenset[str]  # known ones that cosigned both, which an honest one does not


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Two signed checkpoints that one honest log does not sign, or does not serve in this order."""

    kind: EvidenceKind
    seen_at: datetime
    where: str  # from which the later one was read
    earlier: bytes
    later: bytes | None
    root: bytes | None = None
    proof: tuple[bytes, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> "Evidence":
        body = Reader(parse_json(data, max_bytes=MAX_EVIDENCE_BYTES))
        body.int("v", 1, 1)
        found = cls(
            kind=cast(EvidenceKind, body.choice("kind", KINDS)),
            seen_at=body.time("seen_at"),
            where=body.str("where", max_chars=2000),
            earlier=_note(body, "earlier"),
            later=_note(body, "later") if body.raw("later") is not None else None,
            root=bytes.fromhex(body.digest("root")) if body.raw("root") is not None else None,
            proof=body.list_of("proof", _hash, max_items=MAX_PROOF_HASHES),
        )
        body.finish()
        return found

    def format(self) -> bytes:
        fields: Mapping[str, Json] = {
            "v": 1,
            "kind": self.kind,
            "seen_at": format_time(self.seen_at),
            "where": self.where,
            "earlier": self.earlier.decode(),
            "later": None if self.later is None else self.later.decode(),
            "root": None if self.root is None else self.root.hex(),
            "proof": [base64.b64encode(value).decode() for value in self.proof],
        }
        return canonical(fields)

    @property
    def file_name(self) -> str:
        """Name the file by what it proves, so that one contradiction is kept once however often it is seen."""
        both = sorted((self.earlier, self.later or b""))
        return f"{self.kind}-{sha256_hex(b''.join(both))[:16]}.json"

    def verify(self, keys: Keys) -> Verdict:
        """Check it by the log's keys; raises ``ProvesNothing``, or ``BadNote`` where the log did not sign."""
        earlier = keys.open(self.earlier)
        if self.kind == "from_the_future":
            self._check_future(earlier)
            return Verdict(proven=False, witnesses=frozenset())
        if self.later is None:
            raise ProvesNothing(problem="a second checkpoint is missing")
        later = keys.open(self.later)
        proven = self._check_pair(earlier, later)
        both = keys.witnesses_of(earlier) & keys.witnesses_of(later)
        return Verdict(proven=proven, witnesses=both if self.kind in ("fork", "rewritten") else frozenset())

    def _check_future(self, seen: Seen) -> None:
        if not any(time_s > to_epoch_s(self.seen_at) + CLOCKS_DIFFER_S for _, time_s in seen.times):
            raise ProvesNothing(problem="no time in the checkpoint's signatures lies after it was seen")

    def _check_pair(self, earlier: Seen, later: Seen) -> bool:
        small, large = sorted((earlier, later), key=lambda seen: seen.size)
        match self.kind:
            case "fork":
                if small.size != large.size or small.checkpoint.root == large.checkpoint.root:
                    raise ProvesNothing(problem="the two checkpoints are not two trees of one size")
            case "rewritten":
                self._check_rewritten(small, large)
            case "backdated":
                if small.contradicts(large) is None:
                    raise ProvesNothing(problem="the times in the signatures rise with the sizes")
            case _:
                if later.size >= earlier.size:
                    raise ProvesNothing(problem="the later checkpoint is not smaller than the earlier one")
                return small.contradicts(large) is not None
        return True

    def _check_rewritten(self, small: Seen, large: Seen) -> None:
        if self.root is None or self.root == small.checkpoint.root or small.size == large.size:
            raise ProvesNothing(problem="it does not say how else the larger tree begins")
        try:
            verify_consistency(small.size, large.size, self.root, large.checkpoint.root, self.proof)
        except BadProof as error:
            raise ProvesNothing(problem=error.problem) from error


def _note(body: Reader, name: str) -> bytes:
    """Take a signed note, which has its own format and control characters but line feeds in none."""
    value = body.raw(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NOTE_BYTES:
        raise BadNote(problem=f"`{name}` is not a signed note")
    return value.encode()


def _hash(value: object, path: str) -> bytes:
    return read_base64(value, path, min_bytes=HASH_BYTES, max_bytes=HASH_BYTES)
