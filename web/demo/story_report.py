"""
The end of the second chapter: a film's cut, the page that an insurer and a buyer ask for, and what is owed.

1. The cut is handed in as an edit decision list: one event is the released shot, one a clip that nobody cleared.
2. The clearance report is asked about a sale, and left as PDF and CSV; its first page as a picture where `pdftoppm` of
   poppler-utils is installed.
3. The performer reads what the released shot earned her, with every input.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.core.management.base import CommandError

from generation.report.codes import said
from registry.core.times import parse_time
from web.demo import bodies_rights
from web.demo.desk import once
from web.demo.narrator import no, short, yes
from web.demo.story_rights import Rights

CUT: Final = """\
TITLE: THE WAY BACK
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:00 00:00:01:04 01:00:00:00 01:00:01:04
* FROM CLIP NAME: 31_t1.mp4
002  AX       V     C        00:00:00:00 00:00:01:00 01:00:01:04 01:00:02:04
* FROM CLIP NAME: stock-clip.mp4
003  BL       V     C        00:00:00:00 00:00:01:00 01:00:02:04 01:00:03:04
"""
MEDIA, PLACES = ("free_tv", "svod"), ("BE", "FR")  # the sale that a buyer asks about
SOLD_FOR = timedelta(days=365)
PAGE_DPI = 110


def report(chapter: Rights, shot: Mapping[str, Any]) -> None:
    """Hand in the cut, print the report, read what is owed. Raises CommandError where it is not as it should be."""
    _hand_in(chapter, shot)
    _print(chapter, shot)
    _owed(chapter, shot)


def _hand_in(chapter: Rights, shot: Mapping[str, Any]) -> None:
    tell = chapter.first.tell
    (chapter.first.folder / "the-way-back.edl").write_text(CUT, encoding="utf-8")
    body = {"format": "edl", "name": "the-way-back.edl", "text": CUT}
    cut = chapter.desk.asking.post(f"/api/v1/projects/{chapter.film}/cut", body, once())
    found = [(event["shot"], event["gap"]) for event in cut["events"]]
    if found != [(shot["id"], None), (None, "unmatched")]:
        raise CommandError(f"the cut was matched otherwise: {found}")
    tell.beat("Fenwick Pictures", f"hands in its cut: 1 event with papers, {no('1 without')}", short(cut["sha256"]))
    tell.more("stock-clip.mp4: no shot of this name here; black needs none")


def _print(chapter: Rights, shot: Mapping[str, Any]) -> None:
    tell, folder = chapter.first.tell, chapter.first.folder
    until = (chapter.first.at + SOLD_FOR).date()
    sale = {"media": ",".join(MEDIA), "territories": ",".join(PLACES), "until": until.isoformat()}
    for form in ("pdf", "csv", "json"):
        (folder / f"clearance-report.{form}").write_bytes(_report(chapter, sale, form))
    told = json.loads((folder / "clearance-report.json").read_bytes())
    streamed = json.loads(_report(chapter, sale | {"media": "svod"}, "json"))
    (line,), (streaming,) = told["shots"], streamed["shots"]
    if (line["shot"], line["sale"], streaming["sale"]) != (shot["id"], "blocked", "covered"):
        raise CommandError(f"the report says otherwise: {line['sale']}, streaming {streaming['sale']}")
    if _asked(line["blockers"]) != ["Ada Marsh", "Vale Archive"]:
        raise CommandError(f"the report names others to ask: {line['blockers']}")
    tell.beat("Fenwick Pictures", "asks for the clearance report: clearance-report.pdf")
    assurances = _all(ground["assurance"] for ground in line["grounds"])
    tell.more(f"{len(line['grounds'])} grounds, {assurances}; rights until {_last_day(told['earliest_expiry'])}")
    tell.more(f"sold to streaming in BE and FR: {yes('covered')}")
    tell.more(
        f"sold to free television there: {no('blocked')}, {_all(said(one['code'], 'en') for one in line['blockers'])}"
    )
    tell.more(f"ask {' and '.join(_asked(line['blockers']))}; the plate is promised to Harbour One")
    _picture(chapter)


def _report(chapter: Rights, sale: Mapping[str, str], form: str) -> bytes:
    query = urlencode(dict(sale) | {"format": form}, safe=",")
    return chapter.desk.asking.download(f"/api/v1/projects/{chapter.film}/clearance-report?{query}")


def _picture(chapter: Rights) -> None:
    """Leave the first page as a picture, where somebody can make one."""
    if (drawer := shutil.which("pdftoppm")) is None:
        return
    page = chapter.first.folder / "clearance-report"
    command = [drawer, "-png", "-singlefile", "-r", str(PAGE_DPI), f"{page}.pdf", str(page)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        chapter.first.tell.more("its first page: clearance-report.png")


def _owed(chapter: Rights, shot: Mapping[str, Any]) -> None:
    ada, folder = chapter.first.performer, chapter.first.folder
    path = f"/api/v1/parties/{ada.party}/accruals?project={chapter.film}"
    (folder / "accruals.csv").write_bytes(ada.api.download(f"{path}&format=csv"))
    told = ada.api.get(f"{path}&format=json")
    fee = bodies_rights.FEE
    if told["totals"] != [{"currency": fee["currency"], "minor": fee["minor"]}]:
        raise CommandError(f"another sum is owed: {told['totals']}")
    (grant,) = (grant for grant in told["grants"] if grant["accruals"])
    if [accrual["shot"] for accrual in grant["accruals"]] != [shot["id"]]:
        raise CommandError("the sum is owed for something else")
    sum_ = f"{told['totals'][0]['minor'] / 100:.2f} {told['totals'][0]['currency']}"
    chapter.first.tell.beat("Ada Marsh", f"reads what shot 31 earned her: {sum_}", short(grant["grant"]))
    chapter.first.tell.more("by her own terms, which nobody but the two parties can read")


def _all(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))


def _asked(blockers: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({blocker["ask"]["name"] for blocker in blockers if blocker["ask"] is not None})


def _last_day(moment: str) -> str:
    """Write the last day of a window; the moment that ends it is no part of it."""
    return (parse_time(moment) - timedelta(seconds=1)).date().isoformat()
