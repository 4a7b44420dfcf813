"""
Who holds rights in a work or an asset, and disputes of it: `title.claimed`, `title.disputed`, `title.resolved`.

One party's claims of the same right in the same thing add up to at most the whole at every point; those of several may
exceed it, which stands as it was said and refuses where it is asked. A dispute needs standing and evidence and refuses
at once. `title.resolved` ends a dispute of a title, an authority or a revocation alike.
"""

from fractions import Fraction
from typing import Final

from registry.core.rights import PARSERS, TitleDisputed, TitleResolved
from registry.core.subjects import Subject
from registry.core.title import WHOLE, holdings
from registry.core.titles import TitleClaim as TitleClaimRecord
from registry.errors import Conflict, Inadmissible, Unknown
from registry.kinds.kind import ANY_PARTY, Context, Kind, Locks, Look
from registry.kinds.papers import mention
from registry.locks import Head, bump, clock, party_head
from registry.models import Appearance, Asset, Dispute, DocumentMention, StatementRow, TitleClaim
from registry.selectors.authorities import agents_of, require_authority
from registry.selectors.documents import require_evidence
from registry.selectors.licences import holder_at
from registry.selectors.parties import as_data_subject
from registry.selectors.policies import court_officers
from registry.selectors.rights import claims_held, require_claim, require_subject
from registry.texts.titles import describe_dispute, describe_resolution, describe_title

_ENDS: Final = {"withdrawn": "by", "settled": "by", "upheld": "against"}  # outcome -> whose word ends the dispute
_OF_COURTS: Final = ("dismissed", "settled", "upheld")


def _heads(record: TitleClaimRecord, issuer: str) -> Locks:
    return Locks(exclusive=frozenset({party_head(record.claimant), Head(record.subject.kind, record.subject.id)}))


def _check(context: Context) -> None:
    record: TitleClaimRecord = context.record
    require_subject(record.subject, field="body.subject.id")
    own = [claim for _, claim in claims_held(record.claimant, record.subject, at=context.at)]
    alike = [claim for claim in own if (claim.right, claim.nature) == (record.right, record.nature)]
    for scope in record.scopes:
        for holding in holdings(scope, [record, *alike]):
            shares = [Fraction(*[record, *alike][number].share) for number in holding.claims]
            if sum(shares, start=Fraction(0)) > WHOLE:
                raise Inadmissible(
                    "with what the party claims already this is more than the whole",
                    code="share_over_whole",
                    field="body.share",
                )


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
    mention(context, record.document_sha256, readers=(record.claimant,))


def _disputed_heads(record: TitleDisputed, issuer: str) -> Locks:
    claim = require_claim(record.claim, field="body.claim")
    return Locks(exclusive=frozenset({Head(claim.subject_kind, claim.subject_id)}))


def _check_disputed(context: Context) -> None:
    record: TitleDisputed = context.record
    issuer = context.statement.issuer
    claim = require_claim(record.claim, field="body.claim")
    if holder_at(claim.digest, claim.claimant, context.at) == issuer:
        raise Inadmissible("nobody disputes a claim of their own", code="own_claim", field="body.claim")
    if not _has_standing(issuer, claim, context):
        raise Inadmissible(
            "only who claims title in it, registered it or appears in it disputes a title",
            code="no_standing",
            field="body.claim",
        )
    require_evidence(record.evidence_sha256, party=issuer, field="body.evidence_sha256")


def _has_standing(party: str, claim: TitleClaim, context: Context) -> bool:
    subjects = [Subject(kind=claim.subject_kind, id=claim.subject_id)]
    asset = Asset.objects.filter(id=claim.subject_id).first() if claim.subject_kind == "asset" else None
    if asset is not None and asset.work is not None:
        subjects.append(Subject(kind="work", id=asset.work))
    if any(claims_held(party, subject, at=context.at) for subject in subjects):
        return True
    if asset is None:
        return False
    return asset.registrant == party or Appearance.objects.filter(asset=asset.id, performer=party).exists()


def _apply_disputed(context: Context) -> None:
    record: TitleDisputed = context.record
    claim = TitleClaim.objects.get(digest=record.claim)
    against = holder_at(claim.digest, claim.claimant, context.at)
    Dispute.objects.create(
        digest=context.digest,
        kind="title",
        target=record.claim,
        by=context.statement.issuer,
        against=against,
        issued_at=context.statement.issued_at,
    )
    mention(context, record.evidence_sha256, readers={claim.claimant, against} | court_officers())
    bump([Head(claim.subject_kind, claim.subject_id)])


def _require_dispute(digest: str) -> Dispute:
    row = Dispute.objects.filter(digest=digest).first()
    if row is None:
        raise Unknown(kind="dispute", id=digest, field="body.dispute")
    return row


def _resolvers(record: TitleResolved, look: Look) -> frozenset[str]:
    dispute = _require_dispute(record.dispute)
    officers = court_officers() if record.outcome in _OF_COURTS else frozenset()
    party = _ENDS.get(record.outcome)
    if party is None:
        return officers
    return officers | (_other_side(dispute) if party == "against" else {dispute.by})


def _other_side(dispute: Dispute) -> frozenset[str]:
    """
    Return who may concede: against whom it is, and who holds the title by now; of an authority the principal, the
    agents, and who attested. Whoever disputes it never.
    """
    if dispute.kind == "title":
        claim = TitleClaim.objects.get(digest=dispute.target)
        return frozenset({dispute.against, holder_at(claim.digest, claim.claimant, clock())} - {dispute.by})
    if dispute.kind == "revocation":
        return frozenset({dispute.against})
    principal = require_authority(dispute.target, field="body.dispute").principal
    return frozenset({dispute.against, principal, *agents_of(dispute.target)} - {dispute.by})


def _touched(dispute: Dispute) -> set[Head]:
    """Return the heads of what decisions read of what is disputed."""
    if dispute.kind == "title":
        claim = TitleClaim.objects.get(digest=dispute.target)
        return {Head(claim.subject_kind, claim.subject_id)}
    if dispute.kind == "authority":
        return {Head("authority", dispute.target)}
    return {party_head(dispute.against)}


def _resolved_heads(record: TitleResolved, issuer: str) -> Locks:
    return Locks(exclusive=frozenset(_touched(_require_dispute(record.dispute))))


def _check_resolved(context: Context) -> None:
    if _require_dispute(context.record.dispute).resolved is not None:
        raise Conflict("the dispute is over already", code="already_resolved", field="body.dispute")


def _apply_resolved(context: Context) -> None:
    record: TitleResolved = context.record
    dispute = _require_dispute(record.dispute)
    Dispute.objects.filter(digest=dispute.digest).update(resolved=context.digest, outcome=record.outcome)
    if dispute.kind == "title" and record.outcome == "upheld":
        TitleClaim.objects.filter(digest=dispute.target).update(ended=context.digest)
    mention(context, record.document_sha256, readers=(dispute.by, dispute.against))
    bump(_touched(dispute))


def _subject_of_dispute(record: TitleResolved) -> str | None:
    """Return whom the dispute is about."""
    subject = StatementRow.objects.filter(digest=record.dispute).values_list("subject", flat=True).first()
    return None if subject is None else str(subject)


TITLE_CLAIMED = Kind(
    type="title.claimed",
    effect="widens",
    parse=PARSERS["title.claimed"],
    issuers=lambda record, look: {record.claimant},
    subject=lambda record: as_data_subject(record.claimant),
    heads=_heads,
    check=_check,
    apply=_apply,
    describe=describe_title,
    tables=(TitleClaim, DocumentMention),
)

TITLE_DISPUTED = Kind(
    type="title.disputed",
    effect="narrows",
    parse=PARSERS["title.disputed"],
    issuers=lambda record, look: ANY_PARTY,
    subject=lambda record: as_data_subject(require_claim(record.claim, field="body.claim").claimant),
    heads=_disputed_heads,
    check=_check_disputed,
    apply=_apply_disputed,
    describe=describe_dispute,
    tables=(Dispute, DocumentMention),
)

TITLE_RESOLVED = Kind(
    type="title.resolved",
    effect="widens",
    parse=PARSERS["title.resolved"],
    issuers=_resolvers,
    subject=_subject_of_dispute,
    heads=_resolved_heads,
    check=_check_resolved,
    apply=_apply_resolved,
    describe=describe_resolution,
    tables=(Dispute, TitleClaim, DocumentMention),
)

KINDS = (TITLE_CLAIMED, TITLE_DISPUTED, TITLE_RESOLVED)
