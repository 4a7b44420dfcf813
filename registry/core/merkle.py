"""
Merkle trees after RFC 6962, section 2 (hashes, inclusion and consistency proofs).

A proof is a list of ranges of leaves, each standing for the hash of its subtree; who has the hashes of complete nodes,
from memory or from tiles, resolves the ranges. A complete node is named by (level, index): level 0 holds the leaf
hashes, and node (l, i) covers the leaves from i * 2^l to (i + 1) * 2^l.

Proof checking follows RFC 9162, section 2.1.3.2 and 2.1.4.2, and is closed: too long, too short, from or to an empty
tree where that would prove nothing, all raise ``BadProof``. Nothing returns false, so that nobody can forget to look.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from registry.core.errors import BadProof

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

Range: TypeAlias = tuple[int, int]  # leaves [low, high)
Node: TypeAlias = tuple[int, int]  # (level, index)
ReadNode: TypeAlias = Callable[[int, int], bytes]  # level, index -> hash of a complete node


def leaf_hash(entry: bytes) -> bytes:
    """Hash the bytes of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    return range_hash((0, len(leaves)), _in_memory(leaves)) if leaves else EMPTY_ROOT


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """Prove that leaf ``index`` is under the root of these leaf hashes."""
    read = _in_memory(leaves)
    return tuple(range_hash(span, read) for span in inclusion_ranges(index, len(leaves)))


def consistency_proof(old_size: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """Prove that the tree of the first ``old_size`` of these leaf hashes was extended, not changed."""
    read = _in_memory(leaves)
    return tuple(range_hash(span, read) for span in consistency_ranges(old_size, len(leaves)))


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return PATH(index, D[size]) of RFC 6962, section 2.1.1, as ranges, lowest first."""
    if not 0 <= index < size:
        raise BadProof(problem=f"index `{index}` is not in a tree of `{size}` leaves")
    ranges: list[Range] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, size: int) -> list[Range]:
    """Return PROOF(old_size, D[size]) of RFC 6962, section 2.1.2, as ranges, in the proof's order."""
    if not 0 < old_size <= size:
        raise BadProof(problem=f"no proof leads from `{old_size}` to `{size}` leaves")
    ranges: list[Range] = []
    low, high = 0, size
    while old_size != high:
        middle = low + _split(high - low)
        if old_size <= middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    if low > 0:  # the old root itself is known to whoever checks, a part of it is not
        ranges.append((low, high))
    return ranges[::-1]


def range_hash(span: Range, read: ReadNode) -> bytes:
    """Return the hash of the subtree over a range that a proof names, from the hashes of complete nodes."""
    nodes = [read(level, index) for level, index in complete_nodes(span)]
    whole = nodes.pop()
    while nodes:
        whole = node_hash(nodes.pop(), whole)
    return whole


def complete_nodes(span: Range) -> Iterator[Node]:
    """
    Name the complete nodes that make up a range, left to right.

    The range is one that RFC 6962 splits off: its start is a multiple of the smallest power of two that holds it.
    """
    low, high = span
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that ``leaf`` (a leaf hash) is number ``index`` of the ``size`` leaves under ``root``."""
    if not 0 <= index < size:
        raise BadProof(problem=f"index `{index}` is not in a tree of `{size}` leaves")
    _check_lengths((leaf, *proof))
    position, last = index, size - 1
    computed = leaf
    for sibling in proof:
        if last == 0:
            raise BadProof(problem="the inclusion proof is too long")
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise BadProof(problem="the inclusion proof is too short")
    if computed != root:
        raise BadProof(problem="the inclusion proof leads to another root")


def verify_consistency(old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """
    Check that the tree of ``size`` leaves under ``root`` extends the one of ``old_size`` under ``old_root``.

    A proof from an empty tree proves nothing and is refused; a protocol that allows ``old 0`` decides so itself.
    """
    if not 0 < old_size <= size:
        raise BadProof(problem=f"no proof leads from `{old_size}` to `{size}` leaves")
    if old_size == size:
        if proof:
            raise BadProof(problem="trees of one size need no consistency proof")
        if old_root != root:
            raise BadProof(problem="trees of one size have different roots")
        return
    _check_lengths((old_root, root, *proof))
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)  # the old tree is one complete node, which the proof leaves out
    if not path:
        raise BadProof(problem="the consistency proof is too short")
    _walk_consistency(old_size, size, old_root, root, path)


def _walk_consistency(old_size: int, size: int, old_root: bytes, root: bytes, path: list[bytes]) -> None:
    position, last = old_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise BadProof(problem="the consistency proof is too long")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise BadProof(problem="the consistency proof is too short")
    if old != old_root:
        raise BadProof(problem="the consistency proof leads to another old root")
    if new != root:
        raise BadProof(problem="the consistency proof leads to another root")


def _check_lengths(hashes: Sequence[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise BadProof(problem=f"a hash has not `{HASH_BYTES}` bytes")


def _split(size: int) -> int:
    """Return the largest power of two smaller than ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _in_memory(leaves: Sequence[bytes]) -> ReadNode:
    def read(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))

    return read
