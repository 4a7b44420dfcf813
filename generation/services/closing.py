"""
End a shot without an output: aborted, cancelled, failed, quarantined, rejected.

One transaction logs `shot.closed`, which returns what the clearance had reserved, closes the clearance, so that it
opens nothing any more, destroys what was rendered, and raises the fence, so that a worker still at it stops.
"""

from datetime import datetime

from django.db import transaction

from consent import services as consent
from generation import takes
from generation.core.states import STATE_OF, Outcome, step
from generation.kinds import SHOT_CLOSED
from generation.models import Shot
from generation.selectors.shots import require_visible
from generation.services.events import tell
from generation.services.leasing import Lease, held
from registry.core.jcs import Json
from registry.locks import clock
from registry.services.record import record
from registry.services.tokens import Principal, require_party, require_scope


def close(shot: Shot, outcome: Outcome, *, at: datetime, detail: str | None = None) -> None:
    """End a shot whose row the caller has locked. Joins the caller's transaction; raises ``WrongState``."""
    shot.state = step(shot.state, STATE_OF[outcome])
    body: dict[str, Json] = {"shot": shot.id, "clearance": shot.clearance, "outcome": outcome}
    digest = record(SHOT_CLOSED, body, at=at)
    consent.close(shot.clearance, by=digest, at=at)
    kept = shot.preview if outcome == "quarantined" else None  # the reviewer looks at what was caught
    takes.forget(name for name in (shot.frames, shot.preview, shot.output) if name != kept)
    shot.frames, shot.preview, shot.output = None, kept, None
    shot.outcome, shot.outcome_detail = outcome, detail
    shot.todo = shot.lease_until = shot.leased_by = None
    shot.fence += 1
    shot.updated_at = at
    shot.save()
    tell(shot.id, shot.state, at, outcome=outcome, detail=detail, statement=digest)


def cancel(shot_id: str, *, by: Principal) -> Shot:
    """End a shot at its producer's wish, at any moment before release; again is once."""
    require_scope(by, "produce")
    with transaction.atomic(durable=True):
        shot = require_visible(shot_id, by=by, lock=True)
        if shot.outcome == "cancelled":
            return shot
        require_party(by, shot.for_party)
        close(shot, "cancelled", at=clock())
    return shot


def fail(lease: Lease, *, detail: str) -> None:
    """Give a shot up that cannot be made."""
    with transaction.atomic(durable=True):
        close(held(lease), "failed", at=clock(), detail=detail)
