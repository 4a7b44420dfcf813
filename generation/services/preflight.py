"""Say whether a shot would be cleared, without asking for it: nothing is logged, nothing is locked."""

from uuid6 import uuid7

from consent import services as consent
from consent.services.clearing import new_salt
from generation import engines
from generation.core.card import require_honoured
from generation.core.shot import ShotSpec, to_request
from generation.selectors.references import registered
from registry.core.jcs import Json
from registry.errors import Forbidden
from registry.services.tokens import Principal


def check(obj: object, *, by: Principal) -> dict[str, Json]:
    """Return the decision on a shot request. For its producer, and for a performer whom it names, before signing."""
    spec = ShotSpec.parse(obj)
    producer = by.party == spec.for_ and "produce" in by.scopes
    if not producer and not {by.party, by.person} & spec.performers:
        raise Forbidden("a preflight is for the producer and the performers it names", code="foreign_token")
    engine = engines.engine(spec.engine)
    require_honoured(spec, engine.card)
    engine.reading(spec)
    request = to_request(
        spec, shot=str(uuid7()), weights=engine.card.weights, sha256s=registered(spec), salt=new_salt()
    )
    return consent.preflight(request, prompt=spec.prompt).decision.format()
