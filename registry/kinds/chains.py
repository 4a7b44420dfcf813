"""
What a sublicence must agree with: the licence it hangs under, and all above it.

It gives at most what its parent gives, compared here as widely as the parent may come to be read: where windows follow
events, only the other dimensions are compared. A decision cuts every use along the whole chain again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from registry.core.box import FOREVER_S
from registry.core.events import AnyScope, Timed, resolve_all
from registry.core.licences import MAX_CHAIN
from registry.core.licences import Licence as LicenceRecord
from registry.core.scope import Scope, residual_many
from registry.errors import BeyondParent, Inadmissible
from registry.models import Assignment, Licence, OptionExercised
from registry.selectors.catalogues import reach_of
from registry.selectors.events import nothing_happened
from registry.selectors.licences import Terms, chain_above, holder_at, require_standing, terms_at, terms_of


def check_sublicence(record: LicenceRecord, parent: str, *, at: datetime, field: str = "body") -> None:
    """Refuse a sublicence that its parent does not carry."""
    above = require_standing(parent, field=f"{field}.parent")
    if not terms_at(above, at).sublicensable:
        raise Inadmissible("the licence cannot be sublicensed", code="not_sublicensable", field=f"{field}.parent")
    if holder_at(above.digest, above.licensee, at) != record.licensor:
        raise Inadmissible(
            f"party `{record.licensor}` does not hold the licence it would sublicense",
            code="not_the_licensee",
            field=f"{field}.licensor",
        )
    chain = chain_above(parent)
    refuse_loop(record.licensee, chain, field=f"{field}.licensee")
    if len(chain) >= MAX_CHAIN:
        raise Inadmissible(
            f"a chain has at most `{MAX_CHAIN}` licences", code="chain_too_long", field=f"{field}.parent"
        )
    check_within(record, above, said_at=at, field=field)


def refuse_loop(party: str, chain: Sequence[Licence], *, field: str) -> None:
    """Refuse a licensee that stands further up its own chain."""
    digests = [licence.digest for licence in chain]
    parties = {party_ for licence in chain for party_ in (licence.licensor, licence.licensee)}
    parties |= {str(to) for to in Assignment.objects.filter(grant__in=digests).values_list("to", flat=True)}
    if party in parties:
        raise Inadmissible(f"party `{party}` stands up its own chain", code="chain_loops", field=field)


def check_within(record: LicenceRecord, parent: Licence, *, said_at: datetime, field: str) -> None:
    """Refuse what reaches further than its parent, and say what its parent lacks."""
    terms = terms_of(parent)
    held = frozenset().union(*(_reach(one.record, parent.accepted_at) for one in terms))
    beyond = _reach(record, said_at) - held
    if beyond:
        raise BeyondParent(missing=sorted(beyond), field=f"{field}.subjects")
    missing = _missing(record.scopes, _boxes(parent, terms))
    if missing:
        raise BeyondParent(missing=[box.format() for box in missing], field=f"{field}.scopes")


def _reach(record: LicenceRecord, said_at: datetime) -> frozenset[str]:
    return reach_of(record.subjects, new_assets=record.new_assets, said_at=said_at)


def _missing(wanted: Iterable[AnyScope], held: Sequence[Scope]) -> tuple[Scope, ...]:
    timed = [_always(box.box) for box in wanted if isinstance(box, Timed)]
    plain = [box for box in wanted if isinstance(box, Scope)]
    return residual_many(plain, held) + residual_many(timed, [_always(box) for box in held])


def _boxes(parent: Licence, terms: Iterable[Terms]) -> list[Scope]:
    """Return all that a licence covers at any time, its options taken up among it, read as widely as can be."""
    taken = set(OptionExercised.objects.filter(licence=parent.digest).values_list("option", flat=True))
    boxes: list[Scope] = []
    for one in terms:
        scopes = [*one.record.scopes]
        scopes += [box for option in one.record.options if option.option in taken for box in option.scopes]
        for box in resolve_all(scopes, nothing_happened, 0, "bars"):
            start_s, end_s = max(box.start_s, one.from_s), min(box.end_s, one.until_s)
            if start_s < end_s:
                boxes.append(replace(box, start_s=start_s, end_s=end_s))
    return boxes


def _always(box: Scope) -> Scope:
    return replace(box, start_s=0, end_s=FOREVER_S)
