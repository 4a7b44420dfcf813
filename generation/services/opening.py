"""
Open what was kept of somebody who was erased: two people, together, and the log knows.

1. The wish is signed by two keys that stand and are ripe, of two different people, both of whom the registry's own
   policy names as officers; it is recent, it was not used before, and no passkey's counter went back.
2. One durable transaction: the digests are opened, `erasure.done` with cause `opened` is logged with who, why by its
   hash, and what. No checkpoint later anybody who follows the person in the log sees it.
3. Only after the commit anything leaves.

A crash between 2 and 3 leaves an opening on record that nobody saw; the two sign again.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from consent.kinds import ERASURE_DONE
from generation.services.erasing import MAX_DESTROYED
from registry import vault
from registry.core.erasure import OPENERS, Erasure, Kept
from registry.core.jcs import Json, canonical
from registry.core.keys import PublicKey
from registry.core.opening import Opening
from registry.core.times import format_time
from registry.errors import Conflict, Forbidden, FutureStatement, StaleStatement, Unknown, WrongKey
from registry.locks import Head, clock, lock
from registry.models import KeptRow, Key, OpenedKept, Party
from registry.selectors.policies import court_officers
from registry.services import passkeys
from registry.services.authority import public_key, require_ripe
from registry.services.record import record, registry_party
from registry.vault import kept

OLDEST: Final = timedelta(hours=24)
NEWEST: Final = timedelta(minutes=5)


def open_kept(obj: object) -> tuple[str, Mapping[str, Json]]:
    """
    Open what two people ask for; return the digest of what was logged, and what was kept, by digest.

    Raises ``Malformed``, ``UnknownKey``, ``BadSignature``, ``KeyGreen``, ``KeyContested``, ``CounterWentBack``,
    ``Forbidden``, ``Unknown``, ``Conflict``.
    """
    opening = Opening.parse(obj)
    with transaction.atomic(durable=True):
        _lock(opening)
        at = clock()
        _require_recent(opening.asked_at, at)
        people = _signers(opening, at)
        if OpenedKept.objects.filter(request_sha256=opening.sha256).exists():
            raise Conflict("this was opened already: sign a new wish", code="opened_already")
        rows = KeptRow.objects.filter(subject=opening.subject, digest__in=opening.digests).order_by("digest")
        named = tuple(Kept(digest=row.digest, reason=row.reason, until=row.until) for row in rows)
        for digest in sorted(set(opening.digests) - {one.digest for one in named}):
            raise Unknown(kind="kept", id=digest, field="payload.digests", status=404)
        opened = kept.unseal(opening.subject, opening.digests)
        body = Erasure(
            cause="opened",
            subject=opening.subject,
            destroyed=(),
            kept=named,
            opened_by=people,
            request_sha256=opening.sha256,
        )
        digest = record(ERASURE_DONE, body.format(), at=at)
        sealed = vault.seal_text("registry", canonical(obj), f"opened {opening.sha256}".encode())
        OpenedKept.objects.create(request_sha256=opening.sha256, statement=digest, sealed=sealed, at=at)
    return digest, opened


def let_go(*, at: datetime) -> list[str]:
    """Destroy what was kept until now, by person; return the digests of what was logged."""
    with transaction.atomic(durable=True):
        return [record(ERASURE_DONE, one.format(), at=at) for one in _lapses(kept.let_go(at))]


def _lapses(gone: Mapping[str, list[str]]) -> Iterator[Erasure]:
    """Yield what is to be logged, in as many records as it takes."""
    for subject, digests in sorted(gone.items()):
        for start in range(0, len(digests), MAX_DESTROYED):
            destroyed = tuple(digests[start : start + MAX_DESTROYED])
            yield Erasure(cause="lapsed", subject=subject, destroyed=destroyed, kept=())


def _lock(opening: Opening) -> None:
    """Hold the person, whose keys sign, and who may; the counters of passkeys move."""
    counting = {Head("key", one.keyid) for one in opening.signatures if one.assertion is not None}
    plain = {Head("key", one.keyid) for one in opening.signatures if one.assertion is None}
    policy = {Head("policy", registry_party())}
    lock(shared=plain | policy, exclusive=counting | {Head("person", opening.subject)})


def _require_recent(asked_at: datetime, at: datetime) -> None:
    if asked_at < at - OLDEST:
        raise StaleStatement(issued_at=format_time(asked_at), hours=OLDEST // timedelta(hours=1))
    if asked_at > at + NEWEST:
        raise FutureStatement(issued_at=format_time(asked_at), minutes=NEWEST // timedelta(minutes=1))


def _signers(opening: Opening, at: datetime) -> tuple[str, ...]:
    """Return the two people, sorted; refuses whoever is not both an officer and a person, and one who signs twice."""
    rows = {row.keyid: row for row in Key.objects.filter(keyid__in=[one.keyid for one in opening.signatures])}
    keys: dict[str, PublicKey] = {keyid: public_key(row) for keyid, row in rows.items()}
    opening.require_signed(keys)
    for keyid, row in sorted(rows.items()):
        if row.revoked is not None:
            raise WrongKey(keyid=keyid, problem="was revoked")
        require_ripe(row, issued_at=opening.asked_at, at=at)
    passkeys.advance(opening.signatures, at=at)
    people = {row.party for row in rows.values()}
    named = Party.objects.filter(id__in=people & court_officers(), kind="person").count()
    if len(people) != OPENERS or named != OPENERS:
        raise Forbidden(
            "two people whom the registry's policy names sign this, not one twice", code="two_people_needed"
        )
    return tuple(sorted(people))
