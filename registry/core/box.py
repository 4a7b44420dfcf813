"""
A scope: one box of what may be done, and its JSON.

A box is a non-empty set of terms for each of seven dimensions, a half-open window of time, and the content that is
shown. Sets are integers, one bit a term; windows are whole seconds. A box that would cover nothing cannot be built.

Two dimensions are not plain sets:

* **projects**: ``*`` is an atom of its own. Granted, it covers every project; wanted, only a grant of ``*`` covers it.
* **content** is joint. A box speaks of all that shows at most its labels: ``[]`` is not nothing, it is "nothing
  special".

Left out: what boxes do to each other (``registry.core.scope``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from registry.core.errors import EmptyDimension, Malformed
from registry.core.fields import Reader, read_str, read_uuid, require_sorted
from registry.core.jcs import Json
from registry.core.terms import ACTS, ALL, ASPECTS, LABELS, LANGUAGES, MEDIA, PURPOSES, TERRITORIES, Vocabulary
from registry.core.times import format_time, from_epoch_s, parse_time, to_epoch_s

FOREVER_S: Final = 1 << 62  # the end of a window without an end: later than any time that can be written
DIMENSIONS: Final[dict[str, Vocabulary]] = {
    "acts": ACTS,
    "aspects": ASPECTS,
    "purposes": PURPOSES,
    "media": MEDIA,
    "territories": TERRITORIES,
    "languages": LANGUAGES,
}
_LANGUAGE_AND_ALL: Final = [ALL]

# Where each mask stands in `packed`; the gaps leave room for terms to come.
_SHIFT_ASPECTS = 16
_SHIFT_PURPOSES = 48
_SHIFT_MEDIA = 80
_SHIFT_DEPICTS = 144
_SHIFT_SCENE = 208
_SHIFT_TERRITORIES = 272
_SHIFT_LANGUAGES = 784


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One box. ``Scope.of`` takes names and times; an empty dimension or window cannot be built."""

    acts: int
    aspects: int
    purposes: int
    media: int
    territories: int
    languages: int
    projects: frozenset[str]  # ids, or {"*"}
    start_s: int  # seconds since 1970, UTC
    end_s: int = FOREVER_S  # exclusive
    depicts: int = 0
    scene: int = 0
    # All masks in one integer, so that "is covered by" is one operation. Derived; kept because decide asks it of every
    # grant of a performer.
    packed: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (self.acts and self.aspects and self.purposes and self.media and self.territories and self.languages):
            raise EmptyDimension(dimension=next(name for name in DIMENSIONS if not getattr(self, name)))
        if not self.projects:
            raise EmptyDimension(dimension="projects")
        if self.start_s >= self.end_s:
            raise EmptyDimension(dimension="window")
        if ALL in self.projects and len(self.projects) > 1:
            raise Malformed("bad_value", field="projects", wanted="ids, or * alone")
        object.__setattr__(self, "packed", _pack(self))

    @classmethod
    def of(
        cls,
        *,
        acts: Iterable[str],
        aspects: Iterable[str],
        purposes: Iterable[str],
        media: Iterable[str],
        territories: Iterable[str],
        languages: Iterable[str],
        projects: Iterable[str],
        start: datetime,
        end: datetime | None,
        depicts: Iterable[str] = (),
        scene: Iterable[str] = (),
    ) -> "Scope":
        """Build a box from names in any order; times are UTC and whole seconds."""
        return cls(
            acts=ACTS.mask(acts, "acts"),
            aspects=ASPECTS.mask(aspects, "aspects"),
            purposes=PURPOSES.mask(purposes, "purposes"),
            media=MEDIA.mask(media, "media"),
            territories=TERRITORIES.mask(territories, "territories"),
            languages=languages_mask(languages, "languages"),
            projects=frozenset(projects),
            start_s=to_epoch_s(start),
            end_s=FOREVER_S if end is None else to_epoch_s(end),
            depicts=LABELS.mask(depicts, "content.depicts"),
            scene=LABELS.mask(scene, "content.scene"),
        )

    @classmethod
    def parse(cls, obj: object, path: str = "scope") -> "Scope":
        """Read the JSON of a box; lists stand for sets and are sorted, groups and bare languages are refused."""
        reader = Reader(obj, path)
        masks = {name: _read_mask(reader, name, vocabulary) for name, vocabulary in DIMENSIONS.items()}
        projects = reader.list_of("projects", _read_project)
        require_sorted(projects, reader.at("projects"))
        start_s, end_s = read_window(reader)
        content = reader.object("content")
        depicts = _read_mask(content, "depicts", LABELS)
        scene = _read_mask(content, "scene", LABELS)
        content.finish()
        reader.finish()
        try:
            return cls(
                **masks, projects=frozenset(projects), start_s=start_s, end_s=end_s, depicts=depicts, scene=scene
            )
        except EmptyDimension as error:
            error.field = reader.at(error.dimension)
            raise
        except Malformed as error:
            error.field = reader.at("projects")
            raise

    def format(self) -> dict[str, Json]:
        """Write the box as JSON; ``Scope.parse`` is the inverse."""
        formatted: dict[str, Json] = {name: list(v.names(getattr(self, name))) for name, v in DIMENSIONS.items()}
        if self.languages == LANGUAGES.all:
            formatted["languages"] = [ALL]
        formatted["projects"] = [*sorted(self.projects)]
        formatted["window"] = [format_time(self.start), None if self.end is None else format_time(self.end)]
        formatted["content"] = {"depicts": list(LABELS.names(self.depicts)), "scene": list(LABELS.names(self.scene))}
        return formatted

    def clipped(self, start_s: int, end_s: int) -> "Scope | None":
        """Return the part of the box that lies in a window: itself where that is all, None where it is nothing."""
        start_s, end_s = max(self.start_s, start_s), min(self.end_s, end_s)
        if start_s >= end_s:
            return None
        return self if (start_s, end_s) == (self.start_s, self.end_s) else replace(self, start_s=start_s, end_s=end_s)

    @property
    def start(self) -> datetime:
        return from_epoch_s(self.start_s)

    @property
    def end(self) -> datetime | None:
        return None if self.end_s == FOREVER_S else from_epoch_s(self.end_s)

    @property
    def all_projects(self) -> bool:
        return ALL in self.projects


def languages_mask(names: Iterable[str], field: str | None = None) -> int:
    """Return the set of these tags; ``*`` alone is every tag."""
    tags = list(names)
    return LANGUAGES.all if tags == _LANGUAGE_AND_ALL else LANGUAGES.mask(tags, field)


def _pack(scope: Scope) -> int:
    return (
        scope.acts
        | scope.aspects << _SHIFT_ASPECTS
        | scope.purposes << _SHIFT_PURPOSES
        | scope.media << _SHIFT_MEDIA
        | scope.depicts << _SHIFT_DEPICTS
        | scope.scene << _SHIFT_SCENE
        | scope.territories << _SHIFT_TERRITORIES
        | scope.languages << _SHIFT_LANGUAGES
    )


def _read_mask(reader: Reader, name: str, vocabulary: Vocabulary) -> int:
    path = reader.at(name)
    names = reader.list_of(name, read_str)
    require_sorted(names, path)
    if vocabulary is not LANGUAGES:
        return vocabulary.mask(names, path)
    mask = languages_mask(names, path)
    if mask == LANGUAGES.all and names != (ALL,):
        raise Malformed("not_canonical", field=path, wanted="* for every language")  # one spelling a set
    return mask


def _read_project(value: object, path: str) -> str:
    return ALL if value == ALL else read_uuid(value, path)


def read_window(reader: Reader) -> tuple[int, int]:
    """Take ``window``, `[start, end or null]`, as seconds since 1970; whether it is empty is left to the caller."""
    path = reader.at("window")
    window = reader.raw("window")
    if not isinstance(window, list) or len(window) != 2:
        raise Malformed("bad_type", field=path, wanted="[start, end or null]")
    start, end = window
    start_s = to_epoch_s(parse_time(read_str(start, f"{path}[0]"), field=f"{path}[0]"))
    if end is None:
        return start_s, FOREVER_S
    return start_s, to_epoch_s(parse_time(read_str(end, f"{path}[1]"), field=f"{path}[1]"))
