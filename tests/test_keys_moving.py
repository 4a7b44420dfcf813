"""Keys move from files into a KMS and back by rotations: what they signed verifies, what they wrapped opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from registry import log, vault
from registry.core.checkpoint import Proof, VerifierKey
from registry.custody import ROLES, CustodyError, Place, custody
from registry.models import CustodyKey, DataKey, KeptKey, Key, Leaf
from registry.names import name_hmac
from registry.services import rotation
from registry.services.setup import ensure_registry
from registry.vault import kept
from tests.custody_keys import KMS, places
from tests.rotating import keys, said
from tests.test_rotation_erasure import keep, opens
from tests.world import World
from web import fsck

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys, certificates and a log of this test's own."""
    settings.LOG_DIR, settings.CREDENTIAL_DIR, settings.MEDIA_DIR = (tmp_path / n for n in ("log", "certs", "media"))
    settings.KEY_PLACES = places(tmp_path / "keys")
    monkeypatch.setattr(rotation, "SETTLE_S", 0.0)
    monkeypatch.setattr(rotation, "GRACE", timedelta(0))
    return tmp_path / "keys"


@pytest.fixture
def world(folder: Path) -> World:
    """A registry that keeps its keys in files, and has used all of them."""
    for role in ROLES:
        custody().versions(role)
    return World()


@pytest.fixture
def kms(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A KMS, named after the registry was set up without one."""
    yield from KMS.serve(settings, monkeypatch)


def stores() -> dict[str, list[str]]:
    return {role: [f"{one.store} {one.state}" for one in custody().versions(role)] for role in ROLES}


def no_fault() -> bool:
    """Walk everything; what this test kept of nobody in particular is no erasure's, and their keys are nobody's."""
    found = [one for one in fsck.run().findings if not one.fault.startswith(("kept_", "data_key_stray"))]
    assert found == []
    return True


class Before:
    """What was signed and wrapped before a move; it has to be good after it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.statement = said(1)
        world.publish()
        self.receipt, self.vkeys = log.proof(self.statement), [VerifierKey.parse(one) for one in log.vkeys()]
        self.public = {role: custody().signer(role).public for role in ROLES if not ROLES[role].wraps}
        self.opened = {f"party:{number}": vault.data_key(f"party:{number}") for number in range(5)}
        self.sealed = vault.seal_text("party:1", b"born 1990", b"row")
        self.hashed = name_hmac("Ada Marsh")
        self.kept = [keep() for _ in range(3)]

    def is_good(self) -> bool:
        KMS.forget()  # as another process
        entry = bytes(Leaf.objects.get(digest=self.statement).entry)
        assert self.receipt is not None
        for key in self.vkeys:
            assert Proof.parse(self.receipt.encode()).verify(entry, key).size
        for role, public in self.public.items():
            assert public in [one.public for one in custody().versions(role)]
        assert {owner: vault.data_key(owner) for owner in self.opened} == self.opened
        assert vault.open_text("party:1", self.sealed, b"row") == b"born 1990"
        assert name_hmac("Ada Marsh") == self.hashed
        assert all(opens(*one) for one in self.kept)
        said(Leaf.objects.count() + 10)
        self.world.publish()
        return no_fault()


def test_all_keys_move_into_a_kms_and_back(kms: Any, world: World, folder: Path) -> None:
    before = Before(world)
    ensure_registry()
    assert set(map(tuple, stores().values())) == {("files current",)}  # naming a KMS changes nothing by itself
    lines = keys("move", "all", "--to", "kms")
    assert sum("is made in kms" in line for line in lines) == len(ROLES)
    assert set(map(tuple, stores().values())) == {("files old", "kms current")}
    assert before.is_good()
    assert {bytes(one)[3] for one in DataKey.objects.values_list("wrapped", flat=True)} == {2}
    assert set(KeptKey.objects.values_list("version", flat=True)) == {2}
    for role in ("kek", "erasure"):
        keys("retire", role)
        assert not (folder / ROLES[role].variable.lower()).exists()
    assert before.is_good()
    assert keys("move", "kek", "--to", "kms") == ["version 2 of the kek key is in kms already"]

    keys("move", "all", "--to", "files")
    assert stores()["kek"] == ["kms old", "files current"]
    assert stores()["log"] == ["files old", "kms old", "files current"]
    assert before.is_good()
    keys("retire", "kek")
    keys("retire", "erasure")
    assert {row.role for row in CustodyKey.objects.all()} == {name for name, role in ROLES.items() if not role.wraps}
    assert before.is_good()
    assert Key.objects.filter(party=world.registry, revoked=None).count() == 1


def test_without_the_kms_everything_opens_once_all_is_in_files_again(kms: Any, world: World, settings: Any) -> None:
    before = Before(world)
    for store in ("kms", "files"):
        keys("move", "all", "--to", store)
    settings.KMS = None
    assert before.is_good()


@pytest.mark.parametrize("done", [1, 2])
@pytest.mark.parametrize("role", ["registry", "kek", "erasure"])
def test_a_move_that_stops_anywhere_is_finished_by_the_same_command(
    kms: Any, world: World, role: str, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "SAID", 1)
    key, one = vault.data_key("party:1"), keep()
    said(1)
    steps = rotation.move(role, "kms")
    [*islice(steps, done)]
    steps.close()  # as Ctrl-C does
    KMS.forget()
    assert vault.data_key("party:1") == key
    assert opens(*one)
    said(2)
    keys("move", role, "--to", "kms")
    assert stores()[role] == ["files old", "kms current"]
    assert keys("move", role, "--to", "kms")[0].endswith("is in kms already")
    assert rotation._unfinished(role, custody().versions(role)[-1]) is False
    assert vault.data_key("party:1") == key
    assert opens(*one)
    said(3)
    world.publish()
    assert no_fault()


def test_a_version_may_be_prepared_in_the_other_store_and_taken_back(kms: Any, world: World, folder: Path) -> None:
    keys("prepare", "log", "--to", "kms")
    assert stores()["log"] == ["files current", "kms next"]
    assert len(log.vkeys()) == 3
    assert keys("move", "log", "--to", "files")[0].endswith("is in files already")
    keys("discard", "log")
    assert stores()["log"] == ["files current"]
    keys("prepare", "log", "--to", "kms")
    keys("rotate", "log")
    assert stores()["log"] == ["files old", "kms current"]
    keys("rotate", "log")  # stays where it is
    assert stores()["log"] == ["files old", "kms old", "kms current"]
    keys("prepare", "log")
    with pytest.raises(CommandError, match="version 4 of the log key waits in kms"):
        keys("move", "log", "--to", "files")


def test_a_store_that_is_not_there_is_refused_in_one_sentence(world: World) -> None:
    with pytest.raises(CommandError, match="`kms` is no store of keys here"):
        keys("move", "log", "--to", "kms")
    with pytest.raises(CommandError, match="is no role of a key"):
        keys("move", "lg", "--to", "files")
    assert keys("move", "log", "--to", "files") == ["version 1 of the log key is in files already"]


def test_a_file_that_the_settings_name_and_that_is_missing_is_not_replaced_by_a_new_key(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """As where a disk with the key was not mounted when the KMS was set up."""
    named = Place(file=folder / "elsewhere", named=True)
    settings.KEY_PLACES = tuple((name, named if name == "kek" else place) for name, place in settings.KEY_PLACES)
    for _ in KMS.serve(settings, monkeypatch):
        with pytest.raises(CustodyError, match="KEK names `"):
            custody().prepare()
        assert not CustodyKey.objects.exists()


def test_a_key_given_as_a_value_moves_into_the_kms_and_is_then_taken_out_by_hand(
    settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    given = Place(file=None, secret=b"s" * 32)
    settings.KEY_PLACES = tuple((name, given if name == "kek" else place) for name, place in places(folder))
    ensure_registry()
    key = vault.data_key("party:1")
    for _ in KMS.serve(settings, monkeypatch):
        keys("move", "kek", "--to", "kms")
        with pytest.raises(CommandError, match="take it out of the environment"):
            keys("retire", "kek")
        settings.KEY_PLACES = places(folder)
        KMS.forget()
        assert vault.data_key("party:1") == key
        assert kept.behind(2) == 0
        assert stores()["kek"] == ["kms current"]


def test_of_a_number_that_both_stores_hold_the_kms_counts(kms: Any, world: World) -> None:
    """Files that lay about beside a KMS were never used."""
    custody()._stores[0].make("tsa", 1, waits=False)
    assert stores()["tsa"] == ["kms current"]
