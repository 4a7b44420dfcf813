"""The registry's laws, each by its name."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction

from registry.models import Leaf, PrivateRow, StatementRow
from registry.statements import open_statement
from tests.world import World, new_id
from web.statements import KINDS

pytestmark = pytest.mark.django_db

INSERT_ONLY = ("registry_statement", "registry_private", "registry_run", "registry_checkpoint")


@pytest.mark.parametrize("table", INSERT_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_append_only(table: str, statement: str) -> None:
    """PostgreSQL itself refuses the application's role to change what was signed or logged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s LIMIT 1", [table])
        (column,) = cursor.fetchone()
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, column))
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_append_only_holds_for_the_views_of_the_log() -> None:
    World().party("Ada Marsh")
    for statement in ("UPDATE registry_leaf SET digest = digest", "DELETE FROM registry_leaf"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
    with pytest.raises(OperationalError), transaction.atomic():
        connection.cursor().execute("DELETE FROM registry_entry")


def test_append_only_holds_though_the_role_may_insert() -> None:
    world = World()
    world.party("Ada Marsh")
    assert StatementRow.objects.count() == Leaf.objects.count() == 4  # the registry, the notary, Ada and the vouch


def test_no_personal_data_in_the_log() -> None:
    """Neither leaves nor statement rows hold a name, and whoever's key is destroyed cannot be read again."""
    world = World()
    ada = world.party("Ada Marsh-Delacroix", unions=["Equity"])
    digest = world.act(
        "work.registered",
        {"work": new_id(), "title": "x", "kind": "film", "identifiers": {}},
        by=ada,
        private={"agent": "Bartleby Crane"},
    )
    hidden = [b"Marsh-Delacroix", b"Equity", b"Bartleby", b"Nadia Notary"]
    stored: list[Any] = [bytes(leaf.entry) for leaf in Leaf.objects.all()]
    for row in StatementRow.objects.all():
        stored += [bytes(row.envelope), bytes(row.text or b"")]
    stored += [bytes(row.ciphertext) for row in PrivateRow.objects.all()]
    assert PrivateRow.objects.filter(digest=digest).exists()
    assert not [word for word in hidden for blob in stored if word in blob]
    projections = {model for kind in KINDS.values() for model in kind.tables}
    with connection.cursor() as cursor:
        for model in projections:
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} t WHERE t::text ~ 'Delacroix|Equity|Nadia'")
            assert cursor.fetchone() == (0,), model


def test_slow_to_permit_quick_to_withdraw() -> None:
    """Every kind says whether it widens, narrows or records; narrowing kinds are those of the design, no more."""
    narrowing = {type_ for type_, kind in KINDS.items() if kind.effect == "narrows"}
    assert narrowing <= {
        "key.revoked", "appearance.recorded", "appearance.claimed", "component.recorded", "licence.denied",
        "licence.terminated", "consent.revoked", "title.disputed", "authority.ended", "authority.disputed",
        "policy.set", "restriction.declared", "suspension.declared", "approval.declined",
    }  # fmt: skip
    assert narrowing >= {"key.revoked", "licence.terminated", "appearance.claimed", "consent.revoked"}


def test_signed_by_its_owner() -> None:
    """What is stored is the envelope that was sent, byte for byte, so that anybody can verify it again."""
    world = World()
    ada = world.party("Ada Marsh")
    body = {"work": new_id(), "title": "The Ridge", "kind": "film", "identifiers": {}}
    submission = world.signed("work.registered", body, by=ada)
    opened = open_statement(world.submit(submission))
    assert opened is not None
    assert opened.envelope.format() == submission["envelope"]
    assert opened.text == submission["text"]
