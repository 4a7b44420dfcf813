"""
When what somebody granted comes to an end, as its own words say: what sides want to be told ahead of.

Ends are read from one signed body: of each box, of holdbacks, of the time in which an option may be exercised, of the
day by which an event must have happened, and of a minor's consent the day of majority. An end that follows an event is
where a decision would put it: as if the event had come when the statement was issued, until it is recorded; a holdback
has no end until then. What other statements do to a grant is for ``consent.services.endings``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from consent.core.record import Consent
from registry.core.events import AnyScope, Following, Plus, later
from registry.core.licences import Licence
from registry.core.scope import FOREVER_S, Scope
from registry.core.times import to_epoch_s

Kind = Literal["grant", "option", "holdback", "ends_unless", "approval", "majority"]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end; the person's own record alone says when they come of age."""

    kind: Kind
    detail: str = ""  # the option's name
    end_s: int | None = None  # None: not known
    follows: str | None = None  # the event that sets it, as ``event_key`` writes it
    plus: Plus = (0, 0)


def ends_of_consent(consent: Consent, issued_s: int) -> tuple[End, ...]:
    """Return every end that a consent names, each once."""
    found = set(_ends("grant", consent.scopes, issued_s))
    if consent.minor is not None:
        found.add(End(kind="majority"))
    return _sorted(found)


def ends_of_licence(licence: Licence, issued_s: int) -> tuple[End, ...]:
    """Return every end that a licence names, each once."""
    found = set(_ends("grant", licence.scopes, issued_s))
    for holdback in licence.holdbacks:
        found |= set(_ends("holdback", holdback.scopes, None))
    found |= {
        End(kind="option", detail=option.option, end_s=to_epoch_s(option.exercise[1])) for option in licence.options
    }
    if licence.ends_unless is not None:
        unless = licence.ends_unless
        found.add(End(kind="ends_unless", end_s=to_epoch_s(unless.by), follows=event_key(unless.event)))
    return _sorted(found)


def ends_of_option(licence: Licence, option: str, issued_s: int) -> tuple[End, ...]:
    """Return the ends of what an option grants once it is exercised."""
    scopes = [scope for held in licence.options if held.option == option for scope in held.scopes]
    return _sorted(set(_ends("grant", scopes, issued_s)))


def event_key(following: Following) -> str:
    """Write which event is meant, whatever is added to it."""
    event, (kind, ident), territory = following.key
    return " ".join((event, kind, ident, territory or "-"))


def _ends(kind: Kind, scopes: Sequence[AnyScope], issued_s: int | None) -> Iterator[End]:
    for scope in scopes:
        end = _end(scope)
        if isinstance(end, Following):
            known = None if issued_s is None else later(issued_s, end.plus)
            yield End(kind=kind, end_s=known, follows=event_key(end), plus=end.plus)
        elif end != FOREVER_S:
            yield End(kind=kind, end_s=end)


def _end(scope: AnyScope) -> int | Following:
    if isinstance(scope, Scope):
        return scope.end_s
    return FOREVER_S if scope.end is None else scope.end


def _sorted(found: set[End]) -> tuple[End, ...]:
    return tuple(sorted(found, key=lambda e: (e.kind, e.detail, e.end_s or 0, e.follows or "", e.plus)))
