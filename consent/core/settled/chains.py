"""
Sublicences: what a licence under another covers.

A sublicence covers what it shares with every licence above it, box by box; all of them are conditions of it, with their
own caps, windows and withdrawals. The one above is sublicensable, and held by whoever gives this one, or by whom they
assigned it to since. A chain that loops, or is longer than ``MAX_CHAIN``, covers nothing: closed by default.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from consent.core.grants import Grant
from registry.core.licences import MAX_CHAIN, Licence
from registry.core.scope import overlap


def under_their_parents(own: Mapping[str, Sequence[Grant]]) -> Iterator[Grant]:
    """Return every grant, sublicences cut to what those above them cover; ``own`` is by the licence's digest."""
    chains = _Chains(own)
    for digest in own:
        yield from chains.of(digest, MAX_CHAIN)


class _Chains:
    def __init__(self, own: Mapping[str, Sequence[Grant]]) -> None:
        self._own = own
        self._known: dict[tuple[str, int], list[Grant]] = {}

    def of(self, digest: str, links_left: int) -> list[Grant]:
        """Return the grants of one licence, of a chain of at most so many links."""
        if links_left == 0:
            return []
        known = self._known.get((digest, links_left))
        if known is None:
            known = [grant for one in self._own.get(digest, ()) for grant in self._placed(one, links_left)]
            self._known[digest, links_left] = known
        return known

    def _placed(self, grant: Grant, links_left: int) -> list[Grant]:
        terms = grant.terms
        if not isinstance(terms, Licence) or terms.parent is None:
            return [grant]
        above = self.of(terms.parent, links_left - 1)
        fitting = [parent for parent in above if _may_give(parent, grant)]
        if not fitting:
            return [_void(grant, above)]
        placed = [_under(grant, parent) for parent in fitting]
        return [one for one in placed if one.scopes] or placed[:1]


def _may_give(parent: Grant, grant: Grant) -> bool:
    terms = parent.terms
    holds = parent.grantee == grant.grantor or any(
        party == grant.grantor and grant.order < place for party, place in parent.passed_on
    )
    return isinstance(terms, Licence) and terms.sublicensable and holds


def _under(grant: Grant, parent: Grant) -> Grant:
    pairs = (overlap(a, b) for a in grant.scopes for b in parent.scopes)
    return replace(
        grant,
        scopes=tuple(dict.fromkeys(box for box in pairs if box is not None)),
        stated=grant.scopes,
        under=(replace(parent, under=()), *parent.under),
        selling_off=grant.selling_off or parent.selling_off,
    )


def _void(grant: Grant, above: Sequence[Grant]) -> Grant:
    """Return a sublicence that its licensor had no right to give; it shows under whoever holds the right."""
    void = replace(grant, scopes=(), stated=grant.scopes, authorised=False)
    return replace(_under(void, above[0]), scopes=(), stated=grant.scopes) if above else void
