"""
Who holds what is wanted, by the claims that count.

A claim holds a right in a work or asset within its scopes, with a share. ``holdings`` cuts a wanted box along the
claims, so that each piece has one set of holders. A piece whose shares do not add up to the whole has an unknown
owner; one whose shares exceed it is disputed. Every holder of a piece must grant it.

Left out: assignments, disputes and moral rights (``consent.core.settled.titles``), and chains of licences (``chains``).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from registry.core.assets import Asset, Inventory
from registry.core.rights import TitleClaim
from registry.core.scope import Scope, residual
from registry.core.terms import ASPECTS

WHOLE: Final = 1  # a whole number, which compares faster than a fraction
_PICTURE = ASPECTS.mask(("picture", "motion", "style"))
_SOUND = ASPECTS.mask(("sound",))
_TEXT = ASPECTS.mask(("text",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A part of what is wanted, and the claims that hold it (positions in the list given)."""

    piece: Scope
    claims: tuple[int, ...]


def rights_needed(asset: Asset, inventory: Inventory, aspects: int) -> tuple[tuple[str, int], ...]:
    """Return (right, the aspects that need it) for the aspects taken from an asset."""
    needed = []
    if aspects & _PICTURE:
        needed.append(("artwork" if asset.kind == "artwork" else "picture", aspects & _PICTURE))
    if aspects & _SOUND:
        needed.append(("master", aspects & _SOUND))
        if inventory["music"] != "none" or asset.kind == "music":  # a recording of music has a composer too
            needed.append(("composition", aspects & _SOUND))
    if aspects & _TEXT:
        needed.append(("script", aspects & _TEXT))
    return tuple(needed)


def holdings(wanted: Scope, claims: Sequence[TitleClaim]) -> tuple[Holding, ...]:
    """
    Cut ``wanted`` along the claims: disjoint pieces, each with all the claims that hold it, perhaps none.

    Raises ``TooFragmented`` where the claims cut it into more pieces than the algebra allows.
    """
    pieces: list[tuple[Scope, tuple[int, ...]]] = [(wanted, ())]
    for number, claim in enumerate(claims):
        cut = []
        for piece, held_by in pieces:
            outside = residual(piece, claim.scopes)
            inside = residual(piece, outside)
            cut += [(part, held_by) for part in outside] + [(part, (*held_by, number)) for part in inside]
        pieces = cut
    return tuple(Holding(piece=piece, claims=held_by) for piece, held_by in pieces)


def share_of(claims: Sequence[TitleClaim]) -> Fraction | int:
    """Add up the shares of these claims; 1 is the whole, and who claims it of both work and asset has it once."""
    if len(claims) == 1:
        return WHOLE if claims[0].share == (1, 1) else Fraction(*claims[0].share)
    held: defaultdict[str, Fraction] = defaultdict(Fraction)
    for claim in claims:
        held[claim.claimant] += Fraction(*claim.share)
    return sum((min(share, Fraction(WHOLE)) for share in held.values()), start=Fraction(0))
