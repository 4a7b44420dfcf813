"""
What a party is told of licences that meet: which stand in each other's way, and what stood before a promise was made.

Of two that meet, a promise bars a grant that was given after it: signed and confirmed ones by their place in the log,
recorded ones by the day the paper was signed, and of two recorded promises each bars the other. What is signed or
confirmed outranks what is recorded. A decision says the same (``consent.core.settled.exclusivity``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from registry.core.scope import Scope
from registry.models import Licence
from registry.selectors.exclusives import Deal, meetings


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A licence that another meets; who it is and when it was signed is said to its own parties only."""

    licence: str | None
    signed_on: date | None
    overlap: tuple[Scope, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    conflicts_with: tuple[Met, ...] = ()  # one bars the other, or each the other
    subject_to: tuple[Met, ...] = ()  # given without a promise, before this one promised the same


def flags_of(licences: Collection[Licence], *, party: str, at: datetime) -> dict[str, Flags]:
    """Return what is flagged at each of these licences, as far as the party may know."""
    met = meetings([licence.digest for licence in licences], at=at)
    others = {deal.licence for deals in met.values() for deal in deals}
    rows = {row.digest: row for row in Licence.objects.filter(digest__in=others)}
    return {
        licence.digest: _flags(licence, [(deal, rows[deal.licence]) for deal in met.get(licence.digest, ())], party)
        for licence in licences
    }


def _flags(own: Licence, met: Collection[tuple[Deal, Licence]], party: str) -> Flags:
    conflicts, stood = [], []
    for deal, other in met:
        shown = _shown(deal, other, party)
        if _bars(other, own) or _bars(own, other):
            conflicts.append(shown)
        elif own.exclusivity != "none":
            stood.append(shown)
    return Flags(conflicts_with=tuple(conflicts), subject_to=tuple(stood))


def _bars(promise: Licence, grant: Licence) -> bool:
    """Say whether what one licence promises bars another that meets it."""
    if promise.exclusivity == "none" or _firm(promise) < _firm(grant):
        return False
    if _firm(promise) > _firm(grant):
        return True
    if _firm(promise):
        return (promise.accepted_at, promise.digest) < (grant.accepted_at, grant.digest)
    if grant.exclusivity != "none" or promise.signed_on is None or grant.signed_on is None:
        return True
    return promise.signed_on <= grant.signed_on


def _firm(licence: Licence) -> bool:
    return licence.type == "licence.granted" or licence.confirmed is not None


def _shown(deal: Deal, other: Licence, party: str) -> Met:
    own = party in (deal.licensor, deal.licensee, other.licensee)
    return Met(licence=deal.licence if own else None, signed_on=other.signed_on if own else None, overlap=deal.overlap)
