"""
Cosign what a log's checkpoints say, as long as they never contradict each other (C2SP tlog-witness, tlog-cosignature).

A witness keeps one thing of each log: the newest checkpoint it cosigned. ``add_checkpoint`` takes the next one:

1. Its form: 400 names the line at fault.
2. Its log is one of those that are watched, else 404; one of the log's keys signed all of it, and no known key falsely,
   else 403: extension lines, which ML-DSA-44 does not sign, would go under our name as anybody wrote them.
3. The size it says we cosigned last is no larger than its own, else 400.
4. Under the log's lock: that size is the one we cosigned, else 409 with the right one.
5. It extends what we cosigned, by the proof that came with it, else 422: the first checkpoint needs no proof and may
   have none, and one of the same size has the same root. Two roots of one size are kept: they prove a fraud.
6. Cosign, at a time that never goes back, and keep what we cosigned on disk. Then answer.

A crash before the answer leaves us knowing more than the log was told: its next try gets a 409 with the size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.core.checkpoint import Checkpoint, Note, NoteSignature, NoteSigner, VerifierKey, verify_checkpoint
from registry.core.errors import BadNote, BadProof, DomainError
from registry.core.merkle import EMPTY_ROOT, verify_consistency
from registry.core.note import format_signatures
from registry.core.submission import Submission
from registry.watch.witness_state import States

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    content_type: str = TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Whom we watch, how we sign, and what we remember."""

    logs: Mapping[str, tuple[VerifierKey, ...]]  # by origin
    signers: tuple[NoteSigner, ...]
    states: States

    def add_checkpoint(self, body: bytes, *, now_s: int) -> Answer:
        """Answer one submission; ``now_s`` is the time, seconds since 1970."""
        try:
            submission = Submission.parse(body)
        except BadNote as error:
            return _refusal(400, error)
        checkpoint = submission.checkpoint
        if checkpoint.origin not in self.logs:
            return _refusal(404, f"`{checkpoint.origin[:80]}` is not watched here")
        try:
            note = self._signed(submission.note, checkpoint.origin)
        except BadNote as error:
            return _refusal(403, error)
        if submission.old_size > checkpoint.size:
            return _refusal(400, f"from size `{submission.old_size}` nothing leads back to `{checkpoint.size}`")
        with self.states.locked(checkpoint.origin):
            return self._advance(submission, checkpoint, note, now_s)

    def _signed(self, note: Note, origin: str) -> Note:
        """Return the note with the signatures of the log's keys alone; raises ``BadNote`` where none signed."""
        keys = verify_checkpoint(note, self.logs[origin])
        own = tuple(signature for signature in note.signatures if any(signature.is_of(key) for key in keys))
        return Note(text=note.text, signatures=own)

    def _advance(self, submission: Submission, checkpoint: Checkpoint, note: Note, now_s: int) -> Answer:
        """Check and set; the caller holds the log's lock."""
        last = self.states.read(checkpoint.origin)
        seen = None if last is None else Checkpoint.parse(last.text)
        if submission.old_size != (size := 0 if seen is None else seen.size):
            return Answer(status=409, body=f"{size}\n".encode(), content_type=SIZE)
        try:
            _check_extends(seen, checkpoint, submission.proof)
        except BadProof as error:
            if seen is not None and seen.size == checkpoint.size and seen.root != checkpoint.root:
                self.states.keep_fork(checkpoint.origin, note)
            return _refusal(422, error)
        time_s = max(now_s, _cosigned_at(last, self.signers))
        signatures = [signer.signature(note.text, time_s=time_s) for signer in self.signers]
        self.states.write(checkpoint.origin, note.signed_also(signatures))
        # A crash here: we remember a checkpoint that nobody was given our word for. The next try gets a 409.
        return Answer(status=200, body=format_signatures(signatures).encode())


def _check_extends(seen: Checkpoint | None, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    """Raise ``BadProof`` unless the proof leads from what we saw to this; RFC 6962 has none from an empty tree."""
    if seen is not None and seen.size > 0:
        verify_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root, proof)
    elif proof:
        raise BadProof(problem="nothing is to be proven from an empty tree", line=2)
    elif checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise BadProof(problem="an empty tree has another root")


def _cosigned_at(last: Note | None, signers: Sequence[NoteSigner]) -> int:
    """Return the latest time that we put our names to; a clock may go back, our word may not."""
    own: list[NoteSignature] = []
    if last is not None:
        own = [signature for signature in last.signatures if any(signature.is_of(one.key) for one in signers)]
    return max((signature.time_s for signature in own), default=0)


def _refusal(status: int, why: DomainError | str) -> Answer:
    return Answer(status=status, body=f"{why}\n".encode())
