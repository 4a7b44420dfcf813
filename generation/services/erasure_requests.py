"""
Ask to be erased: be told first, then confirm, then wait.

1. ``preview`` says what would go and what would stay, in both languages, and the hash of what it said.
2. ``ask`` takes that hash back: nobody is erased who was not told. If things have changed meanwhile, it is told anew.
3. For ``ERASURE_WAIT_DAYS`` whoever may ask may also ``cancel``: somebody else may have held their token.
4. Then it is carried out (``generation.services.erasing``).
5. ``receipt`` is for whoever has the secret that ``ask`` returned: afterwards nobody has a token any more.

Who may ask: the person by a token of their own that may sign; for a minor or a person under guardianship their
guardian, for the dead their estate, where their authority lets them revoke.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from uuid6 import uuid7

from generation.selectors.erasures import Plan, plan
from generation.services.erasing import ErasureBlocked
from registry import log
from registry.core.erasure import parse_erasure
from registry.core.fields import Reader
from registry.core.jcs import Json, canonical, sha256_hex
from registry.core.times import format_time, whole_second
from registry.errors import Conflict, Forbidden, Unknown
from registry.locks import clock
from registry.models import ErasureRequest
from registry.selectors.authorities import principals_of
from registry.services.tokens import Principal, require_scope
from registry.statements import open_statements
from registry.texts.erasures import Foretold, describe_erasure, foretell

ROLES: Final = ("guardian", "estate")
LANGUAGES: Final = ("en", "fr")
SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a person is told, and its hash."""

    texts: Mapping[str, str]  # by language
    told_sha256: str
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that waits; the secret is nowhere else."""

    id: str
    due_at: datetime
    secret: str


def preview(subject: str, *, by: Principal, at: datetime) -> Preview:
    """Say what erasing somebody would do; raises ``Forbidden`` for whoever may not ask for it."""
    _require_may_ask(subject, by, at)
    return foretold(subject, at=at)


def ask(subject: str, told_sha256: str, *, by: Principal) -> Asked:
    """Ask for what was told; raises ``Forbidden``, ``Conflict``, ``ErasureBlocked``."""
    at = clock()
    _require_may_ask(subject, by, at)
    told = foretold(subject, at=at)
    if told.plan.obstacles:
        raise ErasureBlocked(obstacles=told.plan.obstacles)
    if told.told_sha256 != told_sha256:
        raise Conflict("this is not what would happen now: read it again", code="told_otherwise", field="told_sha256")
    raw = secrets.token_bytes(SECRET_BYTES)
    due_at = at + timedelta(days=settings.ERASURE_WAIT_DAYS)
    row = ErasureRequest(
        id=str(uuid7()),
        subject=subject,
        by_party=by.party,
        by_person=by.person,
        told_sha256=told_sha256,
        receipt_sha256=hashlib.sha256(raw).hexdigest(),
        asked_at=at,
        due_at=due_at,
    )
    try:
        with transaction.atomic(durable=True):
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict("an erasure of this person is asked for already", code="erasure_asked") from None
    return Asked(id=row.id, due_at=due_at, secret=base64.urlsafe_b64encode(raw).decode().rstrip("="))


def cancel(subject: str, *, by: Principal) -> None:
    """Take a request back while it waits; raises ``Unknown`` where none does."""
    at = clock()
    _require_may_ask(subject, by, at)
    with transaction.atomic(durable=True):
        rows = ErasureRequest.objects.filter(subject=subject, done_at=None, cancelled_at=None)
        if not rows.update(cancelled_at=at):
            raise Unknown(kind="erasure", id=subject, status=404)


def waiting(subject: str) -> ErasureRequest | None:
    """Return the request that is to be carried out, or was."""
    return ErasureRequest.objects.filter(subject=subject, cancelled_at=None).first()


def receipt(secret: str) -> dict[str, Json]:
    """Return where a request stands, and once it is done the records with their proofs; raises ``Unknown``."""
    row = ErasureRequest.objects.filter(receipt_sha256=_hash_of(secret)).first()
    if row is None:
        raise Unknown(kind="erasure", id=secret, status=404)
    return described(row)


def described(row: ErasureRequest) -> dict[str, Json]:
    """Write a request, and its receipt once there is one."""
    state = "cancelled" if row.cancelled_at else "done" if row.done_at else "waiting"
    moment = row.cancelled_at or row.done_at
    return {
        "id": row.id,
        "subject": row.subject,
        "state": state,
        "asked_at": format_time(whole_second(row.asked_at)),
        "due_at": format_time(whole_second(row.due_at)),
        "at": None if moment is None else format_time(whole_second(moment)),
        "texts": _texts(row),
        "records": [*_records(row)],
    }


def _texts(row: ErasureRequest) -> dict[str, Json]:
    if row.done_at is None:
        return {}
    opened = open_statements(row.statements)
    records = [parse_erasure(Reader(opened[digest].statement.body, "body")) for digest in row.statements]
    return {one: describe_erasure(records, row.statements, row.done_at, one) for one in LANGUAGES}


def _records(row: ErasureRequest) -> list[dict[str, Json]]:
    opened = open_statements(row.statements)
    return [
        {"digest": digest, "envelope": opened[digest].envelope.format(), "proof": log.proof(digest)}
        for digest in row.statements
    ]


def foretold(subject: str, *, at: datetime) -> Preview:
    """Say what erasing somebody would do, to whoever asks inside."""
    found = plan(subject, at=at)
    told = Foretold(
        subject=subject,
        destroyed=len(found.destroyed),
        kept=found.kept,
        scans=len(found.scans),
        papers=sum(one.what == "paper" for one in found.files),
        answers=sum(one.what == "answer" for one in found.files),
        open_shots=len(found.open_shots),
        released=len(found.released),
        signed_for_others=found.signed_for_others,
        obstacles=found.obstacles,
        wait_days=settings.ERASURE_WAIT_DAYS,
    )
    texts = {language: foretell(told, language) for language in LANGUAGES}
    return Preview(texts=texts, told_sha256=sha256_hex(canonical(dict(texts))), plan=found)


def _require_may_ask(subject: str, by: Principal, at: datetime) -> None:
    require_scope(by, "sign")
    if by.party == subject:
        return
    if any(subject in principals_of(by.party, power="revoke", at=at, role=role) for role in ROLES):
        return
    raise Forbidden("only the person, their guardian or their estate may ask for this", code="not_yours")


def _hash_of(secret: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except ValueError:
        raw = b""
    return hashlib.sha256(raw).hexdigest()
