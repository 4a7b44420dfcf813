"""
What a monitor found, as values; ``registry.watch.report`` says them in a person's language.

A ``fault`` is the log contradicting itself or what it promised. ``unchecked`` is what could not be believed and is not
held against the log: an address that does not answer, a checkpoint that nobody known signed. A ``notice`` is about
somebody else, such as a witness whose clock runs ahead.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from registry.core.jcs import Json
from registry.watch.evidence import Evidence

Grade = Literal["fault", "unchecked", "notice"]

GRADES: Final[dict[str, Grade]] = {
    # the log contradicts itself
    "fork": "fault",
    "rewritten": "fault",
    "rollback": "fault",
    "backdated": "fault",
    "from_the_future": "fault",
    # the log is not what was promised
    "bad_entry": "fault",
    "entry_differs": "fault",
    "envelope_differs": "fault",
    "moved": "fault",
    "never_logged": "fault",
    "second_entry": "fault",
    "vanished": "fault",
    "foreign_key": "fault",
    # nothing was learned
    "log_unreachable": "unchecked",
    "bad_note": "unchecked",
    "other_origin": "unchecked",
    "quorum_missing": "unchecked",
    "bad_proof": "unchecked",
    "ahead": "unchecked",
    "list_unreadable": "unchecked",
    "key_unknown": "unchecked",
    # about somebody else
    "witness_ahead": "notice",
    "keys_differ": "notice",
    "first_sight": "notice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to report; ``facts`` are what its sentence names."""

    code: str
    facts: dict[str, Json] = field(default_factory=dict)
    evidence: Evidence | None = None

    @property
    def grade(self) -> Grade:
        return GRADES[self.code]
