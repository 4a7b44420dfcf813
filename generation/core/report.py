"""
The clearance report as values: what is known of every shot of a cut, in the words of the registry.

``generation.selectors.report`` fills it in; JSON, table and PDF are written from it, so that they cannot differ. Times
are RFC 3339, ids and digests whole; names stand beside ids. Left out: any judgement. A report says what is recorded and
signed, by whom, and what is missing (INVARIANT say-what-is-known).
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from registry.core.jcs import Json

Verdict = Literal["covered", "blocked", "pending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A party, project, asset or whatever else an id names."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where and when something is missing."""

    media: tuple[str, ...]
    territories: tuple[str, ...]
    start: str
    end: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One thing in the way of a use, and who can clear it."""

    code: str
    subject: Who
    ask: Who | None
    nearest: str | None  # digest of the grant that comes nearest
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """An approval that was asked for and not given yet."""

    by: Who
    grant: str
    on: str  # spec | result
    due: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundLine:
    digest: str
    kind: str  # consent | licence | title | authority; unreadable: erased since
    grantor: Who
    assurance: str
    until: str | None  # until when it allows the use to be distributed; None: no end is stated
    withdrawn: str | None  # keep | pull | finish, where it was withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One piece of music that a shot takes, with its two sides."""

    asset: Who
    compositions: tuple[Who, ...]  # who claims the composition
    masters: tuple[Who, ...]  # who claims the recording


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotLine:
    """One shot with its papers."""

    shot: str
    shot_code: str
    take: int
    frames_used: tuple[tuple[int, int], ...]  # of the cut; empty: all
    state: str
    window: str
    must_pull: bool
    released_at: str
    release: str  # digest
    output_sha256: str
    use_until: str | None
    rights_until: str | None  # the first moment that the grounds of today no longer cover its use
    media: tuple[str, ...]
    territories: tuple[str, ...]
    other_uses: int
    performers: tuple[Who, ...]
    grounds: tuple[GroundLine, ...]
    gaps: tuple[Blocker, ...]  # why it may not be used now
    sale: Verdict | None  # of the sale that was asked about
    blockers: tuple[Blocker, ...]
    waits: tuple[Waits, ...]
    checks: tuple[tuple[str, str], ...]
    reviewed_by: Who | None
    weights: str
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """An event of the cut without papers here."""

    place: str
    kind: str
    name: str
    gap: str
    shot: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsLine:
    weights: str
    engine: str
    training: str  # proven | attested | unknown
    root: str | None
    statement: str | None
    run: str | None  # here | shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleAsked:
    media: tuple[str, ...]
    territories: tuple[str, ...]
    start: str
    until: str  # a time, `forever`, or `as_released`: the end of each shot's own use


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLine:
    version: int
    name: str
    sha256: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceReport:
    at: str
    project: Who
    producer: Who
    log: str  # its origin
    tree_size: int
    cut: CutLine | None  # None: every released shot
    sale: SaleAsked | None
    shots: tuple[ShotLine, ...]
    unmatched: tuple[Unmatched, ...]
    weights: tuple[WeightsLine, ...]

    @property
    def earliest_expiry(self) -> str | None:
        """The first moment at which a shot that may be used now no longer may, as far as is known today."""
        ends = [shot.rights_until for shot in self.shots if shot.window == "in_window"]
        return min((end for end in ends if end is not None), default=None)

    def format(self) -> dict[str, Json]:
        """Write the JSON of the report."""
        found = cast("dict[str, Any]", _plain(asdict(self)))
        return {"v": 1, **found, "earliest_expiry": self.earliest_expiry}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
