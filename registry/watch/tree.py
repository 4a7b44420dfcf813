"""
A log's tree as its signed checkpoint commits to it: nothing is returned that does not lead to the signed root.

1. The right-most partial tiles of all levels make up the root. They are read first and must give the one that was
   signed; so they are believed.
2. A full tile hashes to one hash of the tile above it, which is believed in the same way.
3. A bundle's entries hash to the tile of level 0 beside them.

So whoever serves the files, a bucket, a cache or a liar, can withhold and not change. A partial file may have given way
to the full one, which starts with the same bytes.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from registry.core.checkpoint import Checkpoint
from registry.core.errors import BadProof
from registry.core.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash, range_hash, verify_consistency
from registry.core.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Edge,
    Tile,
    consistency_proof_from,
    decode_bundle,
    encode_bundle,
    fold,
    inclusion_proof_from,
    nodes_from,
    split_tile,
    tile_of,
    tiles_of,
)
from registry.watch.source import NotServed, Source, read_tile

KEPT_TILES: Final = 512  # verified tiles of 8 KiB in memory; a walk needs one a level


@dataclass(slots=True, kw_only=True)
class Tree:
    """The first ``checkpoint.size`` entries; reading raises ``BadProof`` and ``Unreachable``."""

    source: Source
    checkpoint: Checkpoint
    _kept: OrderedDict[Tile, bytes] = field(default_factory=OrderedDict)
    _edge: dict[Tile, bytes] = field(default_factory=dict)  # the partial tiles, once they gave the signed root

    @property
    def size(self) -> int:
        return self.checkpoint.size

    def tile(self, tile: Tile) -> bytes:
        """Return the verified bytes of a tile or of a bundle."""
        if tile.level == ENTRIES:
            return self._bundle(tile)
        edge = self._edge_tiles()
        if tile in edge:
            return edge[tile]
        if tile in self._kept:
            self._kept.move_to_end(tile)
            return self._kept[tile]
        return self._keep(tile, self._full_tile(tile))

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the entries [start, end) in order, each verified; by default to the end of the tree."""
        end = self.size if end is None else end
        if not 0 <= start <= end <= self.size:
            raise BadProof(problem=f"entries `{start}` to `{end}` are not in a tree of `{self.size}`")
        while start < end:
            n, first = divmod(start, TILE_WIDTH)
            last = min(end - n * TILE_WIDTH, TILE_WIDTH)
            yield from decode_bundle(self.tile(self._bundle_at(n)))[first:last]
            start = n * TILE_WIDTH + last

    def entry(self, index: int) -> bytes:
        """Return one entry."""
        return next(self.entries(index, index + 1))

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """Return the proof that an entry is under the checkpoint."""
        return inclusion_proof_from(index, self.size, self.tile)

    def consistency(self, old_size: int) -> tuple[bytes, ...]:
        """Return the proof that the first ``old_size`` entries are a prefix of these."""
        return consistency_proof_from(old_size, self.size, self.tile)

    def prefix_root(self, size: int) -> bytes:
        """Return the root that the first ``size`` entries have here, whatever was signed over so many."""
        if not 0 <= size <= self.size:
            raise BadProof(problem=f"`{size}` entries are no beginning of a tree of `{self.size}`")
        return range_hash((0, size), nodes_from(self.size, self.tile)) if size else EMPTY_ROOT

    def extends(self, old: Checkpoint) -> None:
        """Check by a proof of consistency that this tree begins with ``old``; raises ``BadProof``."""
        if old.size == 0:  # the beginning of every tree, of which there is no proof
            return
        proof = self.consistency(old.size)
        verify_consistency(old.size, self.size, old.root, self.checkpoint.root, proof)

    def _edge_tiles(self) -> dict[Tile, bytes]:
        """Return the partial tiles; together they are the signed root, or nothing here is believed."""
        if not self._edge:
            found = {tile: self._served(tile) for tile in tiles_of(self.size) if tile.level != ENTRIES}
            if self._root_of(found) != self.checkpoint.root:
                raise BadProof(problem=f"the tiles of `{self.size}` entries do not give the root that was signed")
            self._edge = found
        return self._edge

    def _root_of(self, edge: dict[Tile, bytes]) -> bytes:
        """Return the root of a tree with this right edge: every complete node of the root lies in it."""
        rows: list[tuple[bytes, ...]] = [()] * (1 + max((tile.level for tile in edge), default=-1))
        for tile, data in edge.items():
            rows[tile.level] = split_tile(data, tile)
        return Edge(size=self.size, rows=tuple(rows), entries=()).root

    def _full_tile(self, tile: Tile) -> bytes:
        """Read a full tile and believe it by the one above, up to a partial one."""
        if tile.width != TILE_WIDTH or (tile.n + 1) << TILE_HEIGHT * (tile.level + 1) > self.size:
            raise BadProof(problem=f"`{tile.path}` is not a tile of a tree of `{self.size}` entries")
        data = self._served(tile)
        above = tile_of(TILE_HEIGHT * (tile.level + 1), tile.n, self.size)
        place = tile.n % TILE_WIDTH
        wanted = self.tile(above)[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        if fold(split_tile(data, tile)) != wanted:
            raise BadProof(problem=f"`{tile.path}` does not lead to the root that was signed")
        return data

    def _bundle(self, tile: Tile) -> bytes:
        if tile != self._bundle_at(tile.n):
            raise BadProof(problem=f"`{tile.path}` is not a bundle of a tree of `{self.size}` entries")
        data = self._served(tile)
        beside = Tile(level=0, n=tile.n, width=tile.width)
        if tuple(map(leaf_hash, decode_bundle(data))) != split_tile(self.tile(beside), beside):
            raise BadProof(problem=f"`{tile.path}` does not hash to the tile beside it")
        return data

    def _bundle_at(self, n: int) -> Tile:
        width = min(self.size - n * TILE_WIDTH, TILE_WIDTH)
        if n < 0 or width <= 0:
            raise BadProof(problem=f"there is no bundle `{n}` in a tree of `{self.size}` entries")
        return Tile(level=ENTRIES, n=n, width=width)

    def _served(self, tile: Tile) -> bytes:
        """Read a tile; where a partial one is gone, the beginning of the full one."""
        try:
            return read_tile(self.source, tile)
        except NotServed:
            if tile.width == TILE_WIDTH:
                raise
        full = read_tile(self.source, Tile(level=tile.level, n=tile.n))
        if tile.level == ENTRIES:
            return encode_bundle(decode_bundle(full)[: tile.width])
        return full[: tile.width * HASH_BYTES]

    def _keep(self, tile: Tile, data: bytes) -> bytes:
        self._kept[tile] = data
        if len(self._kept) > KEPT_TILES:
            self._kept.popitem(last=False)
        return data
