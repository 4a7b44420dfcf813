"""
Wrap every data key under the current version of the KEK, in batches.

Each batch is one statement, so that this may end anywhere and go on later: what is behind, its own row says. Rows are
compared and swapped, not held, while a KMS thinks. Readers take the version that a key names, and see either wrapping;
a key that is destroyed meanwhile stays destroyed.
"""

from collections.abc import Iterator
from typing import Final

from django.db import connection

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


def behind(version: int) -> int:
    """Count the keys that are wrapped under a version older than this one."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM registry_datakey WHERE {_BEHIND}", [_written(version)])  # noqa: S608 - as above
        (number,) = cursor.fetchone()
    return int(number)


def rewrap(version: int, *, batch: int = BATCH) -> Iterator[int]:
    """Wrap anew whatever is behind this version, which is the current one; yields how many, batch by batch."""
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


def no_more_writers() -> None:
    """Wait until whoever writes a data key has committed, and keep others from it. Joins the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE registry_datakey IN SHARE ROW EXCLUSIVE MODE")


def _written(version: int) -> bytes:
    return version.to_bytes(VERSION_BYTES, "big")
