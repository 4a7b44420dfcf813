"""
Was this file used in training? A proof either way, from the manifest's Merkle tree.

The manifest's entries are sorted by the SHA-256 of their files (``docs/formats.md`` section 5). Presence is the entry
with its inclusion proof. Absence is the two entries between which the file would stand, neighbours in the tree, each
with its proof: whoever holds the root from `weights.trained` can check it without us.
"""

from bisect import bisect_left
from dataclasses import dataclass

from registry.core.jcs import Json, canonical
from registry.core.merkle import inclusion_proof, leaf_hash, root


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One entry of the manifest and its place in the tree."""

    index: int
    entry: Json
    proof: tuple[str, ...]  # hashes in hex, from the leaf upward

    def format(self) -> dict[str, Json]:
        return {"index": self.index, "entry": self.entry, "proof": [*self.proof]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    contains: bool
    root: str
    size: int  # entries of the manifest
    shown: tuple[Shown, ...]  # the entry; or the neighbours, of which the first or last place has one

    def format(self) -> dict[str, Json]:
        return {
            "contains": self.contains,
            "root": self.root,
            "size": self.size,
            "shown": [one.format() for one in self.shown],
        }


def presence(manifest: Json, sha256: str) -> Presence:
    """Prove that a manifest contains a file, or that it does not. Raises ValueError for a manifest out of order."""
    entries = manifest["assets"] if isinstance(manifest, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ValueError("the manifest lists no assets")
    digests = [str(entry["sha256"]) for entry in entries if isinstance(entry, dict)]
    if digests != sorted(set(digests)) or len(digests) != len(entries):
        raise ValueError("the manifest is not sorted by the digests of its files")
    hashes = [leaf_hash(canonical(entry)) for entry in entries]
    place = bisect_left(digests, sha256)
    found = place < len(digests) and digests[place] == sha256
    places = [place] if found else [near for near in (place - 1, place) if 0 <= near < len(entries)]
    return Presence(
        contains=found,
        root=root(hashes).hex(),
        size=len(entries),
        shown=tuple(
            Shown(index=at, entry=entries[at], proof=tuple(h.hex() for h in inclusion_proof(at, hashes)))
            for at in places
        ),
    )
