"""
Whom and what a party may look for: the assets that concern it, and the performers it may know of.

A performer is known to themself, to whom they granted something or to whom that was assigned, and to the registrant and
the licence holders of an asset they are in. A vendor who may view for its principal looks for what that one may look
for, since it uses what was granted to it. Somebody else's grants are nobody's to look through: for another party one
may only ask about oneself.
"""

from functools import reduce
from operator import or_
from typing import Final, Literal

from django.db.models import Q

from consent.models import Consent
from registry.locks import clock
from registry.models import Appearance, Asset, Assignment, CatalogueMember, LicenceSubject, Party
from registry.selectors.authorities import principals_of
from registry.selectors.holdings import assets_of, licences_of

Kind = Literal["asset", "performer"]
KINDS: Final[tuple[Kind, ...]] = ("asset", "performer")


def visible_after(kind: Kind, after: str, *, viewer: str, for_: str, count: int) -> list[str]:
    """Return the next ids of this kind, in order, that a viewer may ask about for a party."""
    if for_ != viewer:
        own = kind == "performer" and viewer > after and Party.objects.filter(id=viewer, kind="person").exists()
        return [viewer] if own else []
    users = [viewer, *principals_of(viewer, power="view", at=clock(), role="vendor")]
    if kind == "asset":
        found = reduce(or_, map(assets_of, users)).order_by("id")
        rows = (found.filter(id__gt=after) if after else found).values_list("id", flat=True)
        return [str(ident) for ident in rows[:count]]
    rows = Party.objects.filter(reduce(or_, map(_known, users)), kind="person").order_by("id")
    return [str(ident) for ident in (rows.filter(id__gt=after) if after else rows).values_list("id", flat=True)[:count]]


def _known(viewer: str) -> Q:
    subjects = LicenceSubject.objects.filter(licence__in=licences_of(viewer).values("digest"))
    members = CatalogueMember.objects.filter(
        catalogue__in=subjects.filter(subject_kind="catalogue").values("subject_id")
    )
    reached = Q(registrant=viewer)
    for kind, field in (("asset", "id__in"), ("work", "work__in")):
        reached |= Q(**{field: subjects.filter(subject_kind=kind).values("subject_id")})
        reached |= Q(**{field: members.filter(member_kind=kind).values("member_id")})
    shown = Appearance.objects.filter(asset__in=Asset.objects.filter(reached).values("id"))
    assigned = Assignment.objects.filter(to=viewer, kind="consent").values("grant")
    granted = Consent.objects.filter(Q(grantee=viewer) | Q(digest__in=assigned))
    return Q(id=viewer) | Q(id__in=shown.values("performer")) | Q(id__in=granted.values("performer"))
