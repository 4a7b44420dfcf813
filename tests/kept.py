"""
Scenes that take a second to act out, acted out once in a process and put back for every other test that asks.

1. The first test builds the scene with the real services in an empty database. What that added to each table is kept as
   PostgreSQL's own text (``COPY``), and what it wrote below the test's folder as files.
2. Later tests get the same rows, the same files, sequences that go on behind them, and a copy of the scene's value.

Where a statement is there already, or the test brought keys or a clock of its own, the scene is built as if this were
not here. Left out: settings; a scene makes them before it asks.
"""

from __future__ import annotations

import atexit
import copy
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from psycopg import sql

from registry import locks
from registry.models import StatementRow

Value = TypeVar("Value")
Rows = Mapping[str, tuple[bytes, ...]]
Key = tuple[object, ...]

USUAL_KEYS = settings.KEY_PLACES, settings.CREDENTIAL_DIR
CLOCK_IS_RIGHT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a scene left behind."""

    value: Any
    rows: Rows
    sequences: Mapping[str, int]  # how far each had come
    files: Path

    @classmethod
    def of(cls, value: Any, before: Rows, folder: Path) -> Kept:
        after = _rows()
        assert not any(Counter(before[table]) - Counter(after[table]) for table in before), "it changed what there was"
        added = {table: tuple((Counter(lines) - Counter(before[table])).elements()) for table, lines in after.items()}
        return cls(
            value=copy.deepcopy(value),
            rows={table: lines for table, lines in added.items() if lines},
            sequences=_sequences(),
            files=_copied(folder),
        )

    def put_back(self, folder: Path) -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            for table, lines in self.rows.items():
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as into:
                    into.write(b"".join(lines))
            now = _sequences()
            for name, number in self.sequences.items():  # `setval` is the owner's
                if now.get(name, 0) < number:
                    take = "SELECT max(nextval(%s::regclass)) FROM generate_series(1, %s)"
                    cursor.execute(take, [name, number - now.get(name, 0)])
        shutil.copytree(self.files, folder, dirs_exist_ok=True)
        return copy.deepcopy(self.value)


_kept: dict[Key, Kept] = {}


def kept(key: Key, build: Callable[[], Value], *, folder: Path) -> Value:
    """Return the scene of this key. Its files lie below ``folder``, which is the test's own."""
    if StatementRow.objects.exists() or not _is_usual():
        return build()
    if key in _kept:
        try:
            return _kept[key].put_back(folder)
        except (IntegrityError, psycopg.IntegrityError):  # the test had done something else before
            return build()
    before, value = _rows(), build()
    _kept[key] = Kept.of(value, before, folder)
    return value


def _is_usual() -> bool:
    """Say whether keys and clock are those that other tests have."""
    usual_clock = abs(locks.clock() - datetime.now(UTC)) < CLOCK_IS_RIGHT
    return usual_clock and (settings.KEY_PLACES, settings.CREDENTIAL_DIR) == USUAL_KEYS


def _copied(folder: Path) -> Path:
    files = Path(tempfile.mkdtemp(prefix="proviso-kept-"))
    atexit.register(shutil.rmtree, files, ignore_errors=True)
    shutil.copytree(folder, files, dirs_exist_ok=True, ignore=shutil.ignore_patterns("postgres"))  # a server's home
    return files


def _rows() -> Rows:
    """Return every row of every table, as `COPY` writes them."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed:
                table = model._meta.db_table
                with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as out:
                    found[table] = tuple(b"".join(map(bytes, out)).splitlines(keepends=True))
    return found


def _sequences() -> Mapping[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'")
        return {name: number for name, number in cursor.fetchall() if number is not None}
