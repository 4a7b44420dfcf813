"""
Change what is on disk, one step at a time, so that a crash between any two steps leaves nothing half done.

The log's folder and the media store write through this and through nothing else: tests number the steps, die at each of
them, and take the power away. Three things have to reach the disk, each by a step of its own:

1. A file's bytes: ``sync`` before ``rename``, or the name may outlive them.
2. A file's name: ``sync_folder`` of its folder after ``rename``, or the name may be forgotten.
3. The names of the folders above it, likewise.

``place`` does the first, ``keep_names`` the second and third. A file that is found in its place may have been put there
by somebody who was killed before the second step, so whoever relies on it calls ``keep_names`` all the same.

Steps are called as ``disk.write(…)``, so that one place holds them all. Left out: reading, and whose files they are.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o777  # as `mkdir` has it: less the umask

_kept: set[Path] = set()  # folders whose own names this process has forced to disk, or found forced
_marks: dict[Path, tuple[int, int]] = {}  # inode and change time of files whose names this process forced to disk


# --- The steps -------------------------------------------------------------------------------------------------------


def create(path: Path) -> BinaryIO:
    """Make a new, empty file, without a buffer of ours: what ``write`` returns from, the kernel has."""
    return path.open("xb", buffering=0)


def write(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def sync(file: BinaryIO) -> None:
    """Force a file's bytes to disk."""
    os.fsync(file.fileno())


def rename(old: Path, new: Path) -> None:
    """Put one file in the place of another, atomically, within one folder."""
    old.replace(new)


def make_folder(folder: Path, mode: int) -> None:
    folder.mkdir(mode=mode, exist_ok=True)


def remove(path: Path) -> None:
    path.unlink()


def remove_folder(folder: Path) -> None:
    """Remove an empty folder."""
    folder.rmdir()


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- What is made of them ---------------------------------------------------------------------------------------------


def place(target: Path, pieces: Iterable[bytes], *, mode: int = FOLDER_MODE) -> None:
    """
    Write a file whole: beside its place, forced to disk, renamed. Its name is not on disk before ``keep_names``.

    ``mode`` is that of its folder, where that is made. Raises ``FileNotFoundError`` where a rival removes the folder.
    """
    _make_folders(target.parent, mode)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with create(draft) as file:
            for piece in pieces:
                write(file, piece)
            sync(file)
        rename(draft, target)  # a crash before this line leaves a draft that nobody reads
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            remove(draft)
        raise


def keep_names(targets: Iterable[Path]) -> None:
    """
    Force to disk the names of these files, and of the folders above them as far as their file system goes.

    A folder whose name was forced once is not looked at again, so that this costs one step a folder of files.
    """
    for folder in sorted({target.parent for target in targets}):
        with contextlib.suppress(FileNotFoundError):  # a rival dropped it: something else is there in its stead
            for above in _unkept(folder):
                with contextlib.suppress(PermissionError):  # not ours to read: whoever owns it made what is in it
                    sync_folder(above.parent)
                _kept.add(above)
            sync_folder(folder)


def keep_name_once(target: Path) -> None:
    """``keep_names`` of one file, unless this process did so since the file was put there."""
    status = target.stat()
    mark = status.st_ino, status.st_ctime_ns
    if _marks.get(target) != mark:
        keep_names([target])
        _marks[target] = mark


def drop_folder(folder: Path) -> None:
    """Remove a folder of files as far as it goes; a rival may be at it too, and what stays does no harm."""
    _kept.discard(folder)
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            with contextlib.suppress(FileNotFoundError):
                remove(path)
        remove_folder(folder)


def forget() -> None:
    """Know nothing of what was forced to disk, as a process that has just started."""
    _kept.clear()
    _marks.clear()


def _make_folders(folder: Path, mode: int) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent, FOLDER_MODE)
        make_folder(folder, mode)
        _kept.discard(folder)


def _unkept(folder: Path) -> Iterator[Path]:
    """Name the folders, lowest first, whose own names may not be on disk; a mount point's name is not ours."""
    device = folder.stat().st_dev
    while folder not in _kept and folder.parent.stat().st_dev == device and folder != folder.parent:
        yield folder
        folder = folder.parent
