"""
Which licences meet: what is promised exclusively to one and wanted by, or given to, another.

All of it is asked of ``LicenceBox`` in one query, whatever the number of boxes; how two boxes meet is the algebra's
business (``registry.core.scope``), but for content, which parts none here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from registry.core.box import FOREVER_S, Scope
from registry.core.terms import ALL
from registry.models import LicenceBox
from registry.models.ranges import Points, format_mask, format_party, format_points, format_seconds, points_of

_MASKS: Final = ("acts", "aspects", "purposes", "media", "territories", "languages")
_LAST_S: Final = 253_402_300_799  # the last second that a statement can write
_MAX_SHOWN: Final = 8  # overlapping boxes of one deal that are shown

# Each wanted box with what it is compared with; `n` says which one it was.
_WANTED: Final = """
    unnest(%s::int[], %s::inet[], %s::inet[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
           %s::text[], %s::text[], %s::text[], %s::text[])
    AS w (n, licensor, licensee, subjects, projects, products, seconds, acts, aspects, purposes, media, territories,
          languages)
"""
_MEETS: Final = """
    b.licensor = w.licensor AND b.seconds && w.seconds::int8range AND b.subjects && w.subjects::nummultirange
    AND b.acts && w.acts::int4multirange AND b.aspects && w.aspects::int4multirange
    AND b.purposes && w.purposes::int4multirange AND b.media && w.media::int4multirange
    AND b.territories && w.territories::int4multirange AND b.languages && w.languages::int4multirange
    AND b.projects && w.projects::nummultirange AND b.products && w.products::nummultirange
"""
_STANDS: Final = "b.replaced IS NULL AND (b.lapses_at IS NULL OR b.lapses_at > %s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A licence that meets another, and where."""

    licence: str
    licensor: str
    licensee: str
    bars: str  # none | sole | exclusive
    firm: bool  # signed or confirmed
    overlap: tuple[Scope, ...]


def clashes(rows: Sequence[LicenceBox], *, at: datetime) -> tuple[Deal, ...]:
    """Return the firm promises to others of the same licensor that these boxes, stored or not, would break."""
    barred = [row for row in rows if row.bars != "holdback"]
    return _deals(barred, _meeting(barred, f"b.firm AND b.bars IN ('sole', 'exclusive') AND {_STANDS}", [at]))


def meetings(licences: Collection[str], *, at: datetime) -> dict[str, tuple[Deal, ...]]:
    """
    Return, for each of these licences, those to others that it meets in boxes of which one or both are promised.

    Two firm ones meet only where one was given without a promise, before the other.
    """
    held = LicenceBox.objects.filter(licence__in=licences, replaced=None).exclude(bars="holdback")
    rows = list(held.order_by("licence", "part"))
    found: dict[str, tuple[Deal, ...]] = {}
    for licence in {row.licence for row in rows}:
        own = [row for row in rows if row.licence == licence]
        plain = [row for row in own if row.bars == "none"]
        promised = [row for row in own if row.bars != "none"]
        deals = _deals(promised, _meeting(promised, f"b.bars <> 'holdback' AND {_STANDS}", [at]))
        deals += _deals(plain, _meeting(plain, f"b.bars IN ('sole', 'exclusive') AND {_STANDS}", [at]))
        found[licence] = deals
    return found


def scope_of(row: LicenceBox, other: LicenceBox | None = None) -> Scope | None:
    """Return what a row holds, or what two hold in common, as a box that shows nothing special."""
    masks = {name: getattr(row, name) & (-1 if other is None else getattr(other, name)) for name in _MASKS}
    projects = _common(row.projects, None if other is None else other.projects)
    start_s, end_s = row.seconds
    if other is not None:
        start_s, end_s = max(start_s, other.seconds[0]), min(end_s, other.seconds[1])
    if not all(masks.values()) or start_s >= end_s or projects == frozenset():
        return None
    return Scope(
        **masks,
        projects=frozenset({ALL}) if projects is None else frozenset(_id(one) for one in projects),
        start_s=start_s,
        end_s=FOREVER_S if end_s > _LAST_S else end_s,
    )


def piece_of(row: LicenceBox, piece: Scope) -> LicenceBox:
    """Return a part of a row, as a row that is not stored."""
    return LicenceBox(
        licence=row.licence,
        bars=row.bars,
        firm=row.firm,
        licensor=row.licensor,
        licensee=row.licensee,
        subjects=row.subjects,
        products=row.products,
        projects=None if piece.all_projects else points_of(piece.projects),
        seconds=(piece.start_s, piece.end_s),
        **{name: getattr(piece, name) for name in _MASKS},
    )


def ids_of(points: Points) -> list[str]:
    """Return the ids that a set of points stands for; of what may be anything, none."""
    return [_id(point) for point in sorted(points or ())]


def _common(one: Points, other: Points) -> Points:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _id(number: int) -> str:
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _meeting(rows: Sequence[LicenceBox], condition: str, given: list[Any]) -> list[tuple[int, str, int]]:
    """Return (position in ``rows``, licence, part) of licences of others that they meet."""
    if not rows:
        return []
    pairs = f"{_WANTED} JOIN registry_licence_box b ON {_MEETS} AND b.licensee <> w.licensee"
    query = f"SELECT w.n, b.licence, b.part FROM {pairs}"  # noqa: S608 - constants of this module
    with connection.cursor() as cursor:
        cursor.execute(f"{query} WHERE {condition} ORDER BY 1, 2, 3", [*_columns(rows), *given])
        return [found for found in cursor.fetchall() if found[1] != rows[found[0]].licence]


def _columns(rows: Sequence[LicenceBox]) -> list[list[Any]]:
    return [
        list(range(len(rows))),
        [format_party(row.licensor) for row in rows],
        [format_party(row.licensee) for row in rows],
        [format_points(row.subjects) for row in rows],
        [format_points(row.projects) for row in rows],
        [format_points(row.products) for row in rows],
        [format_seconds(row.seconds) for row in rows],
        *([format_mask(getattr(row, name)) for row in rows] for name in _MASKS),
    ]


def _deals(rows: Sequence[LicenceBox], pairs: Sequence[tuple[int, str, int]]) -> tuple[Deal, ...]:
    """Gather what was met by licence, each with the boxes in common."""
    licences = {licence for _, licence, _ in pairs}
    held = {(row.licence, row.part): row for row in LicenceBox.objects.filter(Q(licence__in=licences))}
    found: dict[str, list[LicenceBox]] = {}
    overlaps: dict[str, dict[Scope, None]] = {}
    for number, licence, part in pairs:
        other = held[licence, part]
        found.setdefault(licence, []).append(other)
        common = scope_of(rows[number], other)
        if common is not None:
            overlaps.setdefault(licence, {})[common] = None
    return tuple(
        Deal(
            licence=licence,
            licensor=others[0].licensor,
            licensee=others[0].licensee,
            bars=next((bars for bars in ("exclusive", "sole") if any(o.bars == bars for o in others)), "none"),
            firm=others[0].firm,
            overlap=tuple(overlaps.get(licence, {}))[:_MAX_SHOWN],
        )
        for licence, others in sorted(found.items())
    )
