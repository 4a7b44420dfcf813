"""
What a monitor believes of a signed checkpoint, and what the times in its signatures say.

1. The note is of the log that is watched, and each kind of key that is known of it (Ed25519, ML-DSA-44) signed.
2. A time in a signature of the log lies in the past, as far as clocks agree; one of a witness that does not is no word
   of that witness.
3. ``quorum`` of the known witnesses cosigned.

A timed signature says: by then this was the largest tree of the log that I had seen (C2SP tlog-cosignature). So one key
that says a smaller tree at a later time contradicts itself, whoever asks and in whatever order.
"""

from dataclasses import dataclass, replace
from typing import Final

from registry.core.checkpoint import Checkpoint, Note, VerifierKey, open_checkpoint
from registry.core.errors import BadNote
from registry.core.quorum import Cosigned, QuorumMissing, check_witnesses, cosigned

CLOCKS_DIFFER_S: Final = 300  # how far the clocks of honest machines are apart at most


class OtherOrigin(BadNote):
    """A checkpoint of another log than the one that is watched."""

    code = "other_origin"


class FromTheFuture(BadNote):
    """A checkpoint that its log signed at a time that has not come."""

    code = "from_the_future"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A checkpoint with the bytes that were signed."""

    note: bytes
    checkpoint: Checkpoint
    times: tuple[tuple[VerifierKey, int], ...]  # of the log's own timed signatures, in seconds since 1970

    @property
    def size(self) -> int:
        return self.checkpoint.size

    def contradicts(self, other: "Seen") -> VerifierKey | None:
        """Return a key of the log that said, of these two sizes, the smaller one later."""
        small, large = sorted((self, other), key=lambda seen: seen.size)
        said = dict(large.times)
        for key, time_s in small.times:
            if key in said and small.size < large.size and time_s > said[key] + CLOCKS_DIFFER_S:
                return key
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Whom a monitor believes: keys of one log, and the witnesses that it asks for."""

    log: tuple[VerifierKey, ...]
    witnesses: tuple[VerifierKey, ...] = ()
    quorum: int = 0

    def __post_init__(self) -> None:
        if len({key.name for key in self.log}) != 1:
            raise BadNote(problem="a monitor needs the verifier keys of one log")
        if not all(key.kind.by_log for key in self.log):
            raise BadNote(problem="a log signs with keys of type 1 or 6")
        check_witnesses(self.witnesses)
        if self.quorum > len({key.name for key in self.witnesses}):
            raise BadNote(problem=f"`{self.quorum}` witnesses are asked for and fewer are known")

    @property
    def origin(self) -> str:
        return self.log[0].name

    def and_earlier(self, earlier: tuple[VerifierKey, ...]) -> "Keys":
        """Return these with keys of the log that were believed before: for what was verified then, nothing new."""
        return replace(self, log=tuple(dict.fromkeys((*self.log, *earlier))))

    def open(self, data: bytes) -> Seen:
        """Verify that the log signed with every kind of key that is known of it; raises ``BadNote``."""
        note = Note.parse(data)
        origin = Checkpoint.parse(note.text).origin
        if origin != self.origin:
            raise OtherOrigin(problem=f"the checkpoint is of `{origin[:80]}`, not of `{self.origin[:80]}`", line=1)
        checkpoint = open_checkpoint(data, *self.log)  # no known key signed falsely: whoever stands there signed
        signers = tuple(key for key in self.log if any(one.is_of(key) for one in note.signatures))
        for lacking in {key.type: key for key in self.log}.keys() - {key.type for key in signers}:
            raise BadNote(problem=f"no key of type `{lacking}` of the log signed the checkpoint")
        return Seen(note=data, checkpoint=checkpoint, times=_times(note, signers))

    def check(self, seen: Seen, *, at_s: int) -> tuple[Cosigned, ...]:
        """
        Check time and witnesses; return the witnesses whose clocks run ahead, and whose word was not counted.

        Raises ``FromTheFuture``, ``QuorumMissing``, and ``BadNote`` where a known witness signed falsely.
        """
        for key, time_s in seen.times:
            if time_s > at_s + CLOCKS_DIFFER_S:
                ahead_s = time_s - at_s
                raise FromTheFuture(problem=f"`{key.name[:80]}` signed at a time that is `{ahead_s}` seconds away")
        found = cosigned(Note.parse(seen.note), self.witnesses)
        ahead = tuple(one for one in found if one.time_s > at_s + CLOCKS_DIFFER_S)
        if len(found) - len(ahead) < self.quorum:
            raise QuorumMissing(size=seen.size, have=len(found) - len(ahead), quorum=self.quorum)
        return ahead

    def witnesses_of(self, seen: Seen) -> frozenset[str]:
        """Return the names of the known witnesses that cosigned; none where one of them signed falsely."""
        try:
            return frozenset(one.key.name for one in cosigned(Note.parse(seen.note), self.witnesses))
        except BadNote:
            return frozenset()


def _times(note: Note, signers: tuple[VerifierKey, ...]) -> tuple[tuple[VerifierKey, int], ...]:
    """Return the times of the timed signatures, which verified; 0 says nothing."""
    timed = [(key, one.time_s) for key in signers if key.kind.timed for one in note.signatures if one.is_of(key)]
    return tuple((key, time_s) for key, time_s in timed if time_s)
