"""
A spreadsheet as text: a header and rows of cells, whatever program wrote it.

Reading finds everything that makes a cell mean something else to somebody else, and refuses it: another encoding,
formulas, merged cells, a second sheet, numbers with fractions, values beside the header. ``csv`` and ``xlsx`` are read
into the same ``Table``; what the cells mean is for others.

A row whose `part` is `+` continues the one above: its cells are appended. So a value longer than the 32,767 characters
of a spreadsheet's cell is written, and read back whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from web.interchange.cells import guard, unguard
from web.interchange.columns import PART
from web.interchange.report import Finding, finding

MAX_FILE_BYTES: Final = 20_000_000  # a slate of thousands of boxes is a tenth of it
MAX_ROWS: Final = 10_000  # read in seconds
MAX_COLUMNS: Final = 200  # the widest sheet of EMA Avails has under a hundred
MAX_CELL_CHARS: Final = 32_000  # programs cut a cell at 32,767
CONTINUES: Final = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row by its number in the file, with the cells that are not empty."""

    number: int
    cells: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Table:
    """What was read, and all that is wrong with it."""

    header: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def tabulate(lines: Iterable[tuple[int, Sequence[str]]], table: Table, *, known: frozenset[str]) -> Table:
    """Take the first line for the header, and every other that is not empty for a row."""
    numbered = iter(lines)
    _, header = next(numbered, (0, ()))
    table.header = tuple(name.strip() for name in header)
    table.findings += _check_header(table.header, known)
    for number, cells in numbered:
        if len(table.rows) == MAX_ROWS:
            table.findings.append(finding("too_large", limit=MAX_ROWS, unit="rows"))
            break
        _take(table, number, cells)
    if not table.rows and not table.findings:
        table.findings.append(finding("no_rows"))
    return table


def split_rows(rows: Iterable[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Break what no cell can hold into rows that continue each other, and guard every cell."""
    for row in rows:
        pieces = [[(name, piece) for piece in _pieces(text)] for name, text in row.items() if text]
        for number, cells in enumerate(zip_longest(*pieces)):
            part = {PART: CONTINUES} if number else {}
            yield part | {cell[0]: guard(cell[1]) for cell in cells if cell is not None}


def _pieces(text: str) -> list[str]:
    return [text[start : start + MAX_CELL_CHARS] for start in range(0, len(text), MAX_CELL_CHARS)]


def _check_header(header: tuple[str, ...], known: frozenset[str]) -> Iterator[Finding]:
    if len(header) > MAX_COLUMNS:
        yield finding("too_large", limit=MAX_COLUMNS, unit="columns")
    seen: set[str] = set()
    for name in header:
        if name in seen and name:
            yield finding("duplicate_column", column=name, name=name)
        elif name and name not in known:
            yield finding("unknown_column", column=name, name=name)
        seen.add(name)


def _take(table: Table, number: int, cells: Sequence[str]) -> None:
    found: dict[str, str] = {}
    for name, text in zip_longest(table.header, cells, fillvalue=""):
        if not text.strip():
            continue
        if name:
            found[name] = unguard(text)
        else:
            table.findings.append(finding("cell_beyond_header", row=number))
    if not found:
        return
    if found.pop(PART, "") != CONTINUES:
        table.rows.append(Row(number=number, cells=found))
    elif table.rows:
        last = table.rows[-1]
        joined = {name: last.cells.get(name, "") + text for name, text in found.items()}
        table.rows[-1] = Row(number=last.number, cells={**last.cells, **joined})
    else:
        table.findings.append(finding("nothing_to_continue", row=number, column=PART))
