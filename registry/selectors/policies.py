"""Whom the registry takes for a court officer, and which party is the registry itself."""

from django.conf import settings

from registry.core.envelope import PublicKey
from registry.models import CourtOfficer, Key


def court_officers() -> frozenset[str]:
    """Return the parties that the registry's own policy names."""
    return frozenset(CourtOfficer.objects.filter(named_by=_registry()).values_list("officer", flat=True))


def is_registry(party: str) -> bool:
    """Say whether this is the party whose key is `REGISTRY_KEY`."""
    return _registry() == party


def _registry() -> str | None:
    keyid = PublicKey.of(settings.REGISTRY_KEY).keyid
    return Key.objects.filter(keyid=keyid, revoked=None).values_list("party", flat=True).first()
