"""The record of a signed statement: what its PDF proves by itself, and how every change to it is named."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from generation.core.record_paper import ATTACHED, SEAL, STEPS
from generation.verify.__main__ import main
from generation.verify.pdf import read_attachments
from registry.core.envelope import canonical, sha256_hex
from registry.core.terms import MEDIA, PURPOSES, TERRITORIES
from tests.damaged_records import DAMAGED, other_words_on_the_page
from tests.decision_bodies import box, boxes, id_of, party, public
from tests.papers import Log
from tests.records import NAMES, SIGNED_AT, Made, made
from web.record.pdf import attachments_of

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def honest() -> Made:
    return made()


def judged(pdf: bytes, trust: dict[str, Any] | None, folder: Path, capsys: Capture, *more: str) -> dict[str, Any]:
    """Run the command as a user would; return its report."""
    (folder / "record.pdf").write_bytes(pdf)
    options = list(more)
    if trust is not None:
        (folder / "trust.json").write_text(json.dumps(trust))
        options += ["--trust", str(folder / "trust.json")]
    code = main([str(folder / "record.pdf"), "--json", *options])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert report["exit"] == code
    return report


def test_the_pdf_alone_proves_what_was_signed(honest: Made, tmp_path: Path, capsys: Capture) -> None:
    report = judged(honest.pdf, honest.trust, tmp_path, capsys)
    assert (report["exit"], report["failed"]) == (0, None)
    assert report["about"]["text"] == honest.record.text
    assert report["about"]["digest"] == honest.record.digest
    assert [step["number"] for step in report["steps"]] == list(range(1, len(report["steps"]) + 1))


@pytest.mark.parametrize("attack", DAMAGED)
def test_damage_is_named_at_its_step(attack: str, tmp_path: Path, capsys: Capture) -> None:
    damage, step = DAMAGED[attack]
    found = made()
    report = judged(damage(found), found.trust, tmp_path, capsys)
    assert (report["exit"], report["failed"]) == (1, step)
    assert report["about"] == {}, "what did not hold is not shown as signed"


def test_every_step_can_fail() -> None:
    """A checker that never fails proves nothing. (`trust` never fails: it is `consistent` at worst; nor does a header
    that the entry commits to.)"""
    assert {name for name, _ in STEPS} - {step for _, step in DAMAGED.values()} == {"statement", "trust"}


def test_no_byte_of_the_file_can_change(honest: Made, tmp_path: Path, capsys: Capture) -> None:
    """One bit, at two hundred places of the whole file: all are refused, those in the page too."""
    codes = set()
    for place in range(7, len(honest.pdf), len(honest.pdf) // 200):
        pdf = honest.pdf[:place] + bytes([honest.pdf[place] ^ 1]) + honest.pdf[place + 1 :]
        (tmp_path / "record.pdf").write_bytes(pdf)
        (tmp_path / "trust.json").write_text(json.dumps(honest.trust))
        codes.add(main([str(tmp_path / "record.pdf"), "--trust", str(tmp_path / "trust.json")]))
        capsys.readouterr()
    assert codes <= {1, 64}
    assert 1 in codes


@pytest.mark.parametrize("name", ATTACHED)
def test_no_byte_of_an_attachment_can_change(name: str, honest: Made, tmp_path: Path, capsys: Capture) -> None:
    held = read_attachments(honest.pdf)[name]
    for within in {0, len(held.data) // 3, len(held.data) // 2, len(held.data) - 1}:
        at = held.start + within
        pdf = honest.pdf[:at] + bytes([honest.pdf[at] ^ 1]) + honest.pdf[at + 1 :]
        assert judged(pdf, honest.trust, tmp_path, capsys)["exit"] == 1


# --- Trust comes from elsewhere --------------------------------------------------------------------------------------


def test_without_trust_it_is_consistent_at_best(honest: Made, tmp_path: Path, capsys: Capture) -> None:
    report = judged(honest.pdf, None, tmp_path, capsys)
    outcomes = {step["name"]: step["outcome"] for step in report["steps"]}
    assert report["exit"] == 2
    assert [outcomes[name] for name in ("checkpoint", "page", "trust")] == ["consistent"] * 3
    assert outcomes["signatures"] == "proven"


def test_a_pin_proves_as_much_as_a_file(honest: Made, tmp_path: Path, capsys: Capture) -> None:
    pin = sha256_hex(canonical(honest.trust))
    assert judged(honest.pdf, None, tmp_path, capsys, "--pin", pin)["exit"] == 0
    assert judged(honest.pdf, None, tmp_path, capsys, "--pin", "0" * 64)["exit"] == 2


def test_a_registry_and_a_log_of_their_own_are_consistent_and_no_more(
    honest: Made, tmp_path: Path, capsys: Capture
) -> None:
    foreign = made(registry="mallory", log=Log(key="mallory"))
    assert judged(foreign.pdf, foreign.trust, tmp_path, capsys)["exit"] == 0
    assert judged(foreign.pdf, honest.trust, tmp_path, capsys)["exit"] == 2


def test_a_page_that_somebody_else_set_is_not_the_registry_s_even_where_the_record_names_them(
    honest: Made, tmp_path: Path, capsys: Capture
) -> None:
    pdf = other_words_on_the_page(made(registry="mallory"))
    report = judged(pdf, honest.trust, tmp_path, capsys)
    (page,) = [step for step in report["steps"] if step["name"] == "page"]
    assert (report["exit"], page["outcome"]) == (2, "consistent")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"log": []}, "the log's key"),
        ({"registry": []}, "the registry's key"),
        ({"registry": [public("mallory")["spki"]]}, "the registry's key"),
    ],
    ids=["no-log", "no-registry", "a-registry-key-that-is-over"],
)
def test_a_key_that_is_missing_from_the_trust_is_named(
    change: dict[str, Any], said: str, honest: Made, tmp_path: Path, capsys: Capture
) -> None:
    report = judged(honest.pdf, honest.trust | change, tmp_path, capsys)
    (last,) = [step for step in report["steps"] if step["name"] == "trust"]
    assert report["exit"] == 2
    assert said in last["evidence"]


def test_whose_key_it_is_is_vouched_for_where_the_reader_may_not_see_the_enrolment(
    tmp_path: Path, capsys: Capture
) -> None:
    found = made(shown=False)
    assert b'"born"' not in found.pdf
    report = judged(found.pdf, found.trust, tmp_path, capsys)
    (keys,) = [step for step in report["steps"] if step["name"] == "keys"]
    assert (report["exit"], keys["outcome"]) == (0, "vouched")


def test_a_key_that_others_brought_says_who(tmp_path: Path, capsys: Capture) -> None:
    """Ada lost her keys; whether she had named Mallory for it, who brings a new one, the page does not show."""
    recovered = ({"party": id_of("ada"), "key": public("ada phone")}, ("ada phone", "mallory"))
    found = made(enrol=((party("mallory"), ("mallory",)), recovered))
    report = judged(found.pdf, found.trust, tmp_path, capsys)
    (keys,) = [step for step in report["steps"] if step["name"] == "keys"]
    assert (report["exit"], keys["outcome"]) == (0, "vouched")
    assert f"added by party `{id_of('mallory')}`" in keys["evidence"]


# --- What is on the page ---------------------------------------------------------------------------------------------

LONG = dict(NAMES) | {
    id_of("ada"): "Žofie Müller-Østergård y Ñandú d’Àvila",
    id_of("film"): "L’Été où les fleuves, les îles et les œuvres s’en allèrent, première partie : le départ " * 3,
}
EVERYWHERE = boxes(
    box(),
    box(
        territories=TERRITORIES.names(TERRITORIES.all)[:150],
        media=MEDIA.names(MEDIA.all),
        purposes=PURPOSES.names(PURPOSES.all),
    ),
)


def words_of(pdf: bytes) -> str:
    """Return what a person reads, lines joined."""
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_usual_consent_is_one_page_with_all_that_it_takes(language: str) -> None:
    found = made(signed_in=language, language=language)
    pages = pypdf.PdfReader(BytesIO(found.pdf)).pages
    shown = words_of(found.pdf)
    assert len(pages) == 1
    assert (round(float(pages[0].mediabox.width)), round(float(pages[0].mediabox.height))) == (595, 842)
    for line in found.record.text.split("\n"):
        assert " ".join(line.split()) in shown
    for digest in (found.record.digest, sha256_hex(found.record.text.encode()), found.record.hands[0].keyid):
        assert digest in shown
    assert len(list(pages[0].images)) == 1


def test_a_long_consent_goes_on_and_its_first_page_bears_the_essentials() -> None:
    found = made(names=LONG, scopes=EVERYWHERE, signed_in="fr", language="fr")
    pages = pypdf.PdfReader(BytesIO(found.pdf)).pages
    first = " ".join(pages[0].extract_text().split())
    assert len(pages) > 1
    assert "Žofie Müller-Østergård y Ñandú d’Àvila" in first
    assert found.record.digest in first
    assert "Suite à la page suivante" in first
    assert "En signant, j’autorise" in words_of(found.pdf)
    assert "Continued" not in words_of(made().pdf)


def test_another_language_is_a_translation_that_says_so() -> None:
    found = made(signed_in="en", language="fr")
    shown = words_of(found.pdf)
    assert "Seul le texte anglais est signé" in shown
    assert "Traduction en français, non signée" in shown
    assert shown.index("By signing I allow") < shown.index("Traduction en français") < shown.index("En signant, j’aut")
    assert attachments_of(found.record)["text.txt"].decode().startswith("Consent to the use of my likeness")


def test_a_consent_that_was_taken_back_says_so() -> None:
    assert "TAKEN BACK on 24 November 2026, 09:35 UTC" in words_of(made(ended=SIGNED_AT + timedelta(minutes=5)).pdf)
    assert "TAKEN BACK" not in words_of(made().pdf)


def test_other_readers_find_the_same_attachments(honest: Made) -> None:
    ours = {name: held.data for name, held in read_attachments(honest.pdf).items()}
    theirs = {name: data[0] for name, data in pypdf.PdfReader(BytesIO(honest.pdf)).attachments.items()}
    assert ours == theirs
    assert set(ours) == set(ATTACHED)
    assert ours.items() >= attachments_of(honest.record).items()
    assert SEAL in ours


def test_the_file_says_that_it_is_for_archives_what_it_is_and_in_which_language(honest: Made) -> None:
    """PDF/A-3U: letters embedded, colours defined, no outside reference."""
    reader = pypdf.PdfReader(BytesIO(honest.pdf))
    metadata = reader.xmp_metadata
    assert metadata is not None
    assert b"<pdfaid:part>3</pdfaid:part>" in honest.pdf
    assert (metadata.xmp_create_date, metadata.xmp_modify_date) == (honest.record.made_at.replace(tzinfo=None),) * 2
    assert metadata.dc_title["x-default"].startswith("Consent record · Consent to the use of my likeness")
    assert metadata.dc_language == ["en"]
    assert reader.root_object["/Lang"] == "en"


def test_the_same_record_gives_the_same_bytes(honest: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks twice for what a day said gets one file; the clock is not in it."""
    monkeypatch.setattr("fpdf.output.datetime", Later)
    assert made().pdf == honest.pdf


class Later(datetime):
    """A clock that is a year ahead of what the record says."""

    @classmethod
    def now(cls, tz: Any = None) -> Later:
        return cls(2027, 11, 24, tzinfo=tz)
