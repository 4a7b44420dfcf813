"""
Ask to be erased: be told first, then confirm, then wait.

1. ``preview`` says what would go and what would stay, in both languages, and the hash of what it said.
2. ``ask`` takes that hash back: nobody is erased who was not told. If things have changed meanwhile, it is told anew.
3. For ``ERASURE_WAIT_DAYS`` whoever may ask may also ``cancel``: somebody else may have held their token.
4. Then it is carried out (``generation.services.erasing``).
5. ``receipt`` is for whoever has the secret that ``ask`` returned: afterwards nobody has a token any more.

Who may ask: the person by a token of their own that may sign; for a minor or a person under guardianship their
guardian; for the dead their estate, once somebody else has recorded the death. Both by an authority that stands, lets
them revoke, and lets one of them act alone: what is asked for here is not signed, so nobody can sign beside them.
Whoever asks, the person is told by an alert.
"""

import base64
import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from uuid6 import uuid7

from consent.models import Alert
from generation.selectors.erasures import Plan, plan
from generation.services.erasing import ErasureBlocked
from registry import log
from registry.core.erasure import parse_erasure
from registry.core.fields import Reader
from registry.core.jcs import Json, canonical, sha256_hex
from registry.core.times import format_time, whole_second
from registry.errors import Conflict, Forbidden, Unknown
from registry.locks import clock
from registry.models import ErasureRequest, Event, Party, StatementRow
from registry.selectors.authorities import Standing, authority_ids, standing
from registry.services.tokens import Principal, require_scope
from registry.statements import open_statements
from registry.texts.erasures import Foretold, describe_cancelled, describe_erasure, describe_waiting, foretell

ROLES: Final = ("guardian", "estate")
LANGUAGES: Final = ("en", "fr")
ALERT: Final = "erasure"  # the kind by which the person is told
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
    _require_may_ask(subject, by, at, alone=True)
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
            _alert(row)
    except IntegrityError:
        raise Conflict(
            "an erasure of this person is asked for already: take that back to ask anew", code="erasure_asked"
        ) from None
    return Asked(id=row.id, due_at=due_at, secret=base64.urlsafe_b64encode(raw).decode().rstrip("="))


def cancel(subject: str, *, by: Principal) -> None:
    """Take a request back while it waits; raises ``Unknown`` where none does."""
    at = clock()
    _require_may_ask(subject, by, at)
    with transaction.atomic(durable=True):
        row = (
            ErasureRequest.objects.select_for_update().filter(subject=subject, done_at=None, cancelled_at=None).first()
        )
        if row is None:
            raise Unknown(kind="erasure", id=subject, status=404)
        row.cancelled_at = at
        row.save(update_fields=["cancelled_at"])
        Alert.objects.filter(party=subject, kind=ALERT, detail=row.id).delete()


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
    if row.cancelled_at is not None:
        return {one: describe_cancelled(row.cancelled_at, one) for one in LANGUAGES}
    if row.done_at is None:
        at = clock()
        return {one: describe_waiting(row.due_at, at, one) for one in LANGUAGES}
    opened = open_statements(row.statements)
    records = [parse_erasure(Reader(opened[digest].statement.body, "body")) for digest in row.statements]
    types = _types(kept.digest for record in records for kept in record.kept)
    return {one: describe_erasure(records, row.statements, types, row.done_at, one) for one in LANGUAGES}


def _types(digests: Iterable[str]) -> dict[str, str]:
    """Return the types of those that are statements; papers of shots are none."""
    return dict(StatementRow.objects.filter(digest__in=[*digests]).values_list("digest", "type"))


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
        types=found.statements,
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


def _alert(row: ErasureRequest) -> None:
    """Tell the person, whoever asked: somebody else may have held their token. Joins the transaction."""
    days = settings.ERASURE_WAIT_DAYS
    Alert.objects.create(
        id=str(uuid7()),
        party=row.subject,
        kind=ALERT,
        about=Party.objects.values_list("digest", flat=True).get(id=row.subject),
        detail=row.id,
        ends_at=row.due_at,
        days=days,
        made_at=row.asked_at,
    )


def _require_may_ask(subject: str, by: Principal, at: datetime, *, alone: bool = False) -> None:
    """Raise ``Forbidden``; ``alone``: for what needs everybody of an authority that only acts jointly."""
    require_scope(by, "sign")
    if by.party == subject:
        return
    held = _authorities(by.party, subject, at)
    if not held:
        raise Forbidden("only the person, their guardian or their estate may ask for this", code="not_yours")
    acting = [one for one in held if one.role != "estate" or _is_dead(subject, one.agents)]
    if not acting:
        raise Forbidden("an estate asks once somebody else has recorded that the person died", code="not_yours")
    if alone and all(one.required > 1 for one in acting):
        least = min(one.required for one in acting)
        raise Forbidden(
            f"`{least}` of this authority act together, and one alone asks: it takes an authority to act alone",
            code="two_people_needed",
        )


def _authorities(agent: str, subject: str, at: datetime) -> list[Standing]:
    ids = authority_ids(agent=agent, principals=[subject])
    return [one for one in standing(ids, moments=[at], at=at) if one.role in ROLES and "revoke" in one.powers]


def _is_dead(subject: str, estate: Collection[str]) -> bool:
    deaths = Event.objects.filter(event="death", subject_kind="party", subject_id=subject)
    return deaths.exclude(issuer__in=estate).exists()


def _hash_of(secret: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except ValueError:
        raw = b""
    return hashlib.sha256(raw).hexdigest()
