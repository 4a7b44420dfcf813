"""Tables as people send them: one good offer and one good licence, and the files that hold them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import openpyxl

from tests.interchange_bodies import DIGESTS, IDS

ALID = "md:alid:eidr-s:b3e9-2a1f-0c5d-7f00-8-x"
OFFER = {
    "DisplayName": "Northlight",
    "Licensee": "Gallery",
    "Territory": "FR",
    "WorkType": "Movie",
    "EntryType": "Full Extract",
    "TitleInternalAlias": "The Ridge",
    "LicenseType": "SVOD",
    "FormatProfile": "HD",
    "Start": "2027-01-01",
    "End": "2028-01-01",
    "PriceType": "WSP",
    "PriceValue": "3.99",
    "ALID": ALID,
    "ContractID": "C-7",
}
GOOD = {
    "grant": "L-1",
    "licensor": IDS[1],
    "licensee": IDS[2],
    "subjects": f"work {IDS[4]}; asset {IDS[5]}",
    "document_sha256": DIGESTS[1],
    "signed_on": "2026-10-01",
    "acts": "condition, distribute",
    "aspects": "picture",
    "purposes": "work",
    "media": "svod",
    "territories": "FR",
    "languages": "*",
    "projects": "*",
    "start": "2027-01-01",
    "end": "2028-12-31",
}
Row = Mapping[str, str]


def workbook(*offers: Mapping[str, Any], sheet: str = "Movies", above: int = 1) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    names = list(dict.fromkeys(name for offer in offers for name in offer))
    for _ in range(above):
        page.append(["AvailTrans"] * len(names))
    page.append(names)
    page.append([])  # the template's explanations, emptied
    for offer in offers:
        page.append([offer.get(name) for name in names])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def csv_of(*rows: Row, separator: str = ",") -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    quoted = [separator.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]
    return "\r\n".join(quoted).encode("utf-8")
