"""
Check a proof that a file was in a training set, or that it was not, with the set's root alone.

``generation.core.presence`` makes these proofs; `/weights/{digest}/contains/{sha256}` answers with one. The root stands
in `weights.trained`, in the log. Values only, so that anybody can check.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from generation.training.manifest import MAX_ASSETS, Sample
from registry.core.errors import BadProof
from registry.core.fields import Reader, read_digest
from registry.core.merkle import verify_inclusion

MAX_PATH = 64  # hashes of one proof; 100,000 entries take 17


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    index: int
    sample: Sample
    path: tuple[bytes, ...]

    @classmethod
    def parse(cls, value: object, where: str) -> "_Shown":
        held = Reader(value, where)
        shown = cls(
            index=held.int("index", 0, MAX_ASSETS),
            sample=Sample.parse(held.raw("entry"), held.at("entry")),
            path=tuple(bytes.fromhex(node) for node in held.list_of("proof", read_digest, max_items=MAX_PATH)),
        )
        held.finish()
        return shown


def check_presence(proof: object, *, sha256: str, root: str) -> bool:
    """
    Say whether the file was in the training set under ``root``: True or False, and either is proven.

    1. Every entry shown is under the root, at its place.
    2. True: the one entry is the file's. False: the entries shown are neighbours, or the first or the last, and the
       file would stand between or beyond them.

    Raises ``BadProof`` or ``Malformed``. A wrong ``size`` proves nothing false: which way each path turns follows from
    place and size, the hashes hold only for the tree's own turns, and those alone make two leaves neighbours.
    """
    held = Reader(proof)
    size, contains = held.int("size", 1, MAX_ASSETS), held.bool("contains")
    shown = held.list_of("shown", _Shown.parse, min_items=1, max_items=2)
    if held.digest("root") != root:
        raise BadProof(problem="the proof is for another root")
    held.finish()
    for one in shown:
        verify_inclusion(one.index, size, one.sample.leaf, one.path, bytes.fromhex(root))
    if contains != ([one.sample.sha256 for one in shown] == [sha256]):
        raise BadProof(problem="the entries shown do not say what the proof says")
    if not contains and not _apart(sha256, shown, size):
        raise BadProof(problem="the entries shown leave room for the file")
    return contains


def _apart(sha256: str, shown: Sequence[_Shown], size: int) -> bool:
    """Say whether nothing can lie where the file would."""
    first, last = shown[0], shown[-1]
    if len(shown) == 2:
        return last.index == first.index + 1 and first.sample.sha256 < sha256 < last.sample.sha256
    if first.index == 0 and sha256 < first.sample.sha256:
        return True
    return first.index == size - 1 and first.sample.sha256 < sha256
