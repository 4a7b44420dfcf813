"""Damage files of the log and the vault, each in a way of its own, and mend them again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from registry.log.folder import log_dir


@dataclass(frozen=True, kw_only=True)
class Damage:
    """A file that was harmed, and how it was before."""

    path: Path
    before: bytes | None  # None: it was not there

    @property
    def name(self) -> str:
        """The path as `fsck` names it."""
        root = log_dir() if self.path.is_relative_to(log_dir()) else Path(settings.MEDIA_DIR)
        return self.path.relative_to(root).as_posix()

    def mend(self) -> None:
        if self.before is None:
            self.path.unlink()
        else:
            self.path.write_bytes(self.before)


def files() -> list[Path]:
    """Return every file of the log and the vault."""
    return sorted(path for root in (log_dir(), Path(settings.MEDIA_DIR)) for path in root.rglob("*") if path.is_file())


def may_go(path: Path) -> bool:
    """Say whether a file is a partial tile of an earlier size, which may be removed at any time (C2SP tlog-tiles)."""
    own = [int(one.name) for one in path.parent.iterdir() if one.name.isdigit()]
    return path.parent.name.endswith(".p") and int(path.name) < max(own)


def flipped(path: Path, rng: random.Random) -> Damage:
    data = path.read_bytes()
    place = rng.randrange(len(data))
    path.write_bytes(data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :])
    return Damage(path=path, before=data)


def cut(path: Path, rng: random.Random) -> Damage:
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data))])
    return Damage(path=path, before=data)


def lost(path: Path, rng: random.Random) -> Damage:
    data = path.read_bytes()
    path.unlink()
    return Damage(path=path, before=data)


def beside(path: Path, rng: random.Random) -> Damage:
    """Put the same bytes beside it under another name."""
    stray = path.with_name(f"{path.name}1" if path.is_relative_to(log_dir()) else str(uuid4()))
    stray.write_bytes(path.read_bytes())
    return Damage(path=stray, before=None)


DAMAGES: tuple[Callable[[Path, random.Random], Damage], ...] = (flipped, cut, lost, beside)
