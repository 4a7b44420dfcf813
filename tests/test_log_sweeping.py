"""The log's folder is swept of what killed publishers left, and of nothing that anybody may still need."""

from __future__ import annotations

import os
import shutil
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from registry import disk, log
from registry.core.tiles import ENTRIES, Tile
from registry.log import folder, publisher
from registry.log.sweeping import DRAFT_AGE_S
from tests.crash_disk import LOST, NAMES_WITH_ZEROS, Disk
from tests.crash_points import Points, numbered
from tests.crash_scene import Scene
from tests.log_walk import append, publish_all, walk
from web.management.commands import publish

pytestmark = pytest.mark.django_db
LATER = DRAFT_AGE_S + 60


@pytest.fixture(autouse=True)
def log_dir(settings: Any, tmp_path: Path) -> Path:
    settings.LOG_DIR = tmp_path / "log"
    return settings.LOG_DIR


def killed_before_partials_go(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(folder, "drop_partials", lambda files: None)
        publish_all()


def sweep() -> int:
    return log.sweep(now_s=time.time() + LATER)


def names(log_dir: Path) -> list[str]:
    return sorted(str(path.relative_to(log_dir)) for path in log_dir.rglob("*") if path.is_file())


def test_partial_tiles_of_full_ones_go_and_those_of_tiles_that_grow_stay(
    log_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for more in (200, 56, 10, 20):
        total = log.tree_size()
        append(*range(total, total + more))
        killed_before_partials_go(monkeypatch)
    publish_all()
    assert "tile/0/000.p/200" in names(log_dir)
    assert sweep() == 2
    assert names(log_dir) == [
        "checkpoint", "tile/0/000", "tile/0/001.p/10", "tile/0/001.p/30", "tile/1/000.p/1",
        "tile/entries/000", "tile/entries/001.p/10", "tile/entries/001.p/30",
    ]  # fmt: skip
    assert not (log_dir / "tile/0/000.p").exists()
    for level in (0, ENTRIES):  # whoever still reads by a checkpoint of 200 entries
        assert folder.read_tile(Tile(level=level, n=0, width=200))
    assert sweep() == 0
    walk(286)


def test_partial_tiles_stay_until_the_served_checkpoint_covers_the_full_one(
    log_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(*range(200))
    publish_all()
    append(*range(200, 300))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:  # the full tiles are there, and nobody was told
        patch.setattr(publisher, "_sign", killed)
        with pytest.raises(KeyboardInterrupt):
            publish_all()
    assert (log_dir / "tile/0/000").exists()
    before = names(log_dir)
    assert sweep() == 0
    assert names(log_dir) == before
    killed_before_partials_go(monkeypatch)
    assert sweep() == 2
    walk(300)


def test_a_full_tile_that_is_not_there_keeps_its_partial_ones(log_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(*range(250))
    publish_all()
    append(*range(250, 260))
    killed_before_partials_go(monkeypatch)
    (log_dir / "tile/0/000").unlink()
    assert sweep() == 1  # the bundle's
    assert (log_dir / "tile/0/000.p/250").exists()


def test_drafts_go_once_they_are_old_and_what_is_not_ours_stays(log_dir: Path) -> None:
    append(*range(10))
    publish_all()
    ours = [".checkpoint.0123456789ab", "tile/0/.000.0123456789ab", "tile/0/000.p/.10.ba9876543210"]
    others = [".well-known", "notes.txt", "tile/0/.000.torn", "tile/0/abc.p/7", ".checkpoint.0123456789AB", "x.p/1"]
    for name in (*ours, *others):
        (log_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (log_dir / name).write_bytes(b"torn")
    young = log_dir / "tile/0/.000.aaaaaaaaaaaa"
    young.write_bytes(b"being written")
    os.utime(young, (time.time() + LATER - 5,) * 2)
    assert sweep() == len(ours)
    assert not any((log_dir / name).exists() for name in ours)
    assert all((log_dir / name).exists() for name in others)
    assert young.exists()
    walk(10)


def test_of_a_checkpoint_that_does_not_verify_nothing_is_concluded(
    log_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(*range(200))
    publish_all()
    append(*range(200, 260))
    killed_before_partials_go(monkeypatch)
    served = (log_dir / "checkpoint").read_text()
    (log_dir / "checkpoint").write_text(served.replace("\n260\n", "\n261\n"))
    assert sweep() == 0
    (log_dir / "checkpoint").write_text(served)
    assert sweep() == 2


def test_without_a_log_there_is_nothing_to_sweep(log_dir: Path) -> None:
    assert sweep() == 0
    assert not log_dir.exists()


@pytest.mark.parametrize("fate", [None, LOST, NAMES_WITH_ZEROS], ids=["killed", "names lost", "names kept"])
def test_it_may_die_at_any_point_beside_a_reader(
    fate: Any, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene.at(tmp_path / "disk")
    base = settings.LOG_DIR = scene.root / "srv" / "log"
    scene.append(250)
    scene.publish()
    scene.append(10)
    with monkeypatch.context() as patch:
        patch.setattr(folder, "drop_partials", lambda files: None)
        scene.publish()
    for name in (".checkpoint.0123456789ab", "tile/.x.0123456789ab"):
        (base / name).write_bytes(b"torn")
    scene.disk = Disk.of(scene.root)
    fresh = tmp_path / "fresh"
    shutil.copytree(scene.root, fresh)
    for fatal in count():
        shutil.rmtree(scene.root)
        shutil.copytree(fresh, scene.root)
        scene.disk = Disk.of(scene.root)
        points = Points(fatal=fatal, look=scene.look, memory=scene.disk)
        with numbered(points):
            sweep()
        if fate is not None:
            scene.cut(fate)
        scene.look("afterwards", below=True)
        if not points.dead:
            break
        disk.forget()
        sweep()
        assert len(names(base)) == 6
    assert fatal > 10
    scene.append(3)
    scene.recover()


def test_a_publisher_whose_draft_is_swept_away_writes_it_again(log_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that was stopped for an hour, and goes on."""
    append(*range(5))
    rename, calls = disk.rename, count()

    def swept_first(draft: Path, target: Path) -> None:
        if next(calls) == 0:
            assert sweep() == 1
        rename(draft, target)

    monkeypatch.setattr(disk, "rename", swept_first)
    publish_all()
    walk(5)


def test_the_publisher_sweeps_at_its_start(log_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[float] = []

    class Told(BaseException):
        """Ends the command, which runs for ever."""

    def told(*, now_s: float) -> int:
        swept.append(now_s)
        raise Told

    monkeypatch.setattr(publish.log, "sweep", told)
    monkeypatch.setattr(publish.Command, "_tend", lambda self: None)
    with pytest.raises(Told):
        publish.Command()._run()
    assert abs(swept[0] - time.time()) < 60
