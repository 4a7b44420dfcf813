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
from registry.custody.face import CustodyError, HalfDone, Signer, State, UnknownVersion, Version
from registry.custody.roles import ROLES, Place, Role

SETTLED_NS: Final = 50_000_000  # a folder that changed less than this ago may change again under the same time stamp
TRIES: Final = 5
_FIRST: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """One version, read."""

    version: Version
    private: PrivateKey | None  # of a role that signs
    secret: bytes  # of a role that wraps, else empty


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ring:
    """All versions of a role, as they were when its folder had this time stamp."""

    stamp_ns: int
    held: Mapping[int, _Held]

    @property
    def current(self) -> _Held | None:
        return max(
            (one for one in self.held.values() if one.version.state == "current"),
            key=lambda one: one.version.number,
            default=None,
        )

    @property
    def next(self) -> _Held | None:
        return next((one for one in self.held.values() if one.version.state == "next"), None)


class FileKeys:
    """The keys of one machine, or of several that share a folder."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places
        self._rings: dict[str, _Ring] = {}

    # --- Use

    def versions(self, role: str) -> tuple[Version, ...]:
        ring = self._ring(role)
        return tuple(ring.held[number].version for number in sorted(ring.held))

    def signer(self, role: str, number: int | None = None) -> Signer:
        held = self._current(role) if number is None else self._of(role, number)
        private, public = held.private, held.version.public
        assert private is not None  # a signing role is never asked of a wrapping one
        assert public is not None
        return Signer(number=held.version.number, public=public, sign=lambda message: sign(private, message))

    def wrap(self, role: str, owner: str, key: bytes) -> tuple[int, bytes]:
        held = self._current(role)
        return held.version.number, sealing.wrap(held.secret, owner, key)

    def unwrap(self, role: str, number: int, owner: str, wrapped: bytes) -> bytes:
        return sealing.unwrap(self._of(role, number).secret, owner, wrapped, role=role, number=number)

    def derive(self, role: str, info: bytes) -> bytes | None:
        first = self._of(role, _FIRST).secret
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(first)

    # --- Rotation

    def make(self, role: str) -> Version:
        ring = self._ring(role)
        if ring.next is not None:
            raise HalfDone(f"version `{ring.next.version.number}` of the `{role}` key waits already")
        place = self._file(role)
        number = max(ring.held) + 1
        _write(ROLES[role], place.with_name(f"{place.name}.{number}.next"))
        return self._after(role).held[number].version

    def promote(self, role: str, number: int) -> None:
        path = self._path(role, number, "next")
        os.utime(path)  # since when it is in use
        path.rename(path.with_name(path.name.removesuffix(".next")))
        _sync(path.parent)
        self._after(role)

    def discard(self, role: str, number: int) -> None:
        self._path(role, number, "next").unlink()
        self._after(role)

    def retire(self, role: str, number: int) -> None:
        self._path(role, number, "old").unlink()
        _sync(self._file(role).parent)
        self._after(role)

    def prepare(self) -> bool:
        return False

    def refresh(self) -> None:
        self._rings.clear()

    # --- Reading

    def _ring(self, role: str) -> _Ring:
        place = self._places[role]
        if place.file is None:
            return self._rings.setdefault(role, _given(role, place.secret or b""))
        ring = self._rings.get(role)
        stamp_ns = _stamp(place.file.parent)
        if ring is None or ring.stamp_ns != stamp_ns or time.time_ns() - stamp_ns < SETTLED_NS:
            ring = self._rings[role] = _look(ROLES[role], place.file, place)
        return ring

    def _after(self, role: str) -> _Ring:
        self._rings.pop(role, None)
        return self._ring(role)

    def _current(self, role: str) -> _Held:
        held = self._ring(role).current
        if held is None:
            raise CustodyError(f"no version of the `{role}` key is in use: put its file back")
        return held

    def _of(self, role: str, number: int) -> _Held:
        """Return a version; what was read once stays good, so that only a new number makes anybody look again."""
        ring = self._rings.get(role)
        held = None if ring is None else ring.held.get(number)
        held = held or self._ring(role).held.get(number)
        if held is None:
            raise UnknownVersion(role=role, number=number)
        return held

    def _file(self, role: str) -> Path:
        place = self._places[role].file
        if place is None:
            name = ROLES[role].variable
            raise CustodyError(f"{name} is given as a value, without versions: put it in a file and set {name} to that")
        return place

    def _path(self, role: str, number: int, state: str) -> Path:
        held = self._ring(role).held.get(number)
        if held is None or held.version.state != state:
            raise UnknownVersion(role=role, number=number)
        return self._file(role).with_name(held.version.place)


def _look(role: Role, file: Path, place: Place) -> _Ring:
    """Read the folder; again where a rotation renames a file between our listing and our reading it."""
    for _ in range(TRIES):
        try:
            ring = _read(role, file, _stamp(file.parent))
        except FileNotFoundError:
            continue
        if ring.held:
            return ring
        _make_first(role, file, place)
    raise CustodyError(f"`{file.parent}` changes faster than it can be read: try again")


def _read(role: Role, place: Path, stamp_ns: int) -> _Ring:
    """Read every version's file; one that holds something else stops everything, and is named."""
    pattern = re.compile(re.escape(place.name) + r"(?:\.([2-9]|[1-9][0-9]+)(\.next)?)?")
    found: dict[int, tuple[Path, bool]] = {}
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(place.parent):
            if match := pattern.fullmatch(name):
                found[int(match[1] or _FIRST)] = (place.with_name(name), match[2] is not None)
    in_use = max((number for number, (_, waits) in found.items() if not waits), default=0)
    held = {}
    for number, (path, waits) in found.items():
        state: State = "next" if waits else "current" if number == in_use else "old"
        held[number] = _hold(role, number, state, path)
    return _Ring(stamp_ns=stamp_ns, held=held)


def _make_first(role: Role, file: Path, place: Place) -> None:
    if place.named:
        raise CustodyError(f"{role.variable} names `{file}`, which is not there: set it to a key file")
    if not place.may_make:
        raise CustodyError(
            f"{role.variable} is not set: beside DATABASE_URL, set {role.variable} to the key all servers share"
        )
    _write(role, file)


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


def _hold(role: Role, number: int, state: State, path: Path) -> _Held:
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
    version = Version(
        role=role.name,
        number=number,
        state=state,
        public=None if private is None else PublicKey.of(private),
        since=datetime.fromtimestamp(since, UTC),
        place=path.name,
    )
    return _Held(version=version, private=private, secret=secret)


def _given(role: str, secret: bytes) -> _Ring:
    """Return the one version of a secret that stands in the environment itself."""
    never = datetime.fromtimestamp(0, UTC)
    version = Version(role=role, number=_FIRST, state="current", public=None, since=never, place="the environment")
    return _Ring(stamp_ns=0, held={_FIRST: _Held(version=version, private=None, secret=secret)})


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
