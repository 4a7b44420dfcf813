"""Consents as those concerned may read them: terms, state, and how much of a cap is used."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from consent import uses
from consent.models import Consent, Revocation, RevokedGrant
from registry import log
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second
from registry.models import StatementRow
from registry.statements import open_statements

_TERMS = (
    "scopes",
    "description",
    "role",
    "scenes",
    "dialogue",
    "replica_use",
    "revocation",
    "caps",
    "tail",
    "supersedes",
)


def consents_of(party: str, *, performer: str | None = None, grantee: str | None = None) -> QuerySet[Consent]:
    """Return the consents that a party gave or received, narrowed to one side where asked."""
    rows = Consent.objects.filter(Q(performer=party) | Q(grantee=party))
    if performer is not None:
        rows = rows.filter(performer=performer)
    if grantee is not None:
        rows = rows.filter(grantee=grantee)
    return rows


def describe_rows(rows: Iterable[Consent]) -> list[dict[str, Json]]:
    """Open these consents and say where each stands; what was erased shows its ids only."""
    held = list(rows)
    digests = [row.digest for row in held]
    opened = open_statements(digests)
    indices = log.indices(digests)
    withdrawn = _withdrawn(held)
    drawn = uses.counts({digest: digest for digest in digests}, besides_shot=None)
    return [
        {
            "digest": row.digest,
            "performer": str(row.performer),
            "grantee": str(row.grantee),
            "basis": row.basis,
            "recorded_at": format_time(whole_second(row.accepted_at)),
            "accepted": row.accepted,
            "revoked": withdrawn.get(row.digest),
            "logged": indices[row.digest] is not None,
            "uses": drawn[row.digest]["shots"],
            "terms": {name: opened[row.digest].statement.body[name] for name in _TERMS}
            if row.digest in opened
            else None,
        }
        for row in held
    ]


def _withdrawn(rows: list[Consent]) -> dict[str, str]:
    """Map each withdrawn consent to the digest of a statement that withdrew it."""
    found = dict(RevokedGrant.objects.filter(grant__in=[row.digest for row in rows]).values_list("grant", "revocation"))
    whole = Revocation.objects.filter(performer__in={row.performer for row in rows}).exclude(grantee=None)
    issued = dict(
        StatementRow.objects.filter(
            digest__in=[row.digest for row in rows] + [revocation.digest for revocation in whole]
        ).values_list("digest", "issued_at")
    )
    for revocation in whole:
        for row in rows:
            own = (row.performer, row.grantee) == (revocation.performer, revocation.grantee)
            if own and issued[row.digest] <= issued[revocation.digest]:
                found.setdefault(row.digest, revocation.digest)
    return found
