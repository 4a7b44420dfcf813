"""
Give a test run a database of its own, quickly.

1. All migrations run once into a *template*, named after a digest of the migrations, kept between runs.
2. The run's database is a copy of the template, which takes some 80 ms.
3. A test that commits (``django_db(transaction=True)``) leaves a used database; a new copy takes its place, so that
   rows which migrations wrote are back and no guard of an insert-only table has to be lifted.

Migrating and copying is done by the owner; tests run as the application's role, so that the guards bite. A run holds an
advisory lock that bears its name: databases whose lock is free were left by killed runs and are dropped.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql

from config import provisioning
from config.database import base
from config.postgres import holders

TEMPLATES_KEPT = 5  # of other states of the migrations: branches come and go
BUILDING = "proviso template"


@dataclass(slots=True, kw_only=True)
class TestDatabase:
    """The database of this run, and the owner's session that makes, renews and drops it."""

    __test__ = False

    run: str  # the first part of its name; the number behind it grows with each renewal
    template: str
    session: psycopg.Connection[Any]  # the owner's, in another database
    number: int = 0

    @classmethod
    def make(cls) -> TestDatabase:
        session = _owner_session()
        template = f"proviso_template_{_digest_of_migrations()}"
        made = cls(run=f"proviso_test_{os.getpid()}_{secrets.token_hex(3)}", template=template, session=session)
        session.execute("SELECT pg_advisory_lock(hashtext(%s))", [made.run])
        session.execute("SELECT pg_advisory_lock(hashtext(%s))", [BUILDING])
        _drop_left_overs(session)
        _build_template(session, template)
        session.execute("SELECT pg_advisory_unlock(hashtext(%s))", [BUILDING])
        made._copy_template()
        return made

    @property
    def name(self) -> str:
        return f"{self.run}_{self.number}"

    def renew(self) -> None:
        used = self.name
        self.number += 1
        self._copy_template()
        provisioning.drop(used, self.session.cursor())  # after the copy: by now its sessions have ended

    def drop(self) -> None:
        _use(self.name)
        provisioning.drop(self.name, self.session.cursor())
        self.session.close()

    def _copy_template(self) -> None:
        _use(self.name)
        provisioning.create(self.name, self.session.cursor(), template=self.template)

    def url(self, role: str) -> str:
        """The address for `app` or `owner`, as DATABASE_URL and MIGRATE_DATABASE_URL take it."""
        alias = {"app": "default", "owner": "owner"}[role]
        values = connections[alias].settings_dict
        return (
            f"postgresql://{values['USER']}:{values['PASSWORD']}@/{self.name}"
            f"?host={values['HOST'] or values['OPTIONS'].get('host', '')}&port={values['PORT'] or 5432}"
        )


def _owner_session() -> psycopg.Connection[Any]:
    provisioning.owner_settings()
    if settings.POSTGRES_HOME is not None:
        holders.keep(settings.POSTGRES_HOME, unsafe_fast=settings.UNSAFE_FAST_POSTGRES)
    parameters = connections["owner"].get_connection_params() | {"dbname": "postgres", "autocommit": True}
    return psycopg.connect(**{name: value for name, value in parameters.items() if name != "cursor_factory"})


def _digest_of_migrations() -> str:
    digest = hashlib.sha256()
    for path in sorted(
        [*settings.BASE_DIR.glob("*/migrations/*.py"), Path(provisioning.__file__), Path(base.__file__)]
    ):
        digest.update(str(path.relative_to(settings.BASE_DIR)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _drop_left_overs(session: psycopg.Connection[Any]) -> None:
    rows = session.execute("SELECT datname FROM pg_database WHERE datname LIKE 'proviso\\_test\\_%%'").fetchall()
    for (name,) in rows:
        run = name.rsplit("_", 1)[0]  # never ours, whose lock we could take again: ours has no database yet
        if session.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [run]).fetchone() == (True,):
            provisioning.drop(name, session.cursor())
            session.execute("SELECT pg_advisory_unlock(hashtext(%s))", [run])
    old = "SELECT datname FROM pg_database WHERE datname LIKE 'proviso\\_template\\_%%' ORDER BY oid DESC OFFSET %s"
    for (name,) in session.execute(old, [TEMPLATES_KEPT]).fetchall():
        provisioning.drop(name, session.cursor())


def _build_template(session: psycopg.Connection[Any], template: str) -> None:
    if session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
        return
    draft = "proviso_draft"
    provisioning.drop(draft, session.cursor())  # what a killed run left half migrated
    provisioning.create(draft, session.cursor())
    _use(draft)
    call_command("migrate", verbosity=0)
    with transaction.atomic(using="owner"):
        provisioning.install_queue(connections["owner"])  # `migrate` does it where the broker is this database
    connections.close_all()
    session.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(template)))


def _use(name: str) -> None:
    """Point every alias at the database `name`, leaving no session in another."""
    for alias in settings.DATABASES:
        connection = connections[alias]
        connection.close()
        connection.close_pool()
        connection.settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name  # what connections of other threads are made from
