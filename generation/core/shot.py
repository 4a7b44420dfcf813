"""
A shot as it was asked for: the API's request, read closed and strictly into one frozen value.

``ShotSpec.parse`` refuses whatever it does not know, with the path of the field; groups of territories and bare
languages are expanded here, once, so that what is stored and decided is the list of the day (design, section 4).
``format`` writes that stored form, and ``parse(format(spec)) == spec``. What a decision needs of it, ``to_request``
writes. Left out: which controls an engine honours, and who may ask.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consent.core.record import REPLICA_USES, Dialogue, read_dialogue
from consent.core.request import MAX_AGE, MAX_REFERENCES, ROLES, format_window, read_use_window
from generation.core.controls import Controls, Format, parse_controls, parse_format
from registry.core.assets import MAX_FRAME
from registry.core.errors import DomainError, EmptyDimension, Malformed
from registry.core.fields import Reader, read_int, read_str, read_uuid
from registry.core.jcs import MAX_SAFE_INTEGER, Json, sha256_hex
from registry.core.terms import LABELS, MEDIA, PURPOSES, expand_languages, expand_territories

UNPROCESSABLE = 422
MAX_PROMPT = 2_000  # characters
MAX_PROMPT_WORDS = 400  # each run of words is looked up among names; a longer prompt could hide one at its end
MAX_DESCRIPTION = 2_000  # characters
MAX_TAKE = 1_000_000
_WORD = re.compile(r"[^\W_]+")


class NoSuchFrame(DomainError):
    """A reference names frames that its asset does not have."""

    code = "no_such_frame"
    status = UNPROCESSABLE

    def __init__(self, *, number: int, asset: str) -> None:
        super().__init__(f"asset `{asset}` has no such frame", field=f"references[{number}].source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An asset that the shot takes from, and as what."""

    asset: str
    role: str
    performer: str | None
    at: int | None  # of a keyframe: its frame in the shot
    source: tuple[int, int] | None  # frames taken from the asset, half-open; None is all
    depicted_age: int | None  # years

    def format(self) -> dict[str, Json]:
        return {
            "asset": self.asset,
            "role": self.role,
            "performer": self.performer,
            "at": self.at,
            "source": None if self.source is None else {"in": self.source[0], "out": self.source[1]},
            "depicted_age": self.depicted_age,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """As what a performer is shown, and doing what."""

    depicts: tuple[str, ...]  # content labels
    role: str | None
    replica_use: str
    dialogue: Dialogue | None

    def format(self) -> dict[str, Json]:
        said = self.dialogue
        return {
            "depicts": list(self.depicts),
            "role": self.role,
            "replica_use": self.replica_use,
            "dialogue": None if said is None else {"kind": said.kind, "script_sha256": said.script_sha256},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """For what the shot is to be used; sets are sorted, and expanded."""

    purposes: tuple[str, ...]
    media: tuple[str, ...]
    territories: tuple[str, ...]
    languages: tuple[str, ...]
    start_s: int
    end_s: int
    scene: tuple[str, ...]  # content labels of what else is shown
    scenes: tuple[str, ...]  # names
    description: str | None
    by_performer: Mapping[str, Shown]
    product_categories: tuple[str, ...] = ()  # what is advertised, where it advertises

    def format(self) -> dict[str, Json]:
        return {
            "purposes": list(self.purposes),
            "media": list(self.media),
            "territories": list(self.territories),
            "languages": list(self.languages),
            "window": format_window(self.start_s, self.end_s),
            "scene": list(self.scene),
            "scenes": list(self.scenes),
            "description": self.description,
            "product_categories": list(self.product_categories),
            "by_performer": {performer: shown.format() for performer, shown in self.by_performer.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotSpec:
    """Everything that makes one take of a shot."""

    for_: str
    project: str
    shot_code: str
    take: int
    prompt: str
    negative_prompt: str
    seed: int | None  # None: the registry draws one
    engine: str
    format_: Format
    references: tuple[Reference, ...]
    controls: Controls
    use: Use

    @classmethod
    def parse(cls, obj: object) -> "ShotSpec":
        """Read a shot request; every fault is a ``DomainError`` of status 422 with the path of its field."""
        try:
            return _parse(Reader(obj))
        except DomainError as error:
            error.status = UNPROCESSABLE
            raise

    def format(self) -> dict[str, object]:
        """Write the form that is stored: sets expanded, sorted, nothing left out."""
        return {
            "for": self.for_,
            "project": self.project,
            "shot_code": self.shot_code,
            "take": self.take,
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt,
            "seed": self.seed,
            "engine": self.engine,
            "format": self.format_.format(),
            "references": [reference.format() for reference in self.references],
            "controls": self.controls.format(),
            "use": self.use.format(),
        }

    @property
    def performers(self) -> frozenset[str]:
        """The performers that the request itself names."""
        named = {reference.performer for reference in self.references if reference.performer is not None}
        return frozenset(named | set(self.use.by_performer))


def to_request(
    spec: ShotSpec, *, shot: str, weights: str, sha256s: Mapping[str, str], salt: str, kind: str = "shot"
) -> dict[str, Json]:
    """
    Write the request that ``decide`` reads (``docs/formats.md`` section 5).

    ``sha256s`` maps each asset to the digest of its bytes, ``salt`` is 16 random bytes in base64.
    """
    use = spec.use
    return {
        "v": 1,
        "kind": kind,
        "salt": salt,
        "for": spec.for_,
        "project": spec.project,
        "shot": shot,
        "engine": spec.engine,
        "weights": weights,
        "references": [_asked(reference, sha256s[reference.asset]) for reference in spec.references],
        "prompt_sha256": sha256_hex(spec.prompt.encode()),
        "purposes": list(use.purposes),
        "media": list(use.media),
        "territories": list(use.territories),
        "languages": list(use.languages),
        "window": format_window(use.start_s, use.end_s),
        "scene": list(use.scene),
        "scenes": list(use.scenes),
        "by_performer": {performer: shown.format() for performer, shown in use.by_performer.items()},
        "rests_on": [],
        "product_categories": list(use.product_categories),
        "seconds": spec.format_.seconds,
    }


def _asked(reference: Reference, sha256: str) -> dict[str, Json]:
    return {
        "asset": reference.asset,
        "sha256": sha256,
        "role": reference.role,
        "performer": reference.performer,
        "source": None if reference.source is None else list(reference.source),
        "depicted_age": reference.depicted_age,
    }


def _parse(body: Reader) -> ShotSpec:
    format_ = parse_format(body.object("format"))
    spec = ShotSpec(
        for_=body.uuid("for"),
        project=body.uuid("project"),
        shot_code=body.str("shot_code", max_chars=80),
        take=1 if body.opt_raw("take") is None else body.int("take", 1, MAX_TAKE),
        prompt=_text(body, "prompt"),
        negative_prompt=_text(body, "negative_prompt"),
        seed=body.opt_int("seed", 0, MAX_SAFE_INTEGER),
        engine=body.str("engine", max_chars=80),
        format_=format_,
        references=body.opt_list_of("references", _reference, max_items=MAX_REFERENCES),
        controls=parse_controls(body.opt_object("controls")),
        use=read_use(body.object("use")),
    )
    body.finish()
    _check_places(spec)
    return spec


def _text(body: Reader, name: str) -> str:
    """Take a prompt, which may be empty."""
    value = body.opt_raw(name)
    prompt = "" if value is None else read_str(value, body.at(name), max_chars=MAX_PROMPT, min_chars=0)
    if len(_WORD.findall(prompt)) > MAX_PROMPT_WORDS:
        raise Malformed("bad_value", field=body.at(name), wanted=f"at most {MAX_PROMPT_WORDS} words")
    return prompt


def _reference(value: object, path: str) -> Reference:
    body = Reader(value, path)
    found = Reference(
        asset=body.uuid("asset"),
        role=body.choice("role", ROLES),
        performer=body.opt_uuid("performer"),
        at=None if body.opt_raw("at") is None else read_int(body.raw("at"), body.at("at")),
        source=_source(body.opt_object("source")),
        depicted_age=body.opt_int("depicted_age", 0, MAX_AGE),
    )
    body.finish()
    if found.role == "likeness" and found.performer is None:
        raise Malformed("missing_field", field=body.at("performer"), wanted="the performer whose likeness it is")
    if (found.role == "keyframe") != (found.at is not None):
        raise Malformed("bad_value", field=body.at("at"), wanted="the frame of a `keyframe`, and of no other role")
    return found


def _source(body: Reader | None) -> tuple[int, int] | None:
    if body is None:
        return None
    first, after = body.int("in", 0, MAX_FRAME), body.int("out", 0, MAX_FRAME)
    body.finish()
    if first >= after:
        raise Malformed("bad_value", field=body.at("out"), value=after, wanted="the frame after the last")
    return first, after


def parse_use(obj: object) -> Use:
    """Read a use that stands alone."""
    return read_use(Reader(obj))


def read_use(body: Reader) -> Use:
    """Take the `use` object of a request; groups are expanded."""
    start_s, end_s = read_use_window(body)
    found = Use(
        purposes=_set(body, "purposes", _of(PURPOSES.mask)),
        media=_set(body, "media", _of(MEDIA.mask)),
        territories=_set(body, "territories", lambda names, path: expand_territories(names, field=path)),
        languages=_set(body, "languages", lambda names, path: expand_languages(names, field=path)),
        start_s=start_s,
        end_s=end_s,
        scene=_labels(body, "scene"),
        scenes=_names(body, "scenes", optional=True),
        description=body.opt_str("description", max_chars=MAX_DESCRIPTION),
        product_categories=_names(body, "product_categories", optional=True),
        by_performer=_by_performer(body),
    )
    body.finish()
    return found


Expand = Callable[[tuple[str, ...], str], frozenset[str]]


def _of(mask: Callable[[tuple[str, ...], str], int]) -> Expand:
    """Check names against a vocabulary whose terms stand for themselves."""

    def check(names: tuple[str, ...], path: str) -> frozenset[str]:
        mask(names, path)
        return frozenset(names)

    return check


def _set(body: Reader, name: str, expand: Expand) -> tuple[str, ...]:
    names = _names(body, name)
    if not names:
        raise EmptyDimension(dimension=name, field=body.at(name))
    return tuple(sorted(expand(names, body.at(name))))


def _names(body: Reader, name: str, *, optional: bool = False) -> tuple[str, ...]:
    """Take a set in any order; a name that stands twice is a mistake somewhere."""
    names = body.opt_list_of(name, read_str) if optional else body.list_of(name, read_str)
    for place, word in enumerate(names):
        if word in names[:place]:
            raise Malformed("duplicate_value", field=f"{body.at(name)}[{place}]", value=word)
    return tuple(sorted(names))


def _labels(body: Reader, name: str) -> tuple[str, ...]:
    names = _names(body, name, optional=True)
    LABELS.mask(names, body.at(name))
    return names


def _by_performer(body: Reader) -> Mapping[str, Shown]:
    raw = body.opt_raw("by_performer")
    if raw is None:
        return MappingProxyType({})
    held = body.object("by_performer")
    names = sorted(raw) if isinstance(raw, dict) else []
    return MappingProxyType({read_uuid(name, held.at(name)): _shown(held.object(name)) for name in names})


def _shown(body: Reader) -> Shown:
    dialogue = body.opt_object("dialogue")
    found = Shown(
        depicts=_labels(body, "depicts"),
        role=body.opt_str("role", max_chars=200),
        replica_use=body.choice("replica_use", REPLICA_USES),
        dialogue=None if dialogue is None else read_dialogue(dialogue),
    )
    body.finish()
    return found


def _check_places(spec: ShotSpec) -> None:
    """Refuse frames, references and performers that this very request does not have."""
    for number, reference in enumerate(spec.references):
        if reference.at is not None and reference.at >= spec.format_.frames:
            path = f"references[{number}].at"
            raise Malformed("bad_value", field=path, value=reference.at, wanted="a frame of the shot")
    for number, one in enumerate(spec.controls.trajectories):
        path = f"controls.trajectories[{number}]"
        if one.reference is not None and one.reference >= len(spec.references):
            raise Malformed("bad_value", field=f"{path}.reference", value=one.reference, wanted="a reference's place")
        if one.performer is not None and one.performer not in spec.performers:
            raise Malformed("bad_value", field=f"{path}.performer", value=one.performer, wanted="one of the shot's")
