"""
The training manifest: every asset that a run may see, by the SHA-256 of its bytes, with the grounds that allow it.

Format: ``docs/formats.md`` section 5. Entries are sorted by SHA-256, so that the one root over them proves two things:
an entry with its path says that a file was in the training set, and two entries that are neighbours in the tree say
that nothing lies between them. Proofs are checked with the root alone.

Values only: no database, clock, file or network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from registry.core.errors import BadProof, Malformed
from registry.core.fields import Reader, read_digest, read_int, require_sorted
from registry.core.jcs import Json, canonical, sha256_hex
from registry.core.merkle import inclusion_proof, leaf_hash, verify_inclusion
from registry.core.merkle import root as merkle_root

MAX_ASSETS = 100_000  # of one run, as of one training request
MAX_PATH = 64  # hashes of one proof; 100,000 entries take 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One asset of a manifest."""

    sha256: str
    grounds: tuple[str, ...]  # digests of the statements that allow it, sorted

    @classmethod
    def parse(cls, value: object, path: str = "asset") -> "Sample":
        held = Reader(value, path)
        grounds = held.list_of("grounds", read_digest, min_items=1)
        require_sorted(grounds, held.at("grounds"))
        sample = cls(sha256=held.digest("sha256"), grounds=grounds)
        held.finish()
        return sample

    def format(self) -> dict[str, Json]:
        return {"grounds": list(self.grounds), "sha256": self.sha256}

    @property
    def leaf(self) -> bytes:
        """The leaf hash (RFC 6962) over the JCS of the entry."""
        return leaf_hash(canonical(self.format()))


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A training set and what allows it; an empty one cannot be built."""

    samples: tuple[Sample, ...]  # sorted by SHA-256, none twice

    def __post_init__(self) -> None:
        if not self.samples:
            raise Malformed("bad_value", field="assets", wanted="at least one asset")
        require_sorted([sample.sha256 for sample in self.samples], "assets")

    @classmethod
    def parse(cls, obj: object) -> "Manifest":
        body = Reader(obj)
        body.int("v", 1, 1)
        samples = body.list_of("assets", Sample.parse, min_items=1, max_items=MAX_ASSETS)
        body.finish()
        return cls(samples=samples)

    def format(self) -> dict[str, Json]:
        """Write the JSON of ``docs/formats.md`` section 5; ``parse`` is the inverse."""
        return {"v": 1, "assets": [sample.format() for sample in self.samples]}

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the JCS of the whole, hex: `manifest_sha256`."""
        return sha256_hex(canonical(self.format()))

    @cached_property
    def root(self) -> str:
        """The RFC 6962 root over the entries, hex."""
        return merkle_root(self._leaves).hex()

    @cached_property
    def _leaves(self) -> tuple[bytes, ...]:
        return tuple(sample.leaf for sample in self.samples)

    def __contains__(self, sha256: object) -> bool:
        return any(sample.sha256 == sha256 for sample in self.samples)

    def proof(self, sha256: str) -> dict[str, Json]:
        """Prove that a file was in the training set, or that it was not; ``present`` says which."""
        before = sum(sample.sha256 < sha256 for sample in self.samples)
        present = sha256 in self
        places = [before] if present else [place for place in (before - 1, before) if 0 <= place < len(self.samples)]
        return {
            "v": 1,
            "root": self.root,
            "sha256": sha256,
            "present": present,
            "size": len(self.samples),
            "entries": [self._placed(place) for place in places],
        }

    def _placed(self, place: int) -> Json:
        path = inclusion_proof(place, self._leaves)
        return {"index": place, "entry": self.samples[place].format(), "path": [node.hex() for node in path]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    index: int
    sample: Sample
    path: tuple[bytes, ...]

    @classmethod
    def parse(cls, value: object, path: str) -> "_Placed":
        held = Reader(value, path)
        placed = cls(
            index=read_int(held.raw("index"), held.at("index"), maximum=MAX_ASSETS),
            sample=Sample.parse(held.raw("entry"), held.at("entry")),
            path=tuple(bytes.fromhex(node) for node in held.list_of("path", read_digest, max_items=MAX_PATH)),
        )
        held.finish()
        return placed


def check_proof(proof: object, *, root: str) -> bool:
    """
    Say whether the proof's file was in the training set under ``root``: True or False, and both are proven.

    1. Every entry shown is under the root, at its place.
    2. Present: the one entry is the file's. Absent: the entries shown are neighbours, or the first or the last, and the
       file would stand between or beyond them.

    Raises ``BadProof`` or ``Malformed``. A wrong ``size`` proves nothing false: which way each path turns follows from
    place and size, the hashes hold only for the tree's own turns, and those alone make two leaves neighbours.
    """
    held = Reader(proof)
    held.int("v", 1, 1)
    size, sha256, present = held.int("size", 1, MAX_ASSETS), held.digest("sha256"), held.bool("present")
    shown = held.list_of("entries", _Placed.parse, min_items=1, max_items=2)
    if held.digest("root") != root:
        raise BadProof(problem="the proof is for another root")
    held.finish()
    for one in shown:
        verify_inclusion(one.index, size, one.sample.leaf, one.path, bytes.fromhex(root))
    if present != ([one.sample.sha256 for one in shown] == [sha256]):
        raise BadProof(problem="the entries shown do not say what the proof says")
    if not present and not _apart(sha256, shown, size):
        raise BadProof(problem="the entries shown leave room for the file")
    return present


def _apart(sha256: str, shown: Sequence[_Placed], size: int) -> bool:
    """Say whether nothing can lie where the file would."""
    first, last = shown[0], shown[-1]
    if len(shown) == 2:
        return last.index == first.index + 1 and first.sample.sha256 < sha256 < last.sample.sha256
    if first.index == 0 and sha256 < first.sample.sha256:
        return True
    return first.index == size - 1 and first.sample.sha256 < sha256
