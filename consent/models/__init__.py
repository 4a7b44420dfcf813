"""Everything the consent app remembers: projections of signed statements, and requests for consent."""

from consent.models.approvals import Approval
from consent.models.bars import Restriction, Suspension, SuspensionLifting
from consent.models.consents import CharacterIndex, Consent, Revocation, RevokedGrant
from consent.models.requests import ConsentRequest, Mute, RequestEvent
from consent.models.uses import Use

__all__ = [
    "Approval",
    "CharacterIndex",
    "Consent",
    "ConsentRequest",
    "Mute",
    "RequestEvent",
    "Restriction",
    "Revocation",
    "RevokedGrant",
    "Suspension",
    "SuspensionLifting",
    "Use",
]
