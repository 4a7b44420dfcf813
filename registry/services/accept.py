"""
Take in one signed statement: the only way in which anybody's rights change.

1. The same envelope again gets the first answer; another envelope over a known payload is refused.
2. Read the bytes received: canonical payload, closed body. Believe nothing of it yet.
3. The text and the private part that came along are the ones that were signed.
4. Every signature verifies, over the bytes received; a passkey that it brings is of this registry's pages.
5. The issuer may say this, for itself or, by its kind, for somebody whom an authority lets it speak for.
6. Lock the heads that it reads (its keys and its issuer among them) and those that it changes; then read the clock.
7. It was issued lately, or its digest is pinned with the library.
8. Insert the statement as ciphertext: with it the log's leaf, whose number is drawn after the locks. Who lost a race of
   the same envelope leaves here, with the first answer.
9. The keys that signed stand and belong to the issuer, or to enough agents of one standing authority; a first key was
   enrolled; a passkey's counter did not go back.
10. The kind agrees with what is stored, and writes what follows; who was spoken for is told.

Steps 6 to 10 are one short, durable transaction. A crash before its commit leaves nothing; after it, the caller who
got no answer sends the same envelope again and gets it. A deadlock or serialisation failure starts it again.
"""

import base64
import binascii
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from django.db import OperationalError, connection, transaction

from registry.core.envelope import Envelope, Statement, parse_statement
from registry.core.fields import Reader
from registry.core.jcs import Json, canonical, sha256_hex
from registry.core.record import Party, Shown, read_shown
from registry.core.times import format_time
from registry.errors import (
    Busy,
    EnvelopeDiffers,
    FutureStatement,
    PrivateMismatch,
    StaleStatement,
    TextMismatch,
    Unknown,
)
from registry.kinds.kind import Context, Kind
from registry.locks import Head, Held, begin
from registry.selectors.arrivals import Before, arrival
from registry.services import authority, passkeys
from registry.services.tokens import Principal, require_party, require_scope
from registry.statements import MAX_PRIVATE_BYTES, insert, owner_of

OLDEST: Final = timedelta(hours=24)  # a signed, unsent consent cannot be played after a revocation
NEWEST: Final = timedelta(minutes=5)  # clocks differ
MIN_SALT_BYTES: Final = 16
TRIES: Final = 5
GAVE_WAY: Final = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
PAUSE_S: Final = 0.02  # doubled at each try, and shortened by chance so that rivals part


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The answer to an envelope."""

    digest: str
    type: str
    accepted_at: datetime
    first: bool  # False: it had been accepted before


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A statement whose bytes are in order and whose signatures verify."""

    envelope: Envelope
    statement: Statement
    kind: Kind
    record: Any
    text: str | None
    private: Json


def accept(
    envelope: Envelope, kind: Kind, *, text: str | None, private: Json, by: Principal | None, pinned: bool = False
) -> Accepted:
    """Take in one statement. ``pinned``: its digest is pinned with the library. Raises a ``DomainError``."""
    statement = parse_statement(envelope.payload)
    known = arrival(envelope, statement.issuer)
    if known.before is not None:
        return _first_answer(envelope, known.before)
    incoming = _read(envelope, statement, kind, text=text, private=private)
    _require_caller(incoming, by)
    if (brought := kind.brings(incoming.record)) is not None:
        passkeys.require_offered(brought)
    authority.verify(envelope, brought, known.keys)
    spokesman = authority.require_issuer(kind, incoming.record, incoming.statement.issuer)
    for attempt in range(TRIES):
        try:
            return _settle(incoming, spokesman, known.issuer_kind, by=by, pinned=pinned)
        except OperationalError as error:
            if not isinstance(error.__cause__, GAVE_WAY) or connection.in_atomic_block:
                raise
            time.sleep(PAUSE_S * 2**attempt * random.random())  # noqa: S311 - spreads rivals, guards nothing
    raise Busy


def read_body(statement: Statement, kind: Kind) -> tuple[Any, Shown | None]:
    """Read a body of this kind, closed: its own fields, and what was shown where a party signs."""
    body = Reader(statement.body, "body")
    record = kind.parse(body)
    shown = None if kind.effect == "records" else read_shown(body)
    body.finish()
    return record, shown


def _first_answer(envelope: Envelope, before: Before) -> Accepted:
    if before.envelope_sha256 != envelope.envelope_sha256:
        raise EnvelopeDiffers(digest=envelope.digest)
    return Accepted(digest=envelope.digest, type=before.type, accepted_at=before.accepted_at, first=False)


def _read(envelope: Envelope, statement: Statement, kind: Kind, *, text: str | None, private: Json) -> Incoming:
    if statement.type != kind.type:
        raise ValueError(f"a statement of type {statement.type} was given the kind {kind.type}")
    record, shown = read_body(statement, kind)
    _match_text(text, None if shown is None else shown.text_sha256)
    _match_private(private, None if shown is None else shown.private_sha256)
    return Incoming(envelope=envelope, statement=statement, kind=kind, record=record, text=text, private=private)


def _match_text(text: str | None, signed: str | None) -> None:
    if text is None and signed is None:
        return
    found = None if text is None else sha256_hex(text.encode("utf-8", "surrogatepass"))
    if found != signed:
        raise TextMismatch(signed=signed or "none")


def _match_private(private: Json, signed: str | None) -> None:
    if private is None and signed is None:
        return
    if private is None or signed is None:
        raise PrivateMismatch(problem="the statement has a private part exactly where `private_sha256` says so")
    plain = canonical(private)
    if not isinstance(private, dict) or len(plain) > MAX_PRIVATE_BYTES:
        raise PrivateMismatch(problem=f"the private part is an object of at most `{MAX_PRIVATE_BYTES}` bytes")
    if _salt_bytes(private.get("salt")) < MIN_SALT_BYTES:
        raise PrivateMismatch(problem=f"the private part has a `salt` of `{MIN_SALT_BYTES}` bytes or more, in base64")
    if sha256_hex(plain) != signed:
        raise PrivateMismatch(problem=f"the private part does not have the SHA-256 `{signed}` that was signed")


def _salt_bytes(salt: Json) -> int:
    if not isinstance(salt, str):
        return 0
    try:
        return len(base64.b64decode(salt, validate=True))
    except (binascii.Error, ValueError):
        return 0


def _require_caller(incoming: Incoming, by: Principal | None) -> None:
    """A token acts for its own party; one for enrolment only brings the first key."""
    if by is None:
        return
    require_party(by, incoming.statement.issuer)
    if incoming.kind.brings(incoming.record) is None:
        require_scope(by, "rights", "sign")


def _settle(
    incoming: Incoming,
    spokesman: authority.Spokesman | None,
    issuer_kind: str | None,
    *,
    by: Principal | None,
    pinned: bool,
) -> Accepted:
    envelope, statement, kind, record = incoming.envelope, incoming.statement, incoming.kind, incoming.record
    signers, under, brought = frozenset({statement.issuer}), None, kind.brings(record)
    with transaction.atomic(durable=True):
        held = _lock(incoming, spokesman, issuer_kind)
        at, keys = held.at, held.keys
        if not pinned:
            _require_fresh(statement.issued_at, at)
        if not _insert(incoming, held):
            before = arrival(envelope, statement.issuer).before
            assert before is not None  # whoever kept us from inserting has committed
            return _first_answer(envelope, before)
        if spokesman is None:
            authority.require_signers(envelope, statement, brought, keys=keys, by=by, pinned=pinned, at=at)
        else:
            under, signers = authority.require_authority(envelope, statement, spokesman, brought, keys=keys, at=at)
        passkeys.advance(envelope.signatures, at=at)
        context = Context(record=record, statement=statement, at=at, epochs=held.epochs, signers=signers, under=under)
        kind.check(context)
        kind.enact(context)
    return Accepted(digest=envelope.digest, type=statement.type, accepted_at=at, first=True)


def _lock(incoming: Incoming, spokesman: authority.Spokesman | None, issuer_kind: str | None) -> Held:
    issuer, record = incoming.statement.issuer, incoming.record
    wanted = incoming.kind.heads(record, issuer)
    signed = incoming.envelope.signatures
    shared = {Head("key", signature.keyid) for signature in signed if signature.assertion is None} | wanted.shared
    if not (isinstance(record, Party) and record.party == issuer):  # who enrols is not there yet to be locked
        if issuer_kind is None:
            raise Unknown(kind="party", id=issuer, field="issuer")
        shared.add(Head(issuer_kind, issuer))
    if spokesman is not None:
        shared |= spokesman.heads
    counting = {Head("key", signature.keyid) for signature in signed if signature.assertion is not None}
    return begin(
        shared=shared,
        exclusive=wanted.exclusive | counting,  # a passkey's counter moves
        owner=owner_of(None),
        keyids=[signature.keyid for signature in signed],
    )


def _insert(incoming: Incoming, held: Held) -> bool:
    return insert(
        incoming.envelope,
        incoming.statement,
        subject=incoming.kind.subject(incoming.record),
        text=incoming.text,
        private=incoming.private,
        at=held.at,
        wrapped=held.wrapped,
    )


def _require_fresh(issued_at: datetime, at: datetime) -> None:
    if issued_at < at - OLDEST:
        raise StaleStatement(issued_at=format_time(issued_at), hours=OLDEST // timedelta(hours=1))
    if issued_at > at + NEWEST:
        raise FutureStatement(issued_at=format_time(issued_at), minutes=NEWEST // timedelta(minutes=1))
