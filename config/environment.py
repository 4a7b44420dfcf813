"""
Read the environment for ``settings``: one function a kind of value. A value that cannot be used stops the start with
one sentence that says what to set.

Keys: here it is only said where they are, and ``registry.custody`` opens them. What the environment does not name is
made on first need and kept under ``<VAR_DIR>/keys``, for us alone to read. That is for one machine. Beside
``DATABASE_URL`` nothing is made, because two servers that each made their own key would not be able to read each
other's data.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dj_database_url
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from registry.core.passkey import belongs
from registry.custody.material import SECRET_BYTES, read_secret
from registry.custody.roles import ROLES, Place, Role


def text(name: str, default: str) -> str:
    return os.environ.get(name) or default


def optional(name: str) -> str | None:
    return os.environ.get(name) or None


def web_address(name: str) -> str | None:
    value = optional(name)
    if value is not None and not value.startswith(("http://", "https://")):
        raise ImproperlyConfigured(f"{name} is `{value}`: set it to an address that begins with http:// or https://")
    return value


def certificates(name: str) -> tuple[str, ...]:
    """The certificates of a PEM file, each for itself."""
    path = optional(name)
    if path is None:
        return ()
    try:
        found = x509.load_pem_x509_certificates(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} names `{path}`, which is no file of PEM certificates: {error}") from None
    return tuple(one.public_bytes(serialization.Encoding.PEM).decode() for one in found)


def directory(name: str, default: Path) -> Path:
    """An absolute path; whoever writes there makes it."""
    value = text(name, str(default)).removeprefix("file://")
    if "://" in value:
        raise ImproperlyConfigured(f"{name} names `{value}`: set it to a directory")
    return Path(value).expanduser().absolute()


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isdigit() or int(value) == 0:
        raise ImproperlyConfigured(f"{name} is `{value}`: set it to a whole number above 0")
    return int(value)


def quorum(name: str, witnesses: str | None) -> int:
    """How many of the witnesses that a file names; 0 where none is asked."""
    value = text(name, "0")
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} is `{value}`: set it to a whole number")
    if int(value) and witnesses is None:
        raise ImproperlyConfigured(f"{name} is {value} and WITNESSES is not set: set it to a file that names them")
    return int(value)


def switch(name: str) -> bool:
    return text(name, "0") not in {"0", "false", "no"}


def origins(name: str, default: str, *, rp_id: str) -> tuple[str, ...]:
    """The origins of the pages on which somebody signs, separated by commas; each belongs to the relying party."""
    found = tuple(sorted({origin.strip() for origin in text(name, default).split(",")}))
    for origin in found:
        if not belongs(origin, rp_id):
            raise ImproperlyConfigured(
                f"{name} names `{origin}`: set it to addresses like https://{rp_id}, and PASSKEY_RP_ID to their domain"
            )
    return found


def word(name: str, default: str) -> str:
    """A name that is safe in a path and in a database's name."""
    value = text(name, default)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", value):
        raise ImproperlyConfigured(f"{name} is `{value}`: set it to lower-case letters, digits and underscores")
    return value


def database(name: str, address: str, options: dict[str, Any]) -> dict[str, Any]:
    """Django's settings for one PostgreSQL address."""
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(address, engine="config.database"))
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"{name} is no database address ({error}): {_ADDRESS}") from None
    if not address.startswith(("postgres://", "postgresql://")) or not parsed["NAME"]:
        raise ImproperlyConfigured(f"{name} does not name a PostgreSQL database: {_ADDRESS}")
    parsed["OPTIONS"] = parsed.get("OPTIONS", {}) | options
    return parsed


def key_value_form(address: str) -> str:
    """The same address as libpq's `key=value` pairs."""
    return make_conninfo(**{name: str(value) for name, value in conninfo_to_dict(address).items()})


_ADDRESS = "set it to postgresql://user:password@host:port/name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of one instance. `may_make`: whether missing ones are made."""

    folder: Path
    certificates: Path  # the folder in which certified keys lie beside their certificates
    may_make: bool

    def secret(self, name: str) -> str:
        return os.environ.get(name) or self._kept(name, lambda: secrets.token_urlsafe(48))

    def places(self) -> tuple[tuple[str, Place], ...]:
        """Return where the keys of each role are (``registry.custody``); what is unset lies in the folder."""
        return tuple((name, self._place(role)) for name, role in ROLES.items())

    def _place(self, role: Role) -> Place:
        value = os.environ.get(role.variable)
        if not value:
            folder = self.certificates if role.certified else self.folder
            return Place(file=folder / role.variable.lower(), may_make=self.may_make or role.certified)
        if role.wraps and not Path(value).is_absolute():
            return Place(file=None, secret=_secret(role.variable, value))
        return Place(file=Path(value), named=True)

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        try:
            return self._read_or_make(name, self.folder / name.lower(), make)
        except PermissionError as error:
            raise ImproperlyConfigured(f"`{error.filename}` is not yours: set VAR_DIR to one that is") from None

    def _read_or_make(self, name: str, path: Path, make: Callable[[], str]) -> str:
        with contextlib.suppress(FileNotFoundError):
            return path.read_text()
        if not self.may_make:
            raise ImproperlyConfigured(
                f"{name} is not set: beside DATABASE_URL, set {name} to the key all servers share"
            )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix=".") as draft:  # mode 0600
            draft.write(make())
            draft.flush()
            with contextlib.suppress(FileExistsError):  # another process made it: theirs counts
                os.link(draft.name, path)
        return path.read_text()


def _secret(name: str, encoded: str) -> bytes:
    raw = read_secret(encoded.encode())
    if raw is None:
        raise ImproperlyConfigured(
            f"{name} is not {SECRET_BYTES} bytes in base64: set it to `openssl rand -base64 32`, or a file"
        )
    return raw
