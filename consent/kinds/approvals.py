"""
A word on one shot: `approval.given`, `approval.declined`.

Whom a grant names approves (``consent.selectors.approvers``), or whoever may approve for them; the holder of a moral
right approves alterations whatever was licensed. Declining narrows: it raises the shot's epoch, and its release decides
again. A later word of the same approver takes the earlier one's place.
"""

from consent.core.approval_bodies import PARSERS, ApprovalDeclined, ApprovalGiven
from consent.models import Approval
from consent.selectors.approvers import approvers_of
from consent.texts import describe_approval
from registry.errors import Forbidden, UnauthorisedSigner, Unknown
from registry.kinds.kind import Context, Kind, Locks, Look, Voice
from registry.locks import Head, bump
from registry.models import ClearanceRow
from registry.selectors.authorities import authority_ids, standing
from registry.selectors.parties import as_data_subject

Word = ApprovalGiven | ApprovalDeclined


def _approvers(record: Word, look: Look) -> frozenset[str]:
    named = approvers_of(record.grant, on=record.on, shot=record.shot)
    if look.issuer not in named.parties and not _speaks_for(look.issuer, named.parties | named.estates):
        raise Forbidden(f"party `{look.issuer}` is not asked for approval here", code="not_an_approver")
    return named.parties


def _voice(record: Word, look: Look) -> Voice:
    """An approver's word, given by who may approve for them; for an estate by that estate alone."""
    named = approvers_of(record.grant, on=record.on, shot=record.shot)
    if look.issuer in named.parties or _speaks_for(look.issuer, named.parties):
        return Voice(principals=named.parties, power="approve")
    return Voice(principals=named.estates, power="approve", roles=frozenset({"estate"}))


def _speaks_for(issuer: str, principals: frozenset[str]) -> bool:
    return bool(authority_ids(agent=issuer, principals=principals))


def _check(context: Context) -> None:
    record: Word = context.record
    if not ClearanceRow.objects.filter(shot=record.shot).exists():
        raise Unknown(kind="shot", id=record.shot, field="body.shot")


def _check_given(context: Context) -> None:
    """Refuse a yes under an authority that reaches none of what is approved: no decision would count it."""
    _check(context)
    record: Word = context.record
    if context.under is None:
        return
    issuer, moments = context.statement.issuer, (context.statement.issued_at, context.at)
    held = standing(authority_ids(agent=issuer, principals={context.under.principal}), moments=moments, at=context.at)
    asked = approvers_of(record.grant, on=record.on, shot=record.shot).acts
    if not any("approve" in one.powers and one.acts & asked for one in held):
        raise UnauthorisedSigner(issuer=issuer, problem="their authority reaches nothing that is approved here")


def _apply(context: Context) -> None:
    record: Word = context.record
    Approval.objects.create(
        digest=context.digest,
        shot=record.shot,
        grant=record.grant,
        on=record.on,
        issuer=context.statement.issuer,
        given=context.statement.type == "approval.given",
    )


def _apply_declined(context: Context) -> None:
    _apply(context)
    bump([Head("shot", context.record.shot)])


def _grantor(record: Word) -> str | None:
    return as_data_subject(approvers_of(record.grant, on=record.on, shot=record.shot).grantor)


def _heads(record: Word, issuer: str) -> Locks:
    return Locks(shared=frozenset({Head("grant", record.grant)}), exclusive=frozenset({Head("shot", record.shot)}))


APPROVAL_GIVEN = Kind(
    type="approval.given",
    effect="widens",
    parse=PARSERS["approval.given"],
    issuers=_approvers,
    subject=_grantor,
    heads=_heads,
    check=_check_given,
    apply=_apply,
    describe=describe_approval,
    tables=(Approval,),
    speaks=_voice,
)
APPROVAL_DECLINED = Kind(
    type="approval.declined",
    effect="narrows",
    parse=PARSERS["approval.declined"],
    issuers=_approvers,
    subject=_grantor,
    heads=_heads,
    check=_check,
    apply=_apply_declined,
    describe=describe_approval,
    tables=(Approval,),
    speaks=_voice,
)

KINDS = (APPROVAL_GIVEN, APPROVAL_DECLINED)
