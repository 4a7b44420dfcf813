"""
The value that the vault accepts.

A ``Clearance`` says which bytes may be opened, until when, and on which state of the registry that rests. It is built
only by the service that logged the decision; the vault believes nothing of it that its own tables do not confirm.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ClearanceKind = Literal["shot", "train"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A logged decision that may open the vault."""

    digest: str  # of its `clearance.issued`
    kind: ClearanceKind
    assets: frozenset[tuple[str, str]]  # (asset id, SHA-256 of its bytes)
    expires_at: datetime

    def __post_init__(self) -> None:
        if not self.digest:
            raise ValueError("a clearance names its statement")

    def sha256_of(self, asset: str) -> str | None:
        """Return the digest under which this clearance names the asset, None where it does not."""
        return next((sha256 for named, sha256 in self.assets if named == asset), None)
