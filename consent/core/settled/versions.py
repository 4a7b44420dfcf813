"""
The terms of a licence through time: as it was first given, and as it was amended since.

1. From its `effective_from` on an amendment's terms hold, and the earlier ones before it.
2. INVARIANT (slow-to-permit-quick-to-withdraw): an amendment that is not under the checkpoint yet, or is not rightly
   signed, already shrinks what stood from then on to what both allow; it widens nothing.
3. Each stretch of time has a place in the log, for whoever asks which of two licences came first: that of the statement
   that first gave so much. An amendment that gives nothing more loses no place to what was given in between.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from consent.core.settled.assignments import BEFORE_ALL_S
from consent.core.settled.read import Read
from consent.core.settled.standing import Word
from registry.core.licences import EXCLUSIVITIES, Licence, LicenceAmended
from registry.core.limits import stricter
from registry.core.scope import FOREVER_S, Scope, covers
from registry.core.times import to_epoch_s

NO_CATEGORY = ""  # the name of no category: what is left where two lists share none


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The terms of a licence in one stretch of time, its boxes left uncut."""

    read: Read  # the statement that says them
    terms: Licence
    order: int
    word: Word | None = None  # whose word an amendment is
    start_s: int = BEFORE_ALL_S
    end_s: int = FOREVER_S
    shrunk_to: tuple[Licence, ...] = ()  # terms that its boxes must lie within too
    given: Licence | None = None  # the terms before that, if anything shrinks them

    @property
    def keeping(self) -> Licence:
        """The terms by which it keeps others out: what only shrinks a licence sets nobody free of it."""
        return self.terms if self.given is None else replace(self.given, holdbacks=self.terms.holdbacks)

    @property
    def issued_s(self) -> int:
        return to_epoch_s(self.read.issued_at)


class Versions:
    """The amendments among the statements, by the licence that they amend."""

    def __init__(self, statements: Iterable[Read], licensed_by: Callable[[Read, str], Word | None]) -> None:
        self._licensed_by = licensed_by
        self._amended: defaultdict[str, list[Read]] = defaultdict(list)
        for s in statements:
            if isinstance(s.record, LicenceAmended):
                self._amended[s.record.licence].append(s)

    def of(self, first: Read) -> tuple[Version, ...]:
        """Return the terms of a licence, stretch by stretch in the order of time."""
        licence: Licence = first.record
        row = [Version(read=first, terms=licence, order=first.order[0])]
        amended = [s for s in self._amended.get(first.digest, ()) if self._amends(s, first)]
        amended.sort(key=lambda s: (s.record.effective_from, s.order, s.digest))
        for s in amended:
            if s.authorised and s.logged:
                row = _followed(row, s, self._licensed_by(s, licence.licensor))
        for s in amended:
            if not (s.authorised and s.logged):
                row = [part for version in row for part in _shrunk(version, s.record)]
        return tuple(row)

    def _amends(self, s: Read, first: Read) -> bool:
        """
        An amendment is the licensor's, between the same parties, and not from before the licence was given.

        As it narrows, the licensor's word is believed as it is, and that of who may grant for them.
        """
        licence: Licence = first.record
        terms: Licence = s.record.terms
        same = (terms.licensor, terms.licensee, terms.parent) == (licence.licensor, licence.licensee, licence.parent)
        said = s.issuer == licence.licensor or self._licensed_by(s, licence.licensor) is not None
        return same and said and s.record.effective_from >= given_at(first)


def given_at(first: Read) -> datetime:
    """Return when a licence was given: issued, or, recorded from paper, the day of the paper."""
    signed_on = first.record.signed_on
    if first.type != "licence.recorded" or signed_on is None:
        return first.issued_at
    return datetime.combine(signed_on, time(), tzinfo=UTC)


def _followed(row: list[Version], s: Read, word: Word | None) -> list[Version]:
    last, from_s = row[-1], to_epoch_s(s.record.effective_from)
    terms: Licence = s.record.terms
    order = s.order[0] if _gives_more(terms, last.terms) else last.order
    after = Version(read=s, terms=terms, order=order, start_s=from_s, word=word)
    earlier = [] if last.start_s >= from_s else [replace(last, end_s=from_s)]
    return [*row[:-1], *earlier, after]


def _shrunk(version: Version, amended: LicenceAmended) -> list[Version]:
    from_s = to_epoch_s(amended.effective_from)
    if from_s >= version.end_s:
        return [version]
    within = replace(
        version,
        start_s=max(from_s, version.start_s),
        terms=_both(version.terms, amended.terms),
        shrunk_to=(*version.shrunk_to, amended.terms),
        given=version.given or version.terms,
    )
    return [within] if from_s <= version.start_s else [replace(version, end_s=from_s), within]


def _gives_more(terms: Licence, before: Licence) -> bool:
    """Say whether terms grant, or keep others out of, anything that the earlier ones did not."""
    if EXCLUSIVITIES.index(terms.exclusivity) > EXCLUSIVITIES.index(before.exclusivity):
        return True
    if not set(terms.subjects) <= set(before.subjects) or (terms.new_assets and not before.new_assets):
        return True
    if before.product_categories and not set(terms.product_categories or (NO_CATEGORY,)) <= set(
        before.product_categories
    ):
        return True
    if not set(terms.holdbacks) <= set(before.holdbacks):
        return True
    plain = [box for box in before.scopes if isinstance(box, Scope)]
    return not all(box in before.scopes or (isinstance(box, Scope) and covers(box, plain)) for box in terms.scopes)


def _both(one: Licence, other: Licence) -> Licence:
    """Return terms of which every condition is the stricter; what keeps others out stays as it was."""
    return replace(
        one,
        subjects=tuple(subject for subject in one.subjects if subject in other.subjects),
        new_assets=one.new_assets and other.new_assets,
        sublicensable=one.sublicensable and other.sublicensable,
        assignable=one.assignable and other.assignable,
        change_of_control="ends" if "ends" in (one.change_of_control, other.change_of_control) else "continues",
        caps=stricter(one.caps, other.caps),
        holdbacks=tuple(dict.fromkeys((*one.holdbacks, *other.holdbacks))),
        approvals=tuple(dict.fromkeys((*one.approvals, *other.approvals))),
        product_categories=_in_common(one.product_categories, other.product_categories),
        sell_off_days=min(one.sell_off_days, other.sell_off_days),
    )


def _in_common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if not one or not other:
        return one or other
    return tuple(name for name in one if name in other) or (NO_CATEGORY,)
