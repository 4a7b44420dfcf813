"""
Release a sealed shot, exactly once.

One short transaction, in the order of all locks: the heads that the decision reads, then the shot's row, then the log.

1. Decide again, kind `release`, under the locks: a withdrawal that committed before is seen, one that has not waits.
2. Refused: the shot is aborted here and now. Something pending: it waits.
3. The worker's fence is the row's, else somebody else has the shot.
4. The grounds are those that stand in the sealed file, else it is sealed again first.
5. `shot.released` is logged, the clearance is closed as spent, the row says so.

INVARIANT (exactly-once): fence, row lock and the primary key of ``Release`` each refuse a second release.
"""

from typing import Literal

from django.db import transaction

from consent import services as consent
from generation import takes
from generation.core.states import step
from generation.kinds import SHOT_RELEASED
from generation.models import Shot
from generation.services.closing import close
from generation.services.events import tell
from generation.services.leasing import Lease, finished, held, seen
from generation.services.requesting import note_asked
from generation.services.sealing import release_request
from generation.services.watching import codes_of
from registry.core.jcs import Json
from registry.core.times import format_time
from registry.locks import clock
from registry.services.record import record

Result = Literal["released", "aborted", "pending", "grounds_changed"]


def release(lease: Lease) -> Result:
    """Release a leased, sealed shot. Raises ``LeaseLost``."""
    before = seen(lease)
    with transaction.atomic(durable=True):
        found = consent.reconsider(
            release_request(before), prompt=before.prompt, clearance=before.clearance, asked=before.asked
        )
        shot = held(lease)
        shot.decision = found.decision.format()
        if not found.decision.cleared:
            close(shot, "aborted", at=clock(), detail=", ".join(codes_of(found)))
            return "aborted"
        if found.decision.pending or not _is_reviewed(shot):
            _wait(shot, found)
            return "pending"
        if shot.output is None or shot.sealed_grounds != [list(ground) for ground in found.decision.grounds]:
            return "grounds_changed"
        _settle(shot, found)
    return "released"


def _wait(shot: Shot, found: consent.Deliberation) -> None:
    """Say that it waits, and for whom; the hours of an approval run from here on, where they do not run already."""
    new = note_asked(shot, found, "spec", "result")
    if shot.state != "awaiting_approval":
        shot.state, new = step(shot.state, "awaiting_approval"), True
    if new:
        tell(shot.id, shot.state, found.at, pending=shot.decision["pending"])
    shot.save()


def _is_reviewed(shot: Shot) -> bool:
    """INVARIANT (unchecked-is-not-passed): asked once more where it matters."""
    return not shot.review_due or (shot.verdict == "pass" and shot.reviewed_by is not None)


def _settle(shot: Shot, found: consent.Deliberation) -> None:
    at = clock()
    shot.release = record(SHOT_RELEASED, _body(shot, found), at=at)
    consent.close(shot.clearance, by=shot.release, at=at)
    shot.release_request = found.request
    shot.release_vouched = found.vouched.format()
    shot.release_digests = list(found.digests)
    shot.state = step(shot.state, "released")
    takes.forget((shot.frames, shot.preview))
    shot.frames = shot.preview = None
    finished(shot, todo=None, at=at)
    shot.save()
    tell(shot.id, "released", at, statement=shot.release, output_sha256=shot.output_sha256)


def _body(shot: Shot, found: consent.Deliberation) -> dict[str, Json]:
    return {
        "shot": shot.id,
        "clearance": shot.clearance,
        "output_sha256": shot.output_sha256,
        "request_sha256": found.request_sha256,
        "at": format_time(found.at),
        "facts_digest": found.decision.facts_digest,
        "tree_size": found.decision.tree_size,
        "grounds": [list(ground) for ground in found.decision.grounds],
        "checks": shot.checks,
        "reviewed_by": shot.reviewed_by,
        "weights": shot.weights,
    }
