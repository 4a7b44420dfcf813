"""
Walk a whole log from its files, with nothing else in hand: every entry, every tile, every root.

1. Checkpoint: the newest one reads as a checkpoint, and its log signed it.
2. Entries: each bundle holds the entries that its name says, each of the one form that the log has, and no statement
   stands there twice.
3. Tiles: every full tile and the partial ones of this size hold the hashes that the entries give.
4. Root: the entries give the root that was signed.
5. Witnesses: as many as the trust asks for cosigned the checkpoint.
6. Trust: the log's keys are in the trust given.

Entries hold digests alone: what was signed, and by whom, is not in the log (INVARIANT no-personal-data-in-the-log).
Whoever calls hands in ``read(tile)`` and the note; of the tree only its right edge is held in memory, and the digests.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from generation.core.inclusion import check_witnesses
from generation.core.logged import open_if_known, signed_by_log
from generation.core.receipt import trust_of
from generation.core.steps import Checks, Found, Judgement, Said, Unproven, require, run
from generation.core.trust import NO_TRUST, Trust
from registry.core.checkpoint import Checkpoint, Note, VerifierKey
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.core.tiles import (
    ENTRIES,
    TILE_WIDTH,
    Edge,
    ReadTile,
    Tile,
    decode_bundle,
    parse_tile_path,
)

Told = Callable[[int, int], None]  # entries read, entries that there are
DIGEST_PREFIX: Final = 16  # bytes of a digest by which two of one name are found; 128 bits never meet by chance
# The canonical JSON of an entry: this is faster than parsing it, and as strict.
_ENTRY: Final = re.compile(rb'\{"digest":"([0-9a-f]{64})","envelope":"[0-9a-f]{64}","type":"[a-z._]{1,40}","v":1\}')


@dataclass(slots=True, kw_only=True)
class WholeLog:
    """A log to walk; the walk's state is kept from step to step, so that every file is read once."""

    note: bytes
    stated: tuple[VerifierKey, ...]  # keys that the log states of itself
    read: ReadTile
    given: Trust | None
    told: Told = lambda done, total: None
    edge: Edge = field(default_factory=Edge.empty)
    wrong: list[str] = field(default_factory=list)  # what is wrong with which tile, until the step that tells it
    tiles: int = 0

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint.parse(Note.parse(self.note).text)

    @property
    def trusted(self) -> Trust:
        return self.given or NO_TRUST

    @property
    def known(self) -> tuple[VerifierKey, ...]:
        return tuple(dict.fromkeys((*self.stated, *self.trusted.log)))

    @property
    def text(self) -> str:
        return Note.parse(self.note).format().decode()


def walk_log(log: WholeLog) -> Judgement:
    """Walk a log; an unreadable source raises what ``read`` raises."""
    steps = run(STEPS, log, _vouched)
    about: dict[str, Json] = {}
    if steps[0].outcome != "failed":
        about = {"origin": log.checkpoint.origin, "size": log.checkpoint.size, "root": log.checkpoint.root.hex()}
    return Judgement(kind="log", steps=steps, planned=len(STEPS), about=about)


def _checkpoint(log: WholeLog) -> Found:
    """1."""
    return signed_by_log(log.text, log.known, log.trusted)


def _entries(log: WholeLog) -> Found:
    """2. And, as they are at hand, 3: each full tile is compared as soon as it is full."""
    size = log.checkpoint.size
    seen: set[bytes] = set()
    for n in range(-(-size // TILE_WIDTH)):
        width = min(TILE_WIDTH, size - n * TILE_WIDTH)
        entries = _bundle(log, Tile(level=ENTRIES, n=n, width=width))
        for place, entry in enumerate(entries, start=n * TILE_WIDTH):
            _entry(entry, place, seen)
        log.edge, files = log.edge.extend(entries)
        _compare(log, {path: data for path, data in files.items() if parse_tile_path(path).width == TILE_WIDTH})
        log.told(log.edge.size, size)
    return "proven", f"{size} entries, each of the one form, no statement twice"


def _bundle(log: WholeLog, tile: Tile) -> tuple[bytes, ...]:
    try:
        entries = decode_bundle(log.read(tile))
    except DomainError as error:
        raise Unproven(f"`{tile.path}`: {error}") from error
    require(len(entries) == tile.width, f"`{tile.path}` holds {len(entries)} entries")
    return entries


def _entry(entry: bytes, place: int, seen: set[bytes]) -> None:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise Unproven(f"entry {place} is not of the form that this log has")
    digest = bytes.fromhex(found[1].decode())[:DIGEST_PREFIX]
    require(digest not in seen, f"entry {place} is statement `{found[1].decode()}`, which stands before it already")
    seen.add(digest)


def _compare(log: WholeLog, files: dict[str, bytes]) -> None:
    """Compare tiles of hashes with those that the entries give; what differs is told in the step of the tiles."""
    for path, data in files.items():
        tile = parse_tile_path(path)
        if tile.level == ENTRIES:
            continue
        log.tiles += 1
        try:
            if log.read(tile) != data:
                log.wrong.append(f"`{path}` holds other bytes than the entries give")
        except DomainError as error:  # one that is missing is as wrong as one with other hashes
            log.wrong.append(f"`{path}`: {error}")


def _tiles(log: WholeLog) -> Found:
    """3."""
    _compare(log, log.edge.partial_files())
    more = f", and {len(log.wrong) - 1} more" if len(log.wrong) > 1 else ""
    require(not log.wrong, f"{''.join(log.wrong[:1])}{more}")
    return "proven", f"{log.tiles} tiles hold the hashes of the entries"


def _root(log: WholeLog) -> Found:
    """4."""
    signed, found = log.checkpoint.root.hex(), log.edge.root.hex()
    require(signed == found, f"the entries give the root `{found}`, signed is `{signed}`")
    return "proven", f"`{found}`, as it was signed"


def _witnesses(log: WholeLog) -> Found:
    """5."""
    return check_witnesses(open_if_known(log.text, log.known), log.trusted)


def _trust(log: WholeLog) -> Found:
    """6."""
    signed = open_if_known(log.text, log.known)
    lacks = [lack for one in signed for lack in one.lacks(log.trusted)] if signed else ["a key of the log"]
    return trust_of(log.given, lacks)


STEPS: Checks[WholeLog] = (
    ("checkpoint", _checkpoint),
    ("entries", _entries),
    ("tiles", _tiles),
    ("root", _root),
    ("witnesses", _witnesses),
    ("trust", _trust),
)


def _vouched(log: WholeLog) -> Iterator[Said]:
    yield "statements", "that what the entries name was said, and by whom: the log holds digests alone"
    yield "newest", "that no newer checkpoint is kept from you"
