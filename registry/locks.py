"""
Heads and their locks, which give acts on rights their order.

A service locks, in one call and before it reads anything it rests on, the heads that it reads (shared) and those that
it changes (alone). ``lock`` takes them ascending by (kind, id), each after its advisory lock, which queues fairly: new
clearances wait behind a pending withdrawal. Only then it reads the clock, the tables and the epochs.

Left out: which heads a statement needs; its kind says so. Nothing here commits.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from registry.errors import Unknown
from registry.models import Party


class Head(NamedTuple):
    """What acts are ordered by: an asset, work, person, organisation, grant, key, project, weights or policy."""

    kind: str
    id: str


def lock(*, shared: Iterable[Head] = (), exclusive: Iterable[Head] = ()) -> dict[Head, int]:
    """Lock heads until the caller's transaction ends, and return their epochs; a head not seen before starts at 0."""
    if not connection.in_atomic_block:
        raise RuntimeError("locks last as long as a transaction: begin one first")
    alone = set(exclusive)
    heads = sorted(alone | set(shared))
    if not heads:
        return {}
    kinds, ids = [head.kind for head in heads], [head.id for head in heads]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT registry_lock(%s::text[], %s::text[], %s::boolean[])",
            [kinds, ids, [head in alone for head in heads]],
        )
        (epochs,) = cursor.fetchone()
    return dict(zip(heads, epochs, strict=True))


def bump(heads: Iterable[Head]) -> None:
    """Raise epochs, which tells every clearance that rests on them to decide again; the heads are locked alone."""
    ordered = sorted(set(heads))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO registry_head (kind, id, epoch) VALUES (%s, %s, 1) "
            "ON CONFLICT (kind, id) DO UPDATE SET epoch = registry_head.epoch + 1",
            ordered,
        )


def clock() -> datetime:
    """Read PostgreSQL's clock, UTC; after the locks, so that times follow the order of the locks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    return moment


def party_head(party: str) -> Head:
    """Return the head of a party, whose kind never changes; raises ``Unknown``."""
    kind = Party.objects.filter(id=party).values_list("kind", flat=True).first()
    if kind is None:
        raise Unknown(kind="party", id=party)
    return Head(kind, party)
