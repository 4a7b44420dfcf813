"""
What the screens found, and what follows from it.

A screen looks at the frames and reports a ``Finding``; ``verdict`` turns the findings of all screens into one answer.

INVARIANT (unchecked-is-not-passed): a screen that is not installed reports `unchecked`. It never passes, and a shot
that may show a person then waits for a named human.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from registry.core.jcs import Json

Result = Literal["pass", "unchecked", "fail"]
Answer = Literal["quarantine", "review", "pass"]

NEAR_COPY = "near_copy"  # of a registered asset that the clearance does not name
TRAINING_COPY = "training_near_copy"  # of what the weights were trained on
LOOKALIKE = "lookalike"  # of an enrolled performer whom the clearance does not name
LABELS = "content_labels"  # what is to be seen, against what was asked for
SCREENS = (NEAR_COPY, TRAINING_COPY, LOOKALIKE, LABELS)
OF_PEOPLE = frozenset({LOOKALIKE, LABELS})  # what only these screens would notice about a person

PDQ_BITS = 256
MAX_DISTANCE = 31  # bits; PDQ's own recommendation for "the same picture"
MIN_QUALITY = 50  # of 100; below it PDQ says of its hash that there is too little to see


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A registered asset that a frame looks like."""

    asset: str
    distance: int  # bits of 256
    frame: int  # of the shot

    def format(self) -> dict[str, Json]:
        return {"asset": self.asset, "distance": self.distance, "frame": self.frame}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one screen says."""

    screen: str
    result: Result
    matches: tuple[Match, ...] = ()  # nearest first
    nearest: int | None = None  # bits to the nearest asset looked at, match or not
    reason: str | None = None  # why unchecked

    def format(self) -> dict[str, Json]:
        return {
            "result": self.result,
            "matches": [match.format() for match in self.matches],
            "nearest": self.nearest,
            "reason": self.reason,
        }


def of_distances(screen: str, nearest: Sequence[Match]) -> Finding:
    """Judge the nearest assets found: within ``MAX_DISTANCE`` bits it is a near copy."""
    ordered = tuple(sorted(nearest, key=lambda match: (match.distance, match.asset, match.frame)))
    close = tuple(match for match in ordered if match.distance <= MAX_DISTANCE)
    return Finding(
        screen=screen,
        result="fail" if close else "pass",
        matches=close,
        nearest=ordered[0].distance if ordered else None,
    )


def unchecked(screen: str, reason: str) -> Finding:
    return Finding(screen=screen, result="unchecked", reason=reason)


def verdict(findings: Sequence[Finding], *, may_show_a_person: bool) -> Answer:
    """
    Say what happens to a shot: a failed screen quarantines it; an unchecked one is looked at by a human where it
    matters. Screens that are missing altogether count as unchecked.
    """
    results = results_of(findings)
    if "fail" in results.values():
        return "quarantine"
    if may_show_a_person and any(results[screen] == "unchecked" for screen in OF_PEOPLE):
        return "review"
    return "pass"


def results_of(findings: Sequence[Finding]) -> Mapping[str, Result]:
    """Return every screen's result, `unchecked` for one that did not report."""
    results: dict[str, Result] = dict.fromkeys(SCREENS, "unchecked")
    return results | {finding.screen: finding.result for finding in findings}
