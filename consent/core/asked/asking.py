"""
Ask one grantor's grants for one box, and explain what they leave.

Grants add up. Grounds are chosen greedily by digest among the grants that remove something. What is not covered is
explained: the nearest grant, its first failing condition, and whom to ask for what.

What a ground still leaves to somebody's word is noted as pending, or refused where that word was no.

Who has to be asked at all is for ``asking_people`` and ``asking_titles``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Final

from consent.core.asked.conditions import VOICE, dialogue_fails, of_grant, of_request, shortfall
from consent.core.asked.covering import LANDS, cover
from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.obstacles import ORDER, Code, Obstacle, Remedy
from consent.core.pending import Pending
from consent.core.request import AnyRequest, ByPerformer, Request
from consent.core.ruling import Rulings, refused_by
from consent.core.settled.approvals import last_word, wanted_by
from consent.core.settled.policies import LEAST, RANK
from consent.core.settled.vendors import ActsFor
from registry.core.errors import TooFragmented
from registry.core.scope import Scope, merge
from registry.core.terms import ACTS, ASPECTS, PURPOSES

VOID: Final = frozenset(  # no widening helps
    {"revoked", "expired", "unauthorised_signer", "identity_unverified", "identity_contested"}
)
Line = tuple[tuple[str, int], ...]  # who held a title before: one party may hold two, with different licences
Key = tuple[str, str, Line]  # subject, grantor
Narrowed = Callable[[Grant, Scope], Grant]  # a grant with what is taken away of one box that is wanted


class Asked:
    """One decision on its way: what each grantor's grants come to, and the grounds found so far."""

    def __init__(self, request: AnyRequest, facts: Facts, at_s: int) -> None:
        self.request = request
        self.facts = facts
        self.at_s = at_s
        self._fitting: dict[Key, list[Grant]] = {}  # the same for every act
        self.titles: dict[str, Any] = {}  # asset -> what `asking_titles` knows of it, the same for every act
        self._acts_for = facts.vendors.get(request.for_, ())
        self._grantees = frozenset({request.for_, *(one.principal for one in self._acts_for)})
        self._policies = self._asking_more()
        self.grounds: dict[str, str] = {}
        self.pending: set[Pending] = set()
        self.rulings = Rulings(request, facts, at_s)
        self.grantees = {request.for_}  # whose grants the demand being asked rests on
        self.struck = False  # a strike bites on the performer who is being asked

    def grantor(
        self,
        wanted: Scope,
        held: Sequence[Grant],
        *,
        subject: tuple[str, str],
        grantor: str,
        shown: ByPerformer | None,
        narrowed: Narrowed | None = None,
        line: Line = (),
        others: Iterable[Grant] = (),
    ) -> list[Obstacle]:
        """
        Cover one box by one grantor's grants; return what is left as obstacles, else note the grounds.

        ``others`` are looked at where ``held`` is empty, to tell "none to you" from "none at all".
        """
        act = one_name(ACTS.names(wanted.acts)) or ""
        try:
            applicable = self._applicable(wanted, held, act, (subject[1], grantor, line), shown)
            if narrowed is not None:
                applicable = [narrowed(grant, wanted) for grant in applicable]
                held = [narrowed(grant, wanted) for grant in held]
            missing, used = cover(wanted, applicable)
            if missing:
                return self._explained(wanted, held or [*islice(others, 1)], missing, subject, grantor, act, shown)
        except TooFragmented:
            return [Obstacle(code="too_fragmented", subject=subject, act=act)]
        refusals: list[Obstacle] = []
        self.grounds.update(chain.from_iterable([grant.grounds for grant in used]))
        for grant in used:
            if grant.approved or grant.grantee != self.request.for_:
                refusals += self._note(grant, act, subject)
        if self.rulings.asks(subject[0], act):
            aspects, struck = wanted.aspects, self.struck
            inquiry = self.rulings.inquiry(subject=subject, act=act, aspects=aspects, shown=shown, struck=struck)
            refusals += [refused_by(one, subject, act, grant.digest) for grant, one in inquiry.broken(used)]
        return refusals

    def applicable(
        self, wanted: Scope, held: Sequence[Grant], *, subject: tuple[str, str], grantor: str, shown: ByPerformer | None
    ) -> list[Grant]:
        """Return the grants to the requester of which no condition fails for one box that is wanted."""
        act = one_name(ACTS.names(wanted.acts)) or ""
        return self._applicable(wanted, held, act, (subject[1], grantor, ()), shown)

    @property
    def requesters(self) -> frozenset[str]:
        """The requester, and for whom it acts."""
        return self._grantees

    def stands_for(self, party: str, acts: int) -> bool:
        """Say whether the requester is a party, or its vendor; note the authority if so."""
        serving = [one for one in self._acts_for if one.principal == party and one.serves(acts, self.at_s)]
        self.grounds |= {one.authority: "signed" for one in serving}
        self.grantees |= {one.principal for one in serving}
        return party == self.request.for_ or bool(serving)

    def author(self, claim: str, author: str) -> list[Obstacle]:
        """Ask whoever holds a moral right; nobody's silence or licence answers for them."""
        answer = last_word(self.facts.spoken.get((self._shot, claim, "spec"), ()), author, act="alter", at_s=self.at_s)
        if answer == "declined" or not self._shot:
            return [_declined(claim, ("party", author), "alter", author)]
        if answer is None:
            self.pending.add(Pending(grant=claim, by=author, on="spec", due_s=None))
        return []

    def _note(self, grant: Grant, act: str, subject: tuple[str, str]) -> list[Obstacle]:
        """Note as whose vendor the requester relies on a ground, and ask whose approval it needs."""
        self.grantees.add(grant.grantee)
        if grant.grantee != self.request.for_:
            self.grounds |= {one.authority: "signed" for one in self._acts_for if self._serves(one, grant, act)}
        return [refusal for ground in grant.approved for refusal in self.approvals(ground, act, subject)]

    def approvals(self, ground: Grant, act: str, subject: tuple[str, str]) -> list[Obstacle]:
        """What waits for an answer is pending; where nothing could wait, as in training, it is refused."""
        vouched = self.facts.vouched
        refusals = []
        for one in wanted_by(
            ground,
            act,
            shot=self._shot,
            shown=self._people_in(subject),
            spoken=self.facts.spoken,
            asked=vouched.asked,
            at_s=self.at_s,
        ):
            if one.answer == "declined" or (one.answer is None and not self._shot):
                refusals.append(_declined(one.grant, subject, act, one.by))
            elif one.answer is None:
                self.pending.add(Pending(grant=one.grant, by=one.by, on=one.on, due_s=one.due_s))
        return refusals

    def _people_in(self, subject: tuple[str, str]) -> list[str]:
        """Return who is recorded in an asset, whom its licences may call the performer."""
        kind, id_ = subject
        return sorted({a.performer for a in self.facts.assets[id_].appearances}) if kind == "asset" else [id_]

    @property
    def _shot(self) -> str:
        """The shot that an approval speaks of; none of a training run."""
        return self.request.shot if isinstance(self.request, Request) else ""

    def _serves(self, vendor: ActsFor, grant: Grant, act: str) -> bool:
        return vendor.principal == grant.grantee and vendor.serves(ACTS.mask((act,)), self.at_s)

    def _asking_more(self) -> list[Mapping[str, int]]:
        """Return the policies that bind the request: the requester's, and the producer's of the project."""
        parties = {self.request.for_}
        if isinstance(self.request, Request) and self.request.project in self.facts.projects:
            parties.add(self.facts.projects[self.request.project].producer)
        return [policy for party in sorted(parties) if (policy := self.facts.policies.get(party))]

    def _least(self, act: str) -> int:
        """Return the rank of the least assurance that serves an act."""
        least = LEAST.get(act, 0)
        return max((least, *(policy.get(act, 0) for policy in self._policies))) if self._policies else least

    def _applicable(
        self, wanted: Scope, held: Sequence[Grant], act: str, key: Key, shown: ByPerformer | None
    ) -> list[Grant]:
        """Return the grants to the requester of which no condition fails, by digest."""
        fitting = self._fitting.get(key)
        if fitting is None:
            fitting = [grant for grant in self._own(held) if not of_request(grant, self.request, shown)]
            self._fitting[key] = fitting
        speaks = wanted.aspects & VOICE
        usual = self._least(act) <= RANK["confirmed"]  # which every sound grant has
        lands = wanted.packed & LANDS  # what deals differ in most
        return [
            grant
            for grant in fitting
            if grant.reach & lands
            and ((grant.sound and usual) or not self._of_grant(grant, act))
            and not (speaks and dialogue_fails(grant, shown, wanted.aspects))
            and (grant.grantee == self.request.for_ or any(self._serves(one, grant, act) for one in self._acts_for))
        ]

    def _own(self, held: Sequence[Grant]) -> list[Grant]:
        return [grant for grant in held if grant.grantee in self._grantees]

    def _of_grant(self, grant: Grant, act: str) -> list[Code]:
        """Return what is wrong with a grant itself, or with a licence above it."""
        codes: list[Code] = []
        least = self._least(act)
        for one in (grant, *grant.under):
            counts = self.facts.vouched.cap_counts.get(one.account) if one.caps else None
            codes += of_grant(one, self.request, at_s=self.at_s, act=act, counts=counts)
            if RANK[one.assurance] < least:
                codes.append("assurance_too_low")
        return codes

    def _fails(self, grant: Grant, wanted: Scope, act: str, shown: ByPerformer | None) -> list[Code]:
        """Return every condition of a grant that fails, its boxes left aside."""
        codes = self._of_grant(grant, act) + of_request(grant, self.request, shown)
        served = grant.grantee == self.request.for_ or any(self._serves(one, grant, act) for one in self._acts_for)
        if not served:
            codes.append("grantee_not_covered")
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
        for point in points(wanted):
            left = tuple(part for piece in missing if (part := within(piece, point)) is not None)
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

        Of several a grant that could be widened is nearer than one that is void, then the one whose condition comes
        later in the order of codes, then by digest.
        """
        failures = []
        for grant in own:
            codes = sorted({*self._fails(grant, point, act, shown), *shortfall(grant, point)}, key=ORDER.__getitem__)
            void = not VOID.isdisjoint(codes)
            failures.append((len(codes), void, -ORDER[codes[0]], grant.digest, codes))
        *_, nearest, codes = min(failures)
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
            act=one_name(ACTS.names(point.acts)),
            aspect=one_name(ASPECTS.names(point.aspects)),
            missing=missing,
            nearest=nearest,
            remedy=Remedy(ask=grantor, for_=missing),
        )

    def shown(self, performer: str) -> ByPerformer | None:
        return self.request.by_performer.get(performer) if isinstance(self.request, Request) else None


def _declined(ground: str, subject: tuple[str, str], act: str, by: str) -> Obstacle:
    remedy = Remedy(ask=by)
    return Obstacle(code="approval_declined", subject=subject, act=act, nearest=ground, remedy=remedy)


def points(wanted: Scope) -> list[Scope]:
    """Part a box into one for each aspect and purpose, in the order of their names."""
    return [
        replace(wanted, aspects=ASPECTS.mask((aspect,)), purposes=PURPOSES.mask((purpose,)))
        for aspect in ASPECTS.names(wanted.aspects)
        for purpose in PURPOSES.names(wanted.purposes)
    ]


def within(piece: Scope, point: Scope) -> Scope | None:
    """Return the part of a piece that lies at one aspect and purpose."""
    if not piece.aspects & point.aspects or not piece.purposes & point.purposes:
        return None
    return replace(piece, aspects=point.aspects, purposes=point.purposes)


def one_name(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 else None
