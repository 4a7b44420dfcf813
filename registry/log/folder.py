"""
The directory from which the log is served: tiles, entry bundles, and the one file that changes, ``checkpoint``.

Every file appears whole or not at all: it is written beside its place, forced to disk and renamed. A full tile or
bundle never changes; finding other bytes in its place is damage, and nothing is published over damage.

::

    <LOG_DIR>/checkpoint              the newest signed checkpoint
    <LOG_DIR>/tile/<L>/<N>[.p/<W>]    hashes
    <LOG_DIR>/tile/entries/<N>[.p/<W>]
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

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


def write_files(files: Mapping[str, bytes]) -> None:
    """Store tiles and bundles by path; all are on disk when this returns."""
    touched: set[Path] = set()
    for path, data in files.items():
        if not _is_stored(path, data):
            touched |= _replace(log_dir() / path, data)
    for folder in sorted(touched):
        _sync(folder)


def swap_checkpoint(note: str) -> None:
    """Put a checkpoint in the place of the last one, atomically."""
    for folder in _replace(log_dir() / CHECKPOINT, note.encode()):
        _sync(folder)


def drop_partials(files: Mapping[str, bytes]) -> None:
    """Remove the partial tiles that these full ones replaced, as tlog-tiles allows."""
    for path in files:
        tile = parse_tile_path(path)
        if tile.width == TILE_WIDTH:
            shutil.rmtree(log_dir() / f"{path}.p", ignore_errors=True)  # a rival may be at it too


def _is_stored(path: str, data: bytes) -> bool:
    """Say whether the file is there already, as after a crash; other bytes in a full tile are damage."""
    try:
        stored = (log_dir() / path).read_bytes()
    except FileNotFoundError:
        return False
    if stored != data and parse_tile_path(path).width == TILE_WIDTH:
        raise LogDamaged(problem=f"`{path}` holds other bytes than its entries give")
    return stored == data


def _replace(target: Path, data: bytes) -> set[Path]:
    """Write a file whole; return the folders whose names must be forced to disk."""
    for _ in range(RIVALS):
        touched = _make_folder(target.parent)
        with contextlib.suppress(FileNotFoundError):  # a rival dropped the folder of partial tiles under us
            _write_beside(target, data)
            return touched | {target.parent}
    raise LogDamaged(problem=f"the folder of `{target}` keeps going away")


def _make_folder(folder: Path) -> set[Path]:
    """Make a folder and those above it; return those in which there is a new name."""
    if folder.is_dir():
        return set()
    above = _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    return above | {folder.parent}


def _write_beside(target: Path, data: bytes) -> None:
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)  # a crash before this line leaves a draft that nobody reads
    finally:
        draft.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Force the names in a folder to disk: a rename is durable only then."""
    with contextlib.suppress(FileNotFoundError):  # a rival dropped it: the full tile is there in its stead
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
