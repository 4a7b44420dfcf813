"""
EMA Avails into licence drafts: what an offer says of territory, time, medium and language, one box a row.

An avail says that a title may be sold; it does not say what a licence of this registry must (which acts, aspects,
purposes and projects, and by which paper). Those come beside the file (``given``); whatever of the file has no place in
a licence (prices, formats, ratings) is reported cell by cell and kept verbatim with the draft's private part.

Dates without a time are read strictly, as everywhere: a start when the day has begun in every zone of the territories,
an end when the end day *begins* in the first of them, which is what most shops take it for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.core.terms import ALL, LANGUAGES, expand_languages
from registry.core.times import format_time, from_epoch_s
from web.interchange.box_forms import territories
from web.interchange.cells import BadCell, read_cell
from web.interchange.days import moments_s, zones_of
from web.interchange.drafts import Check, Draft, check_draft, sorted_boxes
from web.interchange.ema_columns import CONDITIONS, IDENTIFIERS, LICENSE_TYPES, NARROWING, READ
from web.interchange.given import Given
from web.interchange.report import Finding, Report, finding
from web.interchange.spreadsheets import Taken
from web.interchange.tables import Row

_TERRITORIES: Final = territories()
_YES: Final = frozenset({"yes", "true", "1"})
_NO: Final = frozenset({"", "no", "false", "0"})
_LAG: Final = re.compile(r"P(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?")
_OFFERS: Final = frozenset({"", "Full Extract", "Create", "Update"})
_BOX: Final = ("acts", "aspects", "purposes", "projects")


_Key = tuple[str, str, str, str, str | None]  # contract, avail, licensor, licensee as they are called; our work


@dataclass(slots=True, kw_only=True)
class _Offers:
    """The rows that are offers of one work under one contract."""

    reference: str
    work: str | None
    first: Row
    exclusive: bool
    boxes: list[tuple[Row, dict[str, Json]]] = field(default_factory=list)
    beside: list[Json] = field(default_factory=list)


def read_offers(rows: Sequence[Row], findings: list[Finding], *, given: Given, check: Check = check_draft) -> Taken:
    """Return a draft for each work and contract; raises ``FileRefused`` if a row cannot be read."""
    said = list(findings)
    held: dict[_Key, _Offers] = {}
    for row in rows:
        _read(row, held, said, given)
    drafts = [_draft(offers, said, given, check) for offers in held.values()] if rows else []
    if not rows and not said:
        said.append(finding("no_rows"))
    report = Report.of((row.number for row in rows), said)
    report.require()
    return Taken(drafts=tuple(draft for draft in drafts if draft is not None), report=report)


def _read(row: Row, held: dict[_Key, _Offers], said: list[Finding], given: Given) -> None:
    cells = {name: text.strip() for name, text in row.cells.items()}
    if (entry := cells.get("EntryType", "")) not in _OFFERS:
        said.append(finding("not_a_licence", row=row.number, column="EntryType", value=entry))
        return
    work = next((id_ for name in IDENTIFIERS if (id_ := given.id_of(cells.get(name, "")))), None)
    contract, avail = cells.get("ContractID", ""), cells.get("ALID", "")
    key = (contract, avail, cells.get("DisplayName", ""), cells.get("Licensee", ""), work)
    exclusive = cells.get("Exclusive", "").lower()
    if exclusive not in _YES | _NO:
        said.append(
            finding(
                "bad_cell", row=row.number, column="Exclusive", value=exclusive, wanted="yes or no", voulu="oui ou non"
            )
        )
    if key not in held:
        parts = (contract, avail, cells.get("Licensee", ""))
        reference = " ".join(part for part in parts if part) or f"row {row.number}"
        held[key] = _Offers(reference=reference, work=work, first=row, exclusive=exclusive in _YES)
        if work is None:
            said.append(finding("unknown_work", row=row.number, column="ALID", value=cells.get("ALID", "")))
    offers = held[key]
    if offers.exclusive != (exclusive in _YES):
        said.append(finding("conflicting_rows", row=row.number, column="Exclusive", other=offers.first.number))
    box = _Offer(row=row, cells=cells, said=said, work=offers.work or "", given=given).box()
    offers.boxes.append((row, box))
    offers.beside.append(_beside(row, said))


def _beside(row: Row, said: list[Finding]) -> Json:
    """Report every cell that no licence has a place for, and keep it as it stands."""
    kept: dict[str, Json] = {}
    for name, text in row.cells.items():
        if name in NARROWING:
            said.append(finding("constraint_not_expressed", row=row.number, column=name, value=text))
        elif name not in READ:
            said.append(finding("not_expressed", row=row.number, column=name, wrong=False, value=text))
            kept[name] = text
    return {"row": row.number, "cells": kept}


def _draft(offers: _Offers, said: list[Finding], given: Given, check: Check) -> Draft | None:
    first = offers.first.number
    parties = {
        name: _party(column, default, name, offers.first, said, given)
        for name, column, default in (
            ("licensor", "DisplayName", given.licensor),
            ("licensee", "Licensee", given.licensee),
        )
    }
    unique = {str(box): box for _, box in offers.boxes}
    if any(found.wrong for found in said):
        return None
    body: dict[str, Json] = {
        **parties,
        "subjects": [{"kind": "work", "id": offers.work}],
        "new_assets": False,
        "scopes": sorted_boxes([*unique.values()]),
        "exclusivity": "exclusive" if offers.exclusive else "none",
        "sublicensable": False,
        "caps": {},
        "parent": None,
        "holdbacks": [],
        "approvals": [],
        "options": [],
        "ends_unless": None,
        "product_categories": [],
        "document_sha256": given.document_sha256,
        "signed_on": given.signed_on,
    }
    draft = Draft(
        reference=offers.reference,
        type="licence.recorded",
        issuer=str(parties["licensee"]),
        body=body,
        private={"ema": offers.beside},
    )
    if (wrong := check(draft, lambda path: (first, path))) is not None:
        said.append(wrong)
    return draft


def _party(column: str, default: str | None, name: str, row: Row, said: list[Finding], given: Given) -> str | None:
    """Return whom the file names, else who is said beside it: and then that somebody else was named."""
    named = row.cells.get(column, "").strip()
    found = given.id_of(named)
    if found is None and default is None:
        said.append(finding("dimension_not_stated", row=row.number, column=column, name=name))
    elif found is None and named:
        said.append(finding("read_as", row=row.number, column=column, wrong=False, value=named, party=default))
    return found or default


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """One row while its box is read."""

    row: Row
    cells: Mapping[str, str]
    said: list[Finding]
    work: str
    given: Given

    def box(self) -> dict[str, Json]:
        for name in _BOX:
            if name not in self.given.sets:
                self._say("dimension_not_stated", "terms", name=name)
        codes = self._territories()
        box: dict[str, Json] = {name: self.given.sets.get(name) for name in _BOX}
        return box | {
            "media": self._media(),
            "territories": [*codes],
            "languages": self._languages(),
            "window": self._window(codes),
            "content": {"depicts": [], "scene": []},
        }

    def _media(self) -> Json:
        sold = self.cells.get("LicenseType", "")
        if sold not in LICENSE_TYPES:
            self._say("not_a_licence", "LicenseType", value=sold)
        return [LICENSE_TYPES.get(sold)]

    def _territories(self) -> list[str]:
        held, out = self._codes("Territory"), self._codes("TerritoryExclusion")
        left = sorted(set(held) - set(out))
        if not left:
            self._say("missing_value", "Territory")
        return left

    def _codes(self, column: str) -> list[str]:
        try:
            found = read_cell(self.cells.get(column, ""), _TERRITORIES, empty=[])
        except BadCell as bad:
            self.said.append(bad.at(self.row.number, column))
            return []
        return [str(code) for code in found] if isinstance(found, list) else []

    def _languages(self) -> Json:
        """Allowed ones, or all, less those held back; a language of subtitles or dubbing alone is not expressed."""
        allowed, held = self._tags("AllowedLanguages"), self._tags("HoldbackLanguage")
        tags = (allowed if allowed is not None else set(LANGUAGES.terms)) - (held or set())
        if not tags:
            self._say("missing_value", "AllowedLanguages")
        return [ALL] if tags == set(LANGUAGES.terms) else [*sorted(tags)]

    def _tags(self, column: str) -> set[str] | None:
        words = [word for word in re.split(r"[,;\s]+", self.cells.get(column, "")) if word]
        if not words:
            return None
        try:
            return set(expand_languages(words))
        except DomainError:
            self._say(
                "bad_cell", column, value=", ".join(words), wanted="language tags: fr, fr-FR", voulu="des langues"
            )
            return set()

    def _window(self, codes: list[str]) -> Json:
        column = "Start"
        if self.cells.get("LicenseType") == "POEST":  # its `Start` is when orders are taken, not when they are filled
            column = "SpecialPreOrderFulfillDate"
        start, end = self._side(column, "StartLag", codes), self._side("End", "EndLag", codes)
        if start is None:
            self._say("never_starts", column, value=self.cells.get(column, ""))
        if isinstance(start, str) and isinstance(end, str) and start >= end:
            self._say("end_before_start", "End")
        return [start, end]

    def _side(self, column: str, lag: str, codes: list[str]) -> Json:
        """Return a side of the window; ``Open`` is none, a condition an event of the work in its one territory."""
        text, plus = self.cells.get(column, ""), self.cells.get(lag, "")
        if text in CONDITIONS:
            if len(codes) != 1 or not _LAG.fullmatch(plus or "P0D"):
                self._say("relative_window", column, value=f"{text} {plus}".strip())
            territory = codes[0] if codes else None
            return {"event": CONDITIONS[text], "work": self.work, "territory": territory, "plus": plus or "P0D"}
        if plus:
            self._say("constraint_not_expressed", lag, value=plus)
        if text == "Open" or (not text and column != "End"):
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self._say("relative_window" if text.isalpha() else "bad_day", column, value=text)
            return None
        return self._moment(moment, codes, latest=column != "End")

    def _moment(self, moment: datetime, codes: list[str], *, latest: bool) -> Json:
        if moment.tzinfo is not None:
            return self._whole_second(moment, latest=latest)
        try:
            found = moments_s(moment, zones_of(codes)) if codes else frozenset({0})
        except (OverflowError, ValueError):
            self._say("bad_day", "Start" if latest else "End", value=moment)
            return None
        if len(found) > 1:
            column = "Start" if latest else "End"
            self.said.append(
                finding("days_read_strictly", row=self.row.number, column=column, wrong=False, count=len(found))
            )
        return format_time(from_epoch_s(max(found) if latest else min(found)))

    def _whole_second(self, moment: datetime, *, latest: bool) -> Json:
        """Return the moment in whole seconds: of a start the next, of an end the last, so that none is won."""
        try:
            whole = moment.astimezone(UTC).replace(microsecond=0)
            return format_time(whole + timedelta(seconds=1) if latest and moment != whole else whole)
        except OverflowError:
            self._say("bad_day", "Start" if latest else "End", value=moment)
            return None

    def _say(self, code: str, column: str, **values: object) -> None:
        shown = {name: str(value) for name, value in values.items()}
        self.said.append(finding(code, row=self.row.number, column=column, wrong=True, **shown))
