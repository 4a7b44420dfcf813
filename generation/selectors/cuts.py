"""A project's cut as it is now: its events with the shots that they are. Matched when read, as shots are released."""

from collections.abc import Iterable
from fractions import Fraction

from generation.core.cut.event import parse_event
from generation.core.cut.matching import CutShot, Matched, match_all
from generation.models import Cut, Shot
from registry.core.fields import read_uuid
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second
from registry.errors import Unknown
from registry.models import Project
from registry.selectors.projects import with_descendants
from registry.services.tokens import Principal


def require_produced(project: str, *, by: Principal) -> Project:
    """Return a project that the caller's party produces; to anybody else there is none."""
    row = Project.objects.filter(id=read_uuid(project, "project"), producer=by.party).first()
    if row is None:
        raise Unknown(kind="project", id=project, status=404)
    return row


def find_cut(project: str, *, version: int | None = None) -> Cut | None:
    """Return the newest cut of a project, or one of its versions."""
    rows = Cut.objects.filter(project=project)
    return (rows if version is None else rows.filter(version=version)).order_by("-version").first()


def matched(cut: Cut) -> list[Matched]:
    """Match the events of a cut with the shots of its project and of all below it."""
    return match_all([parse_event(event) for event in cut.events], cut_shots(with_descendants(cut.project)))


def cut_shots(projects: Iterable[str]) -> list[CutShot]:
    rows = Shot.objects.filter(project__in=list(projects)).order_by("id")
    fields = ("id", "shot_code", "take", "state", "output_sha256", "spec__format")
    return [
        CutShot(
            id=id_,
            shot_code=code,
            take=take,
            state=state,
            output_sha256=sha256,
            fps=Fraction(*format_["fps"]),
            frames=format_["frames"],
        )
        for id_, code, take, state, sha256, format_ in rows.values_list(*fields)
    ]


def describe_cut(cut: Cut) -> dict[str, Json]:
    events = matched(cut)
    return {
        "id": cut.id,
        "project": cut.project,
        "version": cut.version,
        "format": cut.format,
        "name": cut.name,
        "sha256": cut.sha256,
        "by": {"person": cut.by_person, "party": cut.by_party},
        "at": format_time(whole_second(cut.at)),
        "gaps": sum(event.gap is not None for event in events),
        "events": [event.format() for event in events],
    }
