"""
Faults planted in the publisher: none of them shows as long as nothing crashes, and each is caught where something does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry import disk
from registry.core.errors import DomainError
from registry.log import folder, publisher
from registry.models import Checkpoint, Run, Unnumbered
from tests.crash_cases import FATES, SHAPES, Cases
from tests.crash_disk import by_chance

pytestmark = pytest.mark.django_db

EXTEND = publisher._extend
CAUGHT = (AssertionError, DomainError, OSError)


def _place_without_a_sync(target: Path, pieces: Iterable[bytes], *, mode: int = 0o777) -> None:
    disk._make_folders(target.parent, mode)
    draft = target.with_name(f".{target.name}.draft")
    draft.unlink(missing_ok=True)
    with disk.create(draft) as file:
        for piece in pieces:
            disk.write(file, piece)
    disk.rename(draft, target)


def _place_without_a_draft(target: Path, pieces: Iterable[bytes], *, mode: int = 0o777) -> None:
    disk._make_folders(target.parent, mode)
    if target.exists():
        disk.remove(target)
    with disk.create(target) as file:
        for piece in pieces:
            disk.write(file, piece)
        disk.sync(file)


def _keep_no_names(targets: Iterable[Path]) -> None:
    """No folder is forced to disk."""


def _keep_the_last_name_only(targets: Iterable[Path]) -> None:
    """The names of the files, not those of the folders above them."""
    for path in targets:
        if path.parent.exists():
            disk.sync_folder(path.parent)


def _write_and_keep_new_files_only(files: Mapping[str, bytes]) -> None:
    """What is found in its place is taken as forced to disk."""
    new = [path for path, data in files.items() if not folder._is_stored(path, data)]
    for path in new:
        folder._place(folder.log_dir() / path, files[path])
    disk.keep_names(folder.log_dir() / path for path in new)


def _serves_without_a_sync(note: str) -> bool:
    return folder.read_checkpoint() == note.encode()


def _checkpoint_before_tiles(*arguments: Any, **named: Any) -> Checkpoint | None:
    late: dict[str, bytes] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "write_files", late.update)
        added = EXTEND(*arguments, **named)
    publisher._serve_newest()
    folder.write_files(late)
    return added


def _partials_go_before_the_full_tile(files: Mapping[str, bytes]) -> None:
    folder.drop_partials(files)
    for path, data in files.items():
        if not folder._is_stored(path, data):
            folder._place(folder.log_dir() / path, data)
    disk.keep_names(folder.log_dir() / path for path in files)


def _number_outside_a_transaction() -> int:
    """The queue is emptied, and then the numbers are given."""
    size = publisher._count_entries()
    leaves = list(Unnumbered.objects.order_by("leaf_id").values_list("leaf_id", flat=True))
    Unnumbered.objects.filter(leaf_id__in=leaves).delete()
    for place, seq in enumerate(leaves):
        Run.objects.create(index=size + place, seq=seq, count=1)
    return publisher._count_entries()


FAULTS: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "bytes-are-not-synced": (disk, "place", _place_without_a_sync),
    "files-are-written-in-their-place": (disk, "place", _place_without_a_draft),
    "names-are-not-synced": (disk, "keep_names", _keep_no_names),
    "names-of-folders-are-not-synced": (disk, "keep_names", _keep_the_last_name_only),
    "what-a-killed-publisher-wrote-is-believed": (folder, "write_files", _write_and_keep_new_files_only),
    "a-checkpoint-in-its-place-is-believed": (folder, "serves", _serves_without_a_sync),
    "the-checkpoint-comes-before-its-tiles": (publisher, "_extend", _checkpoint_before_tiles),
    "partial-tiles-go-too-early": (folder, "write_files", _partials_go_before_the_full_tile),
    "leaves-leave-the-queue-too-early": (publisher, "_number_waiting", _number_outside_a_transaction),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(fault: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*FAULTS[fault])
    with pytest.raises(CAUGHT):
        _die_everywhere(Cases.at(tmp_path, settings))


def _die_everywhere(cases: Cases) -> None:
    before, batch = SHAPES["a-tile-becomes-full-and-another-begins"]
    cases.start(before)
    points = len(cases.run(batch, None).names)
    chance = random.Random(points)
    for fatal in chance.sample(range(points), points):
        cases.run(batch, fatal, None)
        cases.run(batch, fatal, chance.choice([*FATES, by_chance(chance)]))
