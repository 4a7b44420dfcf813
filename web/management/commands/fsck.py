"""
``manage.py fsck``: prove that what is stored is what was said; exit 0, or 1 with each difference by name.

``--json`` writes one JSON object instead of lines. Nothing is changed.
"""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from web.fsck import run


class Command(BaseCommand):
    help = "rebuild the log and every projection from the statements, and compare"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        report = run()
        if options["json"]:
            self.stdout.write(json.dumps(report.format(), ensure_ascii=False, indent=2))
        else:
            for finding in sorted(report.findings):
                self.stdout.write(f"{finding.fault}  {finding.subject}: {finding.detail}")
            looked = ", ".join(f"{number} {what}" for what, number in report.counted.items())
            self.stdout.write(f"{'sound' if report.sound else 'NOT SOUND'}: {looked}")
        if not report.sound:
            sys.exit(1)
