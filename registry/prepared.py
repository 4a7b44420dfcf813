"""
Run a query on the path that every statement takes: prepared, and without an object for each row.

Django writes parameters into the text of a query, which PostgreSQL then parses and plans each time; here they travel
beside it (``psycopg.Cursor``), and from the third use on the plan is kept. Everything else is as with Django's own
cursor: the same connection and transaction, errors, wrappers and logs.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection


def run(query: str, parameters: Sequence[Any] = ()) -> Any:
    """Execute one query; return the cursor, with ``rowcount`` and ``fetchall``."""
    connection.ensure_connection()
    raw = psycopg.Cursor(connection.connection)
    cursor = connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw)
    cursor.execute(query, parameters)
    return cursor
