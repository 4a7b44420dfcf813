"""
Who is asked before a grant is used in a shot: by the grant's own terms, or by a moral right.

A licence that asks the performer asks everybody recorded in what the shot uses; whether it is theirs to say of that
licence is for the decision, which counts the words of those alone whom it asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from consent.core.bodies import PARSERS
from consent.models import Consent
from registry.core.approvals import ApprovalTerm
from registry.core.fields import Reader
from registry.errors import Inadmissible, Unknown
from registry.models import ClearanceRow, Licence, TitleClaim
from registry.selectors.assets import performers_in
from registry.statements import open_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvers:
    """The parties that may approve, and the people whose estates may."""

    parties: frozenset[str]
    estates: frozenset[str]
    grantor: str


def approvers_of(grant: str, *, on: str, shot: str) -> Approvers:
    """Return who approves what a licence, a consent or a moral right asks of a shot; raises ``Unknown``."""
    if (claim := TitleClaim.objects.filter(digest=grant).first()) is not None:
        return _of_claim(claim)
    if (consent := Consent.objects.filter(digest=grant).first()) is not None:
        performer = str(consent.performer)
        return _of_terms(_terms(grant), on, grantor=performer, shown=frozenset({performer}))
    licence = Licence.objects.filter(digest=grant).first()
    if licence is None:
        raise Unknown(kind="grant", id=grant, field="body.grant")
    return _of_terms(_terms(grant), on, grantor=str(licence.licensor), shown=_shown_in(shot))


def _of_claim(claim: TitleClaim) -> Approvers:
    """A moral right is its holder's; an economic one is licensed, not approved."""
    if claim.nature != "moral":
        raise Inadmissible("the claim is of no moral right", code="nothing_to_approve", field="body.grant")
    author = str(claim.claimant)
    return Approvers(parties=frozenset({author}), estates=frozenset({author}), grantor=author)


def _of_terms(terms: Iterable[ApprovalTerm], on: str, *, grantor: str, shown: frozenset[str]) -> Approvers:
    asked = {term.by for term in terms if term.on == on}
    parties = asked - {"licensor", "performer", "estate"}
    if "licensor" in asked:
        parties |= {grantor}
    if "performer" in asked:
        parties |= shown
    estates = shown if "estate" in asked else frozenset[str]()
    return Approvers(parties=frozenset(parties), estates=estates, grantor=grantor)


def _shown_in(shot: str) -> frozenset[str]:
    """Return who is recorded in what a shot was cleared to use."""
    cleared = ClearanceRow.objects.filter(shot=shot).values_list("assets", flat=True)
    return performers_in(asset for assets in cleared for asset, _ in assets)


def _terms(digest: str) -> tuple[ApprovalTerm, ...]:
    opened = open_statement(digest)
    if opened is None:
        return ()
    record = PARSERS[opened.statement.type](Reader(opened.statement.body, "body"))
    return getattr(record, "approvals", ())
