"""
Ask whether anything was cleared or released on a consent that had been taken back before.

Both are in the log, and the locks give it their order: whoever clears after a withdrawal stands behind it. A server
that does not see a withdrawal, because its tables, its SQL or its code were changed for a while, still signs what it
clears, and names its grounds. INVARIANT (slow-to-permit-quick-to-withdraw). Asked only where no reading is needed: of
the performer's own word about a consent that may be taken back at will. The rest is for decisions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from consent.core.cleared import ClearanceIssued
from consent.core.record import Consent, ConsentRevoked
from generation.core.after_release import UseCleared
from generation.core.record import ShotReleased
from web.fsck.report import Report
from web.fsck.statements import Said


@dataclass(slots=True, kw_only=True)
class Standing:
    """Consents that may be taken back at will, and which of them were, at one place of the log."""

    consents: dict[str, Consent] = field(default_factory=dict)
    withdrawn: dict[str, str] = field(default_factory=dict)  # digest of a consent -> of the first withdrawal

    def hear(self, one: Said) -> None:
        if one.statement.type == "consent.granted" and _at_will(one.record):
            self.consents[one.statement.digest] = one.record
        if isinstance(one.record, ConsentRevoked) and one.statement.issuer == one.record.performer:
            for digest in self._named(one.record):
                self.withdrawn.setdefault(digest, one.statement.digest)

    def _named(self, record: ConsentRevoked) -> Iterator[str]:
        for digest, consent in self.consents.items():
            everything = record.grantee is not None and record.grantee == consent.grantee
            if consent.performer == record.performer and (everything or digest in (record.grants or ())):
                yield digest


def check_withdrawn(said: Sequence[Said], report: Report) -> None:
    """Compare grounds with withdrawals along the log; findings go into the report."""
    standing = Standing()
    for one in said:
        standing.hear(one)
        for digest in _grounds(one, standing):
            if digest in standing.withdrawn:
                report.add(
                    "ground_withdrawn",
                    one.statement.digest,
                    f"it rests on consent {digest}, which {standing.withdrawn[digest]} had taken back before",
                )


def _grounds(one: Said, standing: Standing) -> Iterator[str]:
    """Yield the grounds of what was cleared, and of what was released but for those that let what was begun finish."""
    if isinstance(one.record, ClearanceIssued | ShotReleased | UseCleared):
        for digest, _ in one.record.grounds:
            consent = standing.consents.get(digest)
            if not isinstance(one.record, ShotReleased) or (consent and "finish" not in consent.tail.values()):
                yield digest


def _at_will(consent: Consent) -> bool:
    return consent.basis == "consent" or consent.revocation.kind == "at_will"
