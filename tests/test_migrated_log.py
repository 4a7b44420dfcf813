"""A log that was kept in three rows an entry is carried over: every number, entry and ciphertext as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from config import provisioning
from registry.core.entry import entry_bytes
from registry.core.merkle import leaf_hash

BEFORE, AFTER = ("registry", "0023_erasure"), ("registry", "0024_leaves")
ISSUER = "01930000-0000-7000-8000-000000000001"
NUMBERED = [1, 2, 5, 3, 7, 8, 9]  # `seq` by number: 3 committed late, 4 and 6 never did
WAITING = [10, 12]


def hex_of(what: str, seq: int) -> str:
    return hashlib.sha256(f"{what} {seq}".encode()).hexdigest()


def entry(seq: int) -> bytes:
    return entry_bytes(digest=hex_of("payload", seq), envelope_sha256=hex_of("envelope", seq), type="work.registered")


@pytest.fixture
def owner(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Any]:
    """The owner's connection, in a database that has the migrations until then."""
    with django_db_blocker.unblock():
        provisioning.owner_settings()
        wrapper = connections["owner"]
        used = wrapper.settings_dict["NAME"]
        with psycopg.connect(**parameters(wrapper, "postgres"), autocommit=True) as session:
            session.execute("CREATE DATABASE migrated_log")
            wrapper.close()
            wrapper.settings_dict["NAME"] = "migrated_log"
            try:
                yield wrapper
            finally:
                wrapper.close()
                wrapper.settings_dict["NAME"] = used
                session.execute("DROP DATABASE migrated_log WITH (FORCE)")


def parameters(wrapper: Any, database: str) -> dict[str, Any]:
    found = wrapper.get_connection_params() | {"dbname": database}
    return {name: value for name, value in found.items() if name != "cursor_factory"}


def migrate(wrapper: Any, target: tuple[str, str]) -> None:
    MigrationExecutor(wrapper).migrate([target])


def write(cursor: Any) -> None:
    for seq in sorted({*NUMBERED, *WAITING}):
        cursor.execute(
            "INSERT INTO registry_statement (digest, type, issuer, issued_at, accepted_at, subject, envelope, text, "
            "envelope_sha256) VALUES (%s, 'work.registered', %s, now(), now(), NULL, %s, NULL, %s)",
            [hex_of("payload", seq), ISSUER, b"sealed %d" % seq, hex_of("envelope", seq)],
        )
        cursor.execute(
            "INSERT INTO registry_leaf (seq, digest, entry) VALUES (%s, %s, %s)",
            [seq, hex_of("payload", seq), entry(seq)],
        )
    for index, seq in enumerate(NUMBERED):
        cursor.execute("INSERT INTO registry_entry VALUES (%s, %s, %s)", [index, leaf_hash(entry(seq)), seq])
    for seq in WAITING:
        cursor.execute("INSERT INTO registry_unnumbered VALUES (%s)", [seq])
    cursor.execute("SELECT setval('registry_leaf_seq_seq', 12)")


def test_a_log_in_three_rows_an_entry_is_carried_over(owner: Any) -> None:
    migrate(owner, BEFORE)
    with owner.cursor() as cursor:
        write(cursor)
    migrate(owner, AFTER)
    with owner.cursor() as cursor:
        cursor.execute("SELECT index, leaf_id, leaf_hash FROM registry_entry ORDER BY index")
        found = [(index, seq, bytes(hashed)) for index, seq, hashed in cursor.fetchall()]
        assert found == [(index, seq, leaf_hash(entry(seq))) for index, seq in enumerate(NUMBERED)]
        cursor.execute("SELECT index, seq, count FROM registry_run ORDER BY index")
        assert cursor.fetchall() == [(0, 1, 2), (2, 5, 1), (3, 3, 1), (4, 7, 3)]
        cursor.execute("SELECT seq, encode(digest, 'hex'), entry FROM registry_leaf ORDER BY seq")
        kept = [(seq, digest, bytes(data)) for seq, digest, data in cursor.fetchall()]
        assert kept == [(seq, hex_of("payload", seq), entry(seq)) for seq in sorted({*NUMBERED, *WAITING})]
        cursor.execute("SELECT seq, envelope FROM registry_statement ORDER BY seq")
        assert [(seq, bytes(sealed)) for seq, sealed in cursor.fetchall()] == [
            (seq, b"sealed %d" % seq) for seq in sorted({*NUMBERED, *WAITING})
        ]
        cursor.execute("SELECT leaf_id FROM registry_unnumbered ORDER BY leaf_id")
        assert cursor.fetchall() == [(seq,) for seq in WAITING]
        cursor.execute("SELECT nextval(pg_get_serial_sequence('registry_statement', 'seq'))")
        assert cursor.fetchone() == (13,)


def test_a_log_that_misses_a_leaf_is_not_carried_over(owner: Any) -> None:
    migrate(owner, BEFORE)
    with owner.cursor() as cursor:
        write(cursor)
        cursor.execute("DELETE FROM registry_statement WHERE digest = %s", [hex_of("payload", 7)])
    with pytest.raises(DatabaseError, match=r"see `manage\.py fsck`"):
        migrate(owner, AFTER)
