"""
Freeze the territories, their groups and the language tags from an unpacked npm package `cldr-core`.

    npm pack cldr-core@48.2.0 && tar xzf cldr-core-48.2.0.tgz
    python registry/core/data/freeze_cldr.py package > registry/core/data/cldr-48.2.json

Run once a vocabulary: the position of a territory or a language in its list is its bit, and bits are never moved. A
later release may only append. What CLDR calls a territory but ISO 3166-1 does not (Ascension, Ceuta, the Canaries) is
left out, its land being part of a listed code; Kosovo (`XK`, user-assigned) is kept, for nothing else names it.

A language tag is language and region: the script, which sound has none of, is dropped. The tags are CLDR's locales
whose region is a territory, and the languages that a territory has for official.
"""

import json
import re
import sys
from pathlib import Path

# CLDR lists these beside ISO 3166-1: exceptional reservations and areas within another code's territory
NOT_ISO = {"AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
OFFICIAL = {"official", "de_facto_official", "official_regional"}
_TERRITORY = re.compile(r"[A-Z]{2}")


def freeze(package: Path) -> dict[str, object]:
    """Return the frozen data of one release, ready for JSON."""
    containment = _supplemental(package, "territoryContainment")
    groups = {
        key: sorted(_leaves(key, containment) - NOT_ISO)
        for key in containment
        if "-status-" not in key and key not in {"QO", "EZ"}
    }
    territories = set(groups["001"])
    return {
        "source": "npm cldr-core 48.2.0: territoryContainment, territoryInfo, likelySubtags, availableLocales",
        "licence": "Unicode-3.0, see UNICODE-LICENSE.txt",
        "cldr_version": "48.2",
        "user_assigned": ["XK"],
        "territories": sorted(territories),
        "groups": dict(sorted(groups.items())),
        "languages": [*sorted(_languages(package, territories)), "zxx"],
        "french_is_official": sorted(_where_official(package, "fr") & territories),
    }


def _supplemental(package: Path, name: str) -> dict[str, dict[str, object]]:
    whole = json.loads((package / "supplemental" / f"{name}.json").read_text())
    found: dict[str, dict[str, object]] = whole["supplemental"][name]
    return found


def _leaves(key: str, containment: dict[str, dict[str, object]]) -> set[str]:
    if key not in containment:
        return {key}
    children = containment[key]["_contains"]
    assert isinstance(children, list)
    return set().union(*(_leaves(child, containment) for child in children))


def _languages(package: Path, territories: set[str]) -> set[str]:
    likely = json.loads((package / "supplemental" / "likelySubtags.json").read_text())["supplemental"]["likelySubtags"]
    locales = json.loads((package / "availableLocales.json").read_text())["availableLocales"]["full"]
    pairs = {_language_and_region(tag, likely) for tag in locales}
    for territory in territories:
        pairs |= {(language, territory) for language in _official(package, territory)}
    return {f"{language}-{region}" for language, region in pairs if region in territories}


def _language_and_region(tag: str, likely: dict[str, str]) -> tuple[str, str]:
    subtags = tag.split("-")
    regions = [subtag for subtag in subtags[1:] if _TERRITORY.fullmatch(subtag) or subtag.isdigit()]
    if not regions:
        language_and_script = "-".join(subtags[:2])
        full = likely.get(tag) or likely.get(language_and_script) or likely.get(subtags[0], "")
        regions = full.split("-")[2:] or [""]
    return subtags[0], regions[0]


def _official(package: Path, territory: str) -> set[str]:
    languages = _supplemental(package, "territoryInfo").get(territory, {}).get("languagePopulation", {})
    assert isinstance(languages, dict)
    return {tag.split("_")[0] for tag, facts in languages.items() if facts.get("_officialStatus") in OFFICIAL}


def _where_official(package: Path, language: str) -> set[str]:
    info = _supplemental(package, "territoryInfo")
    found = set()
    for territory, facts in info.items():
        languages = facts.get("languagePopulation", {})
        assert isinstance(languages, dict)
        if languages.get(language, {}).get("_officialStatus") in OFFICIAL - {"official_regional"}:
            found.add(territory)
    return found


if __name__ == "__main__":
    json.dump(freeze(Path(sys.argv[1])), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
