"""Files that are no records: one sentence and exit code 64, never a traceback, never a long wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdf
import pytest

from generation.verify.__main__ import main
from generation.verify.pdf import MAX_PDF_BYTES, NotReadable, read_attachments
from tests.records import Made, hand_of, made
from web.record.pdf import assemble, attachments_of

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def honest() -> Made:
    return made()


def encrypted(pdf: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(BytesIO(pdf)))
    writer.encrypt("secret", algorithm="RC4-128")
    return written(writer)


def compressed(pdf: bytes) -> bytes:
    """Attachments as many writers store them: a viewer shows them, we do not look."""
    return pdf.replace(b"/Subtype /text#2Fplain", b"/Filter /FlateDecode  ", 1)


def printed_anew(pdf: bytes) -> bytes:
    """What is left when somebody prints a record into a file: the picture."""
    writer = pypdf.PdfWriter()
    writer.add_page(pypdf.PdfReader(BytesIO(pdf)).pages[0])
    return written(writer)


def written(writer: pypdf.PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def added_to(pdf: bytes) -> bytes:
    """A second table of objects at the end, as editors append one: a viewer goes by it."""
    start = pdf.rindex(b"startxref\n") + len(b"startxref\n")
    old = pdf[start:].split(b"\n", 1)[0]
    at = len(pdf)
    return pdf + b"xref\n0 0\ntrailer\n<< /Size 1 /Root 3 0 R /Prev %s >>\nstartxref\n%d\n%%%%EOF\n" % (old, at)


def two_of_one_name(honest: Made) -> bytes:
    more = assemble(honest.record, attachments_of(honest.record) | {"test.txt": b"other"}, hand_of("registry"))
    return more.replace(b"(test.txt)", b"(text.txt)")


def two_names(pdf: bytes) -> bytes:
    """A viewer shows one name, and we might take the other."""
    return pdf.replace(b"/UF (text.txt)", b"/UF (list.txt)")


def nested(pdf: bytes) -> bytes:
    at = pdf.rindex(b"trailer\n<<")
    return pdf[:at] + b"trailer\n<< /Info " + b"[" * 100_000 + b"]" * 100_000 + pdf[at + len(b"trailer\n<<") :]


def comments(pdf: bytes) -> bytes:
    """Comments that a careless reader takes in 2^n ways."""
    at = pdf.rindex(b"trailer\n<<") + len(b"trailer\n")
    return pdf[:at] + b"%" * 50_000 + pdf[at + 2 :]


def table_elsewhere(pdf: bytes) -> bytes:
    start = pdf.rindex(b"startxref\n")
    return pdf[:start] + b"startxref\n9999999999\n%%EOF\n"


HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda pdf: b"", "no record and no receipt"),
    "not-a-pdf": (lambda pdf: b"MZ" + pdf, "does not start as a PDF does"),
    "cut-in-half": (lambda pdf: pdf[: len(pdf) // 2], "it is cut off"),
    "cut-at-the-end": (lambda pdf: pdf[:-3], "it is cut off"),
    "head-alone": (lambda pdf: pdf[:9], "it is cut off"),
    "something-behind": (lambda pdf: pdf + b"more", "it is cut off"),
    "encrypted": (encrypted, "it is encrypted"),
    "compressed": (compressed, "is not stored as it is"),
    "added-to": (added_to, "it was added to"),
    "table-elsewhere": (table_elsewhere, "its table of objects is missing"),
    "two-names": (two_names, "has two names"),
    "nested-without-end": (nested, "nested too deeply"),
    "comments-without-end": (comments, "its trailer is no dictionary"),
    "a-length-that-lies": (lambda pdf: pdf.replace(b"/Length 2", b"/Length 9", 3), "ends"),
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_file_that_is_no_record_gets_one_sentence(attack: str, honest: Made, tmp_path: Path, capsys: Capture) -> None:
    damage, _ = HOSTILE[attack]
    path = tmp_path / "record.pdf"
    path.write_bytes(damage(honest.pdf))
    began = time.monotonic()
    code = main([str(path)])
    captured = capsys.readouterr()
    assert code == 64, captured.out
    assert (captured.err.count("\n"), captured.out) == (1, "")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("attack", [name for name in HOSTILE if name not in ("empty", "a-length-that-lies")])
def test_the_sentence_says_what_is_wrong(attack: str, honest: Made) -> None:
    damage, said = HOSTILE[attack]
    with pytest.raises(NotReadable) as refused:
        read_attachments(damage(honest.pdf))
    assert said in str(refused.value)


def test_two_attachments_of_one_name_are_refused(honest: Made) -> None:
    with pytest.raises(NotReadable, match=r"two attachments are called `text\.txt`"):
        read_attachments(two_of_one_name(honest))


def test_a_picture_of_a_record_is_none(honest: Made, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "printed.pdf"
    path.write_bytes(printed_anew(honest.pdf))
    assert main([str(path)]) == 1
    assert "FAILED at step 1, attachments" in capsys.readouterr().out


def test_a_huge_file_is_not_read(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "huge.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(MAX_PDF_BYTES * 100)
    assert main([str(path)]) == 64
    assert "larger than 16 MiB" in capsys.readouterr().err


def test_every_cut_of_a_record_is_refused(honest: Made) -> None:
    for end in range(0, len(honest.pdf) - 1, 997):
        with pytest.raises(NotReadable):
            read_attachments(honest.pdf[:end])


def test_a_record_takes_no_second_file_and_no_envelope(honest: Made, tmp_path: Path, capsys: Capture) -> None:
    path, _ = honest.write(tmp_path)
    for more in ([path], ["--envelope", path]):
        with pytest.raises(SystemExit) as stopped:
            main([path, *more])
        assert stopped.value.code == 64
        assert "usage:" in capsys.readouterr().err
