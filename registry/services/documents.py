"""
Keep papers: contracts, evidence, court orders.

1. ``deposit`` measures and hashes the file and tells by its first bytes what it is; the same party's same bytes are the
   paper they were.
2. It is encrypted in the vault under a key of its own, in one transaction with its row.
3. ``read`` opens it for who may (``registry.selectors.documents``), and notes the reading before the bytes leave.

Left out: what a paper says. No engine and no trainer is given what comes from here.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from django.db import IntegrityError, transaction
from uuid6 import uuid7

from registry import vault
from registry.core.errors import DomainError
from registry.errors import Unknown
from registry.models import Document, DocumentReading
from registry.selectors.documents import readable
from registry.services.tokens import Principal

MAX_BYTES: Final = 32 << 20  # a contract of a thousand scanned pages
READ_BYTES: Final = 1 << 20
_KINDS: Final = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}


class UnsupportedDocument(DomainError):
    """Not a paper: neither PDF nor a picture of one."""

    code = "unsupported_document"
    status = 422

    def __init__(self) -> None:
        super().__init__("a document is a PDF, or a scan as PNG, JPEG or TIFF", field="file")


class DocumentTooLarge(DomainError):
    """More bytes than a paper has."""

    code = "too_large"
    status = 413

    def __init__(self) -> None:
        super().__init__(f"a document has at most `{MAX_BYTES}` bytes", field="file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A paper that is stored."""

    sha256: str
    size: int  # bytes
    mime: str
    first: bool  # false: it was here already


def deposit(file: BinaryIO, *, party: str, at: datetime) -> Kept:
    """Store a paper that can be sought in; raises ``UnsupportedDocument``, ``DocumentTooLarge``."""
    sha256, mime = _measure(file), _mime(file)
    if known := _known(party, sha256):
        return known
    document = str(uuid7())
    try:
        with transaction.atomic(durable=True):
            stored = vault.store(document, _pieces(file))
            with vault.discarding(document):
                Document.objects.create(
                    id=document, party=party, sha256=stored.sha256, size=stored.size, mime=mime, stored_at=at
                )
    except IntegrityError:  # another deposit of the same bytes was faster
        if known := _known(party, sha256):
            return known
        raise
    return Kept(sha256=stored.sha256, size=stored.size, mime=mime, first=True)


def read(sha256: str, *, by: Principal, at: datetime) -> tuple[bytes, str]:
    """Return a paper's bytes and type for who may read it; raises ``Unknown`` alike for who may not."""
    row = readable(sha256, party=by.party, at=at)
    if row is None:
        raise Unknown(kind="document", id=sha256, status=404)
    plain = vault.inspect(row.id)
    with transaction.atomic(durable=True):
        DocumentReading.objects.create(document=row.id, sha256=sha256, party=by.party, person=by.person, at=at)
    return plain, row.mime


def _known(party: str, sha256: str) -> Kept | None:
    row = Document.objects.filter(party=party, sha256=sha256).first()
    return None if row is None else Kept(sha256=row.sha256, size=row.size, mime=row.mime, first=False)


def _measure(file: BinaryIO) -> str:
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(file):
        size += len(piece)
        if size > MAX_BYTES:
            raise DocumentTooLarge
        digest.update(piece)
    return digest.hexdigest()


def _mime(file: BinaryIO) -> str:
    file.seek(0)
    start = file.read(16)
    for magic, mime in _KINDS.items():
        if start.startswith(magic):
            return mime
    raise UnsupportedDocument


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(READ_BYTES):
        yield piece
