"""
Encrypted files in the media directory.

A file appears whole or not at all: it is written beside its place, forced to disk and renamed (``registry.disk``), and
its key is a row of the transaction that stores it. A crash before the commit leaves at most a ciphertext whose key was
never kept: noise.
"""

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from registry import disk
from registry.core.errors import DomainError
from registry.vault.chunks import DoesNotOpen, decrypt, encrypt
from registry.vault.keys import existing_key, make_key

MAX_PLAIN_BYTES = 512 << 20  # a file is decrypted to memory, beside what is computed from it


class Stored(NamedTuple):
    sha256: str  # of the plain bytes
    size: int


class BytesMissing(DomainError):
    """Nothing is stored for the asset."""

    code = "bytes_missing"
    status = 409

    def __init__(self, *, asset: str) -> None:
        super().__init__(f"no bytes are stored for asset `{asset}`")


class BytesDamaged(DomainError):
    """The stored file is not the one that was sealed: cut, reordered, changed, or another's."""

    code = "bytes_damaged"
    status = 503

    def __init__(self, *, asset: str, problem: str) -> None:
        super().__init__(f"the stored bytes of asset `{asset}` do not open: {problem}")


class AlreadyStored(DomainError):
    """An asset's bytes never change, and its key seals one file only."""

    code = "already_stored"
    status = 409

    def __init__(self, *, asset: str) -> None:
        super().__init__(f"asset `{asset}` has its bytes already")


def store(asset: str, chunks: Iterable[bytes]) -> Stored:
    """
    Encrypt and store an asset's bytes under a new key. Joins the caller's transaction, which keeps the key.

    The caller goes on within ``discarding``. Raises ``AlreadyStored``, and ``ValueError`` for more
    than ``MAX_PLAIN_BYTES``.
    """
    if not make_key(_owner(asset)):
        raise AlreadyStored(asset=asset)
    meter = _Meter()
    path = path_of(asset)
    disk.place(path, encrypt(asset, existing_key(_owner(asset)), meter.pass_on(chunks)), mode=0o700)
    disk.keep_names([path])
    return Stored(sha256=meter.hash.hexdigest(), size=meter.size)


def inspect(asset: str) -> bytes:
    """
    Decrypt without a clearance: to fingerprint what was just deposited, and to show a take to those who may see it.

    INVARIANT (closed-conditioning): no engine and no trainer is given what comes from here.
    """
    return read(asset)


def read(asset: str) -> bytes:
    """Decrypt a whole file to memory, or raise ``BytesMissing``, ``BytesDamaged``, ``KeyDestroyed``."""
    try:
        with path_of(asset).open("rb") as file:
            return b"".join(decrypt(asset, existing_key(_owner(asset)), file))
    except FileNotFoundError as error:
        raise BytesMissing(asset=asset) from error
    except DoesNotOpen as error:
        raise BytesDamaged(asset=asset, problem=str(error)) from error


@contextlib.contextmanager
def discarding(asset: str) -> Iterator[None]:
    """
    Remove a file where what is to refer to it fails. For the inside of that transaction, after ``store``.

    A commit that fails leaves the file where it is: whoever lost the database while it committed cannot know, and the
    bytes of what was committed may be all there is. What rolled back is a ciphertext without a key.
    """
    try:
        yield
    except BaseException:
        discard(asset)
        raise


def discard(asset: str) -> None:
    """Remove a file that nothing refers to, or whose key was destroyed."""
    with contextlib.suppress(FileNotFoundError):
        disk.remove(path_of(asset))


def path_of(asset: str) -> Path:
    """Return where an asset's file is; UUIDv7 begin alike, so the folder is named by their last digits."""
    name = str(UUID(asset))
    return Path(settings.MEDIA_DIR) / name[-2:] / name


class _Meter:
    """Count and hash what passes."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()
        self.size = 0

    def pass_on(self, chunks: Iterable[bytes]) -> Iterable[bytes]:
        for chunk in chunks:
            self.hash.update(chunk)
            self.size += len(chunk)
            if self.size > MAX_PLAIN_BYTES:
                raise ValueError(f"more than {MAX_PLAIN_BYTES} bytes")
            yield chunk


def _owner(asset: str) -> str:
    return f"asset:{asset}"
