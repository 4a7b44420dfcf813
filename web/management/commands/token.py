"""
Tokens of the API, from the command line.

    manage.py token create --party ID --scopes rights,sign [--person ID] [--days 90]
    manage.py token enrol --party ID [--days 7]
    manage.py token revoke TOKEN_ID
    manage.py token list [--party ID]

A secret is shown once and kept nowhere.
"""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.core.errors import DomainError
from registry.core.fields import read_uuid
from registry.locks import clock
from registry.models import Token
from registry.services import tokens


class Command(BaseCommand):
    help = "make, list and revoke tokens of the API"

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="a token for a registered party")
        create.add_argument("--party", required=True, help="for whom the token acts")
        create.add_argument("--person", help="who holds it; by default the party itself")
        create.add_argument("--scopes", required=True, help="comma-separated: produce,read,review,rights,sign")
        create.add_argument("--days", type=int, default=90)
        enrol = acts.add_parser("enrol", help="a single-use token for a party's first key")
        enrol.add_argument("--party", required=True, help="the id that the party will register")
        enrol.add_argument("--days", type=int, default=tokens.ENROLMENT_LASTS.days)
        acts.add_parser("revoke", help="end a token now").add_argument("token_id")
        acts.add_parser("list", help="all tokens, without their secrets").add_argument("--party")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            getattr(self, f"_{act}")(at=clock(), **options)
        except DomainError as error:
            raise CommandError(f"{error} ({error.code})") from error

    def _create(self, *, party: str, person: str | None, scopes: str, days: int, at: datetime, **_: Any) -> None:
        made = tokens.create(
            party=read_uuid(party, "party"),
            person=None if person is None else read_uuid(person, "person"),
            scopes=scopes.split(","),
            ends_at=at + timedelta(days=days),
            at=at,
        )
        self._show(made, f"acts for {party} with {scopes} for {days} days")

    def _enrol(self, *, party: str, days: int, at: datetime, **_: Any) -> None:
        made = tokens.enrol(party=read_uuid(party, "party"), at=at, ends_at=at + timedelta(days=days))
        self._show(made, f"lets the first key of {party} in, once, within {days} days")

    def _revoke(self, *, token_id: str, at: datetime, **_: Any) -> None:
        tokens.revoke(read_uuid(token_id, "token_id"), at=at)
        self.stdout.write(f"token {token_id} is revoked")

    def _list(self, *, party: str | None, at: datetime, **_: Any) -> None:
        rows = Token.objects.order_by("made_at", "id")
        for row in rows if party is None else rows.filter(party=read_uuid(party, "party")):
            held = "" if row.person == row.party else f" held by {row.person}"
            self.stdout.write(f"{row.id}  {_state(row, at):8} {','.join(row.scopes)} for {row.party}{held}")

    def _show(self, made: tokens.Made, what: str) -> None:
        self.stdout.write(f"token {made.token_id} {what}; its secret is shown only now:")
        self.stdout.write(made.secret)


def _state(row: Token, at: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.used_at is not None:
        return "used"
    return "ended" if row.ends_at <= at else f"{(row.ends_at - at).days} days"
