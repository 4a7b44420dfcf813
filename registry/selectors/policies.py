"""Whom the registry takes for a court officer, and which party is the registry itself."""

from registry.custody import custody
from registry.models import CourtOfficer, Key


def court_officers() -> frozenset[str]:
    """Return the parties that the registry's own policy names."""
    return frozenset(CourtOfficer.objects.filter(named_by=registry()).values_list("officer", flat=True))


def is_registry(party: str) -> bool:
    """Say whether this is the registry's own party."""
    return registry() == party


def registry() -> str | None:
    """Return the party whose key the registry signs with, also in the moment in which that key is being replaced."""
    keyid = custody().signer("registry").public.keyid
    party = Key.objects.filter(keyid=keyid).values_list("party", flat=True).first()
    return None if party is None else str(party)
