"""
Secrets that stay what they are when the KEK changes: what a name is hashed with, what a mark is made with.

Each is a data key of its own, ``secret:<purpose>``, wrapped like any other. Where no row says otherwise it is derived
from the first version of the KEK, which is what it was before the KEK had versions; ``keep_secrets`` writes that down
before another version is made. Behind a KMS, where nobody sees a KEK, secrets are drawn at set-up.

Changing one of these would lose every name and every mark that was made with it, so nothing does.
"""

import secrets
from types import MappingProxyType
from typing import Final

from registry.custody import Custody, custody
from registry.vault.keys import KEY_BYTES, KeyDestroyed, data_keys, keep_key

PURPOSES: Final = MappingProxyType(
    {"names": b"proviso name index v1", "marks": b"proviso watermark"}
)  # and HKDF's info

_known: dict[tuple[Custody, str], bytes] = {}  # they never change, so that each process asks once


def secret(purpose: str) -> bytes:
    """Return the secret for a purpose, 32 bytes; raises ``KeyDestroyed`` where the set-up has not drawn it."""
    keeper = custody()
    if (keeper, purpose) not in _known:
        found = data_keys([_owner(purpose)]).get(_owner(purpose)) or keeper.derive("kek", PURPOSES[purpose])
        if found is None:
            raise KeyDestroyed(owner=_owner(purpose))
        _known[keeper, purpose] = found
    return _known[keeper, purpose]


def keep_secrets() -> None:
    """Write down every secret that has no row yet: at set-up behind a KMS, and before a rotation of the KEK."""
    there = data_keys(map(_owner, PURPOSES))
    for purpose, info in PURPOSES.items():
        if _owner(purpose) not in there:
            derived = custody().derive("kek", info)
            keep_key(_owner(purpose), secrets.token_bytes(KEY_BYTES) if derived is None else derived)


def _owner(purpose: str) -> str:
    return f"secret:{purpose}"
