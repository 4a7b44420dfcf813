"""
Freeze the English and French names of territories, their groups and languages from `cldr-localenames-full`.

    npm pack cldr-localenames-full@48.2.0 && tar xzf cldr-localenames-full-48.2.0.tgz
    python -m registry.texts.data.freeze_names package > registry/texts/data/names-48.2.json

Only names of what the vocabulary holds are kept. A text that was shown is stored with its statement, so a later release
may call a territory by another name without changing what anybody signed.
"""

import json
import sys
from pathlib import Path

from registry.core.terms import LANGUAGES, TERRITORIES, TERRITORY_GROUPS

OURS = {  # groups that CLDR does not name
    "en": {
        "ANZ": "Australia and New Zealand",
        "BALTICS": "the Baltic states",
        "BENELUX": "Benelux",
        "DACH": "Germany, Austria and Switzerland",
        "EEA": "the European Economic Area",
        "EU": "the European Union",
        "FRANCOPHONE": "territories where French is an official language",
        "IBERIA": "the Iberian peninsula",
        "NORDICS": "the Nordic countries",
        "UK_AND_IRELAND": "the United Kingdom and Ireland",
        "US_AND_CANADA": "the United States and Canada",
        "US_AND_TERRITORIES": "the United States and its territories",
        "001": "the world",
    },
    "fr": {
        "ANZ": "l’Australie et la Nouvelle-Zélande",
        "BALTICS": "les pays baltes",
        "BENELUX": "le Benelux",
        "DACH": "l’Allemagne, l’Autriche et la Suisse",
        "EEA": "l’Espace économique européen",
        "EU": "l’Union européenne",
        "FRANCOPHONE": "les territoires dont le français est une langue officielle",
        "IBERIA": "la péninsule Ibérique",
        "NORDICS": "les pays nordiques",
        "UK_AND_IRELAND": "le Royaume-Uni et l’Irlande",
        "US_AND_CANADA": "les États-Unis et le Canada",
        "US_AND_TERRITORIES": "les États-Unis et leurs territoires",
        "001": "le monde",
    },
}


def freeze(package: Path) -> dict[str, object]:
    """Return the names in both languages, ready for JSON."""
    return {
        "source": "npm cldr-localenames-full 48.2.0: territories, languages",
        "licence": "Unicode-3.0, see registry/core/data/UNICODE-LICENSE.txt",
        **{language: _names(package / "main" / language, language) for language in ("en", "fr")},
    }


def _names(folder: Path, language: str) -> dict[str, dict[str, str]]:
    territories = _read(folder, language, "territories")
    languages = _read(folder, language, "languages")
    spoken = sorted({tag.partition("-")[0] for tag in LANGUAGES.terms} - {"zxx"})
    groups = {name: territories[name] for name in TERRITORY_GROUPS if name in territories}
    return {
        "territories": {code: territories[code] for code in TERRITORIES.terms},
        "groups": dict(sorted((groups | OURS[language]).items())),
        "languages": {tag: languages.get(tag, tag) for tag in spoken},
    }


def _read(folder: Path, language: str, name: str) -> dict[str, str]:
    whole = json.loads((folder / f"{name}.json").read_text())
    found: dict[str, str] = whole["main"][language]["localeDisplayNames"][name]
    return found


if __name__ == "__main__":
    json.dump(freeze(Path(sys.argv[1])), sys.stdout, ensure_ascii=False, indent=0, sort_keys=True)
    sys.stdout.write("\n")
