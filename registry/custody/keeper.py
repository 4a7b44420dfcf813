"""
The keeper of the keys, over one store of private keys or two: files, and a KMS.

A role's versions are those of all stores together, and so are their numbers: a key moves by a rotation whose next
version is made in the other store, while what older ones signed and wrapped stays good. What is current, old or next
is said here and nowhere else. Where both stores hold a number the first one's counts: files that lay about when a KMS
was set up were never used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from registry.core.keys import PublicKey
from registry.custody.face import CustodyError, HalfDone, Signer, State, UnknownStore, UnknownVersion, Version
from registry.custody.roles import ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One version as its store keeps it."""

    waits: bool  # nothing uses it yet
    public: PublicKey | None  # None where the role wraps
    since: datetime
    place: str


class Store(Protocol):
    """Where private keys are. It knows no other store; whether a step may be taken is asked before."""

    name: str  # files | kms
    made_at_setup: bool  # its first versions, rather than on first need

    def kept(self, role: str) -> Mapping[int, Kept]:
        """Return the versions that are here, by number; makes none."""

    def first(self, role: str) -> None:
        """Make version 1 on first need, where this store may; raises ``CustodyError`` with what to set."""

    def expect(self, role: str) -> None:
        """Raise ``CustodyError`` where the settings name a key that is not here."""

    def signer(self, role: str, number: int) -> Signer: ...

    def wrap(self, role: str, number: int, owner: str, key: bytes) -> bytes: ...

    def unwrap(self, role: str, number: int, owner: str, wrapped: bytes) -> bytes: ...

    def derive(self, role: str, number: int, info: bytes) -> bytes | None: ...

    def make(self, role: str, number: int, *, waits: bool) -> None: ...

    def promote(self, role: str, number: int) -> None: ...

    def destroy(self, role: str, number: int) -> None: ...

    def refresh(self) -> None: ...


class Keys:
    """``registry.custody.face.Custody``; a new registry's keys are made in the first store."""

    def __init__(self, *stores: Store) -> None:
        self._stores = stores
        self._found: dict[tuple[str, int], Store] = {}  # where a version was, the last time

    @property
    def stores(self) -> tuple[str, ...]:
        return tuple(store.name for store in self._stores)

    # --- Use

    def versions(self, role: str) -> tuple[Version, ...]:
        found = self._all(role)
        current = _current(found)
        return tuple(_version(role, number, *found[number], current) for number in sorted(found))

    def signer(self, role: str, number: int | None = None) -> Signer:
        if number is None:
            number, store = self._in_use(role)
            return store.signer(role, number)
        return self._at(role, number).signer(role, number)

    def wrap(self, role: str, owner: str, key: bytes) -> tuple[int, bytes]:
        number, store = self._in_use(role)
        return number, store.wrap(role, number, owner, key)

    def unwrap(self, role: str, number: int, owner: str, wrapped: bytes) -> bytes:
        return self._at(role, number).unwrap(role, number, owner, wrapped)

    def derive(self, role: str, info: bytes) -> bytes | None:
        return self._at(role, 1).derive(role, 1, info)

    # --- Rotation

    def make(self, role: str, store: str | None = None) -> Version:
        found = self._all(role)
        if waiting := [number for number, (kept, _) in found.items() if kept.waits]:
            raise HalfDone(f"version `{max(waiting)}` of the `{role}` key waits already")
        number = max(found, default=0) + 1
        self._to(role, store, found).make(role, number, waits=bool(found))
        return self._one(role, number)

    def promote(self, role: str, number: int) -> None:
        self._in_state(role, number, "next").promote(role, number)

    def discard(self, role: str, number: int) -> None:
        self._in_state(role, number, "next").destroy(role, number)

    def retire(self, role: str, number: int) -> None:
        self._in_state(role, number, "old").destroy(role, number)

    def prepare(self) -> bool:
        home, *others = self._stores
        for role in ROLES if home.made_at_setup else ():
            if not self._all(role):
                for other in others:
                    other.expect(role)
                self.make(role)
        return home.made_at_setup

    def refresh(self) -> None:
        for store in self._stores:
            store.refresh()

    # --- Which version, and where

    def _all(self, role: str) -> dict[int, tuple[Kept, Store]]:
        """Return every version and its store."""
        found = self._kept(role)
        if not found:
            self._stores[0].first(role)
            found = self._kept(role)
        return found

    def _kept(self, role: str) -> dict[int, tuple[Kept, Store]]:
        found: dict[int, tuple[Kept, Store]] = {}
        for store in reversed(self._stores):
            found |= {number: (kept, store) for number, kept in store.kept(role).items()}
        return found

    def _in_use(self, role: str) -> tuple[int, Store]:
        found = self._all(role)
        number = _current(found)
        if number is None:
            raise CustodyError(
                f"no version of the `{role}` key is in use: run the set-up where a KMS keeps it, or put its file back"
            )
        return number, found[number][1]

    def _at(self, role: str, number: int) -> Store:
        """Return where a version is; what was found once is there until somebody misses it."""
        store = self._found.get((role, number))
        if store is None or number not in store.kept(role):
            store = self._all(role).get(number, (None, None))[1]
        if store is None:
            self.refresh()
            store = self._all(role).get(number, (None, None))[1]
        if store is None:
            raise UnknownVersion(role=role, number=number)
        self._found[role, number] = store
        return store

    def _in_state(self, role: str, number: int, state: State) -> Store:
        if number not in self._all(role) or self._one(role, number).state != state:
            raise UnknownVersion(role=role, number=number)
        return self._all(role)[number][1]

    def _one(self, role: str, number: int) -> Version:
        found = self._all(role)
        return _version(role, number, *found[number], _current(found))

    def _to(self, role: str, name: str | None, found: Mapping[int, tuple[Kept, Store]]) -> Store:
        """Return where a new version goes: as asked, else where the current one is, else the first store."""
        if name is not None:
            for store in self._stores:
                if store.name == name:
                    return store
            raise UnknownStore(store=name, known=self.stores)
        current = _current(found)
        return self._stores[0] if current is None else found[current][1]


def _current(found: Mapping[int, tuple[Kept, Store]]) -> int | None:
    return max((number for number, (kept, _) in found.items() if not kept.waits), default=None)


def _version(role: str, number: int, kept: Kept, store: Store, current: int | None) -> Version:
    state: State = "next" if kept.waits else "current" if number == current else "old"
    return Version(
        role=role,
        number=number,
        state=state,
        public=kept.public,
        since=kept.since,
        store=store.name,
        place=kept.place,
    )
