"""
Which assets concern a party, and what is held and granted in one.

An asset concerns its registrant, whoever holds title in it or in its work, the two sides of a licence that reaches it,
by itself, by its work or by a catalogue, whoever owns such a catalogue, and the performers in it. To everybody else it
is not there: titles of unreleased work are nobody else's business. To whom a title or licence was assigned it concerns
like who held it first.

Of what stands in an asset the registrant sees everything; the two sides of a licence see theirs, the titles, and who
is in it, since they must ask them; a performer sees the titles and what is recorded of themselves.
"""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from registry.models import (
    Appearance,
    Asset,
    Assignment,
    Catalogue,
    CatalogueMember,
    Component,
    Dispute,
    Licence,
    LicenceSubject,
    TitleClaim,
    Work,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What one party may know of the rights in one asset; rows that point to statements."""

    titles: tuple[TitleClaim, ...]
    disputes: tuple[Dispute, ...]
    licences: tuple[Licence, ...]
    appearances: tuple[Appearance, ...]
    components: tuple[Component, ...]


def assets_of(party: str) -> QuerySet[Asset]:
    """Return the assets that concern a party."""
    claimed = TitleClaim.objects.filter(Q(claimant=party) | Q(digest__in=_assigned(party, "title")))
    licensed, members = _licensed(party), _members(party)
    reached = Q(registrant=party) | Q(id__in=Appearance.objects.filter(performer=party).values("asset"))
    for kind, field in (("asset", "id__in"), ("work", "work__in")):
        reached |= Q(**{field: claimed.filter(subject_kind=kind).values("subject_id")})
        reached |= Q(**{field: licensed.filter(subject_kind=kind).values("subject_id")})
        reached |= Q(**{field: members.filter(member_kind=kind).values("member_id")})
    return Asset.objects.filter(reached)


def works_of(party: str) -> QuerySet[Work]:
    """Return the works that concern a party: by title, by a licence or a catalogue of its own, or by an asset."""
    claimed = TitleClaim.objects.filter(Q(claimant=party) | Q(digest__in=_assigned(party, "title")))
    reached = Q(id__in=claimed.filter(subject_kind="work").values("subject_id"))
    reached |= Q(id__in=_licensed(party).filter(subject_kind="work").values("subject_id"))
    reached |= Q(id__in=_members(party).filter(member_kind="work").values("member_id"))
    reached |= Q(id__in=assets_of(party).exclude(work=None).values("work"))
    return Work.objects.filter(reached)


def holdings_in(asset: Asset, *, party: str) -> Holdings:
    """Return what stands in an asset that concerns the party, as far as it may know."""
    owns = asset.registrant == party
    licences = _licences_in(asset)
    own = licences.filter(digest__in=licences_of(party).values("digest"))
    appearances = Appearance.objects.filter(asset=asset.id).order_by("digest")
    if not owns and not own.exists():
        appearances = appearances.filter(performer=party)
    titles = TitleClaim.objects.filter(_subject_is(asset))
    return Holdings(
        titles=tuple(titles.order_by("digest")),
        disputes=tuple(Dispute.objects.filter(kind="title", target__in=titles.values("digest")).order_by("digest")),
        licences=tuple((licences if owns else own).order_by("accepted_at", "digest")),
        appearances=tuple(appearances),
        components=tuple(Component.objects.filter(asset=asset.id).order_by("digest")) if owns else (),
    )


def licences_of(party: str) -> QuerySet[Licence]:
    """Return the licences that a party gave, received or was assigned."""
    return Licence.objects.filter(Q(licensor=party) | Q(licensee=party) | Q(digest__in=_assigned(party, "licence")))


def _licensed(party: str) -> QuerySet[LicenceSubject]:
    return LicenceSubject.objects.filter(licence__in=licences_of(party).values("digest"))


def _members(party: str) -> QuerySet[CatalogueMember]:
    """Return what is in the catalogues that a party owns, or holds a licence of."""
    catalogues = Q(catalogue__in=Catalogue.objects.filter(owner=party).values("id"))
    catalogues |= Q(catalogue__in=_licensed(party).filter(subject_kind="catalogue").values("subject_id"))
    return CatalogueMember.objects.filter(catalogues)


def _assigned(party: str, kind: str) -> QuerySet[Assignment]:
    return Assignment.objects.filter(to=party, kind=kind).values("grant")


def _licences_in(asset: Asset) -> QuerySet[Licence]:
    holding = CatalogueMember.objects.filter(member_id__in=[one for one in (asset.id, asset.work) if one is not None])
    in_catalogue = Q(subject_kind="catalogue", subject_id__in=holding.values("catalogue"))
    reached = LicenceSubject.objects.filter(_subject_is(asset) | in_catalogue)
    return Licence.objects.filter(digest__in=reached.values("licence"))


def _subject_is(asset: Asset) -> Q:
    itself = Q(subject_kind="asset", subject_id=asset.id)
    return itself if asset.work is None else itself | Q(subject_kind="work", subject_id=asset.work)
