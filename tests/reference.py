"""
Slow, obvious twins of clever code: each says the same thing again in the plainest way, and tests compare the two.

The twins share no code with what they check, but for types and formats.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

from registry.core.scope import FOREVER_S, Scope

# --- the scope algebra: every point of small boxes -------------------------------------------------------------------

LAST_S = 12  # tests use windows within [0, 12); an end that is null lies beyond it

Point = tuple[str, str, str, str, str, str, str, int, tuple[str, ...], tuple[str, ...]]


def wanted_points(scope: Scope) -> Iterator[Point]:
    """Enumerate what a wanted box asks for; ``*`` of the projects is one point."""
    box: Any = scope.format()
    end_s = LAST_S if scope.end_s == FOREVER_S else scope.end_s
    content = (tuple(box["content"]["depicts"]), tuple(box["content"]["scene"]))
    names = [box[name] for name in ("acts", "aspects", "purposes", "projects", "media", "territories", "languages")]
    for point in product(*names, range(scope.start_s, end_s)):
        yield (*point, *content)


def allowed_by(granted: Scope) -> Callable[[Point], bool]:
    """Return the test whether a granted box allows a point, dimension by dimension."""
    box: Any = granted.format()

    def allows(point: Point) -> bool:
        act, aspect, purpose, project, medium, territory, language, second, depicts, scene = point
        return (
            act in box["acts"]
            and aspect in box["aspects"]
            and purpose in box["purposes"]
            and (box["projects"] == ["*"] or project in box["projects"])
            and medium in box["media"]
            and territory in box["territories"]
            and (box["languages"] == ["*"] or language in box["languages"])
            and granted.start_s <= second < granted.end_s
            and set(depicts) <= set(box["content"]["depicts"])
            and set(scene) <= set(box["content"]["scene"])
        )

    return allows


def missing_points(wanted: Iterable[Scope], granted: Iterable[Scope]) -> set[Point]:
    """Return every wanted point that no granted box allows."""
    tests = [allowed_by(grant) for grant in granted]
    return {point for box in wanted for point in wanted_points(box) if not any(allows(point) for allows in tests)}


# --- Merkle trees: the definitions of RFC 6962, section 2.1, word for word --------------------------------------------


def merkle_root(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n])."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = _largest_power_of_two_below(len(entries))
    return hashlib.sha256(b"\x01" + merkle_root(entries[:k]) + merkle_root(entries[k:])).digest()


def merkle_path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(entries) == 1:
        return []
    k = _largest_power_of_two_below(len(entries))
    if m < k:
        return [*merkle_path(m, entries[:k]), merkle_root(entries[k:])]
    return [*merkle_path(m - k, entries[k:]), merkle_root(entries[:k])]


def merkle_proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PROOF(m, D[n])."""
    return _subproof(m, entries, complete=True)


def _subproof(m: int, entries: Sequence[bytes], *, complete: bool) -> list[bytes]:
    if m == len(entries):
        return [] if complete else [merkle_root(entries)]
    k = _largest_power_of_two_below(len(entries))
    if m <= k:
        return [*_subproof(m, entries[:k], complete=complete), merkle_root(entries[k:])]
    return [*_subproof(m - k, entries[k:], complete=False), merkle_root(entries[:k])]


def _largest_power_of_two_below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k
