"""
Settle what statements did to grants, so that ``decide`` sees each as it stands.

Consents and licences are settled apart (``consent.core.consents``, ``consent.core.licences``), from one ``Settling``:
the statements read, what the registry vouches for, and who is who.
"""

from collections.abc import Callable
from dataclasses import dataclass

from consent.core.assignments import Assignments
from consent.core.happenings import Happenings
from consent.core.read import Read
from consent.core.vouched import Vouched


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What grants are settled from."""

    statements: tuple[Read, ...]
    vouched: Vouched
    identity_stands: Callable[[str, str], bool]  # (performer, grantee)
    happenings: Happenings  # which recorded events count for whom
    assignments: Assignments  # who stands in whose place
