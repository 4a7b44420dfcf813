"""
Tokens: who may call the API, for whom, and until when.

A secret is 32 random bytes and is shown once; the table keeps its SHA-256. An enrolment token is bound to a party that
need not exist yet, and serves for that party's first key alone, once. Left out: what a statement needs beside a token,
which is a signature.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from uuid6 import uuid7

from registry.errors import DomainError, Forbidden, Inadmissible, Unknown
from registry.models import Token
from registry.selectors.parties import kind_of

SCOPES: Final = ("enrol", "produce", "read", "review", "rights", "sign")
PREFIX: Final = "proviso_"  # so that a leaked secret is found by whoever searches for it
SECRET_BYTES: Final = 32
ENROLMENT_LASTS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who is calling: a person acting for a party."""

    person: str
    party: str
    scopes: frozenset[str]
    token_id: str

    is_authenticated = True  # Django REST framework asks


class BadToken(DomainError):
    """No token, or none that we gave out, or one that was revoked or used."""

    code = "bad_token"
    status = 401

    def __init__(self, *, problem: str) -> None:
        super().__init__(problem)


class TokenExpired(DomainError):
    """A token past its end date."""

    code = "token_expired"
    status = 401

    def __init__(self, *, ended: datetime) -> None:
        super().__init__(f"the token ended at `{ended:%Y-%m-%d %H:%M} UTC`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new token; the secret is nowhere else."""

    token_id: str
    secret: str


def create(*, party: str, scopes: Iterable[str], ends_at: datetime, at: datetime, person: str | None = None) -> Made:
    """Make a token for a registered party; without a person the party holds it itself."""
    granted = sorted(set(scopes))
    for scope in granted:
        if scope not in SCOPES or scope == "enrol":
            raise Inadmissible(f"`{scope}` is not a scope", code="bad_value", field="scopes")
    if not granted or ends_at <= at:
        raise Inadmissible("a token needs a scope and an end to come", code="bad_value", field="ends_at")
    kind_of(party)
    if person is not None:
        kind_of(person)
    return _make(party=party, person=person or party, scopes=granted, ends_at=ends_at, at=at)


def enrol(*, party: str, at: datetime, ends_at: datetime | None = None) -> Made:
    """Make the single-use token that lets a party's first key in."""
    return _make(party=party, person=party, scopes=["enrol"], ends_at=ends_at or at + ENROLMENT_LASTS, at=at)


def revoke(token_id: str, *, at: datetime) -> None:
    """End a token now; one that has ended already is left alone."""
    if not Token.objects.filter(id=token_id).exists():
        raise Unknown(kind="token", id=token_id)
    Token.objects.filter(id=token_id, revoked_at=None).update(revoked_at=at)


def principal_of(secret: str, *, at: datetime) -> Principal:
    """Return who holds this secret; raises ``BadToken``, ``TokenExpired``."""
    row = Token.objects.filter(secret_sha256=_sha256(secret)).first()
    if row is None:
        raise BadToken(problem="the token is not one of ours")
    if row.revoked_at is not None:
        raise BadToken(problem="the token was revoked")
    if row.ends_at <= at:
        raise TokenExpired(ended=row.ends_at)
    return Principal(person=row.person, party=row.party, scopes=frozenset(row.scopes), token_id=row.id)


def consume(principal: Principal, *, digest: str, at: datetime) -> bool:
    """Use up an enrolment token for one statement; False if it is used, revoked or over. Joins the transaction."""
    free = Token.objects.filter(id=principal.token_id, used_at=None, revoked_at=None, ends_at__gt=at)
    return free.update(used_at=at, used_for=digest) == 1


def require_scope(principal: Principal, *allowed: str) -> None:
    """Refuse a token that has none of these scopes."""
    if not principal.scopes.intersection(allowed):
        raise Forbidden(f"this needs a token with the scope {_either(allowed)}", code="insufficient_scope")


def require_party(principal: Principal, party: str) -> None:
    """Refuse a token of another party."""
    if principal.party != party:
        raise Forbidden(f"the token acts for party `{principal.party}`, not for `{party}`", code="foreign_token")


def _make(*, party: str, person: str, scopes: list[str], ends_at: datetime, at: datetime) -> Made:
    raw = secrets.token_bytes(SECRET_BYTES)
    token_id = str(uuid7())
    with transaction.atomic():
        Token.objects.create(
            id=token_id,
            secret_sha256=hashlib.sha256(raw).hexdigest(),
            person=person,
            party=party,
            scopes=scopes,
            made_at=at,
            ends_at=ends_at,
        )
    return Made(token_id=token_id, secret=PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("="))


def _sha256(secret: str) -> str:
    try:
        raw = base64.b64decode(secret.removeprefix(PREFIX) + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not secret.startswith(PREFIX) or len(raw) != SECRET_BYTES:
        raise BadToken(problem="the token is malformed")
    return hashlib.sha256(raw).hexdigest()


def _either(scopes: tuple[str, ...]) -> str:
    return " or ".join(f"`{scope}`" for scope in scopes)
