"""Spreadsheets as people send them: what is read, and every wrong thing named at once by row and column."""

import io
import json
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from registry.core.errors import DomainError
from tests.interchange_bodies import DIGESTS, IDS
from tests.interchange_sheets import GOOD, Row, csv_of
from web.interchange import xlsx_files
from web.interchange.grant_rows import Written
from web.interchange.report import MAX_SHOWN_FINDINGS, FileRefused, finding
from web.interchange.spreadsheets import Taken, read_spreadsheet, write_spreadsheet
from web.interchange.tables import MAX_ROWS


def taken(*rows: Row) -> Taken:
    return read_spreadsheet(csv_of(*rows), format="csv", kind="licences")


def refused(data: bytes, *, format_: str = "csv", kind: str = "licences") -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(FileRefused) as caught:
        read_spreadsheet(data, format=format_, kind=kind)
    report = caught.value.report
    assert all(one.en and one.fr and one.en != one.fr for one in report.findings)
    return [(one.row, one.column, one.code) for one in report.findings if one.wrong]


def wrong(*rows: Row) -> list[tuple[int | None, str | None, str]]:
    return refused(csv_of(*rows))


def workbook(*rows: Row, change: Any = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    names = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append(names)
    for row in rows:
        sheet.append([row.get(name) for name in names])
    if change is not None:
        change(book, sheet, {name: place + 1 for place, name in enumerate(names)})
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_a_good_row_is_one_licence_recorded_from_paper_for_its_licensee_to_sign() -> None:
    got = taken(GOOD)
    (draft,) = got.drafts
    assert (draft.type, draft.issuer, draft.reference) == ("licence.recorded", IDS[2], "L-1")
    assert draft.body["subjects"] == [{"kind": "asset", "id": IDS[5]}, {"kind": "work", "id": IDS[4]}]
    assert (draft.body["exclusivity"], draft.body["new_assets"], draft.body["caps"]) == ("none", False, {})
    assert got.report.format() == {"wrong": 0, "file": [], "rows": [{"row": 2, "findings": []}]}


def test_contract_days_are_days_in_the_territory_the_last_one_included() -> None:
    (draft,) = taken(GOOD).drafts
    assert draft.body["scopes"][0]["window"] == ["2026-12-31T23:00:00Z", "2028-12-31T23:00:00Z"]  # midnight in Paris


def test_a_box_of_several_territories_opens_with_the_last_and_closes_with_the_first() -> None:
    got = taken(GOOD | {"territories": "FR, GB, JP"})
    assert got.drafts[0].body["scopes"][0]["window"] == ["2027-01-01T00:00:00Z", "2028-12-31T15:00:00Z"]
    (note,) = got.report.findings
    assert (note.row, note.code, note.wrong) == (2, "days_read_strictly", False)


def test_the_zone_that_a_contract_names_is_used() -> None:
    got = taken(GOOD | {"territories": "FR, JP", "day_zone": "America/New_York", "start": "2027-07-01"})
    assert got.drafts[0].body["scopes"][0]["window"] == ["2027-07-01T04:00:00Z", "2029-01-01T05:00:00Z"]
    assert got.report.findings == ()
    assert wrong(GOOD | {"day_zone": "Mars/Olympus"}) == [(2, "day_zone", "unknown_zone")]


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("World", 250),
        ("EU", 27),
        ("French-speaking", 44),
        ("Benelux; CH", 4),
        ("fr be", 2),
        ("World except CN, RU", 248),
    ],
)
def test_names_of_groups_are_expanded(cell: str, count: int) -> None:
    assert len(taken(GOOD | {"territories": cell}).drafts[0].body["scopes"][0]["territories"]) == count


def test_territories_can_be_excepted_in_a_column_of_their_own() -> None:
    got = taken(GOOD | {"territories": "EU", "except_territories": "FR DE"})
    assert len(got.drafts[0].body["scopes"][0]["territories"]) == 25
    assert wrong(GOOD | {"except_territories": "FR"}) == [(2, "territories", "missing_value")]


def test_a_window_may_follow_an_event() -> None:
    got = taken(GOOD | {"start": f"P17M after theatrical_release of work {IDS[4]} in FR", "end": "open"})
    following = {"event": "theatrical_release", "work": IDS[4], "territory": "FR", "plus": "P17M"}
    assert got.drafts[0].body["scopes"][0]["window"] == [following, None]
    missing = GOOD | {"start": f"P17M after the_premiere_party of work {IDS[4]}", "end": "open"}
    assert [code for _, _, code in wrong(missing)] == ["bad_value"]


@pytest.mark.parametrize(("column", "day"), [("start", "0001-01-01"), ("end", "9999-12-31")])
def test_a_day_beyond_the_calendar_is_refused_where_it_stands(column: str, day: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read_spreadsheet(csv_of(GOOD | {column: day}), format="csv", kind="licences")
    (said,) = caught.value.report.findings
    assert (said.column, said.code, day in said.en) == (column, "bad_day", True)


def test_rows_of_one_reference_are_one_grant_with_a_box_each() -> None:
    second = {"grant": "L-1"} | {name: GOOD[name] for name in list(GOOD)[6:]} | {"territories": "BE"}
    (draft,) = taken(GOOD, second).drafts
    assert [box["territories"] for box in draft.body["scopes"]] == [["BE"], ["FR"]]  # in canonical order


def test_everything_wrong_in_a_file_is_said_at_once_and_nothing_is_taken() -> None:
    rows = [
        GOOD | {"territories": "Atlantis", "media": "betamax"},
        GOOD | {"grant": "L-2", "start": "2029-01-01"},
        GOOD | {"grant": "L-3", "licensor": "ada", "signed_on": "1 October"},
        GOOD | {"grant": "L-4"},
        GOOD | {"grant": "", "acts": "condition"},
        GOOD | {"grant": "L-1"},
        GOOD | {"grant": "L-5", "end": ""},
        GOOD | {"grant": "L-6", "cap_shots": "0"},
    ]
    assert wrong(*rows) == [
        (2, "media", "bad_cell"),
        (2, "territories", "bad_cell"),
        (3, "end", "end_before_start"),
        (4, "licensor", "bad_cell"),
        (4, "signed_on", "bad_cell"),
        (6, "grant", "missing_value"),
        (7, "grant", "duplicate_reference"),
        (8, "end", "missing_value"),
        (9, "cap_shots", "integer_out_of_range"),
    ]


def test_the_report_of_a_refused_file_names_every_row_in_both_languages() -> None:
    with pytest.raises(FileRefused) as caught:
        taken(GOOD, GOOD | {"grant": "L-2", "territories": "Atlantis"})
    problem = caught.value.extra()["report"]
    assert [row["row"] for row in problem["rows"]] == [2, 3]
    (said,) = problem["rows"][1]["findings"]
    assert said["message"] == {
        "en": "`Atlantis` is not territories or groups of them",
        "fr": "`Atlantis` n’est pas des territoires ou des groupes de territoires",
    }
    assert isinstance(caught.value, DomainError)
    assert caught.value.status == 422


def test_rows_of_one_grant_that_contradict_each_other_are_refused() -> None:
    assert wrong(GOOD, GOOD | {"licensor": IDS[3], "territories": "BE"}) == [(3, "licensor", "conflicting_rows")]
    assert (3, None, "duplicate_box") in wrong(GOOD, GOOD)


@pytest.mark.parametrize("value", ["1500.50", "1500,50"])
def test_money_and_caps_with_fractions_are_refused(value: str) -> None:
    assert wrong(GOOD | {"pay": f"flat {value} EUR"}) == [(2, "pay", "float_not_allowed")]
    assert wrong(GOOD | {"cap_shots": value}) == [(2, "cap_shots", "float_not_allowed")]
    assert wrong(GOOD | {"approvals": '[{"hours":1.5}]'}) == [(2, "approvals", "float_not_allowed")]
    (draft,) = taken(GOOD | {"pay": "flat 150050 EUR; second 120 EUR"}).drafts
    assert draft.private is not None


def test_a_column_nobody_knows_or_that_stands_twice_or_is_missing_is_refused() -> None:
    assert wrong(GOOD | {"licenser": "x"}) == [(None, "licenser", "unknown_column")]
    without = {name: cell for name, cell in GOOD.items() if name != "territories"}
    assert (None, "territories", "missing_column") in wrong(without)
    doubled = csv_of(GOOD).replace(b'"end"', b'"start"', 1)
    assert (None, "start", "duplicate_column") in refused(doubled)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_with_the_separators_that_programs_write(separator: str) -> None:
    data = csv_of(GOOD, separator=separator)
    assert read_spreadsheet(data, format="csv", kind="licences").drafts == taken(GOOD).drafts
    marked = b"\xef\xbb\xbf" + data
    assert read_spreadsheet(marked, format="csv", kind="licences").drafts == taken(GOOD).drafts


def test_another_encoding_is_refused_rather_than_guessed() -> None:
    data = csv_of(GOOD | {"grant": "Forêt"})
    assert read_spreadsheet(data, format="csv", kind="licences").drafts[0].reference == "Forêt"
    assert refused(data.decode().encode("cp1252")) == [(None, None, "wrong_encoding")]
    assert refused(data.decode().encode("utf-16")) == [(None, None, "wrong_encoding")]


def test_a_file_that_is_empty_broken_or_too_long_is_refused() -> None:
    assert (None, None, "no_rows") in refused(csv_of(GOOD).split(b"\r\n")[0])
    assert refused(b"")[-1][2] == "no_rows"
    assert (None, None, "not_csv") in refused(csv_of(GOOD) + b'\r\n"open')
    assert refused(b"PK not a workbook", format_="xlsx") == [(None, None, "not_xlsx")]
    short = csv_of({"grant": "x"}) + b"\r\nx" * (MAX_ROWS + 5)
    assert (None, None, "too_large") in refused(short)


def test_a_workbook_reads_like_the_same_csv() -> None:
    def dates(book: Any, sheet: Any, at: dict[str, int]) -> None:
        sheet.cell(2, at["start"]).value = datetime(2027, 1, 1)  # noqa: DTZ001 - a workbook's dates have no zone
        sheet.cell(2, at["cap_shots"]).value = 5

    got = read_spreadsheet(workbook(GOOD | {"cap_shots": "5"}, change=dates), format="xlsx", kind="licences")
    assert got.drafts == taken(GOOD | {"cap_shots": "5"}).drafts


def formula(book: Any, sheet: Any, at: dict[str, int]) -> None:
    sheet.cell(2, at["territories"]).value = '=CONCATENATE("F","R")'


def merged(book: Any, sheet: Any, at: dict[str, int]) -> None:
    sheet.merge_cells(start_row=2, end_row=3, start_column=at["licensor"], end_column=at["licensor"])


def second_sheet(book: Any, sheet: Any, at: dict[str, int]) -> None:
    book.create_sheet("more").append(["x"])


def fraction(book: Any, sheet: Any, at: dict[str, int]) -> None:
    sheet.cell(2, at["grant"]).value = 12.5


def failed(book: Any, sheet: Any, at: dict[str, int]) -> None:
    sheet.cell(2, at["territories"]).value = "#N/A"
    sheet.cell(2, at["territories"]).data_type = "e"


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (formula, "formula", (2, "territories")),
        (merged, "merged_cells", (2, None)),
        (second_sheet, "extra_sheet", (None, None)),
        (fraction, "float_not_allowed", (2, "grant")),
        (failed, "error_cell", (2, "territories")),
    ],
)
def test_what_a_workbook_hides_is_refused(change: Any, code: str, place: tuple[int | None, str | None]) -> None:
    assert (*place, code) in refused(workbook(GOOD, change=change), format_="xlsx")
    assert read_spreadsheet(workbook(GOOD), format="xlsx", kind="licences").drafts == taken(GOOD).drafts


def test_a_type_of_statement_that_is_not_of_the_file_is_refused() -> None:
    assert taken(GOOD | {"type": "licence.granted"}).drafts[0].issuer == IDS[1]
    assert wrong(GOOD | {"type": "licence.confirmed"}) == [(2, "type", "wrong_kind")]


def test_no_cell_that_is_written_runs_as_a_formula() -> None:

    body = taken(GOOD).drafts[0].body | {"product_categories": ["=HYPERLINK(1)"]}
    grants = [Written(reference="@SUM(1)", type="licence.recorded", body=body)]
    (line,) = b"".join(write_spreadsheet(grants, format="csv", kind="licences")).decode().splitlines()[1:]
    assert "'@SUM(1)" in line
    assert "'=HYPERLINK(1)" in line
    data = b"".join(write_spreadsheet(grants, format="xlsx", kind="licences"))
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(data))["licences"] for cell in row]
    assert all(cell.data_type in ("s", "n") and (cell.value is None or cell.data_type == "s") for cell in cells)


CONSENT = (
    {
        "grant": "C-1",
        "performer": IDS[1],
        "grantee": IDS[2],
        "description": "the pilot",
        "role": "any",
        "scenes": "any",
        "dialogue": "none",
        "replica_use": "employment_based",
        "replaces_in_person_work": "no",
        "represented": "yes",
        "basis": "contract",
        "revocation": "at_will",
        "document_sha256": DIGESTS[1],
        "signed_on": "2026-10-01",
    }
    | {name: GOOD[name] for name in list(GOOD)[6:]}
    | {"aspects": "face, body"}
)


def test_a_consent_from_paper_says_every_permission_in_words() -> None:
    (draft,) = read_spreadsheet(csv_of(CONSENT), format="csv", kind="consents").drafts
    assert (draft.type, draft.issuer) == ("consent.recorded", IDS[2])
    assert (draft.body["role"], draft.body["scenes"], draft.body["minor"]) == (None, "any", False)
    for name in ("role", "scenes", "dialogue", "replica_use", "represented", "end"):
        assert (2, name, "missing_value") in refused(csv_of(CONSENT | {name: ""}), kind="consents")
    assert refused(csv_of(CONSENT | {"aspects": "picture"}), kind="consents") == [(2, "aspects", "bad_value")]
    listed = CONSENT | {"scenes": "12; 14A"}
    assert read_spreadsheet(csv_of(listed), format="csv", kind="consents").drafts[0].body["scenes"] == ["12", "14A"]


def test_groups_are_expanded_inside_json_cells_too() -> None:
    box = {name: GOOD[name].split(", ") for name in ("acts", "aspects", "purposes", "media", "languages", "projects")}
    held = box | {
        "territories": ["EU"],
        "window": ["2027-01-01T00:00:00Z", None],
        "content": {"depicts": [], "scene": []},
    }
    cell = json.dumps([{"binds": "licensor", "scopes": [held]}])
    (draft,) = taken(GOOD | {"holdbacks": cell}).drafts
    assert len(draft.body["holdbacks"][0]["scopes"][0]["territories"]) == 27
    wrong_cell = cell.replace("EU", "Atlantis")
    assert wrong(GOOD | {"holdbacks": wrong_cell}) == [(2, "holdbacks", "unknown_term")]


def test_a_workbook_that_unpacks_to_more_than_anybody_writes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook(GOOD)
    assert read_spreadsheet(data, format="xlsx", kind="licences").drafts
    monkeypatch.setattr(xlsx_files, "MAX_UNPACKED_BYTES", 1_000)
    assert refused(data, format_="xlsx") == [(None, None, "too_large")]


def test_a_report_without_end_is_cut_and_says_how_much_is_missing() -> None:
    bad = [GOOD | {"grant": f"L-{n}", "media": "betamax"} for n in range(MAX_SHOWN_FINDINGS + 7)]
    with pytest.raises(FileRefused) as caught:
        taken(*bad)
    report = caught.value.report.format()
    assert report["wrong"] == len(bad)
    assert sum(len(row["findings"]) for row in report["rows"]) == MAX_SHOWN_FINDINGS
    assert report["file"][0]["code"] == "more_findings"


def test_a_report_in_french_is_in_french() -> None:
    said = finding("too_large", limit=10_000, unit="rows")
    assert (said.en, said.fr) == ("more than `10000` rows", "plus de `10000` lignes")
    assert finding("bad_json", problem="here ; there").fr == "illisible comme JSON\N{NO-BREAK SPACE}: here ; there"
