"""
Draw on grants, and give back what was not used.

Called by ``apply`` of the kinds that record it, so that a replay of the log rebuilds every count. Joins the caller's
transaction.
"""

from collections.abc import Iterable
from datetime import datetime

from consent.models import Use
from consent.models.uses import RESERVED, RETURNED, SPENT


def reserve(grants: Iterable[str], *, clearance: str, shot: str | None, replaces: str | None, at: datetime) -> None:
    """Reserve one use of each grant; a replaced clearance hands its reservation over."""
    if replaces is not None:
        Use.objects.filter(clearance=replaces).update(state=RETURNED)
    Use.objects.bulk_create(
        Use(grant=grant, clearance=clearance, shot=shot, state=RESERVED, at=at) for grant in sorted(grants)
    )


def spend(clearance: str) -> None:
    """The output was released: its uses count for good."""
    Use.objects.filter(clearance=clearance).update(state=SPENT)


def give_back(clearance: str) -> None:
    """The shot closed without an output: its uses no longer count."""
    Use.objects.filter(clearance=clearance).update(state=RETURNED)


def counts(grants: Iterable[str], *, besides_shot: str | None) -> dict[str, int]:
    """Count, for each of these grants, the shots that reserve or have spent it."""
    found: dict[str, set[str]] = {grant: set() for grant in grants}
    rows = Use.objects.filter(grant__in=list(found)).exclude(state=RETURNED)
    for grant, shot in rows.values_list("grant", "shot"):
        if shot is not None and shot != besides_shot:
            found[grant].add(str(shot))
    return {grant: len(shots) for grant, shots in found.items()}
