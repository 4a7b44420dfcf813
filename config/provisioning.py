"""
Give the application's role what it needs in a database, and the broker its tables. Runs as the owner.

1. ``create``: make the database where the server is the embedded one.
2. ``grant``, before migrations: tables made from now on can be read and written by the application's role, never
   truncated. A migration that makes an insert-only table takes ``UPDATE`` and ``DELETE`` away again.
3. ``install_queue``, after them: pgmq's SQL, whose tables the application's role may use and add to.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from pgmq.install import get_embedded_install_sql
from psycopg import sql


def owner_settings() -> dict[str, Any]:
    """Django's settings for the owner's connection, checked to be another role than the application's."""
    if "owner" not in settings.DATABASES:
        raise ImproperlyConfigured(
            "MIGRATE_DATABASE_URL is not set: set it to the address of the role that owns the tables"
        )
    if settings.DATABASES["owner"]["USER"] == settings.APP_ROLE:
        raise ImproperlyConfigured(
            "MIGRATE_DATABASE_URL has the role of DATABASE_URL: set it to another role, "
            "or PostgreSQL cannot guard what is signed against the application"
        )
    return settings.DATABASES["owner"]


def create(name: str, cursor: psycopg.Cursor[Any], *, template: str | None = None) -> None:
    """Make the database if there is none. `cursor` is the owner's, in another database."""
    if cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    cursor.execute(statement)


def drop(name: str, cursor: psycopg.Cursor[Any]) -> None:
    """Drop the database and end whatever sessions it has."""
    plain = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        cursor.execute(plain + sql.SQL(" WITH (FORCE)"))
    except psycopg.errors.InsufficientPrivilege:
        # The server's own autovacuum is at work there: we may not end it, and a plain DROP sends it away.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND backend_type = 'client backend'",
            [name],
        )
        cursor.execute(plain)


def grant(connection: BaseDatabaseWrapper) -> None:
    _run(
        connection,
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",  # older servers let everybody
        "GRANT USAGE ON SCHEMA public TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, USAGE ON SEQUENCES TO {app}",
    )


def install_queue(connection: BaseDatabaseWrapper) -> None:
    """Install pgmq once; its script is not made to run twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'pgmq'")
        if cursor.fetchone():
            return
        cursor.connection.execute(get_embedded_install_sql())
    _run(
        connection,
        "GRANT USAGE, CREATE ON SCHEMA pgmq TO {app}",
        "GRANT ALL ON ALL TABLES IN SCHEMA pgmq TO {app}",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA pgmq TO {app}",
    )


def _run(connection: BaseDatabaseWrapper, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.connection.execute(sql.SQL(statement).format(app=sql.Identifier(settings.APP_ROLE)))
