"""
Which assets concern a party, and what is held and granted in one.

An asset concerns its registrant, whoever claims title in it or in its work, the two sides of a licence that reaches it,
and the performers in it. To everybody else it is not there: titles of unreleased work are nobody else's business.

Of what stands in an asset the registrant sees everything; the two sides of a licence see theirs, the titles, and who
is in it, since they must ask them; a performer sees the titles and what is recorded of themselves.
"""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from registry.models import Appearance, Asset, Component, Licence, LicenceSubject, TitleClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What one party may know of the rights in one asset; rows that point to statements."""

    titles: tuple[TitleClaim, ...]
    licences: tuple[Licence, ...]
    appearances: tuple[Appearance, ...]
    components: tuple[Component, ...]


def assets_of(party: str) -> QuerySet[Asset]:
    """Return the assets that concern a party."""
    claimed = TitleClaim.objects.filter(claimant=party)
    licensed = LicenceSubject.objects.filter(licence__in=_licences_of(party).values("digest"))
    reached = Q(registrant=party) | Q(id__in=Appearance.objects.filter(performer=party).values("asset"))
    for kind, field in (("asset", "id__in"), ("work", "work__in")):
        reached |= Q(**{field: claimed.filter(subject_kind=kind).values("subject_id")})
        reached |= Q(**{field: licensed.filter(subject_kind=kind).values("subject_id")})
    return Asset.objects.filter(reached)


def holdings_in(asset: Asset, *, party: str) -> Holdings:
    """Return what stands in an asset that concerns the party, as far as it may know."""
    owns = asset.registrant == party
    licences = _licences_in(asset)
    own = licences.filter(Q(licensor=party) | Q(licensee=party))
    appearances = Appearance.objects.filter(asset=asset.id).order_by("digest")
    if not owns and not own.exists():
        appearances = appearances.filter(performer=party)
    titles = TitleClaim.objects.filter(_subject_is(asset))
    return Holdings(
        titles=tuple(titles.order_by("digest")),
        licences=tuple((licences if owns else own).order_by("accepted_at", "digest")),
        appearances=tuple(appearances),
        components=tuple(Component.objects.filter(asset=asset.id).order_by("digest")) if owns else (),
    )


def _licences_of(party: str) -> QuerySet[Licence]:
    return Licence.objects.filter(Q(licensor=party) | Q(licensee=party))


def _licences_in(asset: Asset) -> QuerySet[Licence]:
    reached = LicenceSubject.objects.filter(_subject_is(asset))
    return Licence.objects.filter(digest__in=reached.values("licence"))


def _subject_is(asset: Asset) -> Q:
    itself = Q(subject_kind="asset", subject_id=asset.id)
    return itself if asset.work is None else itself | Q(subject_kind="work", subject_id=asset.work)
