"""
Tell both sides ahead of what ends: 90, 30 and 7 days before, once each.

1. Read what was published since the last pass (``consent.services.endings``).
2. For each end that comes within 90 days, tell each side by the shortest of the three spans that it is within; what
   was told is not told again, and a longer span that was missed is not made up for.
3. A minor's day of majority is read from their own sealed record, and is kept in none of these rows.

INVARIANT (exactly-once): the table of alerts holds one row for a party, an end and a span; a pass that runs twice, or
in two places at once, inserts nothing the second time.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from uuid6 import uuid7

from consent.core.ages import comes_of_age
from consent.models import Alert, Ending
from consent.services import endings
from registry.core.record import Party
from registry.errors import Unknown
from registry.selectors.parties import party_records

SPANS: Final = (7, 30, 90)  # days ahead
BATCH: Final = 1_000  # alerts of one insert


def run(*, at: datetime) -> int:
    """Read the log and tell what is due; return how many alerts are new. Runs its own transactions."""
    endings.read_log()
    due = Ending.objects.filter(state=endings.STANDS, ends_at__gt=at, ends_at__lte=at + timedelta(days=max(SPANS)))
    return _tell(_alerts(row, row.ends_at, at) for row in due.iterator(BATCH)) + _tell(_majorities(at))


def acknowledge(alert: str, *, party: str, person: str, at: datetime) -> Alert:
    """Mark an alert as seen by a person of its party; a second time changes nothing. Raises ``Unknown``."""
    own = Alert.objects.filter(id=alert, party=party)
    own.filter(acknowledged_at=None).update(acknowledged_at=at, acknowledged_by=person)
    row = own.first()
    if row is None:
        raise Unknown(kind="alert", id=alert, status=404)
    return row


def span_of(ends_at: datetime, at: datetime) -> int | None:
    """Return the shortest span in days within which an end lies ahead; None where it is past, or further off."""
    if ends_at <= at:
        return None
    return next((days for days in SPANS if ends_at <= at + timedelta(days=days)), None)


def _alerts(row: Ending, ends_at: datetime, at: datetime) -> list[Alert]:
    days = span_of(ends_at, at)
    if days is None:
        return []
    return [
        Alert(
            id=str(uuid7()),
            party=party,
            kind=row.kind,
            about=row.about,
            detail=row.detail,
            ends_at=row.ends_at,
            days=days,
            made_at=at,
        )
        for party in sorted({row.grantor, row.grantee})
    ]


def _majorities(at: datetime) -> Iterator[list[Alert]]:
    rows = list(Ending.objects.filter(state=endings.STANDS, kind="majority"))
    people = party_records({row.grantor for row in rows})
    for row in rows:
        person: Party | None = people.get(row.grantor)
        if person is not None and person.born is not None:
            yield _alerts(row, comes_of_age(person.born), at)


def _tell(found: Iterable[list[Alert]]) -> int:
    """Insert what is not there yet; return how many that were."""
    new = 0
    pending: list[Alert] = []
    for alerts in found:
        pending += alerts
        if len(pending) >= BATCH:
            new += _insert(pending)
            pending = []
    return new + _insert(pending)


def _insert(alerts: list[Alert]) -> int:
    with transaction.atomic(durable=True):
        Alert.objects.bulk_create(alerts, ignore_conflicts=True)
        return Alert.objects.filter(id__in=[alert.id for alert in alerts]).count()
