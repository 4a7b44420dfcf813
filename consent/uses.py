"""
Draw on grants, and give back what was not used.

Called by ``apply`` of the kinds that record it, so that a replay of the log rebuilds every count. Joins the caller's
transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consent.core.cleared import ClearanceIssued
from consent.models import Use
from consent.models.uses import RESERVED, RETURNED, SPENT


def reserve(grants: Iterable[str], *, by: ClearanceIssued, clearance: str, at: datetime) -> None:
    """Reserve one use of each grant; a replaced clearance hands its reservation over."""
    if by.replaces is not None:
        Use.objects.filter(clearance=by.replaces).update(state=RETURNED)
    Use.objects.bulk_create(
        Use(
            grant=grant,
            clearance=clearance,
            shot=by.shot,
            state=RESERVED,
            seconds=by.seconds,
            epochs=by.epochs,
            at=at,
        )
        for grant in sorted(grants)
    )


def spend(grants: Iterable[str], *, clearance: str, shot: str, at: datetime) -> None:
    """The output was released: its uses count for good, and so do those of grants that it came to rest on since."""
    reserved = dict(Use.objects.filter(clearance=clearance).values_list("grant", "seconds"))
    Use.objects.filter(clearance=clearance).update(state=SPENT)
    seconds = max(reserved.values(), default=0)
    Use.objects.bulk_create(
        Use(grant=grant, clearance=clearance, shot=shot, state=SPENT, seconds=seconds, at=at)
        for grant in sorted({*grants} - {*reserved})
    )


def give_back(clearance: str) -> None:
    """The shot closed without an output: its uses no longer count."""
    Use.objects.filter(clearance=clearance).update(state=RETURNED)


def counts(counted_as: Mapping[str, str], *, besides_shot: str | None) -> dict[str, dict[str, int]]:
    """
    Count what each grant was drawn on, in every unit of its caps (``registry.core.limits``).

    ``counted_as`` maps the digests that uses name to the grant whose caps they draw on: an amendment draws on its
    licence. What a shot gave back counts as a take all the same.
    """
    drawn: dict[str, _Drawn] = {grant: _Drawn() for grant in counted_as.values()}
    rows = Use.objects.filter(grant__in=list(counted_as))
    for row in rows.values_list("grant", "clearance", "shot", "state", "seconds", "epochs"):
        grant, clearance, shot, state, seconds, epochs = row
        if shot is None or str(shot) != besides_shot:
            drawn[counted_as[grant]].add(str(shot or clearance), shot is None, state == RETURNED, seconds, epochs)
    return {grant: one.counts() for grant, one in drawn.items()}


@dataclass(slots=True)
class _Drawn:
    """What was drawn on one grant; a shot, and a run, counts once whichever of its clearances are read."""

    takes: set[str] = field(default_factory=set)
    seconds: dict[str, int] = field(default_factory=dict)  # by shot that still counts
    epochs: dict[str, int] = field(default_factory=dict)  # by training clearance

    def add(self, ident: str, is_run: bool, returned: bool, seconds: int, epochs: int) -> None:
        if not is_run:
            self.takes.add(ident)
        if not returned:
            (self.epochs if is_run else self.seconds)[ident] = epochs if is_run else seconds

    def counts(self) -> dict[str, int]:
        return {
            "shots": len(self.seconds),
            "seconds": sum(self.seconds.values()),
            "draft_takes": len(self.takes),
            "training_epochs": sum(self.epochs.values()),
        }
