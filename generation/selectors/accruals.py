"""
What a performer or licensor has earned: computed from terms, releases, uses and what producers stated, whenever asked.

Nothing of it is kept, and nothing is paid here. The statement lists every input, so that whoever reads it can compute
it again. A grantor sees all of it, as does who represents them; whoever was granted something sees what it owes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from generation.core.accruals import ROUNDING, Accrual, Occasion, accrue, add_up
from generation.models import ClearedUse, Release, Shot, ShotGround, ShotUse
from generation.selectors.bases import Stated, stated_for
from generation.selectors.pay import PaidGrant, grants_of, paid_grants
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second
from registry.errors import Forbidden
from registry.locks import clock
from registry.selectors.authorities import representatives_of
from registry.selectors.licences import holder_at, holders_of
from registry.services.tokens import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """One grant, and what it came to."""

    grant: PaidGrant
    accruals: tuple[Accrual, ...]


def earned_by(party: str, *, by: Principal, project: str | None = None) -> list[Earned]:
    """Return what a party earned under each of its grants; raises ``Forbidden`` for whom it does not concern."""
    theirs = _is_theirs(party, by)
    grants = paid_grants(ShotGround.objects.filter(grant__in=grants_of(party)).values_list("grant", flat=True))
    visible = {digest: grant for digest, grant in grants.items() if theirs or by.party in _holders(grant)}
    if not visible and not theirs:
        raise Forbidden("a statement is for who earned it, who represents them, and who owes it", code="not_yours")
    occasions = occasions_of({digest: grant.digest for digest, grant in visible.items()})
    found = []
    for digest, grant in sorted({grant.digest: grant for grant in visible.values()}.items()):
        mine = [_for_grantor(row, grant.grantor, occasions.stated) for row in occasions[digest]]
        accruals = accrue(grant.terms, mine) if grant.terms else []
        told = [
            accrual
            for accrual in accruals
            if project in (None, accrual.occasion.project)
            and (theirs or holder_at(grant.root, grant.grantee, occasions.at[accrual.occasion.statement]) == by.party)
        ]
        found.append(Earned(grant=grant, accruals=tuple(told)))
    return found


def _holders(grant: PaidGrant) -> set[str]:
    """Return who was granted something, or had it assigned."""
    return {held.party for held in holders_of(grant.root, grant.grantee)}


def _is_theirs(party: str, by: Principal) -> bool:
    return party in (by.party, by.person) or by.party in representatives_of(party, power="view", at=clock())


class Occasions(defaultdict[str, list[Occasion]]):
    """Occasions by grant, in the order in which they were recorded, and what was stated about each, and when."""

    def __init__(self, stated: Mapping[str, Stated], at: Mapping[str, datetime]) -> None:
        super().__init__(list)
        self.stated = stated
        self.at = at


def occasions_of(counted_as: Mapping[str, str]) -> Occasions:
    """Return the releases and cleared uses that rest on grants, once for each that they count as."""
    rows = list(ShotGround.objects.filter(grant__in=list(counted_as)).order_by("at", "statement"))
    statements = {row.statement: row.at for row in rows}
    known = _known(statements, {row.shot for row in rows})
    found = Occasions(stated_for(statements), statements)
    for digest, statement in dict.fromkeys((counted_as[row.grant], row.statement) for row in rows):
        found[digest].append(known[statement])
    return found


def _known(statements: Iterable[str], shots: Iterable[str]) -> dict[str, Occasion]:
    rows = {shot.id: shot for shot in Shot.objects.filter(id__in=list(shots))}
    uses = {str(use.id): use.use for use in ShotUse.objects.filter(statement__in=list(statements))}
    found = {}
    for digest, shot in Release.objects.filter(digest__in=list(statements)).values_list("digest", "shot"):
        found[digest] = _occasion(digest, "release", rows[shot], rows[shot].spec["use"])
    for digest, shot, use in ClearedUse.objects.filter(digest__in=list(statements)).values_list(
        "digest", "shot", "use"
    ):
        found[digest] = _occasion(digest, "use", rows[shot], uses[use])
    return found


def _occasion(digest: str, kind: str, shot: Shot, use: Mapping[str, Json]) -> Occasion:
    numerator, denominator = shot.spec["format"]["fps"]
    media, territories = use["media"], use["territories"]
    assert isinstance(media, list)
    assert isinstance(territories, list)
    return Occasion(
        statement=digest,
        kind=kind,
        shot=shot.id,
        project=shot.project,
        media=frozenset(str(name) for name in media),
        territories=frozenset(str(name) for name in territories),
        seconds=Fraction(shot.spec["format"]["frames"] * denominator, numerator),
        days=None,
        base=None,
    )


def _for_grantor(occasion: Occasion, grantor: str, stated: Mapping[str, Stated]) -> Occasion:
    found = stated.get(occasion.statement)
    if found is None:
        return occasion
    return replace(occasion, days=found.days.get(grantor), base=found.base)


def describe_earned(party: str, earned: Sequence[Earned]) -> dict[str, Json]:
    """Write the statement with all its inputs."""
    return {
        "party": party,
        "at": format_time(whole_second(clock())),
        "rounding": ROUNDING,
        "grants": [_described(one) for one in earned],
        "totals": _money(add_up(accrual for one in earned for accrual in one.accruals)),
    }


def _described(one: Earned) -> dict[str, Json]:
    return {
        "grant": one.grant.digest,
        "kind": one.grant.kind,
        "grantee": one.grant.grantee,
        "terms": "unreadable" if one.grant.terms is None else "read",
        "accruals": [_accrual(accrual) for accrual in one.accruals],
        "totals": _money(add_up(one.accruals)),
    }


def _accrual(accrual: Accrual) -> dict[str, Json]:
    occasion = accrual.occasion
    return {
        "statement": occasion.statement,
        "of": occasion.kind,
        "shot": occasion.shot,
        "project": occasion.project,
        "media": [*sorted(occasion.media)],
        "territories": [*sorted(occasion.territories)],
        "seconds": str(occasion.seconds),
        "days": occasion.days,
        "base": None if occasion.base is None else {"minor": occasion.base[0], "currency": occasion.base[1]},
        "lines": [line.format() for line in accrual.lines],
        "totals": _money(accrual.totals),
        "missing": [*accrual.missing],
    }


def _money(totals: Mapping[str, int]) -> list[Json]:
    return [{"currency": currency, "minor": minor} for currency, minor in totals.items()]
