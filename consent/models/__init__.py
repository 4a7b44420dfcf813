"""Everything the consent app remembers: projections of signed statements."""

from consent.models.consents import CharacterIndex, Consent, Revocation, RevokedGrant
from consent.models.uses import Use

__all__ = ["CharacterIndex", "Consent", "Revocation", "RevokedGrant", "Use"]
