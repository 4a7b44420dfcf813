"""
Data keys: one for each file, one for each person, one for the registry; at rest only wrapped.

A wrapped key names the version of the KEK that wraps it, and is bound to its owner's name, so that no row can stand in
for another (``registry.custody``). Destroying a row is how bytes and personal data are erased: a key is never made
again for what an older one sealed, because only ``data_key`` makes keys, and readers use ``data_keys``.
"""

import secrets
from collections.abc import Iterable
from typing import Final

from django.db import connection

from registry.core.errors import DomainError
from registry.custody import DoesNotUnwrap, UnknownVersion, custody
from registry.models import DataKey
from registry.prepared import run

KEY_BYTES = 32
VERSION_BYTES: Final = 4  # big-endian, before what that version of the KEK made of the key

_READ = "SELECT owner, wrapped FROM registry_datakey WHERE owner = ANY(%s)"
_INSERT = """
    INSERT INTO registry_datakey (owner, wrapped, created_at) VALUES (%s, %s, clock_timestamp())
    ON CONFLICT (owner) DO NOTHING
"""


class KeyDestroyed(DomainError):
    """The key of what is to be read does not exist, any more or ever."""

    code = "key_destroyed"
    status = 410

    def __init__(self, *, owner: str) -> None:
        super().__init__(f"there is no key of `{owner}`: what it sealed cannot be read")


class KeyUnusable(DomainError):
    """A wrapped key that no KEK of ours opens: another registry's, one that was retired, or a changed row."""

    code = "key_unusable"
    status = 503

    def __init__(self, *, owner: str, version: int) -> None:
        super().__init__(f"the key of `{owner}` does not open under version `{version}` of the KEK")


def data_key(owner: str) -> bytes:
    """Return the key of ``asset:<id>``, ``party:<id>`` or ``registry``, made on first need."""
    if found := data_keys([owner]):
        return found[owner]
    make_key(owner)
    return existing_key(owner)  # of two who made it at once, the first one's counts


def make_key(owner: str) -> bool:
    """Make a key; false where the owner has one already."""
    return keep_key(owner, secrets.token_bytes(KEY_BYTES))


def keep_key(owner: str, key: bytes) -> bool:
    """Keep a key that was made elsewhere; false where the owner has one already."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [owner, wrap(owner, key)])
        return bool(cursor.rowcount)


def data_keys(owners: Iterable[str]) -> dict[str, bytes]:
    """Return those of these owners' keys that exist, in one query."""
    wanted = list(set(owners))
    return (
        {owner: unwrap(owner, bytes(wrapped)) for owner, wrapped in run(_READ, [wanted]).fetchall()} if wanted else {}
    )


def existing_key(owner: str) -> bytes:
    """Return the key of something that was sealed; raises ``KeyDestroyed`` where there is none."""
    found = data_keys([owner])
    if owner not in found:
        raise KeyDestroyed(owner=owner)
    return found[owner]


def destroy_key(owner: str) -> None:
    """Make everything under this key unreadable for ever. Joins the caller's transaction."""
    DataKey.objects.filter(owner=owner).delete()


def wrap(owner: str, key: bytes) -> bytes:
    """Wrap a data key under the current version of the KEK."""
    version, wrapped = custody().wrap("kek", owner, key)
    return version.to_bytes(VERSION_BYTES, "big") + wrapped


def version_of(wrapped: bytes) -> int:
    """Return the version of the KEK that a wrapped key names."""
    return int.from_bytes(wrapped[:VERSION_BYTES], "big")


def unwrap(owner: str, wrapped: bytes) -> bytes:
    """Return a data key in the clear; raises ``KeyUnusable``."""
    version = version_of(wrapped)
    try:
        return custody().unwrap("kek", version, owner, wrapped[VERSION_BYTES:])
    except (DoesNotUnwrap, UnknownVersion) as error:
        raise KeyUnusable(owner=owner, version=version) from error
