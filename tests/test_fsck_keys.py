"""Behind a KMS the registry's own keys are rows; whatever is changed in one, `fsck` names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from registry.custody import ROLES, Place, custody
from registry.models import CustodyKey
from registry.services.setup import ensure_registry
from tests import sweep
from tests.custody_keys import KMS
from web.fsck.data_keys import check_data_keys
from web.fsck.own_keys import check_own_keys
from web.fsck.report import Report
from web.fsck.unproven import exceptions

pytestmark = pytest.mark.django_db


@pytest.fixture
def kms(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    settings.KEY_PLACES = tuple((name, Place(file=tmp_path / name)) for name in ROLES)  # nothing is made there
    yield from KMS.serve(settings, monkeypatch)


def found() -> list[str]:
    KMS.forget()
    report = Report()
    check_own_keys(report)
    check_data_keys(frozenset(), report)
    return [f"{one.fault} {one.subject}" for one in report.findings]


def test_a_change_of_any_column_of_any_of_the_registrys_own_keys_is_named(kms: Any) -> None:
    ensure_registry()
    custody().prepare()
    assert found() == []
    unnamed = []
    for row in CustodyKey.objects.order_by("role"):
        for column in set(sweep.columns_of("registry_custody_key")) - {"id"}:
            if may_go_unseen(row, column) or (column == "sealed" and row.sealed is None):
                continue
            with transaction.atomic():
                held = sweep.Change(table="registry_custody_key", column=column, row={"id": row.pk}, ctid=ctid(row))
                sweep.apply(held)
                unnamed += [] if found() else [f"{row.role} {column}"]
                transaction.set_rollback(True)
    assert unnamed == []


def test_a_key_that_is_gone_is_named(kms: Any) -> None:
    ensure_registry()
    custody().prepare()
    for role in ("registry", "log", "log_pq", "kek"):
        with transaction.atomic():
            CustodyKey.objects.filter(role=role).delete()
            assert any(role in one for one in found()), role
            transaction.set_rollback(True)


def may_go_unseen(row: CustodyKey, column: str) -> bool:
    for one in exceptions("registry_custody_key", column):
        with connection.cursor() as cursor:
            where = one.where or "true"
            cursor.execute(f"SELECT 1 FROM registry_custody_key t WHERE t.id = %s AND ({where})", [row.pk])
            if cursor.fetchone():
                return True
    return False


def ctid(row: CustodyKey) -> str:

    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text FROM registry_custody_key WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])
