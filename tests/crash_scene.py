"""
A log that is published, dies, and is published again, with a reader who comes by at every point.

After each crash, and while each pass runs, these hold:

1. What is served verifies: the checkpoint under the log's keys, every tile and every bundle under the checkpoint.
2. Every checkpoint that anybody ever saw is a prefix of every later one, by a consistency proof from the tiles alone.
3. A loss of power takes nothing back that a finished pass has published.
4. The next passes, which are the usual ones, end with every committed leaf in the log, numbered densely, once.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from registry import disk
from registry.core.checkpoint import open_checkpoint
from registry.core.merkle import leaf_hash, root, verify_consistency
from registry.core.tiles import ENTRIES, TILE_WIDTH, Edge, Tile, consistency_proof_from, decode_bundle
from registry.log import folder
from registry.log.identity import verifiers
from tests.crash_disk import LOST, Disk, Fate
from tests.crash_points import Points, numbered
from tests.log_walk import append, publish_all, walk


@dataclass(slots=True, kw_only=True)
class Scene:
    """One log on a disk of its own, and what its readers remember."""

    root: Path
    disk: Disk
    total: int = 0  # leaves that were committed
    shown: dict[int, bytes] = field(default_factory=dict)  # the root of each size that anybody saw
    newest: int = 0  # the size that was seen last
    last_note: bytes | None = None
    floor: int = 0  # the size that a finished pass has served

    @classmethod
    def at(cls, root: Path) -> Scene:
        """The log's folder is two below ``root``, so that the folder above it has to be made too."""
        root.mkdir()
        return cls(root=root, disk=Disk.of(root))

    def copied(self, root: Path) -> Scene:
        """The same log, of the same rows, on another disk."""
        shutil.copytree(self.root, root)
        return replace(self, root=root, disk=Disk.of(root), shown=dict(self.shown))

    def append(self, count: int) -> None:
        append(*range(self.total, self.total + count))
        self.total += count

    def publish(self, fatal: int | None = None) -> Points:
        """Start afresh and publish all there is, to the end or to the fatal point; the reader looks all the while."""
        disk.forget()
        points = Points(fatal=fatal, look=self.look, memory=self.disk)
        with numbered(points):
            publish_all()
            self.floor = self.total
        return points

    def cut(self, fate: Fate) -> None:
        """Lose the power. Readers may for a moment see the checkpoint before the last one again."""
        self.disk.cut(fate)
        self.look("after the power came back", below=True)

    def recover(self) -> None:
        """By the normal path; then everything is there, and on disk."""
        self.publish()
        walk(self.total)
        self.cut(LOST)
        assert self.newest == self.total

    def look(self, name: str, *, below: bool = False) -> None:
        """Read what is served, as a stranger."""
        note = folder.read_checkpoint()
        if note is None:
            assert self.floor == 0, name
            assert below or not self.newest, name
            self.newest, self.last_note = 0, None
            return
        try:
            size = self.newest if note == self.last_note else self._seen(note, below=below)
            assert _served_root(size) == self.shown[size], name
        except OSError as error:  # which the publisher, in whose step the reader comes by, may take for its own
            raise AssertionError(f"{name}: {error}") from error

    def _seen(self, note: bytes, *, below: bool) -> int:
        checkpoint = open_checkpoint(note, *verifiers())
        assert checkpoint.size >= (self.floor if below else self.newest)
        assert self.shown.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
        if self.newest and checkpoint.size >= self.newest:
            proof = consistency_proof_from(self.newest, checkpoint.size, folder.read_tile)
            verify_consistency(self.newest, checkpoint.size, self.shown[self.newest], checkpoint.root, proof)
        self.last_note, self.newest = note, checkpoint.size
        return checkpoint.size


def _served_root(size: int) -> bytes:
    """The root of what the bundles say; every tile on the way must agree with them."""
    hashes: tuple[bytes, ...] = ()
    for n in range(-(-size // TILE_WIDTH)):
        width = min(size - n * TILE_WIDTH, TILE_WIDTH)
        bundle = _hashes_of(folder.read_tile(Tile(level=ENTRIES, n=n, width=width)))
        assert b"".join(bundle) == folder.read_tile(Tile(level=0, n=n, width=width))
        hashes += bundle
    assert Edge.read(size, folder.read_tile).root == _root_of(hashes)
    return _root_of(hashes)


@lru_cache(maxsize=64)  # a reader comes by a hundred times a pass, and most of the time finds what it knows
def _hashes_of(bundle: bytes) -> tuple[bytes, ...]:
    return tuple(map(leaf_hash, decode_bundle(bundle)))


@lru_cache(maxsize=64)
def _root_of(hashes: tuple[bytes, ...]) -> bytes:
    return root(hashes)


@contextmanager
def taken_back() -> Iterator[None]:
    """Let what is done inside never have happened, as far as rows go. Services inside think it durable."""
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)
