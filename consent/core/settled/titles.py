"""
Title as it stands: who holds what, what is disputed, who licensed it before.

1. A claim counts if its claimant signed it and it is under the checkpoint; one whose dispute was upheld has ended.
2. An assignment parts it in time: before, the one holds, and from then on the other. A moral right is its author's and
   is not assigned.
3. What earlier holders licensed before they assigned keeps binding, and keeps serving: ``earlier``.
4. Where somebody who was erased had claimed title nobody's title is known any more: it is held by nobody.
5. Catalogues: which works and assets each holds, and since when.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from consent.core.settled.assignments import Assignments, Held, earlier
from consent.core.settled.read import Read
from consent.core.settled.settling import Settling
from consent.core.settled.windows import cut
from registry.core.catalogues import CatalogueRegistered
from registry.core.erasure import Erasure
from registry.core.titles import TitleClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A title claim that counts, by its digest; where it was assigned, one for each holder in turn."""

    digest: str
    title: TitleClaim
    earlier: tuple[tuple[str, int], ...] = ()  # holders before, each with the place in the log of its assignment
    disputed_until_s: int = 0
    sure: bool = True  # its holder holds it by assignments that count; until then nobody is known to


def claims_of(settling: Settling) -> Mapping[tuple[str, str], tuple[Claim, ...]]:
    """Map each subject, (kind, id), to the claims that count, by digest."""
    found: defaultdict[tuple[str, str], list[Claim]] = defaultdict(list)
    for s in settling.statements:
        if not isinstance(s.record, TitleClaim) or not (s.authorised and s.logged) or s.issuer != s.record.claimant:
            continue
        row = _row(s, settling.assignments)
        holders = {held.holder for held in row}
        standing = settling.disputes.of(s.digest, holders.__contains__)
        if not standing.upheld:
            found[s.record.subject.kind, s.record.subject.id] += _in_turn(s, row, standing.open_until_s)
    void = {title for s in settling.statements if isinstance(s.record, Erasure) for title in s.record.titles}
    return MappingProxyType(
        {
            subject: tuple(sorted(claims, key=lambda c: c.digest))
            for subject, claims in found.items()
            if subject not in void
        }
    )


def _row(s: Read, assignments: Assignments) -> tuple[Held, ...]:
    title: TitleClaim = s.record
    return (Held(holder=title.claimant),) if title.nature == "moral" else assignments.of(s.digest, title.claimant)


def _in_turn(s: Read, row: Sequence[Held], disputed_until_s: int) -> list[Claim]:
    title: TitleClaim = s.record
    claims = []
    for number, held in enumerate(row):
        scopes = cut(title.scopes, (held.start_s, held.end_s))
        if scopes:
            claims.append(
                Claim(
                    digest=s.digest,
                    title=replace(title, claimant=held.holder, scopes=scopes),
                    earlier=earlier(row, number),
                    disputed_until_s=disputed_until_s,
                    sure=held.sure,
                )
            )
    return claims


def catalogued(statements: Iterable[Read]) -> Mapping[tuple[str, str], tuple[tuple[str, int], ...]]:
    """Map each member, (kind, id), to the catalogues that hold it, each with its place in the log."""
    owners: dict[str, str] = {}
    found: dict[tuple[str, str], dict[str, int]] = {}
    for s in sorted(statements, key=lambda s: (s.order, s.digest)):
        record = s.record
        if not isinstance(record, CatalogueRegistered) or not (s.authorised and s.logged) or s.issuer != record.owner:
            continue
        if owners.setdefault(record.catalogue, s.issuer) != s.issuer:
            continue
        for member in record.members:
            found.setdefault((member.kind, member.id), {}).setdefault(record.catalogue, s.order[0])
    return MappingProxyType({member: tuple(sorted(held.items())) for member, held in found.items()})
