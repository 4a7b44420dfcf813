"""Find consents and what became of them, for the statements that answer them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from consent.core.record import PARSERS
from consent.core.record import Consent as ConsentRecord
from consent.models import Consent, Revocation, RevokedGrant
from registry.core.events import AnyScope, Timed
from registry.core.fields import Reader
from registry.core.times import to_epoch_s
from registry.errors import Unknown
from registry.models import StatementRow
from registry.statements import open_statement


def require_consent(digest: str, *, field: str = "body.grant") -> Consent:
    row = Consent.objects.filter(digest=digest).first()
    if row is None:
        raise Unknown(kind="grant", id=digest, field=field)
    return row


def is_revoked(row: Consent) -> bool:
    """Say whether a withdrawal names a consent, or withdraws everything from its grantee that was given before it."""
    if RevokedGrant.objects.filter(grant=row.digest).exists():
        return True
    given = StatementRow.objects.get(digest=row.digest)
    whole = Revocation.objects.filter(performer=row.performer, grantee=row.grantee).values("digest")
    before = Q(issued_at__gte=given.issued_at) | Q(accepted_at__gt=given.accepted_at)  # by its clock, or by the log
    return StatementRow.objects.filter(before, digest__in=whole).exists()


def is_over(scopes: tuple[AnyScope, ...], at: datetime) -> bool:
    """Say whether every window has ended; one that follows an event may still be open."""
    return all(_end_s(box) <= to_epoch_s(at.replace(microsecond=0)) for box in scopes)


def acts_in(scopes: Iterable[AnyScope]) -> int:
    """Return every act of these boxes."""
    acts = 0
    for scope in scopes:
        acts |= (scope.box if isinstance(scope, Timed) else scope).acts
    return acts


def _end_s(box: AnyScope) -> float:
    if isinstance(box, Timed):
        return box.end if isinstance(box.end, int) else float("inf")
    return box.end_s


def terms_of(digest: str) -> ConsentRecord | None:
    """Open what a consent says; None where it was erased."""
    opened = open_statement(digest)
    if opened is None:
        return None
    body = Reader(opened.statement.body, "body")
    record = PARSERS[opened.statement.type](body)
    return record if isinstance(record, ConsentRecord) else None
