"""
`use.cleared` and `shot.withdrawn`: what becomes of a shot once it is released.

A use rests on grounds like a release and draws on them in its name; a cap counts a shot once, whichever of its uses
rest on the grant. A withdrawal ends a released shot once: PostgreSQL refuses a second row for the same shot.
"""

from consent.models import Use
from consent.models.uses import SPENT
from generation.core.after_release import ShotWithdrawn, UseCleared, parse_use_cleared, parse_withdrawn
from generation.models import ClearedUse, Release, ShotGround, Withdrawal
from registry.errors import Conflict
from registry.kinds.kind import Context, own_record


def _require_released(context: Context) -> None:
    record: UseCleared | ShotWithdrawn = context.record
    if not Release.objects.filter(shot=record.shot).exists():
        raise Conflict(f"shot `{record.shot}` is not released", code="not_released", field="body.shot")
    if Withdrawal.objects.filter(shot=record.shot).exists():
        raise Conflict(f"shot `{record.shot}` was withdrawn", code="already_over", field="body.shot")


def _apply_use(context: Context) -> None:
    record: UseCleared = context.record
    ClearedUse.objects.create(use=record.use, digest=context.digest, shot=record.shot, at=context.at)
    ShotGround.objects.bulk_create(
        ShotGround(grant=grant, statement=context.digest, shot=record.shot, at=context.at)
        for grant, _ in record.grounds
    )
    seconds = Use.objects.filter(shot=record.shot, state=SPENT).values_list("seconds", flat=True).first() or 0
    Use.objects.bulk_create(
        Use(grant=grant, clearance=context.digest, shot=record.shot, state=SPENT, seconds=seconds, at=context.at)
        for grant, _ in record.grounds
    )


def _apply_withdrawn(context: Context) -> None:
    record: ShotWithdrawn = context.record
    Withdrawal.objects.create(shot=record.shot, digest=context.digest, at=context.at)


USE_CLEARED = own_record(
    "use.cleared",
    parse=parse_use_cleared,
    check=_require_released,
    apply=_apply_use,
    tables=(ClearedUse, ShotGround, Use),
)
SHOT_WITHDRAWN = own_record(
    "shot.withdrawn", parse=parse_withdrawn, check=_require_released, apply=_apply_withdrawn, tables=(Withdrawal,)
)
