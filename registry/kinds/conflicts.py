"""
Refuse what was promised to somebody else, before PostgreSQL has to.

A licence is refused where it meets a signed or confirmed `sole` or `exclusive` one of its licensor to another licensee,
whether it promises anything itself or not; where its licensor was assigned the title, also one of a holder before. What
stood before an exclusive licence came goes on standing: it is neither refused again when it is amended, nor does it
refuse.
"""

from collections.abc import Sequence
from datetime import datetime

from registry.core.scope import residual
from registry.errors import ExclusiveConflict
from registry.locks import bump, party_head
from registry.models import Licence, LicenceBox
from registry.selectors.exclusives import Deal, clashes, piece_of, scope_of
from registry.selectors.inherited import inherited


def refuse_clashes(
    rows: Sequence[LicenceBox],
    *,
    at: datetime,
    asker: str,
    before: Sequence[LicenceBox] = (),
    field: str = "body.scopes",
) -> None:
    """Refuse rows that meet a promise to somebody else; ``before``: what the licence held until now."""
    new = [piece for row in rows if row.bars != "holdback" for piece in _beyond(row, before)]
    deals = clashes(new, at=at) or inherited(new, at=at)
    if deals:
        raise ExclusiveConflict(deals=[_shown(deal, asker) for deal in deals], field=field)


def tell_others(licence: Licence, rows: Sequence[LicenceBox]) -> None:
    """Let whatever rests on a grant of this licensor be decided again, where a licence bars others or the licensor."""
    if any(row.bars != "none" for row in rows):
        bump([party_head(licence.licensor)])


def _beyond(row: LicenceBox, before: Sequence[LicenceBox]) -> list[LicenceBox]:
    """Return what a row adds to what the licence held, promised no less firmly, as rows."""
    scope = scope_of(row)
    held = [scope_of(old) for old in before if _holds(old, row)]
    if scope is None or not held:
        return [row]
    return [piece_of(row, piece) for piece in residual(scope, [box for box in held if box is not None])]


def _holds(old: LicenceBox, row: LicenceBox) -> bool:
    products = old.products is None or (row.products is not None and row.products <= old.products)
    promised = row.bars == "none" or old.bars in ("sole", "exclusive")
    return old.licensee == row.licensee and products and promised and row.subjects <= old.subjects


def _shown(deal: Deal, asker: str) -> dict[str, object]:
    """Name a deal to its own parties only; where it stands in the way is said to whoever meets it."""
    own = asker in (deal.licensor, deal.licensee)
    return {"licence": deal.licence if own else None, "overlap": [box.format() for box in deal.overlap]}
