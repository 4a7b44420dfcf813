"""Windows that follow events: what they read as, known and unknown, and the calendar they count by."""

from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest

from registry.core.errors import DomainError
from registry.core.events import (
    EventRecorded,
    Following,
    Moments,
    Timed,
    box_of,
    later,
    later_day,
    read_timed,
    resolve_all,
)
from registry.core.fields import Reader
from registry.core.scope import FOREVER_S, Scope
from registry.core.times import to_epoch_s
from tests.decisions import box, boxes, id_of

ISSUED = datetime(2027, 1, 31, 15, 30, tzinfo=UTC)
ISSUED_S = to_epoch_s(ISSUED)


def at(*day: int) -> int:
    return to_epoch_s(datetime(*day, tzinfo=UTC))  # type: ignore[arg-type]  # year, month, day


def follows(plus: str = "P0D", event: str = "theatrical_release", **changed: Any) -> dict[str, Any]:
    return {"event": event, "work": id_of("work"), "territory": "FR", "plus": plus} | changed


def read(*scopes: dict[str, Any]) -> tuple[Scope | Timed, ...]:
    return read_timed(Reader({"scopes": boxes(*scopes)}, "body"), "scopes")


def timed(start: object, end: object) -> Timed:
    (scope,) = read(box(window=[start, end]))
    assert isinstance(scope, Timed)
    return scope


def recorded(*days: str, unlogged: tuple[str, ...] = ()) -> Any:
    """Return what happened: the release in France on these days, told to whoever asks."""
    events = [
        EventRecorded(
            event="theatrical_release",
            subject=("work", id_of("work")),
            territory="FR",
            on=date.fromisoformat(day),
            utc_offset=0,
            document_sha256=None,
        )
        for day in (*days, *unlogged)
    ]

    def happened(following: Following) -> Moments:
        said, counted = (
            tuple(event.moment_s(following.plus) for event in some if event.key == following.key)
            for some in (events, events[: len(days)])
        )
        return Moments(said, counted)

    return happened


def window(scope: Timed, happened: Any, reading: Any = "grants") -> tuple[int, int] | None:
    resolved = scope.resolve(happened, ISSUED_S, reading)
    return None if resolved is None else (resolved.start_s, resolved.end_s)


def test_a_box_with_an_event_reads_back_as_it_was_written_and_a_plain_one_stays_plain() -> None:
    for edges in ([follows("P17M"), None], ["2027-01-01T00:00:00Z", follows("P1Y2M3W4D", territory=None)]):
        written = box(window=edges)
        assert timed(*edges).format() == written
        assert box_of(timed(*edges)).territories == Scope.parse(box()).territories
    assert read(box()) == (Scope.parse(box()),)


def test_a_start_that_did_not_happen_has_not_started_and_of_several_the_latest_counts() -> None:
    scope = timed(follows("P17M"), None)
    assert window(scope, recorded()) is None
    assert not scope.started(recorded())
    assert window(scope, recorded("2026-12-02")) == (at(2028, 5, 2), FOREVER_S)
    assert window(scope, recorded("2026-12-02", "2026-11-04")) == (at(2028, 5, 2), FOREVER_S)
    assert scope.started(recorded("2026-12-02"))


def test_an_end_that_did_not_happen_is_read_as_if_it_had_when_the_grant_was_issued() -> None:
    scope = timed("2027-01-01T00:00:00Z", follows("P1M"))
    assert window(scope, recorded()) == (at(2027, 1, 1), at(2027, 2, 28) + 15 * 3_600 + 30 * 60)
    assert window(scope, recorded("2029-05-01", "2029-03-01")) == (at(2027, 1, 1), at(2029, 4, 1))
    assert window(scope, recorded("2026-05-01")) is None  # it ended before it would start


def test_a_bar_is_read_the_other_way_round() -> None:
    scope = timed(follows("P1M"), follows("P2M", event="home_release"))
    assert window(scope, recorded(), "bars") == (0, FOREVER_S)
    assert window(scope, recorded("2027-03-01", "2027-05-01"), "bars") == (at(2027, 4, 1), FOREVER_S)
    until = timed("2027-01-01T00:00:00Z", follows("P1M"))
    assert window(until, recorded("2027-03-01", "2027-05-01"), "bars") == (at(2027, 1, 1), at(2027, 6, 1))


def test_what_is_recorded_and_does_not_count_yet_makes_a_reading_stricter_alone() -> None:
    start, end = timed(follows(), None), timed("2027-01-01T00:00:00Z", follows("P1M"))
    assert window(start, recorded(unlogged=("2026-12-02",))) is None
    assert not start.started(recorded(unlogged=("2026-12-02",)))
    assert window(start, recorded("2026-12-02", unlogged=("2027-02-01",))) == (at(2027, 2, 1), FOREVER_S)
    assert window(end, recorded(unlogged=("2029-05-01",))) == window(end, recorded())
    assert window(end, recorded(unlogged=("2027-01-15",))) == (at(2027, 1, 1), at(2027, 2, 15))
    assert window(end, recorded("2029-05-01", unlogged=("2028-05-01",))) == (at(2027, 1, 1), at(2028, 6, 1))
    assert window(start, recorded(unlogged=("2026-12-02",)), "bars") == (0, FOREVER_S)
    assert window(end, recorded(unlogged=("2026-12-02",)), "bars") == (at(2027, 1, 1), FOREVER_S)


def test_an_event_counts_for_its_own_work_and_its_own_territory() -> None:
    happened = recorded("2026-12-02")
    assert window(timed(follows(), None), happened) is not None
    for changed in ({"territory": None}, {"territory": "BE"}, {"work": id_of("other")}, {"event": "premiere"}):
        assert window(timed(follows(**changed), None), happened) is None
    project = {"event": "theatrical_release", "project": id_of("work"), "territory": "FR", "plus": "P0D"}
    assert window(timed(project, None), happened) is None


def test_the_moment_is_midnight_where_it_happened() -> None:
    event = EventRecorded(
        event="premiere",
        subject=("work", id_of("work")),
        territory=None,
        on=date(2027, 3, 1),
        utc_offset=60,
        document_sha256=None,
    )
    assert event.moment_s() == at(2027, 3, 1) - 3_600
    assert event.moment_s((1, 1)) == at(2027, 4, 2) - 3_600


@pytest.mark.parametrize(
    ("day", "plus", "later_on"),
    [
        ((2027, 1, 31), (1, 0), (2027, 2, 28)),
        ((2028, 1, 31), (1, 0), (2028, 2, 29)),
        ((2027, 1, 31), (1, 1), (2027, 3, 1)),
        ((2028, 2, 29), (12, 0), (2029, 2, 28)),
        ((2027, 11, 30), (17, 0), (2029, 4, 30)),
        ((2027, 12, 31), (0, 14), (2028, 1, 14)),
    ],
)
def test_months_count_first_and_end_with_the_month(day: Any, plus: Any, later_on: Any) -> None:
    assert later_day(date(*day), plus) == date(*later_on)
    assert later(at(*day) + 5, plus) == at(*later_on) + 5


def test_a_period_is_read_as_months_and_days() -> None:
    for plus, read_as in (("P1Y2M3W4D", (14, 25)), ("P2W", (0, 14)), ("P18M", (18, 0)), ("P0D", (0, 0))):
        start = timed(follows(plus), None).start
        assert isinstance(start, Following)
        assert start.plus == read_as


def test_where_the_calendar_ends_a_moment_never_comes() -> None:
    assert later_day(date(9999, 12, 1), (1, 0)) is None
    assert later_day(date(9999, 12, 1), (0, 31)) is None
    assert later(at(9999, 12, 1), (12, 0)) == FOREVER_S


def test_a_window_that_follows_one_event_twice_opens_or_is_refused() -> None:
    assert timed(follows("P1M"), follows("P32D")).resolve(recorded("2027-02-01"), ISSUED_S) is not None
    for start, end in (("P1M", "P1M"), ("P2M", "P1M"), ("P2M", "P59D"), ("P1Y", "P12M"), ("P31D", "P1M")):
        with pytest.raises(DomainError) as refused:
            timed(follows(start), follows(end))
        assert (refused.value.code, refused.value.field) == ("window_never_opens", "body.scopes[0].window")
    timed(follows("P2M"), follows("P1M", event="home_release"))  # which may come much later
    timed(follows("P30D"), follows("P1M"))  # which opens wherever a month has 31 days


def test_plain_windows_that_are_empty_stay_an_empty_dimension() -> None:
    with pytest.raises(DomainError) as refused:
        read(box(window=["2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]))
    assert refused.value.code == "empty_dimension"


def test_a_grant_s_boxes_that_have_not_started_are_left_out() -> None:
    scopes = read(box(), box(window=[follows(), None]))
    assert len(resolve_all(scopes, recorded(), ISSUED_S)) == 1
    assert len(resolve_all(scopes, recorded("2026-12-02"), ISSUED_S)) == 2
    assert len(resolve_all(scopes, recorded(), ISSUED_S, "bars")) == 2


def test_what_more_is_recorded_never_widens_a_grant_nor_narrows_a_bar() -> None:
    random, outcomes = Random(5), [0, 0]
    days = ["2026-12-02", "2027-03-31", "2028-02-29", "2029-07-14"]
    for _ in range(400):
        edges = [follows(random.choice(["P0D", "P1M", "P1Y"])), follows(random.choice(["P2Y", "P30M", "P900D"]))]
        scope = timed(*random.choice([edges, [edges[0], None], ["2027-01-01T00:00:00Z", edges[1]]]))
        known = random.sample(days, random.randint(1, 3))
        more = [*known, random.choice(days)]
        before, after = window(scope, recorded(*known)), window(scope, recorded(*more))
        outcomes[before != after] += 1
        if after is not None:
            assert before is not None
            assert before[0] <= after[0] < after[1] <= before[1]
        barred, wider = window(scope, recorded(*known), "bars"), window(scope, recorded(*more), "bars")
        if barred is not None:
            assert wider is not None
            assert wider[0] <= barred[0] < barred[1] <= wider[1]
    assert min(outcomes) > 40
