"""
The directory from which the log is served: tiles, entry bundles, and the one file that changes, ``checkpoint``.

Every file appears whole or not at all: it is written beside its place, forced to disk and renamed (``registry.disk``).
A full tile or bundle never changes; finding other bytes in its place is damage, and nothing is published over damage.

INVARIANT (tiles-before-checkpoint): whatever a checkpoint needs is on disk before anybody can read that checkpoint,
whoever wrote it: a file found in its place may be the last act of a publisher that was killed, so its name is forced to
disk like one of ours. After a loss of power readers see this checkpoint or the one before it, with all its tiles.

::

    <LOG_DIR>/checkpoint              the newest signed checkpoint
    <LOG_DIR>/tile/<L>/<N>[.p/<W>]    hashes
    <LOG_DIR>/tile/entries/<N>[.p/<W>]
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from registry import disk
from registry.core.errors import DomainError
from registry.core.merkle import HASH_BYTES
from registry.core.tiles import ENTRIES, TILE_WIDTH, Tile, decode_bundle, encode_bundle, parse_tile_path

CHECKPOINT = "checkpoint"
RIVALS = 5  # how often a folder may vanish between making it and writing into it; once is rare


class LogDamaged(DomainError):
    """What is stored contradicts what was signed; publishing goes no further until a person has looked."""

    code = "log_damaged"
    status = 503

    def __init__(self, *, problem: str) -> None:
        super().__init__(f"the log is damaged: {problem}")


def log_dir() -> Path:
    """Return the directory, which need not exist yet."""
    return Path(settings.LOG_DIR)


def read_tile(tile: Tile) -> bytes:
    """
    Read a tile or bundle as of some published size.

    A partial file may have given way to the full one, which starts with the same bytes.
    """
    try:
        return (log_dir() / tile.path).read_bytes()
    except FileNotFoundError:
        full = (log_dir() / Tile(level=tile.level, n=tile.n).path).read_bytes()
        return (
            encode_bundle(decode_bundle(full)[: tile.width])
            if tile.level == ENTRIES
            else full[: tile.width * HASH_BYTES]
        )


def read_checkpoint() -> bytes | None:
    """Read the published checkpoint, None before the first."""
    try:
        return (log_dir() / CHECKPOINT).read_bytes()
    except FileNotFoundError:
        return None


def serves(note: str) -> bool:
    """Say whether this checkpoint is served. It is on disk then: whoever put it there may have been killed since."""
    try:
        if (log_dir() / CHECKPOINT).read_bytes() != note.encode():
            return False
        disk.keep_name_once(log_dir() / CHECKPOINT)
    except FileNotFoundError:
        return False
    return True


def write_files(files: Mapping[str, bytes]) -> None:
    """Store tiles and bundles by path; all are on disk when this returns, with their names."""
    for path, data in files.items():
        if not _is_stored(path, data):
            _place(log_dir() / path, data)
    disk.keep_names(log_dir() / path for path in files)


def swap_checkpoint(note: str) -> None:
    """Put a checkpoint in the place of the last one, atomically."""
    _place(log_dir() / CHECKPOINT, note.encode())
    disk.keep_names([log_dir() / CHECKPOINT])


def drop_partials(files: Mapping[str, bytes]) -> None:
    """Remove the partial tiles that these full ones replaced, as tlog-tiles allows."""
    for path in files:
        tile = parse_tile_path(path)
        if tile.width == TILE_WIDTH:
            disk.drop_folder(log_dir() / f"{path}.p")


def _is_stored(path: str, data: bytes) -> bool:
    """Say whether the file is there already, as after a crash; other bytes in a full tile are damage."""
    try:
        stored = (log_dir() / path).read_bytes()
    except FileNotFoundError:
        return False
    if stored != data and parse_tile_path(path).width == TILE_WIDTH:
        raise LogDamaged(problem=f"`{path}` holds other bytes than its entries give")
    return stored == data


def _place(target: Path, data: bytes) -> None:
    for _ in range(RIVALS):
        with contextlib.suppress(FileNotFoundError):  # a rival dropped the folder of partial tiles under us
            disk.place(target, [data])
            return
    raise LogDamaged(problem=f"the folder of `{target}` keeps going away")
