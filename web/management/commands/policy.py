"""
The registry's own policy, from the command line.

    manage.py policy officers PARTY_ID [PARTY_ID …]     name the court officers, in place of those named before
    manage.py policy officers                           name none

A court officer declares and lifts suspensions of a court and settles disputes.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.core.errors import DomainError
from registry.core.fields import read_uuid
from registry.locks import clock
from registry.services.policies import set_registry_policy


class Command(BaseCommand):
    help = "set the registry's own policy"

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("officers", help="who acts for courts").add_argument("party", nargs="*")

    def handle(self, *args: Any, act: str, party: list[str], **options: Any) -> None:
        try:
            officers = [read_uuid(one, "party") for one in party]
            self.stdout.write(set_registry_policy(court_officers=officers, at=clock()))
        except DomainError as error:
            raise CommandError(f"{error} ({error.code})") from error
