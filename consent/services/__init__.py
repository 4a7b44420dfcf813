"""
Decide, and log what was decided.

``preflight`` reads without locks and logs nothing. ``clear``, ``reconsider``, ``close`` join the caller's transaction.
"""

from consent.services.clearing import (
    Cleared,
    clear,
    close,
    issue_training_clearance,
    reconsider,
    release_request,
)
from consent.services.deliberation import preflight, preflight_many
from consent.services.questions import Deliberation

__all__ = [
    "Cleared",
    "Deliberation",
    "clear",
    "close",
    "issue_training_clearance",
    "preflight",
    "preflight_many",
    "reconsider",
    "release_request",
]
