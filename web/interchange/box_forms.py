"""The short forms of a box's cells that stand for more than they say: territories, languages, and sides of a window."""

import re
from datetime import date
from typing import Final

from registry.core.fields import read_uuid
from registry.core.jcs import Json
from registry.core.terms import ALL, LANGUAGES, TERRITORY_GROUPS, expand_languages, expand_territories
from web.interchange.cells import Form
from web.interchange.forms import joined, read_moment, refuse_cell, words_of

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLUS: Final = r"P(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?"
_FOLLOWING: Final = re.compile(
    rf"(?P<plus>{_PLUS}) after (?P<event>[a-z_]+) of (?P<kind>work|project|party) (?P<id>[0-9a-f-]+)"
    r"(?: in (?P<territory>[A-Z]{2}))?"
)

# What contracts call a group of territories, beside the names that the vocabulary has for them.
NAMED_GROUPS: Final = {
    "WORLD": "001",
    "WORLDWIDE": "001",
    "WW": "001",
    "MONDE": "001",
    "EUROPE": "150",
    "AFRICA": "002",
    "ASIA": "142",
    "OCEANIA": "009",
    "LATIN_AMERICA": "419",
    "FRENCH_SPEAKING": "FRANCOPHONE",
    "FRANCOPHONIE": "FRANCOPHONE",
    "NORTH_AMERICA": "US_AND_CANADA",
    "UK": "GB",
}


def territories() -> Form:
    """Codes and groups: `FR, BE`, `World`, `EU`, `French-speaking`, `World except CN, RU`."""
    return Form(
        wanted=("territories or groups of them", "des territoires ou des groupes de territoires"),
        read=_read_territories,
        write=joined(", "),
    )


def languages() -> Form:
    return Form(wanted=("language tags, or *", "des langues, ou *"), read=_read_languages, write=joined(", "))


def window_end() -> Form:
    """One side of a window: a day, a time, `open`, or `P17M after theatrical_release of work 0193… in FR`."""
    return Form(
        wanted=("a day, a UTC time, `open` or an event", "un jour, une heure UTC, `open` ou un événement"),
        read=read_side,
        write=_write_side,
    )


def is_day(value: object) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def read_side(cell: str) -> Json:
    if cell == "open":
        return None
    if _DAY.fullmatch(cell):
        return date.fromisoformat(cell).isoformat()
    if found := _FOLLOWING.fullmatch(cell):
        return {
            "event": found["event"],
            found["kind"]: read_uuid(found["id"], ""),
            "territory": found["territory"],
            "plus": found["plus"],
        }
    return read_moment(cell)


def _write_side(value: Json) -> str | None:
    if value is None:
        return "open"
    if not isinstance(value, dict):
        return value if isinstance(value, str) else None
    kind = next((name for name in ("work", "project", "party") if name in value), None)
    if kind is None:
        return None
    territory = f" in {value['territory']}" if value.get("territory") else ""
    return f"{value.get('plus')} after {value.get('event')} of {kind} {value[kind]}{territory}"


def _read_territories(cell: str) -> Json:
    included, _, excluded = re.sub(r"\b(excluding|sauf|hors)\b", "except", cell, flags=re.IGNORECASE).partition(
        "except"
    )
    found = expand_territories(_groups(included)) - expand_territories(_groups(excluded))
    return [*sorted(found)] if found else refuse_cell(cell)


def _groups(text: str) -> list[str]:
    """Return codes and groups by the names that the vocabulary has for them."""
    words = [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
    found: list[str] = []
    for word in words:
        name = re.sub(r"[\s-]+", "_", word).upper()
        known = NAMED_GROUPS.get(name, name)
        found += (
            [known] if known in TERRITORY_GROUPS else [NAMED_GROUPS.get(code, code) for code in word.upper().split()]
        )
    return found


def _read_languages(cell: str) -> Json:
    words = words_of(cell)
    tags = expand_languages(words)
    return [ALL] if tags == set(LANGUAGES.terms) else [*sorted(tags)]
