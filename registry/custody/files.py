"""
Keys in files, for us alone to read: ``<name>``, and beside it ``<name>.2``, ``<name>.3``, … for later versions.

A version that nothing uses yet ends in ``.next``; renaming it makes it the current one, in one step for every process.
A process looks at the folder before each use, and reads the files again where the folder has changed, so that it sees
a rotation without a restart. What the environment does not name is made on first need, where that is allowed: beside a
shared database it is not, because two servers that each made their own key could not read each other's data.

More than one machine: the folder is shared, or the keys are behind a KMS (``registry.custody.aws``).
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.core.keys import PrivateKey, PublicKey, sign
from registry.custody import material, sealing
from registry.custody.face import CustodyError, Signer, UnknownVersion
from registry.custody.keeper import Kept, Keys
from registry.custody.roles import ROLES, Place, Role

SETTLED_NS: Final = 50_000_000  # a folder that changed less than this ago may change again under the same time stamp
TRIES: Final = 5
_FIRST: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """One version, read."""

    kept: Kept
    private: PrivateKey | None  # of a role that signs
    secret: bytes  # of a role that wraps, else empty


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ring:
    """All versions of a role, as they were when its folder had this time stamp."""

    stamp_ns: int
    held: Mapping[int, _Held]
    kept: Mapping[int, Kept]


class FileStore:
    """The keys of one machine, or of several that share a folder."""

    name = "files"
    made_at_setup = False

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places
        self._rings: dict[str, _Ring] = {}

    # --- Use

    def kept(self, role: str) -> Mapping[int, Kept]:
        return self._ring(role).kept

    def signer(self, role: str, number: int) -> Signer:
        held = self._of(role, number)
        private, public = held.private, held.kept.public
        assert private is not None  # a signing role is never asked of a wrapping one
        assert public is not None
        return Signer(number=number, public=public, sign=lambda message: sign(private, message))

    def wrap(self, role: str, number: int, owner: str, key: bytes) -> bytes:
        return sealing.wrap(self._of(role, number).secret, owner, key)

    def unwrap(self, role: str, number: int, owner: str, wrapped: bytes) -> bytes:
        return sealing.unwrap(self._of(role, number).secret, owner, wrapped, role=role, number=number)

    def derive(self, role: str, number: int, info: bytes) -> bytes | None:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._of(role, number).secret)

    # --- Changes

    def first(self, role: str) -> None:
        place = self._places[role]
        self.expect(role)
        if not place.may_make:
            name = ROLES[role].variable
            raise CustodyError(f"{name} is not set: beside DATABASE_URL, set {name} to the key all servers share")
        self.make(role, _FIRST, waits=False)

    def expect(self, role: str) -> None:
        place = self._places[role]
        if place.named and not self.kept(role):
            raise CustodyError(f"{ROLES[role].variable} names `{place.file}`, which is not there: set it to a key file")

    def make(self, role: str, number: int, *, waits: bool) -> None:
        place = self._file(role)
        name = place.name if number == _FIRST else f"{place.name}.{number}"
        _write(ROLES[role], place.with_name(f"{name}.next" if waits else name))
        self._rings.pop(role, None)

    def promote(self, role: str, number: int) -> None:
        path = self._path(role, number)
        os.utime(path)  # since when it is in use
        path.rename(path.with_name(path.name.removesuffix(".next")))
        _sync(path.parent)
        self._rings.pop(role, None)

    def destroy(self, role: str, number: int) -> None:
        if self._places[role].file is None:
            raise CustodyError(f"{ROLES[role].variable} is given as a value: take it out of the environment yourself")
        path = self._path(role, number)
        path.unlink()
        _sync(path.parent)
        self._rings.pop(role, None)

    def refresh(self) -> None:
        self._rings.clear()

    # --- Reading

    def _ring(self, role: str) -> _Ring:
        place = self._places[role]
        if place.file is None:
            return self._rings.setdefault(role, _given(place.secret or b""))
        ring = self._rings.get(role)
        stamp_ns = _stamp(place.file.parent)
        if ring is None or ring.stamp_ns != stamp_ns or time.time_ns() - stamp_ns < SETTLED_NS:
            ring = self._rings[role] = _look(ROLES[role], place.file)
        return ring

    def _of(self, role: str, number: int) -> _Held:
        held = self._ring(role).held.get(number)
        if held is None:
            raise UnknownVersion(role=role, number=number)
        return held

    def _file(self, role: str) -> Path:
        place = self._places[role].file
        if place is None:
            name = ROLES[role].variable
            raise CustodyError(f"{name} is given as a value, without versions: put it in a file and set {name} to that")
        return place

    def _path(self, role: str, number: int) -> Path:
        return self._file(role).with_name(self._of(role, number).kept.place)


class FileKeys(Keys):
    """A keeper that knows files only."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        super().__init__(FileStore(places))


def _look(role: Role, file: Path) -> _Ring:
    """Read the folder; again where a rotation renames a file between our listing and our reading it."""
    for _ in range(TRIES):
        with contextlib.suppress(FileNotFoundError):
            return _read(role, file, _stamp(file.parent))
    raise CustodyError(f"`{file.parent}` changes faster than it can be read: try again")


def _read(role: Role, place: Path, stamp_ns: int) -> _Ring:
    """Read every version's file; one that holds something else stops everything, and is named."""
    pattern = re.compile(re.escape(place.name) + r"(?:\.([2-9]|[1-9][0-9]+)(\.next)?)?")
    found: dict[int, tuple[Path, bool]] = {}
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(place.parent):
            if match := pattern.fullmatch(name):
                found[int(match[1] or _FIRST)] = (place.with_name(name), match[2] is not None)
    return _ring_of(stamp_ns, {number: _hold(role, path, waits=waits) for number, (path, waits) in found.items()})


def _ring_of(stamp_ns: int, held: Mapping[int, _Held]) -> _Ring:
    return _Ring(stamp_ns=stamp_ns, held=held, kept={number: one.kept for number, one in held.items()})


def _write(role: Role, path: Path) -> None:
    """Write a new key, whole, for us alone to read. Of two processes that make one at once, one key counts."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=".") as draft:  # mode 0600
            draft.write(material.new(role))
            draft.flush()
            os.fsync(draft.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, path)
        _sync(path.parent)
    except PermissionError as error:
        raise CustodyError(f"`{error.filename}` is not yours: set VAR_DIR to one that is") from None


def _hold(role: Role, path: Path, *, waits: bool) -> _Held:
    """Read one version's file."""
    try:
        data, since = path.read_bytes(), path.stat().st_mtime
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CustodyError(
            f"{role.variable} names `{path}`, which cannot be read ({error.strerror}): set it to a key file"
        ) from None
    secret = material.read_secret(data) if role.wraps else b""
    private = None if role.wraps else material.read_private(role, data)
    if secret is None or (private is None and not role.wraps):
        wanted = material.WANTED[role.algorithm]
        raise CustodyError(f"{role.variable} names `{path}`, which is not {wanted}: set it to a file that is")
    kept = Kept(
        waits=waits,
        public=None if private is None else PublicKey.of(private),
        since=datetime.fromtimestamp(since, UTC),
        place=path.name,
    )
    return _Held(kept=kept, private=private, secret=secret)


def _given(secret: bytes) -> _Ring:
    """Return the one version of a secret that stands in the environment itself."""
    never = datetime.fromtimestamp(0, UTC)
    kept = Kept(waits=False, public=None, since=never, place="the environment")
    return _ring_of(0, {_FIRST: _Held(kept=kept, private=None, secret=secret)})


def _stamp(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _sync(folder: Path) -> None:
    """A new name is durable once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
