"""
Say whether shots would be cleared, without asking for them: nothing is logged, nothing is locked.

``check`` is one request. ``check_many`` is many at once, on drafts as if they were signed, at any moment:

1. A producer asks about its own shots, a performer about those that name them.
2. Whoever is a party to every draft may ask what these would come to, and is told what concerns them alone.
3. Nobody supposes an authority that is not their own: as somebody's agent one would be shown what others granted them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from uuid6 import uuid7

from consent import services as consent
from consent.core.decision import Decision
from consent.core.obstacles import Obstacle
from consent.services.clearing import new_salt
from consent.services.simulation import Supposed, simulate
from generation import engines
from generation.core.card import require_honoured
from generation.core.shot import ShotSpec, to_request
from generation.selectors.references import registered, registered_many
from registry.core.envelope import Statement
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.core.times import format_time
from registry.errors import Forbidden
from registry.services.tokens import Principal, require_scope

# Fields of bodies, and of the terms of an amendment, that name somebody whose business a draft is.
_PARTIES: Final = ("claimant", "grantee", "licensee", "licensor", "owner", "party", "performer", "principal", "to")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hearer:
    """Who is told, and whether of everything: a producer, or a performer who is named."""

    party: str
    whole: bool

    def hears(self, obstacle: Obstacle, drafts: frozenset[str]) -> bool:
        asked = obstacle.remedy is not None and obstacle.remedy.ask == self.party
        about = obstacle.subject in (("performer", self.party), ("party", self.party))
        return self.whole or asked or about or obstacle.nearest in drafts


def check(obj: object, *, by: Principal) -> dict[str, Json]:
    """Return the decision on a shot request. For its producer, and for a performer whom it names, before signing."""
    spec = ShotSpec.parse(obj)
    if not _is_own(spec, by):
        raise _foreign()
    request = _request(spec, registered(spec), shot=str(uuid7()))
    return consent.preflight(request, prompt=spec.prompt).decision.format()


def check_many(
    objs: Sequence[object], *, supposed: Sequence[Supposed], at: datetime | None, by: Principal
) -> dict[str, Json]:
    """Return the decision on each shot request, in order, and which drafts any of them read."""
    _require_own(supposed, by)
    specs = [_spec(number, obj) for number, obj in enumerate(objs)]
    hearers = [_hearer(spec, supposed, by) for spec in specs]
    simulation = simulate(_requests(specs), supposed=supposed, at=at)
    drafts = frozenset(one.statement.digest for one in supposed)
    told: list[Json] = [_told(*pair, drafts) for pair in zip(simulation.decisions, hearers, strict=True)]
    described: list[Json] = [
        {
            "type": one.statement.type,
            "digest": one.statement.digest,
            "issued_at": format_time(one.statement.issued_at),
            "read": one.statement.digest in simulation.read,
        }
        for one in supposed
    ]
    return {"decisions": told, "at": format_time(simulation.at), "supposed": described}


@contextmanager
def placed(place: str) -> Iterator[None]:
    """Say of what is refused inside where in the whole it stood."""
    try:
        yield
    except DomainError as error:
        error.field = place if error.field is None else f"{place}.{error.field}"
        raise


def _spec(number: int, obj: object) -> ShotSpec:
    with placed(f"requests[{number}]"):
        return ShotSpec.parse(obj)


def _requests(specs: Sequence[ShotSpec]) -> list[tuple[Json, str]]:
    found, shot = registered_many(specs), str(uuid7())
    requests: list[tuple[Json, str]] = []
    for number, spec in enumerate(specs):
        with placed(f"requests[{number}]"):
            requests.append((_request(spec, next(found), shot=shot), spec.prompt))
    return requests


def _request(spec: ShotSpec, sha256s: Mapping[str, str], *, shot: str) -> dict[str, Json]:
    """Write what ``decide`` reads, of a shot that will never be."""
    engine = engines.engine(spec.engine)
    require_honoured(spec, engine.card)
    engine.reading(spec)
    return to_request(spec, shot=shot, weights=engine.card.weights, sha256s=sha256s, salt=new_salt())


def _is_own(spec: ShotSpec, by: Principal) -> bool:
    producer = by.party == spec.for_ and "produce" in by.scopes
    return producer or not spec.performers.isdisjoint({by.party, by.person})


def _foreign() -> Forbidden:
    return Forbidden("a preflight is for the producer and the performers it names", code="foreign_token")


def _hearer(spec: ShotSpec, supposed: Sequence[Supposed], by: Principal) -> _Hearer:
    if _is_own(spec, by):
        return _Hearer(party=by.party, whole=True)
    if not supposed or not all(by.party in _parties(one.statement) for one in supposed):
        raise _foreign()
    require_scope(by, "rights", "sign")
    return _Hearer(party=by.party, whole=False)


def _parties(draft: Statement) -> frozenset[str]:
    """Return the issuer of a draft, and whom it is made with."""
    terms = draft.body.get("terms")
    bodies = [draft.body, *([terms] if isinstance(terms, dict) else [])]
    named = (body.get(name) for body in bodies for name in _PARTIES)
    return frozenset({draft.issuer, *(party for party in named if isinstance(party, str))})


def _require_own(supposed: Sequence[Supposed], by: Principal) -> None:
    for number, one in enumerate(supposed):
        draft = one.statement
        if draft.type == "authority.granted" and by.party not in (draft.issuer, draft.body.get("principal")):
            with placed(f"suppose[{number}]"):
                raise Forbidden("an authority is supposed by whoever grants it", code="foreign_draft")


def _told(decision: Decision, hearer: _Hearer, drafts: frozenset[str]) -> dict[str, Json]:
    """Write a decision for whoever hears it; of what is none of their business it says how much there is."""
    heard = [obstacle.format() for obstacle in decision.obstacles if hearer.hears(obstacle, drafts)]
    grounds: list[Json] = [
        {"digest": digest, "assurance": assurance, "supposed": digest in drafts}
        for digest, assurance in decision.grounds
        if hearer.whole or digest in drafts
    ]
    pending = [one.format() for one in decision.pending if hearer.whole or one.by == hearer.party]
    return {
        **decision.format(),
        "obstacles": [*heard],
        "pending": [*pending],
        "grounds": grounds,
        "withheld": len(decision.obstacles) - len(heard),
    }
