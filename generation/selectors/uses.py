"""The uses of a released shot, as their readers see them."""

from django.db.models import QuerySet

from generation.models import ShotUse
from generation.selectors.shots import PRODUCER, Part
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second


def uses_of(shot: str) -> QuerySet[ShotUse]:
    return ShotUse.objects.filter(shot=shot).order_by("-id")


def describe_use(row: ShotUse, *, parts: frozenset[Part] = PRODUCER) -> dict[str, Json]:
    """Write a use as the API shows it; a performer is told of the use, the producer also who asked and why not."""
    told: dict[str, Json] = {
        "id": row.id,
        "shot": row.shot,
        "state": row.state,
        "use": row.use,
        "statement": row.statement,
        "created_at": format_time(whole_second(row.created_at)),
        "decided_at": format_time(whole_second(row.decided_at)),
    }
    if "producer" in parts:
        told["requested_by"] = {"person": row.requested_by, "party": row.requested_party}
        told["decision"] = row.decision
    return told
