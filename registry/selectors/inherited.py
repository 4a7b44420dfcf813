"""
What earlier holders of a title promised, which binds whoever holds it now.

A title passes with what was promised of it: what its holder licensed exclusively before it assigned the title goes on
keeping others out. What it licensed, or gave more of, after that was not its to give. Left out: what else a licensor
promised itself (``selectors.exclusives``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.core.box import Scope
from registry.core.fields import Reader
from registry.core.terms import ASPECTS
from registry.core.times import to_epoch_s
from registry.core.titles import parse_title_claim
from registry.models import Amendment, Asset, Assignment, Licence, LicenceBox, TitleClaim
from registry.models.ranges import points_of
from registry.selectors.catalogues import held_by
from registry.selectors.exclusives import Deal, clashes, ids_of, piece_of, scope_of
from registry.selectors.licences import Holder, holders_of
from registry.statements import open_statements

_PICTURE: Final = ASPECTS.mask(("picture", "motion", "style"))
_SOUND: Final = ASPECTS.mask(("sound",))
_GIVES: Final[Mapping[str, int]] = {  # right -> the aspects that need it
    "picture": _PICTURE,
    "artwork": _PICTURE,
    "master": _SOUND,
    "composition": _SOUND,
    "script": ASPECTS.mask(("text",)),
}


@dataclass(frozen=True, slots=True)
class Before:
    """A holder of a title, and until when what it promised of it binds those after it."""

    party: str
    until: datetime  # its assignment was accepted then


def inherited(rows: Sequence[LicenceBox], *, at: datetime) -> tuple[Deal, ...]:
    """Return the firm promises to others of holders before that these boxes of a holder now would break."""
    wanted: defaultdict[Before, list[LicenceBox]] = defaultdict(list)
    for claim in _passed_to(rows):
        for before, row in _of_holders_before(claim, rows):
            wanted[before].append(row)
    if not clashes([row for some in wanted.values() for row in some], at=at):
        return ()  # as nearly always, in one query
    found = (deal for before, some in wanted.items() for deal in clashes(some, at=at) if _binds(deal, before))
    return tuple({deal.licence: deal for deal in found}.values())


def _passed_to(rows: Iterable[LicenceBox]) -> list[TitleClaim]:
    """Return the claims in what the rows reach, or in works of it, that were assigned to their licensors."""
    licensors = {row.licensor for row in rows}
    passed = set(Assignment.objects.filter(kind="title", to__in=licensors).values_list("grant", flat=True))
    if not passed:
        return []
    reached = {ident for row in rows for ident in ids_of(row.subjects)}
    works = Asset.objects.filter(id__in=reached).exclude(work=None).values_list("work", flat=True)
    claims = TitleClaim.objects.filter(digest__in=passed, nature="economic", ended=None)
    return list(claims.filter(subject_id__in={*reached, *map(str, works)}).order_by("digest"))


def _of_holders_before(claim: TitleClaim, rows: Sequence[LicenceBox]) -> Iterator[tuple[Before, LicenceBox]]:
    """Yield what of the rows lies in a claim while their licensor holds it, as if each holder before gave it."""
    opened = open_statements([claim.digest])
    if claim.digest not in opened:
        return  # erased with the data key of its claimant
    record = parse_title_claim(Reader(opened[claim.digest].statement.body, "body"))
    reach = points_of(held_by([claim.subject_id], before=None))
    gives = _GIVES.get(claim.right, ASPECTS.all)
    for holder in holders_of(claim.digest, claim.claimant):
        holders = _before(claim, holder)
        for row in [row for row in rows if row.licensor == holder.party]:
            for piece in _pieces(row, record.scopes, gives, holder):
                for before in holders:
                    given = piece_of(row, piece)
                    given.licensor, given.subjects = before.party, reach & (row.subjects or frozenset())
                    yield before, given


def _before(claim: TitleClaim, holder: Holder) -> list[Before]:
    rows = Assignment.objects.filter(grant=claim.digest).exclude(giver=holder.party)
    return [Before(row.giver, row.accepted_at) for row in rows if to_epoch_s(row.effective_from) <= holder.from_s]


def _pieces(row: LicenceBox, scopes: Iterable[Scope], gives: int, holder: Holder) -> Iterator[Scope]:
    for scope in scopes:
        held = scope.clipped(holder.from_s, holder.until_s)
        if held is None:
            continue
        other = piece_of(row, held)
        other.aspects &= gives
        piece = scope_of(row, other)
        if piece is not None:
            yield piece


def _binds(deal: Deal, before: Before) -> bool:
    """Say whether a promise was given before the title passed; one that was amended since is left to decisions."""
    given = Licence.objects.filter(digest=deal.licence, accepted_at__lt=before.until)
    amended = Amendment.objects.filter(licence=deal.licence, accepted_at__gte=before.until)
    return given.exists() and not amended.exists()
