"""Everything the registry remembers."""

from registry.models.assets import Appearance, Asset, Component
from registry.models.authorities import Authority, AuthorityAgent, Membership
from registry.models.disputes import Dispute
from registry.models.heads import ClearanceRow, Head
from registry.models.log import Checkpoint, Entry, Leaf, Unnumbered
from registry.models.notices import Notice, NoticeRead
from registry.models.parties import Affiliation, Key, NameIndex, Party, Vouch
from registry.models.policies import CourtOfficer, Policy
from registry.models.projects import Project, Work
from registry.models.rights import Licence, LicenceSubject, TitleClaim
from registry.models.statements import PrivateRow, StatementRow
from registry.models.tokens import Token
from registry.models.vault import DataKey, Deposit, Fingerprint

__all__ = [
    "Affiliation",
    "Appearance",
    "Asset",
    "Authority",
    "AuthorityAgent",
    "Checkpoint",
    "ClearanceRow",
    "Component",
    "CourtOfficer",
    "DataKey",
    "Deposit",
    "Dispute",
    "Entry",
    "Fingerprint",
    "Head",
    "Key",
    "Leaf",
    "Licence",
    "LicenceSubject",
    "Membership",
    "NameIndex",
    "Notice",
    "NoticeRead",
    "Party",
    "Policy",
    "PrivateRow",
    "Project",
    "StatementRow",
    "TitleClaim",
    "Token",
    "Unnumbered",
    "Vouch",
    "Work",
]
