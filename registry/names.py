"""
A keyed hash of a name, so that a name can be found without standing in the clear.

The key is derived from `KEK` (HKDF, RFC 5869), so a copy of the database alone cannot be searched for names.
"""

import hmac
import unicodedata
from functools import cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def fold(name: str) -> str:
    """Write a name in the one form in which names are compared: NFKC, casefolded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def name_hmac(name: str) -> bytes:
    """Return the blind index of a whole name, 32 bytes."""
    return hmac.digest(_key(settings.KEK), fold(name).encode(), "sha256")


@cache
def _key(kek: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"proviso name index v1").derive(kek)
