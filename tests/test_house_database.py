"""The database that every test gets: two roles, renewed after a commit, seen by several connections at once."""

from __future__ import annotations

import subprocess
import sys
import threading

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, connections, transaction

from tests.database import TestDatabase


def _value(sql: str, *parameters: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


@pytest.mark.django_db
def test_tests_run_as_the_application_which_owns_no_table() -> None:
    assert _value("SELECT current_user") == "proviso_app"
    assert _value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user") == 0


@pytest.mark.django_db(transaction=True)
def test_the_application_can_write_what_the_owner_makes_but_not_empty_it(owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE kept (id int PRIMARY KEY)")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kept VALUES (1)")
        cursor.execute("UPDATE kept SET id = 2")
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("TRUNCATE kept")


@pytest.mark.django_db(transaction=True)
def test_the_application_can_neither_make_nor_change_a_table(owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE kept (id int PRIMARY KEY)")
    for statement in ("CREATE TABLE mine (id int)", "ALTER TABLE kept ADD COLUMN more int", "DROP TABLE kept"):
        with connection.cursor() as cursor, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_right_that_a_migration_takes_away_is_gone_for_the_application(owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE signed (id int PRIMARY KEY)")
    owner.execute("REVOKE UPDATE, DELETE ON signed FROM proviso_app")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO signed VALUES (1)")
        for statement in ("UPDATE signed SET id = 2", "DELETE FROM signed", "TRUNCATE signed"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_after_a_test_that_commits_the_next_one_finds_a_new_database(
    owner: psycopg.Connection, run_database: TestDatabase
) -> None:
    owner.execute("CREATE TABLE left_over (id int)")
    owner.close()
    run_database.renew()
    assert _value("SELECT to_regclass('left_over')") is None


@pytest.mark.django_db(transaction=True)
def test_several_threads_have_connections_of_their_own(owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE counted (id int PRIMARY KEY, n int NOT NULL)")
    owner.execute("INSERT INTO counted VALUES (1, 0)")
    backends: set[object] = set()
    everybody = threading.Barrier(4)

    def add() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backends.add(cursor.fetchone())
                everybody.wait()
                cursor.execute("UPDATE counted SET n = n + 1")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(backends) == 4
    assert _value("SELECT n FROM counted") == 4


@pytest.mark.django_db
def test_the_broker_finds_its_tables_and_may_use_them() -> None:
    assert _value("SELECT count(*) FROM pgmq.meta") == 0
    assert _value("SELECT has_schema_privilege('pgmq', 'CREATE')") is True


RING = """
import sys, django
django.setup()
from config.celery import app
with app.connection() as connection:
    queue = connection.SimpleQueue("trial")
    if sys.argv[1] == "put":
        queue.put({"shot": "one"})
    else:
        message = queue.get(timeout=20)
        print(message.payload["shot"])
        message.ack()
    queue.close()
"""


@pytest.mark.django_db(transaction=True)
def test_a_message_that_one_process_puts_in_the_broker_reaches_another(child_environment: dict[str, str]) -> None:
    for what, said in (("put", ""), ("get", "one")):
        done = subprocess.run(
            [sys.executable, "-c", RING, what],
            cwd=settings.BASE_DIR,
            env=child_environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == said
    assert _value("SELECT count(*) FROM pgmq.q_trial") == 0
