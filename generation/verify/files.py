"""
Read what the verifier is given, each file within a limit; and write the one file that it makes.

Whatever cannot be read as what it should be is ``Unreadable``, with one sentence for the person who called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from generation.core.bundle import Bundle
from generation.core.trust import Trust
from registry.core.checkpoint import MAX_PROOF_BYTES, Proof
from registry.core.envelope import Envelope
from registry.core.errors import DomainError
from registry.core.jcs import Json, parse_json

MAX_BUNDLE_BYTES = 64 << 20  # some ten thousand statements
MAX_TRUST_BYTES = 1 << 20
MAX_STATEMENT_BYTES = 4 << 20  # an envelope with its text beside it
_BLOCK = 1 << 20  # bytes read at once

T = TypeVar("T")


class Unreadable(Exception):
    """A file that is missing, too large, or not of its format: a sentence for people, a ``code`` for programs."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


def read_bundle(path: Path) -> Bundle:
    return _parsed(path, MAX_BUNDLE_BYTES, Bundle.parse, "a bundle")


def read_trust(path: Path) -> Trust:
    return _parsed(path, MAX_TRUST_BYTES, Trust.parse, "a trust file")


def read_envelope(path: Path) -> Envelope:
    """Read a statement's envelope: by itself, or in the answer of `GET /statements/{digest}`."""
    return _parsed(path, MAX_STATEMENT_BYTES, _envelope, "a statement's envelope")


def read_proof(path: Path) -> Proof:
    try:
        return Proof.parse(read_bytes(path, MAX_PROOF_BYTES))
    except DomainError as error:
        raise Unreadable(f"`{path}` is not a receipt: {error}", code="wrong_format") from error


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet: an old receipt is never written over."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise Unreadable(f"`{path}` is there already", code="exists") from error
    except OSError as error:
        raise Unreadable(f"`{path}` cannot be written: {error.strerror}", code="unwritable") from error


def open_media(path: Path) -> BinaryIO:
    """Open the file whose papers these are."""
    require_file(path)
    try:
        return path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error


def sha256_of(media: BinaryIO) -> str:
    """Hash a file from its start, block by block, and go back there."""
    media.seek(0)
    found = hashlib.sha256()
    while block := media.read(_BLOCK):
        found.update(block)
    media.seek(0)
    return found.hexdigest()


def _parsed(path: Path, limit: int, parse: Callable[[Json], T], what: str) -> T:
    try:
        return parse(parse_json(read_bytes(path, limit), max_bytes=limit))
    except DomainError as error:
        raise Unreadable(f"`{path}` is not {what}: {error}", code="wrong_format") from error


def read_bytes(path: Path, limit: int) -> bytes:
    """Read a whole file of at most ``limit`` bytes."""
    require_file(path)
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(data) > limit:
        size = f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit >> 10} KiB"
        raise Unreadable(f"`{path}` is larger than {size}", code="too_large")
    return data


def require_file(path: Path) -> None:
    """Refuse what is no file, or holds nothing."""
    if path.is_dir():
        raise Unreadable(f"`{path}` is a directory; a log is checked with `fsck {path}`", code="not_a_file")
    if not path.exists():
        raise Unreadable(f"there is no file `{path}`", code="not_found")
    if not path.is_file():
        raise Unreadable(f"`{path}` is not a file", code="not_a_file")
    if path.stat().st_size == 0:
        raise Unreadable(f"`{path}` is empty", code="empty")


def _unreadable(path: Path, error: OSError) -> Unreadable:
    return Unreadable(f"`{path}` cannot be read: {error.strerror}", code="unreadable")


def _envelope(obj: Json) -> Envelope:
    return Envelope.parse(obj["envelope"] if isinstance(obj, dict) and "envelope" in obj else obj)
