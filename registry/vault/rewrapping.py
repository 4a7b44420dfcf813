"""
Wrap every key that a role wraps under that role's current version: data keys (`kek`), in batches of one statement, and
the keys of what erasures had to keep (`erasure`), one by one.

This may end anywhere and go on later: what is behind, its own row says. Rows are compared and swapped, not held, while
a KMS thinks. Readers take the version that a row names, and see either wrapping; a key that is destroyed meanwhile
stays destroyed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.db import connection

from registry.vault import kept
from registry.vault.keys import VERSION_BYTES, unwrap, wrap

BATCH: Final = 500  # keys a statement

_BEHIND: Final = f"substring(wrapped FROM 1 FOR {VERSION_BYTES}) < %s"
_NEXT: Final = f"""
    SELECT owner, wrapped FROM registry_datakey WHERE {_BEHIND} AND owner > %s ORDER BY owner LIMIT %s
"""  # noqa: S608 - constants of this file
_PUT: Final = """
    UPDATE registry_datakey d SET wrapped = anew.wrapped
    FROM unnest(%s::text[], %s::bytea[], %s::bytea[]) AS anew (owner, was, wrapped)
    WHERE d.owner = anew.owner AND d.wrapped = anew.was
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """The keys that one role wraps. A version is its current one."""

    what: str  # how to call them
    table: str
    behind: Callable[[int], int]  # how many name an older version than this
    rewrap: Callable[[int], Iterator[int]]  # wrap those anew; yields how many, from time to time

    def no_more_writers(self) -> None:
        """Wait until whoever writes such a key has committed, and keep others out. Joins the caller's transaction."""
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {self.table} IN SHARE ROW EXCLUSIVE MODE")


def behind(version: int) -> int:
    """Count the data keys that are wrapped under a version of the KEK older than this one."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM registry_datakey WHERE {_BEHIND}", [_written(version)])  # noqa: S608 - as above
        (number,) = cursor.fetchone()
    return int(number)


def rewrap(version: int, *, batch: int = BATCH) -> Iterator[int]:
    """Wrap data keys anew that are behind this version, which is the current one; yields how many, batch by batch."""
    last = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, [_written(version), last, batch])
            found = [(owner, bytes(wrapped)) for owner, wrapped in cursor.fetchall()]
            if not found:
                return
            anew = [wrap(owner, unwrap(owner, wrapped)) for owner, wrapped in found]
            owners, were = zip(*found, strict=True)
            cursor.execute(_PUT, [list(owners), list(were), anew])
            put = cursor.rowcount
        last = owners[-1]
        yield put


def _written(version: int) -> bytes:
    return version.to_bytes(VERSION_BYTES, "big")


WRAPPED: Final[Mapping[str, Wrapped]] = MappingProxyType(
    {
        "kek": Wrapped(what="data keys", table="registry_datakey", behind=behind, rewrap=rewrap),
        "erasure": Wrapped(
            what="keys of what erasures kept", table="registry_kept_key", behind=kept.behind, rewrap=kept.rewrap
        ),
    }
)
