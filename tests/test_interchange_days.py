"""Contract days: midnight where the contract is, and the strictest reading where that is several moments."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from registry.core.terms import TERRITORIES
from web.interchange.columns import BOX, CONSENT, LICENCE, OWN
from web.interchange.days import UnknownZone, closing_s, distinct, opening_s, zone_called, zones_of

PAGE = (Path(__file__).parents[1] / "docs" / "interchange.md").read_text("utf-8")


def utc(epoch_s: int) -> str:
    return f"{datetime.fromtimestamp(epoch_s, UTC):%Y-%m-%dT%H:%MZ}"


@pytest.mark.parametrize(
    ("territories", "opens", "closes"),
    [
        (["FR"], "2026-12-31T23:00Z", "2027-01-01T23:00Z"),
        (["JP"], "2026-12-31T15:00Z", "2027-01-01T15:00Z"),
        (["FR", "JP"], "2026-12-31T23:00Z", "2027-01-01T15:00Z"),
        (["US"], "2027-01-01T10:00Z", "2027-01-02T05:00Z"),  # Hawaii begins last, the east coast ends first
    ],
)
def test_a_day_opens_with_the_last_zone_and_closes_with_the_first(
    territories: list[str], opens: str, closes: str
) -> None:
    zones, day = zones_of(territories), date(2027, 1, 1)
    assert (utc(opening_s(day, zones)), utc(closing_s(day, zones))) == (opens, closes)


def test_a_day_without_a_midnight_begins_when_clocks_have_jumped() -> None:
    zones = frozenset({"America/Sao_Paulo"})
    assert utc(opening_s(date(2018, 11, 4), zones)) == "2018-11-04T03:00Z"  # 00:00 did not exist, 01:00 at -02:00
    assert utc(closing_s(date(2018, 11, 3), zones)) == "2018-11-04T03:00Z"


def test_summer_time_moves_midnight() -> None:
    zones = zones_of(["FR"])
    assert utc(opening_s(date(2027, 7, 1), zones)) == "2027-06-30T22:00Z"
    assert distinct(date(2027, 7, 1), zones) == 1


def test_every_territory_has_zones_and_where_nobody_lives_the_strictest() -> None:
    assert all(zones_of([code]) for code in TERRITORIES.terms)
    day = date(2027, 1, 1)
    assert utc(opening_s(day, zones_of(["BV"]))) == "2027-01-01T12:00Z"
    assert utc(closing_s(day, zones_of(["BV"]))) == "2027-01-01T10:00Z"  # narrower than the day itself


@pytest.mark.parametrize("name", ["zone.tab", "../zone.tab", "Asia", "", "Mars/Olympus", "/etc/passwd"])
def test_a_zone_is_a_name_of_the_database_and_nothing_else(name: str) -> None:
    assert zone_called("Europe/Paris").key == "Europe/Paris"
    with pytest.raises(UnknownZone):
        zone_called(name)


def test_the_page_names_every_column() -> None:
    for column in (*BOX, *LICENCE, *CONSENT):
        assert f"| `{column.name}` | `{'.'.join(column.path)}` |" in PAGE, column.name
    assert all(f"`{name}`" in PAGE for name in OWN)
