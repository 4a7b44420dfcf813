"""
Keep what ends, and when, from the published log: read each entry once, in order.

One pass reads the entries since the last, opens the statements that grant, answer or end something, and writes the ends
of each deal that they speak of (``consent.services.deal_ends``). Passes exclude each other on the row that says how far
they got, which moves in the same transaction: a crash leaves what was before, and the next pass reads the same entries.

A row says when to look, and what to tell; it allows nothing. A dispute of a revocation brings no row back: what was
withdrawn is told again only if it is granted again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from consent.core.bodies import PARSERS
from consent.core.ends import ends_of_consent
from consent.core.record import Consent, ConsentRatified, ConsentRevoked, GrantAccepted
from consent.models import Consent as ConsentRow
from consent.models import Ending, EndingsRead
from consent.selectors.grants import terms_of
from consent.services.deal_ends import (
    OFFERED,
    OVER,
    STANDS,
    Deal,
    place_end,
    withdraw_consent,
    write_consent,
    write_ended,
    write_licence,
)
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
from registry.core.times import to_epoch_s
from registry.models import Assignment, StatementRow
from registry.statements import open_statements

BATCH: Final = 500  # entries of one transaction


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
    digests = log.digests(start, end)
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
    write_consent(_deal(statement.digest, record), ends, state=OFFERED if offered else STANDS)
    if not offered:
        _over(Q(about__in=record.supersedes))


def _deal(digest: str, record: Consent) -> Deal:
    return Deal.of(digest, grantor=record.performer, grantee=record.grantee)


def _accepted(record: GrantAccepted, statement: Statement) -> None:
    Ending.objects.filter(about=record.grant, state=OFFERED).update(state=STANDS)
    if (consent := terms_of(record.grant)) is not None:
        _over(Q(about__in=consent.supersedes))


def _ratified(record: ConsentRatified, statement: Statement) -> None:
    _over(Q(about=record.grant, kind="majority"))


def _revoked(record: ConsentRevoked, statement: Statement) -> None:
    """Everything from a grantee is whatever it holds that lies before this in the log."""
    rows = ConsentRow.objects.filter(performer=record.performer)
    if record.grantee is None:
        rows = rows.filter(digest__in=record.grants or ())
    else:
        assigned = Assignment.objects.filter(to=record.grantee, kind="consent").values("grant")
        rows = rows.filter(Q(grantee=record.grantee) | Q(digest__in=assigned))
    for row in rows:
        consent, granted = terms_of(row.digest), StatementRow.objects.get(digest=row.digest)
        if consent is not None:
            keeps = row.accepted is not None and _keeps(consent, record, statement)
            withdraw_consent(_deal(row.digest, consent), consent, issued_at=granted.issued_at, keeps=keeps)


def _keeps(consent: Consent, record: ConsentRevoked, statement: Statement) -> bool:
    """Say whether a contract goes on after a withdrawal for all acts that are not always at will."""
    if consent.basis != "contract":
        return False
    if consent.cooling_off_until is not None and statement.issued_at < consent.cooling_off_until:
        return False
    kind = consent.revocation.kind
    return kind == "not_during_term" or (kind == "for_breach" and record.cause != "breach")


def _licence(record: Licence, statement: Statement) -> None:
    write_licence(statement.digest)


def _changed(record: LicenceAmended | OptionExercised, statement: Statement) -> None:
    write_licence(record.licence)


def _ended(record: LicenceDenied | LicenceTerminated, statement: Statement) -> None:
    write_ended(record.licence)


def _assigned(record: GrantAssigned, statement: Statement) -> None:
    write_licence(record.grant)
    _place(Ending.objects.filter(about=record.grant))


def _happened(record: EventRecorded, statement: Statement) -> None:
    """An end follows its event, by the words that count for its deal."""
    kind, ident = record.subject
    following = Ending.objects.filter(follows=" ".join((record.event, kind, ident, record.territory or "-")))
    for about in sorted(set(following.values_list("about", flat=True))):
        write_licence(about)
    _place(following)


def _place(rows: QuerySet[Ending]) -> None:
    """Place ends of consents anew; those of a licence are written with it."""
    of_consents = rows.filter(about__in=ConsentRow.objects.values("digest"))
    for row in of_consents.exclude(state=OVER).exclude(kind="approval"):
        consent = terms_of(row.about)
        if consent is not None:
            place_end(_deal(row.about, consent), row)
            row.save(update_fields=["ends_at", "is_recorded", "state", "grantee"])


def expect(*, kind: str, about: str, detail: str, sides: tuple[str, str], ends_at: datetime) -> None:
    """Note an end that no statement names, such as the hours in which an approval is waited for; once for each side."""
    own = Ending.objects.filter(about=about, kind=kind, detail=detail, grantor=sides[0])
    own.exclude(ends_at=ends_at).update(state=OVER)
    Ending.objects.update_or_create(
        about=about,
        kind=kind,
        detail=detail,
        grantor=sides[0],
        ends_at=ends_at,
        defaults={"grantee": sides[1], "state": STANDS},
        create_defaults={
            "grantee": sides[1],
            "follows": "",
            "plus_months": 0,
            "plus_days": 0,
            "is_recorded": False,
            "state": STANDS,
        },
    )


def close_all_but(waiting: Collection[tuple[str, str, str]], *, kind: str) -> None:
    """End what is not waited for any more: of a kind, by what it is about, its detail and who is waited for."""
    for row in Ending.objects.filter(kind=kind, state=STANDS):
        if (row.about, row.detail, row.grantor) not in waiting:
            _over(Q(id=row.id))


def _over(which: Q) -> None:
    Ending.objects.filter(which).update(state=OVER)


_HANDLERS: Final[Mapping[type, Callable[[Any, Statement], None]]] = {
    Consent: _consent,
    GrantAccepted: _accepted,
    ConsentRatified: _ratified,
    ConsentRevoked: _revoked,
    Licence: _licence,
    LicenceDenied: _ended,
    LicenceTerminated: _ended,
    LicenceAmended: _changed,
    OptionExercised: _changed,
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
