"""
The directories, passwords and locks of one server.

::

    <root>/data        the cluster; `data.new` while initdb works, renamed when it is whole
    <root>/passwords   of the three roles, readable by us alone
    <root>/log         what the server and its supervisor say
    <root>/holders     shared lock of everybody who needs the server
    <root>/supervisor  exclusive lock of the one who runs it
    <sockets>          for the socket: `s` here, or in the temporary directory where the path would be too long

For an ordinary user `<root>` is the home that was asked for. For root it lies in /var/lib, because the system user that
runs the server may not be able to reach the project, and its name hangs on a random mark in the project: a fresh clone
at an old path never finds the old database.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHARED_AS_ROOT = Path("/var/lib/proviso")
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 100  # bytes; the kernel takes 107 with the final NUL
ROLES = ("postgres", "owner", "app")


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be had; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    root: Path
    sockets: Path
    shared: Path  # for copies of the programs

    @classmethod
    def at(cls, asked: Path) -> Home:
        """Make the directories that are missing; those that exist keep their modes."""
        asked = asked.absolute()
        try:
            return cls._made(asked)
        except PermissionError as error:
            raise PostgresError(
                f"`{error.filename}` is not yours: set POSTGRES_HOME and VAR_DIR to directories of yours"
            ) from None

    @classmethod
    def _made(cls, asked: Path) -> Home:
        _make_private(asked)
        if os.geteuid() != 0:
            return cls(root=asked, sockets=_sockets(asked), shared=asked)
        SHARED_AS_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
        root = SHARED_AS_ROOT / hashlib.sha256(f"{asked.resolve()}\n{_mark(asked)}".encode()).hexdigest()[:12]
        _make_private(root)
        _write_once(root / "project", f"{asked}\n")  # so that a person can tell whose it is
        return cls(root=root, sockets=_sockets(root), shared=SHARED_AS_ROOT)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "log"

    def passwords(self) -> dict[str, str]:
        """Read the roles' passwords, made on first need."""
        made = {role: secrets.token_urlsafe(24) for role in ROLES}
        return json.loads(_write_once(self.root / "passwords", json.dumps(made)))

    def uri(self, database: str, role: str) -> str:
        password = self.passwords()[role]
        return f"postgresql://{role_name(role)}:{password}@/{database}?host={self.sockets}&port=5432"

    @contextlib.contextmanager
    def locked(self, name: str, how: int) -> Iterator[int | None]:
        """Hold the lock `name`; with LOCK_NB in `how`, give None where another has it."""
        descriptor = self.try_lock(name, how)
        try:
            yield descriptor
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def try_lock(self, name: str, how: int) -> int | None:
        """Return the descriptor that is the lock. The kernel lets go of it when the last copy is closed."""
        path = self.root / name
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, how)
            except BlockingIOError:
                os.close(descriptor)
                return None
            if self.is_still(descriptor, name):
                return descriptor
            os.close(descriptor)  # the home was deleted and made anew while we waited: this lock guards nothing

    def is_still(self, descriptor: int, name: str) -> bool:
        """Whether the file that was locked is the one that others would lock now."""
        try:
            return os.path.samestat(os.fstat(descriptor), (self.root / name).stat())
        except FileNotFoundError:
            return False


def role_name(role: str) -> str:
    return role if role == "postgres" else f"proviso_{role}"


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)


def _mark(asked: Path) -> str:
    return _write_once(asked / "mark", secrets.token_hex(8))


def _write_once(path: Path, text: str) -> str:
    """Return what the file holds, written by whoever came first; a half-written file is never seen."""
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-") as draft:  # mode 0600
        draft.write(text)
        draft.flush()
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, path)
    return path.read_text()


def _sockets(root: Path) -> Path:
    """Where the socket goes, decided once: everybody must look in the same place, whatever their TMPDIR."""
    near = root / "s"
    if len(os.fsencode(near / SOCKET_NAME)) <= LONGEST_SOCKET:
        return near
    name = f"proviso-{os.geteuid()}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:12]}"
    return Path(_write_once(root / "sockets", str(Path(tempfile.gettempdir()) / name)))
