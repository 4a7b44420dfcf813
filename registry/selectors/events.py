"""What is recorded of the events that a licence's windows follow."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from registry.core.box import FOREVER_S
from registry.core.events import AnyScope, EventRecorded, Following, Happened, Moments, Timed, parse_event
from registry.core.fields import Reader
from registry.core.licences import Licence as LicenceRecord
from registry.models import Event, Project, StatementRow, Work
from registry.statements import open_statements


def followed(scopes: Iterable[AnyScope]) -> list[Following]:
    """Return every event that the windows of these boxes follow."""
    edges = [edge for box in scopes if isinstance(box, Timed) for edge in (box.start, box.end)]
    return [edge for edge in edges if isinstance(edge, Following)]


def followings_of(record: LicenceRecord) -> list[Following]:
    """Return every event on which anything in a licence hangs."""
    ends = [] if record.ends_unless is None else [record.ends_unless.event]
    return [*followed(record.every_scope), *ends]


def happened(followings: Iterable[Following], *, licensor: str, licensee: str) -> Happened:
    """
    Return the recorded moments that count for a licence: by its licensor, by who registered the work or produces the
    project, and of a party by anybody but the licensee.
    """
    events = [event for following in _unlike(followings) for event in _counting(following, licensor, licensee)]

    def of(following: Following) -> Moments:
        said = tuple(event.moment_s(following.plus) for event in events if event.key == following.key)
        return Moments(said, said)

    return of


def control_changed_s(party: str, *, licensor: str, since_s: int) -> int:
    """Return when control of who holds a licence first changed since, by their own word or the licensor's."""
    said = Event.objects.filter(event="change_of_control", subject_kind="party", subject_id=party)
    rows = said.filter(issuer__in=[party, licensor])
    moments = (event.moment_s() for event in _opened(rows))
    return min((moment for moment in moments if moment >= since_s), default=FOREVER_S)


def nothing_happened(following: Following) -> Moments:
    """Know of no event: boxes read as bars are then as wide as they can be."""
    return Moments((), ())


def _unlike(followings: Iterable[Following]) -> list[Following]:
    return list({following.key: following for following in followings}.values())


def _counting(following: Following, licensor: str, licensee: str) -> list[EventRecorded]:
    kind, id_ = following.subject
    rows = Event.objects.filter(event=following.event, subject_kind=kind, subject_id=id_, territory=following.territory)
    if kind == "party":
        rows = rows.exclude(issuer=licensee)
    else:
        rows = rows.filter(Q(issuer=licensor) | Q(issuer__in=_keepers(kind, id_)))
    return _opened(rows)


def _opened(rows: QuerySet[Event]) -> list[EventRecorded]:
    opened = open_statements(rows.values_list("digest", flat=True))
    return [parse_event(Reader(one.statement.body, "body")) for one in opened.values()]


def _keepers(kind: str, id_: str) -> list[str]:
    if kind == "project":
        return list(Project.objects.filter(id=id_).values_list("producer", flat=True))
    digests = Work.objects.filter(id=id_).values("digest")
    return list(StatementRow.objects.filter(digest__in=digests).values_list("issuer", flat=True))
