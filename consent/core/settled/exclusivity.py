"""
What licences keep others out of: exclusivity, and what a licensor promised to hold back.

A ``Barrier`` is one box that one licence keeps others out of. Whether it does, between two licences of one licensor:

1. What was signed or confirmed goes before what is only recorded, whichever came first; a recorded exclusive never
   blocks a signed grant, nor the holder itself.
2. Of two signed ones, the earlier in the log. Of two recorded exclusives neither serves; a recorded exclusive goes
   before a recorded other one whose paper is not older.
3. A licence keeps out neither its own licensee nor whoever stands under it. A sole one does not keep out its licensor.
4. Where a licence names product categories, its exclusivity bites in advertising for those alone.

A holdback of a licensor binds the licensor, and whoever is licensed later in the log. What licences of the requester's
own take away from the licences that they serve under is in ``Kept`` too: product categories, and holdbacks that bind a
licensee.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from consent.core.grants import Grant
from consent.core.obstacles import Code
from consent.core.request import AnyRequest, Request
from consent.core.settled.read import NOT_LOGGED
from consent.core.settled.windows import Windows, cut
from registry.core.licences import Licence
from registry.core.scope import FOREVER_S, Scope, overlap, residual
from registry.core.terms import LABELS, PURPOSES

ADVERTISING: Final = PURPOSES.mask(("third_party_advertising", "merchandise"))
ANY_PLACE: Final = NOT_LOGGED + 1  # after every place in the log, and after what has none yet
Bar = tuple[Scope, Code]  # a part of what is wanted that is taken away, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Barrier:
    """A box that a licence keeps others out of."""

    code: Code  # exclusive_to_other | holdback
    grant: Grant  # the licence, as it was given
    above: frozenset[str]  # the licences that it was given under
    holders: frozenset[str]  # whose rights it gives: its licensor, and for whom the licensor administers
    box: Scope
    spares: str | None  # who surely holds the licence; an assignment that does not count yet spares nobody
    lapses_s: int | None  # from then on it bars nothing, as what the licence waits for did not happen

    @property
    def rank(self) -> int:
        return rank(self.grant)


def rank(grant: Grant) -> int:
    """Return how good a licensor's word is: 1 if it is the licensor's own, 0 if somebody else recorded it."""
    return 0 if grant.assurance == "recorded" else 1


def barriers_of(
    grant: Grant,
    terms: Licence,
    windows: Windows,
    stretch: tuple[int, int],
    above: frozenset[str],
    holders: frozenset[str],
    *,
    spares: str | None,
) -> list[Barrier]:
    """Return the barriers that one stretch of a licence raises; ``terms`` are those that surely hold."""
    lapses_s = windows.frees_s(terms)
    found: list[Barrier] = []
    kept: tuple[tuple[Code, tuple[Scope, ...]], ...] = (
        ("exclusive_to_other", windows.kept(terms, grant.issued_s) if terms.exclusivity != "none" else ()),
        ("holdback", windows.held_back(terms, "licensor")),
    )
    for code, boxes in kept:
        for from_s, to_s, until_s in _parts(lapses_s):
            within = cut(cut(boxes, stretch), (from_s, to_s))
            found += [
                Barrier(code=code, grant=grant, above=above, holders=holders, box=box, spares=spares, lapses_s=until_s)
                for box in within
            ]
    return found


def _parts(lapses_s: int | None) -> Sequence[tuple[int, int, int | None]]:
    """Part time where a licence may lapse: what lies beyond bars others until it does."""
    if lapses_s is None:
        return ((-FOREVER_S, FOREVER_S, None),)
    return ((-FOREVER_S, lapses_s, None), (lapses_s, FOREVER_S, lapses_s))


class Kept:
    """
    What is taken away from the licences of one asset under one title, for one request.

    ``line`` holds who has the title, and who had it before, with the place in the log up to which their word binds.
    """

    def __init__(
        self,
        request: AnyRequest,
        at_s: int,
        requesters: frozenset[str],
        line: Mapping[str, int],
        barriers: Sequence[Barrier],
    ) -> None:
        self._categories = request.product_categories if isinstance(request, Request) else frozenset()
        self._requesters = requesters
        self._line = line
        self._looked_at: Scope | None = None
        self._found: list[tuple[Barrier, Scope]] = []
        self._barriers = [
            barrier
            for barrier in barriers
            if (barrier.lapses_s is None or at_s < barrier.lapses_s)
            and barrier.spares not in requesters
            and self._is_in_time(barrier)
        ]

    def __bool__(self) -> bool:
        return bool(self._barriers)

    def _is_in_time(self, barrier: Barrier) -> bool:
        """What a holder gave after it had assigned its title was not its to give."""
        places = [self._line[holder] for holder in barrier.holders if holder in self._line]
        return not places or barrier.grant.order < max(places)

    def _is_of_line(self, barrier: Barrier) -> bool:
        return not barrier.holders.isdisjoint(self._line)

    def from_holder(self, wanted: Scope) -> list[tuple[Barrier, Scope]]:
        """Return what the holder of the title, who asks for its own, may not use: others have it alone."""
        return [
            (barrier, part)
            for barrier, part in self._near(wanted)
            if self._is_of_line(barrier) and _binds_licensor(barrier)
        ]

    def narrowed(self, grant: Grant, wanted: Scope) -> Grant:
        """Return a grant with its boxes cut to what is wanted and not taken away; the grant itself where nothing is."""
        barred = [*self._bars(grant, wanted)]
        if not barred:
            return grant
        taken = [box for box, _ in barred]
        parts = [part for box in grant.scopes if (part := _wanted_of(box, wanted)) is not None]
        left = dict.fromkeys(piece for part in parts for piece in residual(part, taken))
        return replace(grant, scopes=tuple(left), stated=grant.stated or grant.scopes, barred=tuple(barred))

    def _bars(self, grant: Grant, wanted: Scope) -> Iterator[Bar]:
        links = (grant, *grant.under)
        chain = {link.account for link in links}
        near = self._near(wanted)
        for link in links:
            yield from self._own_bars(link, wanted)
            for barrier, part in near:
                if barrier.grant.account not in chain and self._bars_link(barrier, link, top=link is links[-1]):
                    yield part, barrier.code

    def _near(self, wanted: Scope) -> list[tuple[Barrier, Scope]]:
        """Return the barriers that meet what is wanted, and where; kept, since grant after grant asks it."""
        if wanted is not self._looked_at:
            parts = ((barrier, self._met(barrier, wanted)) for barrier in self._barriers)
            self._looked_at, self._found = wanted, [(barrier, part) for barrier, part in parts if part is not None]
        return self._found

    def _bars_link(self, barrier: Barrier, link: Grant, *, top: bool) -> bool:
        given = barrier.grant
        if given.grantor in self._requesters and link.account in barrier.above:
            return _binds_licensor(barrier)  # who gave away all of it has none of it left to use
        of_one_line = given.grantor == link.grantor or (top and self._is_of_line(barrier))
        return of_one_line and _goes_before(barrier, link)

    def _own_bars(self, link: Grant, wanted: Scope) -> Iterator[Bar]:
        """Return what a licence's own terms keep its licensee from."""
        for box in link.held_back:
            if _shows(box, wanted) and (part := _part(box, wanted)) is not None:
                yield part, "holdback"
        if link.product_categories is not None and wanted.purposes & ADVERTISING:
            named = self._categories and self._categories <= link.product_categories
            if not named:
                yield _every_label(replace(wanted, purposes=wanted.purposes & ADVERTISING)), "product_not_covered"

    def _met(self, barrier: Barrier, wanted: Scope) -> Scope | None:
        """Return the part of what is wanted that a barrier takes away."""
        if barrier.code == "holdback" and not _shows(barrier.box, wanted):
            return None
        part = _part(barrier.box, wanted)
        categories = barrier.grant.product_categories
        if part is None or barrier.code == "holdback" or categories is None:
            return part
        if not self._categories or not self._categories.isdisjoint(categories):
            return part  # whoever names no product may mean any
        others = part.purposes & ~ADVERTISING
        return replace(part, purposes=others) if others else None


def _goes_before(barrier: Barrier, other: Grant) -> bool:
    given = barrier.grant
    if barrier.code == "holdback":
        return rank(given) >= rank(other) and given.order < other.order
    if rank(given) != rank(other):
        return rank(given) > rank(other)
    if rank(given):
        return given.order < other.order
    if other.exclusivity != "none" or given.signed_on is None or other.signed_on is None:
        return True
    return given.signed_on <= other.signed_on


def _binds_licensor(barrier: Barrier) -> bool:
    """Say whether a barrier keeps out the licensor too; what somebody else recorded does not."""
    return bool(barrier.rank) and (barrier.code == "holdback" or barrier.grant.exclusivity == "exclusive")


def _shows(box: Scope, wanted: Scope) -> bool:
    """A holdback with no labels speaks of whatever is shown, one with labels of what shows one of them."""
    return not (box.depicts or box.scene) or bool(box.depicts & wanted.depicts or box.scene & wanted.scene)


def _part(box: Scope, wanted: Scope) -> Scope | None:
    """Return what of a wanted box another one meets, whatever is shown; who wants every project wants these too."""
    both = overlap(box, wanted)
    return None if both is None else _every_label(replace(both, projects=wanted.projects))


def _every_label(box: Scope) -> Scope:
    return replace(box, depicts=LABELS.all, scene=LABELS.all)


def _wanted_of(box: Scope, wanted: Scope) -> Scope | None:
    both = overlap(box, wanted)
    return None if both is None else replace(both, depicts=box.depicts, scene=box.scene)
