"""
Restrictions and suspensions as those concerned read them.

A restriction is the performer's own affair: theirs, and of who may view for them. A suspension is for who declared it
and for whom it binds: the performer, the grantee, the union and its members, and those whom the work or asset concerns.
Everybody else hears of either only as an obstacle of a use that they ask for.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from consent.models import Restriction, Suspension, SuspensionLifting
from registry import log
from registry.core.jcs import Json
from registry.models import Authority, AuthorityAgent, Membership
from registry.selectors.authorities import principals_of
from registry.selectors.holdings import assets_of, works_of
from registry.statements import Opened, open_statements

_TERMS: Final = ("scopes", "agreements", "excepted_projects", "document_sha256")


def restrictions_of(party: str, *, at: datetime) -> QuerySet[Restriction]:
    """Return what a party declared of itself, or may view for somebody."""
    return Restriction.objects.filter(performer__in=_read_for(party, at))


def suspensions_of(party: str, *, at: datetime) -> QuerySet[Suspension]:
    """Return what a party declared, what binds it or somebody for whom it may view, and what concerns it."""
    readers = _read_for(party, at)
    bound = Q(issuer=party) | Q(on_kind__in=("performer", "grantee", "union"), on_id__in=readers)
    bound |= Q(on_kind="union", on_id__in=_unions_of(readers))
    bound |= Q(on_kind="asset", on_id__in=assets_of(party).values("id"))
    return Suspension.objects.filter(bound | Q(on_kind="work", on_id__in=works_of(party).values("id")))


def describe_restrictions(rows: Iterable[Restriction]) -> list[dict[str, Json]]:
    """Open these restrictions; what was erased shows its ids only."""
    held = list(rows)
    opened, numbers = _read(one for row in held for one in (row.digest, row.lifted))
    return [
        {
            "restriction": row.id,
            "digest": row.digest,
            "performer": row.performer,
            "lifted": row.lifted,
            "in_force": row.lifted is None or numbers[row.lifted] is None,
            "logged": numbers[row.digest] is not None,
            "scopes": opened[row.digest].statement.body["scopes"] if row.digest in opened else None,
        }
        for row in held
    ]


def describe_suspensions(rows: Iterable[Suspension]) -> list[dict[str, Json]]:
    """Open these suspensions with what was lifted of each, in order; what was erased shows its ids only."""
    held = list(rows)
    lifting: dict[str, list[str]] = {row.id: [] for row in held}
    for one in SuspensionLifting.objects.filter(suspension__in=lifting).order_by("digest"):
        lifting[one.suspension].append(one.digest)
    opened, numbers = _read([*(row.digest for row in held), *(one for some in lifting.values() for one in some)])
    return [
        {
            "suspension": row.id,
            "digest": row.digest,
            "kind": row.kind,
            "issuer": row.issuer,
            "on": {"kind": row.on_kind, "id": row.on_id},
            "lifted": row.lifted,
            "in_force": row.lifted is None or numbers[row.lifted] is None,
            "logged": numbers[row.digest] is not None,
            "terms": _terms(opened.get(row.digest)),
            "liftings": [_lifting(digest, opened, numbers) for digest in _in_order(lifting[row.id], opened)],
        }
        for row in held
    ]


def _read_for(party: str, at: datetime) -> list[str]:
    return [party, *principals_of(party, power="view", at=at)]


def _unions_of(people: Collection[str]) -> set[str]:
    """Return the unions that people say they are in, by their registration or by an authority."""
    said = Membership.objects.filter(party__in=people).values_list("union", flat=True)
    authorities = Authority.objects.filter(principal__in=people, role="union", ended=None)
    agents = AuthorityAgent.objects.filter(authority__in=authorities.values("id")).values_list("agent", flat=True)
    return {*said, *agents}


def _read(digests: Iterable[str | None]) -> tuple[dict[str, Opened], dict[str, int | None]]:
    wanted = [digest for digest in digests if digest is not None]
    return open_statements(wanted), log.indices(wanted)


def _terms(opened: Opened | None) -> Json:
    return None if opened is None else {name: opened.statement.body.get(name) for name in _TERMS}


def _in_order(digests: Iterable[str], opened: dict[str, Opened]) -> list[str]:
    return sorted((digest for digest in digests if digest in opened), key=lambda one: opened[one].accepted_at)


def _lifting(digest: str, opened: dict[str, Opened], numbers: dict[str, int | None]) -> Json:
    body = opened[digest].statement.body
    return {
        "digest": digest,
        "logged": numbers[digest] is not None,
        "scopes": body.get("scopes"),
        "projects": body.get("projects"),
    }
