"""
The slow twin of the key ring: whose signatures a statement bears that count, asked anew for each from the beginning.

It knows places in the log, signatures that verify, enrolment, ends, and keys in other hands. Left out: recovered keys,
erased ones, and false signatures, which the ring's own tests plant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEVER = 1 << 70


@dataclass(frozen=True)
class Said:
    """One statement: what it does to keys, if anything, and which keys signed it."""

    place: int
    issuer: str
    does: str  # "enrols" | "adds" | "ends" | "permits" | "narrows"
    key: str | None  # enrolled, added or ended
    signed: tuple[str, ...]
    lost_from: int | None = None  # of "ends"


class Keys:
    def __init__(self, said: Sequence[Said]) -> None:
        self.said = sorted(said, key=lambda s: s.place)

    def counting(self, s: Said) -> set[str]:
        """Return whose signatures on a statement count: of parties whose keys stood, and were theirs if it permits."""
        if any(self.brought(key) is None for key in s.signed):
            return set()
        standing = [key for key in s.signed if self.stood(key, s.place)]
        if s.does not in ("ends", "narrows"):
            standing = [key for key in standing if s.place < self.lost(key)]
        return {self.brought(key).issuer for key in standing}

    def suspect(self, s: Said) -> bool:
        """Say whether a statement that narrows may not permit anything beside."""
        if s.does not in ("ends", "narrows") or any(self.brought(key) is None for key in s.signed):
            return False
        standing = [key for key in s.signed if self.stood(key, s.place)]
        clean = {self.brought(key).issuer for key in standing if s.place < self.lost(key)}
        return clean != {self.brought(key).issuer for key in standing}

    def brought(self, key: str) -> Said | None:
        return next((s for s in self.said if s.key == key and s.does in ("enrols", "adds") and self._rightly(s)), None)

    def stood(self, key: str, place: int) -> bool:
        brought = self.brought(key)
        return brought is not None and brought.place <= place and not any(end.place <= place for end in self._ends(key))

    def lost(self, key: str) -> int:
        places = [end.lost_from for end in self._ends(key) if end.lost_from is not None]
        brought = self.brought(key)
        if brought is not None and brought.does == "adds":
            beside = [other for other in brought.signed if other != key]
            if beside and all(self.lost(other) <= brought.place for other in beside):
                places.append(brought.place)
        return min(places, default=NEVER)

    def _rightly(self, s: Said) -> bool:
        had = {b.key for b in self.said if b.place < s.place and b.issuer == s.issuer and b.does in ("enrols", "adds")}
        had = {key for key in had if (b := self.brought_before(key, s.place)) is not None and b.issuer == s.issuer}
        if s.does == "enrols":
            return not had and s.signed == (s.key,)
        beside = [key for key in s.signed if key != s.key]
        if s.key not in s.signed or (not had and beside):
            return False
        return not had or (bool(beside) and all(key in had and self.stood(key, s.place) for key in beside))

    def brought_before(self, key: str, place: int) -> Said | None:
        return Keys([s for s in self.said if s.place < place]).brought(key)

    def _ends(self, key: str) -> list[Said]:
        """Return the rightful ends of a key: by a key of its holder that stood until then."""
        found: list[Said] = []
        for s in self.said:
            if s.does != "ends" or s.key != key:
                continue
            before = Keys([other for other in self.said if other.place < s.place])
            held = before.brought(key)
            known = all(before.brought(signer) is not None for signer in s.signed)
            signers = {before.brought(k).issuer for k in s.signed if before.stood(k, s.place)} if known else set()
            if held is not None and held.issuer == s.issuer and s.issuer in signers:
                found.append(s)
        return found
