"""
Keys of persons that are destroyed for good, and the order between that and what is still being written.

``hold`` is for whoever writes something under a person's key: until their transaction ends nobody destroys that key.
``bury`` destroys it and sees to it that it is never made again: what it sealed stays noise, in every copy. The row of
the key is the lock of both, so that each statement about a person either is among those that an erasure names, or is
refused.

INVARIANT (no-personal-data-in-the-log): what was buried does not open, and what comes later does not get in.
"""

from datetime import datetime

from django.db import connection

from registry.models import DataKey, DestroyedKey
from registry.vault.keys import KeyDestroyed, make_key

_HOLD = "SELECT 1 FROM registry_datakey WHERE owner = %s FOR KEY SHARE"  # does not wait for a key that is wrapped anew
_TAKE = "SELECT 1 FROM registry_datakey WHERE owner = %s FOR UPDATE"


def hold(owner: str) -> None:
    """Make the key if it never was, and keep it until the transaction ends; raises ``KeyDestroyed``."""
    if not _locked(_HOLD, owner):
        make_key(owner)
        if not _locked(_HOLD, owner):
            raise KeyDestroyed(owner=owner)


def take(owner: str) -> None:
    """Wait for everybody who writes under this key, and let nobody begin to. Raises ``KeyDestroyed``."""
    if not _locked(_TAKE, owner):
        raise KeyDestroyed(owner=owner)


def bury(owner: str, *, at: datetime) -> None:
    """Destroy a key for good. Joins the caller's transaction, which has taken it."""
    DestroyedKey.objects.create(owner=owner, at=at)
    DataKey.objects.filter(owner=owner).delete()


def is_buried(owner: str) -> bool:
    return DestroyedKey.objects.filter(owner=owner).exists()


def _locked(query: str, owner: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, [owner])
        return cursor.fetchone() is not None
