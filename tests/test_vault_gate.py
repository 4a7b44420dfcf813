"""The one door to stored bytes. Every test opens it first, so that a refusal cannot come from a door that was shut."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from uuid6 import uuid7

from registry import log, vault
from registry.core.clearance import Clearance
from registry.core.errors import DomainError
from registry.models import Asset, ClearanceRow, Head, Leaf
from registry.vault import files
from tests.log_walk import leaf

PLAIN = b"a still picture of a street"
SHA256 = hashlib.sha256(PLAIN).hexdigest()
LATER = datetime.now(UTC) + timedelta(hours=1)


@dataclass
class Door:
    """A cleared asset, stored and registered."""

    asset: str
    clearance: Clearance

    def open(self) -> bytes:
        return vault.open(self.clearance, self.asset)

    def row(self, **changes: object) -> None:
        ClearanceRow.objects.filter(digest=self.clearance.digest).update(**changes)


@pytest.fixture
def door(db: None, settings, tmp_path: Path) -> Door:
    settings.MEDIA_DIR = tmp_path / "media"
    asset, digest = str(uuid7()), "c" * 64
    vault.store(asset, [PLAIN])
    Asset.objects.create(
        id=asset, digest="a" * 64, registrant=str(uuid7()), kind="still", title="Street", sha256=SHA256,
        size=len(PLAIN), media={}, inventory={}, inventory_digest="a" * 64,
    )  # fmt: skip
    Head.objects.create(kind="asset", ident=asset, epoch=3)
    Head.objects.create(kind="grant", ident="b" * 64, epoch=0)
    log.append(leaf(digest, "e" * 64, "clearance.issued"))
    ClearanceRow.objects.create(
        digest=digest, kind="shot", assets=[[asset, SHA256]], heads=[["asset", asset, 3], ["grant", "b" * 64, 0]],
        expires_at=LATER,
    )  # fmt: skip
    clearance = Clearance(digest=digest, kind="shot", assets=frozenset({(asset, SHA256)}), expires_at=LATER)
    made = Door(asset=asset, clearance=clearance)
    assert made.open() == PLAIN
    return made


def refused(door: Door) -> str:
    with pytest.raises(DomainError) as error:
        door.open()
    return error.value.code


def _name_another(door: Door) -> None:
    door.clearance = replace(door.clearance, assets=frozenset({(str(uuid7()), SHA256)}))


def _forge_the_value(door: Door) -> None:
    """The value in hand names an asset that the logged row does not."""
    other = str(uuid7())
    vault.store(other, [PLAIN])
    door.asset = other
    door.clearance = replace(door.clearance, assets=door.clearance.assets | {(other, SHA256)})


def _forge_the_hash(door: Door) -> None:
    door.clearance = replace(door.clearance, assets=frozenset({(door.asset, "f" * 64)}))


def _unlogged(door: Door) -> None:
    ClearanceRow.objects.create(digest="d" * 64, kind="shot", assets=[[door.asset, SHA256]], heads=[], expires_at=LATER)
    door.clearance = replace(door.clearance, digest="d" * 64)
    assert not Leaf.objects.filter(digest="d" * 64).exists()


def _of_another_kind(door: Door) -> None:
    door.clearance = replace(door.clearance, kind="train")


def _logged_without_a_row(door: Door) -> None:
    log.append(leaf("d" * 64, "e" * 64, "clearance.issued"))
    door.clearance = replace(door.clearance, digest="d" * 64)


def _change_bytes(door: Door) -> None:
    vault.destroy_key(f"asset:{door.asset}")
    vault.store(door.asset, [b"other bytes, properly sealed"])


def _register_other_bytes(door: Door) -> None:
    Asset.objects.filter(id=door.asset).update(sha256="f" * 64)


FAULTS: dict[str, tuple[str, Callable[[Door], object]]] = {
    "names-another-asset": ("not_cleared", _name_another),
    "value-names-more-than-was-logged": ("not_cleared", _forge_the_value),
    "value-names-other-bytes": ("not_cleared", _forge_the_hash),
    "row-without-a-leaf": ("not_cleared", _unlogged),
    "leaf-without-a-row": ("not_cleared", _logged_without_a_row),
    "row-of-another-kind": ("not_cleared", _of_another_kind),
    "expired": ("clearance_expired", lambda d: d.row(expires_at=datetime.now(UTC) - timedelta(seconds=1))),
    "closed": ("clearance_closed", lambda d: d.row(closed_at=datetime.now(UTC), closed_by="d" * 64)),
    "replaced": ("clearance_closed", lambda d: d.row(replaced_by="d" * 64)),
    "epoch-of-the-asset-rose": ("clearance_stale", lambda d: Head.objects.filter(kind="asset").update(epoch=4)),
    "epoch-of-a-grant-rose": ("clearance_stale", lambda d: Head.objects.filter(kind="grant").update(epoch=1)),
    "a-head-is-gone": ("clearance_stale", lambda d: Head.objects.filter(kind="grant").delete()),
    "bytes-are-others": ("bytes_mismatch", _change_bytes),
    "registered-with-other-bytes": ("bytes_mismatch", _register_other_bytes),
    "not-registered": ("bytes_mismatch", lambda d: Asset.objects.all().delete()),
    "file-is-gone": ("bytes_missing", lambda d: vault.discard(d.asset)),
    "file-was-cut": ("bytes_damaged", lambda d: files.path_of(d.asset).write_bytes(b"PROVISO1")),
    "key-was-destroyed": ("key_destroyed", lambda d: vault.destroy_key(f"asset:{d.asset}")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_vault_opens_for_a_live_clearance_that_names_the_bytes_and_for_nothing_else(door: Door, fault: str) -> None:
    code, plant = FAULTS[fault]
    plant(door)
    assert refused(door) == code


def test_heads_that_a_clearance_does_not_rest_on_may_change(door: Door) -> None:
    Head.objects.create(kind="grant", ident="9" * 64, epoch=7)
    assert door.open() == PLAIN


def test_an_expiry_is_read_from_the_database_and_not_from_the_value(door: Door) -> None:
    door.row(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    door.clearance = replace(door.clearance, expires_at=datetime.now(UTC) + timedelta(days=1000))
    assert refused(door) == "clearance_expired"
