"""
OpenTimelineIO: the JSON of a timeline, walked down to its clips.

Schemas read: `Timeline`, `SerializableCollection`, `Stack`, `Track`, `Clip` (versions 1 and 2), `Gap`, `Transition`. A
disabled item is not in the film. Anything else that stands where a clip may stand is an event without a match, so that
it is seen. A clip is known by `metadata.proviso` (`sha256 shot_code take`), by its name and by its file's name.

`source_range` counts in the media's own time, which begins where `available_range` says.
"""

import json
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, NoReturn

from generation.core.cut.event import CutFile, Event, Moment, UnreadableCut, clean_name, closed, decoded
from registry.core.errors import DomainError
from registry.core.fields import Reader

_INSIDE: Final = frozenset({"Stack", "Track", "SerializableCollection"})
_NOTHING: Final = frozenset({"Gap", "Transition"})
_BLACK: Final = frozenset({"black", "slug"})  # what a generator shows that needs no papers
MAX_RATE: Final = 1_000  # frames a second
MAX_PATH: Final = 300  # characters; each level of nesting takes some fifteen
MAX_VALUE: Final = 1 << 40  # frames


def read_otio(data: bytes) -> CutFile:
    """Read a timeline; raises ``UnreadableCut`` with the path of the field."""
    try:
        root = json.loads(decoded(data), parse_constant=_refuse)
        return closed(clean_name(_object(root, "file").get("name")), list(_walk(root, "", "picture")))
    except json.JSONDecodeError as error:
        raise UnreadableCut(place=f"line {error.lineno}", problem=f"not JSON ({error.msg})") from error
    except (RecursionError, ValueError) as error:
        raise UnreadableCut(place="file", problem="nested too deeply, or a number too long") from error


def _walk(item: Any, path: str, kind: str) -> Iterator[Event]:
    if len(path) > MAX_PATH:
        raise UnreadableCut(place="file", problem="nested too deeply")
    held = _object(item, path or "file")
    schema = str(held.get("OTIO_SCHEMA", "")).partition(".")[0]
    if held.get("enabled") is False or schema in _NOTHING:
        return
    if schema == "Timeline":
        yield from _walk(held.get("tracks"), _at(path, "tracks"), kind)
    elif schema in _INSIDE:
        if schema == "Track":
            kind = "sound" if held.get("kind") == "Audio" else "picture"
        children = held.get("children")
        if not isinstance(children, list):
            raise UnreadableCut(place=_at(path, "children"), problem="not a list")
        for number, child in enumerate(children):
            yield from _walk(child, f"{_at(path, 'children')}[{number}]", kind)
    elif schema == "Clip":
        yield from _clip(held, path, kind)
    elif not path:
        raise UnreadableCut(place="file", problem="not an OpenTimelineIO timeline", value=schema or None)
    else:
        yield Event(place=path, kind=kind, names=tuple(filter(None, [clean_name(held.get("name"))])))


def _clip(clip: Mapping[str, Any], path: str, kind: str) -> Iterator[Event]:
    media = _media(clip)
    if str(media.get("generator_kind", "")).casefold() in _BLACK:
        return
    source, available = clip.get("source_range"), media.get("available_range")
    start = end = None
    if source is not None:
        first, length = _range(source, _at(path, "source_range"))
        begins = Fraction(0) if available is None else _begin(available, first.rate, path)
        start = Moment(value=max(first.value - begins, Fraction(0)), rate=first.rate)
        end = Moment(value=Fraction(math.ceil(start.value + length.value * first.rate / length.rate)), rate=first.rate)
    own = _own(clip, path)
    yield Event(place=path or "file", kind=kind, names=_names(clip, media), start=start, end=end, **own)


def _media(clip: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the media that a clip shows: its only one, or the one whose key is active."""
    several = clip.get("media_references")
    found = clip.get("media_reference")
    if isinstance(several, dict):
        found = several.get(str(clip.get("active_media_reference_key", "DEFAULT_MEDIA")))
    return found if isinstance(found, dict) else {}


def _names(clip: Mapping[str, Any], media: Mapping[str, Any]) -> tuple[str, ...]:
    url = media.get("target_url")
    file = url.replace("\\", "/").rsplit("/", 1)[-1] if isinstance(url, str) else None
    found = [clean_name(name) for name in (clip.get("name"), file, media.get("name"))]
    return tuple(dict.fromkeys(name for name in found if name is not None))


def _own(clip: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Read what we ourselves may have written into a clip."""
    metadata = clip.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("proviso"), dict):
        return {}
    body = Reader(metadata["proviso"], _at(path, "metadata.proviso"))
    try:
        return {
            "sha256": body.opt_digest("sha256"),
            "shot_code": body.opt_str("shot_code", max_chars=80),
            "take": body.opt_int("take", 1),
        }
    except DomainError as error:
        raise UnreadableCut(place=error.field or body.path, problem=str(error)) from error


def _begin(available: Any, rate: Fraction, path: str) -> Fraction:
    begins, _ = _range(available, _at(path, "media_reference.available_range"))
    return begins.value * rate / begins.rate


def _range(value: Any, path: str) -> tuple[Moment, Moment]:
    held = _object(value, path)
    return _time(held.get("start_time"), _at(path, "start_time")), _time(held.get("duration"), _at(path, "duration"))


def _time(value: Any, path: str) -> Moment:
    held = _object(value, path)
    count, rate = _number(held, "value", path), _number(held, "rate", path)
    if not 0 < rate <= MAX_RATE or abs(count) > MAX_VALUE:
        raise UnreadableCut(place=path, problem="not a time", value=f"{held.get('value')} at {held.get('rate')}")
    return Moment(value=count, rate=rate)


def _number(held: Mapping[str, Any], name: str, path: str) -> Fraction:
    value = held.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UnreadableCut(place=_at(path, name), problem="not a number", value=value)
    return Fraction(value).limit_denominator(1_001_000)


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableCut(place=path, problem="not an object")
    return value


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
