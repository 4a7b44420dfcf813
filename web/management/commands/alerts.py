"""
Tell both sides what ends in 90, 30 and 7 days; once each, however often it runs.

    manage.py alerts

The publisher does the same every minute; this is for a scheduler of one's own, and for looking.
"""

from typing import Any

from django.core.management.base import BaseCommand

from consent.services import alerting
from generation.services.deadlines import note_deadlines
from registry.locks import clock


class Command(BaseCommand):
    help = "tell both sides what ends soon"

    def handle(self, *args: Any, **options: Any) -> None:
        note_deadlines()
        new = alerting.run(at=clock())
        self.stdout.write(f"{new} new alerts")
