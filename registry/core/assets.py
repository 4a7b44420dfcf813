"""
What the registry is told of media files: what they are, what is in them, who is in them.

Bodies of ``docs/formats.md`` section 3, as values. Frames are numbered from 0, spans are half-open. Parties, keys,
projects and works are in ``registry.core.record``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_int, read_list, read_str
from registry.core.jcs import Json
from registry.core.record import read_fraction, sorted_list
from registry.core.terms import ASPECTS, ASSET_ASPECTS, PERFORMER_ASPECTS

ASSET_KINDS = (
    "footage",
    "still",
    "voice",
    "music",
    "motion",
    "scan",
    "replica",
    "script",
    "style",
    "mask",
    "artwork",
)
CONTENTS = ("people", "music", "artworks", "marks", "locations")
CONTENT_STATES = ("none", "listed", "unknown")
MAX_SPANS = 1_000  # separate stretches of one appearance; an episode has a few hundred shots
MAX_FRAME = 100_000_000  # a frame number; 24 h at 1,000 frames a second is 86,400,000

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Technical metadata as the registry itself reads it from the bytes."""

    container: str
    mime: str
    aspects: tuple[str, ...]
    width: int | None  # pixels
    height: int | None  # pixels
    alpha: bool
    frames: int | None
    fps: tuple[int, int] | None  # frames a second, as a fraction
    duration_ms: int | None
    sample_rate: int | None  # Hz
    channels: int | None

    def format(self) -> dict[str, Json]:
        """Return the JSON of the body's ``media``."""
        return {
            "container": self.container,
            "mime": self.mime,
            "aspects": list(self.aspects),
            "width": self.width,
            "height": self.height,
            "alpha": self.alpha,
            "frames": self.frames,
            "fps": None if self.fps is None else list(self.fps),
            "duration_ms": self.duration_ms,
            "sample_rate": self.sample_rate,
            "channels": self.channels,
        }


Inventory = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    asset: str
    kind: str
    title: str
    sha256: str
    size: int  # bytes
    media: Media
    inventory: Inventory
    work: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryDeclared:
    asset: str
    inventory: Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    asset: str
    performer: str
    aspects: int  # mask of performer aspects
    spans: tuple[Span, ...] | None  # frames, half-open; None is the whole asset
    recognisable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppearanceClaimed:
    asset: str
    performer: str
    aspects: int
    spans: tuple[Span, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    asset: str
    component: str
    aspects: int  # mask of asset aspects
    spans: tuple[Span, ...] | None


def parse_media(media: Reader) -> Media:
    """Read an asset's technical metadata; units as in ``Media``."""
    aspects = sorted_list(media, "aspects", read_str)
    if ASPECTS.mask(aspects, media.at("aspects")) & ~ASSET_ASPECTS or not aspects:
        raise Malformed("bad_value", field=media.at("aspects"), wanted=" | ".join(ASPECTS.names(ASSET_ASPECTS)))
    fps = media.opt_raw("fps")
    record = Media(
        container=media.str("container", max_chars=40),
        mime=media.str("mime", max_chars=80),
        aspects=aspects,
        width=media.opt_int("width", 1),
        height=media.opt_int("height", 1),
        alpha=media.bool("alpha"),
        frames=media.opt_int("frames", 1, MAX_FRAME),
        fps=None if fps is None else read_fraction(fps, media.at("fps"), maximum=1_000_000),
        duration_ms=media.opt_int("duration_ms"),
        sample_rate=media.opt_int("sample_rate", 1),
        channels=media.opt_int("channels", 1),
    )
    media.finish()
    return record


def parse_asset(body: Reader) -> Asset:
    return Asset(
        asset=body.uuid("asset"),
        kind=body.choice("kind", ASSET_KINDS),
        title=body.str("title"),
        sha256=body.digest("sha256"),
        size=body.int("size", 1),
        media=parse_media(body.object("media")),
        inventory=_inventory(body.object("inventory")),
        work=body.opt_uuid("work"),
    )


def parse_inventory(body: Reader) -> InventoryDeclared:
    return InventoryDeclared(asset=body.uuid("asset"), inventory=_inventory(body.object("inventory")))


def parse_appearance(body: Reader) -> Appearance:
    return Appearance(
        asset=body.uuid("asset"),
        performer=body.uuid("performer"),
        aspects=read_aspects(body, PERFORMER_ASPECTS),
        spans=read_spans(body),
        recognisable=body.bool("recognisable"),
    )


def parse_appearance_claimed(body: Reader) -> AppearanceClaimed:
    return AppearanceClaimed(
        asset=body.uuid("asset"),
        performer=body.uuid("performer"),
        aspects=read_aspects(body, PERFORMER_ASPECTS),
        spans=read_spans(body),
    )


def parse_component(body: Reader) -> Component:
    return Component(
        asset=body.uuid("asset"),
        component=body.uuid("component"),
        aspects=read_aspects(body, ASSET_ASPECTS),
        spans=read_spans(body),
    )


def spans_meet(one: tuple[Span, ...] | None, other: tuple[Span, ...] | None) -> bool:
    """Say whether two sets of frames share one; None is all frames."""
    if one is None or other is None:
        return True
    return any(a < d and c < b for a, b in one for c, d in other)


def _inventory(held: Reader) -> Inventory:
    inventory = MappingProxyType({name: held.choice(name, CONTENT_STATES) for name in CONTENTS})
    held.finish()
    return inventory


def read_aspects(body: Reader, allowed: int) -> int:
    names = sorted_list(body, "aspects", read_str)
    mask = ASPECTS.mask(names, body.at("aspects"))
    if not mask or mask & ~allowed:
        raise Malformed("bad_value", field=body.at("aspects"), wanted=" | ".join(ASPECTS.names(allowed)))
    return mask


def _span(value: object, path: str) -> Span:
    pair = read_list(value, path, lambda item, where: read_int(item, where, maximum=MAX_FRAME))
    if len(pair) != 2 or pair[0] >= pair[1]:
        raise Malformed("bad_value", field=path, wanted="[first frame, frame after the last]")
    return pair[0], pair[1]


def read_spans(body: Reader) -> tuple[Span, ...] | None:
    if body.opt_raw("spans") is None:
        return None
    spans = body.list_of("spans", _span, min_items=1, max_items=MAX_SPANS)
    if any(before[1] >= after[0] for before, after in pairwise(spans)):
        raise Malformed("not_sorted", field=body.at("spans"), wanted="separate stretches in order")
    return spans


MediaRecord = Asset | InventoryDeclared | Appearance | AppearanceClaimed | Component

PARSERS: Mapping[str, Callable[[Reader], MediaRecord]] = MappingProxyType(
    {
        "asset.registered": parse_asset,
        "inventory.declared": parse_inventory,
        "appearance.recorded": parse_appearance,
        "appearance.claimed": parse_appearance_claimed,
        "component.recorded": parse_component,
    }
)
