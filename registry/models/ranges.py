"""
Columns for sets, so that PostgreSQL itself can say whether two boxes overlap in a dimension.

- ``MaskField``: a set of terms; in Python the mask, in PostgreSQL `int4multirange` of bit positions
- ``PointsField``: a set of ids or names; in Python ``frozenset[int]``, None for all there are; `nummultirange`, since
  an id has 128 bits, so that no two ids share a number
- ``SecondsField``: a half-open stretch of time in seconds since 1970; `int8range`: windows may end later than any date
- ``PartyField``: the id of a party as `inet`: PostgreSQL has no index of its own that knows both `=` and `<>` of a
  `uuid`, and has one of addresses, which are 128 bits wide as well

Only what ships with PostgreSQL 15 is needed. ``points_of`` and ``named_point`` number ids and names.
"""

from collections.abc import Iterable
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models

Points = frozenset[int] | None  # None: all there are


def points_of(ids: Iterable[str]) -> frozenset[int]:
    """Number ids."""
    return frozenset(UUID(one).int for one in ids)


def named_point(name: str) -> int:
    """Number a name: its bytes after a leading one, so that each has its own number."""
    return int.from_bytes(b"\x01" + name.encode())


def format_mask(mask: int) -> str:
    """Write a set of bits as PostgreSQL reads an `int4multirange`: runs of bits are ranges."""
    runs, low = [], 0
    while mask:
        zeros = (mask & -mask).bit_length() - 1
        low, mask = low + zeros, mask >> zeros
        ones = (~mask & (mask + 1)).bit_length() - 1
        runs.append(f"[{low},{low + ones})")
        low, mask = low + ones, mask >> ones
    return f"{{{','.join(runs)}}}"


def format_points(points: Points) -> str:
    """Write a set of numbers as PostgreSQL reads a `nummultirange`."""
    return "{(,)}" if points is None else f"{{{','.join(f'[{one},{one}]' for one in sorted(points))}}}"


def format_seconds(window: tuple[int, int]) -> str:
    return f"[{window[0]},{window[1]})"


def format_party(party: str) -> str:
    return str(IPv6Address(UUID(party).int))


class _Column(models.Field):
    """A column whose values are written as text; PostgreSQL reads that as the column's own type."""

    column_type = ""

    def db_type(self, connection: Any) -> str:
        return self.column_type

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return f"%s::{self.column_type}"

    if TYPE_CHECKING:  # of a row this is the value, not the column

        def __get__(self, row: Any, owner: Any) -> Any: ...

        def __set__(self, row: Any, value: Any) -> None: ...


class MaskField(_Column):
    """A set of terms, by their bits."""

    column_type = "int4multirange"

    def get_prep_value(self, value: Any) -> str:
        return format_mask(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int:
        return sum((1 << held.upper) - (1 << held.lower) for held in value)


class PointsField(_Column):
    """A set of ids or names, by their numbers."""

    column_type = "nummultirange"

    def get_prep_value(self, value: Any) -> str:
        return format_points(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Points:
        if any(held.lower is None for held in value):
            return None
        return frozenset(int(held.lower) for held in value)


class SecondsField(_Column):
    """A half-open stretch of time."""

    column_type = "int8range"

    def get_prep_value(self, value: Any) -> str:
        return format_seconds(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> tuple[int, int]:
        return value.lower, value.upper


class PartyField(_Column):
    """The id of a party."""

    column_type = "inet"

    def get_prep_value(self, value: Any) -> str:
        return format_party(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str:
        return str(UUID(int=int(IPv6Address(str(value).partition("/")[0]))))
