"""
The registry's own keys, from the command line.

    manage.py keys list [--json]             every role, its versions, and what is left to do
    manage.py keys list --party ID           the keys of one party, with those that were revoked or compromised
    manage.py keys rotate ROLE [--dry-run]   a new version in place of the current one, while everything runs
    manage.py keys prepare ROLE              only make the next version, so that others can learn it before it is used
    manage.py keys move ROLE|all --to kms    rotate into the KMS that `KMS` names, or `--to files` out of it
    manage.py keys discard ROLE              take a version back that nothing used yet
    manage.py keys retire ROLE [--dry-run]   destroy the old versions of `kek` or `erasure`, once nothing names them

Roles: registry, log, log_pq, credential, tsa, kek, erasure. The same command once more finishes what was interrupted.
How, when and why: ``docs/keys.md``.
"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.core.errors import DomainError
from registry.core.fields import read_uuid
from registry.custody import ROLES
from registry.selectors import own_keys
from registry.services import rotation

UNDO = {
    "registry": "a revoked key does not come back; rotating once more replaces the new one",
    "log": "rotating once more replaces the new key; whichever signed the last checkpoint signs the next one too",
    "log_pq": "rotating once more replaces the new key; whichever signed the last checkpoint signs the next one too",
    "credential": "rotating once more replaces the new key; files that it sealed stay good",
    "tsa": "rotating once more replaces the new key; stamps that it made stay good",
    "kek": "until `keys retire kek` the old version is there, and rotating once more leads to a third",
    "erasure": "until `keys retire erasure` the old version is there, and rotating once more leads to a third",
}
STORES = ("files", "kms")
CHANGES = {"rotate": rotation.rotate, "retire": rotation.retire, "discard": rotation.discard}


class Command(BaseCommand):
    help = "list and rotate the registry's own keys"

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        listing = acts.add_parser("list", help="every version of every key")
        listing.add_argument("--json", action="store_true", help="one JSON array for programs")
        listing.add_argument("--party", help="the enrolled keys of this party instead")
        for act, what in (("rotate", "replace a key"), ("retire", "destroy old versions")):
            changing = acts.add_parser(act, help=what)
            changing.add_argument("role")
            changing.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        acts.add_parser("discard", help="take the next version back").add_argument("role")
        preparing = acts.add_parser("prepare", help="make the next version")
        preparing.add_argument("role")
        preparing.add_argument("--to", choices=STORES, help="where; by default beside the current one")
        moving = acts.add_parser("move", help="let keys be in another store")
        moving.add_argument("role", help="a role, or `all`")
        moving.add_argument("--to", choices=STORES, required=True)

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            if act == "list":
                self._list(**options)
            elif options.get("dry_run"):
                self._say(rotation.plan(act, options["role"]))
            else:
                self._change(act, options["role"], options.get("to"))
        except DomainError as error:
            raise CommandError(f"{error} ({error.code})") from error

    def _list(self, *, json: bool, party: str | None, **options: Any) -> None:
        rows = own_keys.listed() if party is None else own_keys.enrolled(read_uuid(party, "party"))
        if json:
            self.stdout.write(_dumped(rows))
        else:
            self._say(own_keys.line(row) for row in rows)

    def _change(self, act: str, role: str, store: str | None) -> None:
        if act == "move":
            for one in ROLES if role == "all" else (role,):
                self._say(rotation.move(one, str(store)))
        elif act == "prepare":
            self._say(rotation.prepare(role, store))
        else:
            self._say(CHANGES[act](role))
        if act == "rotate":
            self.stdout.write(f"to undo: {UNDO[role]}")

    def _say(self, lines: Any) -> None:
        for line in lines:
            self.stdout.write(line)
            self.stdout.flush()


def _dumped(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2)
