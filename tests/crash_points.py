"""
Number everything after which a crash finds another state: each step on the disk, each change of a row, each commit.

A *point* lies before and after each of them, and in the middle of each write. ``numbered(points)`` counts the points
while some code runs; with ``fatal`` set, the code dies at that one: by ``Crash`` in this process, or by what the caller
gives as ``die``, such as a SIGKILL. Nothing that the dead code still tries is done.

A release of a savepoint counts as a commit: tests that run in a transaction of their own take everything back at their
end, and see at every point what another session would see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import IOBase
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from registry import disk

STEPS = ("create", "write", "sync", "rename", "make_folder", "remove", "remove_folder", "sync_folder")
CHANGES = ("INSERT", "UPDATE", "DELETE", "WITH")


class Crash(BaseException):
    """The process is gone, or the machine is. Nobody catches this but the test."""


def crash() -> None:
    raise Crash


class Memory(Protocol):
    """Who remembers what was done to the disk."""

    def note(self, step: str, path: Path, argument: Any) -> None: ...


class NoMemory:
    def note(self, step: str, path: Path, argument: Any) -> None:
        """For those who only kill."""


@dataclass(slots=True, kw_only=True)
class Points:
    """The points that were reached, by name, and the one that kills."""

    fatal: int | None = None
    die: Callable[[], None] = crash
    look: Callable[[str], None] = lambda name: None  # a reader, who comes by at every point
    memory: Memory = field(default_factory=NoMemory)
    names: list[str] = field(default_factory=list)
    dead: bool = False

    def reach(self, name: str) -> None:
        if self.dead:
            raise Crash
        self.names.append(name)
        self.look(name)
        if self.fatal == len(self.names) - 1:
            self.dead = True
            self.die()

    def step(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap one step of ``registry.disk``."""

        def run(subject: Any, *arguments: Any) -> Any:
            path = subject if isinstance(subject, Path) else Path(subject.name)
            self.reach(f"before {name} {path.name}")
            parts = _halves(*arguments) if name == "write" else [arguments]
            for part in parts:
                if part is not parts[0]:
                    self.reach(f"within {name} {path.name}")
                result = real(subject, *part)
                self.memory.note(name, path, part[0] if part else None)
            with _closed_by_a_crash(result):
                self.reach(f"after {name} {path.name}")
            return result

        return run

    def commit(self, name: str) -> Callable[..., Any]:
        """Wrap ``_commit`` or ``_savepoint_commit``; without it the server takes the changes back."""
        real = getattr(BaseDatabaseWrapper, name)

        def run(wrapper: BaseDatabaseWrapper, *arguments: Any) -> Any:
            try:
                self.reach("before commit")
            except BaseException:
                getattr(wrapper, name.replace("commit", "rollback"))(*arguments)
                raise
            real(wrapper, *arguments)
            self.reach("after commit")

        return run

    def change(self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        """Wrap one query; what only reads is no point."""
        if not sql.lstrip().startswith(CHANGES):
            return execute(sql, parameters, many, context)
        self.reach(f"before {' '.join(sql.split()[:3])}")
        result = execute(sql, parameters, many, context)
        self.reach(f"after {' '.join(sql.split()[:3])}")
        return result


@contextmanager
def _closed_by_a_crash(result: Any) -> Iterator[None]:
    """The kernel closes a dead process's files."""
    try:
        yield
    except BaseException:
        if isinstance(result, IOBase):
            result.close()
        raise


def _halves(data: bytes) -> list[tuple[bytes]]:
    middle = len(data) // 2
    return [(data[:middle],), (data[middle:],)] if middle else [(data,)]


@contextmanager
def numbered(points: Points) -> Iterator[Points]:
    """Count the points of what runs inside; swallow the crash that was asked for."""
    with pytest.MonkeyPatch.context() as patch:
        for step in STEPS:
            patch.setattr(disk, step, points.step(step, getattr(disk, step)))
        for method in ("_commit", "_savepoint_commit"):
            patch.setattr(BaseDatabaseWrapper, method, points.commit(method))
        with connection.execute_wrapper(points.change):
            try:
                yield points
            except Crash:
                if not points.dead:
                    raise
