"""Who is asked before a grant is used: by the grant's own terms, or by a moral right."""

from collections.abc import Iterable
from dataclasses import dataclass

from consent.core.bodies import PARSERS
from consent.models import Consent
from registry.core.approvals import ApprovalTerm
from registry.core.fields import Reader
from registry.errors import Inadmissible, Unknown
from registry.models import Assignment, Licence, TitleClaim
from registry.statements import open_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvers:
    """The parties that may approve, and the people whose estates may."""

    parties: frozenset[str]
    estates: frozenset[str]
    grantor: str


def approvers_of(grant: str, *, on: str) -> Approvers:
    """Return who approves what a licence, a consent or a moral right asks; raises ``Unknown``."""
    if (claim := TitleClaim.objects.filter(digest=grant).first()) is not None:
        return _of_claim(claim)
    if (consent := Consent.objects.filter(digest=grant).first()) is not None:
        return _of_terms(_terms(grant), on, grantor=str(consent.performer))
    licence = Licence.objects.filter(digest=grant).first()
    if licence is None:
        raise Unknown(kind="grant", id=grant, field="body.grant")
    return _of_terms(_terms(grant), on, grantor=str(licence.licensor))


def _of_claim(claim: TitleClaim) -> Approvers:
    """A moral right is its holder's; an economic one is licensed, not approved."""
    if claim.nature != "moral":
        raise Inadmissible("the claim is of no moral right", code="nothing_to_approve", field="body.grant")
    passed_on = Assignment.objects.filter(grant=claim.digest).order_by("effective_from", "accepted_at")
    holders = [str(claim.claimant), *map(str, passed_on.values_list("to", flat=True))]
    return Approvers(parties=frozenset({holders[-1]}), estates=frozenset({holders[-1]}), grantor=str(claim.claimant))


def _of_terms(terms: Iterable[ApprovalTerm], on: str, *, grantor: str) -> Approvers:
    asked = [term.by for term in terms if term.on == on]
    return Approvers(
        parties=frozenset(grantor if by in ("licensor", "performer") else by for by in asked if by != "estate"),
        estates=frozenset({grantor}) if "estate" in asked else frozenset(),
        grantor=grantor,
    )


def _terms(digest: str) -> tuple[ApprovalTerm, ...]:
    opened = open_statement(digest)
    if opened is None:
        return ()
    record = PARSERS[opened.statement.type](Reader(opened.statement.body, "body"))
    return getattr(record, "approvals", ())
