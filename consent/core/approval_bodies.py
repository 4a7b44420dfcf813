"""
Yes and no to one shot: the bodies of `approval.given` and `approval.declined`.

Whose word a grant asks for, its ``approvals`` say (``registry.core.approvals``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from registry.core.approvals import APPROVED_ON
from registry.core.fields import Reader

MAX_NOTE: Final = 2_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    shot: str
    grant: str  # digest of the ground that asks, or of the claim of a moral right
    on: str  # spec | result
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDeclined:
    shot: str
    grant: str
    on: str
    note: str | None


def parse_given(body: Reader) -> ApprovalGiven:
    return ApprovalGiven(
        shot=body.uuid("shot"),
        grant=body.digest("grant"),
        on=body.choice("on", APPROVED_ON),
        note=body.opt_str("note", max_chars=MAX_NOTE),
    )


def parse_declined(body: Reader) -> ApprovalDeclined:
    given = parse_given(body)
    return ApprovalDeclined(shot=given.shot, grant=given.grant, on=given.on, note=given.note)


ApprovalRecord = ApprovalGiven | ApprovalDeclined

PARSERS: Final[Mapping[str, Callable[[Reader], ApprovalRecord]]] = MappingProxyType(
    {"approval.given": parse_given, "approval.declined": parse_declined}
)
