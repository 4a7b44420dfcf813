"""The registry's own word that a use was cleared: `clearance.issued`. What it draws on is reserved with it."""

from consent import uses
from consent.core.cleared import ClearanceIssued, parse_clearance
from consent.models import Use
from registry.kinds.kind import Context, own_record


def _apply(context: Context) -> None:
    record: ClearanceIssued = context.record
    uses.reserve(
        (digest for digest, _ in record.grounds),
        by=record,
        clearance=context.digest,
        at=context.at,
    )


CLEARANCE_ISSUED = own_record("clearance.issued", parse=parse_clearance, apply=_apply, tables=(Use,))

KINDS = (CLEARANCE_ISSUED,)
