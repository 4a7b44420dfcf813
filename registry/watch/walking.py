"""
Read every new entry of a log, in order, once: that there is one, that it hashes to its tile, that it has its form.

A log that signs what it does not show would have its proofs and hide what they prove. The walk goes on where it was
left, so that a long first one may be interrupted; what was walked stays walked, because what was verified stays a
beginning of what comes.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from registry.core.tiles import TILE_WIDTH
from registry.watch.findings import Finding
from registry.watch.listing import read_entry
from registry.watch.tree import Tree

STEP: Final = 64 * TILE_WIDTH  # entries between two signs of life, each of which may be kept

Progress = Callable[[int, int], None]  # entries walked, of so many


@dataclass(slots=True, kw_only=True)
class Walk:
    """A walk from ``start`` to the end of a tree; ``step`` reads on until it is ``done``."""

    tree: Tree
    start: int
    theirs: Mapping[str, int | None] = field(
        default_factory=dict
    )  # the person's statements and where each is said to be
    counted: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.start >= self.tree.size

    def step(self) -> None:
        """Read the entries of one step; raises ``BadProof``, ``Unreachable`` and may then be called again."""
        end = min((self.start // STEP + 1) * STEP, self.tree.size)
        for index, entry in enumerate(self.tree.entries(self.start, end), start=self.start):
            self._look(index, entry)
        self.start = end

    def run(self, progress: Progress) -> None:
        while not self.done:
            self.step()
            progress(self.start, self.tree.size)

    def _look(self, index: int, entry: bytes) -> None:
        said = read_entry(entry)
        if said is None:
            self.findings.append(Finding(code="bad_entry", facts={"index": index}))
            return
        self.counted[said["type"]] += 1
        place = self.theirs.get(said["digest"])
        if place is not None and place != index:  # one statement has one entry
            self.findings.append(
                Finding(code="second_entry", facts={"digest": said["digest"], "index": index, "first": place})
            )
