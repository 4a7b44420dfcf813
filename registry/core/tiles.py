"""
The tree cut into tiles and bundles that never change, as C2SP tlog-tiles serves them.

A tile of level L holds 256 hashes of tree level 8 L in a row; the right-most of a level may be partial and says so in
its path (``.p/<width>``). An entry bundle holds the 256 entries under a tile of level 0, each with its length as a
big-endian 16-bit number before it.

``Edge`` is what a publisher keeps of a tree to extend it: the partial tile of each level and the partial bundle. It can
be read back from the tiles of any size, so that recovery is the normal path. Nothing here opens a file: whoever calls
hands in ``read(tile)`` and stores what ``Edge.extend`` returns.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from registry.core.errors import BadProof
from registry.core.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    ReadNode,
    complete_nodes,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    range_hash,
)

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
MAX_LEVEL: Final = 7  # 2^64 leaves; tlog-tiles allows levels 0 to 63 and no log comes near
MAX_ENTRY_BYTES: Final = (1 << 16) - 1
ENTRIES: Final = -1  # the level under which entry bundles are named

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<n>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tile:
    """The name of a tile, or of an entry bundle where the level is ``ENTRIES``."""

    level: int
    n: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        return tile_path(self.level, self.n, self.width)


ReadTile: TypeAlias = Callable[[Tile], bytes]


def tile_path(level: int, n: int, width: int = TILE_WIDTH) -> str:
    """Write a tile's path: ``tile/0/x001/x234/067.p/5``."""
    if not (ENTRIES <= level <= MAX_LEVEL and n >= 0 and 0 < width <= TILE_WIDTH):
        raise BadProof(problem=f"no tile has level `{level}`, number `{n}` and width `{width}`")
    groups = [f"{n % 1000:03d}"]
    while n := n // 1000:
        groups.insert(0, f"x{n % 1000:03d}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{'entries' if level == ENTRIES else level}/{'/'.join(groups)}{partial}"


def parse_tile_path(path: str) -> Tile:
    """Read a tile's path, in its one spelling."""
    match = _PATH.fullmatch(path) if path.isascii() else None
    if match is None or len(path) > 64:
        raise BadProof(problem=f"`{path[:64]}` is not the path of a tile")
    level = ENTRIES if match["level"] == "entries" else int(match["level"])
    n = int(match["n"].replace("x", "").replace("/", ""))
    tile = Tile(level=level, n=n, width=int(match["width"] or TILE_WIDTH))
    if tile.level > MAX_LEVEL or tile.width > TILE_WIDTH or tile.path != path:
        raise BadProof(problem=f"`{path}` is not the path of a tile")
    return tile


def tiles_of(size: int) -> list[Tile]:
    """List the right-most partial tiles and the partial bundle of a tree, which with the full ones make it up."""
    partial = [tile for level in range(MAX_LEVEL + 1) if (tile := _edge_tile(level, size)) is not None]
    if partial and partial[0].level == 0:
        partial.append(Tile(level=ENTRIES, n=partial[0].n, width=partial[0].width))
    return partial


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Write entries as a bundle."""
    if not 0 < len(entries) <= TILE_WIDTH or any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise BadProof(problem=f"a bundle holds 1 to `{TILE_WIDTH}` entries of at most `{MAX_ENTRY_BYTES}` bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes) -> tuple[bytes, ...]:
    """Read the entries of a bundle; what is cut off or left over is refused."""
    entries = []
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data):
            raise BadProof(problem="the entry bundle is cut off")
        entries.append(data[start:at])
    if not 0 < len(entries) <= TILE_WIDTH:
        raise BadProof(problem=f"the entry bundle holds `{len(entries)}` entries")
    return tuple(entries)


def split_tile(data: bytes, tile: Tile) -> tuple[bytes, ...]:
    """Read the hashes of a tile, which must be as many as its name says."""
    if len(data) != tile.width * HASH_BYTES:
        raise BadProof(problem=f"tile `{tile.path}` has `{len(data)}` bytes")
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))


def tile_of(level: int, index: int, size: int) -> Tile:
    """Name the tile of a tree of ``size`` leaves from which the hash of a complete node can be had."""
    tile_level, within = divmod(level, TILE_HEIGHT)
    n = (index << within) >> TILE_HEIGHT
    width = min((size >> TILE_HEIGHT * tile_level) - n * TILE_WIDTH, TILE_WIDTH)
    return Tile(level=tile_level, n=n, width=width)


def proof_tiles(index: int, size: int) -> tuple[Tile, ...]:
    """Name the tiles that an inclusion proof is read from."""
    spans = inclusion_ranges(index, size)
    return tuple(sorted({tile_of(*node, size) for span in spans for node in complete_nodes(span)}))


def inclusion_proof_from(index: int, size: int, read: ReadTile) -> tuple[bytes, ...]:
    """Prove inclusion from tiles; each tile is read once."""
    node = nodes_from(size, read)
    return tuple(range_hash(span, node) for span in inclusion_ranges(index, size))


def consistency_proof_from(old_size: int, size: int, read: ReadTile) -> tuple[bytes, ...]:
    """Prove consistency from tiles; each tile is read once."""
    node = nodes_from(size, read)
    return tuple(range_hash(span, node) for span in consistency_ranges(old_size, size))


def nodes_from(size: int, read: ReadTile) -> ReadNode:
    """Return a reader of complete nodes that takes them from the tiles of a tree of ``size`` leaves."""
    hashes: dict[Tile, tuple[bytes, ...]] = {}

    def node(level: int, index: int) -> bytes:
        tile = tile_of(level, index, size)
        if tile not in hashes:
            hashes[tile] = split_tile(read(tile), tile)
        within = level % TILE_HEIGHT
        first = (index << within) % TILE_WIDTH
        return fold(hashes[tile][first : first + (1 << within)])

    return node


def fold(hashes: Sequence[bytes]) -> bytes:
    """Hash a power of two of nodes into the one above them."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The right edge of a tree of ``size`` leaves: all that is needed to extend it."""

    size: int
    rows: tuple[tuple[bytes, ...], ...]  # hashes of the partial tile of each level, lowest first
    entries: tuple[bytes, ...]  # of the partial bundle

    @classmethod
    def empty(cls) -> "Edge":
        return cls(size=0, rows=(), entries=())

    @classmethod
    def read(cls, size: int, read: ReadTile) -> "Edge":
        """Read the edge of a published tree back from its tiles; bundle and hashes must agree."""
        rows: list[tuple[bytes, ...]] = [() for _ in range(_levels(size))]
        entries: tuple[bytes, ...] = ()
        for tile in tiles_of(size):
            if tile.level == ENTRIES:
                entries = decode_bundle(read(tile))
            else:
                rows[tile.level] = split_tile(read(tile), tile)
        if tuple(map(leaf_hash, entries)) != (rows[0] if rows else ()):
            raise BadProof(problem="the last entry bundle does not hash to the last tile")
        return cls(size=size, rows=tuple(rows), entries=entries)

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        if self.size == 0:
            return EMPTY_ROOT
        return range_hash((0, self.size), self._node)

    def extend(self, entries: Sequence[bytes]) -> tuple["Edge", dict[str, bytes]]:
        """
        Append entries; return the new edge and the new files by path.

        The files are every tile and bundle that became full, then the partial ones of the new size. Files of an
        earlier size stay as they are. Storing them twice, or storing some and crashing, does no harm: the same entries
        give the same bytes.
        """
        files: dict[str, bytes] = {}
        rows = [list(row) for row in self.rows]
        pending = list(self.entries)
        size = self.size
        for entry in entries:
            pending.append(entry)
            size += 1
            _push(rows, 0, leaf_hash(entry), size, files)
            if len(pending) == TILE_WIDTH:
                files[tile_path(ENTRIES, size // TILE_WIDTH - 1)] = encode_bundle(pending)
                pending.clear()
        edge = Edge(size=size, rows=tuple(map(tuple, rows)), entries=tuple(pending))
        return edge, files | edge.partial_files()

    def partial_files(self) -> dict[str, bytes]:
        """Return the partial tiles and the partial bundle of this size by path."""
        return {
            tile.path: encode_bundle(self.entries) if tile.level == ENTRIES else b"".join(self.rows[tile.level])
            for tile in tiles_of(self.size)
        }

    def _node(self, level: int, index: int) -> bytes:
        tile_level, within = divmod(level, TILE_HEIGHT)
        first = (index << within) % TILE_WIDTH
        return fold(self.rows[tile_level][first : first + (1 << within)])


def _push(rows: list[list[bytes]], level: int, value: bytes, size: int, files: dict[str, bytes]) -> None:
    """Append a hash to a level; a tile that became full is written, and its hash goes up."""
    if level == len(rows):
        rows.append([])
    rows[level].append(value)
    if len(rows[level]) == TILE_WIDTH:
        files[tile_path(level, (size >> TILE_HEIGHT * (level + 1)) - 1)] = b"".join(rows[level])
        above = fold(rows[level])
        rows[level] = []
        _push(rows, level + 1, above, size, files)


def _edge_tile(level: int, size: int) -> Tile | None:
    n, width = divmod(size >> TILE_HEIGHT * level, TILE_WIDTH)
    return Tile(level=level, n=n, width=width) if width else None


def _levels(size: int) -> int:
    """Count the levels of tiles of a tree; 256 leaves already have a hash on the second."""
    return -(-size.bit_length() // TILE_HEIGHT)
