"""
One set-based pass: of many subjects, those that a requester's simple grants cover, and the rest.

1. Live sheets: those of the requester of which no head was taken alone since they were written.
2. Shapes whose terms hold all that is wanted, aspects aside.
3. Boxes of these shapes that hold the window and the project, of pools in which no grant breaks a rule. What a pool
   covers is the union of the aspects of such boxes: aspects add up, since all else is covered by each.
4. A plain subject is covered where each of its askings finds its aspects in its pool, and something of its own is
   asked at all.

Whatever is not covered here is not refused: it is the rest, and ``decide`` says what it is. Left out: making sheets
(``consent.services.sheets``), and what is plain (``consent.core.plain``).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.db import connection, transaction

from consent.core.plain import Plain, PoolBox, replica_mask
from consent.models import Asking, GrantBox, RuleFacts, Shape, Sheet, SheetSubject
from consent.models.sets import TERM_BITS
from registry.core.jcs import Json
from registry.core.scope import Scope
from registry.core.terms import ALL, ASSET_ASPECTS, PERFORMER_ASPECTS

Kind = Literal["asset", "performer"]
Told = tuple[bool, frozenset[tuple[int, frozenset[tuple[object, ...]]]]]  # plain; aspects and boxes of each asking
WORK_MEM: Final = "64MB"  # what a million boxes take to sort and hash without going to disk
NO_REPLICA_USE: Final = 0  # training asks for none


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A use wanted of many subjects: one act, and the same for all but the aspects, which differ by subject."""

    requester: str
    box: Scope  # its aspects are the most that may be taken
    broken: frozenset[int]  # ``RuleFacts`` of which some rule that is asked is not kept
    replica_use: str | None = None  # None: training, or nobody is replaced

    @property
    def terms(self) -> str:
        """The bits that a shape must hold: everything but aspects."""
        return f"{without_aspects(self.box):0{TERM_BITS}b}"

    @property
    def replica_bits(self) -> int:
        return NO_REPLICA_USE if self.replica_use is None else replica_mask([self.replica_use])


def without_aspects(box: Scope) -> int:
    """Return the packed terms of a box with no aspect among them."""
    return box.packed & ~(box.aspects << _SHIFT_ASPECTS)


def _shift_of_aspects() -> int:
    """Find where ``packed`` keeps aspects: boxes know, and only they."""
    return (_of_aspects(2).packed - _of_aspects(1).packed).bit_length() - 1


def _of_aspects(aspects: int) -> Scope:
    return Scope(
        acts=1, aspects=aspects, purposes=1, media=1, territories=1, languages=1, projects=frozenset({ALL}), start_s=0
    )


_SHIFT_ASPECTS: Final = _shift_of_aspects()

# Arrays go in as parameters and are cast: the planner then knows how many there are, and the statement is not prepared.
_LIVE: Final = """
    SELECT s.id FROM consent_sheet s
    WHERE s.requester = %(requester)s::uuid
      AND NOT EXISTS (SELECT FROM consent_touched t WHERE t.head = ANY (s.heads))
"""
_FITTING: Final = f"""
    SELECT id FROM consent_shape WHERE terms & %(terms)s::bit({TERM_BITS}) = %(terms)s::bit({TERM_BITS})
"""  # noqa: S608 - holds a constant of ours
_COVERED: Final = """
    WITH held AS (
        SELECT pool, bit_or(aspects) AS aspects
        FROM consent_grant_box
        WHERE sheet = ANY (%(live)s::int[]) AND shape = ANY (%(fitting)s::int[])
          AND start_s <= %(start_s)s AND end_s >= %(end_s)s
          AND (projects IS NULL OR (%(some_projects)s AND projects @> %(projects)s::uuid[]))
          AND replica_use & %(replica)s = %(replica)s
          AND (cardinality(%(broken)s::int[]) = 0 OR pool NOT IN (
              SELECT pool FROM consent_grant_box
              WHERE sheet = ANY (%(live)s::int[]) AND rule_facts = ANY (%(broken)s::int[])
          ))
        GROUP BY pool
    ),
    answered AS (
        SELECT a.subject
        FROM consent_asking a LEFT JOIN held h ON h.pool = a.pool
        WHERE a.sheet = ANY (%(live)s::int[])
        GROUP BY a.subject
        HAVING bool_and((a.aspects & %(aspects)s) & ~coalesce(h.aspects, 0::smallint) = 0)
           AND bool_or(a.aspects & %(own)s <> 0)
    )
    SELECT s.ident::text FROM consent_sheet_subject s JOIN answered a ON a.subject = s.id
    WHERE s.plain AND s.kind = %(kind)s
"""
_SEEN: Final = """
    SELECT ident::text FROM consent_sheet_subject
    WHERE sheet = ANY (%(live)s::int[]) AND kind = %(kind)s AND ident = ANY (%(ids)s::uuid[])
"""


def covered(wanted: Wanted, *, kind: Kind) -> frozenset[str]:
    """
    Return the subjects of this kind that the requester's simple grants cover; every other one has to be decided.

    The answer is that of the moment at which the live sheets are read: the rows of a sheet never change, and where one
    is thrown away meanwhile all its rows are gone together, and nothing on it is covered.
    """
    some_projects = not wanted.box.all_projects  # every project is wanted: only a grant of every project covers it
    parameters = {
        "live": _column(_LIVE, {"requester": wanted.requester}),
        "fitting": _column(_FITTING, {"terms": wanted.terms}),
        "start_s": wanted.box.start_s,
        "end_s": wanted.box.end_s,
        "some_projects": some_projects,
        "projects": sorted(wanted.box.projects) if some_projects else [],
        "replica": wanted.replica_bits,
        "broken": sorted(wanted.broken),
        "aspects": wanted.box.aspects,
        "own": wanted.box.aspects & (ASSET_ASPECTS if kind == "asset" else PERFORMER_ASPECTS),
        "kind": kind,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", [WORK_MEM])  # until the transaction ends
        return frozenset(_column(_COVERED, parameters))


def rule_facts() -> list[tuple[int, str, Mapping[str, Json]]]:
    """Return what the boxes say that rules may read: (number, kind of grant, facts)."""
    return [(row.id, row.kind, json.loads(row.facts)) for row in RuleFacts.objects.order_by("id")]


def on_live_sheets(requester: str, ids: Iterable[str], *, kind: Kind) -> frozenset[str]:
    """Return which of these subjects stand on a sheet that nothing has touched."""
    live = _column(_LIVE, {"requester": requester})
    return frozenset(_column(_SEEN, {"live": live, "kind": kind, "ids": sorted(ids)}))


def live_sheets() -> list[tuple[int, str]]:
    """Return every sheet that nothing has touched, with its requester."""
    requesters = Sheet.objects.values_list("requester", flat=True).distinct().order_by("requester")
    return [
        (sheet, str(requester)) for requester in requesters for sheet in _column(_LIVE, {"requester": str(requester)})
    ]


def told_on(sheet: int) -> dict[tuple[str, str], Told]:
    """Return what a sheet tells of each subject, by kind and id, with boxes in the place of their pools."""
    pools: defaultdict[int, set[tuple[object, ...]]] = defaultdict(set)
    shapes = dict(Shape.objects.values_list("id", "terms"))
    for row in GrantBox.objects.filter(sheet=sheet):
        projects = None if row.projects is None else tuple(sorted(str(project) for project in row.projects))
        window = (row.start_s, row.end_s)
        pools[row.pool].add((bytes(row.grant).hex(), shapes[row.shape], row.aspects, row.replica_use, window, projects))
    askings: defaultdict[int, set[tuple[int, frozenset[tuple[object, ...]]]]] = defaultdict(set)
    for asking in Asking.objects.filter(sheet=sheet):
        askings[asking.subject].add((asking.aspects, frozenset(pools[asking.pool])))
    subjects = SheetSubject.objects.filter(sheet=sheet)
    return {(row.kind, str(row.ident)): (row.plain, frozenset(askings[row.id])) for row in subjects}


def told_by(plain: Plain) -> dict[tuple[str, str], Told]:
    """Return the same of subjects that were just looked at."""
    return {
        (subject.kind, subject.id): (
            subject.plain,
            frozenset((a.aspects, frozenset(map(_told, plain.pools[a.pool]))) for a in subject.askings),
        )
        for subject in plain.subjects
    }


def _told(held: PoolBox) -> tuple[object, ...]:
    box = held.box
    projects = None if box.all_projects else tuple(sorted(box.projects))
    return held.grant, without_aspects(box), box.aspects, held.replica_use, (box.start_s, box.end_s), projects


def _column(query: str, parameters: dict[str, object]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [value for (value,) in cursor.fetchall()]
