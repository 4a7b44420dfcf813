"""
Which authorities stand: who may sign for whom at a moment.

An authority stands inside its window, until it is ended, and while nobody's dispute of it is open or was upheld. What a
statement needs of it (powers, acts, how many sign) is for the write path, ``registry.services.authority``.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from registry.core.titles import DISPUTE_LAPSES_S
from registry.errors import Unknown
from registry.models import Authority, AuthorityAgent, Dispute

DISPUTE_LAPSES = timedelta(seconds=DISPUTE_LAPSES_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An authority and its agents."""

    id: str
    principal: str
    role: str
    required: int
    powers: frozenset[str]
    acts: int
    agents: frozenset[str]


def require_authority(authority: str, *, field: str) -> Authority:
    row = Authority.objects.filter(id=authority).first()
    if row is None:
        raise Unknown(kind="authority", id=authority, field=field)
    return row


def agents_of(authority: str) -> frozenset[str]:
    return frozenset(AuthorityAgent.objects.filter(authority=authority).values_list("agent", flat=True))


def authority_ids(*, agent: str, principals: Collection[str]) -> list[str]:
    """Return every authority, standing or not, under which a party acts for one of these."""
    own = AuthorityAgent.objects.filter(agent=agent).values("authority")
    return list(Authority.objects.filter(id__in=own, principal__in=principals).values_list("id", flat=True))


def standing(authorities: Collection[str], *, moments: Iterable[datetime], at: datetime) -> list[Standing]:
    """Return those that stand now and whose window holds all these moments, by id."""
    rows = Authority.objects.filter(id__in=authorities, ended=None).exclude(id__in=disputes_of(authorities, at=at))
    for moment in moments:
        rows = rows.filter(Q(end=None) | Q(end__gt=moment), start__lte=moment)
    agents: dict[str, set[str]] = {}
    for authority, agent in AuthorityAgent.objects.filter(authority__in=authorities).values_list("authority", "agent"):
        agents.setdefault(str(authority), set()).add(str(agent))
    return [_standing(row, agents.get(row.id, set())) for row in rows.order_by("id")]


def representatives_of(principal: str, *, power: str, at: datetime) -> list[str]:
    """Return the parties who act for somebody with this power now, sorted."""
    ids = list(Authority.objects.filter(principal=principal, powers__contains=[power]).values_list("id", flat=True))
    return sorted({agent for one in standing(ids, moments=[at], at=at) for agent in one.agents})


def principals_of(agent: str, *, power: str, at: datetime, role: str | None = None) -> list[str]:
    """Return those for whom a party acts with this power, and in this role if one is named, now; sorted."""
    ids = list(AuthorityAgent.objects.filter(agent=agent).values_list("authority", flat=True))
    held = [one for one in standing(ids, moments=[at], at=at) if power in one.powers and role in (None, one.role)]
    return sorted({one.principal for one in held})


def authorities_of(party: str, *, at: datetime) -> QuerySet[Authority]:
    """Return those under which a party acts, those that it gave or attested, and those of whom it may view."""
    acting = AuthorityAgent.objects.filter(agent=party).values("authority")
    given = Q(principal=party) | Q(attestor=party)
    return Authority.objects.filter(
        given | Q(id__in=acting) | Q(principal__in=principals_of(party, power="view", at=at))
    )


def contested(*, principal: str, agent: str, power: str, before: datetime, at: datetime) -> bool:
    """Say whether every authority by which ``agent`` has this power is disputed, by disputes issued before a moment."""
    held = set(authority_ids(agent=agent, principals=[principal]))
    held &= set(Authority.objects.filter(id__in=held, powers__contains=[power]).values_list("id", flat=True))
    return held <= set(disputes_of(held, at=at, before=before))


def disputes_of(authorities: Collection[str], *, at: datetime, before: datetime | None = None) -> dict[str, str]:
    """Map each authority whose dispute is open, or was upheld, to the digest of the newest such dispute."""
    still_open = Q(resolved=None, issued_at__gt=at - DISPUTE_LAPSES)
    rows = Dispute.objects.filter(still_open | Q(outcome="upheld"), kind="authority", target__in=authorities)
    if before is not None:
        rows = rows.filter(issued_at__lt=before)
    return dict(rows.order_by("issued_at", "digest").values_list("target", "digest"))


def _standing(row: Authority, agents: set[str]) -> Standing:
    return Standing(
        id=row.id,
        principal=row.principal,
        role=row.role,
        required=row.required,
        powers=frozenset(row.powers),
        acts=row.acts,
        agents=frozenset(agents),
    )
