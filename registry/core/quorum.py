"""
Witnesses of a checkpoint: who cosigned it, and whether enough of them did (C2SP tlog-cosignature).

1. A cosignature by a key that we do not know is ignored; a known one that fails refuses the note.
2. A witness is a name: two keys of one name are one witness. Two names of one public key are refused, because an
   Ed25519 cosignature does not commit to its signer's name.
3. The log is no witness of itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from registry.core.errors import BadNote, DomainError
from registry.core.note import Note, VerifierKey, verify_note
from registry.core.treehead import Checkpoint


class QuorumMissing(DomainError):
    """A checkpoint that fewer witnesses cosigned than are demanded."""

    code = "quorum_missing"
    status = 503

    def __init__(self, *, size: int, have: int, quorum: int) -> None:
        super().__init__(f"`{have}` of `{quorum}` witnesses cosigned the checkpoint of size `{size}`")
        self.size = size
        self.have = have
        self.quorum = quorum


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """One witness's word: by this time it had seen no larger tree of the log, and none that contradicts this one."""

    key: VerifierKey
    time_s: int  # seconds since 1970, by the witness's clock; 0 where it says nothing of the time


def check_witnesses(keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return the keys as those of witnesses, each once; raises ``BadNote`` where one cannot be."""
    names: dict[bytes, str] = {}
    for key in (known := tuple(dict.fromkeys(keys))):
        if not key.kind.by_witness:
            raise BadNote(problem=f"the key of `{key.name[:80]}` is not that of a witness: type 4 or 6 is")
        if names.setdefault(key.public, key.name) != key.name:
            raise BadNote(problem=f"`{key.name[:80]}` and `{names[key.public][:80]}` have one public key")
    return known


def cosigned(note: Note, witnesses: Iterable[VerifierKey]) -> tuple[Cosigned, ...]:
    """Return what the known witnesses said, one entry a name; raises ``BadNote`` where a known key signed falsely."""
    origin = Checkpoint.parse(note.text).origin
    known = [key for key in check_witnesses(witnesses) if key.name != origin]
    if not any(signature.is_of(key) for key in known for signature in note.signatures):
        return ()
    by_name: dict[str, Cosigned] = {}
    for key in verify_note(note, known):
        time_s = max(signature.time_s for signature in note.signatures if signature.is_of(key))
        by_name.setdefault(key.name, Cosigned(key=key, time_s=time_s))
    return tuple(by_name.values())


def check_quorum(note: Note, witnesses: Iterable[VerifierKey], quorum: int) -> tuple[Cosigned, ...]:
    """Return what the witnesses said; raises ``QuorumMissing`` where they are fewer than ``quorum``."""
    found = cosigned(note, witnesses)
    if len(found) < quorum:
        raise QuorumMissing(size=Checkpoint.parse(note.text).size, have=len(found), quorum=quorum)
    return found
