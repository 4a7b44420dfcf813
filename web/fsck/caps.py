"""
Ask whether more was drawn on a consent than its caps allow.

Every decision counts what others reserved and spent under a lock on that count, and its own use comes on top, so that
no order of statements draws more. Uses are rebuilt with the other projections; counted is what they come to. Left out:
licences, whose caps amendments change.
"""

from collections.abc import Sequence

from consent import uses
from consent.core.record import Consent
from registry.core.limits import UNITS
from web.fsck.report import Report
from web.fsck.statements import Said


def check_caps(said: Sequence[Said], report: Report) -> None:
    """Compare counts and caps; findings go into the report."""
    capped = {
        one.statement.digest: one.record.caps for one in said if isinstance(one.record, Consent) and one.record.caps
    }
    counted = uses.counts({digest: digest for digest in capped}, besides_shot=None) if capped else {}
    for digest, caps in sorted(capped.items()):
        for unit in UNITS:
            cap, drawn = getattr(caps, unit), counted[digest][unit]
            if cap is not None and drawn > cap:
                report.add("cap_exceeded", digest, f"{drawn} {unit} were drawn on it, and {cap} are allowed")
