"""
Licences and consents as CSV and XLSX: a file into drafts, grants into a file.

    taken = read_spreadsheet(data, format="csv", kind="licences")   # raises FileRefused with the whole report
    for chunk in write_spreadsheet(grants, format="csv", kind="licences"): ...

What is written and read back gives the same bodies, byte for byte; what the law adds when it is drafted (language, hash
of the text and of the private part) is no part of a file, and neither are private terms, which go in but not out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from web.interchange.columns import BOX, SHEETS, Sheet
from web.interchange.csv_files import read_csv, write_csv
from web.interchange.drafts import Draft
from web.interchange.grant_rows import Written, read_grants, write_grants
from web.interchange.report import Report
from web.interchange.xlsx_files import read_xlsx, write_xlsx


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a file gave: drafts, and the report on it."""

    drafts: tuple[Draft, ...]
    report: Report


def read_spreadsheet(data: bytes, *, format: str, kind: str) -> Taken:  # noqa: A002 - the word of the API
    """Read a file; raises ``FileRefused`` if anything in it is wrong."""
    sheet = SHEETS[kind]
    table = read_csv(data, known=sheet.known) if format == "csv" else read_xlsx(data, known=sheet.known)
    drafts, findings = read_grants(table, sheet)
    report = Report.of((row.number for row in table.rows), findings)
    report.require()
    return Taken(drafts=tuple(drafts), report=report)


def write_spreadsheet(
    grants: Iterable[Written],
    *,
    format: str,  # noqa: A002 - the word of the API
    kind: str,
) -> Iterator[bytes]:
    """Write grants, CSV row by row, XLSX as a whole."""
    sheet = SHEETS[kind]
    rows = write_grants(grants, sheet)
    if format == "csv":
        yield from write_csv(sheet.header, rows)
    else:
        yield write_xlsx(kind, sheet.header, rows, about=_about(sheet))


def _about(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    yield "column", "what", "about"
    for column in (*sheet.columns, *BOX):
        yield column.name, column.form.wanted[0], column.help
