"""
XLSX: one sheet of text, without formulas, merged cells or numbers with fractions.

A workbook is a ZIP of XML: it is measured before it is unpacked, and ``defusedxml`` is what ``openpyxl`` reads it with.
Cells are written as text, whatever they look like, so that no program makes dates of them.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from web.interchange.report import Finding, finding
from web.interchange.tables import MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS, Table, split_rows, tabulate

MAX_UNPACKED_BYTES: Final = 200_000_000
_MAX_LINES: Final = MAX_ROWS + 10  # with what stands above the rows
COLUMNS_SHEET: Final = "columns"  # our own explanation of the columns, not read back
_UNREADABLE: Final = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError, EOFError)


def read_xlsx(data: bytes, *, known: frozenset[str]) -> Table:
    """Read a file; what is wrong with it stands in the table."""
    table = Table()
    workbook = open_workbook(data, table)
    if workbook is None:
        return table
    sheets = [sheet for sheet in workbook.worksheets if sheet.title != COLUMNS_SHEET]
    if not sheets:
        table.findings.append(finding("no_sheet"))
        return table
    for sheet in sheets[1:]:
        if sheet.max_row > 1 or sheet.max_column > 1 or sheet.cell(1, 1).value is not None:
            table.findings.append(finding("extra_sheet", name=sheet.title))
    return tabulate(sheet_lines(sheets[0], table), table, known=known)


def open_workbook(data: bytes, table: Table) -> Workbook | None:
    """Open a workbook that is not too large; None and a finding where that cannot be."""
    if len(data) > MAX_FILE_BYTES:
        table.findings.append(finding("too_large", limit=MAX_FILE_BYTES, unit="bytes"))
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED_BYTES:
                table.findings.append(finding("too_large", limit=MAX_UNPACKED_BYTES, unit="bytes"))
                return None
        return openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    except _UNREADABLE as error:
        table.findings.append(finding("not_xlsx", problem=error))
        return None


def sheet_lines(sheet: Any, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of a sheet as text, noting in the table what is no plain value."""
    table.findings += [
        finding("merged_cells", row=cells.min_row, cells=cells.coord) for cells in sheet.merged_cells.ranges
    ]
    if sheet.max_column > MAX_COLUMNS:
        table.findings.append(finding("too_large", limit=MAX_COLUMNS, unit="columns"))
        return
    # Formatting may reach down to a program's last row, so ask the cells, not how many rows there are.
    if any(place[0] > _MAX_LINES and cell.value is not None for place, cell in sheet._cells.items()):
        table.findings.append(finding("too_large", limit=MAX_ROWS, unit="rows"))
    for number, cells in enumerate(sheet.iter_rows(max_row=min(sheet.max_row, _MAX_LINES)), start=1):
        names = table.header
        yield (
            number,
            [
                _plain(cell, number, names[place] if place < len(names) else None, table.findings)
                for place, cell in enumerate(cells)
            ],
        )


def write_xlsx(
    title: str, header: Sequence[str], rows: Iterable[Mapping[str, str]], *, about: Iterable[Sequence[str]] = ()
) -> bytes:
    """Write a workbook of one sheet, and beside it the explanation of its columns."""
    workbook = Workbook(write_only=True)
    append_sheet(workbook, title, [header, *([row.get(name, "") for name in header] for row in split_rows(rows))])
    if about := list(about):
        append_sheet(workbook, COLUMNS_SHEET, about)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def append_sheet(workbook: Workbook, title: str, lines: Iterable[Sequence[str]]) -> None:
    """Add a sheet in which every cell is text."""
    sheet = workbook.create_sheet(title)
    for line in lines:
        sheet.append([_text_cell(sheet, text) if text else None for text in line])


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # whatever it begins with, it is no formula
    return cell


def _plain(cell: Any, row: int, column: str | None, findings: list[Finding]) -> str:
    """Return a cell as text."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        findings.append(finding("formula", row=row, column=column))
        return ""
    if cell.data_type == "e":
        findings.append(finding("error_cell", row=row, column=column, value=value))
        return ""
    if isinstance(value, float):
        findings.append(finding("float_not_allowed", row=row, column=column, value=value))
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)
