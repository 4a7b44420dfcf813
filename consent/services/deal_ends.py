"""
Write the ends of one deal as all that was said of it leaves them.

1. Each stretch of a licence's terms names ends; those that lie in another stretch are over. Options that were exercised
   add the ends of their boxes, and are none themselves any more.
2. An end that follows an event lies where those put it who may say so for this deal (``registry.selectors.events``).
3. Beside the grantor the one is told who holds the deal on the day of the end.

A licence is written anew from all its statements; of a consent only what a withdrawal leaves is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from consent.core.ends import End, ends_of_consent, ends_of_licence, ends_of_option
from consent.core.record import Consent
from consent.core.settled.withdrawals import BIOMETRIC
from consent.models import Ending
from consent.selectors.grants import acts_in
from registry.core.events import Following
from registry.core.scope import FOREVER_S
from registry.core.times import from_epoch_s, to_epoch_s
from registry.models import Licence, OptionExercised
from registry.selectors.events import happened
from registry.selectors.licences import Holder, Terms, hanging_under, holders_of, terms_of

OFFERED, STANDS, OVER = "offered", "stands", "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A grant, who gave it and who held it one after another."""

    digest: str
    grantor: str
    holders: tuple[Holder, ...]

    @classmethod
    def of(cls, digest: str, *, grantor: str, grantee: str) -> "Deal":
        return cls(digest=digest, grantor=grantor, holders=holders_of(digest, grantee))

    def holder(self, ends_at: datetime | None) -> str:
        """Return who holds it until it ends; who holds it last where it has no known end."""
        last_s = FOREVER_S - 1 if ends_at is None else to_epoch_s(ends_at) - 1
        return next(one.party for one in self.holders if one.from_s <= last_s < one.until_s)


def write_licence(digest: str) -> None:
    """Write the ends of a licence anew. Joins the caller's transaction."""
    licence = Licence.objects.filter(digest=digest).first()
    if licence is None:
        return
    Ending.objects.filter(about=digest).exclude(kind="approval").delete()
    deal = Deal.of(digest, grantor=licence.licensor, grantee=licence.licensee)
    exercised = frozenset(OptionExercised.objects.filter(licence=digest).values_list("option", flat=True))
    rows = [row for terms in terms_of(licence) for row in _of_stretch(deal, terms, exercised)]
    for row in rows:
        row.state = OVER if licence.ended is not None else row.state
    Ending.objects.bulk_create(_unlike(rows))


def write_ended(digest: str) -> None:
    """Write a licence that ended, which takes with it everything that hangs under it."""
    for one in hanging_under(digest):
        write_licence(one)
        Ending.objects.filter(about=one).update(state=OVER)


def write_consent(deal: Deal, ends: Iterable[End], *, state: str) -> None:
    """Add ends of a consent. Joins the caller's transaction."""
    Ending.objects.bulk_create(_row(deal, end, state) for end in ends)


def withdraw_consent(deal: Deal, consent: Consent, *, issued_at: datetime, keeps: bool) -> None:
    """End what a withdrawal ends; ``keeps``: a contract keeps all but acts on biometric templates."""
    rows = Ending.objects.filter(about=deal.digest).exclude(state=OVER)
    left = tuple(scope for scope in consent.scopes if acts_in([scope]) & ~BIOMETRIC) if keeps else ()
    if not left:
        rows.update(state=OVER)
    elif rows.filter(kind="grant").delete()[0]:
        kept = (end for end in ends_of_consent(replace(consent, scopes=left), to_epoch_s(issued_at)))
        write_consent(deal, (end for end in kept if end.kind == "grant"), state=STANDS)


def place_end(deal: Deal, row: Ending) -> None:
    """Put an end where the events that count for its deal put it, and tell who holds the deal then."""
    if row.follows:
        _follow(row)
    row.grantee = deal.holder(row.ends_at)


def _of_stretch(deal: Deal, terms: Terms, exercised: frozenset[str]) -> list[Ending]:
    said_s = to_epoch_s(terms.said_at.replace(microsecond=0))
    ends = {end for end in ends_of_licence(terms.record, said_s) if end.kind != "option" or end.detail not in exercised}
    for option in exercised:
        ends |= {*ends_of_option(terms.record, option, said_s)}
    rows = [_row(deal, end, STANDS) for end in ends]
    for row in rows:
        if row.ends_at is not None and not terms.from_s < to_epoch_s(row.ends_at) <= terms.until_s:
            row.state = OVER
    return rows


def _row(deal: Deal, end: End, state: str) -> Ending:
    row = Ending(
        about=deal.digest,
        kind=end.kind,
        detail=end.detail,
        grantor=deal.grantor,
        grantee=deal.holder(None),
        ends_at=None if end.end_s is None else from_epoch_s(end.end_s),
        follows=end.follows or "",
        plus_months=end.plus[0],
        plus_days=end.plus[1],
        is_recorded=False,
        state=state,
    )
    place_end(deal, row)
    return row


def _follow(row: Ending) -> None:
    """A holdback lasts as long as any word says, everything else as short."""
    event, kind, ident, territory = row.follows.split(" ")
    following = Following(
        event=event,
        subject=(kind, ident),
        territory=None if territory == "-" else territory,
        plus=(row.plus_months, row.plus_days),
    )
    said = happened([following], licensor=row.grantor, licensee=row.grantee)(following).said
    if not said:
        return
    if row.kind == "ends_unless":
        row.state = OVER if row.ends_at is not None and min(said) <= to_epoch_s(row.ends_at) else row.state
        return
    row.ends_at, row.is_recorded = from_epoch_s(max(said) if row.kind == "holdback" else min(said)), True


def _unlike(rows: Iterable[Ending]) -> list[Ending]:
    """Return rows without those that say the same; one that stands comes before one that is over."""
    ordered = sorted(rows, key=lambda row: row.state == OVER)
    return list({_key(row): row for row in reversed(ordered)}.values())


def _key(row: Ending) -> tuple[object, ...]:
    return row.kind, row.detail, row.ends_at, row.follows, row.plus_months, row.plus_days
