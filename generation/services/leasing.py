"""
Who works on a shot: leases with a fencing token and a heartbeat.

A worker takes a row that has something to do and no living lease, and gets a fence, a number that only grows. Every
write of its work asks for that fence: a worker that was taken for dead and comes back writes nothing. Rows that others
hold are skipped, never waited for.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from generation.models import Shot
from generation.services.events import tell
from registry.core.errors import DomainError
from registry.locks import clock

MAX_ATTEMPTS = 5  # leases on one and the same step before the shot is given up
RETRY_S = 2  # before something that waits for somebody else is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    shot: str
    fence: int


class NotYet(DomainError):
    """The work waits for somebody else: it is given back and tried again, which is no failed attempt."""

    code = "not_yet"
    status = 409


class LeaseLost(DomainError):
    """Somebody else holds the shot now, or it is over: whatever this worker made of it is thrown away."""

    code = "lease_lost"
    status = 409

    def __init__(self, *, lease: Lease) -> None:
        super().__init__(f"the lease `{lease.fence}` on shot `{lease.shot}` is over")


_TAKE = """
    UPDATE generation_shot SET fence = fence + 1, attempts = attempts + 1, leased_by = %(worker)s,
        lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s), heartbeat_at = clock_timestamp(),
        state = CASE state WHEN 'queued' THEN 'running' ELSE state END, updated_at = clock_timestamp()
    WHERE id = (
        SELECT id FROM generation_shot
        WHERE todo IS NOT NULL AND (lease_until IS NULL OR lease_until < clock_timestamp())
            AND (not_before IS NULL OR not_before <= clock_timestamp()) AND (%(shot)s::uuid IS NULL OR id = %(shot)s)
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id::text, fence, attempts, state
"""


def take(worker: str, *, shot: str | None = None) -> Lease | None:
    """Lease a shot, this one or the oldest that waits; None where there is nothing to do, or too much was tried."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_TAKE, {"worker": worker, "lease_s": settings.LEASE_S, "shot": shot})
        row = cursor.fetchone()
        if row is None:
            return None
        name, fence, attempts, state = row
        tell(name, "running" if state == "running" else "resumed", clock(), attempt=attempts, worker=worker)
    return Lease(shot=name, fence=fence)


def held(lease: Lease) -> Shot:
    """Lock and return the row of a lease that lives. Joins the caller's transaction; raises ``LeaseLost``."""
    shot = Shot.objects.select_for_update().filter(id=lease.shot, fence=lease.fence, todo__isnull=False).first()
    if shot is None:
        raise LeaseLost(lease=lease)
    return shot


def seen(lease: Lease) -> Shot:
    """Return the row of a lease without locking it, for work outside any transaction; raises ``LeaseLost``."""
    shot = Shot.objects.filter(id=lease.shot, fence=lease.fence, todo__isnull=False).first()
    if shot is None:
        raise LeaseLost(lease=lease)
    return shot


def hand_back(lease: Lease, *, not_before: datetime | None = None, counts: bool = True) -> None:
    """Give a lease back before its time; ``counts`` false: waiting for somebody else is no failed attempt."""
    rows = Shot.objects.filter(id=lease.shot, fence=lease.fence)
    rows.update(lease_until=None, leased_by=None, not_before=not_before, **({} if counts else {"attempts": 0}))


def finished(shot: Shot, *, todo: str | None, at: datetime) -> None:
    """Set what comes next on a locked row; the attempts at it begin anew. The caller saves."""
    shot.todo = todo
    shot.attempts = 0
    shot.updated_at = at
    if todo is None:
        shot.lease_until = None
        shot.leased_by = None
