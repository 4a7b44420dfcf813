"""
Windows that follow events: "17 months after the French theatrical release".

A window's start or end may name an event instead of a time (``Following``); such a box is a ``Timed``. Which recorded
events count is for whoever resolves it. INVARIANT (default-deny): what is not known is read as strictly as can be: a
grant has not started, and ends as if its end had come when it was issued; a bar has no beginning and no end.

1. An event happens on a calendar day somewhere; its moment is midnight of that day there.
2. `plus` is added to the day in months (the last day of a shorter month, as contracts count) and then in days.
3. Of several recorded moments the strictest counts: correcting a day is recording the event again. What is recorded
   and does not count yet can make a reading stricter, never wider.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from registry.core.box import FOREVER_S, Scope
from registry.core.envelope import canonical
from registry.core.errors import DomainError, Malformed
from registry.core.fields import Reader, read_str, require_sorted
from registry.core.jcs import Json
from registry.core.record import read_date
from registry.core.terms import EVENTS, TERRITORIES
from registry.core.times import EPOCH, format_time, from_epoch_s, parse_time, to_epoch_s

SUBJECTS: Final = ("work", "project", "party")
MAX_PLUS: Final = 1_200  # of each unit: a century of months is more than any contract
MAX_OFFSET_MIN: Final = 840  # UTC+14, the furthest that a clock runs ahead
MAX_SCOPES: Final = 64  # boxes of one grant
_PLUS = re.compile(r"P(?:(0|[1-9]\d{0,3})Y)?(?:(0|[1-9]\d{0,3})M)?(?:(0|[1-9]\d{0,3})W)?(?:(0|[1-9]\d{0,3})D)?")
_CYCLE_DAYS: Final = 1_461  # four years of days, in which every length of month meets every other
_CYCLE_START: Final = date(2024, 1, 1)
_PLACEHOLDER: Final[list[Json]] = ["1970-01-01T00:00:00Z", None]

Plus = tuple[int, int]  # months, then days
Reading = Literal["grants", "bars"]


class WindowNeverOpens(DomainError):
    """A window whose start and end follow the same event, the end never after the start."""

    code = "window_never_opens"
    status = 422

    def __init__(self, *, field: str) -> None:
        super().__init__(f"`{field}` ends no later than it starts, whenever the event happens", field=field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """A moment that an event sets."""

    event: str
    subject: tuple[str, str]  # work | project | party, and its id
    territory: str | None  # None: the event wherever it is; it is not the event in any territory
    plus: Plus = (0, 0)
    spelling: str | None = field(default=None, compare=False)  # of `plus`, as it was signed; None: it has none

    @property
    def key(self) -> tuple[str, tuple[str, str], str | None]:
        """What is looked up: the event itself, without what is added to it."""
        return self.event, self.subject, self.territory

    def format(self) -> dict[str, Json]:
        kind, id_ = self.subject
        formatted: dict[str, Json] = {"event": self.event, kind: id_, "territory": self.territory}
        return formatted if self.spelling is None else formatted | {"plus": self.spelling}


class Moments(NamedTuple):
    """When an event happened, `plus` added, in seconds since 1970: all that is recorded, and what of it counts."""

    said: tuple[int, ...]  # by whoever may say it; what does not count makes a reading stricter alone
    counted: tuple[int, ...]  # what of it is signed and logged


Happened = Callable[[Following], Moments]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A box whose window follows an event."""

    box: Scope  # with a window that means nothing
    start: int | Following
    end: int | Following | None

    def resolve(self, happened: Happened, issued_s: int, reading: Reading = "grants") -> Scope | None:
        """Return the box with its window as known now; None where it has not started, or is empty."""
        if reading == "grants":
            start_s, end_s = self._of_grant(happened, issued_s)
        else:
            start_s, end_s = self._of_bar(happened)
        return None if start_s is None or start_s >= end_s else replace(self.box, start_s=start_s, end_s=end_s)

    def started(self, happened: Happened) -> bool:
        """Say whether a grant's start is known."""
        return not isinstance(self.start, Following) or bool(happened(self.start).counted)

    def format(self) -> dict[str, Json]:
        """Write the box as JSON, events and all."""
        return self.box.format() | {"window": [_format_edge(self.start), _format_edge(self.end)]}

    def _of_grant(self, happened: Happened, issued_s: int) -> tuple[int | None, int]:
        start_s: int | None
        if isinstance(self.start, Following):
            said, counted = happened(self.start)
            start_s = max(said) if counted else None
        else:
            start_s = self.start
        if not isinstance(self.end, Following):
            return start_s, FOREVER_S if self.end is None else self.end
        said, counted = happened(self.end)
        return start_s, min(said if counted else (*said, later(issued_s, self.end.plus)))

    def _of_bar(self, happened: Happened) -> tuple[int, int]:
        if isinstance(self.start, Following):
            said, counted = happened(self.start)
            start_s = min(said) if counted else 0
        else:
            start_s = self.start
        if not isinstance(self.end, Following):
            return start_s, FOREVER_S if self.end is None else self.end
        said, counted = happened(self.end)
        return start_s, max(said) if counted else FOREVER_S


AnyScope = Scope | Timed


def box_of(scope: AnyScope) -> Scope:
    """Return the box itself, for everything but its window."""
    return scope if isinstance(scope, Scope) else scope.box


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecorded:
    event: str
    subject: tuple[str, str]
    territory: str | None
    on: date
    utc_offset: int  # minutes
    document_sha256: str | None

    @property
    def key(self) -> tuple[str, tuple[str, str], str | None]:
        return self.event, self.subject, self.territory

    def moment_s(self, plus: Plus = (0, 0)) -> int:
        """Return midnight of the day, so much later, where it happened, in seconds since 1970."""
        day = later_day(self.on, plus)
        return FOREVER_S if day is None else _midnight_s(day) - self.utc_offset * 60


def resolve_all(
    scopes: Sequence[AnyScope], happened: Happened, issued_s: int, reading: Reading = "grants"
) -> tuple[Scope, ...]:
    """Return the boxes as known now; those that have not started, or are empty, are left out."""
    resolved = (box if isinstance(box, Scope) else box.resolve(happened, issued_s, reading) for box in scopes)
    return tuple(box for box in resolved if box is not None)


def later(moment_s: int, plus: Plus) -> int:
    """Return a moment so many months and days later, at the same time of day in UTC."""
    moment = from_epoch_s(moment_s)
    day = later_day(moment.date(), plus)
    return FOREVER_S if day is None else _midnight_s(day) + moment_s % 86_400


def later_day(day: date, plus: Plus) -> date | None:
    """Add months, then days; None where the calendar ends."""
    months, days = plus
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    last = monthrange(year, month0 + 1)[1]
    try:
        return date(year, month0 + 1, min(day.day, last)) + timedelta(days=days)
    except OverflowError:
        return None


def read_timed(body: Reader, name: str) -> tuple[AnyScope, ...]:
    """Take 1 to 64 boxes, windows following events allowed; sorted by their canonical bytes, none twice."""
    scopes = body.list_of(name, _any_scope, min_items=1, max_items=MAX_SCOPES)
    require_sorted([canonical(scope.format()).decode() for scope in scopes], body.at(name))
    return scopes


def read_following(value: object, path: str, *, plus: bool) -> Following:
    """Read an event that a window follows; `plus` stands exactly where it is meant."""
    held = Reader(value, path)
    spelling = held.str("plus", max_chars=40) if plus else None
    following = Following(
        event=held.choice("event", EVENTS),
        subject=_subject(held),
        territory=_territory(held),
        plus=(0, 0) if spelling is None else _plus(spelling, held.at("plus")),
        spelling=spelling,
    )
    held.finish()
    return following


def parse_event(body: Reader) -> EventRecorded:
    return EventRecorded(
        event=body.choice("event", EVENTS),
        subject=_subject(body),
        territory=_territory(body),
        on=read_date(body.raw("on"), body.at("on")),
        utc_offset=body.int("utc_offset", -MAX_OFFSET_MIN, MAX_OFFSET_MIN),
        document_sha256=body.opt_digest("document_sha256"),
    )


def _any_scope(value: object, path: str) -> AnyScope:
    window = value.get("window") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(window, list) or not any(isinstance(e, dict) for e in window):
        return Scope.parse(value, path)
    where = f"{path}.window"
    if len(window) != 2:
        raise Malformed("bad_type", field=where, wanted="[start, end or null]")
    start = _edge(window[0], f"{where}[0]")
    end = None if window[1] is None else _edge(window[1], f"{where}[1]")
    if _never_opens(start, end):
        raise WindowNeverOpens(field=where)
    return Timed(box=Scope.parse(value | {"window": _PLACEHOLDER}, path), start=start, end=end)


def _edge(value: object, path: str) -> int | Following:
    if isinstance(value, dict):
        return read_following(value, path, plus=True)
    return to_epoch_s(parse_time(read_str(value, path), field=path))


def _format_edge(edge: int | Following | None) -> Json:
    if isinstance(edge, Following):
        return edge.format()
    return None if edge is None else format_time(from_epoch_s(edge))


def _never_opens(start: int | Following, end: int | Following | None) -> bool:
    """Say whether both follow one event and the end is never later, on whichever day it happens."""
    if not isinstance(start, Following) or not isinstance(end, Following) or start.key != end.key:
        return False
    days = (_CYCLE_START + timedelta(days=number) for number in range(_CYCLE_DAYS))
    return all((later_day(day, start.plus) or date.max) >= (later_day(day, end.plus) or date.max) for day in days)


def _subject(held: Reader) -> tuple[str, str]:
    given = [kind for kind in SUBJECTS if held.has(kind)]
    if not given:
        raise Malformed("missing_field", field=held.at(SUBJECTS[0]), wanted="one of work, project, party")
    if len(given) > 1:
        raise Malformed("bad_value", field=held.at(given[1]), wanted="only one of work, project, party")
    return given[0], held.uuid(given[0])


def _territory(held: Reader) -> str | None:
    if held.raw("territory") is None:
        return None
    territory = held.str("territory")
    TERRITORIES.mask([territory], held.at("territory"))
    return territory


def _plus(text: str, path: str) -> Plus:
    found = _PLUS.fullmatch(text)
    if found is None or text == "P":
        raise Malformed("bad_value", field=path, value=text, wanted="a period of the form P1Y2M3W4D")
    years, months, weeks, days = (int(number or 0) for number in found.groups())
    if max(years, months, weeks, days) > MAX_PLUS:
        raise Malformed("integer_out_of_range", field=path, value=text, wanted=f"at most {MAX_PLUS} of each")
    return years * 12 + months, weeks * 7 + days


def _midnight_s(day: date) -> int:
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - EPOCH) // timedelta(seconds=1)


PARSERS: Final = {"event.recorded": parse_event}
