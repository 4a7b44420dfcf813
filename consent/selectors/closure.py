"""
Everything that one decision must read, found by following ids.

1. Assets: those the request names and, down the tree, their components; who appears in them; title claims in them and
   their works.
2. Grantors: the performers and the holders of title. Their grants to the requester; ``strangers`` adds, where there is
   none, one grant to somebody else, so that a refusal can tell "none at all" from "none to you". It is asked for only
   once a use is refused: what cleared a use ends up in its papers, and shows nobody else's terms.
3. What happened to those grants: acceptances, withdrawals, confirmations.
4. Identity and signatures: vouches, and for every issuer the statements that enrolled, added and ended its keys.

The heads of all of these are what the decision locks. Left out: opening the statements, and deciding.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from consent.core.request import AnyRequest, Request
from consent.models import Consent, Revocation, RevokedGrant
from registry.locks import Head
from registry.models import (
    Appearance,
    Asset,
    Component,
    Key,
    Licence,
    LicenceSubject,
    Party,
    Project,
    StatementRow,
    TitleClaim,
    Vouch,
)


@dataclass(slots=True, kw_only=True)
class Closure:
    """The digests of the statements to open, and the heads to lock."""

    digests: set[str] = field(default_factory=set)
    heads: set[Head] = field(default_factory=set)
    grants: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)  # grants of which a withdrawal is recorded
    assets: set[str] = field(default_factory=set)
    works: set[str] = field(default_factory=set)
    performers: set[str] = field(default_factory=set)
    holders: set[str] = field(default_factory=set)


def closure_of(request: AnyRequest, *, prompt_matches: Iterable[str], strangers: bool = False) -> Closure:
    """Follow the request through the projections; two reads of one state are equal."""
    closure = Closure(performers=set(prompt_matches))
    _read_assets(closure, _assets_named(request))
    if isinstance(request, Request):
        closure.performers |= {r.performer for r in request.references if r.performer}
        _read_project(closure, request.project)
        closure.heads.add(Head("weights", request.weights))
        closure.digests |= set(StatementRow.objects.filter(type="weights.trained").values_list("digest", flat=True))
    _read_title(closure)
    _read_licences(closure, request.for_, strangers)
    _read_consents(closure, request.for_, strangers)
    vouches = Vouch.objects.filter(party__in=closure.performers)
    closure.digests |= set(vouches.values_list("digest", flat=True))
    _read_people(closure, request.for_)
    return closure


def _assets_named(request: AnyRequest) -> set[str]:
    if isinstance(request, Request):
        return {reference.asset for reference in request.references}
    return {asset for asset, _ in request.assets}


def _read_assets(closure: Closure, named: set[str]) -> None:
    """Read assets and their components, level by level."""
    level = set(named)
    while level:
        closure.assets |= level
        parts = Component.objects.filter(asset__in=level).values_list("digest", "component")
        closure.digests |= {digest for digest, _ in parts}
        level = {str(component) for _, component in parts} - closure.assets
    for digest, inventory, work in Asset.objects.filter(id__in=closure.assets).values_list(
        "digest", "inventory_digest", "work"
    ):
        closure.digests |= {digest, inventory}
        if work is not None:
            closure.works.add(str(work))
    people = Appearance.objects.filter(asset__in=closure.assets).values_list("digest", "performer")
    closure.digests |= {digest for digest, _ in people}
    closure.performers |= {str(performer) for _, performer in people}
    closure.heads |= {Head("asset", asset) for asset in closure.assets}
    closure.heads |= {Head("work", work) for work in closure.works}


def _read_project(closure: Closure, project: str) -> None:
    closure.heads.add(Head("project", project))
    closure.digests |= set(Project.objects.filter(id=project).values_list("digest", flat=True))


def _read_title(closure: Closure) -> None:
    claims = TitleClaim.objects.filter(
        Q(subject_kind="asset", subject_id__in=closure.assets) | Q(subject_kind="work", subject_id__in=closure.works)
    )
    for digest, claimant in claims.values_list("digest", "claimant"):
        closure.digests.add(digest)
        closure.holders.add(str(claimant))


def _read_licences(closure: Closure, requester: str, strangers: bool) -> None:
    reaching = LicenceSubject.objects.filter(
        Q(subject_kind="asset", subject_id__in=closure.assets) | Q(subject_kind="work", subject_id__in=closure.works)
    ).values("licence")
    licences = Licence.objects.filter(licensor__in=closure.holders - {requester}, digest__in=reaching)
    for row in _grants(licences.order_by("digest"), "licensor", "licensee", requester, strangers):
        closure.digests |= {row.digest} | {act for act in (row.confirmed, row.denied, row.terminated) if act}
        closure.grants.add(row.digest)
        if row.denied or row.terminated:
            closure.withdrawn.add(row.digest)


def _read_consents(closure: Closure, requester: str, strangers: bool) -> None:
    consents = Consent.objects.filter(performer__in=closure.performers).order_by("digest")
    for row in _grants(consents, "performer", "grantee", requester, strangers):
        closure.digests |= {row.digest} | ({row.accepted} if row.accepted else set())
        closure.grants.add(row.digest)
    named = RevokedGrant.objects.filter(grant__in=closure.grants).values_list("grant", "revocation")
    closure.digests |= {revocation for _, revocation in named}
    closure.withdrawn |= {grant for grant, _ in named}
    whole = Revocation.objects.filter(performer__in=closure.performers, grantee=requester)
    closure.digests |= set(whole.values_list("digest", flat=True))
    closure.withdrawn |= _barred(closure.grants, whole)
    closure.heads |= {Head("grant", grant) for grant in closure.grants}


def _barred(grants: set[str], whole: Iterable[Revocation]) -> set[str]:
    """Return the consents issued no later than a withdrawal of everything."""
    issued = {row.digest: row.issued_at for row in StatementRow.objects.filter(digest__in=[r.digest for r in whole])}
    barred: set[str] = set()
    for revocation in whole:
        own = Consent.objects.filter(
            digest__in=grants, performer=revocation.performer, grantee=revocation.grantee
        ).values("digest")
        before = StatementRow.objects.filter(digest__in=own, issued_at__lte=issued[revocation.digest])
        barred |= set(before.values_list("digest", flat=True))
    return barred


def _grants(rows: QuerySet[Any], grantor: str, grantee: str, requester: str, strangers: bool) -> list[Any]:
    """Return the grants to the requester; with ``strangers``, of grantors who gave it none the first to another."""
    own = list(rows.filter(**{grantee: requester}))
    if not strangers:
        return own
    silent = rows.exclude(**{f"{grantor}__in": {getattr(row, grantor) for row in own}})
    return own + list({getattr(row, grantor): row for row in silent.reverse()}.values())


def _read_people(closure: Closure, requester: str) -> None:
    """Read every issuer's enrolment and keys, and the heads of all parties and keys concerned."""
    issuers = {
        str(issuer)
        for issuer in StatementRow.objects.filter(digest__in=closure.digests).values_list("issuer", flat=True)
    }
    parties = issuers | closure.performers | closure.holders | {requester}
    for party, kind, digest in Party.objects.filter(id__in=parties).values_list("id", "kind", "digest"):
        closure.digests.add(digest)
        closure.heads.add(Head(kind, str(party)))
    for row in Key.objects.filter(party__in=parties):
        closure.digests |= {row.added_by} | ({row.revoked_by} if row.revoked_by else set())
        closure.heads.add(Head("key", row.keyid))
