"""Claims to hold rights in a work or an asset: `title.claimed`."""

from registry.core.rights import TitleClaim as TitleClaimRecord
from registry.core.rights import parse_title_claim
from registry.kinds.kind import Context, Kind, Locks
from registry.locks import Head, party_head
from registry.models import TitleClaim
from registry.selectors.parties import as_data_subject
from registry.selectors.rights import require_subject
from registry.texts.rights import describe_title


def _heads(record: TitleClaimRecord, issuer: str) -> Locks:
    return Locks(exclusive=frozenset({party_head(record.claimant), Head(record.subject.kind, record.subject.id)}))


def _apply(context: Context) -> None:
    record: TitleClaimRecord = context.record
    TitleClaim.objects.create(
        digest=context.digest,
        claimant=record.claimant,
        subject_kind=record.subject.kind,
        subject_id=record.subject.id,
        right=record.right,
        nature=record.nature,
    )


TITLE_CLAIMED = Kind(
    type="title.claimed",
    effect="widens",
    parse=parse_title_claim,
    issuers=lambda record, look: {record.claimant},
    subject=lambda record: as_data_subject(record.claimant),
    heads=_heads,
    check=lambda context: require_subject(context.record.subject, field="body.subject.id"),
    apply=_apply,
    describe=describe_title,
    tables=(TitleClaim,),
)

KINDS = (TITLE_CLAIMED,)
