"""
The vault's file format (``docs/formats.md`` section 9): encrypt a stream in chunks, decrypt it whole or not at all.

Each chunk is sealed with its number, the asset and whether it is the last, so that a file that was cut, extended,
reordered, or put in another's place does not open. A data key seals one file only: the nonce is the chunk's number.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC: Final = b"PROVISO1"
CHUNK_BYTES: Final = 1 << 20  # of plain bytes
TAG_BYTES: Final = 16


class DoesNotOpen(Exception):
    """The file is not what was sealed for this asset under this key."""


def encrypt(asset: str, key: bytes, plain: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the file, piece by piece; at any time one chunk is in memory."""
    yield MAGIC
    cipher = AESGCM(key)
    number = 0
    held: bytes | None = None
    for chunk in _even(plain):
        if held is not None:
            yield _seal(cipher, asset, number, held, last=False)
            number += 1
        held = chunk
    yield _seal(cipher, asset, number, held or b"", last=True)


def decrypt(asset: str, key: bytes, file: BinaryIO) -> Iterator[bytes]:
    """
    Yield the plain chunks. What was yielded may be used only once the iterator ends without ``DoesNotOpen``: until the
    last chunk nobody knows whether the file was cut.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise DoesNotOpen("not a vault file")
    cipher = AESGCM(key)
    number = 0
    chunk = file.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        after = file.read(CHUNK_BYTES + TAG_BYTES)
        yield _unseal(cipher, asset, number, chunk, last=not after)
        if not after:
            return
        number, chunk = number + 1, after


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream of pieces of any length into chunks that are full but for the last."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= CHUNK_BYTES:
            yield bytes(held[:CHUNK_BYTES])
            del held[:CHUNK_BYTES]
    if held:
        yield bytes(held)


def _seal(cipher: AESGCM, asset: str, number: int, plain: bytes, *, last: bool) -> bytes:
    return cipher.encrypt(_nonce(number), plain, _bound(asset, number, last=last))


def _unseal(cipher: AESGCM, asset: str, number: int, sealed: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number), sealed, _bound(asset, number, last=last))
    except (InvalidTag, ValueError) as error:
        raise DoesNotOpen(f"chunk {number} was changed") from error


def _nonce(number: int) -> bytes:
    return bytes(4) + number.to_bytes(8, "big")


def _bound(asset: str, number: int, *, last: bool) -> bytes:
    return UUID(asset).bytes + number.to_bytes(8, "big") + bytes([last])
