"""
Ask the holders of title: every holder of every piece of every right that is needed grants it, or is the requester.
"""

from collections.abc import Sequence
from dataclasses import replace

from consent.core.asking import Asked, one_name
from consent.core.demands import Demand
from consent.core.facts import Claim
from consent.core.grants import Grant
from consent.core.obstacles import Obstacle, Remedy
from registry.core.errors import TooFragmented
from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS
from registry.core.title import WHOLE, holdings, rights_needed, share_of


def ask_title(asked: Asked, demand: Demand) -> list[Obstacle]:
    """Ask every holder of every right in one asset that a demand needs."""
    asset = asked.facts.assets[demand.id]
    subjects = [("asset", demand.id)] + ([("work", asset.asset.work)] if asset.asset.work else [])
    claims = [claim for subject in subjects for claim in asked.facts.claims.get(subject, ())]
    obstacles: list[Obstacle] = []
    for right, aspects in rights_needed(asset.asset, asset.inventory, demand.wanted.aspects):
        wanted = demand.wanted if aspects == demand.wanted.aspects else replace(demand.wanted, aspects=aspects)
        held = [claim for claim in claims if claim.title.right == right and claim.title.nature == "economic"]
        obstacles += _title(asked, wanted, held, demand.id, subjects)
    return obstacles


def _title(
    asked: Asked, wanted: Scope, claims: Sequence[Claim], asset: str, subjects: list[tuple[str, str]]
) -> list[Obstacle]:
    subject = ("asset", asset)
    try:
        cut = holdings(wanted, [claim.title for claim in claims])
    except TooFragmented:
        return [Obstacle(code="too_fragmented", subject=subject)]
    obstacles = []
    for holding in cut:
        share = share_of([claims[number].title for number in holding.claims])
        if share != WHOLE:
            obstacles.append(_bad_title(asked, holding.piece, subject, share < WHOLE))
            continue
        for number in holding.claims:
            obstacles += _holder(asked, holding.piece, claims[number], asset, subjects)
    return obstacles


def _bad_title(asked: Asked, piece: Scope, subject: tuple[str, str], unknown: bool) -> Obstacle:
    registrant = asked.facts.assets[subject[1]].registrant
    return Obstacle(
        code="no_title" if unknown else "title_disputed",
        subject=subject,
        act=one_name(ACTS.names(piece.acts)),
        aspect=one_name(ASPECTS.names(piece.aspects)),
        missing=(piece,),
        remedy=Remedy(ask=registrant, for_=(piece,)),
    )


def _holder(asked: Asked, piece: Scope, claim: Claim, asset: str, subjects: list[tuple[str, str]]) -> list[Obstacle]:
    """A holder grants its part, unless it is the one who asks."""
    holder = claim.title.claimant
    if holder == asked.request.for_:
        asked.grounds[claim.digest] = "signed"
        return []
    licences = [
        grant
        for grant in asked.facts.licences.get(holder, ())
        if any((named.kind, named.id) in subjects for named in grant.subjects) and _reaches(asked, grant, asset)
    ]
    obstacles = asked.grantor(piece, licences, subject=("asset", asset), grantor=holder, shown=None)
    if not obstacles:
        asked.grounds.setdefault(claim.digest, "signed")
    return obstacles


def _reaches(asked: Asked, grant: Grant, asset: str) -> bool:
    """A licence of a work without new assets reaches those that were logged before it."""
    if grant.reaches_assets_before is None or any(s.kind == "asset" and s.id == asset for s in grant.subjects):
        return True
    return asked.facts.logged_at(asset) < grant.reaches_assets_before
