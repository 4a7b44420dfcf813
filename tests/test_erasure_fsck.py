"""What a check takes for erased, and what it names: planted faults after an erasure."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from registry.models import Asset, Head, KeptKey, KeptRow, Key, Party, StatementRow
from registry.vault.keys import wrap
from tests.erasing import erased
from tests.studio import Studio
from tests.world import new_id
from web import fsck

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    made = Studio.open(tmp_path, settings)
    made.released()
    erased(made.world, made.ada)
    assert fsck.run().findings == []
    return made


def faults() -> set[str]:
    return {finding.fault for finding in fsck.run().findings}


def destroy(owner: str) -> Callable[[Studio], None]:
    def fault(studio: Studio) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM registry_datakey WHERE owner = %s", [owner.format(studio=studio)])

    return fault


def forge_a_key(studio: Studio) -> None:
    Key.objects.create(keyid="a" * 64, party=studio.ada.id, kind="ed25519", spki=b"x", added="2026-01-01T00:00:00Z",
                       added_by="b" * 64)  # fmt: skip


def flip(model: type[KeptKey] | type[KeptRow], column: str) -> None:
    row = model.objects.order_by("pk")[0]
    data = bytes(getattr(row, column))
    model.objects.filter(pk=row.pk).update(**{column: data[:-1] + bytes([data[-1] ^ 1])})


FAULTS: dict[str, tuple[Callable[[Studio], object], str]] = {
    "a key of somebody who was not erased is gone": (destroy("party:{studio.reviewer.id}"), "statement_unreadable"),
    "the registry's own key is gone": (destroy("registry"), "statement_unreadable"),
    "what was kept is gone": (lambda studio: KeptRow.objects.all().delete(), "kept_missing"),
    "one that was kept is gone": (lambda studio: KeptRow.objects.first().delete(), "kept_missing"),
    "its key is gone": (lambda studio: KeptKey.objects.all().delete(), "kept_key_differs"),
    "a seal is broken": (lambda studio: flip(KeptRow, "sealed"), "kept_unreadable"),
    "its key is another": (lambda studio: flip(KeptKey, "wrapped"), "kept_unreadable"),
    "something else is kept": (
        lambda studio: KeptRow.objects.create(
            digest="c" * 64, subject=studio.ada.id, reason="legal_duty", until="2040-01-01T00:00:00Z", sealed=b"x"
        ),
        "kept_stray",
    ),
    "it is kept of somebody else": (lambda studio: KeptRow.objects.update(subject=new_id()), "kept_differs"),
    "a key of hers comes back": (forge_a_key, "row_stray"),
    "she was never there": (lambda studio: Party.objects.filter(id=studio.ada.id).delete(), "row_missing"),
    "an epoch goes back": (
        lambda studio: Head.objects.filter(kind="person", ident=studio.ada.id).update(epoch=0),
        "epoch_differs",
    ),
    "an epoch is far too high": (
        lambda studio: Head.objects.filter(kind="asset", ident=studio.portrait.id).update(epoch=500),
        "epoch_differs",
    ),
    "an asset is called something else": (lambda studio: Asset.objects.update(title="Else"), "row_stray"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_after_an_erasure_is_named(studio: Studio, fault: str) -> None:
    plant, named = FAULTS[fault]
    plant(studio)
    assert named in faults()


def test_a_statement_that_is_erased_and_opens_all_the_same_is_named(
    studio: Studio, owner: psycopg.Connection[Any]
) -> None:
    """Somebody put a key back: it is not the key that it was, so that the statement is damaged; or it is, and opens."""
    name = f"party:{studio.ada.id}"
    owner.execute("ALTER TABLE registry_datakey DISABLE TRIGGER USER")
    try:
        owner.execute(
            "INSERT INTO registry_datakey (owner, wrapped, created_at) VALUES (%s, %s, now())",
            [name, wrap(name, secrets.token_bytes(32))],
        )
        assert faults() == {"statement_unreadable"}
    finally:
        owner.execute("ALTER TABLE registry_datakey ENABLE TRIGGER USER")


def test_a_key_that_somebody_kept_and_put_back_is_named(
    tmp_path: Path, settings: Any, owner: psycopg.Connection[Any]
) -> None:
    made = Studio.open(tmp_path, settings)
    name = f"party:{made.ada.id}"
    (wrapped,) = owner.execute("SELECT wrapped FROM registry_datakey WHERE owner = %s", [name]).fetchone() or (b"",)
    erased(made.world, made.ada)
    with pytest.raises(psycopg.errors.SerializationFailure):
        _put_back(owner, name, wrapped, before=True)
    owner.execute("ALTER TABLE registry_datakey DISABLE TRIGGER USER")
    _put_back(owner, name, wrapped)
    owner.execute("ALTER TABLE registry_datakey ENABLE TRIGGER USER")
    assert faults() == {"erased_readable"}


def _put_back(owner: psycopg.Connection[Any], name: str, wrapped: bytes, *, before: bool = False) -> None:
    if before:  # past the first look, as who waited for the row would be
        owner.execute("ALTER TABLE registry_datakey DISABLE TRIGGER not_again")
    try:
        owner.execute(
            "INSERT INTO registry_datakey (owner, wrapped, created_at) VALUES (%s, %s, now())", [name, wrapped]
        )
    finally:
        if before:
            owner.execute("ALTER TABLE registry_datakey ENABLE TRIGGER not_again")


def test_a_statement_that_no_erasure_names_is_not_taken_for_erased(studio: Studio) -> None:
    """Of somebody else's statements none is excused, whoever says that Ada was erased."""
    (digest,) = StatementRow.objects.filter(subject=studio.reviewer.id, type="party.registered").values_list(
        "digest", flat=True
    )
    destroy("party:{studio.reviewer.id}")(studio)
    named = {finding.subject for finding in fsck.run().findings if finding.fault == "statement_unreadable"}
    assert digest in named


def test_what_an_erased_person_signed_about_others_is_counted_as_unverifiable_and_nothing_else_is(
    tmp_path: Path, settings: Any
) -> None:
    made = Studio.open(tmp_path, settings)
    assert fsck.run().counted["unverifiable"] == 0
    signed = StatementRow.objects.filter(issuer=made.world.notary.id).exclude(subject=made.world.notary.id).count()
    erased(made.world, made.world.notary)
    report = fsck.run()
    assert report.findings == []
    assert report.counted["unverifiable"] == signed
    assert made.ask().status_code == 403
