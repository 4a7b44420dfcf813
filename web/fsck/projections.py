"""
Rebuild every projection by replaying the statements, and compare row by row.

1. Make temporary tables that bear the real names: PostgreSQL looks in ``pg_temp`` first, so ``apply`` writes there.
2. Replay every statement in the order of the log, by the same ``apply`` that wrote the real rows; ask beside it whether
   its issuer could say it (``web.fsck.issuers``), and whether it is about whom its row says.
3. Compare both ways; epochs of heads too, where they moved.

Of what was erased only the row of the statement is left: that the party existed. Whatever else it had made, the erasure
takes out, and so does its replay. It had also raised epochs, so that after erasures they may be higher than the replay
says: a clearance that rests on one decides again. Lower ones are named.

The caller rolls back, which drops the temporary tables. Prepared statements are kept off meanwhile: one that was
prepared before would still mean the real table.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, connection, transaction
from django.db.models import Model
from psycopg import sql

from registry.core.errors import DomainError
from registry.kinds.kind import Context
from registry.models import Head, Notice, Party, Thread
from web.fsck.erasures import Erased
from web.fsck.issuers import may_issue
from web.fsck.report import Report
from web.fsck.statements import Said
from web.statements import KINDS

MAX_NAMED = 5  # differing rows of one table that are named; the rest is counted


def projected() -> list[type[Model]]:
    """Return the models whose rows follow from statements, heads, notices and threads among them, by table name."""
    models = {model for kind in KINDS.values() for model in kind.tables} | {Head, Notice, Thread}
    return sorted(models, key=lambda model: model._meta.db_table)


def check_projections(said: Sequence[Said], erased: Sequence[Erased], report: Report) -> None:
    """Replay and compare; findings go into the report. The caller's transaction is rolled back."""
    with _unprepared():
        for model in projected():
            _execute("CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL) ON COMMIT DROP", _table(model))
        Party.objects.bulk_create(
            Party(id=one.subject, kind="person", digest=one.digest) for one in erased if one.type == "party.registered"
        )
        for one in said:
            _replay(one, report)
        for model in projected():
            report.count("tables", 1)
            if model is Head and erased:
                _compare_epochs(len(erased), report)
            else:
                _compare(model, report)


def _replay(one: Said, report: Report) -> None:
    context = Context(record=one.record, statement=one.statement, at=one.at)
    if not may_issue(one):
        report.add("issuer_foreign", one.statement.digest, f"`{one.statement.type}` is not for its issuer to say")
    try:
        with transaction.atomic():
            if one.kind.subject(one.record) != one.subject:
                report.add("column_differs", one.statement.digest, "its column `subject` is not whom it is about")
            one.kind.enact(context)
    except (DomainError, Error, ObjectDoesNotExist, LookupError) as error:
        report.add("replay_failed", one.statement.digest, f"{one.statement.type}: {str(error).splitlines()[0]}")


def _compare(model: type[Model], report: Report) -> None:
    for fault, here, there in (("row_stray", "public", "pg_temp"), ("row_missing", "pg_temp", "public")):
        rows = _rows_beyond(model, here, there)
        for row in rows[:MAX_NAMED]:
            detail = (
                "no statement says so" if fault == "row_stray" else "the statements say so and the row is not there"
            )
            report.add(fault, f"{_table(model)} {row}", detail)
        if len(rows) > MAX_NAMED:
            report.add(fault, _table(model), f"and {len(rows) - MAX_NAMED} rows more")


def _compare_epochs(erased: int, report: Report) -> None:
    """No erased statement raised an epoch more than once; one that is too low would keep a clearance alive."""
    query = sql.SQL(_EPOCHS).format(table=sql.Identifier(_table(Head)))
    with connection.cursor() as cursor:
        cursor.execute(query, [erased])
        for kind, ident, here, there in cursor.fetchall():
            report.add("epoch_differs", f"{kind} {ident}", f"its epoch is {here}, and the statements say {there}")


_EPOCHS = """
    SELECT kind, id, coalesce(here.epoch, 0), coalesce(there.epoch, 0)
    FROM public.{table} here FULL JOIN pg_temp.{table} there USING (kind, id)
    WHERE coalesce(here.epoch, 0) < coalesce(there.epoch, 0)
        OR coalesce(here.epoch, 0) > coalesce(there.epoch, 0) + %s
    ORDER BY kind, id
"""


def _rows_beyond(model: type[Model], here: str, there: str) -> list[str]:
    """Return the rows of one table that the other lacks, by their key and what else they hold."""
    moved = sql.SQL("WHERE epoch > 0" if model is Head else "")
    query = sql.SQL("SELECT to_jsonb(d) FROM (SELECT * FROM {here} {moved} EXCEPT SELECT * FROM {there} {moved}) d")
    with connection.cursor() as cursor:
        cursor.execute(
            query.format(
                here=sql.Identifier(here, _table(model)), there=sql.Identifier(there, _table(model)), moved=moved
            )
        )
        return sorted(_named(row) for (row,) in cursor.fetchall())


def _named(row: Any) -> str:
    return json.dumps(row if isinstance(row, dict) else json.loads(row), sort_keys=True, ensure_ascii=False)


def _table(model: type[Model]) -> str:
    return str(model._meta.db_table)


def _execute(statement: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(table=sql.Identifier(table)))


@contextmanager
def _unprepared() -> Iterator[None]:
    session = connection.connection
    before = session.prepare_threshold
    session.prepare_threshold = None
    try:
        yield
    finally:
        session.prepare_threshold = before
