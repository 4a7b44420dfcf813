"""
Use a released shot for something else: decided without rendering.

1. The token may produce for the shot's party; the shot is released; what it shows is what it was made to show.
2. One transaction, in the order of all locks: claim the Idempotency-Key, decide under the locks of everything that is
   read, then lock the shot's row; `use.cleared` is logged, or the row says why not. The answer is kept.
3. A use whose approvals are not all given is pending: asked again, the same use is decided again, and the hours of an
   approval run from the first time.
"""

from django.db import transaction
from uuid6 import uuid7

from consent.services.clearing import new_salt
from consent.services.deliberation import Deliberation, deliberate
from generation.core.shot import Use, parse_use
from generation.core.states import WrongState
from generation.core.using import new_use, use_request
from generation.kinds import USE_CLEARED
from generation.models import Shot, ShotUse
from generation.models.after_release import CLEARED, PENDING, REFUSED
from generation.selectors.shots import require_visible
from generation.selectors.uses import describe_use
from generation.services.events import tell
from generation.services.idempotency import Answer, Call, claim, keep
from generation.services.requesting import note_asked
from registry.core.jcs import Json
from registry.core.times import format_time
from registry.locks import clock
from registry.services.record import record
from registry.services.tokens import Principal, require_party, require_scope

STATUS = {CLEARED: 201, PENDING: 202, REFUSED: 403}


def request_use(shot_id: str, obj: object, *, by: Principal, call: Call) -> Answer:
    """Ask for another use of a released shot. Raises a ``DomainError`` for whatever is not even decided on."""
    require_scope(by, "produce")
    before = require_visible(shot_id, by=by)
    require_party(by, before.for_party)
    _require_released(before)
    use = new_use(obj, shown=parse_use(before.spec["use"]))
    grounds = [digest for digest, _ in before.sealed_grounds]
    request = use_request(before.release_request, use, rests_on=grounds, salt=new_salt())
    with transaction.atomic(durable=True):
        if answered := claim(call):
            return answered
        found = deliberate(request, prompt=before.prompt, asked=before.asked)
        shot = require_visible(shot_id, by=by, lock=True)
        _require_released(shot)
        row = _settled(shot, use, found, by)
        answer = Answer(status=STATUS[row.state], body=describe_use(row))
        keep(call, answer, at=found.at)
    return answer


def _require_released(shot: Shot) -> None:
    if shot.state != "released":
        raise WrongState(state=shot.state, wanted="released")


def _settled(shot: Shot, use: Use, found: Deliberation, by: Principal) -> ShotUse:
    """Write down a use and its decision, and log it where it is cleared. The caller holds the shot's row."""
    row = _row(shot, use, found, by)
    row.state = _state(found)
    row.decision, row.decided_at = found.decision.format(), found.at
    row.request, row.vouched, row.digests = found.request, found.vouched.format(), list(found.digests)
    if row.state == CLEARED:
        row.statement = record(USE_CLEARED, _body(row, found), at=clock())
    if note_asked(shot, found, "spec", "result"):
        shot.save(update_fields=["asked"])
    row.save()
    tell(shot.id, f"use_{row.state}", found.at, use=row.id, statement=row.statement)
    return row


def _row(shot: Shot, use: Use, found: Deliberation, by: Principal) -> ShotUse:
    """Return the row of a use: the one that waits for its approvals where there is one, else a new one."""
    wanted = use.format()
    waiting = ShotUse.objects.filter(shot=shot.id, state=PENDING, use=wanted).first()
    return waiting or ShotUse(
        id=str(uuid7()),
        shot=shot.id,
        requested_by=by.person,
        requested_party=by.party,
        use=wanted,
        created_at=found.at,
    )


def _state(found: Deliberation) -> str:
    if not found.decision.cleared:
        return REFUSED
    return PENDING if found.decision.pending else CLEARED


def _body(row: ShotUse, found: Deliberation) -> dict[str, Json]:
    return {
        "use": row.id,
        "shot": row.shot,
        "request_sha256": found.request_sha256,
        "at": format_time(found.at),
        "facts_digest": found.decision.facts_digest,
        "tree_size": found.decision.tree_size,
        "grounds": [list(ground) for ground in found.decision.grounds],
    }
