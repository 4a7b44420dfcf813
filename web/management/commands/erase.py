"""
``manage.py erase``: carry out what was asked, and what its time has come for.

- ``erase run``: every request that is due; bytes that nobody agreed to in ``HOLD_DAYS``; what was kept long enough; and
  files that an interrupted erasure left. One line of JSON each; exit 1 where a request that is due could not be carried
  out. Workers do the same by themselves; it is safe to run beside them, as often as wanted.
- ``erase preview PARTY [--language fr]``: what a person would be told
- ``erase list``: requests and where they stand
- ``erase receipt ID [--language fr]``: the receipt of one that is done, to be printed
- ``erase open FILE``: what two people signed, as a file; prints what had been kept
"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generation.services import erasing, erasing_rows, erasure_requests, opening
from generation.services.erasing_held import destroy_held
from registry.core.errors import DomainError
from registry.core.jcs import Json, parse_json
from registry.locks import clock
from registry.models import ErasureRequest

LANGUAGES = ("en", "fr")


class Command(BaseCommand):
    help = "carry out erasures; show what one does, its receipt, and what two people may open"

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("run", help="carry out whatever is due")
        commands.add_parser("list", help="requests and where they stand")
        for name, what in (("preview", "a party's id"), ("receipt", "a request's id")):
            one = commands.add_parser(name)
            one.add_argument("id", help=what)
            one.add_argument("--language", choices=LANGUAGES, default="en")
        commands.add_parser("open").add_argument("file", type=Path, help="the wish that two people signed")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        try:
            getattr(self, f"_{command}")(options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _run(self, options: dict[str, Any]) -> None:
        left = False
        for request, outcome in erasing.run_due(at=clock()).items():
            left = left or isinstance(outcome, DomainError)
            self._say({"request": request, **_told(outcome)})
        for asset, digest in destroy_held(at=clock()).items():
            self._say({"asset": asset, "held_over_days": settings.HOLD_DAYS, "statement": digest})
        for digest in opening.let_go(at=clock()):
            self._say({"lapsed": digest})
        if removed := erasing_rows.remove_leftovers():
            self._say({"files_removed": removed})
        if left:
            sys.exit(1)

    def _list(self, options: dict[str, Any]) -> None:
        for row in ErasureRequest.objects.order_by("asked_at", "id"):
            told = erasure_requests.described(row)
            self._say({name: told[name] for name in ("id", "subject", "state", "asked_at", "due_at", "at")})

    def _preview(self, options: dict[str, Any]) -> None:
        self.stdout.write(erasure_requests.foretold(options["id"], at=clock()).texts[options["language"]])

    def _receipt(self, options: dict[str, Any]) -> None:
        row = ErasureRequest.objects.filter(id=options["id"]).first()
        if row is None or row.done_at is None:
            raise CommandError(f"no erasure `{options['id']}` is done")
        told = erasure_requests.described(row)
        texts, records = told["texts"], told["records"]
        assert isinstance(texts, dict)
        assert isinstance(records, list)
        self.stdout.write(str(texts[options["language"]]))
        for record in records:
            assert isinstance(record, dict)
            self.stdout.write(f"\n{record['digest']}\n{json.dumps(record['envelope'])}\n{record['proof'] or '-'}")

    def _open(self, options: dict[str, Any]) -> None:
        statement, opened = opening.open_kept(parse_json(options["file"].read_bytes()))
        self._say({"statement": statement, "opened": dict(opened)})

    def _say(self, what: dict[str, Json]) -> None:
        self.stdout.write(json.dumps(what, ensure_ascii=False))


def _told(outcome: tuple[str, ...] | DomainError) -> dict[str, Json]:
    if isinstance(outcome, erasing.ErasureBlocked):
        return {"blocked": [list(one) for one in outcome.obstacles]}
    if isinstance(outcome, DomainError):
        return {"failed": outcome.code, "problem": str(outcome)}
    return {"erased": [*outcome]}
