"""
The files of EMA Avails: the workbook (1.7 to 1.9) and the XML (2.1 to 2.7), both as the same rows.

In a workbook the header is the first of the topmost rows that names what an offer needs; rows above and the blank one
below it are the template's. In XML each transaction of each avail is a row, in the order of the file; elements are
called by their columns, and those that have none by their path, so that nothing is passed over.
"""

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from web.interchange.ema_columns import NEEDED, SHEETS
from web.interchange.report import Finding, finding
from web.interchange.tables import MAX_FILE_BYTES, MAX_ROWS, Row, Table
from web.interchange.xlsx_files import open_workbook, sheet_lines

_HEADER_WITHIN: Final = 6  # rows
NOTES_SHEET: Final = "not expressed"  # our own, written beside an export
_AVAIL: Final = re.compile(r"\{http://www\.movielabs\.com/schema/avails/v2(\.[0-9]+)*/avails\}")
_CALLED: Final = {
    "Licensor/DisplayName": "DisplayName",
    "Transaction/Licensee/DisplayName": "Licensee",
    "Disposition/EntryType": "EntryType",
    "Asset/WorkType": "WorkType",
    "Transaction/Territory/country": "Territory",
    "Transaction/TerritoryExcluded/country": "TerritoryExclusion",
    "Transaction/StartCondition": "Start",
    "Transaction/EndCondition": "End",
    "Transaction/StartCondition@lag": "StartLag",
    "Transaction/EndCondition@lag": "EndLag",
    "Transaction/AllowedLanguage": "AllowedLanguages",
}


def read_workbook(data: bytes) -> tuple[list[Row], list[Finding]]:
    """Return the offers of every sheet that holds some, and what is wrong with the file."""
    table = Table()
    workbook = open_workbook(data, table)
    rows: list[Row] = []
    if workbook is None:
        return rows, table.findings
    sheets = [sheet for sheet in workbook.worksheets if sheet.title in SHEETS]
    if not sheets:
        return rows, [finding("no_sheet")]
    for sheet in workbook.worksheets:
        if sheet not in sheets and sheet.title != NOTES_SHEET:
            table.findings.append(finding("extra_sheet", name=sheet.title))
    for sheet in sheets:
        rows += _rows(sheet, table)
    if len(rows) > MAX_ROWS:
        table.findings.append(finding("too_large", limit=MAX_ROWS, unit="rows"))
    return rows, table.findings


def _rows(sheet: Any, table: Table) -> Iterator[Row]:
    table.header = ()
    for number, cells in sheet_lines(sheet, table):
        if not table.header:
            if set(NEEDED) <= {cell.strip() for cell in cells}:
                table.header = tuple(cell.strip() for cell in cells)
            elif number >= _HEADER_WITHIN:
                break
            continue
        filled = [(name, text.strip()) for name, text in zip(table.header, cells, strict=False) if text.strip()]
        found = dict(filled)
        for name in sorted({name for name, text in filled if name and found[name] != text}):
            table.findings.append(finding("duplicate_column", row=number, column=name, name=name))
        if "" in found:
            table.findings.append(finding("cell_beyond_header", row=number))
        if found:
            yield Row(number=number, cells=found)
    if not table.header:
        table.findings.append(finding("no_header", wanted=", ".join(NEEDED)))


def read_xml(data: bytes) -> tuple[list[Row], list[Finding]]:
    """Return the offers of a list of avails, numbered from 1, and what is wrong with the file."""
    if len(data) > MAX_FILE_BYTES:
        return [], [finding("too_large", limit=MAX_FILE_BYTES, unit="bytes")]
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        return [], [finding("not_xml", problem=type(error).__name__)]
    avails = [element for element in root.iter() if _AVAIL.sub("", element.tag) == "Avail"]
    if not avails:
        return [], [finding("no_header", wanted="Avail")]
    offers = [offer for avail in avails for offer in _offers(avail)]
    return [Row(number=number, cells=cells) for number, cells in enumerate(offers, start=1)], []


def _offers(avail: Element) -> Iterator[dict[str, str]]:
    shared: dict[str, str] = {}
    for part in avail:
        if _name(part) != "Transaction":
            _flatten(part, _name(part), shared)
    for part in avail:
        if _name(part) == "Transaction":
            cells = dict(shared)
            _flatten(part, "Transaction", cells)
            yield cells


def _flatten(element: Element, path: str, cells: dict[str, str]) -> None:
    """Write an element and all below it into cells; several of one kind are joined as a spreadsheet joins them."""
    named = element.get("termName")
    if named is not None:
        _add(cells, named, " ".join("".join(element.itertext()).split()))
        return
    text = (element.text or "").strip()
    if text:
        asset = element.get("asset")
        _add(cells, _column(path), text if asset is None else f"{text}:{asset}")
    for name, value in element.attrib.items():
        if name != "asset":
            _add(cells, _column(f"{path}@{name}"), value)
    for part in element:
        _flatten(part, f"{path}/{_name(part)}", cells)


def _add(cells: dict[str, str], column: str, text: str) -> None:
    cells[column] = f"{cells[column]}, {text}" if column in cells else text


def _column(path: str) -> str:
    return _CALLED.get(path, path.removeprefix("Transaction/"))


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
