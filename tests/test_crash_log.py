"""
The publisher dies at every point of its pass, by a kill or with the machine, and the next pass makes good.

Each case starts from the same log, dies at one point, is looked at as a reader would, and recovers by publishing. Then
the power goes once more: what a finished pass has served must be on disk, whoever wrote it.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from registry.log import publisher
from tests.crash_cases import FATES, SHAPES, Cases
from tests.crash_disk import LOST, by_chance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EVERY = {"the-first-entry": 1, "the-first-tile-and-more": 2}  # which points are taken of each shape; at night all


@pytest.fixture
def cases(settings: Any, tmp_path: Path) -> Cases:
    return Cases.at(tmp_path, settings)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_publisher_may_die_at_any_point(cases: Cases, shape: str) -> None:
    before, batch = SHAPES[shape]
    cases.start(before)
    names = cases.run(batch, None).names
    fates = iter(FATES * len(names))
    for fatal in range(0, len(names), EVERY.get(shape, 3)):
        cases.run(batch, fatal, next(fates))


@pytest.mark.nightly
@pytest.mark.parametrize("shape", SHAPES)
def test_at_any_point_by_any_fate_and_once_more_while_it_recovers(cases: Cases, shape: str) -> None:
    before, batch = SHAPES[shape]
    cases.start(before)
    chance = random.Random(shape)
    for fatal in range(len(cases.run(batch, None).names)):
        for fate in (*FATES, by_chance(chance), by_chance(chance)):
            cases.run(batch, fatal, fate, chance.choice([None, LOST, by_chance(chance)]))


def test_a_pass_has_points_of_every_kind(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "MAX_BATCH", 100)  # several checkpoints a run
    found = cases.run(258, None).names
    for kind in ("create", "write", "sync", "rename", "make_folder", "sync_folder", "INSERT", "WITH", "commit"):
        assert sum(kind in name.split() for name in found) >= 4, kind
    assert any(name.startswith("within write") for name in found)
