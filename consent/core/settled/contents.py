"""
What is in each asset, and who says so: inventories, appearances and components.

What asks for a consent counts as it is, since believing it can only refuse. Where one statement does both (an
appearance asks for a consent, and settles a claim), each half has its own rule. Whoever was erased appears where they
did, for good: what they agreed to is gone.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consent.core.settled.read import Read, counting
from registry.core.assets import Appearance, AppearanceClaimed, Asset, Component, Inventory, InventoryDeclared
from registry.core.erasure import Erasure
from registry.core.terms import ASPECTS

_SOUND = ASPECTS.mask(("sound",))
_PICTURE = ASPECTS.mask(("picture",))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFacts:
    """One asset as it stands: what it is, what is in it, who says so."""

    asset: Asset
    registrant: str
    logged: bool
    inventory: Inventory
    recorded: frozenset[str]  # contents of which something stands recorded, by somebody who may record it
    appearances: tuple[Appearance, ...]
    open_claims: tuple[AppearanceClaimed, ...]
    components: tuple[Component, ...]


def contents_of(statements: list[Read], registered: Mapping[str, Read]) -> dict[str, AssetFacts]:
    """Return each registered asset with everything that is said of what is in it."""
    appearances = _by_asset(statements, Appearance)
    claims = _by_asset(statements, AppearanceClaimed)
    components = _by_asset(statements, Component)
    erased = _erased(statements)
    inventories = _by_asset(counting(statements, InventoryDeclared), InventoryDeclared)
    return {
        asset: AssetFacts(
            asset=s.record,
            registrant=s.issuer,
            logged=s.logged,
            inventory=_inventory(inventories[asset], s),
            recorded=_recorded(appearances[asset], components[asset], s.issuer),
            appearances=(*(read.record for read in appearances[asset]), *erased[asset]),
            open_claims=tuple(
                read.record for read in claims[asset] if not _settled(read, appearances[asset], s.issuer)
            ),
            components=tuple(read.record for read in components[asset]),
        )
        for asset, s in registered.items()
    }


def _by_asset(statements: list[Read], kind: type[Any]) -> defaultdict[str, list[Read]]:
    found: defaultdict[str, list[Read]] = defaultdict(list)
    for s in statements:
        if isinstance(s.record, kind):
            found[s.record.asset].append(s)
    return found


def _erased(statements: list[Read]) -> defaultdict[str, list[Appearance]]:
    """Return where people appear of whom no statement says so any more."""
    found: defaultdict[str, list[Appearance]] = defaultdict(list)
    for s in statements:
        if isinstance(s.record, Erasure) and s.record.subject is not None:
            for one in s.record.appearances:
                found[one.asset].append(
                    Appearance(
                        asset=one.asset,
                        performer=s.record.subject,
                        aspects=one.aspects,
                        spans=one.spans,
                        recognisable=True,
                    )
                )
    return found


def _inventory(declared: list[Read], registered: Read) -> Inventory:
    """Return the registrant's newest inventory that counts, by place in the log."""
    later = [s for s in declared if s.issuer == registered.issuer]
    inventory: Inventory = max(later, key=lambda s: s.order, default=registered).record.inventory
    return inventory


def _stands(s: Read, *recorders: str) -> bool:
    """Say whether a record counts where it permits: signed by who may record it, under the checkpoint."""
    return s.authorised and s.logged and s.issuer in recorders


def _recorded(appearances: list[Read], components: list[Read], registrant: str) -> frozenset[str]:
    """Return the contents of an inventory of which something is recorded; a record must stand to speak for `listed`."""
    found = {"people"} if any(_stands(s, registrant, s.record.performer) for s in appearances) else set()
    aspects = 0
    for s in components:
        aspects |= s.record.aspects if _stands(s, registrant) else 0
    if aspects & _SOUND:
        found.add("music")
    if aspects & _PICTURE:
        found |= {"artworks", "marks", "locations"}
    return frozenset(found)


def _settled(claim: Read, appearances: list[Read], registrant: str) -> bool:
    """Say whether the registrant or the performer recorded the appearance after it was claimed."""
    performer = claim.record.performer
    return any(
        s.record.performer == performer and s.order > claim.order and _stands(s, registrant, performer)
        for s in appearances
    )
