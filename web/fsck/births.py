"""
When a note was made: ids are UUIDv7 (RFC 9562), and say so to the millisecond.

Notes of the registry's own (deposits, requests, shots) hold a time that nobody signed. It was read within one request
with the id, so that a row that was moved in time no longer agrees with its own name. Left out: to the second; clocks of
two machines differ, and a long film is read before its id is drawn.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Model

from consent.models import Alert, ConsentRequest
from generation.models import Basis, Cut, FavouredAlert, Shot, ShotUse, Told
from registry.models import Asset, Challenge, Deposit, Document, ErasureRequest, Token
from web.fsck.report import Report
from web.fsck.statements import pinned

WITHIN: Final = timedelta(hours=1)
BORN: Final[tuple[tuple[type[Model], str, str], ...]] = (
    (Alert, "id", "made_at"),
    (Basis, "id", "at"),
    (Challenge, "answer", "answered_at"),
    (Challenge, "id", "made_at"),
    (ConsentRequest, "id", "sent_at"),
    (Cut, "id", "at"),
    (Deposit, "asset", "stored_at"),
    (Document, "id", "stored_at"),
    (ErasureRequest, "id", "asked_at"),
    (FavouredAlert, "id", "at"),
    (Shot, "id", "created_at"),
    (ShotUse, "id", "created_at"),
    (Token, "id", "made_at"),
    (Told, "id", "at"),
)


def born_at(ident: str) -> datetime:
    """Return the time in a UUIDv7; raises ``ValueError`` for what is no UUID."""
    return datetime.fromtimestamp((UUID(ident).int >> 80) / 1000, UTC)


def check_births(report: Report) -> None:
    """Compare times and ids; findings go into the report. The sample library brings its own ids."""
    library = set(Asset.objects.filter(digest__in=pinned()).values_list("id", flat=True))
    for model, ident, moment in BORN:
        rows = model._default_manager.exclude(**{ident: None}).values_list("pk", ident, moment)
        for key, named, at in rows.iterator():
            if named not in library and (at is None or abs(at - born_at(named)) > WITHIN):
                report.add("note_moved", f"{model._meta.db_table} {key}", f"`{moment}` is not when its id was drawn")
