"""
What a licence says at each moment, and who holds it.

Its own terms hold until an amendment takes their place; of several amendments that are in force the one with the latest
date counts, and of two with one date the one that came later in the log. The same for to whom it was assigned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from registry.core.box import FOREVER_S
from registry.core.fields import Reader
from registry.core.licences import PARSERS
from registry.core.licences import Licence as LicenceRecord
from registry.core.times import to_epoch_s
from registry.errors import Conflict, Unknown
from registry.models import Amendment, Assignment, Licence, OptionExercised
from registry.statements import Opened, open_statements

NEVER_S: Final = -(1 << 62)  # before any time that can be written


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a licence says from one moment to another, in seconds since 1970."""

    record: LicenceRecord
    said_at: datetime  # accepted then
    from_s: int
    until_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a grant from one moment to another."""

    party: str
    from_s: int
    until_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was done to a licence, each in the order of the log."""

    digest: str
    licensee: str
    amendments: tuple[Amendment, ...]
    options: tuple[OptionExercised, ...]
    assignments: tuple[Assignment, ...]

    def terms_from(self, at: datetime) -> str:
        """Return the digest of the statement whose terms hold at a moment."""
        spans = _spans([(row.effective_from, row.accepted_at, row.digest) for row in self.amendments])
        return _at(spans, at) or self.digest

    def holder(self, at: datetime) -> str:
        """Return who holds the licence at a moment."""
        to = {row.digest: row.to for row in self.assignments}
        digest = _at(_spans([(row.effective_from, row.accepted_at, row.digest) for row in self.assignments]), at)
        return self.licensee if digest is None else to[digest]


def require_licence(digest: str, *, field: str = "body.licence") -> Licence:
    row = Licence.objects.filter(digest=digest).first()
    if row is None:
        raise Unknown(kind="licence", id=digest, field=field)
    return row


def require_standing(digest: str, *, field: str = "body.licence") -> Licence:
    """Return a licence that neither was denied or terminated nor hangs under one that was."""
    licence = require_licence(digest, field=field)
    if licence.denied is not None:
        raise Conflict("the licence was denied", code="licence_denied", field=field)
    if licence.terminated is not None:
        raise Conflict("the licence was terminated", code="licence_terminated", field=field)
    if licence.ended is not None:
        raise Conflict("a licence that this one hangs under has ended", code="parent_ended", field=field)
    return licence


def terms_of(licence: Licence, *, beside: Iterable[Amendment] = ()) -> tuple[Terms, ...]:
    """Return a licence's terms in order of time, none if erased; ``beside``: amendments that are not stored yet."""
    amendments = [*Amendment.objects.filter(licence=licence.digest), *beside]
    opened = open_statements([licence.digest, *(row.digest for row in amendments)])
    if licence.digest not in opened:
        return ()  # erased with the data key of its licensor
    root = read_terms(opened[licence.digest])
    spans = _spans([(row.effective_from, row.accepted_at, row.digest) for row in amendments])
    said = {row.digest: row.accepted_at for row in amendments}
    first = spans[0][1] if spans else FOREVER_S
    return (
        Terms(record=root, said_at=licence.accepted_at, from_s=NEVER_S, until_s=first),
        *(
            Terms(record=read_terms(opened[digest]), said_at=said[digest], from_s=from_s, until_s=until_s)
            for digest, from_s, until_s in spans
        ),
    )


def terms_at(licence: Licence, at: datetime) -> LicenceRecord:
    """Return the terms in force at a moment; raises ``Unknown`` once they are erased."""
    at_s = int(at.timestamp())
    for terms in terms_of(licence):
        if terms.from_s <= at_s < terms.until_s:
            return terms.record
    raise Unknown(kind="licence", id=licence.digest)


def holders_of(grant: str, first: str, *, beside: Iterable[Assignment] = ()) -> tuple[Holder, ...]:
    """Return who holds a grant in order of time; ``first`` is the party that it names."""
    rows = [*Assignment.objects.filter(grant=grant), *beside]
    to = {row.digest: row.to for row in rows}
    spans = _spans([(row.effective_from, row.accepted_at, row.digest) for row in rows])
    held = [Holder(party=first, from_s=NEVER_S, until_s=spans[0][1] if spans else FOREVER_S)]
    return (*held, *(Holder(party=to[digest], from_s=from_s, until_s=until_s) for digest, from_s, until_s in spans))


def holder_at(grant: str, first: str, at: datetime) -> str:
    at_s = int(at.timestamp())
    return next(one.party for one in holders_of(grant, first) if one.from_s <= at_s < one.until_s)


def histories_of(licences: Sequence[Licence]) -> dict[str, History]:
    """Return what was done to each of these licences, in three queries."""
    digests = [licence.digest for licence in licences]
    amendments = list(Amendment.objects.filter(licence__in=digests).order_by("accepted_at", "digest"))
    options = list(OptionExercised.objects.filter(licence__in=digests).order_by("accepted_at", "digest"))
    assignments = list(Assignment.objects.filter(grant__in=digests).order_by("accepted_at", "digest"))
    return {
        licence.digest: History(
            digest=licence.digest,
            licensee=licence.licensee,
            amendments=tuple(row for row in amendments if row.licence == licence.digest),
            options=tuple(row for row in options if row.licence == licence.digest),
            assignments=tuple(row for row in assignments if row.grant == licence.digest),
        )
        for licence in licences
    }


def chain_above(digest: str) -> list[Licence]:
    """Return a licence and those that it hangs under, upward."""
    chain: list[Licence] = []
    wanted: str | None = digest
    while wanted is not None:
        licence = require_licence(wanted, field="body.parent")
        chain.append(licence)
        wanted = licence.parent
    return chain


def hanging_under(digest: str) -> list[str]:
    """Return the digests of a licence and of all sublicences below it, at any depth."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE below (digest) AS (SELECT %s::varchar UNION "
            "SELECT l.digest FROM registry_licence l JOIN below b ON l.parent = b.digest) SELECT digest FROM below",
            [digest],
        )
        return sorted(digest for (digest,) in cursor.fetchall())


def read_terms(opened: Opened) -> LicenceRecord:
    """Read the terms that a licence or an amendment states."""
    record: Any = PARSERS[opened.statement.type](Reader(opened.statement.body, "body"))
    terms = record if isinstance(record, LicenceRecord) else record.terms
    assert isinstance(terms, LicenceRecord)
    return terms


def _spans(changes: Sequence[tuple[datetime, datetime, str]]) -> list[tuple[str, int, int]]:
    """Turn (from, accepted, digest) into (digest, from, until): each holds until the next, the last for ever."""
    starts = {to_epoch_s(effective): digest for effective, _, digest in sorted(changes)}
    ordered = sorted(starts.items())
    ends = [*(start for start, _ in ordered), FOREVER_S][1:]
    return [(digest, start, end) for (start, digest), end in zip(ordered, ends, strict=True)]


def _at(spans: Iterable[tuple[str, int, int]], at: datetime) -> str | None:
    at_s = int(at.timestamp())
    return next((digest for digest, from_s, until_s in spans if from_s <= at_s < until_s), None)
