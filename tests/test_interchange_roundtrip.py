"""What is exported and imported again is the same, byte for byte, whatever the grant says."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.core.bodies import PARSERS
from registry.core.fields import Reader
from registry.core.jcs import canonical
from tests.interchange_bodies import IDS, consents, licences, recorded_consents
from web.interchange.columns import SHEETS
from web.interchange.csv_files import read_csv
from web.interchange.grant_rows import Written, read_grants
from web.interchange.spreadsheets import read_spreadsheet, write_spreadsheet
from web.interchange.xlsx_files import read_xlsx

FORMATS = ("csv", "xlsx")
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def written(kind: str, type_: str, bodies: list[dict[str, Any]], format_: str) -> bytes:
    grants = [Written(reference=f"G{n}", type=type_, body=body) for n, body in enumerate(bodies)]
    return b"".join(write_spreadsheet(grants, format=format_, kind=kind))


@pytest.mark.parametrize("format_", FORMATS)
@SLOW
@given(bodies=st.lists(licences(), min_size=1, max_size=3))
def test_licences_come_back_byte_for_byte(format_: str, bodies: list[dict[str, Any]]) -> None:
    for body in bodies:
        reader = Reader(body, "body")
        PARSERS["licence.recorded"](reader)
        reader.finish()
    taken = read_spreadsheet(written("licences", "licence.recorded", bodies, format_), format=format_, kind="licences")
    assert [canonical(draft.body) for draft in taken.drafts] == [canonical(body) for body in bodies]
    assert [draft.issuer for draft in taken.drafts] == [body["licensee"] for body in bodies]
    assert taken.report.wrong == 0


@pytest.mark.parametrize("format_", FORMATS)
@SLOW
@given(bodies=st.lists(consents(), min_size=1, max_size=3))
def test_consents_come_back_byte_for_byte_whatever_fields_they_have(format_: str, bodies: list[dict[str, Any]]) -> None:
    sheet = SHEETS["consents"]
    data = written("consents", "consent.granted", bodies, format_)
    table = read_csv(data, known=sheet.known) if format_ == "csv" else read_xlsx(data, known=sheet.known)
    drafts, findings = read_grants(table, sheet, check=lambda draft, place: None)  # some of these no parser would take
    assert findings == []
    assert [canonical(draft.body) for draft in drafts] == [canonical(body) for body in bodies]


@pytest.mark.parametrize("format_", FORMATS)
@SLOW
@given(bodies=st.lists(recorded_consents(), min_size=1, max_size=3))
def test_consents_from_paper_come_back_byte_for_byte_as_drafts_of_their_grantees(
    format_: str, bodies: list[dict[str, Any]]
) -> None:
    taken = read_spreadsheet(written("consents", "consent.recorded", bodies, format_), format=format_, kind="consents")
    assert [canonical(draft.body) for draft in taken.drafts] == [canonical(body) for body in bodies]
    assert [(draft.type, draft.issuer) for draft in taken.drafts] == [
        ("consent.recorded", body["grantee"]) for body in bodies
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_grant_too_long_for_any_cell_comes_back_whole(format_: str) -> None:
    many = [f"01930000-0000-7000-8000-{number:012x}" for number in range(1_000)]
    box = {
        "acts": ["condition"],
        "aspects": ["picture"],
        "purposes": ["work"],
        "media": ["svod"],
        "territories": ["FR"],
        "languages": ["*"],
        "projects": many,
        "window": ["2027-01-01T00:00:00Z", None],
        "content": {"depicts": [], "scene": []},
    }
    body = {
        "licensor": IDS[1],
        "licensee": IDS[2],
        "subjects": [{"kind": "work", "id": id_} for id_ in many],
        "new_assets": False,
        "scopes": [box],
        "exclusivity": "none",
        "sublicensable": False,
        "caps": {},
        "holdbacks": [],
        "approvals": [],
        "options": [],
        "product_categories": [],
        "document_sha256": "0" * 64,
        "signed_on": "2026-10-01",
    }
    data = written("licences", "licence.recorded", [body], format_)
    (draft,) = read_spreadsheet(data, format=format_, kind="licences").drafts
    assert canonical(draft.body) == canonical(body)
