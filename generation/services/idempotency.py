"""
One answer to a call, however often it is sent (draft-ietf-httpapi-idempotency-key-header).

1. ``claim`` takes an advisory lock of party and key, which lasts as long as the caller's transaction; who finds it
   taken is told that the first call is still at work.
2. A key that was answered gets its first answer again; with another body it is refused.
3. ``keep`` writes the answer in the transaction that did what was asked: both are there, or neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from generation.models import IdempotencyKey
from registry.core.errors import DomainError
from registry.core.jcs import Json

MAX_KEY_CHARS = 255


class KeyMissing(DomainError):
    """An unsafe call without the header."""

    code = "idempotency_key_missing"

    def __init__(self) -> None:
        super().__init__(f"the header `Idempotency-Key` is needed: 1 to {MAX_KEY_CHARS} characters of your choice")


class InProgress(DomainError):
    """The first call with this key is not answered yet."""

    code = "idempotency_in_progress"
    status = 409

    def __init__(self, *, key: str) -> None:
        super().__init__(f"a call with the key `{key}` is being answered")


class KeyReused(DomainError):
    """The key was used for another body."""

    code = "idempotency_key_reused"
    status = 422

    def __init__(self, *, key: str) -> None:
        super().__init__(f"the key `{key}` was used for a call with another body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One unsafe call: whose, under which key, with which body."""

    party: str
    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: Mapping[str, Json]


def claim(call: Call) -> Answer | None:
    """Return the first answer, if any. Joins the caller's transaction; raises ``InProgress``, ``KeyReused``."""
    with connection.cursor() as cursor:
        name = f"idempotency {call.party} {call.key}"
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        (ours,) = cursor.fetchone()
    if not ours:
        raise InProgress(key=call.key)
    row = IdempotencyKey.objects.filter(party=call.party, key=call.key).first()
    if row is None:
        return None
    if row.body_sha256 != call.body_sha256:
        raise KeyReused(key=call.key)
    return Answer(status=row.status, body=row.answer)


def keep(call: Call, answer: Answer, *, at: datetime) -> None:
    """Keep the answer. Joins the caller's transaction, which holds the claim."""
    IdempotencyKey.objects.create(
        party=call.party,
        key=call.key,
        body_sha256=call.body_sha256,
        status=answer.status,
        answer=dict(answer.body),
        created_at=at,
    )
