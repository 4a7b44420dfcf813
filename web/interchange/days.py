"""
Contract dates: calendar days in a territory, as moments of UTC.

A contract says "from 1 January 2027 to 31 December 2028 in France": the window opens when the first day begins there
and closes when the last day is over. One box has one window, whatever it spans; so where the days of its territories
begin at different moments the strictest reading holds: it opens when the first day has begun in *all* of them, and
closes when the last day is over in *any*. Who needs each territory's own midnight writes a row for each, or names the
zone that the contract names.

Zones are those of the IANA database as the pinned ``tzdata`` package has them, never those of the machine.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from registry.core.times import to_epoch_s

_ZONES: Final = resources.files("tzdata").joinpath("zoneinfo")
# Where nobody lives there is no zone: the latest start and the earliest end on Earth. Kosovo's code is user-assigned.
_UNINHABITED: Final = ("Etc/GMT+12", "Etc/GMT-14")
_BESIDE: Final = {"XK": ("Europe/Belgrade",)}


class UnknownZone(Exception):
    """A time zone that the database does not hold."""


def zones_of(territories: Iterable[str]) -> frozenset[str]:
    """Return every time zone of these territories."""
    table = _table()
    return frozenset(zone for territory in territories for zone in table.get(territory, _UNINHABITED))


def opening_s(day: date, zones: frozenset[str]) -> int:
    """Return when the day has begun in every one of these zones, in seconds since 1970."""
    return max(_midnights_s(day, zones))


def closing_s(last_day: date, zones: frozenset[str]) -> int:
    """Return when the day is over in the first of these zones, in seconds since 1970."""
    return min(_midnights_s(last_day + timedelta(days=1), zones))


def distinct(day: date, zones: frozenset[str]) -> int:
    """Count the different moments at which the day begins."""
    return len(_midnights_s(day, zones))


def moments_s(local: datetime, zones: Iterable[str]) -> frozenset[int]:
    """Return the moments at which the clocks of these zones show a time, in seconds since 1970."""
    return frozenset(_moment_s(local, zone) for zone in zones)


@cache
def zone_called(name: str) -> ZoneInfo:
    """Return a zone by its IANA name; raises ``UnknownZone``."""
    parts = name.split("/")
    if not all(part.replace("_", "").replace("-", "").replace("+", "").isalnum() for part in parts):
        raise UnknownZone(name)  # a name, never a path
    file = _ZONES.joinpath(*parts)
    if not file.is_file():
        raise UnknownZone(name)
    with file.open("rb") as data:
        try:
            return ZoneInfo.from_file(data, key=name)
        except ValueError as error:  # a file of the package that is no zone, such as its tables
            raise UnknownZone(name) from error


@lru_cache(maxsize=10_000)  # a file names few days, and the same groups of territories in row after row
def _midnights_s(day: date, zones: frozenset[str]) -> frozenset[int]:
    """Return the first moments of a day; where clocks skip midnight that is the moment to which they jump."""
    return moments_s(datetime(day.year, day.month, day.day), zones)  # noqa: DTZ001 - the zones come with the call


def _moment_s(local: datetime, zone: str) -> int:
    return to_epoch_s(local.replace(tzinfo=zone_called(zone)).astimezone(UTC).replace(microsecond=0))


@cache
def _table() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in _ZONES.joinpath("zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            territory, _, zone = line.split("\t")[:3]
            found.setdefault(territory, []).append(zone)
    return {territory: tuple(zones) for territory, zones in found.items()} | _BESIDE
