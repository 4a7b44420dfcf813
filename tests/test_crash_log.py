"""
The publisher dies at every point of its pass, by a kill or with the machine, and the next pass makes good.

Each case starts from the same log, dies at one point, is looked at as a reader would, and recovers by publishing. Then
the power goes once more: what a finished pass has served must be on disk, whoever wrote it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.log import publisher
from tests.crash_disk import LOST, NAMES_WITH_ZEROS, NAMES_WITHOUT_BYTES, Fate, by_chance
from tests.crash_points import Points
from tests.crash_scene import Scene, taken_back

pytestmark = pytest.mark.django_db

# (leaves before, leaves published by the pass that dies)
SHAPES = {
    "the-first-entry": (0, 1),
    "the-first-tile-and-more": (0, 258),
    "a-tile-becomes-full": (251, 5),
    "a-tile-becomes-full-and-another-begins": (250, 12),
    "a-tile-begins": (256, 3),
    "a-tile-grows": (300, 7),
}
EVERY = {"the-first-entry": 1, "the-first-tile-and-more": 2}  # which points are taken of each shape; at night all
FATES: tuple[Fate | None, ...] = (None, LOST, NAMES_WITHOUT_BYTES, NAMES_WITH_ZEROS)  # None: only the process dies


@dataclass(slots=True)
class Cases:
    """Each case goes on from the same log, on a disk of its own."""

    base: Scene
    folder: Path
    settings: Any
    count: int = 0

    def run(self, batch: int, fatal: int | None, *fates: Fate | None) -> Points:
        """Die at one point, once for each fate; recover."""
        self.count += 1
        with taken_back():
            scene = self._use(self.base.copied(self.folder / f"disk-{self.count}"))
            scene.append(batch)
            points = scene.publish(fatal)
            for again, fate in enumerate(fates):
                if again:
                    scene.publish(fatal)  # the same point of the pass that recovers
                if fate is not None:
                    scene.cut(fate)
            scene.append(0 if fates == (None,) else 1)  # nothing new: what the killed pass got done must be kept too
            scene.recover()
        return points

    def start(self, before: int) -> Cases:
        self._use(self.base)
        self.base.append(before)
        self.base.publish()
        return self

    def _use(self, scene: Scene) -> Scene:
        self.settings.LOG_DIR = scene.root / "srv" / "log"
        return scene


@pytest.fixture
def cases(settings: Any, tmp_path: Path) -> Cases:
    return Cases(Scene.at(tmp_path / "disk"), tmp_path, settings)


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
