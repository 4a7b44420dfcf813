"""
A keyed hash of a name or an identifier, so that it can be found without standing in the clear.

The key is derived from `KEK` (HKDF, RFC 5869), so a copy of the database alone cannot be searched for names.
"""

import hmac
from functools import cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from registry.core.identifiers import Key, fold

__all__ = ["fold", "identifier_hmac", "name_hmac"]


def name_hmac(name: str) -> bytes:
    """Return the blind index of a whole name, 32 bytes."""
    return hmac.digest(_key(settings.KEK), fold(name).encode(), "sha256")


def identifier_hmac(key: Key) -> bytes:
    """Return the blind index of an identifier, 32 bytes: of its scheme and its value as values are compared."""
    scheme, value = key
    return hmac.digest(_key(settings.KEK), f"{scheme}\0{value}".encode(), "sha256")


@cache
def _key(kek: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"proviso name index v1").derive(kek)
