"""
The moments at which a slow twin looks: between two of them nothing changes, so that one stands for all.

It finds too many rather than too few: every time that any statement names, and whatever is counted from one.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product
from typing import Any

from consent.core.settled.read import Read
from consent.core.vouched import Vouched
from tests.reference_history import DAY_S, History, eighteen, later, midnight, plus_of, seconds


def turns_of(reads: Iterable[Read], vouched: Vouched) -> list[int]:
    """Return every moment at which anything in these statements may change."""
    return turns(History(reads, vouched))


def turns(history: History) -> list[int]:
    """Return every moment at which anything may change: every time that is named, and what is counted from it."""
    found: set[int] = set()
    plus, days, hours = {(0, 0)}, {0}, {0}
    dates: set[date] = set()
    for s in history.said:
        for name, value in _leaves(s.body):
            if name == "plus":
                plus.add(plus_of(value))
            elif name == "sell_off_days":
                days.add(value)
            elif name == "notice_hours" and value is not None:
                hours.add(value)
            elif name == "born" and value is not None:
                found.add(eighteen(date.fromisoformat(value)))
            elif isinstance(value, str) and len(value) == 20 and value.endswith("Z"):
                found.add(seconds(value))
        if s.type == "event.recorded":
            dates.add(date.fromisoformat(s.body["on"]))
        dates.add(s.issued_at.date())
    offsets = {0, *(60 * s.body["utc_offset"] for s in history.of("event.recorded"))}
    clock = {int(s.issued_at.timestamp()) % DAY_S for s in history.said}
    for day, more in product(dates, plus):
        found |= {midnight(later(day, more)) - offset for offset in offsets}
        found |= {midnight(later(day, more)) + seconds_ for seconds_ in clock}
    notices = product(history.of("consent.revoked"), hours)
    found |= {int(s.issued_at.timestamp()) + hour * 3_600 for s, hour in notices}
    return sorted({moment + day * DAY_S for moment in found for day in days})


def _leaves(body: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(body, dict):
        for key, value in body.items():
            yield from _leaves(value, key)
    elif isinstance(body, list):
        for value in body:
            yield from _leaves(value, name)
    else:
        yield name, body
