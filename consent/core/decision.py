"""
Decide whether a requested use is cleared.

This is the only place in the project where a use is allowed. ``decide`` reads its arguments and nothing else: no
database, clock, network or setting. The same arguments give the same decision on any machine, in any year.

1. What is taken from whom, and what refuses a subject outright (``asked.demands``).
2. INVARIANT (never-allowed): no grant is even looked at for a person under 18 with nudity or sexual content.
3. Each demand on a performer is covered by that performer's grants to the requester; each demand on an asset by its
   title: every holder of every piece grants it, or is the requester.
4. Grants add up. Grounds are chosen greedily by digest among the grants that remove something.
5. What is not covered is explained: the nearest grant, its first failing condition, and whom to ask for what.
6. Restrictions and suspensions refuse what they meet; rule packs are asked about the request and about each ground.
7. What a ground leaves to somebody's word later is pending: queueing does not wait for it, release does.

INVARIANT (one-decision): preflight, clearance, release, training, simulator and offline verifier call this function.
Whatever is not covered is an obstacle, and every obstacle is reported, so that one round trip tells the producer all
there is to mend.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from consent.core.asked.asking import Asked
from consent.core.asked.asking_demands import ask_demand
from consent.core.asked.asking_made import ask_made
from consent.core.asked.demands import demands, takings
from consent.core.asked.holding import held_back
from consent.core.asked.minors import never_allowed
from consent.core.facts import AssetFacts, Facts
from consent.core.grants import Grant
from consent.core.obstacles import Obstacle, Remedy
from consent.core.pending import Pending
from consent.core.request import ROLES, AnyRequest, Reference, Request
from registry.core.assets import spans_meet
from registry.core.jcs import Json
from registry.core.terms import ACTS
from registry.core.times import to_epoch_s, whole_second

_CONDITION = ACTS.mask(("condition",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided, and on what."""

    obstacles: tuple[Obstacle, ...]
    pending: tuple[Pending, ...]  # approvals asked for and not yet given; release waits for them
    grounds: tuple[tuple[str, str], ...]  # (digest, assurance) of each grant relied on, sorted
    tree_size: int
    facts_digest: str

    @property
    def cleared(self) -> bool:
        return not self.obstacles

    def format(self) -> dict[str, Json]:
        """Write the JSON of ``docs/formats.md`` section 5."""
        return {
            "cleared": self.cleared,
            "obstacles": [obstacle.format() for obstacle in self.obstacles],
            "pending": [one.format() for one in self.pending],
            "grounds": [{"digest": digest, "assurance": assurance} for digest, assurance in self.grounds],
            "tree_size": self.tree_size,
            "facts_digest": self.facts_digest,
        }


def decide(request: AnyRequest, facts: Facts, at: datetime) -> Decision:
    """Return whether the request is allowed at this moment, every obstacle if not, and the grounds relied on."""
    decision = _decide(request, facts, at)
    if facts.believing is None:
        return decision
    other = _decide(request, facts.believing, at)
    obstacles, pending = {*decision.obstacles, *other.obstacles}, {*decision.pending, *other.pending}
    return replace(
        decision,
        obstacles=tuple(sorted(obstacles, key=lambda obstacle: obstacle.sort_key)),
        pending=tuple(sorted(pending, key=lambda one: one.sort_key)),
    )


def _decide(request: AnyRequest, facts: Facts, at: datetime) -> Decision:
    at_s = to_epoch_s(whole_second(at))
    asked = Asked(request, facts, at_s)
    taken, obstacles = takings(request, facts)
    obstacles += _of_request(request, facts)
    obstacles += _withdrawn(request, facts, at_s)
    obstacles += never_allowed(request, facts, taken, at)
    obstacles += held_back(request, facts, taken, at_s)
    obstacles += asked.rulings.of_request()
    for demand in demands(request, facts, taken, at_s):
        obstacles += ask_demand(asked, demand)
    obstacles += ask_made(asked, request, facts)
    return Decision(
        obstacles=tuple(sorted(set(obstacles), key=lambda obstacle: obstacle.sort_key)),
        pending=tuple(sorted(asked.pending, key=lambda one: one.sort_key)),
        grounds=tuple(sorted(asked.grounds.items())),
        tree_size=facts.tree_size,
        facts_digest=facts.facts_digest,
    )


def _of_request(request: AnyRequest, facts: Facts) -> list[Obstacle]:
    """Refuse what the request itself names and nobody has registered."""
    unknown = [] if request.for_ in facts.parties else [("party", request.for_)]
    if not isinstance(request, Request):
        return [Obstacle(code="unknown_subject", subject=subject) for subject in unknown]
    if request.project not in facts.projects:
        unknown.append(("project", request.project))
    for reference in request.references:
        held = facts.assets.get(reference.asset)
        if held and reference.performer and not _appears(reference, held):
            unknown.append(("performer", reference.performer))
    obstacles = [Obstacle(code="unknown_subject", subject=subject) for subject in unknown]
    if request.weights not in facts.weights:
        obstacles.append(Obstacle(code="engine_unlicensed", subject=("engine", request.engine)))
    return obstacles


def _appears(reference: Reference, held: AssetFacts) -> bool:
    """Say whether the person named is recorded where this reference takes something of them."""
    wanted = ROLES[reference.role].of_performers
    spans = None if reference.source is None else (reference.source,)
    return any(
        a.performer == reference.performer and a.aspects & wanted and spans_meet(a.spans, spans)
        for a in held.appearances
    )


def _withdrawn(request: AnyRequest, facts: Facts, at_s: int) -> list[Obstacle]:
    """At release, refuse where what a shot was made from was withdrawn since, unless its tail says `finish`."""
    if not isinstance(request, Request) or request.kind != "release":
        return []
    obstacles = [
        Obstacle(code="unknown_subject", subject=("request", request.shot), nearest=digest)
        for digest in request.rests_on
        if digest not in facts.digests
    ]
    for grant in chain(*facts.consents.values(), facts.replaced, *facts.licences.values()):
        ended = any(acts & _CONDITION and from_s <= at_s for acts, from_s in grant.withdrawn)
        if ended and grant.digest in request.rests_on and grant.tail.get("condition") != "finish":
            obstacles.append(_revoked(grant))
    return obstacles


def _revoked(grant: Grant) -> Obstacle:
    return Obstacle(
        code="revoked",
        subject=("performer" if grant.kind == "consent" else "party", grant.grantor),
        act="condition",
        nearest=grant.digest,
        remedy=Remedy(ask=grant.grantor, for_=grant.scopes),
    )
