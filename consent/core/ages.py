"""Of age, or not: what a birthday means, and which content nobody under age is shown with."""

from calendar import isleap
from datetime import UTC, date, datetime

from registry.core.terms import LABELS
from registry.core.times import to_epoch_s

OF_AGE = 18  # years
SEXUAL = LABELS.mask(("sexual_violence", "partial_nudity", "nudity", "simulated_sex", "intimacy"))


def age_on(born: date, day: date) -> int:
    """Return full years on a day; who is born on 29 February turns on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def comes_of_age(born: date) -> datetime:
    """Return midnight UTC of the 18th birthday; who is born on 29 February turns on 1 March."""
    year = born.year + OF_AGE
    if (born.month, born.day) == (2, 29) and not isleap(year):
        return datetime(year, 3, 1, tzinfo=UTC)
    return datetime(year, born.month, born.day, tzinfo=UTC)


def majority_s(born: date) -> int:
    """Return when somebody comes of age in seconds since 1970."""
    return to_epoch_s(comes_of_age(born))
