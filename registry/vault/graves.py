"""
Keys of persons that are destroyed for good, and the order between that and what is still being written.

``hold`` is for whoever writes something under a person's key: until their transaction ends nobody destroys that key.
``bury`` destroys it and sees to it that it is never made again: what it sealed stays noise, in every copy. The row of
the key is the lock of both, so that each statement about a person either is among those that an erasure names, or is
refused.

INVARIANT (no-personal-data-in-the-log): what was buried does not open, and what comes later does not get in.
"""

from datetime import datetime

from registry.models import DataKey, DestroyedKey
from registry.prepared import run
from registry.vault.keys import KeyDestroyed, make_key

# Does not wait for a key that is wrapped anew.
_HOLD = "SELECT wrapped FROM registry_datakey WHERE owner = %s FOR KEY SHARE"
_TAKE = "SELECT wrapped FROM registry_datakey WHERE owner = %s FOR UPDATE"


def hold(owner: str) -> bytes:
    """
    Make the key if it never was, and keep it until the transaction ends; return it as it is wrapped.

    Raises ``KeyDestroyed``.
    """
    wrapped = _locked(_HOLD, owner)
    if wrapped is None:
        make_key(owner)
        wrapped = _locked(_HOLD, owner)
    if wrapped is None:
        raise KeyDestroyed(owner=owner)
    return wrapped


def take(owner: str) -> None:
    """Wait for everybody who writes under this key, and let nobody begin to. Raises ``KeyDestroyed``."""
    if _locked(_TAKE, owner) is None:
        raise KeyDestroyed(owner=owner)


def bury(owner: str, *, at: datetime) -> None:
    """Destroy a key for good. Joins the caller's transaction, which has taken it."""
    DestroyedKey.objects.create(owner=owner, at=at)
    DataKey.objects.filter(owner=owner).delete()


def is_buried(owner: str) -> bool:
    return DestroyedKey.objects.filter(owner=owner).exists()


def _locked(query: str, owner: str) -> bytes | None:
    found = run(query, [owner]).fetchone()
    return None if found is None else bytes(found[0])
