"""
Passes of the publisher that die: which logs they start from, and what becomes of the disk.

Every case goes on from the same log, on a disk of its own; its rows are taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash_disk import LOST, NAMES_WITH_ZEROS, NAMES_WITHOUT_BYTES, Fate
from tests.crash_points import Points
from tests.crash_scene import Scene, taken_back

# (leaves before, leaves published by the pass that dies)
SHAPES = {
    "the-first-entry": (0, 1),
    "the-first-tile-and-more": (0, 258),
    "a-tile-becomes-full": (251, 5),
    "a-tile-becomes-full-and-another-begins": (250, 12),
    "a-tile-begins": (256, 3),
    "a-tile-grows": (300, 7),
}
FATES: tuple[Fate | None, ...] = (None, LOST, NAMES_WITHOUT_BYTES, NAMES_WITH_ZEROS)  # None: only the process dies


@dataclass(slots=True)
class Cases:
    """The log that all cases of a test start from."""

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

    @classmethod
    def at(cls, folder: Path, settings: Any) -> Cases:
        return cls(Scene.at(folder / "disk"), folder, settings)

    def start(self, before: int) -> Cases:
        self._use(self.base)
        self.base.append(before)
        self.base.publish()
        return self

    def _use(self, scene: Scene) -> Scene:
        self.settings.LOG_DIR = scene.root / "srv" / "log"
        return scene
