"""
The closed vocabularies, version 1: every word that a statement may use, each at a bit position that never moves.

Sets of terms are held as integers, so that cover, intersection and difference are machine operations. A list here may
only be appended to, and a word keeps its meaning; anything else needs a new ``VOCABULARY``. Territories and languages
come from a frozen CLDR release (``data/``). Groups of territories and bare languages are for drafting alone: a signed
"world" must not grow when a country does.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources

from registry.core.errors import UnexpandedGroup, UnknownTerm

VOCABULARY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The terms of one dimension; a term's index is its bit."""

    dimension: str
    terms: tuple[str, ...]
    groups: frozenset[str] = frozenset()  # names that stand for several terms and are refused as terms
    all: int = field(init=False)  # the mask of every term
    _bits: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bits = {term: 1 << position for position, term in enumerate(self.terms)}
        if len(bits) != len(self.terms):
            raise ValueError(f"a term of {self.dimension} stands twice")
        object.__setattr__(self, "all", (1 << len(self.terms)) - 1)
        object.__setattr__(self, "_bits", bits)

    def mask(self, names: Iterable[str], field: str | None = None) -> int:
        """Return the set of these terms; raises ``UnknownTerm``."""
        bits = self._bits
        mask = 0
        for name in names:
            if name not in bits:
                refusal = UnexpandedGroup if name in self.groups else UnknownTerm
                raise refusal(term=name, dimension=self.dimension, field=field)
            mask |= bits[name]
        return mask

    def names(self, mask: int) -> list[str]:
        """Return the terms of a set in ascending order."""
        found = []
        while mask:
            lowest = mask & -mask
            found.append(self.terms[lowest.bit_length() - 1])
            mask ^= lowest
        return sorted(found)


_cldr = json.loads(resources.files("registry.core").joinpath("data/cldr-48.2.json").read_text("utf-8"))
CLDR_VERSION: str = _cldr["cldr_version"]

ACTS = Vocabulary(
    dimension="acts",
    terms=("scan", "store", "train", "finetune", "condition", "alter", "distribute", "sublicense"),
)
_OF_PERFORMERS = ("face", "body", "voice", "performance", "name")
_OF_ASSETS = ("picture", "sound", "motion", "style", "text")
ASPECTS = Vocabulary(dimension="aspects", terms=_OF_PERFORMERS + _OF_ASSETS)
PERFORMER_ASPECTS: int = ASPECTS.mask(_OF_PERFORMERS)  # masks in the one dimension
ASSET_ASPECTS: int = ASPECTS.mask(_OF_ASSETS)
PURPOSES = Vocabulary(
    dimension="purposes",
    terms=(
        "work",
        "in_context_promotion",
        "out_of_context_promotion",
        "third_party_advertising",
        "merchandise",
        "making_of",
        "press",
        "evaluation",
    ),
)
MEDIA = Vocabulary(
    dimension="media",
    terms=(
        "theatrical",
        "nontheatrical",
        "festival",
        "svod",
        "avod",
        "fast",
        "est",
        "tvod",
        "pvod",
        "free_tv",
        "pay_tv",
        "catch_up",
        "home_video",
        "inflight",
        "social",
        "games",
        "xr",
        "radio_podcast",
        "print_stills",
        "live_event",
        "internal",
    ),
)
LABELS = Vocabulary(
    dimension="content labels",
    terms=(
        "violence",
        "sexual_violence",
        "partial_nudity",
        "nudity",
        "simulated_sex",
        "intimacy",
        "self_harm",
        "death",
        "crime",
        "drugs",
        "alcohol",
        "tobacco",
        "gambling",
        "firearms",
        "political",
        "religious",
        "hate",
        "medical",
        "real_person_portrayed",
        "age_changed",
        "race_or_gender_changed",
        "product_endorsement",
    ),
)

# What the trade calls by one name. CLDR has no such groups; each list is ours and fixed with the vocabulary.
_PRESETS: dict[str, tuple[str, ...]] = {
    "ANZ": ("AU", "NZ"),
    "BALTICS": ("EE", "LT", "LV"),
    "BENELUX": ("BE", "LU", "NL"),
    "DACH": ("AT", "CH", "DE"),
    "FRANCOPHONE": tuple(_cldr["french_is_official"]),  # French is an official language of the whole territory
    "IBERIA": ("AD", "ES", "PT"),
    "NORDICS": ("DK", "FI", "IS", "NO", "SE"),
    "UK_AND_IRELAND": ("GB", "IE"),
    "US_AND_CANADA": ("CA", "US"),
    "US_AND_TERRITORIES": ("AS", "GU", "MP", "PR", "UM", "US", "VI"),  # ISO gives each its own code
}
_EEA = ("IS", "LI", "NO")  # beside the Union

TERRITORY_GROUPS: dict[str, frozenset[str]] = {
    **{name: frozenset(codes) for name, codes in _cldr["groups"].items()},
    **{name: frozenset(codes) for name, codes in _PRESETS.items()},
    "EEA": frozenset(_cldr["groups"]["EU"]) | frozenset(_EEA),
}
TERRITORIES = Vocabulary(dimension="territories", terms=tuple(_cldr["territories"]), groups=frozenset(TERRITORY_GROUPS))

_languages: tuple[str, ...] = tuple(_cldr["languages"])
_bare: frozenset[str] = frozenset(tag.split("-")[0] for tag in _languages if "-" in tag)
LANGUAGES = Vocabulary(dimension="languages", terms=_languages, groups=_bare)
ALL = "*"  # every language, or every project
# What windows may follow.
EVENTS: tuple[str, ...] = (
    "theatrical_release",
    "home_release",
    "broadcast",
    "first_publication",
    "premiere",
    "photography_start",
    "photography_end",
    "delivery",
    "completion",
    "death",
    "change_of_control",
)


def expand_territories(names: Iterable[str], *, field: str | None = None) -> frozenset[str]:
    """Replace groups by the codes they hold today; for drafting and for requests, never for a signed statement."""
    codes: set[str] = set()
    for name in names:
        if name in TERRITORY_GROUPS:
            codes |= TERRITORY_GROUPS[name]
        else:
            TERRITORIES.mask((name,), field=field)
            codes.add(name)
    return frozenset(codes)


def expand_languages(names: Iterable[str], *, field: str | None = None) -> frozenset[str]:
    """
    Replace what stands for several tags by those tags; for drafting and for requests.

    ``fr`` is French of every region listed, ``es-419`` Spanish of the listed regions of that group, ``*`` every tag
    with ``zxx``, no language.
    """
    tags: set[str] = set()
    for name in names:
        tags |= _tags(name, field=field)
    return frozenset(tags)


def _tags(name: str, *, field: str | None) -> set[str]:
    if name == ALL:
        return set(_languages)
    language, dash, region = name.partition("-")
    regions = TERRITORY_GROUPS.get(region) if region.isdigit() else None
    if dash and regions is None:
        LANGUAGES.mask((name,), field=field)
        return {name}
    found = {
        tag
        for tag in _languages
        if tag.partition("-")[0] == language and (regions is None or tag.partition("-")[2] in regions)
    }
    if not found:
        raise UnknownTerm(term=name, dimension=LANGUAGES.dimension, field=field)
    return found


STATEMENT_TYPES: frozenset[str] = frozenset(
    {
        "party.registered",
        "identity.vouched",
        "alias.declared",
        "key.added",
        "key.revoked",
        "authority.granted",
        "authority.ended",
        "authority.disputed",
        "project.registered",
        "policy.set",
        "asset.registered",
        "appearance.recorded",
        "appearance.claimed",
        "component.recorded",
        "inventory.declared",
        "work.registered",
        "catalogue.registered",
        "title.claimed",
        "title.disputed",
        "title.resolved",
        "licence.granted",
        "licence.recorded",
        "licence.confirmed",
        "licence.denied",
        "licence.amended",
        "licence.terminated",
        "grant.assigned",
        "option.exercised",
        "event.recorded",
        "consent.granted",
        "grant.accepted",
        "consent.recorded",
        "consent.ratified",
        "consent.revoked",
        "revocation.disputed",
        "restriction.declared",
        "restriction.lifted",
        "suspension.declared",
        "suspension.lifted",
        "approval.given",
        "approval.declined",
        "clearance.issued",
        "shot.closed",
        "shot.released",
        "use.cleared",
        "shot.withdrawn",
        "engine.overridden",
        "weights.trained",
        "weights.attested",
        "weights.retired",
        "erasure.done",
    }
)
