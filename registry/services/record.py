"""
The registry's own statements: what it decided and did, under its own key.

Records (``record``) hold ids and digests only, carry no text, and join the transaction of the service whose act they
record, which has taken its locks before. What its party says as any party would (``say``) goes through ``accept``.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from uuid6 import uuid7

from registry import log
from registry.core.envelope import NONCE_BYTES, Envelope, PublicKey, format_statement, parse_statement, sign_statement
from registry.core.fields import Reader
from registry.core.jcs import Json, sha256_hex
from registry.core.times import whole_second
from registry.errors import Inadmissible
from registry.kinds.kind import Context, Kind, Names
from registry.models import Key
from registry.services.accept import read_body
from registry.statements import insert


def record(kind: Kind, body: Mapping[str, Json], *, at: datetime) -> str:
    """Sign and insert a statement of the registry, and return its digest. Joins the caller's transaction."""
    payload = format_statement(
        type=kind.type,
        id=str(uuid7()),
        issued_at=whole_second(at),
        issuer=registry_party(),
        nonce=secrets.token_bytes(NONCE_BYTES),
        body=body,
    )
    statement = parse_statement(payload)
    record_, _ = read_body(statement, kind)
    envelope = sign_statement(payload, settings.REGISTRY_KEY)
    insert(envelope, statement, subject=None, text=None, private=None, at=at)
    context = Context(record=record_, statement=statement, at=at)
    kind.check(context)
    kind.enact(context)
    log.append(envelope.digest, envelope.envelope_sha256, statement.type)
    return envelope.digest


def say(kind: Kind, body: Mapping[str, Json], *, party: str, names: Names, at: datetime) -> tuple[Envelope, str]:
    """Sign what the registry's party says as any party would, with its text; ``accept`` takes both."""
    text = kind.describe(kind.parse(Reader(body, "body")), "en", names)
    payload = format_statement(
        type=kind.type,
        id=str(uuid7()),
        issued_at=whole_second(at),
        issuer=party,
        nonce=secrets.token_bytes(NONCE_BYTES),
        body={**body, "language": "en", "text_sha256": sha256_hex(text.encode()), "private_sha256": None},
    )
    return sign_statement(payload, settings.REGISTRY_KEY), text


def registry_party() -> str:
    """Return the party whose key is `REGISTRY_KEY`; it is enrolled at set-up."""
    keyid = PublicKey.of(settings.REGISTRY_KEY).keyid
    party = Key.objects.filter(keyid=keyid, revoked=None).values_list("party", flat=True).first()
    if party is None:
        raise Inadmissible("the registry has not enrolled its own key: run the set-up", code="not_set_up")
    return str(party)
