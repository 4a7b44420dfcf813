"""
Rebuild the log from its leaves, and compare: entries, roots, checkpoints, and every file that is served.

1. Every leaf is an entry in the one format, and has a number or waits for one.
2. Numbers are dense from 0.
3. Every checkpoint has the root of the entries it covers, under the log's own signature, and the time that is signed.
4. Every tile and bundle on disk is what the entries give; none that the newest checkpoint needs is missing.
5. The served checkpoint is the newest one, and nothing else lies in the folder.

What is on disk is listed *before* the snapshot of the database: the publisher writes rows first and serves them then,
so that whatever was served by then must have its rows. What comes later is not looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry.core.checkpoint import open_checkpoint
from registry.core.cosignature import MLDSA44_COSIGNATURE
from registry.core.errors import BadNote, BadProof, Malformed
from registry.core.fields import Reader
from registry.core.jcs import parse_canonical
from registry.core.merkle import HASH_BYTES
from registry.core.note import Note, VerifierKey
from registry.core.tiles import ENTRIES, Edge, Tile, decode_bundle, encode_bundle, parse_tile_path
from registry.log.folder import CHECKPOINT, log_dir, read_checkpoint
from registry.log.identity import origin, verifiers
from registry.log.witnesses import witnesses
from registry.models import Checkpoint, Entry, Leaf, Unnumbered
from web.fsck.report import Report

MAX_NAMED = 5  # of a gap in the numbers
DRAFT: Final = re.compile(r"\..+\.[0-9a-f]{12}")  # what ``registry.disk`` writes first; a crash may leave one


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What was in the log's folder at some moment."""

    checkpoint: bytes | None
    paths: frozenset[str]  # of everything but drafts


def look() -> Served:
    """List the folder; before the snapshot."""
    return Served(checkpoint=read_checkpoint(), paths=files_below(log_dir()))


def files_below(root: Path) -> frozenset[str]:
    """Return the paths of all files in a folder, drafts aside."""
    found = (path for path in root.rglob("*") if not path.is_dir() and not DRAFT.fullmatch(path.name))
    return frozenset(path.relative_to(root).as_posix() for path in found)


def check_log(before: Served, report: Report) -> None:
    """Compare leaves, entries, checkpoints and files; findings go into the report."""
    _check_leaves(report)
    entries = _check_entries(report)
    newest = _check_checkpoints(entries, report)
    _check_files(before, entries, newest, report)


def _check_leaves(report: Report) -> None:
    numbered = set(Entry.objects.values_list("leaf_id", flat=True))
    waiting = set(Unnumbered.objects.values_list("leaf_id", flat=True))
    for leaf in Leaf.objects.order_by("seq").iterator():
        report.count("leaves", 1)
        if problem := _entry_problem(leaf):
            report.add("leaf_changed", leaf.digest, problem)
        if (leaf.seq in numbered) == (leaf.seq in waiting):
            detail = "has a number and waits for one" if leaf.seq in numbered else "has no number and waits for none"
            report.add("leaf_not_queued", leaf.digest, f"leaf {leaf.seq} {detail} (registry_unnumbered, registry_run)")
        numbered.discard(leaf.seq)
        waiting.discard(leaf.seq)
    for table, left in (("registry_run", numbered), ("registry_unnumbered", waiting)):
        for seq in sorted(left):
            report.add("leaf_gone", f"{table} {seq}", "the leaf that it is of is not there")


def _entry_problem(leaf: Leaf) -> str | None:
    try:
        reader = Reader(parse_canonical(bytes(leaf.entry)), "entry")
        digest = reader.digest("digest")
        reader.digest("envelope")
        reader.str("type")
        reader.int("v", 1, 1)
        reader.finish()
    except Malformed as error:
        return f"its entry is malformed: {error}"
    return None if digest == leaf.digest else f"its entry names the statement {digest}"


def _check_entries(report: Report) -> list[bytes]:
    """Return the entries up to the first gap in their numbers."""
    entries: list[bytes] = []
    gaps = 0
    for entry in Entry.objects.order_by("index").select_related("leaf").iterator():
        data = bytes(entry.leaf.entry)
        if entry.index == len(entries):
            entries.append(data)
        elif (gaps := gaps + 1) <= MAX_NAMED:
            report.add(
                "entries_not_dense",
                entry.index,
                f"number {entry.index} stands where {len(entries)} is due (registry_run)",
            )
    report.count("entries", len(entries))
    return entries


def _check_checkpoints(entries: Sequence[bytes], report: Report) -> Checkpoint | None:
    edge, newest = Edge.empty(), None
    for row in Checkpoint.objects.order_by("size").iterator():
        report.count("checkpoints", 1)
        newest = row
        _check_note(row, report)
        if row.size > len(entries):
            report.add(
                "checkpoint_ahead",
                f"registry_checkpoint {row.size}",
                f"covers {row.size} entries, and {len(entries)} are there",
            )
            continue
        edge, _ = edge.extend(entries[edge.size : row.size])
        if edge.root != bytes(row.root):
            report.add("root_differs", f"registry_checkpoint {row.size}", "the entries it covers have another root")
    return newest


def _check_note(row: Checkpoint, report: Report) -> None:
    try:
        signed = open_checkpoint(row.note.encode(), *verifiers(), *_witnesses())
    except BadNote as error:
        report.add("checkpoint_unsigned", f"registry_checkpoint {row.size}", f"its note does not verify: {error}")
        return
    if (signed.origin, signed.size, signed.root) != (origin(), row.size, bytes(row.root)):
        report.add(
            "checkpoint_differs",
            f"registry_checkpoint {row.size}",
            "its note says another origin, size or root than its row",
        )
    told = {one.time_s for one in Note.parse(row.note.encode()).signatures if any(map(one.is_of, _timed()))}
    if told and int(row.published_at.timestamp()) not in told:
        report.add(
            "checkpoint_differs",
            f"registry_checkpoint {row.size}",
            "its note was signed at another time than its row says",
        )


def _witnesses() -> Sequence[VerifierKey]:
    """Their signatures below ours are verified where the settings name them; of others nobody here has the key."""
    return [key for witness in witnesses() for key in witness.keys]


def _timed() -> Sequence[VerifierKey]:
    """The log's keys whose signatures carry a time; a checkpoint from before there was one says none."""
    return [key for key in verifiers() if key.type == MLDSA44_COSIGNATURE]


def _check_files(before: Served, entries: Sequence[bytes], newest: Checkpoint | None, report: Report) -> None:
    _check_shown_before(before.checkpoint, report)
    _check_served(read_checkpoint(), newest, report)
    if newest is not None:
        _, files = Edge.empty().extend(entries[: newest.size])
        for path, data in sorted(files.items()):
            _check_tile(path, data, report)
    _check_strays(before, entries, report)


def _check_shown_before(served: bytes | None, report: Report) -> None:
    """What was served before the snapshot was a row before it was served."""
    if served is not None and not Checkpoint.objects.filter(note=served.decode(errors="replace")).exists():
        size = served.decode(errors="replace").split("\n")[1:2]
        report.add(
            "checkpoint_unknown",
            CHECKPOINT,
            f"no row of registry_checkpoint has what is served, of size {' '.join(size)[:20]}",
        )


def _check_served(served: bytes | None, newest: Checkpoint | None, report: Report) -> None:
    if newest is None:
        return
    if served is None:
        report.add("checkpoint_missing", CHECKPOINT, f"nothing is served, and {newest.size} entries are signed")
        return
    try:
        shown = open_checkpoint(served, *verifiers())
    except BadNote as error:
        report.add("checkpoint_unsigned", CHECKPOINT, f"the served checkpoint does not verify: {error}")
        return
    if shown.size < newest.size:
        report.add("checkpoint_stale", CHECKPOINT, f"size {shown.size} is served and {newest.size} is signed")
    elif shown.size == newest.size and shown.root != bytes(newest.root):
        report.add("checkpoint_forked", CHECKPOINT, f"two roots are signed for size {shown.size}")


def _check_tile(path: str, data: bytes, report: Report) -> None:
    """A partial tile may have given way to a later one, which ``_check_strays`` looks at."""
    report.count("tiles", 1)
    tile = parse_tile_path(path)
    if not (log_dir() / path).exists() and not (log_dir() / Tile(level=tile.level, n=tile.n).path).exists():
        report.add("tile_missing", path, "the newest checkpoint needs it")
    elif (log_dir() / path).exists() and (served := (log_dir() / path).read_bytes()) != data:
        report.add("tile_differs", path, "it holds other bytes than the entries give" + _others(tile, served, data))


def _others(tile: Tile, served: bytes, data: bytes) -> str:
    """Say whose entries differ: a row that was edited gives another entry than the one that was published."""
    if tile.level != ENTRIES:
        return ""
    try:
        pairs = zip(decode_bundle(served), decode_bundle(data), strict=True)
        named = [Reader(parse_canonical(ours), "entry").digest("digest") for theirs, ours in pairs if theirs != ours]
    except (BadProof, Malformed, ValueError):
        return ""
    more = "" if len(named) <= MAX_NAMED else f" and {len(named) - MAX_NAMED} more"
    return f": those of {', '.join(named[:MAX_NAMED])}{more}"


def _check_strays(before: Served, entries: Sequence[bytes], report: Report) -> None:
    """Look at every file there is: those of earlier sizes, and those that are no tile at all."""
    _, full = Edge.empty().extend(entries)
    whole = {(tile.level, tile.n): data for path, data in full.items() if (tile := parse_tile_path(path))}
    for path in sorted(before.paths - {CHECKPOINT} - _named(report)):
        try:
            data = (log_dir() / path).read_bytes()
        except FileNotFoundError:
            continue  # a partial tile that has given way meanwhile; whether a needed one is missing was asked above
        if not _is_prefix(path, data, whole):
            report.add("tile_differs", path, "it is no tile, or holds other bytes than the entries give")


def _is_prefix(path: str, data: bytes, whole: dict[tuple[int, int], bytes]) -> bool:
    """Say whether a file is a tile of this or an earlier size; tiles are written after their entries are committed."""
    try:
        tile = parse_tile_path(path)
        known = whole.get((tile.level, tile.n), b"")
        if tile.level != ENTRIES:
            return len(data) == tile.width * HASH_BYTES and known.startswith(data)
        theirs = decode_bundle(data)
        ours = decode_bundle(known)[: tile.width]
        return len(theirs) == tile.width and encode_bundle(ours) == data
    except BadProof:
        return False


def _named(report: Report) -> set[str]:
    return {finding.subject for finding in report.findings if finding.fault.startswith("tile")}
