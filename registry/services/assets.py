"""
Keep the bytes of an asset.

``deposit(file, *, party, at) -> Deposit`` is for whoever serves ``POST /assets``. From what it returns the draft of
``asset.registered`` is made: ``asset sha256 size``, ``media`` (the body's field is ``media.format()``), and ``first``,
false where this party deposited the same bytes before (answer 200, not 201).

1. Measure and hash the file; the same party's same bytes are the asset they were.
2. Tell what the file is and decode it to its end, within the limits.
3. In one transaction: encrypt it under a key of its own, note the deposit, read it back and take its fingerprints.

A failure anywhere leaves nothing; a crash, or a database that is lost while it commits, leaves at most a ciphertext
whose key was never kept.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db import transaction
from uuid6 import uuid7

from registry import fingerprints, ingest, models, vault
from registry.core.assets import Media, parse_media
from registry.core.fields import Reader
from registry.errors import Conflict

READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """What is stored, and what it is."""

    asset: str
    sha256: str
    size: int  # bytes
    media: Media
    first: bool  # false: it was here already


class _Known(Exception):
    """Another deposit of the same bytes by the same party was faster."""


def deposit(file: BinaryIO, *, party: str, at: datetime, asset: str | None = None) -> Deposit:
    """
    Store a file that can be sought in, for a party. The registry draws the asset's id; only the sample library, whose
    statements are signed already, brings its own.

    Raises ``NotMedia``, ``TruncatedMedia``, ``UnsupportedMedia``, ``MediaTooLarge``.
    """
    sha256 = _measure(file)
    if known := find_deposit(party=party, sha256=sha256):
        return known
    media = ingest.read_media(file)
    asset = asset or str(uuid7())
    try:
        with transaction.atomic(durable=True):
            return _store(file, asset=asset, party=party, sha256=sha256, media=media, at=at)
    except vault.AlreadyStored:  # the id was brought along, and its file is not ours to discard
        return _existing(party, sha256)
    except _Known:
        return _existing(party, sha256)


def find_deposit(*, party: str, sha256: str) -> Deposit | None:
    """Return what this party deposited with these bytes, if anything."""
    row = models.Deposit.objects.filter(party=party, sha256=sha256).first()
    if row is None:
        return None
    media = parse_media(Reader(row.media, "media"))
    return Deposit(asset=row.asset, sha256=row.sha256, size=row.size, media=media, first=False)


def _store(file: BinaryIO, *, asset: str, party: str, sha256: str, media: Media, at: datetime) -> Deposit:
    stored = vault.store(asset, _pieces(file))
    with vault.discarding(asset):
        return _note(stored, asset=asset, party=party, sha256=sha256, media=media, at=at)


def _note(stored: vault.Stored, *, asset: str, party: str, sha256: str, media: Media, at: datetime) -> Deposit:
    if stored.sha256 != sha256:
        raise Conflict("the file changed while it was read", code="file_changed", field="file")
    row = models.Deposit(asset=asset, party=party, sha256=sha256, size=stored.size, media=media.format(), stored_at=at)
    models.Deposit.objects.bulk_create([row], ignore_conflicts=True)  # waits for a rival's transaction
    if not models.Deposit.objects.filter(asset=asset).exists():
        raise _Known
    fingerprints.record(asset, media)
    return Deposit(asset=asset, sha256=sha256, size=stored.size, media=media, first=True)


def _existing(party: str, sha256: str) -> Deposit:
    found = find_deposit(party=party, sha256=sha256)
    if found is None:
        raise Conflict("the asset's id was used for other bytes", code="already_stored", field="file")
    return found


def _measure(file: BinaryIO) -> str:
    """Return the file's SHA-256; a file that is too large is refused before more of it is read."""
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(file):
        size += len(piece)
        ingest.check_size(size)
        digest.update(piece)
    return digest.hexdigest()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(READ_BYTES):
        yield piece
