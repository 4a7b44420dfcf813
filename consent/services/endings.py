"""
Keep what ends, and when, from the published log: read each entry once, in order.

One pass reads the entries since the last, opens the statements that grant, answer or end something, and applies each to
the rows of ``Ending``. Passes exclude each other on the row that says how far they got, which moves in the same
transaction: a crash leaves what was before, and the next pass reads the same entries.

A row says when to look, and what to tell; it allows nothing. A dispute of a revocation brings no row back: what was
withdrawn is told again only if it is granted again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from consent.core.bodies import PARSERS
from consent.core.ends import End, ends_of_consent, ends_of_licence, ends_of_option
from consent.core.record import Consent, ConsentRatified, ConsentRevoked, GrantAccepted
from consent.models import Ending, EndingsRead
from registry import log
from registry.core.envelope import Statement
from registry.core.events import EventRecorded
from registry.core.fields import Reader
from registry.core.licences import (
    GrantAssigned,
    Licence,
    LicenceAmended,
    LicenceDenied,
    LicenceTerminated,
    OptionExercised,
)
from registry.core.times import from_epoch_s, to_epoch_s
from registry.models import Entry, StatementRow
from registry.statements import open_statement, open_statements

BATCH: Final = 500  # entries of one transaction
OFFERED, STANDS, OVER = "offered", "stands", "over"


def read_log() -> int:
    """Read what was published since the last pass; return how many entries. Runs its own transactions."""
    total = 0
    while read := _read_batch():
        total += read
    return total


def _read_batch() -> int:
    EndingsRead.objects.get_or_create(id=1)
    with transaction.atomic(durable=True):
        place = EndingsRead.objects.select_for_update().get(id=1)
        end = min(log.tree_size(), place.next_index + BATCH)
        for statement in _statements(place.next_index, end):
            _apply(statement)
        read = end - place.next_index
        place.next_index = end
        place.save(update_fields=["next_index"])
    return read


def _statements(start: int, end: int) -> Iterable[Statement]:
    entries = Entry.objects.filter(index__gte=start, index__lt=end).order_by("index")
    digests = list(entries.values_list("leaf__digest", flat=True))
    types = list(_TYPES)
    wanted = set(StatementRow.objects.filter(digest__in=digests, type__in=types).values_list("digest", flat=True))
    opened = open_statements(wanted)
    return [opened[digest].statement for digest in digests if digest in opened]


def _apply(statement: Statement) -> None:
    record = record_of(statement)
    handler = _HANDLERS.get(type(record))
    if handler is not None:
        handler(record, statement)


def record_of(statement: Statement) -> Any:
    """Return the body of an accepted statement as a value; what was shown beside it is left aside."""
    return PARSERS[statement.type](Reader(statement.body, "body"))


def _consent(record: Consent, statement: Statement) -> None:
    offered = record.basis == "contract" and statement.type == "consent.granted"
    ends = ends_of_consent(record, to_epoch_s(statement.issued_at))
    _add(statement, ends, sides=(record.performer, record.grantee), state=OFFERED if offered else STANDS)
    if not offered:
        _over(Q(about__in=record.supersedes))


def _accepted(record: GrantAccepted, statement: Statement) -> None:
    Ending.objects.filter(about=record.grant, state=OFFERED).update(state=STANDS)
    opened = open_statement(record.grant)
    if opened is not None:
        _over(Q(about__in=record_of(opened.statement).supersedes))


def _ratified(record: ConsentRatified, statement: Statement) -> None:
    _over(Q(about=record.grant, kind="majority"))


def _revoked(record: ConsentRevoked, statement: Statement) -> None:
    if record.grants is not None:
        _over(Q(about__in=record.grants))
    else:
        _over(Q(grantor=record.performer, grantee=record.grantee, issued_at__lte=statement.issued_at))


def _licence(record: Licence, statement: Statement) -> None:
    ends = ends_of_licence(record, to_epoch_s(statement.issued_at))
    _add(statement, ends, sides=(record.licensor, record.licensee), parent=record.parent or "")


def _ended(record: LicenceDenied | LicenceTerminated, statement: Statement) -> None:
    """A licence takes with it everything that was licensed under it."""
    level = {record.licence}
    seen: set[str] = set()
    while level:
        seen |= level
        _over(Q(about__in=level))
        level = set(Ending.objects.filter(parent__in=level).values_list("about", flat=True)) - seen


def _amended(record: LicenceAmended, statement: Statement) -> None:
    """From the day of the amendment its own ends stand for those of the licence."""
    _over(Q(about=record.licence) & (Q(ends_at=None) | Q(ends_at__gt=record.effective_from)))
    ends = ends_of_licence(record.terms, to_epoch_s(statement.issued_at))
    sides = (record.terms.licensor, record.terms.licensee)
    _add(statement, ends, sides=sides, parent=record.terms.parent or "", about=record.licence)


def _exercised(record: OptionExercised, statement: Statement) -> None:
    held = Ending.objects.filter(about=record.licence, kind="option", detail=record.option).first()
    opened = open_statement(record.licence)
    if held is None or opened is None:
        return
    _over(Q(about=record.licence, kind="option", detail=record.option))
    ends = ends_of_option(record_of(opened.statement), record.option, to_epoch_s(statement.issued_at))
    _add(statement, ends, sides=(held.grantor, held.grantee), parent=held.parent, about=record.licence)


def _assigned(record: GrantAssigned, statement: Statement) -> None:
    Ending.objects.filter(about=record.grant).update(grantee=record.to)


def _happened(record: EventRecorded, statement: Statement) -> None:
    """An end follows its event; of several words the earliest counts, as a grant is read."""
    kind, ident = record.subject
    key = " ".join((record.event, kind, ident, record.territory or "-"))
    for ending in Ending.objects.filter(follows=key).exclude(state=OVER):
        moment = from_epoch_s(record.moment_s((ending.plus_months, ending.plus_days)))
        if ending.kind == "ends_unless":
            ending.state = OVER if ending.ends_at is not None and moment <= ending.ends_at else ending.state
        elif not ending.is_recorded or ending.ends_at is None or moment < ending.ends_at:
            ending.ends_at, ending.is_recorded = moment, True
        ending.save(update_fields=["ends_at", "is_recorded", "state"])


def expect(
    *, kind: str, about: str, detail: str, sides: tuple[str, str], issued_at: datetime, ends_at: datetime
) -> None:
    """Note an end that no statement names, such as the hours in which an approval is waited for; once."""
    Ending.objects.filter(about=about, kind=kind, detail=detail).exclude(ends_at=ends_at).update(state=OVER)
    Ending.objects.get_or_create(
        about=about,
        kind=kind,
        detail=detail,
        ends_at=ends_at,
        defaults={
            "grantor": sides[0],
            "grantee": sides[1],
            "issued_at": issued_at,
            "follows": "",
            "plus_months": 0,
            "plus_days": 0,
            "is_recorded": False,
            "state": STANDS,
            "parent": "",
        },
    )


def close_all_but(waiting: Collection[tuple[str, str]], *, kind: str) -> None:
    """End every end of a kind that is not waited for any more, by what it is about and its detail."""
    for row in Ending.objects.filter(kind=kind, state=STANDS):
        if (row.about, row.detail) not in waiting:
            _over(Q(id=row.id))


def _over(which: Q) -> None:
    Ending.objects.filter(which).update(state=OVER)


def _add(
    statement: Statement,
    ends: Iterable[End],
    *,
    sides: tuple[str, str],
    state: str = STANDS,
    parent: str = "",
    about: str | None = None,
) -> None:
    Ending.objects.bulk_create(
        Ending(
            about=about or statement.digest,
            kind=end.kind,
            detail=end.detail,
            grantor=sides[0],
            grantee=sides[1],
            issued_at=statement.issued_at,
            ends_at=None if end.end_s is None else from_epoch_s(end.end_s),
            follows=end.follows or "",
            plus_months=end.plus[0],
            plus_days=end.plus[1],
            is_recorded=False,
            state=state,
            parent=parent,
        )
        for end in ends
    )


_HANDLERS: Final[Mapping[type, Callable[[Any, Statement], None]]] = {
    Consent: _consent,
    GrantAccepted: _accepted,
    ConsentRatified: _ratified,
    ConsentRevoked: _revoked,
    Licence: _licence,
    LicenceDenied: _ended,
    LicenceTerminated: _ended,
    LicenceAmended: _amended,
    OptionExercised: _exercised,
    GrantAssigned: _assigned,
    EventRecorded: _happened,
}
_TYPES: Final = frozenset(
    {
        "consent.granted",
        "consent.recorded",
        "consent.ratified",
        "consent.revoked",
        "grant.accepted",
        "grant.assigned",
        "licence.granted",
        "licence.recorded",
        "licence.denied",
        "licence.terminated",
        "licence.amended",
        "option.exercised",
        "event.recorded",
    }
)
