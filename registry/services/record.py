"""
The registry's own statements: what it decided and did, under its own key.

Records (``record``) hold ids and digests only, carry no text, and join the transaction of the service whose act they
record, which has taken its locks before. What its party says as any party would (``say``) goes through ``accept``.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from uuid6 import uuid7

from registry.core.envelope import (
    NONCE_BYTES,
    PAYLOAD_TYPE,
    Envelope,
    Signature,
    format_statement,
    pae,
    parse_statement,
)
from registry.core.fields import Reader
from registry.core.jcs import Json, sha256_hex
from registry.core.times import whole_second
from registry.custody import Signer, custody
from registry.errors import Inadmissible
from registry.kinds.kind import Context, Kind, Names
from registry.selectors.policies import registry
from registry.services.accept import read_body
from registry.statements import insert

_HOLD: Final = "SELECT party FROM registry_key WHERE keyid = %s AND revoked IS NULL FOR SHARE"  # others sign beside us


def record(kind: Kind, body: Mapping[str, Json], *, at: datetime) -> str:
    """Sign and insert a statement of the registry, and return its digest. Joins the caller's transaction."""
    party, signer = _standing()
    payload = format_statement(
        type=kind.type,
        id=str(uuid7()),
        issued_at=whole_second(at),
        issuer=party,
        nonce=secrets.token_bytes(NONCE_BYTES),
        body=body,
    )
    statement = parse_statement(payload)
    record_, _ = read_body(statement, kind)
    envelope = signed(payload, signer)
    first = insert(envelope, statement, subject=None, text=None, private=None, at=at)
    assert first  # its nonce is new
    context = Context(record=record_, statement=statement, at=at)
    kind.check(context)
    kind.enact(context)
    return envelope.digest


def say(
    kind: Kind, body: Mapping[str, Json], *, party: str, names: Names, at: datetime, signers: Sequence[Signer] = ()
) -> tuple[Envelope, str]:
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
    return signed(payload, *(signers or [custody().signer("registry")])), text


def signed(payload: bytes, *signers: Signer) -> Envelope:
    """Wrap a payload with one signature by each of the registry's keys."""
    message = pae(PAYLOAD_TYPE, payload)
    return Envelope(
        payload=payload,
        signatures=tuple(
            Signature(keyid=one.public.keyid, kind=one.public.kind, sig=one.sign(message)) for one in signers
        ),
    )


def registry_party() -> str:
    """Return the party whose key the registry signs with; it is enrolled at set-up."""
    party = registry()
    if party is None:
        raise _not_set_up()
    return party


def _standing() -> tuple[str, Signer]:
    """
    Return the registry's party and the key that signs for it, held so that it is not revoked before we have committed.

    A rotation revokes the old key only after the new one is in use. Who had taken the old one by then either holds its
    row, and the revocation waits, or finds it revoked, and takes the new one.
    """
    for _ in range(2):
        signer = custody().signer("registry")
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [signer.public.keyid])
            held = cursor.fetchone()
        if held is not None:
            return str(held[0]), signer
        custody().refresh()
    raise _not_set_up()


def _not_set_up() -> Inadmissible:
    return Inadmissible("the registry has not enrolled its own key: run the set-up", code="not_set_up")
