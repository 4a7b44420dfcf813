"""
``manage.py fsck``: prove that what is stored is what was said; exit 0, or 1 with each difference by name.

``--json`` writes one JSON object instead of lines; ``--no-media`` opens no file of the vault, which takes by far the
longest where there are films. How far a long run is, it says on standard error. Nothing is changed.
"""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from web.fsck import run

TELL_S: Final = 5.0  # between two words about how far it is


class Command(BaseCommand):
    help = "rebuild the log and every projection from the statements, and compare"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object for programs")
        parser.add_argument("--no-media", action="store_true", help="do not open the files of the vault")

    def handle(self, *args: Any, **options: Any) -> None:
        self._told = time.monotonic()
        report = run(media=not options["no_media"], watch=self._tell)
        if options["json"]:
            self.stdout.write(json.dumps(report.format(), ensure_ascii=False, indent=2))
        else:
            for finding in sorted(report.findings):
                self.stdout.write(f"{finding.fault}  {finding.subject}: {finding.detail}")
            looked = ", ".join(f"{number} {what}" for what, number in report.counted.items())
            self.stdout.write(f"{'sound' if report.sound else 'NOT SOUND'}: {looked}")
        if not report.sound:
            sys.exit(1)

    def _tell(self, what: str, number: int) -> None:
        if (now := time.monotonic()) - self._told >= TELL_S:
            self._told = now
            self.stderr.write(f"{number} {what}")
