"""
The columns of EMA Avails (MovieLabs), spreadsheets 1.7 to 1.9: what we read, what we write, and the words they use.

Sources: the published templates and the schema of Avails 2.5 (TR-META-AVAIL). Columns come with a group in the row
above the header; the header is found by its names, so that 1.7 and 1.9, Movies and TV, are read alike.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

VERSION: Final = "1.9"
SHEETS: Final = ("Avails", "Movies", "Movie", "TV", "Collections")  # tabs that hold offers
NEEDED: Final = ("ALID", "LicenseType", "Territory", "Start", "End")

# What an offer is sold as, and which of our media that is. POEST is an order before the sale: it counts from the sale.
LICENSE_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {"EST": "est", "POEST": "est", "VOD": "tvod", "SVOD": "svod", "AVOD": "avod"}
)
WRITTEN_AS: Final[Mapping[str, str]] = MappingProxyType({"est": "EST", "tvod": "VOD", "svod": "SVOD", "avod": "AVOD"})

# Conditions of a window that are events of the work; all others depend on another row, on the day of reading, or on
# nothing that is known.
CONDITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"Theatrical": "theatrical_release", "Broadcast": "broadcast", "Completed": "completion"}
)

# Read into the draft. Everything else is reported cell by cell and kept beside it.
READ: Final = frozenset(
    {
        "ALID",
        "AllowedLanguages",
        "ContractID",
        "DisplayName",
        "End",
        "EndLag",
        "EntryType",
        "Exclusive",
        "HoldbackLanguage",
        "LicenseType",
        "Licensee",
        "SpecialPreOrderFulfillDate",
        "Start",
        "StartLag",
        "Territory",
        "TerritoryExclusion",
    }
)
# These narrow a window, a territory or a language in a way that no box says: without them the draft would grant more.
NARROWING: Final = frozenset(
    {"WindowDuration", "HoldbackExclusionLanguage", "LocalizationType", "TerritoryExcluded/countryRegion"}
)
# By any of these the caller's `ids` may name the work.
IDENTIFIERS: Final = ("ALID", "EditID", "TitleID", "EpisodeID", "SeasonID", "SeriesID", "ContentID", "AltID")

# What is written, group above column; a subset of the 1.9 template in its order.
MOVIE_COLUMNS: Final = (
    ("Avail", "DisplayName"),
    ("Avail", "Licensee"),
    ("AvailTrans", "Territory"),
    ("AvailAsset", "WorkType"),
    ("Disposition", "EntryType"),
    ("AvailMetadata", "TitleInternalAlias"),
    ("AvailTrans", "LicenseType"),
    ("AvailTrans", "Start"),
    ("AvailTrans", "StartLag"),
    ("AvailTrans", "End"),
    ("AvailTrans", "EndLag"),
    ("Avail", "ALID"),
    ("AvailTrans", "ContractID"),
    ("AvailTrans", "Exclusive"),
    ("AvailTrans", "AllowedLanguages"),
)
TV_COLUMNS: Final = tuple(
    (group, "SeriesTitleInternalAlias" if name == "TitleInternalAlias" else name) for group, name in MOVIE_COLUMNS
)
