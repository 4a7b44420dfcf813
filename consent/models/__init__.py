"""Everything the consent app remembers: projections of signed statements, and requests for consent."""

from consent.models.alerts import Alert, Ending, EndingsRead
from consent.models.approvals import Approval
from consent.models.bars import Restriction, Suspension, SuspensionLifting
from consent.models.consents import CharacterIndex, Consent, Revocation, RevokedGrant
from consent.models.requests import ConsentRequest, Mute, RequestEvent
from consent.models.sets import Asking, GrantBox, RuleFacts, Shape, Sheet, SheetSubject, Touched
from consent.models.uses import Use

__all__ = [
    "Alert",
    "Approval",
    "Asking",
    "CharacterIndex",
    "Consent",
    "ConsentRequest",
    "Ending",
    "EndingsRead",
    "GrantBox",
    "Mute",
    "RequestEvent",
    "Restriction",
    "Revocation",
    "RevokedGrant",
    "RuleFacts",
    "Shape",
    "Sheet",
    "SheetSubject",
    "Suspension",
    "SuspensionLifting",
    "Touched",
    "Use",
]
