"""Of age, or not: what a birthday means, and which content nobody under age is shown with."""

from datetime import UTC, date, datetime

from registry.core.terms import LABELS
from registry.core.times import to_epoch_s

OF_AGE = 18  # years
SEXUAL = LABELS.mask(("sexual_violence", "partial_nudity", "nudity", "simulated_sex", "intimacy"))


def age_on(born: date, day: date) -> int:
    """Return full years on a day; who is born on 29 February turns on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def majority_s(born: date) -> int:
    """Return the start, in UTC, of the day on which somebody comes of age, in seconds since 1970."""
    year = born.year + OF_AGE
    leap = (born.month, born.day) == (2, 29)
    day = date(year, 3, 1) if leap and not _is_leap(year) else date(year, born.month, born.day)
    return to_epoch_s(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
