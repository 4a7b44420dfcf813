"""EMA Avails: offers become drafts of licences, licences become offers, and what has no equal is said cell by cell."""

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from tests.interchange_bodies import DIGESTS, IDS
from tests.interchange_sheets import ALID, OFFER, workbook
from web.interchange.ema_columns import MOVIE_COLUMNS
from web.interchange.ema_export import Title, write_avails
from web.interchange.ema_files import NOTES_SHEET, read_workbook, read_xml
from web.interchange.ema_import import read_offers
from web.interchange.given import Given, read_given
from web.interchange.grant_rows import Written
from web.interchange.report import FileRefused, Report, finding
from web.interchange.spreadsheets import Taken
from web.interchange.tables import MAX_ROWS

GIVEN = Given(
    ids={ALID: IDS[4], "Northlight": IDS[1], "Gallery": IDS[2]},
    sets={"acts": ["distribute"], "aspects": ["picture", "sound"], "purposes": ["work"], "projects": ["*"]},
    document_sha256=DIGESTS[1],
    signed_on="2026-10-01",
)


def taken(*offers: Mapping[str, Any], given: Given = GIVEN, **how: Any) -> Taken:
    rows, findings = read_workbook(workbook(*offers, **how))
    return read_offers(rows, findings, given=given)


def box_of(offer: Mapping[str, Any]) -> dict[str, Any]:
    (draft,) = taken(offer).drafts
    (box,) = draft.body["scopes"]
    return box


def wrong(*offers: Mapping[str, Any], given: Given = GIVEN) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(FileRefused) as caught:
        taken(*offers, given=given)
    return [(one.row, one.column, one.code) for one in caught.value.report.findings if one.wrong]


@pytest.mark.parametrize("sheet", ["Movies", "TV", "Avails"])
def test_an_offer_is_a_draft_for_its_licensee(sheet: str) -> None:
    (draft,) = taken(OFFER, sheet=sheet).drafts
    assert (draft.type, draft.issuer) == ("licence.recorded", IDS[2])
    assert draft.body["subjects"] == [{"kind": "work", "id": IDS[4]}]
    (box,) = draft.body["scopes"]
    assert (box["acts"], box["media"], box["territories"], box["languages"]) == (
        ["distribute"],
        ["svod"],
        ["FR"],
        ["*"],
    )
    assert box["window"] == ["2026-12-31T23:00:00Z", "2027-12-31T23:00:00Z"]  # both at midnight in Paris


def test_what_has_no_equal_is_named_cell_by_cell_and_kept_beside_the_draft() -> None:
    got = taken(OFFER)
    said = {(one.row, one.column): one.code for one in got.report.findings}
    assert said == {
        (4, name): "not_expressed"
        for name in ("FormatProfile", "PriceType", "PriceValue", "TitleInternalAlias", "WorkType")
    }
    (draft,) = got.drafts
    assert draft.private == {
        "ema": [{"row": 4, "cells": {name: OFFER[name] for (_, name) in said}}],
    }


@pytest.mark.parametrize(
    ("sold", "medium"), [("EST", "est"), ("VOD", "tvod"), ("SVOD", "svod"), ("AVOD", "avod"), ("POEST", "est")]
)
def test_each_kind_of_sale_is_a_medium(sold: str, medium: str) -> None:
    filled = {"SpecialPreOrderFulfillDate": "2027-03-01"}
    assert box_of(OFFER | {"LicenseType": sold} | filled)["media"] == [medium]
    assert wrong(OFFER | {"LicenseType": "Library"}) == [(4, "LicenseType", "not_a_licence")]


def test_an_order_before_the_sale_counts_from_the_sale() -> None:
    offer = OFFER | {"LicenseType": "POEST", "SpecialPreOrderFulfillDate": "2027-03-01"}
    assert box_of(offer)["window"][0] == "2027-02-28T23:00:00Z"
    without = wrong(offer | {"SpecialPreOrderFulfillDate": None})
    assert without == [(4, "SpecialPreOrderFulfillDate", "never_starts")]


@pytest.mark.parametrize(
    ("cells", "window"),
    [
        ({"End": "Open"}, ["2026-12-31T23:00:00Z", None]),
        ({"Start": "2027-01-01T12:00:00"}, ["2027-01-01T11:00:00Z", "2027-12-31T23:00:00Z"]),
        ({"Start": "2027-01-01T12:00:00-05:00"}, ["2027-01-01T17:00:00Z", "2027-12-31T23:00:00Z"]),
        (
            {"Start": "2027-01-01T00:00:00.5Z", "End": "2028-01-01T00:00:00.5Z"},
            ["2027-01-01T00:00:01Z", "2028-01-01T00:00:00Z"],
        ),
        ({"Territory": "FR, JP"}, ["2026-12-31T23:00:00Z", "2027-12-31T15:00:00Z"]),
    ],
)
def test_times_are_read_strictly_in_the_zones_of_the_territories(cells: dict[str, str], window: list[str]) -> None:
    assert box_of(OFFER | cells)["window"] == window


def test_conditions_follow_the_events_of_the_work() -> None:
    window = box_of(OFFER | {"Start": "Theatrical", "StartLag": "P4M", "End": "Open"})["window"]
    assert window == [{"event": "theatrical_release", "work": IDS[4], "territory": "FR", "plus": "P4M"}, None]


@pytest.mark.parametrize(
    ("cells", "place", "code"),
    [
        ({"Start": "Immediate"}, "Start", "relative_window"),
        ({"Start": "Open"}, "Start", "never_starts"),
        ({"Start": ""}, "Start", "never_starts"),
        ({"End": ""}, "End", "bad_day"),
        ({"End": "ESTStart"}, "End", "relative_window"),
        ({"Start": "01/02/2027"}, "Start", "bad_day"),
        ({"End": "2026-01-01"}, "End", "end_before_start"),
        ({"Start": "Theatrical", "Territory": "FR, BE", "End": "Open"}, "Start", "relative_window"),
        ({"StartLag": "P1M"}, "StartLag", "constraint_not_expressed"),
        ({"WindowDuration": "P90D"}, "WindowDuration", "constraint_not_expressed"),
        ({"LocalizationType": "sub"}, "LocalizationType", "constraint_not_expressed"),
        ({"Territory": "Atlantis"}, "Territory", "bad_cell"),
        ({"TerritoryExclusion": "FR"}, "Territory", "missing_value"),
        ({"AllowedLanguages": "fr:sub"}, "AllowedLanguages", "bad_cell"),
        ({"EntryType": "Full Delete"}, "EntryType", "not_a_licence"),
        ({"Exclusive": "perhaps"}, "Exclusive", "bad_cell"),
        ({"ALID": "md:alid:org:elsewhere:1"}, "ALID", "unknown_work"),
        ({"Licensee": "Nobody"}, "Licensee", "dimension_not_stated"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_taken(cells: dict[str, str], place: str, code: str) -> None:
    assert taken(OFFER).drafts
    assert (4, place, code) in wrong(OFFER | cells)


def test_languages_held_back_are_taken_out() -> None:
    assert box_of(OFFER | {"AllowedLanguages": "fr-FR, fr-BE", "HoldbackLanguage": "fr-BE"})["languages"] == ["fr-FR"]
    held = box_of(OFFER | {"HoldbackLanguage": "fr"})["languages"]
    assert "fr-FR" not in held
    assert "de-DE" in held


def test_what_an_avail_cannot_say_must_be_said_beside_it() -> None:
    given = Given(ids=GIVEN.ids, document_sha256=DIGESTS[1], signed_on="2026-10-01")
    assert wrong(OFFER, given=given) == [(4, "terms", "dimension_not_stated")] * 4
    assert read_given('{"acts":["distribute"],"projects":["*"]}').sets == {"acts": ["distribute"], "projects": ["*"]}


def test_offers_of_one_work_under_one_contract_are_one_licence() -> None:
    (draft,) = taken(OFFER, OFFER | {"LicenseType": "EST"}).drafts
    assert [box["media"] for box in draft.body["scopes"]] == [["est"], ["svod"]]
    assert len(taken(OFFER, OFFER | {"ContractID": "C-8"}).drafts) == 2


def test_offers_of_other_works_and_of_other_licensors_are_other_licences() -> None:
    given = replace(GIVEN, ids={**GIVEN.ids, "E1": IDS[4], "E2": IDS[5], "Westwind": IDS[6]})
    by_edit = OFFER | {"ALID": None, "ContractID": None}
    drafts = taken(by_edit | {"EditID": "E1"}, by_edit | {"EditID": "E2", "Territory": "BE"}, given=given).drafts
    boxes = [[box["territories"] for box in draft.body["scopes"]] for draft in drafts]
    assert [draft.body["subjects"][0]["id"] for draft in drafts] == [IDS[4], IDS[5]]
    assert boxes == [[["FR"]], [["BE"]]]
    drafts = taken(OFFER, OFFER | {"DisplayName": "Westwind", "Territory": "BE"}, given=given).drafts
    assert [draft.body["licensor"] for draft in drafts] == [IDS[1], IDS[6]]


def test_whoever_the_file_names_comes_before_who_is_said_beside_it() -> None:
    given = replace(GIVEN, licensor=IDS[7], licensee=IDS[8])
    (draft,) = taken(OFFER, given=given).drafts
    assert (draft.body["licensor"], draft.body["licensee"]) == (IDS[1], IDS[2])
    got = taken(OFFER | {"Licensee": "Westwind"}, given=given)
    assert got.drafts[0].body["licensee"] == IDS[8]
    assert [(one.column, one.wrong) for one in got.report.findings if one.code == "read_as"] == [("Licensee", False)]


def test_two_columns_of_one_name_that_say_different_things_are_refused() -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Movies"
    page.append([*OFFER, "Territory"])
    page.append([*OFFER.values(), "FR"])
    page.append([*OFFER.values(), "BE"])
    data = io.BytesIO()
    book.save(data)
    assert wrong_file(data.getvalue()) == [(3, "Territory", "duplicate_column")]


def test_rows_beyond_the_limit_are_refused_wherever_the_header_stands() -> None:
    assert (None, None, "too_large") in wrong_file(workbook(*[OFFER] * (MAX_ROWS + 1)))


def test_what_is_wrong_is_shown_before_what_is_only_said() -> None:
    said = [finding("not_expressed", row=row, column="PriceValue", wrong=False, value="1") for row in range(1, 6_000)]
    report = Report.of((), [*said, finding("missing_value", row=9_000, column="End")])
    assert (9_000, "missing_value") in [(one.row, one.code) for one in report.shown]


def test_a_workbook_without_offers_or_with_formulas_is_refused() -> None:
    assert (None, None, "no_sheet") in wrong_file(workbook(OFFER, sheet="Other"))
    assert [code for _, _, code in wrong_file(workbook({"ALID": "x"}))] == ["no_header"]
    assert (4, "Start", "formula") in wrong_file(workbook(OFFER | {"Start": "=TODAY()"}))


def wrong_file(data: bytes) -> list[tuple[int | None, str | None, str]]:
    rows, findings = read_workbook(data)
    with pytest.raises(FileRefused) as caught:
        read_offers(rows, findings, given=GIVEN)
    return [(one.row, one.column, one.code) for one in caught.value.report.findings if one.wrong]


XML = f"""<?xml version="1.0"?>
<avails:AvailList xmlns:avails="http://www.movielabs.com/schema/avails/v2.5/avails"
    xmlns:md="http://www.movielabs.com/schema/md/v2.8/md">
 <avails:Avail>
  <avails:ALID>{ALID}</avails:ALID>
  <avails:Disposition><avails:EntryType>Full Extract</avails:EntryType></avails:Disposition>
  <avails:Licensor><md:DisplayName>Northlight</md:DisplayName></avails:Licensor>
  <avails:AvailType>single</avails:AvailType>
  <avails:Asset contentID="md:cid:1"><avails:WorkType>Movie</avails:WorkType></avails:Asset>
  <avails:Transaction TransactionID="t1">
   <avails:Licensee><md:DisplayName>Gallery</md:DisplayName></avails:Licensee>
   <avails:LicenseType>SVOD</avails:LicenseType>
   <avails:Territory><md:country>FR</md:country></avails:Territory>
   <avails:Territory><md:country>BE</md:country></avails:Territory>
   <avails:Start>2027-01-01T00:00:00Z</avails:Start>
   <avails:EndCondition>Open</avails:EndCondition>
   <avails:AllowedLanguage>fr</avails:AllowedLanguage>
   <avails:FormatProfile>HD</avails:FormatProfile>
   <avails:Term termName="WSP"><avails:Money currency="EUR">3.99</avails:Money></avails:Term>
  </avails:Transaction>
 </avails:Avail>
</avails:AvailList>"""


def test_xml_reads_like_a_workbook() -> None:
    rows, findings = read_xml(XML.encode())
    got = read_offers(rows, findings, given=GIVEN)
    (draft,) = got.drafts
    (box,) = draft.body["scopes"]
    assert (box["territories"], box["media"]) == (["BE", "FR"], ["svod"])
    assert box["window"] == ["2027-01-01T00:00:00Z", None]
    assert box["languages"][0].startswith("fr-")
    said = {one.column for one in got.report.findings}
    assert {"FormatProfile", "WSP", "AvailType", "Asset@contentID"} <= said
    assert "Territory" not in said


def test_a_region_that_is_excluded_is_refused_by_name() -> None:
    out = "<avails:TerritoryExcluded><md:countryRegion>FR-20R</md:countryRegion></avails:TerritoryExcluded>"
    rows, findings = read_xml(XML.replace("<avails:Start>", out + "<avails:Start>").encode())
    with pytest.raises(FileRefused) as caught:
        read_offers(rows, findings, given=GIVEN)
    assert [one.code for one in caught.value.report.findings if one.wrong] == ["constraint_not_expressed"]


def test_xml_that_could_do_harm_or_is_none_is_refused() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert [found.code for found in read_xml(bomb.encode())[1]] == ["not_xml"]
    assert [found.code for found in read_xml(b"<a>")[1]] == ["not_xml"]
    assert [found.code for found in read_xml(b"<a/>")[1]] == ["no_header"]


def exported(body: dict[str, Any]) -> tuple[list[dict[str, str]], list[tuple[str, ...]]]:
    grants = [Written(reference="C-7", type="licence.recorded", body=body)]
    book = openpyxl.load_workbook(io.BytesIO(write_avails(grants, {IDS[4]: Title(title="=The Ridge", kind="film")})))
    names = [name for _, name in MOVIE_COLUMNS]
    rows = [
        {name: cell for name, cell in zip(names, line, strict=True) if cell}
        for line in book["Movies"].iter_rows(min_row=3, values_only=True)
    ]
    return rows, [*book[NOTES_SHEET].iter_rows(min_row=2, values_only=True)]


def test_a_licence_goes_out_as_offers_and_comes_back_with_the_same_boxes() -> None:
    (draft,) = taken(
        OFFER | {"End": "Open", "Exclusive": "Yes"}, OFFER | {"LicenseType": "EST", "Exclusive": "Yes"}
    ).drafts
    grants = [Written(reference="C-7", type="licence.recorded", body=draft.body)]
    rows, findings = read_workbook(write_avails(grants, {}))
    (again,) = read_offers(rows, findings, given=GIVEN).drafts
    assert again.body == draft.body


@pytest.mark.parametrize("changed", [{"work": IDS[5]}, {"territory": "US"}, {"territory": None}])
def test_a_window_that_follows_another_work_or_place_is_no_condition_of_an_avail(changed: dict[str, Any]) -> None:
    (draft,) = taken(OFFER | {"Start": "Theatrical", "StartLag": "P4M", "End": "Open"}).drafts
    (box,) = draft.body["scopes"]
    assert [row["Start"] for row in exported(dict(draft.body))[0]] == ["Theatrical"]
    other = box | {"window": [box["window"][0] | changed, None]}
    rows, lost = exported({**draft.body, "scopes": [other]})
    assert rows == []
    assert "box" in {str(line[1]).partition(":")[0] for line in lost}


def test_what_an_avail_cannot_say_of_a_licence_stands_on_a_sheet_of_its_own() -> None:
    (draft,) = taken(OFFER).drafts
    (box,) = draft.body["scopes"]
    plain_rows, plain_lost = exported(dict(draft.body))
    assert len(plain_rows) == 1
    assert sorted(str(line[1]).partition(":")[0] for line in plain_lost) == ["aspects", "document_sha256", "signed_on"]
    wide = box | {"acts": ["condition", "distribute"], "media": ["svod", "theatrical"], "projects": [IDS[9]]}
    rows, lost = exported({**draft.body, "scopes": [wide], "caps": {"shots": 3}, "sublicensable": True})
    assert [row["LicenseType"] for row in rows] == ["SVOD"]
    assert rows[0]["TitleInternalAlias"] == "'=The Ridge"
    said = {str(line[1]).partition(":")[0] for line in lost}
    assert {"acts", "media", "projects", "caps", "sublicensable"} <= said
    only = box | {"acts": ["condition"]}
    rows, lost = exported({**draft.body, "scopes": [only]})
    assert rows == []
    assert "box" in {str(line[1]).partition(":")[0] for line in lost}
