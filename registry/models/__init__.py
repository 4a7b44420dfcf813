"""Everything the registry remembers."""

from registry.models.assets import Appearance, Asset, Component
from registry.models.authorities import Authority, AuthorityAgent, Membership
from registry.models.boxes import LicenceBox
from registry.models.catalogues import Catalogue, CatalogueMember, Event
from registry.models.disputes import Dispute
from registry.models.documents import Document, DocumentMention, DocumentReading
from registry.models.heads import ClearanceRow, Head
from registry.models.log import Checkpoint, Entry, Leaf, Unnumbered
from registry.models.notices import Notice, NoticeRead
from registry.models.parties import Affiliation, Key, NameIndex, Party, Vouch
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
from registry.models.vault import DataKey, Deposit, Fingerprint

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
    "Checkpoint",
    "ClearanceRow",
    "Component",
    "CourtOfficer",
    "DataKey",
    "Deposit",
    "Dispute",
    "Document",
    "DocumentMention",
    "DocumentReading",
    "Entry",
    "Event",
    "Fingerprint",
    "Followed",
    "Head",
    "Key",
    "Leaf",
    "Licence",
    "LicenceBox",
    "LicenceSubject",
    "Membership",
    "NameIndex",
    "Notice",
    "NoticeRead",
    "OptionExercised",
    "Party",
    "Policy",
    "PrivateRow",
    "Project",
    "StatementRow",
    "Thread",
    "TitleClaim",
    "Token",
    "Unnumbered",
    "Vouch",
    "Work",
]
