"""The KEK is rotated: every data key is wrapped anew, opens all the time, and the old version goes when it may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from registry import vault
from registry.custody import custody
from registry.models import DataKey
from registry.names import name_hmac
from registry.services import rotation
from registry.vault import rewrapping
from tests.custody_keys import KMS, places
from tests.rotating import keys, sound, states
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Keys, certificates and a log of this test's own."""
    settings.LOG_DIR, settings.CREDENTIAL_DIR, settings.MEDIA_DIR = (tmp_path / n for n in ("log", "certs", "media"))
    settings.KEY_PLACES = places(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def world(folder: Path) -> World:
    return World()


@pytest.fixture(params=["files", "kms"])
def kek_world(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    if request.param == "files":
        yield World()
        return
    for _ in KMS.serve(settings, monkeypatch):
        yield World()


def test_every_data_key_is_wrapped_anew_and_the_old_version_can_go(
    kek_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = {owner: vault.data_key(owner) for owner in (f"party:{n}" for n in range(12))}
    hashed, sealed = name_hmac("Ada Marsh"), vault.seal_text("party:1", b"born 1990", b"row")
    lines = keys("rotate", "kek")
    number = DataKey.objects.count()
    assert lines[0] == "version 2 of the kek key wraps new data keys from now on"
    assert lines[-2] == f"{number} data keys wrapped anew"
    assert versions() == {2}
    with pytest.raises(CommandError, match="younger than 60 s"):
        keys("retire", "kek")
    monkeypatch.setattr(rotation, "GRACE", timedelta(0))
    assert keys("retire", "kek", "--dry-run")[0] == "would destroy version 1 of the kek key"
    assert "version 1 of the kek key is destroyed" in keys("retire", "kek")[0]
    KMS.forget()
    assert {owner: vault.data_key(owner) for owner in opened} == opened
    assert vault.open_text("party:1", sealed, b"row") == b"born 1990"
    assert name_hmac("Ada Marsh") == hashed
    with pytest.raises(CommandError, match="no old version"):
        keys("retire", "kek")
    kek_world.publish()
    for owner in opened:
        vault.destroy_key(owner)  # under which no statement lies
    assert sound()


def test_a_key_wrapped_meanwhile_under_the_old_version_keeps_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a transaction that began before the rotation and commits after it."""
    monkeypatch.setattr(rotation, "GRACE", timedelta(0))
    vault.data_key("party:late")
    late = bytes(DataKey.objects.get(owner="party:late").wrapped)
    keys("rotate", "kek")
    DataKey.objects.filter(owner="party:late").update(wrapped=late)
    assert len(vault.data_key("party:late")) == 32
    with pytest.raises(CommandError, match="1 data keys are still wrapped under an old version"):
        keys("retire", "kek")
    assert "finishing what was begun" in keys("rotate", "kek")[0]
    keys("retire", "kek")
    assert len(vault.data_key("party:late")) == 32
    assert states("kek") == ["current"]


def test_a_data_key_that_is_destroyed_while_it_is_wrapped_anew_stays_destroyed(world: World) -> None:
    vault.data_key("party:gone")
    keys_ = custody()
    keys_.promote("kek", keys_.make("kek").number)
    wrap = rewrapping.wrap

    def destroyed_meanwhile(owner: str, key: bytes) -> bytes:
        if owner == "party:gone":
            vault.destroy_key(owner)
        return wrap(owner, key)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rewrapping, "wrap", destroyed_meanwhile)
        list(rewrapping.rewrap(2))
    assert not DataKey.objects.filter(owner="party:gone").exists()
    assert versions() == {2}


def test_wrapping_anew_goes_on_where_it_was_cut_off(world: World) -> None:
    for number in range(10):
        vault.data_key(f"party:{number}")
    keys_ = custody()
    keys_.promote("kek", keys_.make("kek").number)
    first = next(rewrapping.rewrap(2, batch=4))
    assert first == 4
    assert versions() == {1, 2}
    assert rewrapping.behind(2) == DataKey.objects.count() - 4
    assert len(vault.data_keys([f"party:{number}" for number in range(10)])) == 10  # either wrapping opens
    list(rewrapping.rewrap(2, batch=4))
    assert versions() == {2}


def test_a_wrong_version_is_refused_and_named(world: World) -> None:
    vault.data_key("party:ada")
    wrapped = bytes(DataKey.objects.get(owner="party:ada").wrapped)
    for version in (0, 2, 2**32 - 1):
        DataKey.objects.filter(owner="party:ada").update(wrapped=version.to_bytes(4, "big") + wrapped[4:])
        with pytest.raises(vault.KeyUnusable, match=f"version `{version}` of the KEK"):
            vault.data_key("party:ada")


def versions() -> set[int]:
    return {int.from_bytes(bytes(wrapped)[:4], "big") for wrapped in DataKey.objects.values_list("wrapped", flat=True)}
