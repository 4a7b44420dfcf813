"""
The one way a time is written: RFC 3339, UTC, whole seconds, `2027-01-01T00:00:00Z`.

One spelling a moment, so that equal times are equal bytes. Periods elsewhere are half-open. There is no clock here.
"""

import re
from datetime import UTC, datetime, timedelta

from registry.core.errors import Malformed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")  # no hour 24


def parse_time(text: str, *, field: str | None = None) -> datetime:
    """Read one time, strictly; `2027-1-1`, offsets, fractions and leap seconds are refused."""
    if not _TIME.fullmatch(text):
        raise Malformed("bad_time", field=field, value=text)
    try:
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    except ValueError as error:
        raise Malformed("bad_time", field=field, value=text) from error


def format_time(moment: datetime) -> str:
    """Write a UTC moment of whole seconds; anything else is refused rather than rounded."""
    _require_whole_utc(moment)
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def whole_second(moment: datetime) -> datetime:
    """Drop the fraction of a second, as a reading of the clock needs before it can be written."""
    return moment.replace(microsecond=0)


def to_epoch_s(moment: datetime) -> int:
    """Count whole seconds since 1970 of a UTC moment."""
    _require_whole_utc(moment)
    return (moment - EPOCH) // _SECOND


def from_epoch_s(epoch_s: int) -> datetime:
    """Return the UTC moment that lies so many seconds after 1970."""
    return EPOCH + timedelta(seconds=epoch_s)


def _require_whole_utc(moment: datetime) -> None:
    if moment.utcoffset() != timedelta(0) or moment.microsecond:
        raise Malformed("bad_time", value=moment.isoformat(), wanted="UTC and whole seconds")
