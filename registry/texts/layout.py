"""
How a text is put together: a title, lines, and the sentence that is signed; dates, lists, names as people write them.

A line is one text in the reader's language, or a pair (English, French) of which the reader's is taken: side by side,
so that whoever changes one sees the other. Left out: what the lines say.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final

from registry.core.jcs import Json

Pair = tuple[str, str]  # English, French
Line = str | Pair
Names = Callable[[str], str]  # an id -> how to call it

_POSITION: Final = {"en": 0, "fr": 1}
_BEFORE_SIGNS: Final = re.compile(r" (?=[:;!?»])|(?<=«) ")
_MONTHS: Final = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}


def say(line: Line, language: str) -> str:
    """Return the line in the reader's language."""
    return line if isinstance(line, str) else line[_POSITION[language]]


def page(language: str, title: Line, lines: Iterable[Line | None], signed: Line) -> str:
    """Put a text together; a line that is None has nothing to say and is left out."""
    body = [say(line, language) for line in lines if line is not None]
    text = "\n".join([say(title, language), "", *body, "", say(signed, language)])
    return spaced(text) if language == "fr" else text


def spaced(french: str) -> str:
    """Keep the signs that French sets off by a space on the line of the word before."""
    return _BEFORE_SIGNS.sub("\N{NO-BREAK SPACE}", french)


def day(value: date, language: str) -> str:
    """Write a calendar day: `31 January 2027`, `1er janvier 2027`."""
    number = "1er" if language == "fr" and value.day == 1 else str(value.day)
    return f"{number} {_MONTHS[language][value.month - 1]} {value.year}"


def moment(value: datetime, language: str) -> str:
    """Write a UTC moment to the minute, or to the second where it has seconds."""
    clock = f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
    return f"{day(value.date(), language)}{' à' if language == 'fr' else ','} {clock} UTC"


def days(value: date) -> Pair:
    return day(value, "en"), day(value, "fr")


_JOINS: Final = {("en", "and"): "and", ("en", "or"): "or", ("fr", "and"): "et", ("fr", "or"): "ou"}


def listed(items: Iterable[str], language: str, *, last: str = "and") -> str:
    """Join as a sentence does: `a, b and c`; or `a, b or c`."""
    *most, end = items
    return f"{', '.join(most)} {_JOINS[language, last]} {end}" if most else end


def series(items: Iterable[str], language: str) -> str:
    """Set items apart that hold commas themselves."""
    return say(("; ", "\N{NO-BREAK SPACE}; "), language).join(items)


def alphabetical(names: Iterable[str]) -> list[str]:
    """Sort as a reader looks things up: accents count for nothing."""
    return sorted(names, key=lambda name: unicodedata.normalize("NFD", name).encode("ascii", "ignore").lower())


def count(number: int, one: str, many: str, language: str) -> str:
    """Count things; French counts from two."""
    single = number == 1 if language == "en" else number < 2
    return f"{grouped(number, language)} {one if single else many}"


def grouped(number: int, language: str) -> str:
    """Write a number with its thousands apart."""
    return f"{number:,}" if language == "en" else f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def bare(id: str) -> str:  # noqa: A002 - what it is
    """Call a thing by its id, where nobody knows a name."""
    return id


def quoted(text: str) -> Pair:
    return f"“{text}”", f"«\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}»"


def scheme_lines(identifiers: Iterable[tuple[str, Json]]) -> list[Pair]:
    """Write public identifiers, such as an ISNI."""
    return [(f"{name.upper()}: {value}", f"{name.upper()} : {value}") for name, value in identifiers]
