"""
Whatever is changed in the database or on disk, `fsck` names it.

The sample changes every table and every kind of file once, each run another seed's; the whole sweep, at night, every
column of every table, a deleted row and a copied one. What may go unseen is listed with its reason
(``web.fsck.unproven``), and the list is held here to what there is.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections, transaction

from tests import sweep
from tests.planted_fsck import PLANTED
from tests.studio import Studio
from tests.sweep import Outcome
from tests.sweep_files import DAMAGES, Damage, files, lost, may_go
from tests.sweep_scene import after_erasure, as_owner, let_me, populated
from web import fsck
from web.fsck import vault
from web.fsck.projections import projected
from web.fsck.unproven import EVERYTHING, UNPROVEN

SEED = int(os.environ.get("SWEEP_SEED", "20261124"))
# Tables that an erasure alone fills, or empties; the second scene is for these.
OF_ERASURES = {
    "registry_destroyed_key", "registry_erasure_request", "registry_kept", "registry_kept_key", "registry_opened_kept",
    "registry_statement", "registry_private", "generation_shot",
}  # fmt: skip
# Rows of a KMS (``tests/test_fsck_keys.py`` changes them), and heads, which prove less once somebody was erased, as in
# both scenes (``tests/operator_rows.py``).
ELSEWHERE = {"registry_custody_key", "registry_head"}


@pytest.fixture
def owned(django_db_setup: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The owner's rights on the connection of the test, so that a change can be taken back."""
    before = dict(connections["default"].settings_dict)
    as_owner()
    yield
    connections["default"].close()
    connections["default"].close_pool()
    connections["default"].settings_dict.update({name: before[name] for name in ("USER", "PASSWORD")})


@pytest.fixture
def whole(owned: None, db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Studio:
    made = populated(tmp_path, settings, monkeypatch)
    settle(monkeypatch)
    assert fsck.run().findings == []
    let_me()
    return made


@pytest.fixture
def erased(owned: None, db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Studio:
    made = after_erasure(tmp_path, settings)
    settle(monkeypatch)
    assert fsck.run().findings == []
    let_me()
    return made


def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove what a commit would have removed, and say that nothing is on its way in."""
    for path in vault.look() - {one.path for one in vault.held_files().values()}:
        (Path(django_settings.MEDIA_DIR) / path).unlink()
    monkeypatch.setattr(vault, "ARRIVES", -vault.ARRIVES)


def test_a_change_of_each_table_and_each_kind_of_file_is_named(whole: Studio) -> None:
    rng, outcome = random.Random(SEED), Outcome()
    sweep.together(rng.choice(sweep.in_rounds(rng)[:3]), outcome)
    notes = [one for one in sweep.models() if one not in projected()]
    for start in range(0, len(notes), 8):
        sampled = [list(sweep.changes_of(model, rng)) for model in notes[start : start + 8]]
        sweep.together([rng.choice(one) for one in sampled if one], outcome)
    assert not outcome.unnamed, "\n".join(outcome.unnamed)
    assert all_damages_unnamed(rng) == []
    assert planted_unnamed() == []
    assert fsck.run().findings == []


@pytest.mark.nightly
def test_every_change_of_a_row_is_named(whole: Studio) -> None:
    rng, outcome = random.Random(SEED), Outcome()
    for changes in sweep.in_rounds(rng):
        sweep.together(changes, outcome)
    for model in sweep.models():
        if model not in projected():
            sweep.singly(list(sweep.changes_of(model, rng)), outcome)
    print(f"{outcome.named} named, {outcome.refused} refused by PostgreSQL, in {len(outcome.tables)} tables")
    assert not outcome.unnamed, "\n".join(outcome.unnamed)
    missed = {model._meta.db_table for model in sweep.models()} - outcome.tables - OF_ERASURES - ELSEWHERE
    assert missed <= {one.table for one in UNPROVEN if EVERYTHING in one.columns and one.where is None}


@pytest.mark.nightly
def test_every_change_of_a_row_after_an_erasure_is_named(erased: Studio) -> None:
    rng, outcome = random.Random(SEED), Outcome()
    for model in sweep.models():
        if model._meta.db_table in OF_ERASURES:
            sweep.singly(list(sweep.changes_of(model, rng)), outcome)
    print(f"{outcome.named} named, {outcome.refused} refused by PostgreSQL, in {len(outcome.tables)} tables")
    assert not outcome.unnamed, "\n".join(outcome.unnamed)
    assert outcome.tables == OF_ERASURES


def planted_unnamed() -> list[tuple[str, list[str]]]:
    """Plant, look, and take it back, rows and files; return what was not named by its code, with what was."""
    root, unnamed = Path(django_settings.LOG_DIR).parent, []
    kept = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    for group in PLANTED:
        with transaction.atomic():
            for plant in group.values():
                plant()
            found = {one.fault for one in fsck.run().findings}
            unnamed += [(code, sorted(found)) for code in group if code not in found]
            transaction.set_rollback(True)
        for path in {path for path in root.rglob("*") if path.is_file()} - kept.keys():
            path.unlink()
        for path, data in kept.items():
            path.write_bytes(data)
    return unnamed


def all_damages_unnamed(rng: random.Random) -> list[str]:
    """Do each damage to all files at once, look, mend them; return what was not named by its path."""
    unnamed = []
    for damage in DAMAGES:
        harmed: list[Damage] = [damage(path, rng) for path in files() if not (damage is lost and may_go(path))]
        said = " ".join(one.subject for one in fsck.run().findings)
        unnamed += [f"{damage.__name__} {one.name}" for one in harmed if one.name not in said]
        for one in harmed:
            one.mend()
    return unnamed
