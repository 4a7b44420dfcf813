"""
Decide whether a requested use is cleared.

This is the only place in the project where a use is allowed. ``decide`` reads its arguments and nothing else: no
database, clock, network or setting. The same arguments give the same decision on any machine, in any year.

1. What is taken from whom, and what refuses a subject outright (``consent.core.demands``).
2. INVARIANT (never-allowed): no grant is even looked at for a person under 18 with nudity or sexual content.
3. Each demand on a performer is covered by that performer's grants to the requester; each demand on an asset by its
   title: every holder of every piece grants it, or is the requester.
4. Grants add up. Grounds are chosen greedily by digest among the grants that remove something.
5. What is not covered is explained: the nearest grant, its first failing condition, and whom to ask for what.

INVARIANT (one-decision): preflight, clearance, release, training, simulator and offline verifier call this function.
Whatever is not covered is an obstacle, and every obstacle is reported, so that one round trip tells the producer all
there is to mend.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from consent.core.conditions import VOICE, dialogue_fails, of_grant, of_request, shortfall
from consent.core.covering import cover
from consent.core.demands import Demand, demands, takings
from consent.core.facts import AssetFacts, Claim, Facts
from consent.core.grants import Grant
from consent.core.minors import never_allowed
from consent.core.obstacles import ORDER, Code, Obstacle, Remedy
from consent.core.request import ROLES, AnyRequest, ByPerformer, Reference, Request
from registry.core.assets import spans_meet
from registry.core.errors import TooFragmented
from registry.core.jcs import Json
from registry.core.scope import Scope, merge
from registry.core.terms import ACTS, ASPECTS, PURPOSES
from registry.core.times import to_epoch_s, whole_second
from registry.core.title import WHOLE, holdings, rights_needed, share_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided, and on what."""

    obstacles: tuple[Obstacle, ...]
    pending: tuple[str, ...]  # approvals asked for and not yet given; none are asked for yet
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
            "pending": list(self.pending),
            "grounds": [{"digest": digest, "assurance": assurance} for digest, assurance in self.grounds],
            "tree_size": self.tree_size,
            "facts_digest": self.facts_digest,
        }


def decide(request: AnyRequest, facts: Facts, at: datetime) -> Decision:
    """Return whether the request is allowed at this moment, every obstacle if not, and the grounds relied on."""
    at_s = to_epoch_s(whole_second(at))
    asked = _Asked(request, facts, at_s)
    taken, obstacles = takings(request, facts)
    obstacles += _of_request(request, facts)
    obstacles += _withdrawn(request, facts, at_s)
    obstacles += never_allowed(request, facts, taken, at)
    for demand in demands(request, facts, taken, at_s):
        if demand.of == "performer":
            obstacles += asked.performer(demand)
        else:
            obstacles += asked.asset(demand)
    return Decision(
        obstacles=tuple(sorted(set(obstacles), key=lambda obstacle: obstacle.sort_key)),
        pending=(),
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
    """At release, refuse where a ground of the clearance was withdrawn since, unless its tail says `finish`."""
    if not isinstance(request, Request) or request.kind != "release":
        return []
    obstacles = [
        Obstacle(code="unknown_subject", subject=("request", request.shot), nearest=digest)
        for digest in request.rests_on
        if digest not in facts.digests
    ]
    for grant in chain(*facts.consents.values(), *facts.licences.values()):
        ended = any(from_s <= at_s for _, from_s in grant.withdrawn)
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


class _Asked:
    """One decision on its way: what each grantor's grants come to, and the grounds found so far."""

    def __init__(self, request: AnyRequest, facts: Facts, at_s: int) -> None:
        self._request = request
        self._facts = facts
        self._at_s = at_s
        self._fitting: dict[tuple[str, str], list[Grant]] = {}  # (subject, grantor) -> the same for every act
        self.grounds: dict[str, str] = {}

    def performer(self, demand: Demand) -> list[Obstacle]:
        """Ask one performer's grants for one demand."""
        shown = self._shown(demand.id)
        if isinstance(self._request, Request) and shown is None:
            return [Obstacle(code="description_mismatch", subject=("performer", demand.id))]
        held = self._facts.consents.get(demand.id, ())
        subject = ("performer", demand.id)
        obstacles: list[Obstacle] = []
        for wanted in _voice_apart(demand.wanted):  # what is said is a condition on the voice alone
            obstacles += self._grantor(wanted, held, subject=subject, grantor=demand.id, shown=shown)
        return obstacles

    def asset(self, demand: Demand) -> list[Obstacle]:
        """Ask every holder of every right in one asset that a demand needs."""
        asset = self._facts.assets[demand.id]
        subjects = [("asset", demand.id)] + ([("work", asset.asset.work)] if asset.asset.work else [])
        claims = [claim for subject in subjects for claim in self._facts.claims.get(subject, ())]
        obstacles: list[Obstacle] = []
        for right, aspects in rights_needed(asset.asset, asset.inventory, demand.wanted.aspects):
            wanted = demand.wanted if aspects == demand.wanted.aspects else replace(demand.wanted, aspects=aspects)
            held = [claim for claim in claims if claim.title.right == right and claim.title.nature == "economic"]
            obstacles += self._title(wanted, held, demand.id, subjects)
        return obstacles

    def _title(
        self, wanted: Scope, claims: Sequence[Claim], asset: str, subjects: list[tuple[str, str]]
    ) -> list[Obstacle]:
        subject = ("asset", asset)
        try:
            cut = holdings(wanted, [claim.title for claim in claims])
        except TooFragmented:
            return [Obstacle(code="too_fragmented", subject=subject)]
        obstacles = []
        for holding in cut:
            share = share_of([claims[number].title for number in holding.claims])
            if share != WHOLE:
                obstacles.append(self._bad_title(holding.piece, subject, share < WHOLE))
                continue
            for number in holding.claims:
                obstacles += self._holder(holding.piece, claims[number], asset, subjects)
        return obstacles

    def _bad_title(self, piece: Scope, subject: tuple[str, str], unknown: bool) -> Obstacle:
        registrant = self._facts.assets[subject[1]].registrant
        return Obstacle(
            code="no_title" if unknown else "title_disputed",
            subject=subject,
            act=_one(ACTS.names(piece.acts)),
            aspect=_one(ASPECTS.names(piece.aspects)),
            missing=(piece,),
            remedy=Remedy(ask=registrant, for_=(piece,)),
        )

    def _holder(self, piece: Scope, claim: Claim, asset: str, subjects: list[tuple[str, str]]) -> list[Obstacle]:
        """A holder grants its part, unless it is the one who asks."""
        holder = claim.title.claimant
        if holder == self._request.for_:
            self.grounds[claim.digest] = "signed"
            return []
        licences = [
            grant
            for grant in self._facts.licences.get(holder, ())
            if any((named.kind, named.id) in subjects for named in grant.subjects) and self._reaches(grant, asset)
        ]
        obstacles = self._grantor(piece, licences, subject=("asset", asset), grantor=holder, shown=None)
        if not obstacles:
            self.grounds.setdefault(claim.digest, "signed")
        return obstacles

    def _reaches(self, grant: Grant, asset: str) -> bool:
        """A licence of a work without new assets reaches those that were logged before it."""
        if grant.reaches_assets_before is None or any(s.kind == "asset" and s.id == asset for s in grant.subjects):
            return True
        return self._facts.logged_at(asset) < grant.reaches_assets_before

    def _grantor(
        self,
        wanted: Scope,
        held: Sequence[Grant],
        *,
        subject: tuple[str, str],
        grantor: str,
        shown: ByPerformer | None,
    ) -> list[Obstacle]:
        """Cover one box by one grantor's grants; return what is left as obstacles, else note the grounds."""
        act = _one(ACTS.names(wanted.acts)) or ""
        try:
            missing, used = cover(wanted, self._applicable(wanted, held, act, (subject[1], grantor), shown))
            if missing:
                return self._explained(wanted, held, missing, subject, grantor, act, shown)
        except TooFragmented:
            return [Obstacle(code="too_fragmented", subject=subject, act=act)]
        for grant in used:
            self.grounds[grant.digest] = grant.assurance
        return []

    def _applicable(
        self, wanted: Scope, held: Sequence[Grant], act: str, key: tuple[str, str], shown: ByPerformer | None
    ) -> list[Grant]:
        """Return the grants to the requester of which no condition fails, by digest."""
        fitting = self._fitting.get(key)
        if fitting is None:
            fitting = [grant for grant in self._own(held) if not of_request(grant, self._request, shown)]
            self._fitting[key] = fitting
        speaks = wanted.aspects & VOICE
        return [
            grant
            for grant in fitting
            if (grant.sound or not self._of_grant(grant, act))
            and not (speaks and dialogue_fails(grant, shown, wanted.aspects))
        ]

    def _own(self, held: Sequence[Grant]) -> list[Grant]:
        return [grant for grant in held if grant.grantee == self._request.for_]

    def _of_grant(self, grant: Grant, act: str) -> list[Code]:
        count = self._facts.vouched.cap_counts.get(grant.digest)
        return of_grant(grant, self._request, at_s=self._at_s, act=act, cap_count=count)

    def _fails(self, grant: Grant, wanted: Scope, act: str, shown: ByPerformer | None) -> list[Code]:
        """Return every condition of a grant that fails, its boxes left aside."""
        codes = self._of_grant(grant, act) + of_request(grant, self._request, shown)
        if dialogue_fails(grant, shown, wanted.aspects):
            codes.append("dialogue_not_covered")
        return codes

    def _explained(
        self,
        wanted: Scope,
        held: Sequence[Grant],
        missing: tuple[Scope, ...],
        subject: tuple[str, str],
        grantor: str,
        act: str,
        shown: ByPerformer | None,
    ) -> list[Obstacle]:
        """One obstacle for each point that is not covered, with the grant that comes nearest."""
        own = self._own(held)
        obstacles = []
        for point in _points(wanted):
            left = tuple(part for piece in missing if (part := _within(piece, point)) is not None)
            if not left:
                continue
            code: Code = "grantee_not_covered" if held else "no_grant"
            nearest = None
            if own:
                code, nearest = self._nearest(point, own, act, shown)
            obstacles.append(self._uncovered(code, point, subject, grantor, nearest, missing=merge(left)))
        return obstacles

    def _nearest(self, point: Scope, own: Sequence[Grant], act: str, shown: ByPerformer | None) -> tuple[Code, str]:
        """
        Return the first failing condition of the grant that fails the fewest.

        Of several the one whose condition comes later in the order of codes: a grant that could be widened is nearer
        than one that was withdrawn. Then by digest.
        """
        failures = []
        for grant in own:
            codes = sorted({*self._fails(grant, point, act, shown), *shortfall(grant, point)}, key=ORDER.__getitem__)
            failures.append((len(codes), -ORDER[codes[0]], grant.digest, codes))
        _, _, nearest, codes = min(failures)
        return codes[0], nearest

    def _uncovered(
        self,
        code: Code,
        point: Scope,
        subject: tuple[str, str],
        grantor: str,
        nearest: str | None,
        *,
        missing: tuple[Scope, ...],
    ) -> Obstacle:
        return Obstacle(
            code=code,
            subject=subject,
            act=_one(ACTS.names(point.acts)),
            aspect=_one(ASPECTS.names(point.aspects)),
            missing=missing,
            nearest=nearest,
            remedy=Remedy(ask=grantor, for_=missing),
        )

    def _shown(self, performer: str) -> ByPerformer | None:
        return self._request.by_performer.get(performer) if isinstance(self._request, Request) else None


def _voice_apart(wanted: Scope) -> list[Scope]:
    parts = [aspects for aspects in (wanted.aspects & ~VOICE, wanted.aspects & VOICE) if aspects]
    return [wanted] if len(parts) == 1 else [replace(wanted, aspects=aspects) for aspects in parts]


def _points(wanted: Scope) -> list[Scope]:
    """Part a box into one for each aspect and purpose, in the order of their names."""
    return [
        replace(wanted, aspects=ASPECTS.mask((aspect,)), purposes=PURPOSES.mask((purpose,)))
        for aspect in ASPECTS.names(wanted.aspects)
        for purpose in PURPOSES.names(wanted.purposes)
    ]


def _within(piece: Scope, point: Scope) -> Scope | None:
    """Return the part of a piece that lies at one aspect and purpose."""
    if not piece.aspects & point.aspects or not piece.purposes & point.purposes:
        return None
    return replace(piece, aspects=point.aspects, purposes=point.purposes)


def _one(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 else None
