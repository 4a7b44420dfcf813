"""
Edit decision lists, CMX 3600: one event a line, remarks below it.

    TITLE: THE RIDGE
    FCM: NON-DROP FRAME
    001  AX  V  C  00:00:00:00 00:00:01:12 01:00:00:00 01:00:01:12
    * FROM CLIP NAME: R1_010.mp4

The columns are number, reel, channels, transition (dissolves and wipes with a length), source in and out, record in and
out. A transition is two lines of one number: the remark `FROM CLIP NAME` names the first, `TO CLIP NAME` the second.
`BL` is black and needs no papers. Other remarks and the lines of machines (`M2`, `SPLIT`) are left out.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from generation.core.cut.event import CutFile, Event, UnreadableCut, clean_name, closed, decoded, read_timecode

_TRANSITION = re.compile(r"C|D|W[0-9]{1,3}|K|KB|KO")
_LENGTH = re.compile(r"[0-9]{1,4}")
_REMARK = re.compile(r"\*?\s*(FROM CLIP NAME|TO CLIP NAME|SOURCE FILE|CLIP NAME)\s*:\s*(.*)", re.IGNORECASE)
_TIMES: Final = ("source in", "source out", "record in", "record out")
_NAMELESS_REELS: Final = frozenset({"AX", "AUX", "B", "001"})  # written where a reel has no name
BLACK: Final = "BL"


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    drop: bool
    title: str | None
    events: list[Event]
    last: list[int]  # places in `events` of the lines of the last number; remarks are about these
    incoming: set[int]  # of these, the lines to which a transition leads
    number: str = ""


def read_edl(data: bytes) -> CutFile:
    """Read an edit decision list; raises ``UnreadableCut`` with line and column."""
    reading = _Reading(drop=False, title=None, events=[], last=[], incoming=set())
    for number, raw in enumerate(decoded(data).splitlines(), start=1):
        line = raw.strip()
        if not line:
            continue
        if line[0].isdigit():
            _event(line.split(), f"line {number}", reading)
        else:
            _other(line, reading)
    return closed(reading.title, [event for event in reading.events if event.names != (BLACK,)])


def _other(line: str, reading: _Reading) -> None:
    name, _, value = line.partition(":")
    if name.upper() == "TITLE":
        reading.title = clean_name(value)
    elif name.upper() == "FCM":
        reading.drop = value.strip().upper().startswith("DROP")
    elif remark := _REMARK.match(line):
        _name(remark[1].upper(), clean_name(remark[2]), reading)


def _event(columns: list[str], place: str, reading: _Reading) -> None:
    if len(columns) not in (8, 9):
        raise UnreadableCut(place=place, problem="an event has 8 columns, with a length 9", value=len(columns))
    number, reel, channels, transition, *rest = columns
    if not _TRANSITION.fullmatch(transition):
        raise UnreadableCut(place=f"{place}, transition", problem="not one of C, D, W or K", value=transition)
    if len(rest) == 5 and not _LENGTH.fullmatch(rest[0]):
        raise UnreadableCut(place=f"{place}, length", problem="not a number of frames", value=rest[0])
    times = []
    for name, text in zip(_TIMES, rest[-4:], strict=True):
        timecode = read_timecode(text, drop=reading.drop)
        if timecode is None:
            raise UnreadableCut(place=f"{place}, {name}", problem="not a timecode hh:mm:ss:ff", value=text)
        times.append(timecode)
    start, end = times[:2]
    if str(start) > str(end):
        raise UnreadableCut(place=f"{place}, source out", problem="before the source in", value=rest[-3])
    if number != reading.number:
        reading.number, reading.last, reading.incoming = number, [], set()
    reading.last.append(len(reading.events))
    if transition[0] in "DW":
        reading.incoming.add(len(reading.events))
    reading.events.append(
        Event(
            place=place,
            kind="picture" if "V" in channels.upper() or channels.upper() == "B" else "sound",
            names=_reel_name(reel),
            start=start,
            end=end if str(start) != str(end) else None,  # the outgoing side of a transition runs on
        )
    )


def _reel_name(reel: str) -> tuple[str, ...]:
    if reel.upper() in ("BL", "BLACK"):
        return (BLACK,)
    name = clean_name(reel)
    return () if name is None or reel.upper() in _NAMELESS_REELS else (name,)


def _name(remark: str, name: str | None, reading: _Reading) -> None:
    """Give the lines of an event their name: what a remark says is surer than the reel."""
    if name is None:
        return
    incoming = [place for place in reading.last if place in reading.incoming]
    outgoing = [place for place in reading.last if place not in reading.incoming]
    for place in (incoming or outgoing) if remark == "TO CLIP NAME" else (outgoing or incoming):
        event = reading.events[place]
        if event.names != (BLACK,):
            names = (*event.names, name) if remark == "SOURCE FILE" else (name, *event.names)
            reading.events[place] = replace(event, names=tuple(dict.fromkeys(names)))
