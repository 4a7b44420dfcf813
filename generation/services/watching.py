"""
Look at the rights while a shot is made.

``look`` is one statement at every step of a render: it tells the progress, keeps the lease alive, and compares the
epochs of the heads that the clearance rests on with those of now. Where something moved, ``decide_again`` asks the one
decision; where it refuses, the shot is aborted before the next step begins.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from consent import services as consent
from consent.services.clearing import new_salt
from generation.models import Shot
from generation.services.closing import close
from generation.services.leasing import Lease, LeaseLost, held
from generation.services.requesting import note_clearance
from registry.core.clearance import Clearance
from registry.core.errors import DomainError
from registry.locks import clock
from registry.models import ClearanceRow


class Withdrawn(DomainError):
    """A right that the shot rests on is gone; the shot was aborted."""

    code = "withdrawn"
    status = 409

    def __init__(self, *, shot: str) -> None:
        super().__init__(f"a right that shot `{shot}` rests on was withdrawn: it was aborted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found."""

    moved: bool  # a head has another epoch than the clearance knows
    expired: bool  # or the clearance's time is over


_LOOK = """
    WITH beat AS (
        UPDATE generation_shot SET step = %(step)s, steps = %(steps)s, heartbeat_at = clock_timestamp(),
            lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
        WHERE id = %(shot)s AND fence = %(fence)s AND state = 'running' RETURNING id, clearance
    ), told AS (
        INSERT INTO generation_shotevent (shot, at, event, data)
        SELECT id, clock_timestamp(), 'step', jsonb_build_object('step', %(step)s::int, 'steps', %(steps)s::int)
        FROM beat
    )
    SELECT coalesce((
        SELECT bool_or(head.epoch IS DISTINCT FROM (seen ->> 2)::bigint)
        FROM jsonb_array_elements(c.heads) AS seen
        LEFT JOIN registry_head AS head ON head.kind = seen ->> 0 AND head.id = seen ->> 1
    ), false), c.expires_at <= clock_timestamp()
    FROM beat JOIN registry_clearance c ON c.digest = beat.clearance AND c.closed_at IS NULL
"""


def look(lease: Lease, *, step: int, steps: int) -> Look:
    """Tell the progress, keep the lease, and see whether the rights moved; raises ``LeaseLost``."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LOOK,
            {"shot": lease.shot, "fence": lease.fence, "step": step, "steps": steps, "lease_s": settings.LEASE_S},
        )
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost(lease=lease)
    return Look(moved=row[0], expired=row[1])


def decide_again(lease: Lease) -> Clearance:
    """
    Decide about a shot in the making, and return its clearance as it is now.

    A clearance whose time is over is replaced by a new one, which takes over what was reserved; else the old one is
    renewed. Raises ``Withdrawn`` once the shot is aborted, ``LeaseLost``.
    """
    with transaction.atomic(durable=True):
        before = Shot.objects.only("clearance").get(id=lease.shot)
        found = _decide(before)
        shot = held(lease)
        if not found.decision.cleared:
            shot.decision = found.decision.format()
            close(shot, "aborted", at=clock(), detail=", ".join(codes_of(found)))
        elif isinstance(found, consent.Cleared):
            note_clearance(shot, found)
            shot.save()
        cleared = found.decision.cleared
    if not cleared:
        raise Withdrawn(shot=lease.shot)
    return clearance_of(shot)


def clearance_of(shot: Shot) -> Clearance:
    """Return the clearance that a shot has, as a value the vault will compare with its own tables."""
    row = ClearanceRow.objects.get(digest=shot.clearance)
    return Clearance(
        digest=row.digest,
        kind=row.kind,
        assets=frozenset((asset, sha256) for asset, sha256 in row.assets),
        expires_at=row.expires_at,
    )


def codes_of(found: consent.Deliberation) -> list[str]:
    return sorted({obstacle.code for obstacle in found.decision.obstacles})


def _decide(shot: Shot) -> consent.Deliberation:
    """Ask again: for the shot anew where the clearance's time is over, else whether what it rests on still holds."""
    row = ClearanceRow.objects.get(digest=shot.clearance)
    if row.expires_at <= clock():
        request = {**shot.clearance_request, "salt": new_salt()}
        return consent.clear(request, prompt=shot.prompt, shot=shot.id, replaces=shot.clearance, asked=shot.asked)
    grounds = [digest for digest, _ in shot.clearance_grounds]
    request = consent.release_request(shot.clearance_request, grounds)
    return consent.reconsider(request, prompt=shot.prompt, clearance=shot.clearance, asked=shot.asked)
