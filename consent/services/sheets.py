"""
Write sheets: look at some subjects once, and keep what is plain about them for the set-based pass.

In one transaction, alone:

1. Take what was touched, and throw away the sheets that rest on it.
2. Read the facts about the subjects, as a decision for this requester would.
3. Write a sheet of what is plain, with the heads that such a decision locks.

INVARIANT (linearizable): whatever changes what step 2 reads takes one of those heads alone, and its transaction leaves
a row in ``Touched``. One that committed before step 1 read is seen by step 2; one that commits later leaves its row,
and nothing on the sheet counts any more. Widening acts count as touches too: a second claim to a title refuses.

A statement that is not yet under a checkpoint will count without anybody taking a head, so nothing is kept that was
read beside one. A crash at any point leaves what was before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet

from consent.core.available import NO_ID
from consent.core.facts import Facts
from consent.core.plain import Plain, PoolBox, plain_of
from consent.core.request import AnyRequest, Reference, Request, TrainingRequest
from consent.models import Asking, GrantBox, RuleFacts, Shape, Sheet, SheetSubject
from consent.selectors.available import on_live_sheets, without_aspects
from consent.selectors.closure import seeds_of, survey
from consent.services.deliberation import facts_about
from registry.core.jcs import canonical
from registry.core.scope import FOREVER_S
from registry.locks import Head
from registry.models import Asset

SHEET_SUBJECTS: Final = 64  # one touched head throws away one sheet; each sheet is a handful of queries
WRITING: Final = 0x70726F76_73657473  # advisory lock of the database; any number that nobody else uses

_SWEEP: Final = """
    WITH touched AS (DELETE FROM consent_touched RETURNING head),
    old AS (
        DELETE FROM consent_sheet
        WHERE heads && (SELECT array_agg(head) FROM touched)
        RETURNING id
    ),
    subjects AS (DELETE FROM consent_sheet_subject WHERE sheet IN (SELECT id FROM old)),
    askings AS (DELETE FROM consent_asking WHERE sheet IN (SELECT id FROM old)),
    boxes AS (DELETE FROM consent_grant_box WHERE sheet IN (SELECT id FROM old))
    SELECT count(*) FROM old
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The facts about some subjects, which answer for all of them, and when they were read."""

    facts: Facts
    at: datetime


def sweep() -> int:
    """Throw away the sheets that something has touched; return how many. A transaction of its own."""
    with transaction.atomic(durable=True):
        _alone()
        return _sweep()


def look_at(
    requester: str, *, assets: Sequence[str] = (), performers: Sequence[str] = (), project: str | None = None
) -> Looked:
    """Read the facts about at most ``SHEET_SUBJECTS`` subjects, and leave a sheet of them. Its own transaction."""
    probe = _probe(requester, assets, project)
    persons = tuple(sorted(performers))
    with transaction.atomic(durable=True):
        _alone()
        _sweep()
        heads = survey(seeds_of(probe).beside(persons=persons).widely, prompt="").heads
        _, facts, at = facts_about(probe, prompt_matches=persons, widely=True)
        if project is None and _all_logged(facts):  # with a project more may be covered, for that project alone
            _write_new(requester, facts, heads, assets, persons)
    return Looked(facts=facts, at=at)


def plain_now(requester: str, *, assets: Sequence[str], performers: Sequence[str]) -> Plain:
    """Look at subjects again and write nothing: what a sheet of them would say now."""
    persons = tuple(sorted(performers))
    _, facts, _ = facts_about(_probe(requester, assets, None), prompt_matches=persons, widely=True)
    return plain_of(facts, requester, assets=assets, performers=persons)


def _write_new(
    requester: str, facts: Facts, heads: Iterable[Head], assets: Sequence[str], performers: Sequence[str]
) -> None:
    new_assets = sorted(set(assets) - on_live_sheets(requester, assets, kind="asset"))
    new_performers = sorted(set(performers) - on_live_sheets(requester, performers, kind="performer"))
    if new_assets or new_performers:
        _write(requester, plain_of(facts, requester, assets=new_assets, performers=new_performers), heads)


def in_sheets(ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Part ids into as many as one sheet takes, in order."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), SHEET_SUBJECTS):
        yield tuple(ordered[start : start + SHEET_SUBJECTS])


def _probe(requester: str, assets: Sequence[str], project: str | None) -> AnyRequest:
    """Return a request that takes something from each asset, so that its closure is what any use of them reads."""
    known = [(str(asset), sha256) for asset, sha256 in _bytes_of(assets)]
    if project is None:
        return TrainingRequest(
            salt=b"",
            for_=requester,
            territory=1,
            engine="",
            manifest_sha256="",
            assets=tuple(known),
            epochs=1,
        )
    references = (
        Reference(asset=asset, sha256=sha256, role="keyframe", performer=None, source=None, depicted_age=None)
        for asset, sha256 in known
    )
    return Request(
        kind="use",
        salt=b"",
        for_=requester,
        project=project,
        shot=NO_ID,
        engine="",
        weights="",
        references=tuple(references),
        prompt_sha256="",
        purposes=1,
        media=1,
        territories=1,
        languages=1,
        start_s=0,
        end_s=FOREVER_S,
        scene=0,
        scenes=frozenset(),
        by_performer=MappingProxyType({}),
        rests_on=(),
        product_categories=frozenset(),
        seconds=0,
    )


def _bytes_of(assets: Sequence[str]) -> QuerySet[Asset]:
    return Asset.objects.filter(id__in=assets).order_by("id").values_list("id", "sha256")


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING])


def _sweep() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP)
        return int(cursor.fetchone()[0])


def _all_logged(facts: Facts) -> bool:
    return all(index is not None and index < facts.tree_size for index in facts.vouched.indices.values())


def _write(requester: str, plain: Plain, heads: Iterable[Head]) -> None:
    sheet = Sheet.objects.create(requester=requester, heads=_hashes(heads))
    rows = [SheetSubject(sheet=sheet.id, kind=s.kind, ident=s.id, plain=s.plain) for s in plain.subjects]
    subjects = SheetSubject.objects.bulk_create(rows)
    asked = {asking.pool for subject in plain.subjects for asking in subject.askings}
    pools = dict(zip(sorted(asked), _numbers(len(asked)), strict=True))
    Asking.objects.bulk_create(
        Asking(sheet=sheet.id, subject=row.id, aspects=asking.aspects, pool=pools[asking.pool])
        for row, subject in zip(subjects, plain.subjects, strict=True)
        for asking in subject.askings
    )
    boxes = [(pools[name], held) for name in pools for held in plain.pools[name]]
    shapes = _shapes(held for _, held in boxes)
    facts = _rule_facts(held for _, held in boxes)
    GrantBox.objects.bulk_create(
        _row(sheet.id, pool, held, shapes[without_aspects(held.box)], facts.get(_told(held))) for pool, held in boxes
    )


def _row(sheet: int, pool: int, held: PoolBox, shape: int, rule_facts: int | None) -> GrantBox:
    return GrantBox(
        sheet=sheet,
        pool=pool,
        shape=shape,
        aspects=held.box.aspects,
        replica_use=held.replica_use,
        rule_facts=rule_facts,
        start_s=held.box.start_s,
        end_s=held.box.end_s,
        projects=None if held.box.all_projects else sorted(held.box.projects),
        grant=bytes.fromhex(held.grant),
    )


def _shapes(boxes: Iterable[PoolBox]) -> dict[int, int]:
    """Return the number of each set of terms, which is given once."""
    wanted = sorted({without_aspects(held.box) for held in boxes})
    Shape.objects.bulk_create((Shape(terms=terms) for terms in wanted), ignore_conflicts=True)
    return dict(Shape.objects.filter(terms__in=wanted).values_list("terms", "id"))


def _told(held: PoolBox) -> tuple[str, str]:
    return held.kind, canonical(dict(held.facts)).decode() if held.facts is not None else ""


def _rule_facts(boxes: Iterable[PoolBox]) -> dict[tuple[str, str], int]:
    """Return the number of each set of facts that rules may read, which is given once."""
    wanted = sorted({_told(held) for held in boxes if held.facts is not None})
    RuleFacts.objects.bulk_create((RuleFacts(kind=kind, facts=facts) for kind, facts in wanted), ignore_conflicts=True)
    rows = RuleFacts.objects.filter(facts__in=[facts for _, facts in wanted]).values_list("kind", "facts", "id")
    return {(kind, facts): number for kind, facts, number in rows}


def _numbers(count: int) -> list[int]:
    """Draw numbers for pools, from the sequence that numbers askings: they need only be different."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('consent_asking', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [number for (number,) in cursor.fetchall()]


def _hashes(heads: Iterable[Head]) -> list[int]:
    """Hash heads as ``registry_lock`` does; two that hash alike only throw away more than they must."""
    ordered = sorted(heads)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT hashtextextended(kind || ':' || id, 0) FROM unnest(%s::text[], %s::text[]) h (kind, id)",
            [[head.kind for head in ordered], [head.id for head in ordered]],
        )
        return [number for (number,) in cursor.fetchall()]
