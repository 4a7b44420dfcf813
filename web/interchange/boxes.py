"""
One row's box: words and days into the JSON of a scope, and back.

A day in `start` is the first day, a day in `end` the last one; both are read in the time zones of the row's territories
or in the zone that `day_zone` names (``days``). A box that mixes days with UTC times or events keeps those as they are.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from registry.core.jcs import Json
from registry.core.times import format_time, from_epoch_s
from web.interchange import box_forms
from web.interchange.cells import BadCell, Empty, Value, read_cell, write_cell
from web.interchange.columns import BOX, EXCEPT, ZONE
from web.interchange.days import UnknownZone, closing_s, distinct, opening_s, zone_called, zones_of
from web.interchange.report import Finding, finding
from web.interchange.tables import Row

BOX_NAMES: Final = frozenset({*(column.name for column in BOX), EXCEPT, ZONE})
_TERRITORIES: Final = box_forms.territories()


def read_box(row: Row) -> tuple[dict[str, Json] | None, list[Finding]]:
    """Return the box of a row, or None, and what is to be said of it."""
    findings: list[Finding] = []
    values: dict[str, Value] = {}
    for column in BOX:
        try:
            values[column.name] = read_cell(row.cells.get(column.name, ""), column.form, empty=column.empty)
        except BadCell as bad:
            findings.append(bad.at(row.number, column.name))
    _take_out(row, values, findings)
    if not findings:
        findings += _resolve_days(row, values)
    if any(found.wrong for found in findings):
        return None, findings
    return _assemble(values), findings


def write_box(box: Json) -> dict[str, str]:
    """Return the cells of a box."""
    assert isinstance(box, dict)
    window, content = box["window"], box["content"]
    assert isinstance(window, list)
    assert isinstance(content, dict)
    held: Mapping[str, Json] = {**box, "start": window[0], "end": window[1], **content}
    return {column.name: write_cell(held[column.name], column.form, empty=column.empty) for column in BOX}


def _assemble(values: Mapping[str, Value]) -> dict[str, Json]:
    held = {name: value for name, value in values.items() if not isinstance(value, Empty)}
    box = {
        name: held[name] for name in ("acts", "aspects", "purposes", "media", "territories", "languages", "projects")
    }
    return {
        **box,
        "window": [held["start"], held["end"]],
        "content": {"depicts": held["depicts"], "scene": held["scene"]},
    }


def _take_out(row: Row, values: dict[str, Value], findings: list[Finding]) -> None:
    """Take the excepted territories out; excepting all of them is refused."""
    if EXCEPT not in row.cells:
        return
    try:
        excepted = read_cell(row.cells[EXCEPT], _TERRITORIES, empty=[])
    except BadCell as bad:
        findings.append(bad.at(row.number, EXCEPT))
        return
    held = values.get("territories")
    if isinstance(held, list) and isinstance(excepted, list):
        left: list[Json] = [code for code in held if code not in excepted]
        values["territories"] = left
        if not left:
            findings.append(finding("missing_value", row=row.number, column="territories"))


def _resolve_days(row: Row, values: dict[str, Value]) -> list[Finding]:
    """Turn days into moments; says so where the zones of the territories differ."""
    start, end = values["start"], values["end"]
    days = [value for value in (start, end) if box_forms.is_day(value)]
    if start is None:
        return [finding("never_starts", row=row.number, column="start", value="open")]
    if not days:
        return _order(row, start, end)
    column = "start"
    try:
        zones = _zones(row, values)
        if box_forms.is_day(start):
            values["start"] = format_time(from_epoch_s(opening_s(_day(start), zones)))
        column = "end"
        if box_forms.is_day(end):
            values["end"] = format_time(from_epoch_s(closing_s(_day(end), zones)))
    except UnknownZone:
        return [finding("unknown_zone", row=row.number, column=ZONE, value=row.cells.get(ZONE, ""))]
    except (OverflowError, ValueError):
        return [finding("bad_day", row=row.number, column=column, value=row.cells[column])]
    moments = distinct(_day(days[0]), zones)
    said = [finding("days_read_strictly", row=row.number, column="start", wrong=False, count=moments)]
    return _order(row, values["start"], values["end"]) + (said if moments > 1 else [])


def _zones(row: Row, values: Mapping[str, Value]) -> frozenset[str]:
    if name := row.cells.get(ZONE, "").strip():
        zone_called(name)
        return frozenset({name})
    territories = values["territories"]
    return zones_of(str(code) for code in territories) if isinstance(territories, list) else frozenset()


def _day(value: object) -> date:
    return date.fromisoformat(str(value))


def _order(row: Row, start: Value, end: Value) -> list[Finding]:
    if isinstance(start, str) and isinstance(end, str) and start >= end:
        return [finding("end_before_start", row=row.number, column="end")]
    return []
