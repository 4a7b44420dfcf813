"""
Publishers as real processes, killed with -9 at numbered points, alone and beside another one, while others read.

``tests.test_crash_log`` dies at every point within one process; this holds what it finds against real processes, real
commits and real locks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.crash_process import Processes, processes
from tests.crash_scene import Scene
from tests.log_walk import walk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BATCH = 7
POINTS = 110  # of a pass that fills a tile; a smaller pass ends before the last ones
START = 230  # so that the first passes come to a full tile


@pytest.fixture
def scene(settings: Any, tmp_path: Path) -> Scene:
    scene = Scene.at(tmp_path / "disk")
    settings.LOG_DIR = scene.root / "log"
    scene.append(START)
    return scene


@pytest.fixture
def ours(scene: Scene, settings: Any, tmp_path: Path, child_environment: dict[str, str]) -> Iterator[Processes]:
    environment = child_environment | {"LOG_DIR": str(settings.LOG_DIR), "LOG_LEVEL": "CRITICAL"}
    with processes(environment, tmp_path / "answers") as started:
        yield started


@contextmanager
def reading(scene: Scene) -> Iterator[None]:
    """Somebody reads all the time, and remembers what they saw."""
    done = threading.Event()
    errors: list[BaseException] = []

    def read() -> None:
        try:
            while not done.wait(0.001):
                scene.look("meanwhile")
        except BaseException as error:  # noqa: BLE001 - the main thread raises it
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert not errors, errors


def die_at(points: range, scene: Scene, ours: Processes, act: Callable[[Processes, int], bool]) -> int:
    """Let one pass die at each of these points, then let one end; return how many died."""
    killed = 0
    with reading(scene):
        for fatal in points:
            scene.append(BATCH)
            killed += act(ours, fatal)
    assert ours.run("publish") == "ended"
    scene.look("at the end")
    assert scene.newest == scene.total
    walk(scene.total)
    return killed


def alone(ours: Processes, fatal: int) -> bool:
    state = ours.run("publish", fatal=fatal)
    assert state in ("killed", "ended")
    return state == "killed"


def beside_another(ours: Processes, fatal: int) -> bool:
    """One stops, maybe with a lock in its hand; another passes or waits; the first dies; the other ends."""
    first = ours.start("publish", fatal=fatal, how="stop")
    stopped = ours.wait(first) == "stopped"
    second = ours.start("publish")
    state = ours.wait(second, 0.15)
    if stopped:
        ours.kill(first)
    assert state == "ended" or ours.wait(second) == "ended"
    return stopped


@pytest.mark.parametrize("act", [alone, beside_another])
def test_a_publisher_that_is_killed_loses_and_forks_nothing(
    act: Callable[[Processes, int], bool], scene: Scene, ours: Processes
) -> None:
    assert die_at(range(3, POINTS, 8), scene, ours, act) >= 8


@pytest.mark.nightly
@pytest.mark.parametrize("act", [alone, beside_another])
def test_a_publisher_is_killed_at_every_point(
    act: Callable[[Processes, int], bool], scene: Scene, ours: Processes
) -> None:
    killed = sum(die_at(range(POINTS), scene, ours, act) for _ in range(4))
    assert killed >= 4 * 60
