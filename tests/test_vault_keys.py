"""Data keys and sealed texts: bound to their owners and places, made once, gone when destroyed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import vault
from registry.models import DataKey
from tests.custody_keys import places


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=40))
def test_a_sealed_text_opens_in_its_place(plain: bytes, aad: bytes) -> None:
    sealed = vault.seal_text("registry", plain, aad)
    assert vault.open_text("registry", sealed, aad) == plain
    assert len(sealed) == 12 + len(plain) + 16


@pytest.mark.django_db
def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert vault.seal_text("registry", b"same", b"") != vault.seal_text("registry", b"same", b"")


@pytest.mark.django_db
def test_a_text_does_not_open_in_another_place_for_another_owner_or_changed() -> None:
    sealed = vault.seal_text("party:ada", b"born 1990", b"row 1")
    assert vault.open_text("party:ada", sealed, b"row 1") == b"born 1990"
    vault.data_key("party:bob")
    flipped = sealed[:20] + bytes([sealed[20] ^ 1]) + sealed[21:]
    for owner, cipher, aad in [
        ("party:ada", sealed, b"row 2"),
        ("party:bob", sealed, b"row 1"),
        ("party:ada", flipped, b"row 1"),
        ("party:ada", sealed[:-1], b"row 1"),
        ("party:ada", b"", b"row 1"),
    ]:
        with pytest.raises(vault.TextDamaged):
            vault.open_text(owner, cipher, aad)


@pytest.mark.django_db
def test_many_texts_open_with_one_query(django_assert_num_queries) -> None:
    owners = [f"party:{number}" for number in range(20)]
    sealed = [vault.Sealed(owner, vault.seal_text(owner, owner.encode(), b""), b"") for owner in owners]
    with django_assert_num_queries(1):
        assert vault.open_texts(sealed) == [owner.encode() for owner in owners]


@pytest.mark.django_db
def test_reading_never_makes_a_key_in_the_place_of_a_destroyed_one() -> None:
    sealed = vault.seal_text("party:ada", b"born 1990", b"")
    vault.destroy_key("party:ada")
    with pytest.raises(vault.KeyDestroyed):
        vault.open_text("party:ada", sealed, b"")
    assert not DataKey.objects.exists()


@pytest.mark.django_db
def test_a_wrapped_key_opens_for_its_owner_only_and_under_its_kek_only(settings, tmp_path: Path) -> None:
    vault.data_key("party:ada")
    vault.data_key("party:bob")
    DataKey.objects.filter(owner="party:bob").update(wrapped=DataKey.objects.get(owner="party:ada").wrapped)
    with pytest.raises(vault.KeyUnusable):
        vault.data_key("party:bob")
    settings.KEY_PLACES = places(tmp_path)
    with pytest.raises(vault.KeyUnusable):
        vault.data_key("party:ada")


@pytest.mark.django_db
def test_the_key_does_not_stand_in_the_database_in_the_clear() -> None:
    key = vault.data_key("party:ada")
    wrapped = bytes(DataKey.objects.get(owner="party:ada").wrapped)
    assert len(key) == 32
    assert len(wrapped) == 4 + 12 + 32 + 16
    assert key not in wrapped


@pytest.mark.django_db(transaction=True)
def test_all_who_need_a_key_at_once_get_the_same_one() -> None:
    found = set()
    everybody = threading.Barrier(6)

    def need() -> None:
        everybody.wait()
        try:
            found.add(vault.data_key("party:ada"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=need) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
