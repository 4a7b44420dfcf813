"""Whom a stored statement concerns: who may read it."""

from collections.abc import Mapping
from typing import Final

from django.db.models import Q

from registry.core.jcs import Json
from registry.models import Assignment, Dispute, Notice, StatementRow
from registry.statements import Opened, open_statements

_PARTIES: Final = (
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
_STATEMENTS: Final = ("claim", "dispute", "grant", "licence")  # digests of what the statement answers


def is_stored(digest: str) -> bool:
    return StatementRow.objects.filter(digest=digest).exists()


def concerned(opened: Opened) -> frozenset[str]:
    """
    Return issuer, data subject, grantor and grantee, also of what it answers, those to whom either was assigned, the
    sides of a dispute, and those for whom it was signed.
    """
    body = opened.statement.body
    named = {opened.statement.issuer, opened.subject} | _named(body)
    answered = [value for name in _STATEMENTS if isinstance(value := body.get(name), str)]
    for one in open_statements(answered).values():
        named |= _named(one.statement.body)
    concerning = [*answered, opened.statement.digest]
    named |= set(Assignment.objects.filter(grant__in=concerning).values_list("to", flat=True))
    for dispute in Dispute.objects.filter(Q(digest__in=concerning) | Q(target__in=concerning)):
        named |= {dispute.by, dispute.against}
    named |= set(Notice.objects.filter(digest=opened.statement.digest).values_list("party", flat=True))
    return frozenset(party for party in named if party is not None)


def _named(body: Mapping[str, Json]) -> set[str | None]:
    agents = body.get(_AGENTS)
    named: set[str | None] = {value for name in _PARTIES if isinstance(value := body.get(name), str)}
    return named.union(one for one in agents if isinstance(one, str)) if isinstance(agents, list) else named
