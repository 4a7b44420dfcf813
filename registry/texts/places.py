"""
Territories and languages in words.

A set is named as briefly as is still complete: all of it, all but a few, a group with its members, or its members. The
members are always given, since a group's name alone would mean something else next year.
"""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Final

from registry.core.terms import CLDR_VERSION, LANGUAGES, TERRITORIES, TERRITORY_GROUPS
from registry.texts.layout import alphabetical, count, listed, series

MOST_LEFT_OUT: Final = 25  # "all but these" reads better than the list up to about here

_names: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(
    resources.files("registry.texts").joinpath("data/names-48.2.json").read_text("utf-8")
)
_ORDER = ("EU", "EEA", *sorted(TERRITORY_GROUPS, key=lambda name: (name.isdigit(), name)))  # a region has one name
_GROUP_OF: Final[dict[int, str]] = {}
for _name in _ORDER:
    _GROUP_OF.setdefault(TERRITORIES.mask(TERRITORY_GROUPS[_name]), _name)
_REGIONS: Final[dict[str, frozenset[str]]] = {}  # language -> the regions in which its tags are listed
for _tag in LANGUAGES.terms:
    _spoken, _, _region = _tag.partition("-")
    _REGIONS[_spoken] = _REGIONS.get(_spoken, frozenset()) | {_region}


def territory(code: str, language: str) -> str:
    return _names[language]["territories"][code]


def describe_territories(mask: int, language: str) -> str:
    """Say which territories a set holds, completely."""
    total = TERRITORIES.all.bit_count()
    if mask == TERRITORIES.all:
        return {
            "en": f"the whole world: all {total} countries and territories of the list (CLDR {CLDR_VERSION})",
            "fr": f"le monde entier : les {total} pays et territoires de la liste (CLDR {CLDR_VERSION})",
        }[language]
    left_out = TERRITORIES.all & ~mask
    if left_out.bit_count() <= MOST_LEFT_OUT:
        return {
            "en": f"the whole world ({mask.bit_count()} of the {total} countries and territories of the list) except",
            "fr": f"le monde entier ({mask.bit_count()} des {total} pays et territoires de la liste) sauf",
        }[language] + f" {_territories(left_out, language)}"
    return _group(mask, language) + _territories(mask, language)


def _group(mask: int, language: str) -> str:
    if mask not in _GROUP_OF or mask.bit_count() == 1:
        return ""
    name = _names[language]["groups"].get(_GROUP_OF[mask], "")
    many = {
        "en": count(mask.bit_count(), "country or territory", "countries and territories", "en"),
        "fr": count(mask.bit_count(), "pays ou territoire", "pays et territoires", "fr"),
    }[language]
    return {"en": f"{name}, which here means {many}: ", "fr": f"{name}, à savoir {many} : "}[language]


def _territories(mask: int, language: str) -> str:
    return listed(alphabetical(territory(code, language) for code in TERRITORIES.names(mask)), language)


def describe_languages(mask: int, language: str) -> str:
    """Say which languages a set holds: each with its regions."""
    if mask == LANGUAGES.all:
        return {"en": "every language, and none", "fr": "toutes les langues, ou aucune"}[language]
    spoken: dict[str, set[str]] = {}
    for tag in LANGUAGES.names(mask):
        name, _, region = tag.partition("-")
        spoken.setdefault(name, set()).add(region)
    return series((_language(name, regions, language) for name, regions in spoken.items()), language)


def _language(name: str, regions: set[str], language: str) -> str:
    if name == "zxx":
        return {"en": "without words", "fr": "sans paroles"}[language]
    called = _names[language]["languages"][name]
    places = listed(alphabetical(territory(region, language) for region in regions), language)
    if regions == _REGIONS[name] and len(regions) > 1:
        everywhere = {"en": "in every region listed", "fr": "dans toutes les régions de la liste"}[language]
        return f"{called} {everywhere} ({places})"
    return f"{called} ({places})"
