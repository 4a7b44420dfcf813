"""
Screen a rendered shot: go on, wait for a person, or quarantine.

The screens run outside any transaction; what they found is written in one, under the worker's fence. A crash in between
leaves the frames where they are, and the next worker looks again.
"""

from django.db import transaction

from generation import screens, takes
from generation.core.screening import Finding, results_of, verdict
from generation.core.states import step
from generation.models import Shot
from generation.models.shots import RELEASE
from generation.selectors.references import may_look_like
from generation.services.closing import close
from generation.services.events import tell
from generation.services.leasing import Lease, finished, held, seen
from registry.locks import clock


def screen(lease: Lease) -> None:
    """Screen a leased shot. Raises ``LeaseLost``."""
    shot = seen(lease)
    frames = takes.unpack_frames(takes.read(shot.frames))
    cleared = may_look_like(reference["asset"] for reference in shot.spec["references"])
    findings = screens.look(frames, cleared=cleared, weights=shot.weights)
    with transaction.atomic(durable=True):
        _settle(held(lease), findings)


def _settle(shot: Shot, findings: tuple[Finding, ...]) -> None:
    at = clock()
    shot.checks = dict(results_of(findings))
    shot.findings = {finding.screen: finding.format() for finding in findings}
    answer = verdict(findings, may_show_a_person=shot.may_show_person)
    if answer == "quarantine":
        close(shot, "quarantined", at=at, detail=_what_was_found(findings))
        return
    shot.review_due = answer == "review"
    if shot.review_due:
        shot.state = step(shot.state, "awaiting_approval")
    finished(shot, todo=None if shot.review_due else RELEASE, at=at)
    shot.save()
    tell(shot.id, shot.state, at, checks=shot.checks, review_due=shot.review_due)


def _what_was_found(findings: tuple[Finding, ...]) -> str:
    caught = [(finding.screen, match) for finding in findings for match in finding.matches]
    return "; ".join(f"{name} of asset {match.asset} at {match.distance} bits" for name, match in caught)
