"""
Small cases for decisions: real signed envelopes, so that a test damages one field and sees one obstacle.

``World()`` is a case that is cleared: Gallery registered a portrait of Ada and holds its title; Ada consents, Gallery
licenses, both to Studio; Notary vouches for Ada. Each statement is a ``Step`` under a name; a test changes a step,
drops or adds one, and decides. Keys, ids and nonces come from names, so that the same world has the same bytes.
"""

import copy
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from consent.core.decision import Decision, decide
from consent.core.facts import Facts, facts_from
from consent.core.request import parse_request
from consent.core.vouched import Vouched
from registry.core.envelope import Envelope, format_statement, sign_statement
from registry.core.limits import UNITS
from tests.decision_bodies import (
    SHA,
    WEIGHTS,
    Body,
    alias,
    appearance,
    asset,
    authority,
    box,
    boxes,
    claim,
    component,
    confirming,
    consent,
    everything,
    id_of,
    key_of,
    keyid,
    licence,
    party,
    public,
    reference,
    revocation,
    shot,
    shown,
    train_box,
    training,
    vouch,
)

__all__ = [
    "AT",
    "CLEAR",
    "GRANTS",
    "SHA",
    "SIGNED",
    "UNUSED",
    "WEIGHTS",
    "Body",
    "Step",
    "World",
    "after",
    "alias",
    "appearance",
    "asset",
    "authority",
    "box",
    "boxes",
    "claim",
    "component",
    "confirming",
    "consent",
    "each_order",
    "everything",
    "guard",
    "id_of",
    "key_of",
    "keyid",
    "licence",
    "party",
    "public",
    "reference",
    "revocation",
    "shot",
    "shown",
    "train_box",
    "training",
    "usual_steps",
    "vouch",
]

AT = datetime(2027, 6, 1, 12, tzinfo=UTC)
CLEAR = {"represented": True, "description": "Mara walks along the ridge at dusk, in scene twelve"}
SIGNED = datetime(2027, 5, 1, tzinfo=UTC)
GRANTS = ("consent.granted", "consent.recorded", "licence.granted", "licence.recorded")
UNUSED = MappingProxyType(dict.fromkeys(UNITS, 0))


@dataclass(kw_only=True)
class Step:
    """One statement before it is signed; tests change it as they like."""

    type: str
    issuer: str  # a name
    body: Body
    signers: tuple[str, ...] = ()  # names of keys; none is the issuer's
    logged: bool = True
    issued_at: datetime = SIGNED
    shown: bool = True


@lru_cache(maxsize=4_096)
def _signed(payload: bytes, signers: tuple[str, ...]) -> Envelope:
    return sign_statement(payload, *(key_of(name) for name in signers))


def _sign(name: str, step: Step) -> Envelope:
    shown = {"language": "en", "text_sha256": "0" * 64, "private_sha256": None} if step.shown else {}
    payload = format_statement(
        type=step.type,
        id=id_of(f"statement {name}"),
        issued_at=step.issued_at,
        issuer=id_of(step.issuer),
        nonce=hashlib.sha256(f"nonce {name}".encode()).digest()[:16],
        body={**step.body, **shown},
    )
    return _signed(payload, step.signers or (step.issuer,))


@dataclass
class World:
    """Named steps in the order of the log, and what the registry vouches for."""

    steps: dict[str, Step] = field(default_factory=lambda: usual_steps())
    vouched: Body = field(default_factory=dict)  # changes to what is vouched for

    def __getitem__(self, name: str) -> Body:
        return self.steps[name].body

    def copy(self) -> "World":
        return copy.deepcopy(self)

    def add(self, name: str, type_: str, issuer: str, body: Body, **options: Any) -> str:
        """Add a statement at the end of the log and return its digest."""
        self.steps[name] = Step(type=type_, issuer=issuer, body=body, **options)
        return self.digest(name)

    def add_like(self, name: str, like: str, **changed: Any) -> str:
        """Add a statement like another, with fields of its body changed."""
        model = self.steps[like]
        return self.add(name, model.type, model.issuer, copy.deepcopy(model.body) | changed, signers=model.signers)

    def before(self, place: str, name: str, type_: str, issuer: str, body: Body, **options: Any) -> str:
        """Add a statement right before another one in the log."""
        after = {step: self.steps.pop(step) for step in [*self.steps][[*self.steps].index(place) :]}
        self.steps[name] = Step(type=type_, issuer=issuer, body=body, **options)
        self.steps |= after
        return self.digest(name)

    def drop(self, *names: str) -> None:
        for name in names:
            del self.steps[name]

    def scope(self, name: str, **changed: Any) -> None:
        """Change dimensions of the one box of a grant or claim."""
        self[name]["scopes"] = [self[name]["scopes"][0] | changed]

    def digest(self, name: str) -> str:
        return _sign(name, self.steps[name]).digest

    def envelopes(self) -> dict[str, Envelope]:
        return {name: _sign(name, step) for name, step in self.steps.items()}

    def facts(self, envelopes: Iterable[Envelope] | None = None) -> Facts:
        signed = self.envelopes()
        return facts_from(signed.values() if envelopes is None else envelopes, self.vouches(signed))

    def vouches(self, signed: dict[str, Envelope]) -> Vouched:
        indices = {signed[name].digest: n if s.logged else None for n, (name, s) in enumerate(self.steps.items())}
        alive = frozenset(signed[name].digest for name, step in self.steps.items() if step.type in GRANTS)
        usual = {
            "tree_size": len(self.steps),
            "indices": MappingProxyType(indices),
            "no_revocation_of": alive,
            "prompt_matches": (),
            "cap_counts": MappingProxyType(dict.fromkeys(alive, UNUSED)),
        }
        return Vouched(**{**usual, **self.vouched})

    def decide(self, request: Body | None = None, at: datetime = AT) -> Decision:
        return decide(parse_request(shot() if request is None else request), self.facts(), at)

    def codes(self, request: Body | None = None, at: datetime = AT) -> list[str]:
        """Return the codes of the obstacles, each once, in order; none means cleared."""
        return list(dict.fromkeys(obstacle.code for obstacle in self.decide(request, at).obstacles))


def guard(world: World, grant: str = "consent", *, at_majority: str = "ends", guardians: str = "one") -> None:
    """Let Ada, who is under age, consent together with her guardian, whom the notary attested."""
    body = authority("ada", "guardian", role="guardian", evidence_sha256=SHA)
    world.before(grant, "guardian", "party.registered", "guardian", party("guardian"))
    world.before(grant, "guardianship", "authority.granted", "notary", body)
    world[grant]["minor"] = {"guardians": guardians, "court_order_sha256": None, "at_majority": at_majority}
    world.steps[grant].signers = ("ada", "guardian")


def usual_steps() -> dict[str, Step]:
    """Return the statements of the cleared case."""

    def step(type_: str, issuer: str, body: Body, **options: Any) -> Step:
        return Step(type=type_, issuer=issuer, body=body, **options)

    film = {
        "project": id_of("film"),
        "title": "Ridge",
        "kind": "film",
        "producer": id_of("studio"),
        "agreement": None,
        "signatory": None,
        "governing_law": None,
        "parent": None,
    }
    trained = {"weights": WEIGHTS}
    return {
        "registry": step("party.registered", "registry", party("registry", kind="organisation", born=None)),
        "studio": step("party.registered", "studio", party("studio", kind="organisation", born=None)),
        "gallery": step("party.registered", "gallery", party("gallery", kind="organisation", born=None)),
        "notary": step("party.registered", "notary", party("notary")),
        "ada": step("party.registered", "ada", party("ada")),
        "film": step("project.registered", "studio", film),
        "weights": step("weights.trained", "registry", trained, shown=False),
        "portrait": step("asset.registered", "gallery", asset("portrait", people="listed")),
        "appearance": step("appearance.recorded", "gallery", appearance("portrait", "ada")),
        "claim": step("title.claimed", "gallery", claim("gallery", "portrait")),
        "vouch": step("identity.vouched", "notary", vouch("ada")),
        "licence": step("licence.granted", "gallery", licence("gallery", "studio", "portrait")),
        "consent": step("consent.granted", "ada", consent("ada", "studio")),
    }


def after(**duration: float) -> datetime:
    return AT + timedelta(**duration)


def each_order(items: list[Envelope], seeds: int) -> Iterator[list[Envelope]]:
    """Yield the items in several orders, the same each run."""
    for seed in range(seeds):
        yield sorted(items, key=lambda item: hashlib.sha256(f"{seed}{item.digest}".encode()).digest())
