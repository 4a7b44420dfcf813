"""
What a witness remembers, in one directory: of each log the newest checkpoint that it cosigned, with its own word on it.

::

    <dir>/<sha256 of the origin>          the checkpoint, signed by the log and by us
    <dir>/<sha256 of the origin>.fork     another root that the log signed for a size we cosigned, if it ever did
    <dir>/<sha256 of the origin>.lock     held by whoever checks and sets

A file appears whole or not at all, and is on disk with its name before ``write`` returns. One that cannot be read is
damage, and its log is not cosigned until a person has looked: a witness that forgot would sign a second history.
Locks are of the operating system: they hold between threads and processes, and go with the process that held them.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry import disk
from registry.core.checkpoint import Checkpoint, Note
from registry.core.errors import BadNote, DomainError

FOLDER_MODE = 0o700


class StateDamaged(DomainError):
    """What a witness remembers cannot be read; it says nothing more of that log until a person has looked."""

    code = "witness_state_damaged"
    status = 503

    def __init__(self, *, path: Path, problem: str) -> None:
        super().__init__(f"what is remembered in `{path}` cannot be read: {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """The directory; whoever calls ``write`` holds ``locked`` from before their ``read``."""

    folder: Path

    @contextmanager
    def locked(self, origin: str) -> Iterator[None]:
        """Hold the log's lock; nobody else reads or writes its state meanwhile."""
        self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        with self._path(origin, ".lock").open("a") as file:  # each `open` is a holder of its own, in one process too
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read(self, origin: str) -> Note | None:
        """Return the checkpoint cosigned last, None before the first."""
        path = self._path(origin)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateDamaged(path=path, problem=error.strerror or "no reason given") from error
        try:
            note = Note.parse(data)
            found = Checkpoint.parse(note.text).origin
        except BadNote as error:
            raise StateDamaged(path=path, problem=str(error)) from error
        if found != origin:
            raise StateDamaged(path=path, problem=f"it is of `{found[:80]}`")
        return note

    def write(self, origin: str, note: Note) -> None:
        """Remember a checkpoint; it is on disk when this returns."""
        self._keep(self._path(origin), note)

    def keep_fork(self, origin: str, note: Note) -> None:
        """Keep the first checkpoint that contradicts what we cosigned: with that one it proves a fraud."""
        if not (path := self._path(origin, ".fork")).exists():
            self._keep(path, note)

    def _keep(self, path: Path, note: Note) -> None:
        disk.place(path, [note.format()], mode=FOLDER_MODE)
        disk.keep_names([path])

    def _path(self, origin: str, suffix: str = "") -> Path:
        return self.folder / (hashlib.sha256(origin.encode()).hexdigest() + suffix)
