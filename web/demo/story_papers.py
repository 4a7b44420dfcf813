"""
What the performer holds in her own hands, in the middle of the first chapter. Nothing here asks the registry.

1. Her phone makes a passkey; the key that she has signs that it is hers. She consents with it.
2. The record of that consent is fetched as PDF, and as a picture where `pdftoppm` of poppler-utils is installed.
3. The offline verifier reads the PDF alone, with the keys that the registry publishes elsewhere (`trust.json`). It
   refuses a copy on which one bit of the page was turned, and it reads the receipt by itself.
4. A monitor on her own machine follows the log and finds what is in her name.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError

from generation.selectors.bundle import trust
from web.demo.cast import Member, Said
from web.demo.narrator import Narrator, no, short, yes
from web.demo.phone import Phone

PAGE_DPI: Final = 110
NEWS: Final = 2  # exit code of a monitor that found statements about the person, all of them in the log
SHOWN: Final = ("text", "signatures", "inclusion", "checkpoint", "keys", "page")  # steps of a record that are printed
SAYS: Final = {
    "text": "the words are those that were signed",
    "signatures": "by a passkey, present and verified",
    "inclusion": "the log holds this very envelope",
    "checkpoint": "signed by the log, Ed25519 and ML-DSA-44",
    "keys": "the log held her key before she signed",
    "page": "every byte is as the registry sealed it",
}


def new_passkey(tell: Narrator, performer: Member, phone: Phone) -> Member:
    """Add the phone's passkey to the performer's keys; return her as she signs from now on."""
    added = performer.say("key.added", {"party": performer.party, "key": phone.key.format()}, beside=phone)
    tell.beat("Ada Marsh", "adds the passkey of her phone (played in software)", short(added.digest))
    return performer.with_phone(phone)


def papers(tell: Narrator, performer: Member, said: Said, *, base: str, folder: Path, receipt: str) -> None:
    """
    Fetch and check what proves a consent, whose ``receipt`` is there already.

    Raises CommandError where anything is not as it should be.
    """
    published = folder / "trust.json"
    published.write_text(json.dumps(trust(), indent=2), encoding="utf-8")
    _record(tell, performer, said, folder)
    _checked(tell, folder)
    _tampered(tell, folder)
    _receipt(tell, performer, said, folder / receipt)
    _watched(tell, performer, base, folder)


def _record(tell: Narrator, performer: Member, said: Said, folder: Path) -> None:
    pdf = folder / "record.pdf"
    pdf.write_bytes(performer.api.download(f"/api/v1/statements/{said.digest}/record.pdf?language=en"))
    tell.beat("Ada Marsh", "takes the record of her consent home: record.pdf", short(said.digest))
    if shutil.which("pdftoppm"):
        options = ["-r", str(PAGE_DPI), "-f", "1", "-l", "1", "-png", "-singlefile"]
        subprocess.run(["pdftoppm", *options, str(pdf), str(folder / "record")], check=True)


def _checked(tell: Narrator, folder: Path) -> None:
    steps = _verified(folder, "record.pdf", expect=0)["steps"]
    outcomes = {step["name"]: step["outcome"] for step in steps}
    if {outcomes[name] for name in SHOWN} != {"proven"}:
        raise CommandError(f"the record is not proven: {outcomes}")
    vouched = sum(outcome == "vouched" for outcome in outcomes.values())
    tell.beat("Anybody", f"checks that PDF alone, offline: {yes('proven')}, {vouched} only vouched for  (exit 0)")
    for name in SHOWN:
        tell.more(f"{name:<11} {SAYS[name]}")


def _tampered(tell: Narrator, folder: Path) -> None:
    copy = bytearray((folder / "record.pdf").read_bytes())
    copy[copy.index(b"stream\n") + 100] ^= 1
    (folder / "record-tampered.pdf").write_bytes(copy)
    failed = _verified(folder, "record-tampered.pdf", expect=1)["failed"]
    tell.beat("Anybody", f"checks a copy with one bit of the page turned: {no('refused')}, {failed}  (exit 1)")


def _receipt(tell: Narrator, performer: Member, said: Said, stem: Path) -> None:
    envelope, receipt = stem.with_suffix(".json"), stem.with_suffix(".tlog-proof")
    envelope.write_bytes(performer.api.download(f"/api/v1/statements/{said.digest}"))
    report = _verified(stem.parent, receipt.name, "--envelope", str(envelope), expect=0)
    place = f"entry {report['about']['index']}"
    tell.beat("Anybody", f"checks the receipt by itself: {yes('proven')}, {place} of the log  (exit 0)")


def _watched(tell: Narrator, performer: Member, base: str, folder: Path) -> None:
    command = [sys.executable, "manage.py", "monitor", f"{base}/log", "--party", performer.party, "--json"]
    options = ["--trust", str(folder / "trust.json"), "--state", str(folder / "monitor")]
    (folder / "monitor.token").write_text(performer.api.token, encoding="utf-8")
    found = _ran([*command, *options, "--token", f"@{folder / 'monitor.token'}"], expect=NEWS)
    (folder / "monitor.token").unlink()
    if any(one["grade"] == "fault" for one in found["findings"]):
        raise CommandError(f"the monitor found the log at fault: {found['findings']}")
    size, own = found["size"], len(found["new"])
    tell.beat("Ada Marsh", f"watches the log from home: {size} entries, {own} hers, {yes('no fork')}")


def _verified(folder: Path, paper: str, *more: str, expect: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "generation.verify", str(folder / paper), "--trust", str(folder / "trust.json")]
    return _ran([*command, *more, "--json"], expect=expect)


def _ran(command: Sequence[str], *, expect: int) -> dict[str, Any]:
    """Run a command in a process of its own, as whoever has nothing but the files would; return what it reports."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != expect:
        raise CommandError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
