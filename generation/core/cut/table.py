"""
A cut as a table: comma, semicolon or tab, UTF-8, a header, one event a row.

    shot_code,take,in,out
    R1_010,2,0,36

`in` is the first frame taken of the shot, `out` the frame after the last, as numbers or timecodes; empty, from the
first and to the last. `take`, `sha256` (of the file) and `name` may be left out.
"""

import csv
import io
import re
from typing import Final

from generation.core.cut.event import (
    CutFile,
    Event,
    Frames,
    Position,
    UnreadableCut,
    clean_name,
    closed,
    decoded,
    read_timecode,
)

COLUMNS: Final = ("shot_code", "take", "in", "out", "sha256", "name")
_NUMBER = re.compile(r"[0-9]{1,9}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def read_table(data: bytes) -> CutFile:
    """Read a table; raises ``UnreadableCut`` with line and column."""
    text = decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    events: list[Event] = []
    try:
        names = _header(next(rows, []))
        for row in rows:
            if any(cell.strip() for cell in row):
                events.append(_event(_cells(row, names, rows.line_num), f"line {rows.line_num}"))
    except csv.Error as error:
        raise UnreadableCut(place=f"line {rows.line_num}", problem=f"not a table ({error})") from error
    return closed(None, events)


def _header(row: list[str]) -> list[str]:
    names = [cell.strip().casefold() for cell in row]
    for name in names:
        if name not in COLUMNS:
            raise UnreadableCut(place="line 1", problem=f"columns are {', '.join(COLUMNS)}, not", value=name)
        if names.count(name) > 1:
            raise UnreadableCut(place="line 1", problem="a column stands twice", value=name)
    if not {"shot_code", "sha256"} & set(names):
        raise UnreadableCut(place="line 1", problem="a column `shot_code` or `sha256` is needed")
    return names


def _cells(row: list[str], names: list[str], line: int) -> dict[str, str]:
    if len(row) > len(names):
        raise UnreadableCut(place=f"line {line}", problem="more cells than the header has columns", value=len(row))
    return {name: cell.strip() for name, cell in zip(names, row, strict=False) if cell.strip()}


def _event(cells: dict[str, str], place: str) -> Event:
    take, sha256 = cells.get("take"), cells.get("sha256")
    if take is not None and not _NUMBER.fullmatch(take):
        raise UnreadableCut(place=f"{place}, take", problem="not a number", value=take)
    if sha256 is not None and not _DIGEST.fullmatch(sha256):
        raise UnreadableCut(place=f"{place}, sha256", problem="not 64 lower-case hex digits", value=sha256)
    code = clean_name(cells.get("shot_code"))
    if code is None and sha256 is None:
        raise UnreadableCut(place=f"{place}, shot_code", problem="neither a code nor a digest")
    start, end = (_position(cells.get(name), f"{place}, {name}") for name in ("in", "out"))
    if isinstance(start, Frames) and isinstance(end, Frames) and start.count >= end.count:
        raise UnreadableCut(place=f"{place}, out", problem="not after `in`", value=end.count)
    name = clean_name(cells.get("name"))
    return Event(
        place=place,
        kind="picture",
        names=() if name is None else (name,),
        shot_code=code,
        take=None if take is None else int(take),
        sha256=sha256,
        start=start,
        end=end,
    )


def _position(text: str | None, place: str) -> Position | None:
    if text is None:
        return None
    if _NUMBER.fullmatch(text):
        return Frames(count=int(text))
    timecode = read_timecode(text)
    if timecode is None:
        raise UnreadableCut(place=place, problem="neither a number of frames nor a timecode", value=text)
    return timecode
