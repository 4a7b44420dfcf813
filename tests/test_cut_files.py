"""Cuts as editors' files: what is read from them, and what is refused with its line and field."""

from __future__ import annotations

import json
from contextlib import suppress
from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.core.cut import READERS, read_cut
from generation.core.cut.event import Event, Frames, Moment, NoSuchMoment, Timecode, UnreadableCut, parse_event
from generation.core.cut.matching import CutShot, match_all
from tests.world import new_id

FILM = Fraction(24000, 1001)
EDL = b"""TITLE: THE RIDGE
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:00 00:00:01:12 01:00:00:00 01:00:01:12
* FROM CLIP NAME: R1_010.mp4
* SOURCE FILE: somewhere.mp4
M2   AX       024.0                00:00:00:00
002  R1_020   B     C        00:00:00:06 00:00:01:00 01:00:01:12 01:00:02:06
003  BL       V     C        00:00:00:00 00:00:01:00 01:00:02:06 01:00:03:06
004  AX       V     C        00:00:01:00 00:00:01:00 01:00:03:06 01:00:03:06
004  AX       V     D    012 00:00:00:00 00:00:01:00 01:00:03:06 01:00:04:06
* FROM CLIP NAME: R1_010_t2
* TO CLIP NAME: R1_030 TAKE 3
005  AX       A     C        00:00:00:00 00:00:01:00 01:00:04:06 01:00:05:06
* FROM CLIP NAME: WIND.WAV
"""


def shot(code: str, take: int = 1, *, state: str = "released", sha256: str | None = None, frames: int = 48) -> CutShot:
    return CutShot(id=new_id(), shot_code=code, take=take, state=state, output_sha256=sha256, fps=FILM, frames=frames)


def refused(data: bytes, format_: str) -> UnreadableCut:
    with pytest.raises(UnreadableCut) as caught:
        read_cut(data, format_)
    return caught.value


def test_an_edl_gives_its_clips_and_leaves_black_out() -> None:
    cut = read_cut(EDL, "edl")
    assert cut.title == "THE RIDGE"
    assert [(event.place, event.kind, event.names[0]) for event in cut.events] == [
        ("line 4", "picture", "R1_010.mp4"),
        ("line 8", "picture", "R1_020"),
        ("line 10", "picture", "R1_010_t2"),
        ("line 11", "picture", "R1_030 TAKE 3"),
        ("line 14", "sound", "WIND.WAV"),
    ]
    assert cut.events[0].names == ("R1_010.mp4", "somewhere.mp4")
    assert (cut.events[2].start, cut.events[2].end) == (
        Timecode(hours=0, minutes=0, seconds=1, frames=0, drop=False),
        None,
    )


def test_every_kind_of_name_finds_its_shot_and_what_is_unsure_is_a_gap() -> None:
    plain, second, third = shot("R1_010", 1, state="aborted"), shot("R1_010", 2), shot("R1_030", 3)
    queued, twice, again = shot("R1_040", state="running"), shot("R1_050"), shot("R1_050", 2)
    known = shot("R1_020", sha256="a" * 64)
    shots = [plain, second, third, queued, twice, again, known]

    def found(*names: str, **fields: Any) -> tuple[str | None, str | None]:
        (one,) = match_all([Event(place="line 1", kind="picture", names=names, **fields)], shots)
        return one.shot, one.gap

    assert found("R1_010.mp4") == (second.id, None)
    assert found("r1_030_v003.MOV") == (third.id, None)
    assert found("R1_030 TAKE 3") == (third.id, None)
    assert found(f"{known.id}.mp4") == (known.id, None)
    assert found("a" * 64) == (known.id, None)
    assert found("ridge.mp4", "R1_020.mp4") == (known.id, None)
    assert found(sha256="a" * 64) == (known.id, None)
    assert found(shot_code="R1_050", take=2) == (again.id, None)
    assert found("R1_050.mp4") == (None, "take_ambiguous")
    assert found("R1_040") == (None, "not_released")
    assert found("R1_010_t1") == (None, "not_released")
    assert found("R1_030_t9") == (None, "unmatched")
    assert found("R1_0300") == (None, "unmatched")
    assert found("WIND.WAV") == (None, "unmatched")
    assert found(sha256="b" * 64) == (None, "unmatched")


def test_frames_beyond_the_shot_and_times_that_do_not_exist_are_gaps() -> None:
    known = shot("R1_010")

    def found(start: Any, end: Any) -> tuple[Any, str | None]:
        event = Event(place="line 1", kind="picture", names=(), shot_code="R1_010", start=start, end=end)
        (one,) = match_all([event], [known])
        return one.frames, one.gap

    def code(seconds: int, frames: int, *, drop: bool = False) -> Timecode:
        return Timecode(hours=0, minutes=0, seconds=seconds, frames=frames, drop=drop)

    assert found(None, None) == ((0, 48), None)
    assert found(Frames(count=6), Frames(count=48)) == ((6, 48), None)
    assert found(code(1, 0), code(2, 0)) == ((24, 48), None)
    assert found(code(1, 0), code(2, 1)) == ((24, 49), "range_beyond_shot")
    assert found(code(1, 0), code(1, 24)) == (None, "range_unreadable")
    assert found(code(1, 0), code(1, 12, drop=True)) == (None, "range_unreadable")
    half = Moment(value=Fraction(12), rate=Fraction(12))
    assert found(half, Moment(value=Fraction(24), rate=Fraction(2398, 100)))[0] == (23, 24)


@pytest.mark.parametrize(
    ("timecode", "frame"),
    [("00:00:59;29", 1799), ("00:01:00;02", 1800), ("00:10:00;00", 17982), ("01:00:00;00", 107892)],
)
def test_drop_frame_counts_as_smpte_does(timecode: str, frame: int) -> None:
    read = parse_event(_event(timecode)).start
    assert read is not None
    assert read.at(Fraction(30000, 1001)) == frame


def test_a_number_that_drop_frame_leaves_out_does_not_exist() -> None:
    read = parse_event(_event("00:01:00;00")).start
    assert read is not None
    with pytest.raises(NoSuchMoment):
        read.at(Fraction(30000, 1001))


def _event(timecode: str) -> dict[str, Any]:
    return Event(place="x", kind="picture", names=()).format() | {"in": {"timecode": timecode}}


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (b"001 AX V C 00:00:00:00 00:00:01:00 01:00:00:00", "line 2"),
        (b"001 AX V X 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00", "line 2, transition"),
        (b"001 AX V D xx 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00", "line 2, length"),
        (b"001 AX V C 00:00:00:00 0:00:01:00 01:00:00:00 01:00:01:00", "line 2, source out"),
        (b"001 AX V C 00:00:02:00 00:00:01:00 01:00:00:00 01:00:01:00", "line 2, source out"),
        (b"\xff", "line 2"),
        (b"", "file"),
    ],
)
def test_a_broken_edl_names_its_line_and_column(line: bytes, place: str) -> None:
    assert refused(b"TITLE: X\n" + line + b"\n", "edl").field == place


def test_a_table_gives_codes_takes_and_frames_whatever_its_delimiter() -> None:
    for mark in ",;\t":
        text = "\ufeffshot_code,take,in,out\r\nR1_010,2,0,36\r\n\r\nR1_020,,00:00:01:00,\r\n".replace(",", mark)
        first, second = read_cut(text.encode(), "csv").events
        assert (first.shot_code, first.take, first.start, first.end) == ("R1_010", 2, Frames(count=0), Frames(count=36))
        assert (second.place, second.take, second.end) == ("line 4", None, None)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("shot,in,out\nR1_010,0,36\n", "line 1"),
        ("in,out\n0,36\n", "line 1"),
        ("shot_code,in,in\nR1_010,0,36\n", "line 1"),
        ("shot_code,in,out\nR1_010,0.5,36\n", "line 2, in"),
        ("shot_code,in,out\nR1_010,36,36\n", "line 2, out"),
        ("shot_code,take\nR1_010,two\n", "line 2, take"),
        ("shot_code,in\n,0\n", "line 2, shot_code"),
        ("shot_code,sha256\nR1_010,ABC\n", "line 2, sha256"),
        ("shot_code\nR1_010,0\n", "line 2"),
        ('shot_code\n"R1_010\n', "line 2"),
        ("shot_code\n", "file"),
    ],
)
def test_a_broken_table_names_its_line_and_column(text: str, place: str) -> None:
    assert refused(text.encode(), "csv").field == place


def timeline() -> Any:
    """A timeline as the reference library writes it: two tracks, a gap, a transition, a nested stack, a black."""
    rate = 24000 / 1001
    found = otio.schema.Timeline(name="The Ridge")
    picture = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    picture.append(clip("R1_010.mp4", 86400 + 6, 24, rate, begins=86400))
    picture.append(otio.schema.Transition(in_offset=time(6, rate), out_offset=time(6, rate)))
    picture.append(otio.schema.Gap(source_range=otio.opentime.TimeRange(time(0, rate), time(12, rate))))
    inner = otio.schema.Stack(name="comp")
    own = clip("plate", 0, 12, rate)
    own.metadata["proviso"] = {"shot_code": "R1_020", "take": 2}
    inner.append(own)
    picture.append(inner)
    black = otio.schema.Clip(name="black", media_reference=otio.schema.GeneratorReference(generator_kind="black"))
    black.source_range = otio.opentime.TimeRange(time(0, rate), time(12, rate))
    picture.append(black)
    off = clip("R1_030", 0, 12, rate)
    off.enabled = False
    picture.append(off)
    sound = otio.schema.Track(name="A1", kind=otio.schema.TrackKind.Audio)
    sound.append(otio.schema.Clip(name="wind"))
    found.tracks.extend([picture, sound])
    return found


def time(value: float, rate: float) -> Any:
    return otio.opentime.RationalTime(value, rate)


def clip(name: str, start: float, length: float, rate: float, *, begins: float | None = None) -> Any:
    media = otio.schema.ExternalReference(target_url=f"file:///media/{name}")
    if begins is not None:
        media.available_range = otio.opentime.TimeRange(time(begins, rate), time(48, rate))
    taken = otio.opentime.TimeRange(time(start, rate), time(length, rate))
    return otio.schema.Clip(name=name, media_reference=media, source_range=taken)


def test_a_timeline_of_the_reference_library_gives_its_clips() -> None:
    cut = read_cut(timeline().to_json_string().encode(), "otio")
    assert cut.title == "The Ridge"
    assert [(event.kind, event.names, event.shot_code, event.take) for event in cut.events] == [
        ("picture", ("R1_010.mp4",), None, None),
        ("picture", ("plate",), "R1_020", 2),
        ("sound", ("wind",), None, None),
    ]
    assert cut.events[0].place == "tracks.children[0].children[0]"
    (first, *_) = match_all(cut.events, [shot("R1_010")])
    assert (first.frames, first.gap) == ((6, 30), None)


def test_older_timelines_and_what_nobody_knows_are_read_too() -> None:
    older = otio.adapters.write_to_string(timeline(), "otio_json", target_schema_versions={"Clip": 1})
    assert next(event.names for event in read_cut(older.encode(), "otio").events) == ("R1_010.mp4",)
    strange = json.loads(timeline().to_json_string())
    strange["tracks"]["children"][1]["children"][0]["OTIO_SCHEMA"] = "Hologram.7"
    assert read_cut(json.dumps(strange).encode(), "otio").events[-1].names == ("wind",)


def _spoiled(change: str, value: Any) -> bytes:
    found = json.loads(timeline().to_json_string())
    held = found["tracks"]["children"][0]["children"][0]
    *path, last = change.split(".")
    for name in path:
        held = held[name]
    held[last] = value
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("change", "value", "place"),
    [
        ("source_range.duration.rate", 0, "source_range.duration"),
        ("source_range.duration.rate", float("nan"), None),
        ("source_range.start_time.value", "6", "source_range.start_time.value"),
        ("source_range.start_time.value", 1e300, "source_range.start_time"),
        ("source_range", [1, 2], "source_range"),
        ("metadata.proviso", {"take": 0}, "metadata.proviso.take"),
    ],
)
def test_a_broken_timeline_names_its_place(change: str, value: Any, place: str | None) -> None:
    wanted = "file" if place is None else f"tracks.children[0].children[0].{place}"
    assert refused(_spoiled(change, value), "otio").field == wanted


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"[]", "file"),
        (b"{", "line 1"),
        (b'{"OTIO_SCHEMA":"Timeline.1","tracks":null}', "tracks"),
        (b'{"OTIO_SCHEMA":"Stack.1","children":{}}', "children"),
        (b'{"OTIO_SCHEMA":"Marker.2"}', "file"),
        (b"[" * 100_000, "file"),
        (b'{"OTIO_SCHEMA":"Stack.1","children":[' * 60 + b"]}" * 60, "file"),
    ],
)
def test_what_is_no_timeline_is_refused(data: bytes, place: str) -> None:
    assert refused(data, "otio").field == place


@given(st.binary(max_size=400), st.sampled_from(sorted(READERS)))
def test_no_bytes_do_anything_but_give_a_cut_or_one_problem(data: bytes, format_: str) -> None:
    with suppress(UnreadableCut):
        assert read_cut(data, format_).events


@pytest.mark.parametrize("format_", ["edl", "csv", "otio"])
def test_an_event_is_read_back_as_it_was_written(format_: str) -> None:
    table = b"shot_code,take,in,out\nR1_010,2,0,36\n"
    data = {"edl": EDL, "csv": table, "otio": timeline().to_json_string().encode()}[format_]
    for event in read_cut(data, format_).events:
        assert parse_event(json.loads(json.dumps(event.format()))) == event
