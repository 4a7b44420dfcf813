"""
CSV: UTF-8, quoted by RFC 4180, with `,` `;` or tab between cells: programs choose by the language they run in.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from web.interchange.report import finding
from web.interchange.tables import MAX_FILE_BYTES, Table, split_rows, tabulate

_SEPARATORS: Final = ",;\t"


def read_csv(data: bytes, *, known: frozenset[str]) -> Table:
    """Read a file; what is wrong with it stands in the table."""
    table = Table()
    if len(data) > MAX_FILE_BYTES:
        table.findings.append(finding("too_large", limit=MAX_FILE_BYTES, unit="bytes"))
        return table
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        table.findings.append(finding("wrong_encoding"))
        return table
    lines = _lines(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        return tabulate(lines, table, known=known)
    except csv.Error as error:
        table.findings.append(finding("not_csv", problem=error))
        return table


def write_csv(header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    """Write a file row by row, with the mark by which programs know UTF-8."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=header, restval="")
    buffer.write("\ufeff")
    writer.writeheader()
    for row in split_rows(rows):
        yield _taken(buffer)
        writer.writerow(row)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number each record by the line on which it begins, as an editor shows it."""
    first, _, _ = text.partition("\n")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    for cells in reader:
        yield before + 1, cells
        before = reader.line_num
