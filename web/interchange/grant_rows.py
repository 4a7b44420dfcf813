"""
Rows of a spreadsheet and the grants that they make up: both ways, and the same grant again.

Reading, all that is wrong is found in one pass:

1. Rows with one reference that stand together are one grant. The reference coming back further down is refused.
2. Columns of the grant: filled in once, or the same in each row.
3. Each row with a box gives one; its days become moments (``days``). The same box twice is refused.
4. Groups that stand in JSON cells are expanded as drafting does it, and the whole is read as a signed body is
   (``drafts.check_draft``).

Writing puts the columns of the grant on its first row, and every moment as UTC, so that what is read back is the same
body byte for byte.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from registry.core.errors import DomainError
from registry.core.jcs import Json, canonical
from web.drafts import expand
from web.interchange import columns
from web.interchange.boxes import BOX_NAMES, read_box, write_box
from web.interchange.cells import ABSENT, REQUIRED, BadCell, Value, read_cell, write_cell
from web.interchange.columns import Column, Sheet
from web.interchange.drafts import Check, Draft, check_draft, sorted_boxes
from web.interchange.forms import pay
from web.interchange.report import Finding, finding, refusal
from web.interchange.tables import Row, Table

_PAY: Final = Column(name=columns.PAY, path=(columns.PAY,), form=pay(), empty=ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A grant to be written: what the file shall call it, its type and its body."""

    reference: str
    type: str
    body: Mapping[str, Json]
    offered: bool = False  # a consent by contract that the grantee has not accepted


@dataclass(slots=True, kw_only=True)
class _Grant:
    """One grant while it is read."""

    sheet: Sheet
    rows: list[Row]
    findings: list[Finding] = field(default_factory=list)
    boxes: list[tuple[Row, dict[str, Json]]] = field(default_factory=list)

    @property
    def reference(self) -> str:
        return self.rows[0].cells.get(columns.REFERENCE, "").strip()


def read_grants(table: Table, sheet: Sheet, *, check: Check = check_draft) -> tuple[list[Draft], list[Finding]]:
    """Return the drafts of a table and all that is wrong with it; drafts count only if nothing is."""
    findings = [*table.findings, *_missing_columns(table, sheet)]
    drafts: list[Draft] = []
    seen: set[str] = set()
    for reference, rows in groupby(table.rows, key=lambda row: row.cells.get(columns.REFERENCE, "").strip()):
        grant = _Grant(sheet=sheet, rows=list(rows))
        first = grant.rows[0].number
        if not reference:
            findings += [finding("missing_value", row=row.number, column=columns.REFERENCE) for row in grant.rows]
            continue
        if reference in seen:
            findings.append(finding("duplicate_reference", row=first, column=columns.REFERENCE, grant=reference))
        seen.add(reference)
        draft = _read(grant, check)
        findings += grant.findings
        if draft is not None:
            drafts.append(draft)
    return drafts, findings


def write_grants(grants: Iterable[Written], sheet: Sheet) -> Iterator[dict[str, str]]:
    """Write each grant as its rows."""
    for grant in grants:
        first = {columns.TYPE: "" if grant.type == next(iter(sheet.types)) else grant.type}
        first |= {
            column.name: write_cell(_at(grant.body, column.path), column.form, empty=column.empty)
            for column in sheet.columns
        }
        boxes = grant.body["scopes"]
        assert isinstance(boxes, list)
        for number, box in enumerate(boxes):
            yield {columns.REFERENCE: grant.reference} | ({} if number else first) | write_box(box)


def _missing_columns(table: Table, sheet: Sheet) -> Iterator[Finding]:
    needed = [columns.REFERENCE, *(c.name for c in (*sheet.columns, *columns.BOX) if c.empty is REQUIRED)]
    for name in needed:
        if table.header and name not in table.header:
            yield finding("missing_column", column=name, name=name)


def _read(grant: _Grant, check: Check) -> Draft | None:
    type_ = _type(grant)
    body: dict[str, Json] = {}
    if any(column.path[0] == "caps" for column in grant.sheet.columns):
        body["caps"] = {}
    for column in grant.sheet.columns:
        value = _value(grant, column)
        if value is not ABSENT and value is not REQUIRED:
            _put(body, column.path, value)
    pay_value = _value(grant, _PAY)
    _read_boxes(grant)
    if type_ is None or any(found.wrong for found in grant.findings):
        return None
    body["scopes"] = sorted_boxes([box for _, box in grant.boxes])
    try:
        body = expand(body)  # groups inside JSON cells; sets in any order
    except DomainError as error:
        row, name = _place(grant, error.field)
        grant.findings.append(refusal(error, row=row, column=name))
        return None
    draft = Draft(
        reference=grant.reference,
        type=type_,
        issuer=str(body[grant.sheet.types[type_]]),
        body=body,
        private=None if pay_value is ABSENT else {"pay": _json(pay_value), "mfn": None},
    )
    if (wrong := check(draft, lambda path: _place(grant, path))) is not None:
        grant.findings.append(wrong)
    return draft


def _json(value: Value) -> Json:
    return None if not isinstance(value, dict | list | str | int | bool) else value


def _type(grant: _Grant) -> str | None:
    cells = [(row, row.cells[columns.TYPE].strip()) for row in grant.rows if columns.TYPE in row.cells]
    for row, name in cells:
        if name not in grant.sheet.types:
            kind = grant.sheet.kind
            grant.findings.append(finding("wrong_kind", row=row.number, column=columns.TYPE, value=name, kind=kind))
            return None
        if name != cells[0][1]:
            grant.findings.append(_conflict(row, columns.TYPE, cells[0][0]))
            return None
    return cells[0][1] if cells else next(iter(grant.sheet.types))


def _value(grant: _Grant, column: Column) -> Value:
    """Return what the rows of a grant say in one column; what is wrong with it goes to the findings."""
    held = [(row, row.cells[column.name]) for row in grant.rows if column.name in row.cells]
    if not held:
        if column.empty is REQUIRED:
            grant.findings.append(finding("missing_value", row=grant.rows[0].number, column=column.name))
        return column.empty
    first, text = held[0]
    grant.findings += [_conflict(row, column.name, first) for row, other in held if other.strip() != text.strip()]
    try:
        return read_cell(text, column.form, empty=column.empty)
    except BadCell as bad:
        grant.findings.append(bad.at(first.number, column.name))
        return REQUIRED


def _conflict(row: Row, column: str, first: Row) -> Finding:
    return finding("conflicting_rows", row=row.number, column=column, other=first.number)


def _read_boxes(grant: _Grant) -> None:
    seen: dict[bytes, int] = {}
    for row in grant.rows:
        if BOX_NAMES.isdisjoint(row.cells) and len(grant.rows) > 1:
            continue  # a row that only adds columns of the grant
        box, findings = read_box(row)
        grant.findings += findings
        if box is None:
            continue
        key = canonical(box)
        if key in seen:
            grant.findings.append(finding("duplicate_box", row=row.number, other=seen[key]))
        seen[key] = row.number
        grant.boxes.append((row, box))


def _place(grant: _Grant, path: str | None) -> tuple[int | None, str | None]:
    """Return the row and column from which a field of the body came."""
    first = grant.rows[0].number
    if path is None:
        return first, None
    name = path.removeprefix("body.")
    if name.startswith("scopes["):
        number, _, rest = name.removeprefix("scopes[").partition("]")
        boxes = sorted(grant.boxes, key=lambda pair: canonical(pair[1]).decode())
        row = boxes[int(number)][0] if int(number) < len(boxes) else grant.rows[0]
        return row.number, next((c.name for c in columns.BOX if rest.startswith("." + ".".join(c.path[:1]))), None)
    for column in grant.sheet.columns:
        if name == ".".join(column.path) or name.startswith((f"{column.path[0]}[", f"{column.path[0]}.")):
            rows = [row.number for row in grant.rows if column.name in row.cells]
            return (rows or [first])[0], column.name
    return first, name.partition(".")[0]


def _at(body: Mapping[str, Json], path: tuple[str, ...]) -> Value:
    held: Json = dict(body)
    for name in path:
        if not isinstance(held, dict) or name not in held:
            return ABSENT
        held = held[name]
    return held


def _put(body: dict[str, Json], path: tuple[str, ...], value: Value) -> None:
    *way, last = path
    held = body
    for name in way:
        inner = held.setdefault(name, {})
        assert isinstance(inner, dict)
        held = inner
    held[last] = _json(value)
