"""
The training manifest: every asset that a run may see, by the SHA-256 of its bytes, with the grounds that allow it.

Format: ``docs/formats.md`` section 5. Entries are sorted by SHA-256, so that the one root over them proves that a file
is in the set, and that it is not (``generation.core.presence``, checked by ``generation.training.presence``).

Values only: no database, clock, file or network.
"""

from dataclasses import dataclass
from functools import cached_property

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_digest, require_sorted
from registry.core.jcs import Json, canonical, sha256_hex
from registry.core.merkle import leaf_hash
from registry.core.merkle import root as merkle_root

MAX_ASSETS = 100_000  # of one run, as of one training request


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
        return merkle_root([sample.leaf for sample in self.samples]).hex()
