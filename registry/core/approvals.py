"""
What a grant leaves to somebody's word later: who approves which acts, on what, and what silence says.

The term is the same in licences and consents. Who has said what is for the decision.
"""

from dataclasses import dataclass
from typing import Final

from registry.core.envelope import canonical
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_str, read_uuid, require_sorted
from registry.core.jcs import Json
from registry.core.terms import ACTS

APPROVERS: Final = ("licensor", "performer", "estate")  # or the id of a party
APPROVED_ON: Final = ("spec", "result")
SILENCES: Final = ("refused", "approved")
MAX_HOURS: Final = 8_760  # a year
MAX_APPROVALS: Final = 32  # of one grant


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalTerm:
    by: str  # licensor | performer | estate | party id
    on: str  # spec | result
    acts: int  # mask
    hours: int | None  # after which silence answers; None: never
    on_silence: str  # refused | approved

    def format(self) -> dict[str, Json]:
        """Write the JSON of one entry of ``approvals``."""
        return {
            "by": self.by,
            "on": self.on,
            "acts": list(ACTS.names(self.acts)),
            "hours": self.hours,
            "on_silence": self.on_silence,
        }


def read_approvals(body: Reader) -> tuple[ApprovalTerm, ...]:
    """Take ``approvals``, sorted by their canonical bytes, none twice."""
    terms = body.list_of("approvals", _approval, max_items=MAX_APPROVALS)
    require_sorted([canonical(term.format()).decode() for term in terms], body.at("approvals"))
    return terms


def _approval(value: object, path: str) -> ApprovalTerm:
    held = Reader(value, path)
    by = held.raw("by")
    term = ApprovalTerm(
        by=by if isinstance(by, str) and by in APPROVERS else read_uuid(by, held.at("by")),
        on=held.choice("on", APPROVED_ON),
        acts=_acts(held),
        hours=_hours(held),
        on_silence=held.choice("on_silence", SILENCES),
    )
    held.finish()
    if term.on_silence == "approved" and term.hours is None:
        raise Malformed("bad_value", field=held.at("hours"), wanted="hours, as silence is to approve")
    return term


def _hours(held: Reader) -> int | None:
    """Take ``hours``, which must be there, if only as null: silence that never answers is said."""
    return None if held.raw("hours") is None else held.int("hours", 1, MAX_HOURS)


def _acts(held: Reader) -> int:
    names = held.list_of("acts", read_str, min_items=1)
    require_sorted(names, held.at("acts"))
    return ACTS.mask(names, held.at("acts"))
