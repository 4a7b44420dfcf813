"""The registry's own word that a use was cleared: `clearance.issued`. What it draws on is reserved with it."""

from consent import uses
from consent.core.cleared import ClearanceIssued, parse_clearance
from consent.models import Use
from registry.kinds.kind import Context, Kind, Locks, Names


def _apply(context: Context) -> None:
    record: ClearanceIssued = context.record
    uses.reserve(
        (digest for digest, _ in record.grounds),
        by=record,
        clearance=context.digest,
        at=context.at,
    )


def _wordless(record: object, language: str, names: Names) -> str:
    """The registry's own statements are shown to nobody for signing."""
    return ""


CLEARANCE_ISSUED = Kind(
    type="clearance.issued",
    effect="records",
    parse=parse_clearance,
    issuers=lambda record, look: (),
    subject=lambda record: None,
    heads=lambda record, issuer: Locks(),
    apply=_apply,
    describe=_wordless,
    tables=(Use,),
)

KINDS = (CLEARANCE_ISSUED,)
