"""
What is said about rights in works and assets, all in one: title, licences, catalogues, and the events they follow.

Each kind is read in a file of its own; ``PARSERS`` maps the type of a statement to the function that reads its body.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from registry.core import catalogues, events, licences, titles
from registry.core.catalogues import CatalogueRegistered
from registry.core.events import EventRecorded
from registry.core.fields import Reader
from registry.core.licences import (
    GrantAssigned,
    Licence,
    LicenceAmended,
    LicenceConfirmed,
    LicenceDenied,
    LicenceTerminated,
    OptionExercised,
)
from registry.core.subjects import Subject, read_scopes
from registry.core.titles import TitleClaim, TitleDisputed, TitleResolved, parse_title_claim

__all__ = [
    "PARSERS",
    "CatalogueRegistered",
    "EventRecorded",
    "GrantAssigned",
    "Licence",
    "LicenceAmended",
    "LicenceConfirmed",
    "LicenceDenied",
    "LicenceTerminated",
    "OptionExercised",
    "Subject",
    "TitleClaim",
    "TitleDisputed",
    "TitleResolved",
    "parse_title_claim",
    "read_scopes",
]


PARSERS: Mapping[str, Callable[[Reader], object]] = MappingProxyType(
    {**titles.PARSERS, **licences.PARSERS, **catalogues.PARSERS, **events.PARSERS}
)
