"""Statements as facts see them: the body as a value, its place in the log, and whether the signature stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from registry.core.jcs import Json

NOT_LOGGED: Final = 1 << 62  # the place of what is not in the log: after everything that is


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One statement as facts see it."""

    digest: str
    type: str
    issuer: str
    issued_at: datetime
    body: Mapping[str, Json]
    record: Any  # the value of the body, by type
    index: int | None
    tree_size: int
    authorised: bool  # signed by a key of its issuer that stood then
    signers: frozenset[str] = frozenset()  # parties whose keys, standing then, signed it
    suspect: bool = False  # a key signed it that was in other hands: what is narrower in it counts, and no more

    @property
    def logged(self) -> bool:
        """Whether it is under the checkpoint that the decision reads, and may permit something."""
        return self.index is not None and self.index < self.tree_size and not self.suspect

    @property
    def order(self) -> tuple[int, datetime]:
        """Its place: by the log, then by its own clock."""
        return (NOT_LOGGED if self.index is None else self.index, self.issued_at)


def counting(statements: Iterable[Read], kind: type[Any]) -> list[Read]:
    """Return what widens and counts: of this kind, signed by a standing key, under the checkpoint."""
    return [s for s in statements if isinstance(s.record, kind) and s.authorised and s.logged]


def first_by(statements: Iterable[Read], name: str) -> dict[str, Read]:
    """Map each id to the statement that registered it first, by place in the log; a second one changes nothing."""
    found: dict[str, Read] = {}
    for s in sorted(statements, key=lambda s: (s.order, s.digest)):
        found.setdefault(getattr(s.record, name), s)
    return found
