"""
Ask the holders of title: every holder of every piece of every right that is needed grants it, or is the requester.

1. Claims on the asset and on its work cut what is wanted into pieces. A piece with an unknown owner, with more than one
   whole, or with a claim that is under dispute, refuses.
2. Each holder grants its piece by its own licences, by those that an earlier holder gave before it assigned, or by a
   sublicence whose chain ends at it (``settled.licences`` lists it under whose right it is in the end).
3. Exclusivity and holdbacks take away from licences, and from the holder itself (``settled.exclusivity``).
4. Who holds a moral right is asked on `alter`, and no licence answers for them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from consent.core.asked.asking import Asked, one_name, points, within
from consent.core.asked.demands import Demand
from consent.core.asked.placing import barred, barred_by
from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.obstacles import Obstacle, Remedy
from consent.core.settled.exclusivity import ANY_PLACE, Kept
from consent.core.settled.titles import Claim
from registry.core.assets import Asset
from registry.core.errors import TooFragmented
from registry.core.scope import Scope, overlap
from registry.core.terms import ACTS, ASPECTS
from registry.core.title import WHOLE, holdings, rights_needed, share_of

_ALTER = ACTS.mask(("alter",))


def ask_title(asked: Asked, demand: Demand) -> list[Obstacle]:
    """Ask every holder of every right in one asset that a demand needs."""
    asset = asked.facts.assets[demand.id]
    subject = asked.titles.get(demand.id)
    if subject is None:
        subject = asked.titles[demand.id] = TitleSubject.of(asked.facts, asset.asset)
    claims = subject.claims(asked.facts)
    obstacles = ask_authors(asked, demand.wanted, subject)
    for right, aspects in rights_needed(asset.asset, asset.inventory, demand.wanted.aspects):
        wanted = demand.wanted if aspects == demand.wanted.aspects else replace(demand.wanted, aspects=aspects)
        held = [claim for claim in claims if claim.title.right == right and claim.title.nature == "economic"]
        obstacles += _title(asked, wanted, held, subject)
    if asked.facts.bars:
        met = barred_by(asked, subject.claimed, demand.wanted)
        obstacles += [barred(subject.obstacle_subject, bar, parts) for bar, parts in met]
    return obstacles


@dataclass(frozen=True, slots=True)
class TitleSubject:
    """An asset, and how licences may name it: itself, its work, catalogues that hold either."""

    asset: str
    logged_at: int
    claimed: tuple[tuple[str, str], ...]  # asset and work
    named: dict[tuple[str, str], int]  # (kind, id) -> the place in the log before which a licence must lie to miss it
    relied_on: dict[tuple[tuple[str, int], ...], tuple[list[Grant], Kept]] = field(default_factory=dict)  # by line

    @classmethod
    def of(cls, facts: Facts, asset: Asset) -> "TitleSubject":
        logged_at = facts.logged_at(asset.asset)
        own: list[tuple[str, str]] = [("asset", asset.asset)]
        named = {own[0]: -1}  # whoever names the asset itself reaches it whenever it was logged
        if asset.work is not None:
            own.append(("work", asset.work))
            named[own[1]] = logged_at
        for member in own:
            for catalogue, since in facts.catalogued.get(member, ()):
                place = max(since, logged_at)
                known = named.get(("catalogue", catalogue), place)
                named["catalogue", catalogue] = min(place, known)
        return cls(asset.asset, logged_at, tuple(own), named)

    @property
    def obstacle_subject(self) -> tuple[str, str]:
        return "asset", self.asset

    def claims(self, facts: Facts) -> list[Claim]:
        """Return every claim on the asset and on its work."""
        return [claim for named in self.claimed for claim in facts.claims.get(named, ())]

    def is_reached(self, grant: Grant) -> bool:
        """Say whether a licence, and each above it, names the asset or what holds it, logged in time."""
        for subjects, before in grant.named:
            places = [self.named.get((subject.kind, subject.id)) for subject in subjects]
            if not any(place is not None and (before is None or place < before) for place in places):
                return False
        return True


def ask_authors(asked: Asked, wanted: Scope, subject: TitleSubject) -> list[Obstacle]:
    """Note whom a moral right makes one ask before anything is altered; nobody else's word will do."""
    obstacles: list[Obstacle] = []
    for claim in subject.claims(asked.facts) if wanted.acts & _ALTER else ():
        if claim.title.nature != "moral" or all(overlap(box, wanted) is None for box in claim.title.scopes):
            continue
        if claim.disputed_until_s > asked.at_s:
            obstacles.append(_bad_title(asked, wanted, subject, "title_disputed"))
        elif claim.title.claimant != asked.request.for_:
            obstacles += asked.author(claim.digest, claim.title.claimant)
    return obstacles


def _title(asked: Asked, wanted: Scope, claims: Sequence[Claim], subject: TitleSubject) -> list[Obstacle]:
    try:
        cut = holdings(wanted, [claim.title for claim in claims])
    except TooFragmented:
        return [Obstacle(code="too_fragmented", subject=subject.obstacle_subject)]
    obstacles = []
    for holding in cut:
        share = share_of([claims[number].title for number in holding.claims])
        if any(claims[number].disputed_until_s > asked.at_s for number in holding.claims) or share > WHOLE:
            obstacles.append(_bad_title(asked, holding.piece, subject, "title_disputed"))
        elif share < WHOLE or not all(claims[number].sure for number in holding.claims):
            obstacles.append(_bad_title(asked, holding.piece, subject, "no_title"))
        else:
            for number in holding.claims:
                obstacles += _holder(asked, holding.piece, claims[number], subject)
    return obstacles


def _bad_title(
    asked: Asked, piece: Scope, subject: TitleSubject, code: Literal["no_title", "title_disputed"]
) -> Obstacle:
    registrant = asked.facts.assets[subject.asset].registrant
    return Obstacle(
        code=code,
        subject=subject.obstacle_subject,
        act=one_name(ACTS.names(piece.acts)),
        aspect=one_name(ASPECTS.names(piece.aspects)),
        missing=(piece,),
        remedy=Remedy(ask=registrant, for_=(piece,)),
    )


def _holder(asked: Asked, piece: Scope, claim: Claim, subject: TitleSubject) -> list[Obstacle]:
    """A holder grants its part, unless it is the one who asks."""
    holder = claim.title.claimant
    line = {**dict(claim.earlier), holder: ANY_PLACE}
    if asked.stands_for(holder, piece.acts):
        obstacles = _own(piece, _kept(asked, line, subject), subject)
    else:
        licences, kept = _relied_on(asked, line, subject)
        narrows = kept or any(grant.narrows for grant in licences)
        obstacles = asked.grantor(
            piece,
            licences,
            subject=subject.obstacle_subject,
            grantor=holder,
            shown=None,
            narrowed=kept.narrowed if narrows else None,
            line=claim.earlier,
            others=_licences(asked, line, subject, own=False),
        )
    if not obstacles:
        asked.grounds.setdefault(claim.digest, "signed")
    return obstacles


def _relied_on(asked: Asked, line: dict[str, int], subject: TitleSubject) -> tuple[list[Grant], Kept]:
    """Return the requester's licences of one title, and what is taken away from them; the same for every act."""
    key = tuple(line.items())
    if key not in subject.relied_on:
        licences = sorted(_licences(asked, line, subject, own=True), key=lambda g: (g.digest, g.selling_off))
        subject.relied_on[key] = licences, _kept(asked, line, subject)
    return subject.relied_on[key]


def _licences(asked: Asked, line: dict[str, int], subject: TitleSubject, *, own: bool) -> Iterator[Grant]:
    """Yield the licences of one title that reach its subject: those to the requester, or to anybody."""
    for party, before in line.items():
        for grant in asked.facts.licences.get(party, ()):
            for_them = grant.grantee in asked.requesters or not own
            if _top(grant).order < before and for_them and subject.is_reached(grant):
                yield grant


def _top(grant: Grant) -> Grant:
    return grant.under[-1] if grant.under else grant


def _kept(asked: Asked, line: dict[str, int], subject: TitleSubject) -> Kept:
    """Return what is taken away from the licences of one title."""
    found = asked.facts.barriers
    barriers = [b for held in found.values() for b in held if subject.is_reached(b.grant)] if found else []
    return Kept(asked.request, asked.at_s, asked.requesters, line, barriers)


def _own(piece: Scope, kept: Kept, subject: TitleSubject) -> list[Obstacle]:
    """A holder may not use what it gave to somebody else alone, or promised not to do."""
    return [
        Obstacle(
            code=barrier.code,
            subject=subject.obstacle_subject,
            act=one_name(ACTS.names(part.acts)),
            aspect=one_name(ASPECTS.names(part.aspects)),
            missing=(part,),
            nearest=barrier.grant.digest,
            remedy=Remedy(ask=barrier.grant.grantee, for_=(part,)),
        )
        for barrier, met in kept.from_holder(piece)
        for point in points(piece)
        if (part := within(replace(met, depicts=piece.depicts, scene=piece.scene), point)) is not None
    ]
