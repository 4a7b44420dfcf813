"""
Heads and their locks, which give acts on rights their order.

A service locks, in one call and before it reads anything it rests on, the heads that it reads (shared) and those that
it changes (alone). ``lock`` takes them ascending by (kind, id), each after its advisory lock, which queues fairly: new
clearances wait behind a pending withdrawal. Only then it reads the clock, the tables and the epochs.

Left out: which heads a statement needs; its kind says so. Nothing here commits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from registry.errors import Unknown
from registry.models import Party
from registry.prepared import run

_LOCK: Final = "SELECT registry_lock(%s::text[], %s::text[], %s::boolean[])"
_BEGIN: Final = "SELECT * FROM registry_begin(%s::text[], %s::text[], %s::boolean[], %s, %s::text[])"


class Head(NamedTuple):
    """What acts are ordered by: an asset, work, person, organisation, grant, key, project, weights or policy."""

    kind: str
    id: str


class KeyState(NamedTuple):
    """What may change of an enrolled key."""

    keyid: str
    party: str
    revoked: datetime | None
    ripe_at: datetime | None
    recovered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What was read under the locks, after the last of them."""

    epochs: dict[Head, int]
    at: datetime  # PostgreSQL's clock
    wrapped: bytes | None  # the data key that was asked for; None: there is none
    keys: dict[str, KeyState]  # those of the keys asked for that are enrolled


def begin(*, shared: Iterable[Head], exclusive: Iterable[Head], owner: str, keyids: Iterable[str]) -> Held:
    """Lock heads as ``lock`` does; then read clock, data key and keys, in the same round trip."""
    alone, heads, kinds, ids = _ordered(shared, exclusive)
    rows = run(_BEGIN, [kinds, ids, alone, owner, sorted(keyids)]).fetchall()
    epochs, at, wrapped = rows[0][:3]
    keys = [_key_state(*row[3:]) for row in rows if row[3] is not None]
    return Held(
        epochs=dict(zip(heads, epochs, strict=True)),
        at=at,
        wrapped=None if wrapped is None else bytes(wrapped),
        keys={key.keyid: key for key in keys},
    )


def _key_state(keyid: str, party: Any, revoked: datetime | None, ripe_at: datetime | None, by: Any) -> KeyState:
    return KeyState(keyid, str(party), revoked, ripe_at, None if by is None else str(by))


def lock(*, shared: Iterable[Head] = (), exclusive: Iterable[Head] = ()) -> dict[Head, int]:
    """Lock heads until the caller's transaction ends, and return their epochs; a head not seen before starts at 0."""
    alone, heads, kinds, ids = _ordered(shared, exclusive)
    if not heads:
        return {}
    (epochs,) = run(_LOCK, [kinds, ids, alone]).fetchone()
    return dict(zip(heads, epochs, strict=True))


def _ordered(shared: Iterable[Head], exclusive: Iterable[Head]) -> tuple[list[bool], list[Head], list[str], list[str]]:
    if not connection.in_atomic_block:
        raise RuntimeError("locks last as long as a transaction: begin one first")
    changed = set(exclusive)
    heads = sorted(changed | set(shared))
    return [head in changed for head in heads], heads, [head.kind for head in heads], [head.id for head in heads]


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
    moment: datetime
    (moment,) = run("SELECT clock_timestamp()").fetchone()
    return moment


def party_head(party: str) -> Head:
    """Return the head of a party, whose kind never changes; raises ``Unknown``."""
    kind = Party.objects.filter(id=party).values_list("kind", flat=True).first()
    if kind is None:
        raise Unknown(kind="party", id=party)
    return Head(kind, party)
