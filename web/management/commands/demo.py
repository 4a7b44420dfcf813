"""
``manage.py demo``: the whole story in the terminal, on a database made anew; its files stay in ``var/demo/``.

``--footage`` and ``--portrait`` tell it with the caller's own files: a picture or film for the first frame, and a
picture of a person (PNG with alpha is best).
"""

from __future__ import annotations

import resource
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from registry.locks import clock
from web.demo.client import Problem
from web.demo.files import bring
from web.demo.narrator import Narrator
from web.demo.stage import running
from web.demo.story import Story
from web.demo.story_report import report
from web.demo.story_rights import Rights


class Command(BaseCommand):
    help = "Tell the whole story, from a plate that is registered to the report that a buyer asks for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--footage", type=Path, help="a picture or film whose first frame the shot starts from")
        parser.add_argument("--portrait", type=Path, help="a picture of a person; PNG with alpha is best")

    def handle(self, *args: Any, footage: Path | None, portrait: Path | None, **options: Any) -> None:
        for given in (footage, portrait):
            if given is not None and not given.is_file():
                raise CommandError(f"there is no file `{given}`")
        folder = settings.VAR_DIR
        folder.mkdir(parents=True, exist_ok=True)
        tell = Narrator()
        began = time.monotonic()
        call_command("recreate")
        call_command("setup", stdout=self.stdout)
        with running(folder / "stack.log") as base:
            tell.heading("Proviso: a shot, its papers, and a change of mind")
            story = Story(
                tell=tell, base=base, folder=folder, files=bring(footage=footage, portrait=portrait), at=clock()
            )
            try:
                story.play()
                tell.heading("Proviso: promises, a strike, and the page that a buyer asks for")
                chapter = Rights(first=story)
                report(chapter, chapter.play())
            except Problem as problem:
                raise CommandError(f"the registry refused what it should not: {problem}") from problem
        call_command("fsck")
        self._say_where(folder, time.monotonic() - began)

    def _say_where(self, folder: Path, seconds: float) -> None:
        shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
        self.stdout.write(
            f"\n{seconds:.0f} s; the largest process took {_largest_mib():,} MiB. In {shown}/:\n"
            "  shot-12A.mp4  contact-sheet.png         the shot, and its frames side by side\n"
            "  bundle.json  trust.json                 its papers, and whom to trust\n"
            "  record.pdf  record-tampered.pdf         the record of a consent, and a copy that is refused\n"
            "  consent-*.txt  *.tlog-proof             what was signed, and receipts of the log\n"
            "  verification.txt  refusal.json          what the checks printed\n"
            "  shot-31.mp4  rule.txt                   the second shot, and the rule that refused it first\n"
            "  clearance-report.pdf  .csv              the second film's cut: papers, gaps, a sale\n"
            "  accruals.csv                            what the second shot earned\n"
            f"Check them yourself:  .venv/bin/python -m generation.verify {shown}/bundle.json {shown}/shot-12A.mp4 "
            f"--trust {shown}/trust.json\n"
            f"                      .venv/bin/python -m generation.verify {shown}/record.pdf --trust {shown}/trust.json"
        )


def _largest_mib() -> int:
    """Return what the largest of all processes of this run held at most."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) >> 10
