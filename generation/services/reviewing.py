"""
A named person looks at what no model checked, and says yes or no.

INVARIANT (unchecked-is-not-passed): an unchecked shot that may show a person is released only with the pass of a token
with the scope `review`, whose person did not request the shot.
"""

from functools import partial
from typing import Final

from django.db import transaction

from generation.core.states import WrongState
from generation.models import Shot
from generation.models.shots import RELEASE
from generation.selectors.shots import parts_of, require_preview, require_visible
from generation.services.bell import ring
from generation.services.closing import close
from generation.services.events import tell
from generation.services.leasing import finished
from registry.core.errors import DomainError
from registry.errors import Forbidden
from registry.locks import clock
from registry.services.tokens import Principal, require_scope

VERDICTS: Final = ("pass", "reject")


class OwnReview(DomainError):
    """Who asked for a shot does not review it."""

    code = "own_review"
    status = 403

    def __init__(self) -> None:
        super().__init__("who requested a shot does not review it: another person has to")


def review(shot_id: str, *, verdict: str, note: str | None, by: Principal) -> Shot:
    """Pass or reject a shot that waits for it. Raises ``OwnReview``, ``WrongState``."""
    require_scope(by, "review")
    with transaction.atomic(durable=True):
        shot = require_visible(shot_id, by=by, lock=True)
        if "producer" not in parts_of(shot, by):
            raise Forbidden("the shot is reviewed on behalf of its producer", code="not_yours")
        if by.person == shot.requested_by:
            raise OwnReview
        if shot.state != "awaiting_approval" or not shot.review_due or shot.verdict is not None:
            raise WrongState(state=shot.state, wanted="one that waits for a review")
        _settle(shot, verdict, note, by)
    return shot


def _settle(shot: Shot, verdict: str, note: str | None, by: Principal) -> None:
    at = clock()
    shot.verdict, shot.review_note = verdict, note
    shot.reviewed_by, shot.reviewed_at = by.person, at
    tell(shot.id, "reviewed", at, verdict=verdict, by=by.person)
    if verdict == "reject":
        close(shot, "rejected", at=at, detail=note)
        return
    finished(shot, todo=RELEASE, at=at)
    shot.save()
    transaction.on_commit(partial(ring, shot.id))


def preview(shot_id: str, *, by: Principal) -> tuple[Shot, str]:
    """Note that somebody looks at a shot before its release, and return the file to show. Every look is told."""
    with transaction.atomic(durable=True):
        shot = require_visible(shot_id, by=by, lock=True)
        require_preview(shot, by=by)
        if shot.preview is None:
            raise WrongState(state=shot.state, wanted="one that has a preview")
        tell(shot.id, "viewed", clock(), person=by.person, party=by.party)
    return shot, shot.preview
