"""Lines of the clearance report that follow from facts alone: grounds, music, and where something is missing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

from consent.core.asked.demands import takings
from consent.core.facts import Facts
from consent.core.request import Request
from consent.core.settled.withdrawals import DISTRIBUTE
from generation.core.report import Area, Cue, GroundLine, Who
from generation.core.standing import Standing
from registry.core.scope import FOREVER_S, Scope
from registry.core.terms import ASPECTS, MEDIA, TERRITORIES
from registry.core.times import format_time, from_epoch_s
from registry.core.titles import TitleClaim

_SOUND: Final = ASPECTS.mask(("sound",))

Called = Callable[[str], Who]


def area_of(box: Scope) -> Area:
    return Area(
        media=tuple(MEDIA.names(box.media)),
        territories=tuple(TERRITORIES.names(box.territories)),
        start=format_time(from_epoch_s(box.start_s)),
        end=_time(box.end_s),
    )


def ground_lines(
    base: Request, facts: Facts, stands: Standing, who: Called, grounds: Sequence[Sequence[Any]]
) -> tuple[GroundLine, ...]:
    """Return the grounds that a release rests on, by digest, as they are now."""
    withdrawn = {ground.grant: ground.tail for ground in stands.withdrawn}
    grants = {grant.digest: grant for grant in _grants(facts)}
    claims = {claim.digest: claim for held in facts.claims.values() for claim in held}
    authorities = dict(_authorities(facts))
    lines = []
    for digest, assurance in grounds:
        if digest in grants:
            kind, grantor, until_s = grants[digest].kind, grants[digest].grantor, _until_s(digest, base, facts)
        elif digest in claims:
            kind, grantor = "title", claims[digest].title.claimant
            until_s = min((box.end_s for box in claims[digest].title.scopes), default=FOREVER_S)
        elif digest in authorities:
            kind, (grantor, until_s) = "authority", authorities[digest]
        else:  # erased, or no longer read: the release still names it
            kind, grantor, until_s = "unreadable", "", base.start_s
        lines.append(
            GroundLine(
                digest=digest,
                kind=kind,
                grantor=who(grantor),
                assurance=assurance,
                until=_time(until_s),
                withdrawn=withdrawn.get(digest),
            )
        )
    return tuple(lines)


def _authorities(facts: Facts) -> Iterator[tuple[str, tuple[str, int]]]:
    """Yield each authority that a ground may rest on: who gave it, and until when it serves. What was signed stays."""
    for one in chain.from_iterable(facts.vendors.values()):
        yield one.authority, (one.principal, one.end_s)
    for holder, held in facts.licences.items():
        yield from ((grant.mandate, (holder, FOREVER_S)) for grant in held if grant.mandate is not None)
    for grant in _grants(facts):
        if grant.signed_under is not None:
            yield grant.signed_under, (grant.grantor, FOREVER_S)


def music_of(base: Request, facts: Facts, who: Called) -> Iterator[Cue]:
    """List the music that a shot takes: of assets whose sound is taken and that do not say that they hold none."""
    taken, _ = takings(base, facts)
    for held in taken:
        asset = held.facts.asset
        if held.aspects & _SOUND and held.facts.inventory["music"] != "none":
            claims = [
                claim.title
                for subject in (("asset", asset.asset), ("work", asset.work or ""))
                for claim in facts.claims.get(subject, ())
            ]
            yield Cue(
                asset=Who(id=asset.asset, name=asset.title),
                compositions=_claimants(claims, "composition", who),
                masters=_claimants(claims, "master", who),
            )


def _claimants(claims: Iterable[TitleClaim], right: str, who: Called) -> tuple[Who, ...]:
    return tuple(who(claim.claimant) for claim in claims if claim.right == right and claim.nature == "economic")


def _until_s(digest: str, base: Request, facts: Facts) -> int:
    """Return the end of what a grant allows to be distributed of this use, over all its stretches of time."""
    ends = [
        box.end_s
        for grant in _grants(facts)
        if grant.digest == digest
        for box in grant.scopes
        if box.acts & DISTRIBUTE and box.media & base.media and box.territories & base.territories
    ]
    return max(ends, default=base.start_s)


def _grants(facts: Facts) -> Iterator[Any]:
    for grant in chain.from_iterable(chain(facts.consents.values(), facts.licences.values())):
        yield grant
        yield from grant.under


def _time(epoch_s: int) -> str | None:
    return None if epoch_s >= FOREVER_S else format_time(from_epoch_s(epoch_s))
