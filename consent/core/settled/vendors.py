"""
Who acts for a grantee: a vendor uses what was granted to its principal, within its authority.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consent.core.settled.settling import Settling
from registry.core.scope import FOREVER_S
from registry.core.times import to_epoch_s


@dataclass(frozen=True, slots=True, kw_only=True)
class ActsFor:
    """A principal whose grants a vendor may use, for which acts and when."""

    principal: str
    authority: str  # digest
    acts: int
    start_s: int
    end_s: int

    def serves(self, acts: int, at_s: int) -> bool:
        return not acts & ~self.acts and self.start_s <= at_s < self.end_s


Vendors = Mapping[str, tuple[ActsFor, ...]]


def vendors_of(settling: Settling) -> Vendors:
    """Return, for each vendor, for whom it acts by an authority that stands."""
    found: defaultdict[str, list[ActsFor]] = defaultdict(list)
    for principal in sorted(settling.authorities.principals):
        for held in settling.authorities.standing(principal, role="vendor"):
            granted = held.read.record
            if granted.required > 1:
                continue  # a request is one party's: several who must act together cannot ask alone
            for agent in granted.agents:
                found[agent].append(
                    ActsFor(
                        principal=principal,
                        authority=held.read.digest,
                        acts=granted.acts,
                        start_s=max(to_epoch_s(granted.start), held.contested_until_s),
                        end_s=FOREVER_S if granted.end is None else to_epoch_s(granted.end),
                    )
                )
    return MappingProxyType({agent: tuple(held) for agent, held in found.items()})
