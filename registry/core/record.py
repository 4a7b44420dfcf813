"""
What the registry's own statements say: parties, keys, projects, works, assets and who is in them.

A record is the value of one body (``docs/formats.md`` section 3). ``PARSERS`` maps a statement's type to the function
that reads its body; each reads a closed object and refuses whatever it does not know. Nothing here looks at signatures
or at other statements. Titles and licences are in ``registry.core.rights``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import gcd
from types import MappingProxyType
from typing import Literal

from registry.core.envelope import PublicKey
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_int, read_list, read_str, read_uuid, require_sorted
from registry.core.jcs import Json
from registry.core.terms import ASPECTS, ASSET_ASPECTS, PERFORMER_ASPECTS, TERRITORIES

PARTY_KINDS = ("person", "organisation")
PROJECT_KINDS = ("franchise", "series", "season", "episode", "film")
WORK_KINDS = ("film", "series", "composition", "artwork", "script", "other")
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
LANGUAGES_SHOWN = ("en", "fr")
VOUCH_LEVELS = ("email", "document", "in_person")
CONTENTS = ("people", "music", "artworks", "marks", "locations")
CONTENT_STATES = ("none", "listed", "unknown")
MAX_SPANS = 1_000  # separate stretches of one appearance; an episode has a few hundred shots
MAX_FRAME = 100_000_000  # a frame number; 24 h at 1,000 frames a second is 86,400,000

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What stood before the signer's eyes, and the digest of what stays private."""

    text_sha256: str
    language: str
    private_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    party: str
    kind: str
    name: str
    identifiers: Mapping[str, str]
    affiliates: frozenset[str]
    born: date | None
    domicile: str | None
    unions: tuple[str, ...]
    key: PublicKey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouch:
    party: str
    level: str
    checked_on: date
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAdded:
    party: str
    key: PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked:
    party: str
    keyid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    project: str
    title: str
    kind: str
    producer: str
    agreement: str | None
    signatory: str | None
    governing_law: str | None
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    work: str
    title: str
    kind: str
    identifiers: Mapping[str, str]


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


def read_shown(body: Reader) -> Shown:
    """Take the three fields that every body signed by a party carries."""
    return Shown(
        text_sha256=body.digest("text_sha256"),
        language=body.choice("language", LANGUAGES_SHOWN),
        private_sha256=body.opt_digest("private_sha256"),
    )


def parse_party(body: Reader) -> Party:
    key = body.opt_object("key")
    domicile = body.opt_str("domicile")
    if domicile is not None:
        TERRITORIES.mask([domicile], body.at("domicile"))
    return Party(
        party=body.uuid("party"),
        kind=body.choice("kind", PARTY_KINDS),
        name=body.str("name", max_chars=200),
        identifiers=_identifiers(body, ("isni", "ipi", "eidr", "hand")),
        affiliates=frozenset(_sorted_list(body, "affiliates", read_uuid)),
        born=_opt_date(body, "born"),
        domicile=domicile,
        unions=_sorted_list(body, "unions", read_str),
        key=None if key is None else _key(body, "key"),
    )


def parse_vouch(body: Reader) -> Vouch:
    return Vouch(
        party=body.uuid("party"),
        level=body.choice("level", VOUCH_LEVELS),
        checked_on=read_date(body.raw("checked_on"), body.at("checked_on")),
        method=body.str("method", max_chars=200),
    )


def parse_key_added(body: Reader) -> KeyAdded:
    return KeyAdded(party=body.uuid("party"), key=_key(body, "key"))


def parse_key_revoked(body: Reader) -> KeyRevoked:
    return KeyRevoked(party=body.uuid("party"), keyid=body.digest("keyid"))


def parse_project(body: Reader) -> Project:
    return Project(
        project=body.uuid("project"),
        title=body.str("title"),
        kind=body.choice("kind", PROJECT_KINDS),
        producer=body.uuid("producer"),
        agreement=body.opt_str("agreement"),
        signatory=body.opt_str("signatory"),
        governing_law=body.opt_str("governing_law"),
        parent=body.opt_uuid("parent"),
    )


def parse_work(body: Reader) -> Work:
    return Work(
        work=body.uuid("work"),
        title=body.str("title"),
        kind=body.choice("kind", WORK_KINDS),
        identifiers=_identifiers(body, ("eidr", "isan", "iswc")),
    )


def parse_media(media: Reader) -> Media:
    """Read an asset's technical metadata; units as in ``Media``."""
    aspects = _sorted_list(media, "aspects", read_str)
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
        aspects=_aspects(body, PERFORMER_ASPECTS),
        spans=_spans(body),
        recognisable=body.bool("recognisable"),
    )


def parse_appearance_claimed(body: Reader) -> AppearanceClaimed:
    return AppearanceClaimed(
        asset=body.uuid("asset"),
        performer=body.uuid("performer"),
        aspects=_aspects(body, PERFORMER_ASPECTS),
        spans=_spans(body),
    )


def parse_component(body: Reader) -> Component:
    return Component(
        asset=body.uuid("asset"),
        component=body.uuid("component"),
        aspects=_aspects(body, ASSET_ASPECTS),
        spans=_spans(body),
    )


def read_date(value: object, path: str) -> date:
    """Check one calendar day, `YYYY-MM-DD`."""
    text = read_str(value, path, max_chars=10)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Malformed("bad_time", field=path, value=text, wanted="a date of the form 2027-01-31") from error
    if day.isoformat() != text:
        raise Malformed("bad_time", field=path, value=text, wanted="a date of the form 2027-01-31")
    return day


def read_fraction(value: object, path: str, *, maximum: int) -> tuple[int, int]:
    """Check a positive fraction `[n, d]` in lowest terms."""
    numbers = read_list(value, path, lambda item, where: read_int(item, where, minimum=1, maximum=maximum))
    if len(numbers) != 2 or gcd(*numbers) != 1:
        raise Malformed("bad_value", field=path, wanted="two whole numbers in lowest terms")
    return numbers[0], numbers[1]


def _key(body: Reader, name: str) -> PublicKey:
    return PublicKey.parse(body.raw(name), body.at(name))


def _opt_date(body: Reader, name: str) -> date | None:
    value = body.opt_raw(name)
    return None if value is None else read_date(value, body.at(name))


def _identifiers(body: Reader, schemes: tuple[str, ...]) -> Mapping[str, str]:
    held = body.object("identifiers")
    found = {scheme: held.opt_str(scheme, max_chars=80) for scheme in schemes}
    held.finish()
    return MappingProxyType({scheme: text for scheme, text in found.items() if text is not None})


def _inventory(held: Reader) -> Inventory:
    inventory = MappingProxyType({name: held.choice(name, CONTENT_STATES) for name in CONTENTS})
    held.finish()
    return inventory


def _sorted_list(body: Reader, name: str, read: Callable[[object, str], str]) -> tuple[str, ...]:
    items = body.list_of(name, read)
    require_sorted(items, body.at(name))
    return items


def _aspects(body: Reader, allowed: int) -> int:
    names = _sorted_list(body, "aspects", read_str)
    mask = ASPECTS.mask(names, body.at("aspects"))
    if not mask or mask & ~allowed:
        raise Malformed("bad_value", field=body.at("aspects"), wanted=" | ".join(ASPECTS.names(allowed)))
    return mask


def _span(value: object, path: str) -> Span:
    pair = read_list(value, path, lambda item, where: read_int(item, where, maximum=MAX_FRAME))
    if len(pair) != 2 or pair[0] >= pair[1]:
        raise Malformed("bad_value", field=path, wanted="[first frame, frame after the last]")
    return pair[0], pair[1]


def _spans(body: Reader) -> tuple[Span, ...] | None:
    if body.opt_raw("spans") is None:
        return None
    spans = body.list_of("spans", _span, min_items=1, max_items=MAX_SPANS)
    if any(before[1] >= after[0] for before, after in pairwise(spans)):
        raise Malformed("not_sorted", field=body.at("spans"), wanted="separate stretches in order")
    return spans


def spans_meet(one: tuple[Span, ...] | None, other: tuple[Span, ...] | None) -> bool:
    """Say whether two sets of frames share one; None is all frames."""
    if one is None or other is None:
        return True
    return any(a < d and c < b for a, b in one for c, d in other)


RegistryRecord = (
    Party
    | Vouch
    | KeyAdded
    | KeyRevoked
    | Project
    | Work
    | Asset
    | InventoryDeclared
    | Appearance
    | AppearanceClaimed
    | Component
)

PARSERS: Mapping[str, Callable[[Reader], RegistryRecord]] = MappingProxyType(
    {
        "party.registered": parse_party,
        "identity.vouched": parse_vouch,
        "key.added": parse_key_added,
        "key.revoked": parse_key_revoked,
        "project.registered": parse_project,
        "work.registered": parse_work,
        "asset.registered": parse_asset,
        "inventory.declared": parse_inventory,
        "appearance.recorded": parse_appearance,
        "appearance.claimed": parse_appearance_claimed,
        "component.recorded": parse_component,
    }
)

Effect = Literal["widens", "narrows", "records"]
