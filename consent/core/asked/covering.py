"""
Take a grantor's grants away from a wanted box, one after another.

Most grants fall short along one dimension only: other territories, other media. What is missing then stays one box, and
a grant is compared and taken away in a few operations on the one integer that holds all terms of a box (``packed``).
The first grant that would cut in two dimensions, or cut the window or the projects, hands over to ``residual``, which
can do everything and takes longer. Both ways leave the same points.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from consent.core.grants import Grant
from registry.core.scope import DIMENSIONS, Scope, residual, touches
from registry.core.terms import ALL, LABELS


def _of_every_term(**but: int) -> Scope:
    masks = {name: vocabulary.all for name, vocabulary in DIMENSIONS.items()}
    content = {"depicts": LABELS.all, "scene": LABELS.all}
    return Scope(**{**masks, **content, **but}, projects=frozenset({ALL}), start_s=0)


def _place(name: str) -> int:
    """Return the bits of ``packed`` that hold one dimension."""
    every = _of_every_term().packed
    first, others = 1, DIMENSIONS[name].all ^ 1
    return (every ^ _of_every_term(**{name: first}).packed) | (every ^ _of_every_term(**{name: others}).packed)


LANDS: Final = _place("territories")
# Those first that deals are split by.
_MASKS = tuple(_place(name) for name in ("territories", "media", "languages", "purposes", "aspects", "acts"))
_EVERY = _of_every_term().packed  # what a box holds has no other bits; complements within it are never negative
_OTHERS = tuple(_EVERY ^ mask for mask in _MASKS)


def cover(wanted: Scope, grants: Sequence[Grant]) -> tuple[tuple[Scope, ...], list[Grant]]:
    """Return what of ``wanted`` is left, and the grants that took something away; raises ``TooFragmented``."""
    left = wanted.packed
    start_s, end_s, wanted_projects = wanted.start_s, wanted.end_s, wanted.projects
    used: list[Grant] = []
    for number, grant in enumerate(grants):
        before = left
        for box in grant.scopes:
            lacking = left & box.packed ^ left
            projects = box.projects
            if box.start_s <= start_s and end_s <= box.end_s and (wanted_projects <= projects or ALL in projects):
                if not lacking:
                    used.append(grant)
                    return (), used
                for others in _OTHERS:
                    if not lacking & others:
                        left = left & others | lacking
                        break
                else:
                    if touches(box, wanted) and _meet(left, box.packed):
                        return _cover_slowly((_with_terms(wanted, before),), islice(grants, number, None), used)
            elif touches(box, wanted) and _meet(left, box.packed):
                return _cover_slowly((_with_terms(wanted, before),), islice(grants, number, None), used)
        if left != before:
            used.append(grant)
    return (_with_terms(wanted, left),), used


def _meet(left: int, packed: int) -> bool:
    both = left & packed
    return all(both & mask for mask in _MASKS)


def _with_terms(wanted: Scope, left: int) -> Scope:
    if left == wanted.packed:
        return wanted
    territories, media, languages, purposes, aspects, acts = ((left & mask) // (mask & -mask) for mask in _MASKS)
    return replace(
        wanted,
        territories=territories,
        media=media,
        languages=languages,
        purposes=purposes,
        aspects=aspects,
        acts=acts,
    )


def _cover_slowly(
    missing: tuple[Scope, ...], grants: Iterable[Grant], used: list[Grant]
) -> tuple[tuple[Scope, ...], list[Grant]]:
    for grant in grants:
        if any(touches(box, piece) for box in grant.scopes for piece in missing):
            missing = tuple(part for piece in missing for part in residual(piece, grant.scopes))
            used.append(grant)
            if not missing:
                break
    return missing, used
