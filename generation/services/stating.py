"""A producer states what pay by the day or by percentage is computed from. Kept for ever; the newest counts."""

from django.db import transaction
from uuid6 import uuid7

from generation.models import Basis, ClearedUse, Release
from generation.selectors.bases import Stated, sealed
from generation.selectors.shots import require_visible
from registry.core.fields import Reader
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second
from registry.errors import Unknown
from registry.locks import clock
from registry.services.tokens import Principal, require_party, require_scope


def state_basis(shot_id: str, obj: object, *, by: Principal) -> dict[str, Json]:
    """State days and base of one release or use of a shot. Raises ``Unknown`` where the statement is not the shot's."""
    require_scope(by, "produce")
    body = Reader(obj)
    statement = body.digest("statement")
    stated = Stated.parse({name: body.opt_raw(name) for name in ("days", "base")})
    body.finish()
    shot = require_visible(shot_id, by=by)
    require_party(by, shot.for_party)
    if not any(model.objects.filter(shot=shot.id, digest=statement).exists() for model in (Release, ClearedUse)):
        raise Unknown(kind="statement", id=statement, field="statement")
    with transaction.atomic(durable=True):
        basis, at = str(uuid7()), clock()
        Basis.objects.create(
            id=basis,
            statement=statement,
            shot=shot.id,
            stated=sealed(stated, basis),
            by_person=by.person,
            by_party=by.party,
            at=at,
        )
    return {"statement": statement, "at": format_time(whole_second(at)), **stated.format()}
