"""
Wrap a key under another, where we hold both: AES-256-GCM, a 12-byte random nonce ‖ ciphertext ‖ tag.

The associated data is the owner's name, so that no wrapped key can stand in for another owner's.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.custody.face import DoesNotUnwrap

NONCE_BYTES: Final = 12


def wrap(secret: bytes, owner: str, key: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, key, owner.encode())


def unwrap(secret: bytes, owner: str, wrapped: bytes, *, role: str, number: int) -> bytes:
    try:
        return AESGCM(secret).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], owner.encode())
    except (InvalidTag, ValueError) as error:
        raise DoesNotUnwrap(role=role, number=number, owner=owner) from error
