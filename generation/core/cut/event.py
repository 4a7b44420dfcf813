"""
One event of a cut, and the three ways in which files say which frames it takes.

``Frames`` counts from the first frame of the clip, ``Timecode`` is `hh:mm:ss:ff` at the clip's own rate, ``Moment`` a
number of frames at a rate of its own. All become frames of the clip once its rate is known. ``format`` and
``parse_event`` are inverse.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from registry.core.errors import MAX_SHOWN, DomainError
from registry.core.fields import Reader, read_str
from registry.core.jcs import Json

MAX_CUT_BYTES: Final = 32 << 20
MAX_EVENTS: Final = 20_000  # a feature film has some two thousand
MAX_NAME: Final = 500  # characters of a clip's name that are kept
KINDS: Final = ("picture", "sound")
_TIMECODE = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})([:;])([0-9]{2,3})")
_ALMOST: Final = 0.01  # frames a second by which a written rate may miss the true one: 23.98 is 24000/1001


class UnreadableCut(DomainError):
    """A cut that is not of its format; ``place`` is the line, or where in the file."""

    code = "unreadable_cut"
    status = 422

    def __init__(self, *, place: str, problem: str, value: object = None) -> None:
        shown = "" if value is None else f": `{str(value)[:MAX_SHOWN]}`"
        super().__init__(f"{place}: {problem}{shown}", field=place)


class NoSuchMoment(ValueError):
    """A position that does not exist at the rate of its clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    count: int

    def at(self, fps: Fraction) -> int:
        return self.count

    def format(self) -> dict[str, Json]:
        return {"frames": self.count}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timecode:
    """SMPTE ST 12-1; with ``drop`` it skips numbers so as to keep up with the clock at 30000/1001 and its double."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    drop: bool

    def at(self, fps: Fraction) -> int:
        """Return the frame; raises ``NoSuchMoment``."""
        nominal = round(fps)
        if self.frames >= nominal or self.seconds > 59 or self.minutes > 59:
            raise NoSuchMoment(f"{self} does not exist at {fps} frames a second")
        whole = ((self.hours * 60 + self.minutes) * 60 + self.seconds) * nominal + self.frames
        return whole - self._dropped(nominal) if self.drop else whole

    def _dropped(self, nominal: int) -> int:
        if nominal % 30:
            raise NoSuchMoment(f"{self} drops frames, which {nominal} frames a second never do")
        skips = nominal // 15  # numbers left out at each minute but every tenth
        if self.minutes % 10 and self.seconds == 0 and self.frames < skips:
            raise NoSuchMoment(f"{self} is one of the numbers that are left out")
        minutes = self.hours * 60 + self.minutes
        return skips * (minutes - minutes // 10)

    def __str__(self) -> str:
        mark = ";" if self.drop else ":"
        return f"{self.hours:02}:{self.minutes:02}:{self.seconds:02}{mark}{self.frames:02}"

    def format(self) -> dict[str, Json]:
        return {"timecode": str(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """``value`` frames at ``rate`` frames a second, both as shares of whole numbers."""

    value: Fraction
    rate: Fraction

    def at(self, fps: Fraction) -> int:
        """Return the frame in which it lies."""
        same = abs(float(self.rate) - float(fps)) < _ALMOST
        return math.floor(self.value if same else self.value * fps / self.rate)

    def format(self) -> dict[str, Json]:
        return {"value": str(self.value), "rate": str(self.rate)}


Position = Frames | Timecode | Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A clip in the cut. ``names`` are what the file calls it, the surest first."""

    place: str  # `line 12`, or a path such as `tracks.children[0].children[3]`
    kind: str  # picture | sound
    names: tuple[str, ...]
    shot_code: str | None = None
    take: int | None = None
    sha256: str | None = None
    start: Position | None = None  # None: from the first frame
    end: Position | None = None  # the frame after the last; None: to the end

    def format(self) -> dict[str, Json]:
        return {
            "place": self.place,
            "kind": self.kind,
            "names": list(self.names),
            "shot_code": self.shot_code,
            "take": self.take,
            "sha256": self.sha256,
            "in": None if self.start is None else self.start.format(),
            "out": None if self.end is None else self.end.format(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CutFile:
    title: str | None
    events: tuple[Event, ...]


def parse_event(obj: object) -> Event:
    """Read what ``Event.format`` wrote."""
    body = Reader(obj)
    event = Event(
        place=body.str("place"),
        kind=body.choice("kind", KINDS),
        names=body.list_of("names", read_str),
        shot_code=body.opt_str("shot_code"),
        take=body.opt_int("take"),
        sha256=body.opt_digest("sha256"),
        start=_position(body.opt_object("in")),
        end=_position(body.opt_object("out")),
    )
    body.finish()
    return event


def read_timecode(text: str, *, drop: bool = False) -> Timecode | None:
    """Read `hh:mm:ss:ff`; a semicolon before the frames drops frames. None for anything else."""
    found = _TIMECODE.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds, mark, frames = found.groups()
    return Timecode(
        hours=int(hours), minutes=int(minutes), seconds=int(seconds), frames=int(frames), drop=drop or mark == ";"
    )


def clean_name(text: object) -> str | None:
    """Return a name as it is kept: without control characters, bounded; None where nothing is left."""
    if not isinstance(text, str):
        return None
    kept = unicodedata.normalize("NFC", "".join(char for char in text if char.isprintable()).strip())
    return kept[:MAX_NAME] or None


def require_size(data: bytes) -> None:
    if len(data) > MAX_CUT_BYTES:
        raise UnreadableCut(place="file", problem=f"a cut has at most {MAX_CUT_BYTES} bytes")


def decoded(data: bytes) -> str:
    """Return the text of a cut, which is UTF-8 with or without a mark; raises ``UnreadableCut``."""
    require_size(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableCut(place=f"line {line}", problem="not UTF-8") from error


def closed(title: str | None, events: list[Event]) -> CutFile:
    """Return the file; a cut with nothing in it, or with too much, is none."""
    if not events:
        raise UnreadableCut(place="file", problem="there is no event in it")
    if len(events) > MAX_EVENTS:
        raise UnreadableCut(place="file", problem=f"a cut has at most {MAX_EVENTS} events")
    return CutFile(title=title, events=tuple(events))


def _position(body: Reader | None) -> Position | None:
    if body is None:
        return None
    found: Position
    if body.has("frames"):
        found = Frames(count=body.int("frames"))
    elif body.has("timecode"):
        timecode = read_timecode(body.str("timecode"))
        assert timecode is not None  # we wrote it
        found = timecode
    else:
        found = Moment(value=Fraction(body.str("value")), rate=Fraction(body.str("rate")))
    body.finish()
    return found
