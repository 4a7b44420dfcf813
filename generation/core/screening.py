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

MAX_DISTANCE = 31  # bits of PDQ's 256; its authors' recommendation for "the same picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A registered asset that a frame of the shot looks like."""

    asset: str
    distance: int  # bits of 256

    def format(self) -> dict[str, Json]:
        return {"asset": self.asset, "distance": self.distance}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one screen says."""

    screen: str
    result: Result
    matches: tuple[Match, ...] = ()  # nearest first
    reason: str | None = None  # why unchecked

    def format(self) -> dict[str, Json]:
        return {
            "result": self.result,
            "matches": [match.format() for match in self.matches],
            "reason": self.reason,
        }


def of_matches(screen: str, found: Sequence[Match]) -> Finding:
    """Judge the assets that look like the shot: within ``MAX_DISTANCE`` bits it is a near copy."""
    close = sorted((match.distance, match.asset) for match in found if match.distance <= MAX_DISTANCE)
    return Finding(
        screen=screen,
        result="fail" if close else "pass",
        matches=tuple(Match(asset=asset, distance=distance) for distance, asset in close),
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
