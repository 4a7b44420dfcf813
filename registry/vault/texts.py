"""
Seal small things, such as a statement's envelope, for a row of the database.

AES-256-GCM under the owner's data key: 12-byte random nonce, ciphertext, tag. ``aad`` says where the row belongs, so
that a ciphertext moved to another row does not open.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.core.errors import DomainError
from registry.vault.keys import KeyDestroyed, data_key, data_keys, unwrap

NONCE_BYTES: Final = 12


class TextDamaged(DomainError):
    """A ciphertext that its key does not open."""

    code = "text_damaged"
    status = 503

    def __init__(self, *, owner: str) -> None:
        super().__init__(f"what is stored under the key of `{owner}` was changed")


class Sealed(NamedTuple):
    owner: str
    cipher: bytes
    aad: bytes


def seal_text(owner: str, plain: bytes, aad: bytes) -> bytes:
    """Encrypt under the owner's key, made on first need."""
    return sealer(owner)(plain, aad)


def sealer(owner: str, wrapped: bytes | None = None) -> Callable[[bytes, bytes], bytes]:
    """Return what encrypts things of one owner, each with its ``aad``; their key is read where it is not given."""
    cipher = AESGCM(data_key(owner) if wrapped is None else unwrap(owner, wrapped))

    def seal(plain: bytes, aad: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, aad)

    return seal


def open_text(owner: str, cipher: bytes, aad: bytes) -> bytes:
    """Decrypt; raises ``KeyDestroyed`` or ``TextDamaged``."""
    return open_texts([Sealed(owner, cipher, aad)])[0]


def open_texts(sealed: Sequence[Sealed]) -> list[bytes]:
    """Decrypt many, in their order, with one query for all their keys."""
    keys = data_keys(one.owner for one in sealed)
    return [_open(one, keys) for one in sealed]


def open_with_keys(sealed: Sequence[Sealed], wrapped: Mapping[str, bytes]) -> list[bytes]:
    """Decrypt many, in their order, with the wrapped keys that were read beside them."""
    keys = {owner: unwrap(owner, key) for owner, key in wrapped.items()}
    return [_open(one, keys) for one in sealed]


def _open(sealed: Sealed, keys: dict[str, bytes]) -> bytes:
    if sealed.owner not in keys:
        raise KeyDestroyed(owner=sealed.owner)
    nonce, body = bytes(sealed.cipher[:NONCE_BYTES]), bytes(sealed.cipher[NONCE_BYTES:])
    try:
        return AESGCM(keys[sealed.owner]).decrypt(nonce, body, sealed.aad)
    except (InvalidTag, ValueError) as error:
        raise TextDamaged(owner=sealed.owner) from error
