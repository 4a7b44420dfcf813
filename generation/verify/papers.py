"""
Read each kind of paper from its files, and have it judged.

=========  ============================================  ===============================================
bundle     a shot's bundle and the video                 ``generation.core.verify``
record     the PDF of a signed statement                 ``generation.core.record_paper``
receipt    a tlog-proof and the statement's envelope     ``generation.core.receipt``
log        a directory or address with a log's files     ``generation.core.whole_log``
reseal     an old receipt, its envelope, and the log     ``generation.core.resealed``
=========  ============================================  ===============================================

Trust comes from a file of the caller's, or from the evidence where its keys hash to a pin; never otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from generation.core.bundle import Bundle
from generation.core.page_seal import blanked_sha256
from generation.core.receipt import Receipt, verify_receipt
from generation.core.record_keys import Keys
from generation.core.record_paper import KEYS, SEAL, RecordPaper, verify_record
from generation.core.resealed import Resealing, verify_resealing
from generation.core.steps import Judgement
from generation.core.trust import NO_TRUST, Trust
from generation.core.verify import Papers, verify
from generation.core.whole_log import WholeLog, walk_log
from generation.verify.files import (
    Unreadable,
    open_media,
    read_bundle,
    read_bytes,
    read_envelope,
    read_proof,
    sha256_of,
    write_new,
)
from generation.verify.manifest import read_manifest
from generation.verify.pdf import MAX_PDF_BYTES, NotReadable, read_attachments
from registry.core.checkpoint import Note, VerifierKey
from registry.core.errors import DomainError
from registry.core.jcs import parse_json
from registry.core.merkle import HASH_BYTES
from registry.core.tiles import ENTRIES, TILE_WIDTH, ReadTile, Tile, decode_bundle, encode_bundle
from registry.core.treehead import Checkpoint
from registry.watch.source import NotServed, Source, Unreachable, open_source, read_checkpoint, read_tile, read_vkeys
from registry.watch.tree import Tree

Told = Callable[[int, int], None]
UNREACHABLE: Final = Unreachable.code
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def judge_bundle(bundle_path: Path, media_path: Path, *, trust: Trust | None, pin: str | None) -> Judgement:
    """Judge a shot's papers: the file's digest, and its credential by all known anchors and by the trusted alone."""
    bundle: Bundle = read_bundle(bundle_path)
    given = _given(trust, pin, bundle.trust)
    known = bundle.trust if given is None else bundle.trust | given
    with open_media(media_path) as media:
        digest = sha256_of(media)
        sealed = read_manifest(media, known.c2pa)
        media.seek(0)
        anchored = given is not None and bool(given.c2pa) and read_manifest(media, given.c2pa).state == "Trusted"
    return verify(Papers(bundle=bundle, file_sha256=digest, sealed=sealed, anchored=anchored, given=given))


def judge_record(path: Path, *, trust: Trust | None, pin: str | None) -> Judgement:
    """Judge the PDF of a signed statement by what is attached to it."""
    data = read_bytes(path, MAX_PDF_BYTES)
    try:
        attached = read_attachments(data)
    except NotReadable as error:
        raise Unreadable(f"`{path}` is not a record: {error}", code="wrong_format") from error
    held = {name: attachment.data for name, attachment in attached.items()}
    seal = attached.get(SEAL)
    sealed = "" if seal is None else blanked_sha256(data, seal.start, len(seal.data))
    given = _given(trust, pin, _stated(held))
    return verify_record(RecordPaper(attached=held, file_sha256=sealed, given=given))


def judge_receipt(path: Path, envelope: Path, *, trust: Trust | None) -> Judgement:
    """Judge a receipt against the statement that it is said to be of."""
    return verify_receipt(Receipt(envelope=read_envelope(envelope), proof=read_proof(path), given=trust))


def judge_log(where: str, *, trust: Trust | None, told: Told) -> Judgement:
    """Walk a whole log from its files."""
    source = _source(where)
    note, stated = _asked(source, read_checkpoint), _stated_by(source)
    read = _reaching(partial(_tile, source))
    return walk_log(WholeLog(note=note, stated=stated, read=read, given=trust, told=told))


def judge_resealing(path: Path, envelope: Path, where: str, *, out: Path, trust: Trust | None) -> Judgement:
    """Carry a receipt over to the newest checkpoint of its log; the new one is written where no step fails."""
    source = _source(where)
    newer = _asked(source, read_checkpoint)
    resealing = Resealing(
        envelope=read_envelope(envelope),
        old=read_proof(path),
        newer=newer,
        stated=_stated_by(source),
        read=_reaching(Tree(source=source, checkpoint=_checkpoint(newer, where)).tile),
        given=trust,
    )
    found = verify_resealing(resealing)
    if found.failed is None:
        write_new(out, resealing.made().format())
    return found


def _given(trust: Trust | None, pin: str | None, stated: Trust) -> Trust | None:
    """The trust given: a file of keys, or the evidence's own object where its digest is the pinned one."""
    if trust is not None or pin is None:
        return trust
    return stated if pin == stated.sha256 else NO_TRUST


def _stated(held: dict[str, bytes]) -> Trust:
    """Return the keys that a record names; one that cannot be read names none, as its first step will tell."""
    try:
        return Keys.parse(parse_json(held[KEYS])).trust
    except (DomainError, KeyError):
        return NO_TRUST


def _stated_by(source: Source) -> tuple[VerifierKey, ...]:
    """Return the keys that a log states of itself; a directory of tiles need not state any."""
    try:
        return tuple(map(VerifierKey.parse, read_vkeys(source)))
    except NotServed:
        return ()
    except Unreachable as error:
        raise Unreadable(str(error), code=UNREACHABLE) from error
    except DomainError as error:
        raise Unreadable(str(error), code="wrong_format") from error


def _source(where: str) -> Source:
    if _SCHEME.match(where) and not where.startswith(("http://", "https://")):
        raise Unreadable(f"`{where}` is no address of a log: http:// or https://", code="usage")
    try:
        return open_source(where)
    except Unreachable as error:
        raise Unreadable(str(error), code=UNREACHABLE) from error


def _asked(source: Source, read: Callable[[Source], bytes]) -> bytes:
    try:
        return read(source)
    except NotServed as error:
        raise Unreadable(f"there is no log at `{source.name}`: {error}", code="no_log") from error
    except Unreachable as error:
        raise Unreadable(str(error), code=UNREACHABLE) from error


def _tile(source: Source, tile: Tile) -> bytes:
    """Read a tile; where a partial one has given way to the full one, the beginning of that."""
    try:
        return read_tile(source, tile)
    except NotServed:
        if tile.width == TILE_WIDTH:
            raise
    full = read_tile(source, Tile(level=tile.level, n=tile.n))
    if tile.level == ENTRIES:
        return encode_bundle(decode_bundle(full)[: tile.width])
    return full[: tile.width * HASH_BYTES]


def _reaching(read: ReadTile) -> ReadTile:
    """Tell a log that cannot be asked from one that is wrong: the first says nothing about the log."""

    def reached(tile: Tile) -> bytes:
        try:
            return read(tile)
        except NotServed:
            raise
        except Unreachable as error:
            raise Unreadable(str(error), code=UNREACHABLE) from error

    return reached


def _checkpoint(note: bytes, where: str) -> Checkpoint:
    try:
        return Checkpoint.parse(Note.parse(note).text)
    except DomainError as error:
        raise Unreadable(f"`{where}` serves no checkpoint that can be read: {error}", code="wrong_format") from error
