"""
What a monitor keeps between two looks, in one directory for one log.

::

    <state>/state.json            keys, the last verified checkpoint, how far its entries were read
    <state>/checkpoints/<size>    every checkpoint that was verified, as it was signed
    <state>/parties/<id>.json     what was reported about a person: digest, type, place
    <state>/evidence/<kind>-<…>.json

Every file is written beside its place, forced to disk and renamed, and the checkpoint before the state that rests on
it. A state that cannot be read is refused: it is what makes a rollback visible, so nobody starts anew by accident. One
monitor at a time holds the directory.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry import disk
from registry.core.checkpoint import VerifierKey
from registry.core.errors import BadNote, DomainError, Malformed
from registry.core.fields import Reader, read_str
from registry.core.jcs import Json, canonical, parse_json
from registry.watch.evidence import Evidence
from registry.watch.listing import MAX_LISTED, Listed
from registry.watch.signed import Keys, Seen

FOLDER_MODE: Final = 0o700  # digests tell who is watched
MAX_STATE_BYTES: Final = 64 * 1024 * 1024
MAX_KEYS: Final = 100
MAX_VKEY_CHARS: Final = 4096


class BadState(DomainError):
    """A monitor's directory that cannot be read, or is of another log."""

    code = "bad_state"

    def __init__(self, *, path: Path, problem: str) -> None:
        super().__init__(f"`{path}`: {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The log as it was last verified."""

    keys: Keys
    seen: Seen | None  # None: no checkpoint was verified yet
    walked: int = 0  # entries that were read
    earlier: tuple[VerifierKey, ...] = ()  # keys of the log that were believed when older checkpoints were verified

    @property
    def ever(self) -> Keys:
        """The keys by which what is kept here was verified; nothing new is believed by the earlier ones."""
        return self.keys.and_earlier(self.earlier)

    def under(self, keys: Keys, seen: Seen | None) -> "Known":
        """Return the log as verified under these keys; those that they replace become earlier ones."""
        earlier = (key for key in (*self.keys.log, *self.earlier) if key not in keys.log)
        return Known(keys=keys, seen=seen, walked=self.walked, earlier=tuple(dict.fromkeys(earlier)))

    def format(self) -> dict[str, Json]:
        return {
            "v": 1,
            "log": [key.format() for key in self.keys.log],
            "earlier": [key.format() for key in self.earlier],
            "witnesses": [key.format() for key in self.keys.witnesses],
            "quorum": self.keys.quorum,
            "checkpoint": None if self.seen is None else self.seen.note.decode(),
            "walked": self.walked,
        }

    @classmethod
    def parse(cls, data: bytes) -> "Known":
        body = Reader(parse_json(data))
        body.int("v", 1, 1)
        keys = Keys(
            log=body.list_of("log", _vkey, min_items=1, max_items=MAX_KEYS),
            witnesses=body.list_of("witnesses", _vkey, max_items=MAX_KEYS),
            quorum=body.int("quorum", 0, MAX_KEYS),
        )
        earlier = body.list_of("earlier", _vkey, max_items=MAX_KEYS) if body.has("earlier") else ()
        note = body.raw("checkpoint")
        seen = keys.and_earlier(earlier).open(note.encode()) if isinstance(note, str) else None
        walked = body.int("walked", 0, 0 if seen is None else seen.size)
        known = cls(keys=keys, seen=seen, walked=walked, earlier=earlier)
        body.finish()
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFolder:
    """The directory, held by ``hold`` while it is used."""

    top: Path

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Make the directory where it is missing, and keep other monitors out; raises ``BadState``."""
        try:
            self.top.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            lock = (self.top / "lock").open("a")
        except OSError as error:
            raise BadState(path=self.top, problem=error.strerror or "it cannot be written") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BadState(path=self.top, problem="another monitor is at work here") from error
            yield

    def load(self) -> Known | None:
        """Return what is known of the log; None before the first look."""
        data = self._read(self.top / "state.json")
        if data is None:
            return None
        try:
            return Known.parse(data)
        except (BadNote, Malformed) as error:
            raise BadState(path=self.top / "state.json", problem=f"it cannot be read: {error}") from error

    def keep(self, known: Known) -> None:
        if known.seen is not None:
            place = self.top / "checkpoints" / str(known.seen.size)
            if not place.exists():  # the first one of a size stays: another of that size is a fork
                self._write(place, known.seen.note)
        self._write(self.top / "state.json", canonical(known.format()))

    def remember(self, size: int, keys: Keys) -> Seen | None:
        """Return the checkpoint of a size that was verified before."""
        data = self._read(self.top / "checkpoints" / str(size))
        try:
            return None if data is None else keys.open(data)
        except BadNote:  # signed by keys that are believed no more
            return None

    def keep_evidence(self, evidence: Evidence) -> Path:
        """Write a file of evidence, unless it is there already."""
        place = self.top / "evidence" / evidence.file_name
        if not place.exists():
            self._write(place, evidence.format())
        return place

    def reported(self, party: str) -> dict[str, Listed]:
        """Return what was reported about a person, by digest."""
        place = self._of_party(party)
        data = self._read(place)
        if data is None:
            return {}
        try:
            body = Reader(parse_json(data, max_bytes=MAX_STATE_BYTES))
            body.int("v", 1, 1)
            listed = body.list_of("statements", Listed.parse, max_items=MAX_LISTED)
            body.finish()
        except Malformed as error:
            raise BadState(path=place, problem=f"it cannot be read: {error}") from error
        return {one.digest: one for one in listed}

    def keep_reported(self, party: str, reported: Mapping[str, Listed]) -> None:
        listed: list[Json] = [one.format() for one in sorted(reported.values(), key=lambda one: one.digest)]
        self._write(self._of_party(party), canonical({"v": 1, "statements": listed}))

    def _of_party(self, party: str) -> Path:
        return self.top / "parties" / f"{party}.json"

    def _read(self, place: Path) -> bytes | None:
        try:
            return place.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadState(path=place, problem=error.strerror or "it cannot be read") from error

    def _write(self, place: Path, data: bytes) -> None:
        disk.place(place, [data], mode=FOLDER_MODE)
        disk.keep_names([place])


def _vkey(value: object, path: str) -> VerifierKey:
    return VerifierKey.parse(read_str(value, path, max_chars=MAX_VKEY_CHARS))
