"""
Ask for a shot: decide, and queue it or say why not.

1. The token may produce, for its own party; the engine honours every control; every asset is registered.
2. One transaction: claim the Idempotency-Key, decide under the locks of everything that is read, write the row, keep
   the answer. Cleared: `clearance.issued` is logged, what it rests on is reserved, the shot is queued. Refused: the row
   says so with the decision, and nothing reaches a queue.
3. After the commit a worker is called.

INVARIANT (default-deny): what is refused here raises or ends as `refused`; there is no third way into the queue.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db import transaction
from uuid6 import uuid7

from consent import services as consent
from consent.core.vouched import Vouched
from consent.services.clearing import new_salt
from generation import engines
from generation.core.card import require_honoured
from generation.core.shot import ShotSpec, to_request
from generation.core.states import State, step
from generation.models import Shot
from generation.models.shots import RENDER
from generation.selectors.references import registered
from generation.selectors.shots import describe
from generation.services.bell import ring
from generation.services.events import tell
from generation.services.idempotency import Answer, Call, claim, keep
from registry.core.jcs import MAX_SAFE_INTEGER, Json
from registry.core.times import format_time
from registry.selectors.assets import performers_in
from registry.services.tokens import Principal, require_party, require_scope

CREATED, REFUSED = 201, 403  # statuses of the answer


def request_shot(obj: object, *, by: Principal, call: Call) -> Answer:
    """Ask for one take of a shot. Raises a ``DomainError`` for whatever is not even decided on."""
    require_scope(by, "produce")
    spec = ShotSpec.parse(obj)
    require_party(by, spec.for_)
    if spec.seed is None:
        spec = replace(spec, seed=secrets.randbelow(MAX_SAFE_INTEGER + 1))
    engine = engines.engine(spec.engine)
    require_honoured(spec, engine.card)
    reading = engine.reading(spec)
    sha256s = registered(spec)
    shot = Shot(
        id=str(uuid7()),
        project=spec.project,
        for_party=spec.for_,
        requested_by=by.person,
        requested_party=by.party,
        shot_code=spec.shot_code,
        take=spec.take,
        prompt=spec.prompt,
        spec=spec.format(),
        may_show_person=reading.may_show_person,
        unknown_words=[*reading.unknown_words],
        engine=spec.engine,
        weights=engine.card.weights,
    )
    request = to_request(spec, shot=shot.id, weights=shot.weights, sha256s=sha256s, salt=new_salt())
    with transaction.atomic(durable=True):
        if answered := claim(call):
            return answered
        at = _decide(shot, spec, request)
        shot.save(force_insert=True)
        tell(shot.id, shot.state, at, decision=shot.decision, clearance=shot.clearance)
        answer = Answer(status=REFUSED if shot.state == "refused" else CREATED, body=describe(shot))
        keep(call, answer, at=at)
        if shot.todo is not None:
            transaction.on_commit(partial(ring, shot.id))
    return answer


def _decide(shot: Shot, spec: ShotSpec, request: dict[str, Json]) -> datetime:
    """Decide, and fill in what follows. Joins the caller's transaction; returns the moment of the decision."""
    found = consent.clear(request, prompt=spec.prompt, shot=shot.id)
    then: State = "queued" if isinstance(found, consent.Cleared) else "refused"
    shot.state = step("requested", then)
    shot.performers = _performers(spec, found.vouched)
    shot.may_show_person = shot.may_show_person or bool(shot.performers)
    shot.decision = found.decision.format()
    shot.created_at = shot.updated_at = found.at
    shot.clearance_request = request
    if isinstance(found, consent.Cleared):
        shot.todo = RENDER
        note_clearance(shot, found)
    return found.at


def note_clearance(shot: Shot, found: consent.Cleared) -> None:
    """Write down the clearance with all that is needed to decide it again offline. The caller saves."""
    shot.clearance = found.clearance.digest
    shot.clearance_grounds = [list(ground) for ground in found.decision.grounds]
    shot.clearance_request = found.request
    shot.clearance_vouched = found.vouched.format()
    shot.clearance_digests = list(found.digests)
    note_asked(shot, found, "spec")
    shot.decision = found.decision.format()


def note_asked(shot: Shot, found: consent.Deliberation, *on: str) -> bool:
    """Note since when approvals of these kinds are asked for; say whether any is new. The caller saves."""
    pending = {f"{one.grant}:{one.on}" for one in found.decision.pending if one.on in on}
    new = pending - set(shot.asked)
    shot.asked = shot.asked | dict.fromkeys(sorted(new), format_time(found.at))
    return bool(new)


def _performers(spec: ShotSpec, vouched: Vouched) -> list[str]:
    shown = performers_in(reference.asset for reference in spec.references)
    return sorted(spec.performers | shown | set(vouched.prompt_matches))
