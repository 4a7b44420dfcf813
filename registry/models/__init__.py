"""Everything the registry remembers."""

from registry.models.assets import Appearance, Asset, Component
from registry.models.heads import ClearanceRow, Head
from registry.models.log import Checkpoint, Entry, Leaf, Unnumbered
from registry.models.parties import Affiliation, Key, NameIndex, Party, Vouch
from registry.models.projects import Project, Work
from registry.models.rights import Licence, LicenceSubject, TitleClaim
from registry.models.statements import PrivateRow, StatementRow
from registry.models.tokens import Token
from registry.models.vault import DataKey, Deposit, Fingerprint

__all__ = [
    "Affiliation",
    "Appearance",
    "Asset",
    "Checkpoint",
    "ClearanceRow",
    "Component",
    "DataKey",
    "Deposit",
    "Entry",
    "Fingerprint",
    "Head",
    "Key",
    "Leaf",
    "Licence",
    "LicenceSubject",
    "NameIndex",
    "Party",
    "PrivateRow",
    "Project",
    "StatementRow",
    "TitleClaim",
    "Token",
    "Unnumbered",
    "Vouch",
    "Work",
]
