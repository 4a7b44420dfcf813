"""The clearance report as people read it: a PDF in two languages and a table, from one value."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any, get_args

import pypdf
import pytest

from consent.core.obstacles import CODES
from consent.core.request import parse_request
from generation.core.cut.matching import Gap
from generation.core.report import Who
from generation.core.report_lines import music_of
from generation.report.codes import GAPS, OBSTACLES
from generation.report.pdf import write_pdf
from generation.report.table import COLUMNS, table
from generation.report.words import WORDS
from tests.decisions import World, asset, claim, id_of, reference, shot
from tests.report_samples import ADA, digest, report, shot_line

FORBIDDEN = re.compile(
    r"cleared by law|indemnif|guarantee|légalement libéré|garanti|insured against|assuré contre", re.IGNORECASE
)


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    whole = "\n".join(page.extract_text() for page in read(data).pages)
    return re.sub(r"\s+", " ", whole)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_is_a4_numbered_and_carries_its_own_letters(language: str) -> None:
    reader = read(write_pdf(report(), language))
    count = len(reader.pages)
    assert count > 3
    for number, page in enumerate(reader.pages, start=1):
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
        between = {"en": "of", "fr": "sur"}[language]
        assert f"Page {number} {between} {count}" in page.extract_text()
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index, union-attr]  # of every page
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in inner["/FontDescriptor"]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            [
                "Clearance report",
                "What is in the way of this sale, and who can clear it",
                "territory not granted",
                "exclusive to somebody else",
                "Approvals asked for and not yet given",
                "several takes, none named",
                "withdrawn, must go",
                "Bénédicte Øster-Żuławska",
                "blanket licence",
                "not claimed by anybody",
                "proven",
                "no legal opinion and no insurance",
            ],
        ),
        (
            "fr",
            [
                "Rapport de libération de droits",
                "Ce qui bloque cette vente, et qui peut le lever",
                "territoire non autorisé",
                "Accords demandés et non encore donnés",
                "plusieurs prises, aucune désignée",
                "l’Union européenne, à savoir 27 pays et territoires",
                "contrat général",
                "ni un avis juridique ni une assurance",
            ],
        ),
    ],
)
def test_the_page_says_what_an_insurer_and_a_buyer_ask_for(language: str, sentences: list[str]) -> None:
    found = text_of(write_pdf(report(), language))
    for sentence in sentences:
        assert sentence in found
    assert not FORBIDDEN.search(found)


def test_digests_are_short_in_the_text_and_whole_in_the_annex() -> None:
    found = text_of(write_pdf(report(), "en"))
    for name in ("consent of Ada", "output R1_010", "release R2_120", "weights", "root", "cut"):
        assert digest(name)[:12] in found
        assert digest(name) in found.replace(" ", "")


def test_the_same_report_gives_the_same_bytes() -> None:
    assert write_pdf(report(), "en") == write_pdf(report(), "en")


def test_an_empty_report_says_so_and_is_a_report_all_the_same() -> None:
    empty = report(shots=(), unmatched=(), weights=(), cut=None, sale=None)
    found = text_of(write_pdf(empty, "en"))
    assert "every released shot" in found
    assert "No shot takes music" in found
    assert empty.earliest_expiry is None


def test_the_earliest_end_is_that_of_a_shot_that_may_be_used() -> None:
    lapsed = shot_line("R1_010", window="out_of_window", rights_until="2027-01-01T00:00:00Z")
    sooner = shot_line("R1_020", rights_until="2028-05-01T00:00:00Z")
    assert report(shots=(lapsed, sooner, shot_line("R1_030"))).earliest_expiry == "2028-05-01T00:00:00Z"
    assert report(shots=(lapsed, shot_line("R1_040", rights_until=None))).earliest_expiry is None


def test_every_code_has_words_in_both_languages() -> None:
    assert set(CODES) <= set(OBSTACLES)
    assert set(get_args(Gap)) == set(GAPS)
    for english, french in (*OBSTACLES.values(), *GAPS.values(), *WORDS.values()):
        assert english
        assert french
        assert not FORBIDDEN.search(english + french)


def test_the_table_holds_a_row_for_everything_and_no_cell_is_a_formula() -> None:
    strange = shot_line("=HYPERLINK(1)", performers=(Who(id=ADA.id, name="@ada"),))
    rows = list(csv.DictReader(io.StringIO(table(report(shots=(*report().shots, strange))))))
    assert tuple(rows[0]) == COLUMNS
    kinds = [row["row"] for row in rows]
    assert {"shot", "ground", "gap", "blocked", "waits", "event", "cue", "weights"} == set(kinds)
    assert kinds.count("shot") == 17
    assert kinds.count("event") == 3
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert "'=HYPERLINK(1)" in [row["shot_code"] for row in rows]


def test_the_json_holds_everything_and_is_json() -> None:
    told: dict[str, Any] = json.loads(json.dumps(report().format()))
    assert told["v"] == 1
    assert len(told["shots"]) == 16
    assert told["shots"][0]["performers"] == [{"id": ADA.id, "name": "Ada Marsh"}]
    assert told["earliest_expiry"] == "2029-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("role", "music", "cues"),
    [("guide", "listed", 1), ("guide", "unknown", 1), ("guide", "none", 0), ("style", "listed", 0)],
)
def test_a_cue_is_listed_where_sound_with_music_is_taken_and_names_both_sides(role: str, music: str, cues: int) -> None:
    world = World()
    world.add("song", "asset.registered", "gallery", asset("song", aspects=["sound", "style"], music=music))
    world.add("recording", "title.claimed", "gallery", claim("gallery", "song", right="master"))
    world.add("tune", "title.claimed", "ada", claim("ada", "song", right="composition"))
    world.add("author", "title.claimed", "notary", claim("notary", "song", right="composition", nature="moral"))
    request: Any = parse_request(shot(references=[reference("song", role)], kind="use"))
    found = list(music_of(request, world.facts(), lambda party: Who(id=party, name=None)))
    assert len(found) == cues
    for cue in found:
        assert cue.asset == Who(id=id_of("song"), name="song")
        assert [who.id for who in cue.compositions] == [id_of("ada")]
        assert [who.id for who in cue.masters] == [id_of("gallery")]
