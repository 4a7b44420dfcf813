"""
What somebody wants to do, as the decision sees it.

A ``Request`` is the salted JSON of ``docs/formats.md`` section 5: the server builds it from a shot request or a
training manifest, and its hash stands in the log. ``ROLES`` is the design's table of what each role of a reference
takes. Nothing here knows who granted what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consent.core.record import REPLICA_USES, Dialogue, read_dialogue
from registry.core.box import read_window
from registry.core.envelope import canonical, sha256_hex
from registry.core.errors import EmptyDimension, Malformed
from registry.core.fields import Reader, read_digest, read_int, read_str, read_uuid, require_sorted
from registry.core.jcs import Json
from registry.core.scope import FOREVER_S, languages_mask
from registry.core.terms import ASPECTS, LABELS, MEDIA, PURPOSES, TERRITORIES
from registry.core.times import format_time, from_epoch_s

KINDS = ("shot", "release", "use", "train")
MAX_REFERENCES = 64
MAX_MANIFEST = 100_000  # assets of one training run
MAX_AGE = 150
MAX_SECONDS = 86_400  # of one take
MAX_EPOCHS = 100_000_000  # of one training run


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a reference in this role takes from its asset, and from each performer in it."""

    takes: int  # mask of asset aspects
    of_performers: int  # mask of performer aspects; met with those of the appearance
    extra_act: str | None = None  # asked beside `condition`, for the same box


def _role(takes: str, of_performers: str, extra_act: str | None = None) -> Role:
    return Role(
        takes=ASPECTS.mask(takes.split()), of_performers=ASPECTS.mask(of_performers.split()), extra_act=extra_act
    )


_FRAME = _role("picture", "face body")
_ALTERED = _role("picture", "face body", "alter")
ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "likeness": _FRAME,
        "first_frame": _FRAME,
        "last_frame": _FRAME,
        "keyframe": _FRAME,
        "extend": _role("picture motion sound", "face body performance voice"),  # sound: only where the asset has any
        "inpaint": _ALTERED,
        "face_replace": _ALTERED,
        "age_change": _ALTERED,
        "motion": _role("motion", "performance body"),
        "pose": _role("motion", "performance body"),
        "depth": _role("motion picture", "performance body"),
        "style": _role("style", ""),
        "voice": _role("sound", "voice"),
        "guide": _role("sound", "voice performance", "alter"),
        "dub": _role("sound", "voice performance", "alter"),
        "lipsync": _role("sound picture", "voice performance face", "alter"),
        "mask": _role("motion", "performance"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    asset: str
    sha256: str
    role: str
    performer: str | None
    source: tuple[int, int] | None  # frames taken, half-open; None is all
    depicted_age: int | None  # years


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPerformer:
    """What one person is shown as and doing."""

    depicts: int  # mask of content labels
    role: str | None
    replica_use: str
    dialogue: Dialogue | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    kind: str  # shot | release | use
    salt: bytes
    for_: str
    project: str
    shot: str
    engine: str
    weights: str
    references: tuple[Reference, ...]
    prompt_sha256: str
    purposes: int
    media: int
    territories: int
    languages: int
    start_s: int  # the window in which the output is to be used
    end_s: int
    scene: int
    scenes: frozenset[str]
    by_performer: Mapping[str, ByPerformer]
    rests_on: tuple[str, ...]  # release, use: grounds of the clearance or release that it builds on
    product_categories: frozenset[str]  # what is advertised, where it advertises
    seconds: int  # length of the take, rounded up

    @classmethod
    def parse(cls, obj: object) -> "Request":
        """Read the request of a shot, a release or a use; empty sets and backward windows are refused."""
        body = Reader(obj)
        body.int("v", 1, 1)
        start_s, end_s = read_use_window(body)
        request = cls(
            kind=body.choice("kind", ("shot", "release", "use")),
            salt=body.base64("salt", min_bytes=16, max_bytes=64),
            for_=body.uuid("for"),
            project=body.uuid("project"),
            shot=body.uuid("shot"),
            engine=body.str("engine", max_chars=80),
            weights=body.digest("weights"),
            references=body.list_of("references", _reference, max_items=MAX_REFERENCES),
            prompt_sha256=body.digest("prompt_sha256"),
            purposes=_mask(body, "purposes"),
            media=_mask(body, "media"),
            territories=_mask(body, "territories"),
            languages=_mask(body, "languages"),
            start_s=start_s,
            end_s=end_s,
            scene=_labels(body, "scene"),
            scenes=frozenset(_sorted(body, "scenes")),
            by_performer=_by_performer(body),
            rests_on=body.list_of("rests_on", read_digest),
            product_categories=frozenset(_sorted(body, "product_categories")),
            seconds=body.int("seconds", 0, MAX_SECONDS),
        )
        body.finish()
        return request


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    salt: bytes
    for_: str
    territory: int  # mask of one
    engine: str
    manifest_sha256: str
    assets: tuple[tuple[str, str], ...]  # (asset id, SHA-256 of its bytes), sorted by the latter
    epochs: int  # how often each sample is read
    kind: str = "train"
    scenes: frozenset[str] = frozenset()  # a training run is for no scene

    @classmethod
    def parse(cls, obj: object) -> "TrainingRequest":
        """Read the request to train on every asset of a manifest."""
        body = Reader(obj)
        body.int("v", 1, 1)
        body.choice("kind", ("train",))
        assets = body.list_of("assets", _manifest_asset, min_items=1, max_items=MAX_MANIFEST)
        require_sorted([sha256 for _, sha256 in assets], body.at("assets"))
        request = cls(
            salt=body.base64("salt", min_bytes=16, max_bytes=64),
            for_=body.uuid("for"),
            territory=TERRITORIES.mask([body.str("territory")], body.at("territory")),
            engine=body.str("engine", max_chars=80),
            manifest_sha256=body.digest("manifest_sha256"),
            assets=assets,
            epochs=body.int("epochs", 1, MAX_EPOCHS),
        )
        body.finish()
        return request


AnyRequest = Request | TrainingRequest


def parse_request(obj: object) -> AnyRequest:
    """Read a request of any kind."""
    kind = Reader(obj).choice("kind", KINDS)
    return TrainingRequest.parse(obj) if kind == "train" else Request.parse(obj)


def request_sha256(obj: Json) -> str:
    """Return the hash by which clearances and releases name a request."""
    return sha256_hex(canonical(obj))


def _reference(value: object, path: str) -> Reference:
    body = Reader(value, path)
    source = None
    if body.opt_raw("source") is not None:
        source = _frames(body.raw("source"), body.at("source"))
    reference = Reference(
        asset=body.uuid("asset"),
        sha256=body.digest("sha256"),
        role=body.choice("role", ROLES),
        performer=body.opt_uuid("performer"),
        source=source,
        depicted_age=body.opt_int("depicted_age", 0, MAX_AGE),
    )
    body.finish()
    if reference.role == "likeness" and reference.performer is None:
        raise Malformed("missing_field", field=body.at("performer"), wanted="the performer whose likeness it is")
    return reference


def _frames(value: object, path: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise Malformed("bad_type", field=path, wanted="[first frame, frame after the last]")
    first, last = (read_int(item, path) for item in value)
    if first >= last:
        raise Malformed("bad_value", field=path, wanted="[first frame, frame after the last]")
    return first, last


def _by_performer(body: Reader) -> Mapping[str, ByPerformer]:
    held = body.object("by_performer")
    raw = body.raw("by_performer")
    names = sorted(raw) if isinstance(raw, dict) else []
    found = {read_uuid(name, held.at(name)): _one_performer(held.object(name)) for name in names}
    return MappingProxyType(found)


def _one_performer(body: Reader) -> ByPerformer:
    dialogue = body.opt_object("dialogue")
    shown = ByPerformer(
        depicts=_labels(body, "depicts"),
        role=body.opt_str("role", max_chars=200),
        replica_use=body.choice("replica_use", REPLICA_USES),
        dialogue=None if dialogue is None else read_dialogue(dialogue),
    )
    body.finish()
    return shown


def _manifest_asset(value: object, path: str) -> tuple[str, str]:
    body = Reader(value, path)
    pair = body.uuid("asset"), body.digest("sha256")
    body.finish()
    return pair


def _sorted(body: Reader, name: str) -> tuple[str, ...]:
    items = body.list_of(name, read_str)
    require_sorted(items, body.at(name))
    return items


def _labels(body: Reader, name: str) -> int:
    return LABELS.mask(_sorted(body, name), body.at(name))


def _mask(body: Reader, name: str) -> int:
    names = _sorted(body, name)
    if not names:
        raise EmptyDimension(dimension=name, field=body.at(name))
    if name == "languages":
        return languages_mask(names, body.at(name))
    vocabulary = {"purposes": PURPOSES, "media": MEDIA, "territories": TERRITORIES}[name]
    return vocabulary.mask(names, body.at(name))


def read_use_window(body: Reader) -> tuple[int, int]:
    """Take ``window``, which must end after it starts, as seconds since 1970."""
    start_s, end_s = read_window(body)
    if end_s <= start_s:
        raise Malformed("bad_value", field=body.at("window"), wanted="a start before the end")
    return start_s, end_s


def format_window(start_s: int, end_s: int) -> list[Json]:
    """Write a window of seconds since 1970 as JSON."""
    return [format_time(from_epoch_s(start_s)), None if end_s == FOREVER_S else format_time(from_epoch_s(end_s))]
