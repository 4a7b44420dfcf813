"""
One set-based pass: of many subjects, those that a requester's simple grants cover, and the rest.

1. Live sheets: those of the requester of which no head was taken alone since they were written.
2. Shapes whose terms hold all that is wanted, aspects aside; then the boxes of these shapes that hold the window and
   the project. What a pool covers is the union of the aspects of such boxes: aspects add up, since all else is covered
   by each.
3. A plain subject is covered where each of its askings finds its aspects in its pool, and something of its own is
   asked at all.

Whatever is not covered here is not refused: it is the rest, and ``decide`` says what it is. Left out: making sheets
(``consent.services.sheets``), and what is plain (``consent.core.plain``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from django.db import connection

from consent.core.plain import replica_mask
from consent.models.sets import TERM_BITS
from registry.core.scope import Scope
from registry.core.terms import ALL, ASSET_ASPECTS, PERFORMER_ASPECTS

Kind = Literal["asset", "performer"]
NO_REPLICA_USE: Final = 0  # training asks for none


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A use wanted of many subjects: one act, and the same for all but the aspects, which differ by subject."""

    requester: str
    box: Scope  # its aspects are the most that may be taken
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

# The arrays go in as parameters and are cast; the statement is not prepared, since a generic plan would not know them.
_LIVE: Final = """
    live AS MATERIALIZED (
        SELECT s.id FROM consent_sheet s
        WHERE s.requester = %(requester)s::uuid
          AND NOT EXISTS (SELECT FROM consent_touched t WHERE t.head = ANY (s.heads))
    )"""
_COVERED: Final = f"""
    WITH {_LIVE},
    fitting AS MATERIALIZED (
        SELECT id, aspects FROM consent_shape
        WHERE terms & %(terms)s::bit({TERM_BITS}) = %(terms)s::bit({TERM_BITS})
    ),
    held AS (
        SELECT b.pool, bit_or(f.aspects) AS aspects
        FROM consent_grant_box b JOIN fitting f ON f.id = b.shape
        WHERE b.sheet IN (SELECT id FROM live)
          AND b.start_s <= %(start_s)s AND b.end_s >= %(end_s)s
          AND (b.projects IS NULL OR (%(some_projects)s AND b.projects @> %(projects)s::uuid[]))
          AND b.replica_use & %(replica)s = %(replica)s
        GROUP BY b.pool
    ),
    answered AS (
        SELECT a.subject
        FROM consent_asking a LEFT JOIN held h ON h.pool = a.pool
        WHERE a.sheet IN (SELECT id FROM live)
        GROUP BY a.subject
        HAVING bool_and((a.aspects & %(aspects)s) & ~coalesce(h.aspects, 0) = 0)
           AND bool_or(a.aspects & %(own)s <> 0)
    )
    SELECT s.ident::text FROM consent_sheet_subject s JOIN answered a ON a.subject = s.id
    WHERE s.plain AND s.kind = %(kind)s
"""  # noqa: S608 - holds a constant of ours
_SEEN: Final = f"""
    WITH {_LIVE}
    SELECT ident::text FROM consent_sheet_subject
    WHERE sheet IN (SELECT id FROM live) AND kind = %(kind)s AND ident = ANY (%(ids)s::uuid[])
"""  # noqa: S608 - holds a constant of ours


def covered(wanted: Wanted, *, kind: Kind) -> frozenset[str]:
    """Return the subjects of this kind that the requester's simple grants cover; every other one has to be decided."""
    some_projects = not wanted.box.all_projects  # every project is wanted: only a grant of every project covers it
    parameters = {
        "requester": wanted.requester,
        "terms": wanted.terms,
        "start_s": wanted.box.start_s,
        "end_s": wanted.box.end_s,
        "some_projects": some_projects,
        "projects": sorted(wanted.box.projects) if some_projects else [],
        "replica": wanted.replica_bits,
        "aspects": wanted.box.aspects,
        "own": wanted.box.aspects & (ASSET_ASPECTS if kind == "asset" else PERFORMER_ASPECTS),
        "kind": kind,
    }
    return frozenset(_column(_COVERED, parameters))


def on_live_sheets(requester: str, ids: Iterable[str], *, kind: Kind) -> frozenset[str]:
    """Return which of these subjects stand on a sheet that nothing has touched."""
    return frozenset(_column(_SEEN, {"requester": requester, "kind": kind, "ids": sorted(ids)}))


def _column(query: str, parameters: dict[str, object]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [str(value) for (value,) in cursor.fetchall()]
