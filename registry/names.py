"""
A keyed hash of a name or an identifier, so that it can be found without standing in the clear.

The key is the vault's secret for names (``registry.vault.secrets``), so a copy of the database alone cannot be searched
for names, and a change of the KEK does not change a hash.
"""

import hmac

from registry.core.identifiers import Key, fold
from registry.vault.secrets import secret

__all__ = ["fold", "identifier_hmac", "name_hmac"]


def name_hmac(name: str) -> bytes:
    """Return the blind index of a whole name, 32 bytes."""
    return hmac.digest(secret("names"), fold(name).encode(), "sha256")


def identifier_hmac(key: Key) -> bytes:
    """Return the blind index of an identifier, 32 bytes: of its scheme and its value as values are compared."""
    scheme, value = key
    return hmac.digest(secret("names"), f"{scheme}\0{value}".encode(), "sha256")
