"""
Settle what statements did to grants, so that ``decide`` sees each as it stands.

Consents and licences are settled apart (``consent.core.consents``, ``consent.core.licences``), from one ``Settling``:
the statements read, what the registry vouches for, and who is who.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from consent.core.assignments import Assignments
from consent.core.disputes import Disputes
from consent.core.happenings import Happenings
from consent.core.read import Read
from consent.core.standing import Authorities, Word
from consent.core.vouched import Vouched
from registry.core.events import box_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What grants are settled from."""

    statements: tuple[Read, ...]
    vouched: Vouched
    identity_stands: Callable[[str, str], bool]  # (performer, grantee)
    happenings: Happenings  # which recorded events count for whom
    assignments: Assignments  # who stands in whose place
    disputes: Disputes
    authorities: Authorities
    born: Mapping[str, date | None]  # party -> birthday
    below: Mapping[str, frozenset[str]]  # project -> its known descendants

    def licensed_by(self, s: Read, licensor: str) -> Word | None:
        """Return whose word a licence is for its licensor: their own, or of somebody who may grant all its acts."""
        return self.authorities.word(s, licensor, power="grant", acts=_acts_of(s))

    def confirmed_by(self, s: Read, recorded: Read) -> Word | None:
        """Return whose word it is that confirms a recorded licence, in the same way."""
        return self.authorities.word(s, recorded.record.licensor, power="grant", acts=_acts_of(recorded))

    def may_end(self, s: Read, licensor: str) -> bool:
        """Say whether an ending is the licensor's; as it narrows, whoever may revoke for them is believed."""
        return s.issuer == licensor or self.authorities.word(s, licensor, power="revoke") is not None


def _acts_of(s: Read) -> int:
    acts = 0
    for scope in s.record.scopes:
        acts |= box_of(scope).acts
    return acts
