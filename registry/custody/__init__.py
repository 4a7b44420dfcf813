"""
The registry's own private keys, by role: who holds them, and their versions.

``custody()`` keeps them in files (``registry.custody.files``), and where ``KMS`` is set in a KMS too
(``registry.custody.aws``), between which they move (``registry.custody.keeper``). Its methods are those of
``registry.custody.face.Custody``. Everything that signs for the registry or its log, or wraps a data key, comes here;
nobody reads a key file on their own.

Left out: the keys of parties, which never come near this machine.
"""

from __future__ import annotations

import importlib
from functools import lru_cache

from django.conf import settings

from registry.custody.face import (
    Custody,
    CustodyError,
    DoesNotUnwrap,
    HalfDone,
    Signer,
    UnknownRole,
    UnknownStore,
    UnknownVersion,
    Version,
)
from registry.custody.files import FileKeys, FileStore
from registry.custody.keeper import Keys
from registry.custody.roles import ROLES, Place, Role

__all__ = [
    "ROLES",
    "Custody",
    "CustodyError",
    "DoesNotUnwrap",
    "HalfDone",
    "Role",
    "Signer",
    "UnknownRole",
    "UnknownStore",
    "UnknownVersion",
    "Version",
    "check",
    "custody",
    "role_named",
]


def custody() -> Custody:
    """Return the keeper of the keys."""
    return _keeper(settings.KMS, settings.KEY_PLACES)


def check() -> None:
    """Open every key without which no server starts; raises ``CustodyError`` with what to set. Asks no network."""
    if settings.KMS is None:
        for role in ROLES.values():
            if role.needed:
                custody().versions(role.name)
    else:
        custody()


def role_named(name: str) -> Role:
    """Return a role; raises ``UnknownRole``."""
    if name not in ROLES:
        raise UnknownRole(role=name, known=tuple(ROLES))
    return ROLES[name]


@lru_cache(maxsize=8)  # more than one only where tests change the settings
def _keeper(kms: str | None, places: tuple[tuple[str, Place], ...]) -> Custody:
    if kms is None:
        return FileKeys(dict(places))
    aws = importlib.import_module("registry.custody.aws")  # boto3 is loaded where it is used, and nowhere else
    return Keys(aws.AwsKms.at(kms), FileStore(dict(places)))
