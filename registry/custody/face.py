"""
What every keeper of private keys offers, whether they lie in files or behind a KMS.

Signing: ``signer(role)`` is the current version's, ``versions(role)`` lists every public key that the role ever had.
Wrapping: ``wrap`` says which version it took, ``unwrap`` is told. Rotation, in steps of which each may be the last:

1. ``make``: a further version, ``next``; nothing uses it yet. ``discard`` takes that back.
2. ``promote``: from now on it is the current one, for every process, without a restart.
3. ``retire``: an old version is destroyed for ever. What only it opens is lost with it.

Left out: what has to happen between the steps, which is the business of ``registry.services.rotation``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from registry.core.errors import DomainError
from registry.core.keys import PublicKey

State = Literal["next", "current", "old"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a role's key, as everybody may know it."""

    role: str
    number: int
    state: State
    public: PublicKey | None  # None where the role wraps
    since: datetime
    store: str  # files | kms
    place: str  # where the private half is: a file's name, or a key of the KMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """One version that signs: its public key, and the one operation on the private one."""

    number: int
    public: PublicKey
    sign: Callable[[bytes], bytes]  # message -> signature, as ``registry.core.keys.sign`` writes it


class Custody(Protocol):
    """The keys of one registry. Every method may raise ``CustodyError``."""

    @property
    def stores(self) -> tuple[str, ...]:
        """Return the names of the stores that can be reached; keys of a new registry are made in the first."""

    def versions(self, role: str) -> tuple[Version, ...]:
        """Return the versions that there are, by number; makes the first one where this keeper may."""

    def signer(self, role: str, number: int | None = None) -> Signer:
        """Return who signs: the current version, or the one of that number."""

    def wrap(self, role: str, owner: str, key: bytes) -> tuple[int, bytes]:
        """Wrap a 32-byte key for its owner under the current version; return that version's number, and the bytes."""

    def unwrap(self, role: str, number: int, owner: str, wrapped: bytes) -> bytes:
        """Return a wrapped key in the clear; raises ``DoesNotUnwrap`` where it is another owner's, or was changed."""

    def derive(self, role: str, info: bytes) -> bytes | None:
        """Derive 32 bytes from version 1 of a role (HKDF, RFC 5869); None where nobody sees that version's bytes."""

    def make(self, role: str, store: str | None = None) -> Version:
        """
        Make a version that nothing uses yet, by default where the current one is.

        Raises ``HalfDone`` where one waits, ``UnknownStore``.
        """

    def promote(self, role: str, number: int) -> None:
        """Make the next version the current one."""

    def discard(self, role: str, number: int) -> None:
        """Destroy a version that was never the current one."""

    def retire(self, role: str, number: int) -> None:
        """Destroy an old version for ever."""

    def prepare(self) -> bool:
        """At set-up, outside any transaction: make what is never made on first need; say whether this keeper must."""

    def refresh(self) -> None:
        """Look again now for what other processes changed; it is noticed within moments anyway."""


class CustodyError(DomainError):
    """A private key that cannot be used; the sentence says what to do."""

    code = "key_unavailable"
    status = 503

    def __init__(self, problem: str) -> None:
        super().__init__(problem)


class UnknownRole(CustodyError):
    """There is no key for that."""

    code = "unknown_role"
    status = 422

    def __init__(self, *, role: str, known: tuple[str, ...]) -> None:
        super().__init__(f"`{role[:40]}` is no role of a key: {', '.join(known)}")


class UnknownVersion(CustodyError):
    """A version that was never there, or was retired."""

    code = "unknown_key_version"

    def __init__(self, *, role: str, number: int) -> None:
        super().__init__(f"version `{number}` of the `{role}` key is not here: it was retired, or belongs to others")


class DoesNotUnwrap(CustodyError):
    """Wrapped for somebody else, under another key, or changed."""

    code = "does_not_unwrap"

    def __init__(self, *, role: str, number: int, owner: str) -> None:
        super().__init__(f"the key of `{owner}` does not open under version `{number}` of the `{role}` key")


class HalfDone(CustodyError):
    """A step that was begun has to be finished, or taken back, before another one."""

    code = "rotation_unfinished"
    status = 409


class UnknownStore(CustodyError):
    """A store that the settings do not name."""

    code = "unknown_store"
    status = 422

    def __init__(self, *, store: str, known: tuple[str, ...]) -> None:
        super().__init__(f"`{store[:40]}` is no store of keys here ({', '.join(known)}); a KMS is named by KMS")
