"""
What an import or export has to say of a file: a row, a column, a code, and a sentence in English and in French.

A finding that is ``wrong`` lets nothing through; one that is not tells what could not be said in the other format, or
how something was read. Codes are API. Messages of the registry's own parsers keep their code and their English.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from registry.core.errors import MAX_SHOWN, DomainError
from registry.core.jcs import Json
from registry.texts.layout import spaced
from web.interchange.sentences import FRENCH, SENTENCES, WORDS

_WORDED: Final = ("kind", "unit", "what")  # values that are words of ours
MAX_SHOWN_FINDINGS: Final = 5_000  # of one file; the count of all is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to say; ``row`` as a spreadsheet numbers it, None where it is about the whole file."""

    row: int | None
    column: str | None
    code: str
    en: str
    fr: str
    wrong: bool = True

    def format(self) -> dict[str, Json]:
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "wrong": self.wrong,
            "message": {"en": self.en, "fr": self.fr},
        }


def finding(
    code: str, *, row: int | None = None, column: str | None = None, wrong: bool = True, **values: object
) -> Finding:
    """Say one of our own sentences."""
    en, fr = SENTENCES[code]
    shown = {name: str(value)[:MAX_SHOWN] for name, value in values.items()}
    told = {name: WORDS.get(text, text) if name in _WORDED else text for name, text in shown.items()}
    return Finding(row=row, column=column, code=code, en=en.format(**shown), fr=spaced(fr).format(**told), wrong=wrong)


def refusal(error: DomainError, *, row: int | None, column: str | None) -> Finding:
    """Repeat what a parser of the registry refused, in both languages."""
    value = getattr(error, "value", None) or getattr(error, "term", None)
    fr = FRENCH.get(error.code, FRENCH[""])
    shown = "" if value is None else f" : `{str(value)[:MAX_SHOWN]}`"
    where = "" if error.field is None else f"`{error.field}` : "
    return Finding(row=row, column=column, code=error.code, en=str(error), fr=where + fr + shown)


class FileRefused(DomainError):
    """A file of which nothing was taken; the report says all that is wrong with it."""

    code = "file_refused"
    status = 422

    def __init__(self, report: "Report") -> None:
        super().__init__(
            f"nothing was taken: `{report.wrong}` things are wrong, and the report names each", field="file"
        )
        self.report = report

    def extra(self) -> dict[str, Any]:
        return {"report": self.report.format()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Every row that was read, in order, and all that is to be said of it."""

    rows: tuple[int, ...]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, rows: Iterable[int], findings: Iterable[Finding]) -> "Report":
        return cls(rows=tuple(sorted(set(rows))), findings=tuple(sorted(set(findings), key=_order)))

    @property
    def shown(self) -> tuple[Finding, ...]:
        """Return what is written out: all, or as much as anybody mends before trying again, what is wrong first."""
        if len(self.findings) <= MAX_SHOWN_FINDINGS:
            return self.findings
        first = sorted(self.findings, key=lambda one: not one.wrong)
        more = finding("more_findings", wrong=False, count=len(self.findings) - MAX_SHOWN_FINDINGS)
        return more, *first[:MAX_SHOWN_FINDINGS]

    @property
    def wrong(self) -> int:
        return sum(finding.wrong for finding in self.findings)

    def require(self) -> None:
        """Refuse the file if anything in it is wrong."""
        if self.wrong:
            raise FileRefused(self)

    def format(self) -> dict[str, Json]:
        by_row: dict[int | None, list[Json]] = {row: [] for row in self.rows}
        for one in self.shown:
            by_row.setdefault(one.row, []).append(one.format())
        whole: list[Json] = by_row.pop(None, [])
        rows: list[Json] = [{"row": row, "findings": found} for row, found in sorted(_known(by_row))]
        return {"wrong": self.wrong, "file": whole, "rows": rows}


def _known(by_row: dict[int | None, list[Json]]) -> list[tuple[int, list[Json]]]:
    return [(row, found) for row, found in by_row.items() if row is not None]


def _order(one: Finding) -> tuple[int, str, str, str]:
    return one.row or 0, one.column or "", one.code, one.en
