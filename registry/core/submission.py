"""
What a log sends to a witness: the body of C2SP tlog-witness ``add-checkpoint``.

::

    old <size of the tree that the witness cosigned last, 0 for none>
    <base64 of a hash of the proof of consistency>…

    <the signed checkpoint, verbatim>
"""

from dataclasses import dataclass
from typing import Final

from registry.core.checkpoint import MAX_PROOF_HASHES, read_hashes
from registry.core.errors import BadNote
from registry.core.lines import after, at, below, encode_base64, read_decimal
from registry.core.note import MAX_NOTE_BYTES, Note
from registry.core.treehead import Checkpoint

MAX_SUBMISSION_BYTES: Final = MAX_NOTE_BYTES + 64 * (MAX_PROOF_HASHES + 1)  # a line of a hash takes 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A checkpoint that a log asks a witness to cosign; nothing is verified yet."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note

    @classmethod
    def parse(cls, data: bytes) -> "Submission":
        """Read a body; raises ``BadNote`` with the line at fault."""
        if len(data) > MAX_SUBMISSION_BYTES:
            raise BadNote(problem=f"the submission has more than `{MAX_SUBMISSION_BYTES}` bytes")
        head, gap, rest = data.partition(b"\n\n")
        if not gap:
            raise BadNote(problem="no empty line parts the proof from the checkpoint", line=data.count(b"\n") + 1)
        first, *hashes = head.decode("utf-8", "replace").split("\n")
        with at(1):
            old_size = read_decimal(after("old ", first))
        proof = read_hashes(hashes, 2)
        with below(len(hashes) + 2):
            note = Note.parse(rest)
            Checkpoint.parse(note.text)
        return cls(old_size=old_size, proof=proof, note=note)

    def format(self) -> bytes:
        lines = [f"old {self.old_size}", *map(encode_base64, self.proof)]
        return ("\n".join(lines) + "\n\n").encode() + self.note.format()

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint.parse(self.note.text)
