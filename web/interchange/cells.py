"""
One cell of a spreadsheet and the JSON value that it stands for.

A cell has a short form that people write (`FR, BE`, `yes`, `2027-01-31`), and always a second one: JSON. Whatever the
short form would not give back exactly is written as JSON, so that nothing is lost on the way out and in again.
`null` and `absent` are words of their own; an empty cell is what its column says it is.

A cell that a spreadsheet program would run as a formula is written with an apostrophe before it, which is taken off
again on the way in.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from registry.core.errors import DomainError
from registry.core.jcs import Json, canonical, parse_json
from web.interchange.report import Finding, finding

MAX_CELL_JSON: Final = 1 << 20  # bytes; the longest body there is


class Empty(Enum):
    """What is no JSON value: a field that is not there, and a cell that may not be empty."""

    ABSENT = "absent"
    REQUIRED = "required"


ABSENT: Final = Empty.ABSENT
REQUIRED: Final = Empty.REQUIRED
Value: TypeAlias = "Json | Empty"

_DANGEROUS: Final = tuple("=+-@\t\r\n＝＋－＠")  # what programs take for the beginning of a formula
_GUARD: Final = "'"
# What XML cannot hold, and what readers of XLSX take for an escape of their own (ECMA-376, 22.9.2.19).
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_XLSX_ESCAPE: Final = re.compile("_?x(?=[0-9A-Fa-f]{4}_)")


class BadCell(Exception):
    """A cell that cannot be read; ``code`` and ``values`` are those of the sentence that says why."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def at(self, row: int, column: str) -> Finding:
        return finding(self.code, row=row, column=column, wrong=True, **self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The short form of a kind of cell: how people write it, and what that means."""

    wanted: tuple[str, str]  # for the sentence that refuses, English and French
    read: Callable[[str], Json]  # raises ``ValueError`` or a ``DomainError``
    write: Callable[[Json], str | None]  # None where there is no short form


def read_cell(text: str, form: Form, *, empty: Value) -> Value:
    """Return what the cell says; raises ``BadCell``."""
    text = text.strip()
    if not text:
        if empty is REQUIRED:
            raise BadCell("missing_value")
        return empty
    if text == "null":
        return None
    if text == "absent":
        return ABSENT
    if text[0] in '{["':
        return _read_json(text)
    try:
        return form.read(text)
    except (ValueError, DomainError) as error:
        raise BadCell("bad_cell", value=text, wanted=form.wanted[0], voulu=form.wanted[1]) from error


def write_cell(value: Value, form: Form, *, empty: Value) -> str:
    """Return the cell for a value: its short form if that gives the value back, else JSON."""
    if value is ABSENT:
        return "" if empty is ABSENT else "absent"
    if isinstance(value, Empty):
        raise ValueError(value)
    if not isinstance(empty, Empty) and same(value, empty):
        return ""
    short = form.write(value)
    if short is not None and not _odd(short) and _gives(short, value, form):
        return short
    return _write_json(value)


def guard(text: str) -> str:
    """Return the cell so that no program runs it."""
    return _GUARD + text if text.startswith((*_DANGEROUS, _GUARD)) else text


def unguard(text: str) -> str:
    """Take off what ``guard`` put on; a person's own apostrophe before a word stays."""
    return text[1:] if text.startswith(_GUARD) and text[1:].startswith((*_DANGEROUS, _GUARD)) else text


def same(a: Value, b: Value) -> bool:
    """Compare two values as JSON, where true is not 1."""
    if isinstance(a, Empty) or isinstance(b, Empty):
        return a is b
    return canonical(a) == canonical(b)


def _gives(short: str, value: Json, form: Form) -> bool:
    try:
        return same(read_cell(short, form, empty=ABSENT), value)
    except BadCell:
        return False


def _odd(text: str) -> bool:
    return bool(_NOT_IN_XML.search(text) or _XLSX_ESCAPE.search(text) or "\r" in text)


def _read_json(text: str) -> Json:
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"), max_bytes=MAX_CELL_JSON)
    except DomainError as error:
        if error.code == "float_not_allowed":
            raise BadCell("float_not_allowed", value=text) from error
        raise BadCell("bad_json", problem=str(error)) from error


def _write_json(value: Json) -> str:
    """Write JSON in which every character survives XML, and no reader of XLSX sees an escape of its own."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text = _NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return _XLSX_ESCAPE.sub(lambda found: found[0].replace("x", "\\u0078"), text)
