"""Consents as those concerned may read them: terms, state, and how much of a cap is used."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from consent import uses
from consent.models import Consent, Revocation, RevokedGrant
from registry import log
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second
from registry.models import Assignment, Dispute, StatementRow
from registry.selectors.authorities import principals_of
from registry.statements import open_statements

_TERMS: Final = (
    "scopes",
    "description",
    "role",
    "scenes",
    "dialogue",
    "replica_use",
    "replaces_in_person_work",
    "represented",
    "revocation",
    "approvals",
    "caps",
    "survives_death",
    "tail",
    "minor",
    "strike",
    "assignable",
    "future_projects",
    "retention_until",
    "cooling_off_until",
    "supersedes",
    "document_sha256",
    "signed_on",
)


def consents_of(
    party: str, *, at: datetime, performer: str | None = None, grantee: str | None = None
) -> QuerySet[Consent]:
    """Return what a party gave, received, was assigned or may view for somebody; narrowed to one side where asked."""
    viewed = principals_of(party, power="view", at=at)
    assigned = Assignment.objects.filter(to=party, kind="consent").values("grant")
    sides = Q(performer=party) | Q(grantee=party) | Q(digest__in=assigned)
    rows = Consent.objects.filter(sides | Q(performer__in=viewed) | Q(grantee__in=viewed))
    if performer is not None:
        rows = rows.filter(performer=performer)
    if grantee is not None:
        rows = rows.filter(grantee=grantee)
    return rows


def describe_rows(rows: Iterable[Consent]) -> list[dict[str, Json]]:
    """Open these consents and say what became of each; what was erased shows its ids only."""
    held = list(rows)
    digests = [row.digest for row in held]
    opened = open_statements(digests)
    indices = log.indices(digests)
    withdrawn, assigned = _withdrawn(held), _assigned(digests)
    disputed = _disputed(withdrawn.values())
    drawn = uses.counts({digest: digest for digest in digests}, besides_shot=None)
    return [
        {
            "digest": row.digest,
            "type": row.type,
            "performer": str(row.performer),
            "grantee": str(row.grantee),
            "basis": row.basis,
            "recorded_at": format_time(whole_second(row.accepted_at)),
            "accepted": row.accepted,
            "countered": row.countered,
            "counters": row.counters,
            "answers": row.answers,
            "ratified": row.ratified,
            "revoked": withdrawn.get(row.digest),
            "disputed": disputed.get(withdrawn.get(row.digest, "")),
            "assigned_to": assigned.get(row.digest),
            "logged": indices[row.digest] is not None,
            "uses": drawn[row.digest]["shots"],
            "terms": {name: opened[row.digest].statement.body.get(name) for name in _TERMS}
            if row.digest in opened
            else None,
        }
        for row in held
    ]


def _assigned(digests: Iterable[str]) -> dict[str, str]:
    """Map each consent that was passed on to whom it was passed on last."""
    rows = Assignment.objects.filter(grant__in=list(digests)).order_by("effective_from", "accepted_at")
    return {row.grant: str(row.to) for row in rows}


def _disputed(revocations: Iterable[str]) -> dict[str, str]:
    """Map each withdrawal whose dispute nobody settled to the digest of that dispute."""
    rows = Dispute.objects.filter(kind="revocation", target__in=list(revocations), resolved=None)
    return dict(rows.values_list("target", "digest"))


def _withdrawn(rows: list[Consent]) -> dict[str, str]:
    """Map each withdrawn consent to the digest of a statement that withdrew it: by name, or all that somebody held."""
    digests = [row.digest for row in rows]
    found = dict(RevokedGrant.objects.filter(grant__in=digests).values_list("grant", "revocation"))
    whole = Revocation.objects.filter(performer__in={row.performer for row in rows}).exclude(grantee=None)
    said = {
        one.digest: one for one in StatementRow.objects.filter(digest__in=[*digests, *(one.digest for one in whole)])
    }
    holders = {row.digest: {row.grantee} for row in rows}
    for grant, to in Assignment.objects.filter(grant__in=digests).values_list("grant", "to"):
        holders[grant].add(to)
    for revocation in whole:
        for row in rows:
            own = row.performer == revocation.performer and revocation.grantee in holders[row.digest]
            if own and _lies_before(said[row.digest], said[revocation.digest]):
                found.setdefault(row.digest, revocation.digest)
    return found


def _lies_before(grant: StatementRow, everything: StatementRow) -> bool:
    """A withdrawal of everything ends what was issued before it, and what came in before it."""
    return grant.issued_at <= everything.issued_at or grant.accepted_at < everything.accepted_at
