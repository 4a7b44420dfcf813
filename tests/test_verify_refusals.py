"""What the verifier is given and cannot read: exit 64, one sentence, one stable code, nothing said of any paper."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from generation.verify.__main__ import main
from generation.verify.files import Unreadable, write_new
from registry.core.envelope import canonical
from tests.decision_bodies import id_of
from tests.records import signed

PAGE = (Path(__file__).parents[1] / "docs" / "formats.md").read_text("utf-8")
Capture = pytest.CaptureFixture[str]
RECEIPT = ("receipt.tlog-proof", "--envelope", "statement.json")
FSCK = "fsck"
# Arguments that name files of `folder`, and the code that they get.
WRONG: dict[str, tuple[Sequence[str], str]] = {
    "nothing": ((), "usage"),
    "no-such-file": (("nothing.pdf",), "not_found"),
    "no-such-file-of-no-kind": (("nothing",), "not_found"),
    "empty-file": (("empty",), "empty"),
    "empty-pdf": (("empty.pdf",), "empty"),
    "empty-receipt": (("empty.tlog-proof", "--envelope", "statement.json"), "empty"),
    "empty-statement": (("receipt.tlog-proof", "--envelope", "empty"), "empty"),
    "empty-trust": (("record.pdf", "--trust", "empty"), "empty"),
    "directory": (("folder",), "not_a_file"),
    "directory-as-trust": (("record.pdf", "--trust", "folder"), "not_a_file"),
    "directory-as-video": (("bundle.json", "folder"), "wrong_format"),
    "huge-pdf": (("huge.pdf",), "too_large"),
    "huge-bundle": (("huge.json", "video.mp4"), "too_large"),
    "huge-receipt": (("huge.tlog-proof", "--envelope", "statement.json"), "too_large"),
    "huge-statement": (("receipt.tlog-proof", "--envelope", "huge.json"), "too_large"),
    "huge-trust": (("record.pdf", "--trust", "huge.json"), "too_large"),
    "pdf-that-is-none": (("record.pdf",), "wrong_format"),
    "prose-as-receipt": (RECEIPT, "wrong_format"),
    "prose-as-bundle": (("prose.txt", "video.mp4"), "wrong_format"),
    "twice-one-key": (("twice.json", "video.mp4"), "wrong_format"),
    "deep": (("deep.json", "video.mp4"), "wrong_format"),
    "bundle-as-trust": (("record.pdf", "--trust", "bundle.json"), "wrong_format"),
    "prose-alone": (("prose.txt",), "usage"),
    "bundle-alone": (("bundle.json",), "usage"),
    "video-alone": (("video.mp4",), "usage"),
    "video-first": (("video.mp4", "bundle.json"), "usage"),
    "receipt-alone": (("receipt.tlog-proof",), "usage"),
    "record-with-video": (("record.pdf", "video.mp4"), "usage"),
    "address-of-a-record": (("https://registry.example/record.pdf",), "usage"),
    "pin-that-is-none": (("record.pdf", "--pin", "1234"), "usage"),
    "pin-and-trust": (("record.pdf", "--pin", "0" * 64, "--trust", "bundle.json"), "usage"),
    "unknown-option": (("record.pdf", "--believe"), "usage"),
    "no-log": ((FSCK,), "usage"),
    "directory-without-log": ((FSCK, "folder"), "no_log"),
    "log-that-is-not-there": ((FSCK, "nothing"), "no_log"),
    "file-as-log": ((FSCK, "prose.txt"), "no_log"),
    "address-of-no-log": ((FSCK, "ftp://registry.example/log"), "usage"),
    "nobody-there": ((FSCK, "http://127.0.0.1:1/log"), "log_unreachable"),
    "resealing-nothing": (("reseal",), "usage"),
    "resealing-from-no-log": (
        ("reseal", *RECEIPT, "--log", "folder", "--out", "new.tlog-proof"),
        "no_log",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("wrong")
    (found / "folder").mkdir()
    for name in ("empty", "empty.pdf", "empty.tlog-proof"):
        (found / name).touch()
    for name in ("huge.pdf", "huge.json", "huge.tlog-proof"):
        with (found / name).open("wb") as file:
            file.truncate(3 << 30)
    statement = signed("key.added", {"party": id_of("ada")}, "ada")
    texts = {
        "prose.txt": b"Dear Sirs,\n",
        "receipt.tlog-proof": b"Dear Sirs,\n",
        "record.pdf": b"%PDF-1.7\nDear Sirs,\n",
        "bundle.json": b'{"v":1}',
        "twice.json": b'{"v":1,"v":2}',
        "deep.json": b"[" * 100_000,
        "video.mp4": b"\0\0\0\x18ftypisom",
        "statement.json": canonical(statement.format()),
    }
    for name, data in texts.items():
        (found / name).write_bytes(data)
    return found


def ran(arguments: Sequence[str], folder: Path) -> int:
    """Run the command where its arguments are files of the folder; return its exit code, however it ends."""
    placed = [str(folder / one) if (folder / one).exists() or one.startswith("nothing") else one for one in arguments]
    try:
        return main(placed)
    except SystemExit as stopped:
        return int(str(stopped.code))


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_read_gets_one_sentence_and_one_code(case: str, folder: Path, capsys: Capture) -> None:
    arguments, code = WRONG[case]
    assert ran(arguments, folder) == 64
    told = capsys.readouterr()
    *usage, sentence = told.err.splitlines()
    assert told.out == ""
    assert sentence.startswith("proviso-verify")
    assert sentence.endswith(f" ({code})")
    assert all("usage:" in usage[0] or line.startswith(" ") for line in usage)
    assert ran([*arguments, "--json"], folder) == 64
    said = json.loads(capsys.readouterr().out)
    assert (said["v"], said["exit"], said["code"]) == (1, 64, code)
    assert sentence == f"{sentence.split(': ')[0]}: {said['detail']} ({code})"


def test_every_code_is_told_on_the_page() -> None:
    section = PAGE[PAGE.index("## 8b.") : PAGE.index("## 9.")]
    listed = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert {code for _, code in WRONG.values()} <= listed
    assert listed - {code for _, code in WRONG.values()} == {"exists", "unreadable", "unwritable"}


def test_a_receipt_that_is_there_is_not_written_over(folder: Path, capsys: Capture) -> None:
    """`exists`: shown with a real log in `test_verify_receipts`; here that a code comes with it."""
    with pytest.raises(Unreadable) as refused:
        write_new(folder / "prose.txt", b"new")
    assert refused.value.code == "exists"
    assert (folder / "prose.txt").read_bytes() == b"Dear Sirs,\n"
