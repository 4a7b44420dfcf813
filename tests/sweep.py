"""
Change one thing at a time in a populated registry, with all the rights of whoever owns its database.

Every model's table is met: each column of a row edited, a row deleted, a copy of it inserted under another key. An edit
is as small as the column's type lets it be, so that what finds it finds anything. What PostgreSQL itself refuses
(a constraint, an index) is counted apart.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import Error, connection, transaction
from django.db.models import Model
from psycopg import sql

from web import fsck
from web.fsck.projections import projected
from web.fsck.report import Report
from web.fsck.unproven import ADDED, GONE, exceptions

LATER = "'400 days'"
# How a value of a column type becomes another one, as SQL over `{c}`, `{n}` standing where there was none.
EDITS: dict[str, tuple[str, str]] = {
    "uuid": (
        "(left({c}::text, 35) || translate(right({c}::text, 1), '0123456789abcdef', '123456789abcdef0'))::uuid",
        "gen_random_uuid()",
    ),
    "character varying": (
        "left({c}, length({c}) - 1) || translate(right({c}, 1), '0123456789abcdefghijklmnopqrstuvwxyz', "
        "'123456789abcdef0hijklmnopqrstuvwxyzg') || CASE WHEN right({c}, 1) ~ '[0-9a-z]' THEN '' ELSE 'x' END",
        "'x'",
    ),
    "boolean": ("NOT {c}", "true"),
    "timestamp with time zone": ("{c} + interval '400 days'", "now()"),
    "date": ("{c} + 1", "'2026-01-01'"),
    "bytea": ("set_byte({c}, length({c}) / 2, get_byte({c}, length({c}) / 2) # 1)", "'\\x00'"),
    "inet": ("{c} + 1", "'::1'"),
    "int4multirange": ("'{{[7,9)}}'", "'{{[7,9)}}'"),
    "nummultirange": ("'{{[7,9)}}'", "'{{[7,9)}}'"),
    "int8range": ("int8range(lower({c}), upper({c}) + 1)", "'[7,9)'"),
    "ARRAY": ("CASE WHEN cardinality({c}) > 0 THEN {c} || {c}[1:1] END", "'{{}}'"),
    "bit": ("~{c}", "0"),
    "json": ("NULL", "'{{}}'"),
}
EDITS |= dict.fromkeys(("integer", "bigint", "smallint", "numeric"), ("{c} + 1", "1"))
EDITS["text"] = EDITS["character varying"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one row."""

    table: str
    column: str  # or ADDED, GONE
    row: dict[str, Any]  # as it was
    ctid: str
    after: dict[str, Any] = field(default_factory=dict)  # as it became

    def __str__(self) -> str:
        return f"{self.table} {self.column} of {self.key}"

    @property
    def key(self) -> tuple[str, ...]:
        model = next(m for m in models() if m._meta.db_table == self.table)
        return tuple(str(self.row[name]) for name in key_columns(model))


@dataclass(kw_only=True)
class Outcome:
    """What became of a sweep."""

    named: int = 0
    refused: int = 0  # by PostgreSQL
    unnamed: list[str] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)


def models() -> list[type[Model]]:
    found = apps.get_models(include_auto_created=True)
    return sorted((model for model in found if model._meta.managed), key=lambda model: model._meta.db_table)


def key_columns(model: type[Model]) -> list[str]:
    key = model._meta.pk
    if columns := getattr(key, "columns", None):
        return [str(column) for column in columns]
    return [str(key.column)]  # type: ignore[union-attr]  # every model has one


def columns_of(table: str) -> dict[str, str]:
    """Return the type of each column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' "
            "AND table_name = %s ORDER BY ordinal_position",
            [table],
        )
        return dict(cursor.fetchall())


def change_for(model: type[Model], column: str, rng: random.Random) -> Change | None:
    """Return the change of a row that has to be named; None where every row there is falls under an exception."""
    table = model._meta.db_table
    excepted = exceptions(table, column)
    if any(one.where is None for one in excepted):
        return None
    where = " AND ".join(f"NOT COALESCE(({one.where}), false)" for one in excepted) or "true"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.ctid::text, to_jsonb(t) FROM {table} t WHERE {where} ORDER BY t::text")
        rows = cursor.fetchall()
    if not rows:
        return None
    ctid, row = rng.choice(rows)
    return Change(table=table, column=column, row=_loaded(row), ctid=ctid)


def apply(change: Change) -> None:
    """Make a change; raises ``django.db.Error`` where PostgreSQL refuses it."""
    with connection.cursor() as cursor:
        if change.column == GONE:
            cursor.execute(f"DELETE FROM {change.table} WHERE ctid = %s::tid", [change.ctid])
        elif change.column == ADDED:
            _copy(change, cursor)
        else:
            kind = columns_of(change.table)[change.column]
            value = _json_edit(change) if kind == "jsonb" else _edit(kind, change.column)
            query = sql.SQL("UPDATE {} SET {} = {} WHERE ctid = {}::tid RETURNING to_jsonb({})").format(
                sql.Identifier(change.table),
                sql.Identifier(change.column),
                value,
                change.ctid,
                sql.Identifier(change.table),
            )
            cursor.execute(query)
        assert cursor.rowcount == 1, str(change)
        if change.column != GONE:
            change.after.update(_loaded(cursor.fetchone()[0]))


def _copy(change: Change, cursor: Any) -> None:
    """Insert the row again under another key: the last part of it that can be another."""
    model = next(m for m in models() if m._meta.db_table == change.table)
    kinds, key = columns_of(change.table), key_columns(model)
    names = [sql.Identifier(name) for name in kinds]
    values = [_edit(kinds[name], name) if name == key[-1] else sql.Identifier(name) for name in kinds]
    cursor.execute(
        sql.SQL("INSERT INTO {t} ({n}) SELECT {v} FROM {t} WHERE ctid = {c}::tid RETURNING to_jsonb({t})").format(
            t=sql.Identifier(change.table), n=sql.SQL(", ").join(names), v=sql.SQL(", ").join(values), c=change.ctid
        )
    )


def _edit(kind: str, column: str) -> sql.Composable:
    other, new = EDITS[kind]
    quoted = sql.Identifier(column).as_string(None)
    return sql.SQL(f"CASE WHEN {quoted} IS NULL THEN {new.format(c=quoted)} ELSE {other.format(c=quoted)} END")  # type: ignore[arg-type]  # ours


def _json_edit(change: Change) -> sql.Composable:
    import json

    return sql.Literal(json.dumps(_other(change.row[change.column])))


def _other(value: Any) -> Any:
    """Return JSON that differs in one place."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "x"
        case [first, *rest]:
            return [_other(first), *rest]
        case dict() if value:
            name = sorted(value)[0]
            return value | {name: _other(value[name])}
        case []:
            return ["x"]
        case _:
            return {"x": 1}


def _loaded(row: Any) -> dict[str, Any]:
    import json

    found = row if isinstance(row, dict) else json.loads(row)
    assert isinstance(found, dict)
    return found


def is_named(change: Change, report: Report) -> bool:
    """Say whether a finding is about this table or row: by its name, by its key, or by what it holds that is unique."""
    said = [f"{one.subject} {one.detail}" for one in report.findings]
    values = (*change.row.values(), *change.after.values())
    words = {str(value).removeprefix("\\x") for value in values if isinstance(value, str) and len(value) >= 36}
    return any(change.table in text or any(word in text for word in words) for text in said)


def singly(changes: Sequence[Change], outcome: Outcome) -> None:
    """Make each change by itself, look, and take it back."""
    for change in changes:
        together([change], outcome)


def together(changes: Sequence[Change], outcome: Outcome) -> None:
    """Make changes of several tables at once, look once, and take them back."""
    with transaction.atomic():
        made = [change for change in changes if _made(change, outcome)]
        report = fsck.run() if made else Report()
        for change in made:
            if is_named(change, report):
                outcome.named += 1
            else:
                outcome.unnamed.append(str(change))
            outcome.tables.add(change.table)
        transaction.set_rollback(True)


def _made(change: Change, outcome: Outcome) -> bool:
    try:
        with transaction.atomic():
            apply(change)
    except Error:
        outcome.refused += 1
        outcome.tables.add(change.table)
        return False
    return True


def changes_of(model: type[Model], rng: random.Random) -> Iterator[Change]:
    """Yield one change of each column, a deletion and a copy, as far as they have to be named."""
    for column in (*columns_of(model._meta.db_table), GONE, ADDED):
        if (change := change_for(model, column, rng)) is not None:
            yield change


def in_rounds(rng: random.Random) -> list[list[Change]]:
    """
    Return changes of projections, one of each table a round.

    Each of these tables is compared by itself, row by row, so that what names one names no other.
    """
    columns = [list(changes_of(model, rng)) for model in projected()]
    longest = max(len(one) for one in columns)
    return [[one[number] for one in columns if number < len(one)] for number in range(longest)]
