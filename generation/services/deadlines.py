"""
Note until when approvals of open shots are waited for, so that both sides are told ahead.

A deadline is the moment of asking and the hours that the ground leaves, as the newest decision writes it (`due`);
``consent.services.alerting`` tells it. What is answered, or belongs to a shot that is over, is told no more. Repeating
a pass changes nothing.
"""

from django.db import transaction

from consent.services import endings
from generation.core.states import OPEN
from generation.models import Shot
from registry.core.times import parse_time


def note_deadlines() -> None:
    """Make the deadlines on record those of the approvals that are pending now. Its own transaction."""
    with transaction.atomic(durable=True):
        waiting: set[tuple[str, str, str]] = set()
        for shot in Shot.objects.filter(state__in=sorted(OPEN)).exclude(asked={}).order_by("id"):
            for pending in shot.decision["pending"]:
                if pending["due"] is not None:
                    waiting.add(_note(shot, pending))
        endings.close_all_but(waiting, kind="approval")


def _note(shot: Shot, pending: dict[str, str]) -> tuple[str, str, str]:
    detail = f"{shot.id} {pending['on']}"
    endings.expect(
        kind="approval",
        about=pending["grant"],
        detail=detail,
        sides=(pending["by"], shot.for_party),
        ends_at=parse_time(pending["due"]),
    )
    return pending["grant"], detail, pending["by"]
