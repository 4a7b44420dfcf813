"""
Read closed JSON objects field by field, with an error that carries the path of the field at fault.

A body parser takes what it knows from a ``Reader`` and ends with ``finish()``, which refuses whatever is left: an
unknown field is never skipped. ``opt_…`` readers take an absent field or ``null`` as no value. Text is NFC, bounded,
and holds no control characters but line breaks and tabs where long text is meant.
"""

import base64
import binascii
import builtins
import re
import unicodedata
from collections.abc import Callable, Collection
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from registry.core.errors import Fault, Malformed
from registry.core.jcs import MAX_SAFE_INTEGER, Json
from registry.core.times import parse_time

T = TypeVar("T")

MAX_TEXT = 500  # characters of a name or a title
MAX_LONG_TEXT = 20_000  # characters of a description or a shown text
MAX_ITEMS = 1_000  # entries of a list; the longest vocabulary has fewer

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # \t and \n stay allowed


def read_str(value: object, path: str, *, max_chars: int = MAX_TEXT, min_chars: int = 1) -> str:
    """Check one text: NFC, bounded, printable."""
    if not isinstance(value, str):
        raise Malformed("bad_type", field=path, wanted="text")
    if not min_chars <= len(value) <= max_chars:
        raise Malformed("bad_value", field=path, wanted=f"{min_chars} to {max_chars} characters")
    if _CONTROL.search(value):
        raise Malformed("bad_value", field=path, wanted="no control characters")
    if not unicodedata.is_normalized("NFC", value):
        raise Malformed("not_normalised", field=path)
    return value


def read_int(value: object, path: str, *, minimum: int = 0, maximum: int = MAX_SAFE_INTEGER) -> int:
    """Check one whole number; true and false are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("bad_type", field=path, wanted="a whole number")
    if not minimum <= value <= maximum:
        raise Malformed("integer_out_of_range", field=path, value=value, wanted=f"{minimum} to {maximum}")
    return value


def read_uuid(value: object, path: str) -> str:
    """Check one id: a lower-case UUID of version 7 (RFC 9562)."""
    return _read_pattern(value, path, _UUID7, "bad_id", "a lower-case UUID of version 7")


def read_digest(value: object, path: str) -> str:
    """Check one SHA-256 in lower-case hex."""
    return _read_pattern(value, path, _DIGEST, "bad_value", "64 lower-case hex digits")


def read_base64(value: object, path: str, *, max_bytes: int, min_bytes: int = 0) -> bytes:
    """Decode standard base64 (RFC 4648 section 4) in its one canonical spelling."""
    text = read_str(value, path, max_chars=(max_bytes + 2) // 3 * 4, min_chars=0)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("bad_base64", field=path) from error
    if base64.b64encode(data).decode() != text:
        raise Malformed("bad_base64", field=path)  # stray bits in the last digit would give a second spelling
    if not min_bytes <= len(data) <= max_bytes:
        raise Malformed("bad_value", field=path, wanted=f"{min_bytes} to {max_bytes} bytes")
    return data


def read_base64url(value: object, path: str, *, max_bytes: int, min_bytes: int = 0) -> bytes:
    """Decode base64url without padding (RFC 4648 section 5), as browsers write it, in its one canonical spelling."""
    text = read_str(value, path, max_chars=(max_bytes * 4 + 2) // 3, min_chars=0)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("bad_base64", field=path) from error
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != text:
        raise Malformed("bad_base64", field=path)
    if not min_bytes <= len(data) <= max_bytes:
        raise Malformed("bad_value", field=path, wanted=f"{min_bytes} to {max_bytes} bytes")
    return data


def read_list(
    value: object, path: str, read: Callable[[object, str], T], *, min_items: int = 0, max_items: int = MAX_ITEMS
) -> tuple[T, ...]:
    """Read every item of a list with ``read(item, path)``."""
    if not isinstance(value, list):
        raise Malformed("bad_type", field=path, wanted="a list")
    if not min_items <= len(value) <= max_items:
        raise Malformed("bad_value", field=path, wanted=f"{min_items} to {max_items} items")
    return tuple(read(item, f"{path}[{number}]") for number, item in enumerate(value))


def require_sorted(names: Collection[str], path: str) -> None:
    """Refuse a list that stands for a set but is not in ascending order without repeats: a set has one spelling."""
    for before, after in pairwise(names):
        if before == after:
            raise Malformed("duplicate_value", field=path, value=after)
        if before > after:
            raise Malformed("not_sorted", field=path, value=after, wanted="ascending code points")


def _read_pattern(value: object, path: str, pattern: re.Pattern[str], fault: Fault, wanted: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Malformed(fault, field=path, value=value, wanted=wanted)
    return value


class Reader:
    """One closed object; every field is taken once by its type, then ``finish()``."""

    __slots__ = ("_fields", "_left", "path")

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise Malformed("bad_type", field=path or None, wanted="an object")
        self.path = path
        self._fields: dict[str, Json] = value
        self._left = set(value)

    def at(self, name: str) -> str:
        """Return the path of a field of this object."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> builtins.bool:
        """Say whether the field is there with a value other than null."""
        return self._fields.get(name) is not None

    def raw(self, name: str) -> Json:
        """Take a required field as it stands; null counts as a value here."""
        if name not in self._fields:
            raise Malformed("missing_field", field=self.at(name))
        self._left.discard(name)
        return self._fields[name]

    def opt_raw(self, name: str) -> Json:
        """Take a field that may be absent or null."""
        self._left.discard(name)
        return self._fields.get(name)

    def finish(self) -> None:
        """Refuse the fields that nobody took."""
        if self._left:
            raise Malformed("unknown_field", field=self.at(min(self._left)))

    def str(self, name: str, *, max_chars: int = MAX_TEXT, min_chars: int = 1) -> builtins.str:
        return read_str(self.raw(name), self.at(name), max_chars=max_chars, min_chars=min_chars)

    def opt_str(self, name: builtins.str, *, max_chars: int = MAX_TEXT) -> builtins.str | None:
        return self.str(name, max_chars=max_chars) if self._given(name) else None

    def int(self, name: builtins.str, minimum: int = 0, maximum: int = MAX_SAFE_INTEGER) -> builtins.int:
        return read_int(self.raw(name), self.at(name), minimum=minimum, maximum=maximum)

    def opt_int(
        self, name: builtins.str, minimum: builtins.int = 0, maximum: builtins.int = MAX_SAFE_INTEGER
    ) -> builtins.int | None:
        return self.int(name, minimum, maximum) if self._given(name) else None

    def bool(self, name: builtins.str) -> builtins.bool:
        value = self.raw(name)
        if not isinstance(value, builtins.bool):
            raise Malformed("bad_type", field=self.at(name), wanted="true or false")
        return value

    def opt_bool(self, name: builtins.str) -> builtins.bool | None:
        return self.bool(name) if self._given(name) else None

    def uuid(self, name: builtins.str) -> builtins.str:
        return read_uuid(self.raw(name), self.at(name))

    def opt_uuid(self, name: builtins.str) -> builtins.str | None:
        return self.uuid(name) if self._given(name) else None

    def digest(self, name: builtins.str) -> builtins.str:
        return read_digest(self.raw(name), self.at(name))

    def opt_digest(self, name: builtins.str) -> builtins.str | None:
        return self.digest(name) if self._given(name) else None

    def time(self, name: builtins.str) -> datetime:
        value = self.raw(name)
        if not isinstance(value, builtins.str):
            raise Malformed("bad_time", field=self.at(name))
        return parse_time(value, field=self.at(name))

    def opt_time(self, name: builtins.str) -> datetime | None:
        return self.time(name) if self._given(name) else None

    def base64(self, name: builtins.str, *, max_bytes: builtins.int, min_bytes: builtins.int = 0) -> bytes:
        return read_base64(self.raw(name), self.at(name), max_bytes=max_bytes, min_bytes=min_bytes)

    def choice(self, name: builtins.str, allowed: Collection[builtins.str]) -> builtins.str:
        """Take a text that must be one of a closed set."""
        value = self.raw(name)
        if not isinstance(value, builtins.str) or value not in allowed:
            raise Malformed("bad_value", field=self.at(name), value=value, wanted=" | ".join(sorted(allowed)))
        return value

    def opt_choice(self, name: builtins.str, allowed: Collection[builtins.str]) -> builtins.str | None:
        return self.choice(name, allowed) if self._given(name) else None

    def list_of(
        self,
        name: builtins.str,
        read: Callable[[builtins.object, builtins.str], T],
        *,
        min_items: builtins.int = 0,
        max_items: builtins.int = MAX_ITEMS,
    ) -> tuple[T, ...]:
        """Take a list, each item read by ``read(item, path)``; the ``read_…`` functions here fit."""
        return read_list(self.raw(name), self.at(name), read, min_items=min_items, max_items=max_items)

    def opt_list_of(
        self, name: builtins.str, read: Callable[[builtins.object, builtins.str], T], *, max_items: builtins.int = 1_000
    ) -> tuple[T, ...]:
        return self.list_of(name, read, max_items=max_items) if self._given(name) else ()

    def object(self, name: builtins.str) -> "Reader":
        return Reader(self.raw(name), self.at(name))

    def opt_object(self, name: builtins.str) -> "Reader | None":
        return self.object(name) if self._given(name) else None

    def _given(self, name: builtins.str) -> builtins.bool:
        """Take note of an optional field, and say whether it has a value."""
        self._left.discard(name)
        return self._fields.get(name) is not None
