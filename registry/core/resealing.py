"""
Make a receipt anew under a newer checkpoint, without whoever signed the statement and without the log's help.

Signatures age: what a key signed in one decade may convince nobody in the next. The log goes on, and its newer
checkpoints are signed by the algorithms of their day. So an old receipt is carried over while its log still stands:

1. The newer checkpoint is signed by keys that are believed today, and is of the same log and no smaller.
2. Its tree extends the old one: the proof of consistency is made from the tiles, and verified.
3. The entry's hash is read from the tiles, and the old receipt must lead from it to the old root: what is carried over
   is what was proven.
4. The new receipt is made from the tiles, and verified.

The signature of the old checkpoint need not be believed any more: by step 2 its root is part of what is signed now.
"""

from collections.abc import Iterable
from dataclasses import replace

from registry.core.checkpoint import Checkpoint, Note, Proof, VerifierKey, open_checkpoint
from registry.core.errors import BadNote, BadProof
from registry.core.merkle import verify_consistency, verify_inclusion
from registry.core.tiles import ReadTile, consistency_proof_from, inclusion_proof_from, nodes_from


def reseal(proof: Proof, newer: bytes, read: ReadTile, keys: Iterable[VerifierKey]) -> Proof:
    """
    Return the receipt of the same entry under ``newer``, a signed checkpoint of the same log.

    ``read`` gives tiles as of the newer size. Raises ``BadNote`` or ``BadProof``, and whatever ``read`` raises.
    """
    old = Checkpoint.parse(Note.parse(proof.checkpoint_text.encode()).text)
    new = open_checkpoint(newer, *keys)
    _check_same_log(old, new)
    if proof.index >= old.size:
        raise BadProof(problem=f"index `{proof.index}` is not in a tree of `{old.size}` leaves")
    verify_consistency(old.size, new.size, old.root, new.root, consistency_proof_from(old.size, new.size, read))
    leaf = nodes_from(new.size, read)(0, proof.index)
    verify_inclusion(proof.index, old.size, leaf, proof.hashes, old.root)
    hashes = inclusion_proof_from(proof.index, new.size, read)
    verify_inclusion(proof.index, new.size, leaf, hashes, new.root)
    return replace(proof, hashes=hashes, checkpoint_text=newer.decode())


def _check_same_log(old: Checkpoint, new: Checkpoint) -> None:
    if old.origin != new.origin:
        raise BadNote(problem=f"the receipt is of `{old.origin[:80]}`, the newer checkpoint of `{new.origin[:80]}`")
    if new.size < old.size:
        raise BadProof(problem=f"the checkpoint of size `{new.size}` is older than that of size `{old.size}`")
