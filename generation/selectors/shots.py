"""
Shots as their readers see them, and who may see what.

- the producer: tokens of the party the shot is for, and of the party that produces its project
- the reviewer: a token with the scope `review` of one of these, whose person did not request the shot
- the performers concerned: who is named, shown or prompted for; they see what is done with them, not how it is made
- who is asked for approval, or approves for them: the same, as long as they are asked
- anybody else is told that there is no such shot
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from django.db.models import Q, QuerySet

from generation.core.standing import Standing
from generation.models import Shot, ShotEvent, Told
from generation.selectors.approvals import asked_of, voices_of
from registry.core.fields import read_uuid
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second
from registry.errors import Forbidden, Unknown
from registry.models import Project
from registry.services.tokens import Principal

Part = Literal["approver", "performer", "producer"]
PRODUCER: Final[frozenset[Part]] = frozenset({"producer"})


def parts_of(shot: Shot, by: Principal) -> frozenset[Part]:
    """Return as what a caller may see this shot; empty: not at all."""
    parts: set[Part] = set()
    if by.party == shot.for_party or Project.objects.filter(id=shot.project, producer=by.party).exists():
        parts.add("producer")
    if {by.party, by.person} & set(shot.performers):
        parts.add("performer")
    if not parts and asked_of(shot, voices_of(by)):
        parts.add("approver")
    return frozenset(parts)


def require_visible(shot_id: str, *, by: Principal, lock: bool = False) -> Shot:
    """Return a shot that the caller may know of; with ``lock``, its row alone, for the caller's transaction."""
    rows = Shot.objects.select_for_update() if lock else Shot.objects
    shot = rows.filter(id=read_uuid(shot_id, "shot")).first()
    if shot is None or not parts_of(shot, by):
        raise Unknown(kind="shot", id=shot_id, status=404)
    return shot


def visible_to(by: Principal) -> QuerySet[Shot]:
    """Return the shots of a caller's party and of the projects that it produces."""
    produced = Project.objects.filter(producer=by.party).values("id")
    return Shot.objects.filter(Q(for_party=by.party) | Q(project__in=produced))


def with_performer(performer: str) -> QuerySet[Shot]:
    """Return every use of a performer, refusals included."""
    return Shot.objects.filter(performers__contains=[performer])


def may_review(shot: Shot, by: Principal) -> bool:
    return "review" in by.scopes and "producer" in parts_of(shot, by) and by.person != shot.requested_by


def require_preview(shot: Shot, *, by: Principal) -> None:
    """Refuse a look before release to whoever may not have one; a quarantined shot is the reviewer's alone."""
    if shot.state == "quarantined":
        if not may_review(shot, by):
            raise Forbidden("a quarantined shot is for its reviewer alone", code="quarantined")
        return
    if not parts_of(shot, by):
        raise Forbidden("the preview is for those whom the shot concerns", code="not_yours")


def describe(shot: Shot, *, parts: frozenset[Part] = PRODUCER, standing: Standing | None = None) -> dict[str, Json]:
    """Write a shot as the API shows it; a performer is told of the use, not of how it is made."""
    told = _of_use(shot) | _of_standing(shot, standing)
    return told | _of_making(shot) if "producer" in parts else told


def _of_use(shot: Shot) -> dict[str, Json]:
    return {
        "id": shot.id,
        "for": shot.for_party,
        "project": shot.project,
        "shot_code": shot.shot_code,
        "take": shot.take,
        "state": shot.state,
        "engine": shot.engine,
        "weights": shot.weights,
        "use": shot.spec["use"],
        "performers": [*shot.performers],
        "clearance": shot.clearance,
        "release": shot.release,
        "output_sha256": shot.output_sha256,
        "outcome": None if shot.outcome is None else {"code": shot.outcome, "detail": shot.outcome_detail},
        "created_at": _time(shot.created_at),
        "updated_at": _time(shot.updated_at),
    }


def _of_making(shot: Shot) -> dict[str, Json]:
    return {
        "requested_by": {"person": shot.requested_by, "party": shot.requested_party},
        "spec": shot.spec,
        "unknown_words": [*shot.unknown_words],
        "progress": {"step": shot.step, "steps": shot.steps},
        "decision": shot.decision,
        "checks": shot.checks,
        "findings": shot.findings,
        "review": {
            "due": shot.review_due and shot.verdict is None,
            "verdict": shot.verdict,
            "by": shot.reviewed_by,
            "at": _time(shot.reviewed_at),
            "note": shot.review_note,
        },
    }


def _of_standing(shot: Shot, standing: Standing | None) -> dict[str, Json]:
    """Say whether a released shot may be used now, and whether it must go."""
    if shot.state == "withdrawn":
        withdrawn = [] if standing is None else [ground.format() for ground in standing.withdrawn]
        return {"window": "out_of_window", "must_pull": True, "withdrawn": [*withdrawn]}
    if standing is None:
        return {"window": None, "must_pull": False, "withdrawn": []}
    return {
        "window": standing.window,
        "must_pull": standing.must_pull,
        "withdrawn": [ground.format() for ground in standing.withdrawn],
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else format_time(whole_second(moment))


def events_after(shot_id: str, seq: int, *, limit: int) -> list[ShotEvent]:
    return list(ShotEvent.objects.filter(shot=shot_id, seq__gt=seq).order_by("seq")[:limit])


def as_event(event: ShotEvent, *, parts: frozenset[Part]) -> Mapping[str, Json]:
    """Write an event; a performer is told what happened and when, the producer everything."""
    told = {"at": _time(event.at)}
    return told | event.data if "producer" in parts else told


def notices_for(project: str, *, by: Principal) -> QuerySet[Told]:
    """Return what a project's producer, or whom its shots are for, is told of withdrawals that count."""
    rows = Told.objects.filter(project=read_uuid(project, "project"), tail__isnull=False).order_by("-id")
    if Project.objects.filter(id=project, producer=by.party).exists():
        return rows
    return rows.filter(party=by.party)
