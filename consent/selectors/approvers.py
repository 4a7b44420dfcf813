"""Who is asked before a grant is used: by the grant's own terms, or by a moral right."""

from collections.abc import Iterable
from dataclasses import dataclass

from consent.core.bodies import PARSERS
from consent.models import Consent
from registry.core.approvals import ApprovalTerm
from registry.core.fields import Reader
from registry.errors import Inadmissible, Unknown
from registry.models import Appearance, Asset, Assignment, Licence, LicenceSubject, TitleClaim
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
        return _of_terms(_terms(grant), on, grantor=str(consent.performer), performers=[str(consent.performer)])
    licence = Licence.objects.filter(digest=grant).first()
    if licence is None:
        raise Unknown(kind="grant", id=grant, field="body.grant")
    return _of_terms(_terms(grant), on, grantor=str(licence.licensor), performers=_shown_in(grant))


def _of_claim(claim: TitleClaim) -> Approvers:
    """A moral right is its holder's; an economic one is licensed, not approved."""
    if claim.nature != "moral":
        raise Inadmissible("the claim is of no moral right", code="nothing_to_approve", field="body.grant")
    passed_on = Assignment.objects.filter(grant=claim.digest).order_by("effective_from", "accepted_at")
    holders = [str(claim.claimant), *map(str, passed_on.values_list("to", flat=True))]
    return Approvers(parties=frozenset({holders[-1]}), estates=frozenset({holders[-1]}), grantor=str(claim.claimant))


def _of_terms(terms: Iterable[ApprovalTerm], on: str, *, grantor: str, performers: list[str]) -> Approvers:
    parties: set[str] = set()
    estates: set[str] = set()
    for term in terms:
        if term.on != on:
            continue
        if term.by == "estate":
            estates |= set(performers)
        elif term.by == "performer":
            parties |= set(performers)
        else:
            parties.add(grantor if term.by == "licensor" else term.by)
    return Approvers(parties=frozenset(parties), estates=frozenset(estates), grantor=grantor)


def _terms(digest: str) -> tuple[ApprovalTerm, ...]:
    opened = open_statement(digest)
    if opened is None:
        return ()
    record = PARSERS[opened.statement.type](Reader(opened.statement.body, "body"))
    return getattr(record, "approvals", ())


def _shown_in(licence: str) -> list[str]:
    """Return the performers in the files that a licence names, and in those of its works."""
    subjects = LicenceSubject.objects.filter(licence=licence).values("subject_id")
    files = Asset.objects.filter(id__in=subjects) | Asset.objects.filter(work__in=subjects)
    people = Appearance.objects.filter(asset__in=files.values("id")).values_list("performer", flat=True)
    return [str(performer) for performer in people.distinct()]
