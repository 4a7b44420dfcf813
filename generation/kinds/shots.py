"""
`shot.closed`, `shot.released`, `weights.trained`: how a shot ends, and what it was made with.

A shot ends once. Whoever records an end holds the shot's row, and PostgreSQL refuses a second row for the same shot.
"""

from dataclasses import dataclass

from consent import uses
from consent.models import Use
from generation.core.record import ShotReleased, WeightsTrained, parse_release, parse_weights
from generation.core.states import STATE_OF
from generation.models import Closure, Release, ShotGround, Weights
from registry.core.fields import Reader
from registry.errors import AlreadyRegistered, Conflict
from registry.kinds.kind import Context, own_record
from registry.threads import Ref, Threads


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotClosed:
    """The body of `shot.closed` (``docs/formats.md`` section 6)."""

    shot: str
    clearance: str
    outcome: str


def parse_closed(body: Reader) -> ShotClosed:
    return ShotClosed(
        shot=body.uuid("shot"), clearance=body.digest("clearance"), outcome=body.choice("outcome", STATE_OF)
    )


def _refuse_second_end(context: Context) -> None:
    record: ShotClosed | ShotReleased = context.record
    for model in (Closure, Release):
        if model.objects.filter(shot=record.shot).exists():
            raise Conflict(f"shot `{record.shot}` is over already", code="already_over", field="body.shot")


def _apply_closed(context: Context) -> None:
    record: ShotClosed = context.record
    Closure.objects.create(
        shot=record.shot, digest=context.digest, clearance=record.clearance, outcome=record.outcome, at=context.at
    )
    uses.give_back(record.clearance)


def _apply_released(context: Context) -> None:
    record: ShotReleased = context.record
    Release.objects.create(
        shot=record.shot,
        digest=context.digest,
        clearance=record.clearance,
        output_sha256=record.output_sha256,
        weights=record.weights,
        reviewed_by=record.reviewed_by,
        at=context.at,
    )
    ShotGround.objects.bulk_create(
        ShotGround(grant=grant, statement=context.digest, shot=record.shot, at=context.at)
        for grant, _ in record.grounds
    )
    grounds = (grant for grant, _ in record.grounds)
    uses.spend(grounds, clearance=record.clearance, shot=record.shot, at=context.at)


def _refuse_known_weights(context: Context) -> None:
    record: WeightsTrained = context.record
    if Weights.objects.filter(weights=record.weights).exists():
        raise AlreadyRegistered(kind="weights", id=record.weights, field="body.weights")


def _apply_weights(context: Context) -> None:
    record: WeightsTrained = context.record
    Weights.objects.create(
        weights=record.weights,
        digest=context.digest,
        engine=record.engine,
        root=record.root,
        manifest_sha256=record.manifest_sha256,
        run=record.run,
        clearance=record.clearance,
        at=context.at,
    )


SHOT_CLOSED = own_record(
    "shot.closed", parse=parse_closed, check=_refuse_second_end, apply=_apply_closed, tables=(Closure, Use)
)
SHOT_RELEASED = own_record(
    "shot.released",
    parse=parse_release,
    check=_refuse_second_end,
    apply=_apply_released,
    tables=(Release, ShotGround, Use),
)
WEIGHTS_TRAINED = own_record(
    "weights.trained",
    parse=parse_weights,
    check=_refuse_known_weights,
    apply=_apply_weights,
    tables=(Weights,),
    threads=lambda context: Threads(found=frozenset({Ref("weights", context.record.weights)})),
)
