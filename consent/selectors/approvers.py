"""
Who is asked before a grant is used in a shot: by the grant's own terms, or by a moral right.

A licence that asks the performer asks everybody recorded in what the shot uses, and one that was amended whomever any
of its terms name, under the digest of each; whether it is theirs to say is for the decision, which counts the words of
those alone whom it asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from consent.core.bodies import PARSERS
from consent.models import Consent
from registry.core.approvals import ApprovalTerm
from registry.core.fields import Reader
from registry.core.terms import ACTS
from registry.errors import Inadmissible, Unknown
from registry.models import Amendment, ClearanceRow, Licence, TitleClaim
from registry.selectors.assets import performers_in
from registry.statements import open_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvers:
    """The parties that may approve, and the people whose estates may."""

    parties: frozenset[str]
    estates: frozenset[str]
    grantor: str
    acts: int  # mask: what they approve, all together


def approvers_of(grant: str, *, on: str, shot: str) -> Approvers:
    """Return who approves what a licence, a consent or a moral right asks of a shot; raises ``Unknown``."""
    if (claim := TitleClaim.objects.filter(digest=grant).first()) is not None:
        return _of_claim(claim)
    if (consent := Consent.objects.filter(digest=grant).first()) is not None:
        performer = str(consent.performer)
        return _of_terms(_terms(grant), on, grantor=performer, shown=frozenset({performer}))
    root = Amendment.objects.filter(digest=grant).values_list("licence", flat=True).first() or grant
    licence = Licence.objects.filter(digest=root).first()
    if licence is None:
        raise Unknown(kind="grant", id=grant, field="body.grant")
    saids = [root, *Amendment.objects.filter(licence=root).order_by("digest").values_list("digest", flat=True)]
    terms = [term for said in saids for term in _terms(said)]
    return _of_terms(terms, on, grantor=str(licence.licensor), shown=_shown_in(shot))


def _of_claim(claim: TitleClaim) -> Approvers:
    """A moral right is its holder's; an economic one is licensed, not approved."""
    if claim.nature != "moral":
        raise Inadmissible("the claim is of no moral right", code="nothing_to_approve", field="body.grant")
    author = str(claim.claimant)
    only = frozenset({author})
    return Approvers(parties=only, estates=only, grantor=author, acts=ACTS.mask(("alter",)))


def _of_terms(terms: Iterable[ApprovalTerm], on: str, *, grantor: str, shown: frozenset[str]) -> Approvers:
    wanted = [term for term in terms if term.on == on]
    asked = {term.by for term in wanted}
    parties = asked - {"licensor", "performer", "estate"}
    if "licensor" in asked:
        parties |= {grantor}
    if "performer" in asked:
        parties |= shown
    estates = shown if "estate" in asked else frozenset[str]()
    acts = reduce(or_, (term.acts for term in wanted), 0)
    return Approvers(parties=frozenset(parties), estates=estates, grantor=grantor, acts=acts)


def _shown_in(shot: str) -> frozenset[str]:
    """Return who is recorded in what a shot was cleared to use."""
    cleared = ClearanceRow.objects.filter(shot=shot).values_list("assets", flat=True)
    return performers_in(asset for assets in cleared for asset, _ in assets)


def _terms(digest: str) -> tuple[ApprovalTerm, ...]:
    opened = open_statement(digest)
    if opened is None:
        return ()
    record = PARSERS[opened.statement.type](Reader(opened.statement.body, "body"))
    return getattr(getattr(record, "terms", record), "approvals", ())
