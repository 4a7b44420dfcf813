"""
Remove what publishers that were killed left in the log's folder.

1. Drafts, ``.<name>.<12 hex digits>``, older than ``DRAFT_AGE_S``: whoever wrote one is dead, or will write it again
   (``registry.log.folder``).
2. Partial tiles and bundles of full ones, as C2SP tlog-tiles allows, once the served checkpoint covers the full one:
   then it is on disk for good (INVARIANT tiles-before-checkpoint), and whoever still reads by an older checkpoint takes
   its beginning. Partial ones of a tile that is not full stay, whatever their width: an older checkpoint may need them.

It runs beside publishers and readers, again and again. A crash anywhere leaves less to do, and whatever is named
otherwise is not ours and stays.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from registry import disk
from registry.core.checkpoint import open_checkpoint
from registry.core.errors import BadNote, BadProof
from registry.core.tiles import ENTRIES, TILE_HEIGHT, TILE_WIDTH, Tile, parse_tile_path
from registry.log import folder
from registry.log.identity import verifiers

DRAFT_AGE_S: Final = 3_600.0  # a draft is renamed within moments; an hour forgives a clock, or a slow network disk
_DRAFT: Final = re.compile(r"\..+\.[0-9a-f]{12}")


def sweep(*, now_s: float) -> int:
    """Remove what is left over; return how many files that were. ``now_s`` is the file system's time."""
    top, size = folder.log_dir(), _served_size()
    removed = 0
    for path in _below(top):
        if path.is_dir():
            removed += _drop_partials(path) if _is_superseded(path, top, size) else 0
        elif _DRAFT.fullmatch(path.name):
            removed += _drop_draft(path, now_s)
    return removed


def _below(top: Path) -> Iterator[Path]:
    """Yield everything below a folder, what is in a folder after the folder; rivals may remove it meanwhile."""
    with suppress(FileNotFoundError):
        for path in sorted(top.iterdir()):
            yield path
            if path.is_dir():
                yield from _below(path)


def _served_size() -> int:
    """Return the size of the served checkpoint; 0 where it does not verify, which the publisher will say."""
    note = folder.read_checkpoint()
    try:
        return 0 if note is None else open_checkpoint(note, *verifiers()).size
    except BadNote:
        return 0


def _is_superseded(partials: Path, top: Path, size: int) -> bool:
    """Say whether this is the folder of partial tiles of a full one that the served checkpoint covers."""
    if partials.suffix != ".p":
        return False
    try:
        tile = parse_tile_path(partials.relative_to(top).with_suffix("").as_posix())
    except BadProof:
        return False
    return _covered(tile, size) and (top / tile.path).is_file()


def _covered(tile: Tile, size: int) -> bool:
    level = 0 if tile.level == ENTRIES else tile.level
    return tile.width == TILE_WIDTH and (tile.n + 1) << TILE_HEIGHT * (level + 1) <= size


def _drop_partials(partials: Path) -> int:
    with suppress(FileNotFoundError):
        count = sum(1 for _ in partials.iterdir())
        disk.drop_folder(partials)
        return count
    return 0


def _drop_draft(draft: Path, now_s: float) -> int:
    with suppress(FileNotFoundError):
        if now_s - draft.stat().st_mtime > DRAFT_AGE_S:
            disk.remove(draft)
            return 1
    return 0
