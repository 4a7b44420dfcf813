"""
The scope algebra: what is wanted, minus what is granted, is what is missing.

1. A granted box that holds all of the wanted one ends the matter: nothing is missing.
2. Granted boxes that share nothing with the wanted one are left aside: other terms, another time, or content labels
   wanted that the grant does not list.
3. The wanted box is taken apart along one dimension after another (``_Space``): the terms that meet the same granted
   boxes stay together, and each such group is taken apart along the next dimension by those boxes alone. At the end
   stand stretches of time, from which the windows of the remaining boxes are cut.
4. On the way back, groups of terms whose remainders are equal become one again.

INVARIANT (canonical-residual): pieces are disjoint, and depend on nothing but which points are missing. In step 4 two
terms of a dimension are in one group exactly when the missing points above them are equal, and stretches of time are
maximal; so, dimension by dimension from the last, the grouping is a function of the set of missing points. Neither the
order of the grants nor how they are cut into boxes can show. Groups are sorted by their mask.

Effort is bounded, by measures that do not depend on order either: distinct boxes that take part, cuts, pieces.
``*`` in projects is an atom that finite ids never reduce; what is missing keeps the wanted content labels.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, TypeAlias

from registry.core.box import DIMENSIONS, FOREVER_S, Scope, languages_mask
from registry.core.errors import TooFragmented
from registry.core.stretches import Window, joined, remainder
from registry.core.terms import ALL

__all__ = [
    "DIMENSIONS",
    "FOREVER_S",
    "MAX_BOXES",
    "MAX_CUTS",
    "MAX_PIECES",
    "Scope",
    "covers",
    "covers_alone",
    "languages_mask",
    "merge",
    "overlap",
    "residual",
    "residual_many",
    "touches",
]

MAX_PIECES: Final = 256  # nobody reads a longer answer; a request split by territory and medium stays under 100
MAX_BOXES: Final = 1024  # grants that each cover a part of one demand
MAX_CUTS: Final = 200_000  # about 50 ms

_Masks: TypeAlias = tuple[int, ...]  # acts, aspects, purposes, projects, media, territories, languages
_Box: TypeAlias = tuple[_Masks, Window]
_Node: TypeAlias = tuple[tuple[int, "_Node"], ...] | tuple[Window, ...]
_DEPTH: Final = 7


def residual(wanted: Scope, granted: Iterable[Scope], max_pieces: int = MAX_PIECES) -> tuple[Scope, ...]:
    """Return what of ``wanted`` no granted box covers, in canonical form; raises ``TooFragmented``."""
    partial = []
    for grant in granted:
        if covers_alone(grant, wanted):
            return ()
        if touches(grant, wanted):
            partial.append(grant)
    return _subtract(wanted, partial, max_pieces) if partial else (wanted,)


def residual_many(wanted: Iterable[Scope], granted: Iterable[Scope], max_pieces: int = MAX_PIECES) -> tuple[Scope, ...]:
    """Return what of all the wanted boxes together no granted box covers, in canonical form."""
    grants = tuple(granted)
    return merge((piece for box in wanted for piece in residual(box, grants, max_pieces)), max_pieces)


def covers(wanted: Scope, granted: Iterable[Scope]) -> bool:
    """Say whether the granted boxes together hold all of the wanted one."""
    return not residual(wanted, granted)


def merge(pieces: Iterable[Scope], max_pieces: int = MAX_PIECES) -> tuple[Scope, ...]:
    """Return the canonical form of a union: disjoint boxes, the same for every way to cut it up."""
    boxes = sorted(set(pieces), key=_kind)
    merged: list[Scope] = []
    for _, group in groupby(boxes, key=_kind):
        merged += _unite(tuple(group), max_pieces)
    if len(merged) > max_pieces:
        raise TooFragmented(limit=max_pieces, unit="pieces")
    return tuple(merged)


def covers_alone(granted: Scope, wanted: Scope) -> bool:
    """Say whether one granted box holds all of the wanted one."""
    return (
        granted.packed & wanted.packed == wanted.packed
        and granted.start_s <= wanted.start_s
        and wanted.end_s <= granted.end_s
        and (ALL in granted.projects or wanted.projects <= granted.projects)
    )


def overlap(a: Scope, b: Scope) -> Scope | None:
    """
    Return what both boxes hold, or None.

    Of the content both allow the labels that both list: two boxes always share what shows nothing special, so content
    alone never parts them. Whoever means "never with this label" compares labels, not boxes.
    """
    if ALL in a.projects:
        projects = b.projects
    elif ALL in b.projects:
        projects = a.projects
    else:
        projects = a.projects & b.projects
    masks = {name: getattr(a, name) & getattr(b, name) for name in DIMENSIONS}
    start_s, end_s = max(a.start_s, b.start_s), min(a.end_s, b.end_s)
    if start_s >= end_s or not projects or not all(masks.values()):
        return None
    return Scope(
        **masks,
        projects=projects,
        start_s=start_s,
        end_s=end_s,
        depicts=a.depicts & b.depicts,
        scene=a.scene & b.scene,
    )


def touches(grant: Scope, wanted: Scope) -> bool:
    """Say whether a granted box covers anything of the wanted one."""
    return bool(
        grant.acts & wanted.acts
        and grant.aspects & wanted.aspects
        and grant.purposes & wanted.purposes
        and grant.start_s < wanted.end_s
        and wanted.start_s < grant.end_s
        and grant.depicts & wanted.depicts == wanted.depicts
        and grant.scene & wanted.scene == wanted.scene
        and (ALL in grant.projects or not grant.projects.isdisjoint(wanted.projects))
        and grant.media & wanted.media
        and grant.territories & wanted.territories
        and grant.languages & wanted.languages
    )


def _kind(scope: Scope) -> tuple[int, int, bool]:
    """Return what boxes must share to be cut along the same terms: content is joint, and ``*`` mixes with no id."""
    return scope.depicts, scope.scene, scope.all_projects


def _subtract(wanted: Scope, grants: Sequence[Scope], max_pieces: int) -> tuple[Scope, ...]:
    projects = sorted(wanted.projects)
    whole = _masks(wanted, projects)
    window = (wanted.start_s, wanted.end_s)
    clipped = {_clipped(grant, wanted, projects, whole[3]) for grant in grants}
    space = _Space(whole, tuple(clipped), lambda windows: remainder(window, windows))
    return tuple(_scope(box, projects, wanted) for box in space.pieces(max_pieces))


def _unite(pieces: Sequence[Scope], max_pieces: int) -> tuple[Scope, ...]:
    if len(pieces) == 1:
        return tuple(pieces)
    projects = sorted(frozenset().union(*(piece.projects for piece in pieces)))
    boxes = [(_masks(piece, projects), (piece.start_s, piece.end_s)) for piece in pieces]
    whole = boxes[0][0]
    for masks, _ in boxes:
        whole = tuple(map(int.__or__, whole, masks))
    space = _Space(whole, tuple(boxes), joined)
    return tuple(_scope(box, projects, pieces[0]) for box in space.pieces(max_pieces))


class _Space:
    """Boxes within a whole, taken apart dimension by dimension; ``leaf`` says which time remains under some of them."""

    __slots__ = ("_boxes", "_cuts", "_leaf", "_memo", "_uncut", "_whole")

    def __init__(
        self, whole: _Masks, boxes: tuple[_Box, ...], leaf: Callable[[list[Window]], tuple[Window, ...]]
    ) -> None:
        if len(boxes) > MAX_BOXES:
            raise TooFragmented(limit=MAX_BOXES, unit="boxes")
        self._whole = whole
        self._boxes = boxes
        self._leaf = leaf
        self._uncut = [all(masks[depth] == whole[depth] for masks, _ in boxes) for depth in range(_DEPTH)]
        self._cuts = 0
        self._memo: dict[tuple[int, tuple[int, ...]], _Node] = {}

    def pieces(self, max_pieces: int) -> list[_Box]:
        found: list[_Box] = []
        for box in _boxes_under(self._node(0, tuple(range(len(self._boxes)))), ()):
            if len(found) == max_pieces:
                raise TooFragmented(limit=max_pieces, unit="pieces")
            found.append(box)
        return found

    def _node(self, depth: int, alive: tuple[int, ...]) -> _Node:
        """Return what remains from this dimension on, under the boxes that all earlier terms meet."""
        if depth == _DEPTH:
            return self._leaf([self._boxes[number][1] for number in alive])
        known = self._memo.get((depth, alive))
        if known is not None:
            return known
        groups: dict[_Node, int] = {}
        for mask, members in self._atoms(depth, alive):
            below = self._node(depth + 1, members)
            if below:
                groups[below] = groups.get(below, 0) | mask
        node: _Node = tuple(sorted((mask, below) for below, mask in groups.items()))
        self._memo[depth, alive] = node
        return node

    def _atoms(self, depth: int, alive: tuple[int, ...]) -> list[tuple[int, tuple[int, ...]]]:
        """Part the terms of a dimension by which boxes they meet."""
        if self._uncut[depth]:  # most dimensions of most demands: every box has all the terms
            return [(self._whole[depth], alive)]
        atoms: list[tuple[int, tuple[int, ...]]] = [(self._whole[depth], ())]
        for number in alive:
            held = self._boxes[number][0][depth]
            parted = []
            for mask, members in atoms:
                inside = mask & held
                if inside:
                    parted.append((inside, (*members, number)))
                if inside != mask:
                    parted.append((mask ^ inside, members))
            atoms = parted
        self._cuts += len(atoms) * (1 + len(alive))
        if self._cuts > MAX_CUTS:
            raise TooFragmented(limit=MAX_CUTS, unit="cuts")
        return atoms


def _boxes_under(node: _Node, masks: _Masks) -> Iterator[_Box]:
    for first, second in node:
        if isinstance(second, tuple):
            yield from _boxes_under(second, (*masks, first))
        else:
            yield masks, (first, second)


def _masks(scope: Scope, projects: Sequence[str]) -> _Masks:
    """Return the sets of a box as integers; bit n of the projects is the n-th of ``projects``, ``*`` one among them."""
    ids = _project_bits(scope, projects)
    return scope.acts, scope.aspects, scope.purposes, ids, scope.media, scope.territories, scope.languages


def _clipped(grant: Scope, wanted: Scope, projects: Sequence[str], every: int) -> _Box:
    """Return the part of a granted box that lies in the wanted one; a granted ``*`` covers every wanted project."""
    masks = (
        grant.acts & wanted.acts,
        grant.aspects & wanted.aspects,
        grant.purposes & wanted.purposes,
        every if ALL in grant.projects else _project_bits(grant, projects),
        grant.media & wanted.media,
        grant.territories & wanted.territories,
        grant.languages & wanted.languages,
    )
    return masks, (max(grant.start_s, wanted.start_s), min(grant.end_s, wanted.end_s))


def _project_bits(scope: Scope, projects: Sequence[str]) -> int:
    bits = 0
    for number, project in enumerate(projects):
        if project in scope.projects:
            bits |= 1 << number
    return bits


def _scope(box: _Box, projects: Sequence[str], like: Scope) -> Scope:
    (acts, aspects, purposes, ids, media, territories, languages), (start_s, end_s) = box
    return Scope(
        acts=acts,
        aspects=aspects,
        purposes=purposes,
        media=media,
        territories=territories,
        languages=languages,
        projects=frozenset(project for number, project in enumerate(projects) if ids >> number & 1),
        start_s=start_s,
        end_s=end_s,
        depicts=like.depicts,
        scene=like.scene,
    )
