"""Whom a stored statement concerns: who may read it."""

from collections.abc import Mapping
from typing import Final

from registry.core.jcs import Json
from registry.models import Notice, StatementRow
from registry.statements import Opened, open_statements

_PARTIES: Final = ("claimant", "grantee", "licensee", "licensor", "party", "performer", "principal", "producer")
_AGENTS: Final = "agents"  # of an authority
_STATEMENTS: Final = ("grant", "licence")  # digests of what the statement answers


def is_stored(digest: str) -> bool:
    return StatementRow.objects.filter(digest=digest).exists()


def concerned(opened: Opened) -> frozenset[str]:
    """
    Return issuer, data subject, grantor and grantee, also of the grant or licence that it answers, and those for whom
    it was signed.
    """
    body = opened.statement.body
    named = {opened.statement.issuer, opened.subject} | _named(body)
    answered = [value for name in _STATEMENTS if isinstance(value := body.get(name), str)]
    for one in open_statements(answered).values():
        named |= _named(one.statement.body)
    named |= set(Notice.objects.filter(digest=opened.statement.digest).values_list("party", flat=True))
    return frozenset(party for party in named if party is not None)


def _named(body: Mapping[str, Json]) -> set[str | None]:
    agents = body.get(_AGENTS)
    named: set[str | None] = {value for name in _PARTIES if isinstance(value := body.get(name), str)}
    return named.union(one for one in agents if isinstance(one, str)) if isinstance(agents, list) else named
