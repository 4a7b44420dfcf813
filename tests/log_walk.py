"""Append to the log, and walk all of it: rows, tiles, bundles, checkpoints, from both ends."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from registry import log
from registry.core.checkpoint import open_checkpoint
from registry.core.entry import entry_bytes
from registry.core.merkle import leaf_hash, root
from registry.core.tiles import ENTRIES, TILE_WIDTH, Edge, Tile, decode_bundle, split_tile
from registry.log import folder
from registry.log.identity import verifier
from registry.models import Checkpoint, Entry, Leaf, Unnumbered

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ISSUER = "01930000-0000-7000-8000-000000000001"


def digest(number: int) -> str:
    return hashlib.sha256(b"statement %d" % number).hexdigest()


def entry_of(number: int) -> bytes:
    return entry_bytes(digest=digest(number), envelope_sha256=digest(-number - 1), type="work.registered")


def leaf(digest: str, envelope_sha256: str, type_: str) -> log.Row:
    """Return a leaf as the log sees it: what is sealed in it is none of its business."""
    return log.Row(
        digest=digest, envelope_sha256=envelope_sha256, type=type_, issuer=ISSUER, issued_at=AT, accepted_at=AT,
        subject=None, envelope=b"", text=None,
    )  # fmt: skip


def append(*numbers: int) -> None:
    for number in numbers:
        assert log.append(leaf(digest(number), digest(-number - 1), "work.registered"))


def publish_all() -> None:
    while log.publish(at=AT) is not None:
        pass


def walk(size: int) -> None:
    """
    Check that the log holds ``size`` entries and nothing contradicts anything.

    Every leaf is numbered once, densely; every checkpoint ever signed is a prefix of the newest; the served files give
    the same entries and the same root as the rows.
    """
    assert not Unnumbered.objects.exists()
    assert Leaf.objects.count() == size
    rows = list(Entry.objects.order_by("index").values_list("index", "leaf__entry", "leaf_hash"))
    assert [index for index, _, _ in rows] == list(range(size))
    entries = [bytes(entry) for _, entry, _ in rows]
    hashes = [leaf_hash(entry) for entry in entries]
    assert [bytes(stored) for _, _, stored in rows] == hashes
    for checkpoint in Checkpoint.objects.all():
        signed = open_checkpoint(checkpoint.note.encode(), verifier())
        assert (signed.size, signed.root) == (checkpoint.size, bytes(checkpoint.root))
        assert signed.root == root(hashes[: checkpoint.size])
    note = folder.read_checkpoint()
    assert note is not None
    served = open_checkpoint(note, verifier())
    assert served.size == size == log.tree_size()
    assert served.root == root(hashes)
    _walk_files(size, entries, hashes)


def _walk_files(size: int, entries: list[bytes], hashes: list[bytes]) -> None:
    found: list[bytes] = []
    found_hashes: list[bytes] = []
    for n in range(-(-size // TILE_WIDTH)):
        width = min(size - n * TILE_WIDTH, TILE_WIDTH)
        tile = Tile(level=0, n=n, width=width)
        found += decode_bundle((folder.log_dir() / Tile(level=ENTRIES, n=n, width=width).path).read_bytes())
        found_hashes += split_tile((folder.log_dir() / tile.path).read_bytes(), tile)
    assert found == entries
    assert found_hashes == hashes
    assert Edge.read(size, folder.read_tile).root == root(hashes)
    _, files = Edge.empty().extend(entries)
    for path, data in files.items():
        assert (folder.log_dir() / path).read_bytes() == data
