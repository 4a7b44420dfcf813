"""
Find the shots that a cut shows.

An event is a shot by the SHA-256 of its file, by its id (the name under which its file was handed out), or by its code
and take. A name carries a code alone or with a take behind it: `R1_010.mp4`, `R1_010_t2`, `R1_010 take 2`. Where
several released takes bear the code and nothing says which, the event is a gap: nobody guesses whose papers count.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from generation.core.cut.event import Event, NoSuchMoment
from registry.core.jcs import Json

Gap = Literal["unmatched", "not_released", "take_ambiguous", "range_beyond_shot", "range_unreadable"]

RELEASED: Final = frozenset({"released", "withdrawn"})  # states with papers; the report says which of the two
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TAKE = re.compile(r"[\s_.\-]*(?:take|tk|t|v)?[\s_.\-]*0*([0-9]{1,6})")
_SUFFIX = re.compile(r"\.[a-z0-9]{2,4}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CutShot:
    """What matching needs to know of a shot."""

    id: str
    shot_code: str
    take: int
    state: str
    output_sha256: str | None
    fps: Fraction
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """An event, the shot it is, and the frames it takes; or why it has no papers."""

    event: Event
    shot: str | None  # id
    frames: tuple[int, int] | None  # [first, after the last)
    gap: Gap | None

    def format(self) -> dict[str, Json]:
        frames: Json = None if self.frames is None else list(self.frames)
        return {"event": self.event.format(), "shot": self.shot, "frames": frames, "gap": self.gap}


class Shots:
    """The shots of a project, found by whatever a cut may call them."""

    def __init__(self, shots: Iterable[CutShot]) -> None:
        self._by_id: dict[str, CutShot] = {}
        self._by_sha256: dict[str, CutShot] = {}
        self._by_code: dict[str, list[CutShot]] = {}
        for shot in shots:
            self._by_id[shot.id] = shot
            self._by_code.setdefault(shot.shot_code.casefold(), []).append(shot)
            if shot.output_sha256 is not None:
                self._by_sha256[shot.output_sha256] = shot
        self._codes = sorted(self._by_code, key=lambda code: (-len(code), code))  # the longest first

    def match(self, event: Event) -> Matched:
        """Return the shot of an event, or why it is a gap."""
        found, gap = self._find(event)
        if found is None:
            return Matched(event=event, shot=None, frames=None, gap=gap)
        frames, gap = _frames(event, found)
        return Matched(event=event, shot=found.id, frames=frames, gap=gap)

    def _find(self, event: Event) -> tuple[CutShot | None, Gap | None]:
        if event.sha256 is not None:
            held = self._by_sha256.get(event.sha256)
            return _with_papers([] if held is None else [held])
        if event.shot_code is not None:
            return self._coded(event.shot_code.casefold(), event.take)
        for name in event.names:
            found, gap = self._named(name.casefold())
            if found is not None or gap != "unmatched":
                return found, gap
        return None, "unmatched"

    def _named(self, name: str) -> tuple[CutShot | None, Gap | None]:
        for pattern, held in ((_DIGEST, self._by_sha256), (_ID, self._by_id)):
            if (sure := pattern.search(name)) and sure[0] in held:
                return _with_papers([held[sure[0]]])
        stem = _SUFFIX.sub("", name)
        for code in self._codes:
            if stem == code:
                return self._coded(code, None)
            if stem.startswith(code) and (take := _TAKE.fullmatch(stem[len(code) :])):
                return self._coded(code, int(take[1]))
        return None, "unmatched"

    def _coded(self, code: str, take: int | None) -> tuple[CutShot | None, Gap | None]:
        held = self._by_code.get(code, [])
        return _with_papers([shot for shot in held if take is None or shot.take == take])


def match_all(events: Sequence[Event], shots: Iterable[CutShot]) -> list[Matched]:
    """Match every event, in order."""
    known = Shots(shots)
    return [known.match(event) for event in events]


def _with_papers(shots: Sequence[CutShot]) -> tuple[CutShot | None, Gap | None]:
    released = [shot for shot in shots if shot.state in RELEASED]
    if len(released) == 1:
        return released[0], None
    if released:
        return None, "take_ambiguous"
    return None, "not_released" if shots else "unmatched"


def _frames(event: Event, shot: CutShot) -> tuple[tuple[int, int] | None, Gap | None]:
    try:
        first = 0 if event.start is None else event.start.at(shot.fps)
        after = shot.frames if event.end is None else event.end.at(shot.fps)
    except NoSuchMoment:
        return None, "range_unreadable"
    if first >= after or after > shot.frames:
        return (first, after), "range_beyond_shot"
    return (first, after), None
