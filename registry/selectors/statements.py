"""
Whom a stored statement concerns: who may read it.

Those whom it names or answers, and who may view for one of them. What names an authority by its id concerns all its
parties; a suspension whom it binds.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db.models import Q

from registry.core.jcs import Json
from registry.models import Assignment, Authority, Dispute, Notice, StatementRow
from registry.selectors.authorities import agents_of, principals_of
from registry.statements import Opened, open_statements

_PARTIES: Final = (
    "by",
    "claimant",
    "grantee",
    "licensee",
    "licensor",
    "owner",
    "party",
    "performer",
    "principal",
    "producer",
    "to",
)
_AGENTS: Final = "agents"  # of an authority
_STATEMENTS: Final = ("claim", "dispute", "grant", "licence", "revocation")  # digests of what the statement answers
_GRANTS: Final = "grants"  # that it takes back


def is_stored(digest: str) -> bool:
    return StatementRow.objects.filter(digest=digest).exists()


def may_read(opened: Opened, *, party: str, at: datetime) -> bool:
    """Say whether a statement concerns a party, or somebody for whom it may view."""
    parties = concerned(opened)
    return party in parties or not parties.isdisjoint(principals_of(party, power="view", at=at))


def concerned(opened: Opened) -> frozenset[str]:
    """
    Return issuer, data subject, grantor and grantee, also of what it answers, those to whom either was assigned, the
    sides of a dispute, and those for whom it was signed.
    """
    body = opened.statement.body
    named = {opened.statement.issuer, opened.subject} | _named(body)
    answered = [value for name in _STATEMENTS if isinstance(value := body.get(name), str)] + _texts(body.get(_GRANTS))
    for one in open_statements(answered).values():
        named |= _named(one.statement.body)
    concerning = [*answered, opened.statement.digest]
    named |= set(Assignment.objects.filter(grant__in=concerning).values_list("to", flat=True))
    for dispute in Dispute.objects.filter(Q(digest__in=concerning) | Q(target__in=concerning)):
        named |= {dispute.by, dispute.against}
    if isinstance(authority := body.get("authority"), str):
        named |= _under(authority)
    named |= set(Notice.objects.filter(digest=opened.statement.digest).values_list("party", flat=True))
    return frozenset(party for party in named if party is not None)


def _under(authority: str) -> set[str]:
    """Return the parties of an authority."""
    row = Authority.objects.filter(id=authority).first()
    return set() if row is None else {row.principal, row.attestor, *agents_of(row.id)}


def _named(body: Mapping[str, Json]) -> set[str | None]:
    named: set[str | None] = {value for name in _PARTIES if isinstance(value := body.get(name), str)}
    bound = body.get("on")  # of a suspension
    if isinstance(bound, dict) and isinstance(ident := bound.get("id"), str):
        named.add(ident)
    return named.union(_texts(body.get(_AGENTS)))


def _texts(value: Json) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
