"""
A disk that forgets: what would be left of a folder if the power went now.

``Disk`` follows every step that was taken below its root and knows of each file and name whether it was forced to disk.
``cut(fate)`` then writes the folder anew, as a file system might find it after the power is back:

- bytes that no ``sync`` forced are lost, torn or zero, as the fate has it
- a name that was made, moved or removed since the last ``sync_folder`` of its folder is as it was before, or is not;
  each for itself, in whatever order
- a folder without a name is gone, with everything in it

POSIX promises no more. Real file systems keep more most of the time, which is why such faults are found late.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias


@dataclass(slots=True)
class File:
    cached: bytes = b""
    kept: bytes = b""


@dataclass(slots=True)
class Folder:
    now: dict[str, Node] = field(default_factory=dict)
    kept: dict[str, Node] = field(default_factory=dict)
    pending: list[dict[str, Node | None]] = field(default_factory=list)  # changes of names since the last sync

    def change(self, names: dict[str, Node | None]) -> None:
        self.pending.append(names)
        _apply(self.now, names)

    def sync(self) -> None:
        self.kept, self.pending = dict(self.now), []


Node: TypeAlias = File | Folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of what was not forced to disk."""

    keeps_name: Callable[[], bool]
    bytes_of: Callable[[File], bytes]


LOST = Fate(keeps_name=lambda: False, bytes_of=lambda file: file.kept)
NAMES_WITHOUT_BYTES = Fate(keeps_name=lambda: True, bytes_of=lambda file: file.kept)
NAMES_WITH_ZEROS = Fate(keeps_name=lambda: True, bytes_of=lambda file: file.kept.ljust(len(file.cached), b"\0"))


def by_chance(chance: random.Random) -> Fate:
    """Each name and each byte for itself."""

    def bytes_of(file: File) -> bytes:
        whole = file.kept.ljust(len(file.cached), b"\0")
        reached = chance.randint(len(file.kept), max(len(file.kept), len(file.cached)))
        return chance.choice([file.cached, file.kept, file.cached[:reached], file.cached[:reached] + whole[reached:]])

    return Fate(keeps_name=lambda: chance.random() < 0.5, bytes_of=bytes_of)


@dataclass(slots=True, kw_only=True)
class Disk:
    """Everything below ``root``, which itself is there for good."""

    root: Path
    top: Folder

    @classmethod
    def of(cls, root: Path) -> Disk:
        """Take what is there as forced to disk."""
        return cls(root=root, top=_found(root))

    def note(self, step: str, path: Path, argument: Any) -> None:
        """Remember one step of ``registry.disk``."""
        if step == "sync_folder" and path == self.root:
            self.top.sync()
        elif self.root in path.parents:
            getattr(self, f"_{step}")(path, argument)

    def cut(self, fate: Fate) -> None:
        """Take the power away, and give it back."""
        shutil.rmtree(self.root)
        self.root.mkdir()
        _write(self.root, self.top, fate)
        self.top = _found(self.root)

    def _create(self, path: Path, _: Any) -> None:
        self._folder(path.parent).change({path.name: File()})

    def _write(self, path: Path, data: bytes) -> None:
        self._file(path).cached += data

    def _sync(self, path: Path, _: Any) -> None:
        file = self._file(path)
        file.kept = file.cached

    def _rename(self, path: Path, new: Path) -> None:
        assert path.parent == new.parent
        self._folder(path.parent).change({path.name: None, new.name: self._file(path)})

    def _make_folder(self, path: Path, _: Any) -> None:
        if path.name not in self._folder(path.parent).now:
            self._folder(path.parent).change({path.name: Folder()})

    def _remove(self, path: Path, _: Any) -> None:
        self._folder(path.parent).change({path.name: None})

    _remove_folder = _remove

    def _sync_folder(self, path: Path, _: Any) -> None:
        self._folder(path).sync()

    def _folder(self, path: Path) -> Folder:
        node = self._node(path)
        assert isinstance(node, Folder)
        return node

    def _file(self, path: Path) -> File:
        node = self._node(path)
        assert isinstance(node, File)
        return node

    def _node(self, path: Path) -> Node:
        node: Node = self.top
        for name in path.relative_to(self.root).parts:
            assert isinstance(node, Folder)
            node = node.now[name]
        return node


def _found(path: Path) -> Folder:
    names: dict[str, Node] = {}
    for child in sorted(path.iterdir()):
        data = b"" if child.is_dir() else child.read_bytes()
        names[child.name] = _found(child) if child.is_dir() else File(data, data)
    return Folder(names, dict(names))


def _apply(names: dict[str, Node], change: dict[str, Node | None]) -> None:
    for name, node in change.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _write(path: Path, folder: Folder, fate: Fate) -> None:
    names = dict(folder.kept)
    for change in folder.pending:
        if fate.keeps_name():
            _apply(names, change)
    for name, node in names.items():
        if isinstance(node, File):
            (path / name).write_bytes(fate.bytes_of(node))
        else:
            (path / name).mkdir()
            _write(path / name, node, fate)
