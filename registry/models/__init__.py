"""Everything the registry remembers."""

from registry.models.assets import Appearance, Asset, Component
from registry.models.authorities import Authority, AuthorityAgent, Membership
from registry.models.boxes import LicenceBox
from registry.models.catalogues import Catalogue, CatalogueMember, Event
from registry.models.disputes import Dispute
from registry.models.documents import Document, DocumentMention, DocumentReading
from registry.models.erasure import DestroyedKey, ErasureRequest, KeptKey, KeptRow, Leftover, OpenedKept
from registry.models.heads import ClearanceRow, Head
from registry.models.identity import Challenge, Confirmation, IdentifierClaim
from registry.models.log import Checkpoint, Entry, Leaf, Run, Unnumbered
from registry.models.notices import Notice, NoticeRead
from registry.models.parties import Affiliation, Key, NameIndex, Party, Vouch
from registry.models.passkeys import PasskeyChallenge, PasskeyCounter
from registry.models.policies import CourtOfficer, Policy
from registry.models.projects import Project, Work
from registry.models.rights import (
    Amendment,
    Assignment,
    Followed,
    Licence,
    LicenceSubject,
    OptionExercised,
    TitleClaim,
)
from registry.models.statements import PrivateRow, StatementRow
from registry.models.threads import Thread
from registry.models.tokens import Token
from registry.models.vault import CustodyKey, DataKey, Deposit, Fingerprint

__all__ = [
    "Affiliation",
    "Amendment",
    "Appearance",
    "Asset",
    "Assignment",
    "Authority",
    "AuthorityAgent",
    "Catalogue",
    "CatalogueMember",
    "Challenge",
    "Checkpoint",
    "ClearanceRow",
    "Component",
    "Confirmation",
    "CourtOfficer",
    "CustodyKey",
    "DataKey",
    "Deposit",
    "DestroyedKey",
    "Dispute",
    "Document",
    "DocumentMention",
    "DocumentReading",
    "Entry",
    "ErasureRequest",
    "Event",
    "Fingerprint",
    "Followed",
    "Head",
    "IdentifierClaim",
    "KeptKey",
    "KeptRow",
    "Key",
    "Leaf",
    "Leftover",
    "Licence",
    "LicenceBox",
    "LicenceSubject",
    "Membership",
    "NameIndex",
    "Notice",
    "NoticeRead",
    "OpenedKept",
    "OptionExercised",
    "Party",
    "PasskeyChallenge",
    "PasskeyCounter",
    "Policy",
    "PrivateRow",
    "Project",
    "Run",
    "StatementRow",
    "Thread",
    "TitleClaim",
    "Token",
    "Unnumbered",
    "Vouch",
    "Work",
]
