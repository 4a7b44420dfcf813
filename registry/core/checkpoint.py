"""
Checkpoints and receipts of the log: C2SP tlog-checkpoint 1.0 and tlog-proof v1.

A checkpoint is the signed note ``origin, size, root``. A receipt is a file that proves one entry to whoever has the
log's verifier key and nothing else:

1. The checkpoint inside is signed by that key, and its origin is the key's name.
2. The index is within the checkpoint's size.
3. The hashes lead from the entry to the checkpoint's root, none missing and none left over.

``extra`` in a receipt is signed by nobody.
"""

import base64
import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.errors import BadNote
from registry.core.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from registry.core.note import Note, NoteSignature, VerifierKey, decode_base64, sign_note, verify_note

__all__ = [
    "Checkpoint",
    "Note",
    "NoteSignature",
    "Proof",
    "VerifierKey",
    "open_checkpoint",
    "sign_checkpoint",
    "sign_note",
    "verify_note",
]

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF_HASHES: Final = 63  # the height of a tree of 2^63 leaves
MAX_PROOF_BYTES: Final = 128 * 1024

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a log says of itself: so many entries, under this root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()  # further lines, which the format allows and we never write

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise BadNote(problem="a checkpoint's origin is one line")
        if self.size < 0 or len(self.root) != HASH_BYTES:
            raise BadNote(problem="a checkpoint has a size and a root of 32 bytes")
        if any(not line or "\n" in line for line in self.extensions):
            raise BadNote(problem="an extension of a checkpoint is one line that is not empty")

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a note as a checkpoint."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop():
            raise BadNote(problem="a checkpoint has the lines origin, size and root")
        origin, size, root, *extensions = lines
        return cls(origin=origin, size=_decimal(size), root=decode_base64(root), extensions=tuple(extensions))

    def format(self) -> str:
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "\n".join(lines) + "\n"


def sign_checkpoint(checkpoint: Checkpoint, private_key: Ed25519PrivateKey) -> bytes:
    """Return the signed note; the key's name is the origin."""
    return sign_note(checkpoint.format(), checkpoint.origin, private_key).format()


def open_checkpoint(data: bytes, vkey: VerifierKey) -> Checkpoint:
    """Verify a signed checkpoint by the log's key, then read it."""
    note = Note.parse(data)
    verify_note(note, [vkey])
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != vkey.name:
        raise BadNote(problem=f"the checkpoint is of `{checkpoint.origin[:80]}`, the key of `{vkey.name[:80]}`")
    return checkpoint


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
            raise BadNote(problem="the proof is not UTF-8") from error
        header, *lines = head.split("\n")
        if header != PROOF_HEADER or not gap:
            raise BadNote(problem=f"not a file of the form `{PROOF_HEADER}`")
        extra = decode_base64(_after("extra ", lines.pop(0))) if lines and lines[0].startswith("extra ") else None
        if not lines or len(lines) > 1 + MAX_PROOF_HASHES:
            raise BadNote(problem="a proof has an index and at most `63` hashes")
        index = _decimal(_after("index ", lines.pop(0)))
        return cls(index=index, hashes=tuple(map(decode_base64, lines)), checkpoint_text=checkpoint_text, extra=extra)

    def format(self) -> bytes:
        lines = [PROOF_HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(value).decode() for value in self.hashes]
        return ("\n".join(lines) + "\n\n" + self.checkpoint_text).encode()

    def verify(self, entry: bytes, vkey: VerifierKey) -> Checkpoint:
        """Return the checkpoint under which ``entry`` is proven; raises ``BadNote`` or ``BadProof``."""
        checkpoint = open_checkpoint(self.checkpoint_text.encode(), vkey)
        verify_inclusion(self.index, checkpoint.size, leaf_hash(entry), self.hashes, checkpoint.root)
        return checkpoint


def _decimal(text: str) -> int:
    if not _DECIMAL.fullmatch(text):
        raise BadNote(problem=f"`{text[:80]}` is not a whole number without leading zeros")
    return int(text)


def _after(prefix: str, line: str) -> str:
    if not line.startswith(prefix):
        raise BadNote(problem=f"`{line[:80]}` does not start with `{prefix.strip()}`")
    return line[len(prefix) :]
