"""The whole story, as `make demo` tells it: a real stack, real HTTP, real weights, on a database of its own."""

import csv
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

PROJECT = Path(__file__).resolve().parents[1]
BEATS = (
    "refused, territory_not_covered",
    "adds the passkey of her phone",
    "consents for BE and FR by passkey",
    "takes the record of her consent home: record.pdf",
    "checks that PDF alone, offline: proven",
    "by a passkey, present and verified",
    "checks a copy with one bit of the page turned: refused, page  (exit 1)",
    "checks the receipt by itself: proven",
    "watches the log from home",
    "asks again: cleared",
    "watches the preview",
    "released: shot-12A.mp4",
    "(exit 0)",
    "refused  (exit 1)",
    "in flight: aborted",
    "once more: refused, revoked",
    "refused, inventory_unknown",
)
MORE_BEATS = (
    "gives Harbour One the plate for BE and FR, exclusively",
    "offers Lantern TV BE and NL: refused, exclusive_conflict",
    "in the way: Harbour One's licence",
    "both would hold BE until",
    "gives Lantern TV NL alone: taken",
    "refused, rule_refused by us-ca/ab-2602",
    "California Labor Code § 927 (AB 2602)",
    "before she signs, what a description would do: cleared",
    "strikes: one statement",
    "asks for shot 31: refused, suspended",
    "signs an interim agreement",
    "asks again: cleared, queued",
    "waits for the yes of Ada Marsh",
    "would have been a no",
    "says yes with her key",
    "released: shot-31.mp4",
    "hands in its cut: 1 event with papers, 1 without",
    "sold to streaming in BE and FR: covered",
    "sold to free television there: blocked, medium not granted",
    "ask Ada Marsh and Vale Archive",
    "what shot 31 earned her: 250.00 EUR",
)
MIB_LARGEST = 3 << 10  # 3 GiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was printed, and the folder with what was left behind."""

    text: str
    folder: Path

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Play both chapters, once for all the tests here."""
    folder = tmp_path_factory.mktemp("demo")
    ours = {name: value for name, value in os.environ.items() if name not in ("BROKER_URL", "DATABASE_URL")}
    ours = {name: value for name, value in ours.items() if name != "MIGRATE_DATABASE_URL"}
    ran = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=PROJECT,
        env=ours | {"DJANGO_SETTINGS_MODULE": "config.settings", "INSTANCE": "story", "VAR_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return Told(text=ran.stdout, folder=folder)


@pytest.mark.slow
def test_every_beat_of_both_chapters_comes_in_its_order_and_the_whole_log_is_sound(told: Told) -> None:
    place = 0
    for beat in (*BEATS, *MORE_BEATS, "sound: "):
        assert beat in told.text[place:], f"{beat} is missing, or too early:\n{told.text}"
        place = told.text.index(beat, place) + len(beat)


@pytest.mark.slow
def test_beats_are_numbered_without_a_gap_and_no_line_is_wider_than_a_terminal(told: Told) -> None:
    lines = told.text[: told.text.index("sound: ")].splitlines()
    numbers = [int(found[1]) for line in lines if (found := re.match(r" ?(\d+)  \S", line))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == 42
    assert max(map(len, lines[2:])) <= 100  # after the line of the set-up


@pytest.mark.slow
def test_the_demo_leaves_the_shot_with_its_papers(told: Told) -> None:
    left = ("contact-sheet.png", "release.tlog-proof", "shot-12A.mp4", "trust.json", "verification.txt")
    assert all((told.folder / name).stat().st_size for name in left)
    assert told.read("bundle.json")["v"] == 1
    with Image.open(told.folder / "contact-sheet.png") as sheet:
        assert sheet.width > 1_000


@pytest.mark.slow
def test_the_record_that_is_left_was_signed_by_passkey_and_verifies_without_the_registry(told: Told) -> None:
    command = [sys.executable, "-m", "generation.verify", str(told.folder / "record.pdf"), "--json"]
    trust = ["--trust", str(told.folder / "trust.json")]
    checked = subprocess.run([*command, *trust], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["about"]["text"] == (told.folder / "consent-be-fr.txt").read_text("utf-8")
    assert "a passkey, ECDSA P-256" in PdfReader(told.folder / "record.pdf").pages[0].extract_text()
    assert not (told.folder / "monitor.token").exists()


@pytest.mark.slow
def test_the_second_chapter_leaves_its_shot_the_consent_that_was_read_and_the_rule_that_refused(told: Told) -> None:
    assert (told.folder / "shot-31.mp4").read_bytes()[4:8] == b"ftyp"
    assert (told.folder / "preview-31.mp4").read_bytes()[4:8] == b"ftyp"
    consent, rule = ((told.folder / name).read_text("utf-8") for name in ("consent-described.txt", "rule.txt"))
    assert "No answer within 72 hours counts as refusal" in consent
    assert "The use replaces work that I would have done in person" in consent
    assert "I had no lawyer or union at my side" in consent
    assert re.search(r"^source +California Labor Code § 927 \(AB 2602\)$", rule, re.MULTILINE)
    assert "grant.specific" in rule


@pytest.mark.slow
def test_the_clearance_report_says_which_sale_is_blocked_by_whom_and_what_has_no_papers(told: Told) -> None:
    report = told.read("clearance-report.json")
    (line,) = report["shots"]
    assert (line["shot_code"], line["window"], line["sale"]) == ("31", "in_window", "blocked")
    assert {ground["assurance"] for ground in line["grounds"]} == {"signed"}
    assert {(one["code"], one["ask"]["name"]) for one in line["blockers"]} == {
        ("media_not_covered", "Ada Marsh"),
        ("media_not_covered", "Vale Archive"),
    }
    assert {tuple(area["media"]) for one in line["blockers"] for area in one["areas"]} == {("free_tv",)}
    assert [(event["name"], event["gap"]) for event in report["unmatched"]] == [("stock-clip.mp4", "unmatched")]
    assert report["earliest_expiry"] == min(ground["until"] for ground in line["grounds"])


@pytest.mark.slow
def test_the_report_comes_as_table_and_as_paper_and_they_say_the_same(told: Told) -> None:
    rows = list(csv.DictReader((told.folder / "clearance-report.csv").read_text("utf-8").splitlines()))
    asked = {row["ask"] for row in rows if row["row"] == "blocked"}
    report = told.read("clearance-report.json")
    assert asked == {one["ask"]["id"] for line in report["shots"] for one in line["blockers"]}
    paper = "\n".join(page.extract_text() for page in PdfReader(told.folder / "clearance-report.pdf").pages)
    for words in ("Clearance report", "The Way Back", "Fenwick Pictures", "stock-clip.mp4", "Vale Archive"):
        assert words in paper
    assert not re.search("indemnif|cleared by law", paper, re.IGNORECASE)


@pytest.mark.slow
def test_what_the_shot_earned_can_be_computed_again_from_the_table(told: Told) -> None:
    rows = list(csv.DictReader((told.folder / "accruals.csv").read_text("utf-8").splitlines()))
    (line,) = (row for row in rows if row["kind"] == "shot")
    (total,) = (row for row in rows if row["kind"] == "total")
    assert (line["quantity"], line["exact_minor"], line["currency"]) == ("1", "25000", "EUR")
    assert (total["accrued_minor"], total["statement"]) == ("25000", line["statement"])


@pytest.mark.slow
def test_what_the_demo_took_is_printed_and_the_largest_process_is_within_its_limit(told: Told) -> None:
    took = re.search(r"^(\d+) s; the largest process took ([\d,]+) MiB", told.text, re.MULTILINE)
    assert took is not None
    assert int(took[2].replace(",", "")) < MIB_LARGEST
