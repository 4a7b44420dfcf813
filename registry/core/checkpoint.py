"""
Checkpoints and receipts of the log: C2SP tlog-checkpoint 1.0 and tlog-proof v1.

A checkpoint is the signed note ``origin, size, root``, signed by any number of the log's keys and of its witnesses. A
receipt is a file that proves one entry to whoever has a verifier key of the log and nothing else:

1. The checkpoint inside is signed by that key, and its origin is the key's name.
2. The index is within the checkpoint's size.
3. The hashes lead from the entry to the checkpoint's root, none missing and none left over.

Whoever knows several keys of the log believes a checkpoint that one of them signed, as long as none of the others
signed falsely: who no longer believes in Ed25519 knows the ML-DSA-44 key alone. ``extra`` in a receipt is signed by
nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from registry.core.errors import BadNote, BadProof
from registry.core.lines import after, at, below, decode_base64, encode_base64, read_decimal
from registry.core.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash, verify_inclusion
from registry.core.note import MAX_NOTE_BYTES, Note, NoteSignature, NoteSigner, VerifierKey, sign_note, verify_note
from registry.core.treehead import Checkpoint

__all__ = [
    "Checkpoint",
    "Note",
    "NoteSignature",
    "NoteSigner",
    "Proof",
    "VerifierKey",
    "open_checkpoint",
    "sign_checkpoint",
    "sign_note",
    "verify_checkpoint",
    "verify_note",
]

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF_HASHES: Final = 63  # the height of a tree of 2^63 leaves
MAX_PROOF_BYTES: Final = MAX_NOTE_BYTES + 16 * 1024  # a checkpoint, 63 lines of 45 bytes, and something extra


def sign_checkpoint(checkpoint: Checkpoint, *signers: NoteSigner, time_s: int = 0) -> bytes:
    """Return the signed note; the name of a log's key is its origin."""
    return sign_note(checkpoint.format(), *signers, time_s=time_s).format()


def open_checkpoint(data: bytes, *keys: VerifierKey) -> Checkpoint:
    """Verify a signed checkpoint by keys of its log, one of which must have signed it, then read it."""
    note = Note.parse(data)
    verify_checkpoint(note, keys)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise BadNote(problem="the root of no entries is the SHA-256 of nothing", line=3)
    return checkpoint


def verify_checkpoint(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return the keys of the log that signed its checkpoint, extensions and all; raises ``BadNote``."""
    signers = verify_note(note, keys)
    checkpoint = Checkpoint.parse(note.text)
    own = tuple(key for key in signers if key.name == checkpoint.origin and key.kind.by_log)
    if not own:
        named = f"the checkpoint is of `{checkpoint.origin[:80]}`, the key of `{signers[0].name[:80]}`"
        raise BadNote(problem=named, line=1)
    if checkpoint.extensions and not any(key.kind.signs_extensions for key in own):
        raise BadNote(problem="no known key signed the extensions of the checkpoint", line=4)
    return own


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A receipt: this entry is number ``index`` under this checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_text: str  # the signed note, verbatim
    extra: bytes | None = None  # signed by nobody

    @classmethod
    def parse(cls, data: bytes) -> "Proof":
        """Read a receipt; the checkpoint inside stays as it was signed."""
        if len(data) > MAX_PROOF_BYTES:
            raise BadNote(problem=f"the proof has more than `{MAX_PROOF_BYTES}` bytes")
        try:
            head, gap, checkpoint_text = data.decode("utf-8").partition("\n\n")
        except UnicodeDecodeError as error:
            raise BadNote(problem="the proof is not UTF-8", line=data.count(b"\n", 0, error.start) + 1) from error
        header, *lines = head.split("\n")
        if header != PROOF_HEADER:
            raise BadNote(problem=f"not a file of the form `{PROOF_HEADER}`", line=1)
        if not gap:
            raise BadNote(problem="no empty line parts the proof from its checkpoint", line=len(lines) + 2)
        extra, index, hashes = _parse_head(lines)
        return cls(index=index, hashes=hashes, checkpoint_text=checkpoint_text, extra=extra)

    def format(self) -> bytes:
        return ("\n".join(self._head()) + "\n\n" + self.checkpoint_text).encode()

    def verify(self, entry: bytes, *keys: VerifierKey) -> Checkpoint:
        """Return the checkpoint under which ``entry`` is proven; raises ``BadNote`` or ``BadProof``."""
        head = self._head()
        with below(len(head) + 1):
            checkpoint = open_checkpoint(self.checkpoint_text.encode(), *keys)
        if self.index >= checkpoint.size:
            problem = f"index `{self.index}` is not in a tree of `{checkpoint.size}` leaves"
            raise BadProof(problem=problem, line=len(head) - len(self.hashes))
        verify_inclusion(self.index, checkpoint.size, leaf_hash(entry), self.hashes, checkpoint.root)
        return checkpoint

    def _head(self) -> list[str]:
        """Return the lines above the empty one."""
        lines = [PROOF_HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        return lines + [encode_base64(value) for value in self.hashes]


def _parse_head(lines: Sequence[str]) -> tuple[bytes | None, int, tuple[bytes, ...]]:
    """Read ``extra``, index and hashes from what stands below the header."""
    extra, line = None, 2
    if lines and lines[0].startswith("extra "):
        with at(line):
            extra = decode_base64(after("extra ", lines[0]))
        lines, line = lines[1:], line + 1
    with at(line):
        index = read_decimal(after("index ", lines[0] if lines else ""))
    return extra, index, read_hashes(lines[1:], line + 1)


def read_hashes(lines: Sequence[str], first: int) -> tuple[bytes, ...]:
    """Read the hashes of a Merkle proof, one a line; ``first`` is the number of the first line."""
    if len(lines) > MAX_PROOF_HASHES:
        raise BadNote(problem=f"a proof has at most `{MAX_PROOF_HASHES}` hashes", line=first + MAX_PROOF_HASHES)
    hashes = []
    for place, text in enumerate(lines):
        with at(first + place):
            hashes.append(decode_base64(text))
            if len(hashes[-1]) != HASH_BYTES:
                raise BadNote(problem=f"`{text[:80]}` is not the base64 of `{HASH_BYTES}` bytes")
    return tuple(hashes)
