"""
Write the boxes of licences, by which PostgreSQL holds exclusivity (``registry.models.boxes``).

``boxes_of`` makes the rows of a licence as they follow from what is stored:

1. Its terms, each for the time that they are in force; its holders, each for theirs.
   A change of control of a holder ends what it holds.
2. The boxes of the terms, those of options that were taken up, and, of a licence that promises something, those of
   options that still may be. Windows that follow events are read as widely as what is recorded allows; where a licence
   ends for want of an event, what lies beyond stands until then, or for good once the event is recorded.
3. What each box reaches: its works, assets and catalogues with what these hold.
4. Where product categories are named, the purposes that advertise are parted from the others, which have none.

INVARIANT (one-exclusive): ``rewrite`` and ``extend`` turn PostgreSQL's refusal into ``ExclusiveConflict``. Join the
caller's transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any, Final

import psycopg
from django.db import IntegrityError, connection
from django.db.models import Min

from registry.core.box import FOREVER_S
from registry.core.events import AnyScope, Happened, resolve_all
from registry.core.licences import Licence as LicenceRecord
from registry.core.scope import Scope
from registry.core.terms import PURPOSES
from registry.core.times import to_epoch_s
from registry.errors import ExclusiveConflict
from registry.models import Amendment, Assignment, Licence, LicenceBox, OptionExercised
from registry.models.ranges import Points, format_points, named_point, points_of
from registry.selectors.catalogues import catalogues_with, held_by, licences_of, reach_of
from registry.selectors.events import control_changed_s, followings_of, happened
from registry.selectors.licences import Holder, Terms, holders_of, terms_of

ADVERTISING: Final = PURPOSES.mask(("third_party_advertising", "merchandise"))
_MASKS: Final = ("acts", "aspects", "purposes", "media", "territories", "languages")
_SAID: Final = (
    "bars", "firm", "licensor", "licensee", "new_assets", "subjects", *_MASKS, "projects", "products", "seconds",
    "lapses_at",
)  # fmt: skip
_Lapsing = tuple[AnyScope, datetime | None]  # a box, and when it lapses unless its option is taken up


def boxes_of(
    licence: Licence,
    *,
    at: datetime,
    amended: Iterable[Amendment] = (),
    assigned: Iterable[Assignment] = (),
    exercised: Iterable[str] = (),
) -> list[LicenceBox]:
    """Return the rows of a licence; the keywords name what is being said and not stored yet."""
    holders = holders_of(licence.digest, licence.licensee, beside=assigned)
    taken = {*OptionExercised.objects.filter(licence=licence.digest).values_list("option", flat=True), *exercised}
    rows: list[LicenceBox] = []
    for terms in terms_of(licence, beside=amended):
        rows += _of_terms(licence, terms, holders, taken, at)
    for part, row in enumerate(rows):
        row.part = part
    return rows


def rewrite(licence: Licence, *, by: str, at: datetime) -> None:
    """Put the rows of a licence in the place of those it had, and drop its licensor's options that lapsed."""
    rows = boxes_of(licence, at=at) if licence.ended is None else []
    LicenceBox.objects.filter(licensor=licence.licensor, lapses_at__lte=at).delete()
    _replace(licence.digest, rows, by)
    _holding(lambda: LicenceBox.objects.bulk_create(rows))


def drop(licences: Sequence[str], *, by: str) -> None:
    """Take away the rows of licences that ended."""
    held = LicenceBox.objects.filter(licence__in=licences)
    held.filter(bars="none").delete()
    for licence in sorted(set(held.filter(replaced=None).values_list("licence", flat=True))):
        _replace(licence, (), by)


def _replace(licence: str, rows: Sequence[LicenceBox], by: str) -> None:
    """Take away the rows of a licence; what they promised and the new ones do not is met until it is known to end."""
    held = LicenceBox.objects.filter(licence=licence)
    kept = {_said(row) for row in rows}
    first = held.aggregate(first=Min("part"))["first"] or 0
    promised = held.filter(replaced=None).exclude(bars="none").order_by("part")
    replaced = [row for row in promised if _said(row) not in kept]
    held.filter(replaced=None).delete()
    for part, row in enumerate(replaced, start=1):
        row.part, row.replaced = first - part, by  # below all others: those from 0 on are of what stands
    LicenceBox.objects.bulk_create(replaced)


def _said(row: LicenceBox) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _SAID)


def extend(container: str, members: Iterable[str]) -> None:
    """Let licences of a work or catalogue that reach what is added later reach these, and what these hold."""
    added = points_of(held_by(members, before=None))
    licences = licences_of([container, *catalogues_with(container)])
    if licences:
        _holding(lambda: _execute(_EXTEND, [format_points(added), licences, format_points(points_of([container]))]))


def grown(catalogue: str, members: Iterable[str]) -> list[LicenceBox]:
    """Return, for a check beforehand, what ``extend`` would add, as rows of their own."""
    added = points_of(held_by(members, before=None))
    held = LicenceBox.objects.filter(licence__in=licences_of([catalogue]), new_assets=True, replaced=None)
    rows = held.exclude(bars="holdback")
    return [_with_subjects(row, added - (row.subjects or frozenset())) for row in rows]


_EXTEND: Final = """
    UPDATE registry_licence_box SET subjects = subjects + %s::nummultirange
    WHERE licence = ANY(%s) AND new_assets AND subjects && %s::nummultirange
"""


def _of_terms(
    licence: Licence, terms: Terms, holders: Sequence[Holder], taken: set[str], at: datetime
) -> Iterator[LicenceBox]:
    record = terms.record
    reach = points_of(reach_of(record.subjects, new_assets=record.new_assets, said_at=licence.accepted_at))
    known = happened(followings_of(record), licensor=licence.licensor, licensee=licence.licensee)
    base: dict[str, Any] = {
        "licence": licence.digest,
        "firm": licence.type == "licence.granted" or licence.confirmed is not None,
        "licensor": licence.licensor,
        "new_assets": record.new_assets,
        "subjects": reach,
    }
    issued_s = int(terms.said_at.timestamp())
    changed_s = {holder.from_s: _control_changed_s(licence, record, holder) for holder in holders}
    for bars, box, lapses_at, products in _promises(record, taken, known, issued_s, at):
        for holder in holders:
            held = base | {"bars": bars, "licensee": holder.party, "products": products}
            start_s = max(terms.from_s, holder.from_s)
            end_s = min(terms.until_s, holder.until_s, changed_s[holder.from_s])
            for part, part_lapses_at in _lapsing(box, lapses_at, _ends(record, known)):
                window = max(part.start_s, start_s), min(part.end_s, end_s)
                if window[0] < window[1] and (part_lapses_at is None or at < part_lapses_at):
                    yield _row(part, held | {"seconds": window, "lapses_at": part_lapses_at})


def _promises(
    record: LicenceRecord, taken: set[str], known: Happened, issued_s: int, at: datetime
) -> Iterator[tuple[str, Scope, datetime | None, Points]]:
    for scope, lapses_at in _granted(record, taken, at):
        for box in resolve_all([scope], known, issued_s, "bars"):
            for part, products in by_products(box, record.product_categories):
                yield record.exclusivity, part, lapses_at, products
    for holdback in record.holdbacks:
        if holdback.binds == "licensor":
            for box in resolve_all(holdback.scopes, known, issued_s, "bars"):
                yield "holdback", box, None, None


def _granted(record: LicenceRecord, taken: set[str], at: datetime) -> Iterator[_Lapsing]:
    """Yield what is granted, and what still may be: who promises an option exclusively keeps its box free."""
    yield from ((box, None) for box in record.scopes)
    for option in record.options:
        if option.option in taken:
            yield from ((box, None) for box in option.scopes)
        elif record.exclusivity != "none" and at < option.exercise[1]:
            yield from ((box, option.exercise[1]) for box in option.scopes)


def _ends(record: LicenceRecord, known: Happened) -> datetime | None:
    """Return when the licence ends for want of an event, unless that happened in time."""
    ends = record.ends_unless
    if ends is None:
        return None
    counted = known(ends.event).counted
    by_s = to_epoch_s(ends.by)
    return None if any(moment <= by_s for moment in counted) else ends.by


def _control_changed_s(licence: Licence, record: LicenceRecord, holder: Holder) -> int:
    """Return when a change of control of its holder ends the licence; one from before they held it ends nothing."""
    if record.change_of_control != "ends":
        return FOREVER_S
    given = licence.accepted_at
    if licence.type == "licence.recorded" and licence.signed_on is not None:
        given = datetime.combine(licence.signed_on, time(), UTC)
    return control_changed_s(
        holder.party, licensor=licence.licensor, since_s=max(int(given.timestamp()), holder.from_s)
    )


def _lapsing(box: Scope, lapses_at: datetime | None, ends: datetime | None) -> Iterator[tuple[Scope, datetime | None]]:
    """Part a box where its licence may end: what lies beyond is promised only until it is known that it did."""
    if ends is None:
        yield box, lapses_at
        return
    ends_s = to_epoch_s(ends)
    if box.start_s < ends_s:
        yield replace(box, end_s=min(box.end_s, ends_s)), lapses_at
    if box.end_s > ends_s:
        yield replace(box, start_s=max(box.start_s, ends_s)), ends if lapses_at is None else min(ends, lapses_at)


def by_products(box: Scope, categories: Sequence[str]) -> Iterator[tuple[Scope, Points]]:
    """Part what advertises from what does not; without categories every product is meant."""
    if not categories or not box.purposes & ADVERTISING:
        yield box, None
        return
    yield replace(box, purposes=box.purposes & ADVERTISING), frozenset(named_point(name) for name in categories)
    if box.purposes & ~ADVERTISING:
        yield replace(box, purposes=box.purposes & ~ADVERTISING), None


def _row(box: Scope, said: dict[str, Any]) -> LicenceBox:
    return LicenceBox(
        **said,
        **{name: getattr(box, name) for name in _MASKS},
        projects=None if box.all_projects else points_of(box.projects),
    )


def _with_subjects(row: LicenceBox, subjects: frozenset[int]) -> LicenceBox:
    row.subjects = subjects
    return row


def _holding(write: Any) -> None:
    try:
        write()
    except IntegrityError as error:
        if isinstance(error.__cause__, psycopg.errors.ExclusionViolation):
            raise ExclusiveConflict(deals=()) from error
        raise


def _execute(statement: str, parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
