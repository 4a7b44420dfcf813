"""
Ask one grantor's grants for one box, and explain what they leave.

Grants add up. Grounds are chosen greedily by digest among the grants that remove something. What is not covered is
explained: the nearest grant, its first failing condition, and whom to ask for what.

Who has to be asked at all is for ``asking_people`` and ``asking_titles``.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from consent.core.conditions import VOICE, dialogue_fails, of_grant, of_request, shortfall
from consent.core.covering import cover
from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.obstacles import ORDER, Code, Obstacle, Remedy
from consent.core.pending import Pending
from consent.core.request import AnyRequest, ByPerformer, Request
from registry.core.errors import TooFragmented
from registry.core.scope import Scope, merge
from registry.core.terms import ACTS, ASPECTS, PURPOSES

Narrowed = Callable[[Grant, Scope], Grant]  # a grant with what is taken away of one box that is wanted


class Asked:
    """One decision on its way: what each grantor's grants come to, and the grounds found so far."""

    def __init__(self, request: AnyRequest, facts: Facts, at_s: int) -> None:
        self.request = request
        self.facts = facts
        self.at_s = at_s
        self._fitting: dict[tuple[str, str], list[Grant]] = {}  # (subject, grantor) -> the same for every act
        self.grounds: dict[str, str] = {}
        self.pending: set[Pending] = set()

    def grantor(
        self,
        wanted: Scope,
        held: Sequence[Grant],
        *,
        subject: tuple[str, str],
        grantor: str,
        shown: ByPerformer | None,
        narrowed: Narrowed | None = None,
    ) -> list[Obstacle]:
        """Cover one box by one grantor's grants; return what is left as obstacles, else note the grounds."""
        act = one_name(ACTS.names(wanted.acts)) or ""
        try:
            applicable = self._applicable(wanted, held, act, (subject[1], grantor), shown)
            if narrowed is not None:
                applicable = [narrowed(grant, wanted) for grant in applicable]
                held = [narrowed(grant, wanted) for grant in held]
            missing, used = cover(wanted, applicable)
            if missing:
                return self._explained(wanted, held, missing, subject, grantor, act, shown)
        except TooFragmented:
            return [Obstacle(code="too_fragmented", subject=subject, act=act)]
        for grant in used:
            self._note(grant)
        return []

    def _note(self, grant: Grant) -> None:
        """Note a ground; a sublicence rests on every licence above it."""
        for ground in (grant, *grant.under):
            self.grounds[ground.digest] = ground.assurance

    def _applicable(
        self, wanted: Scope, held: Sequence[Grant], act: str, key: tuple[str, str], shown: ByPerformer | None
    ) -> list[Grant]:
        """Return the grants to the requester of which no condition fails, by digest."""
        fitting = self._fitting.get(key)
        if fitting is None:
            fitting = [grant for grant in self._own(held) if not of_request(grant, self.request, shown)]
            self._fitting[key] = fitting
        speaks = wanted.aspects & VOICE
        return [
            grant
            for grant in fitting
            if (grant.sound or not self._of_grant(grant, act))
            and not (speaks and dialogue_fails(grant, shown, wanted.aspects))
        ]

    def _own(self, held: Sequence[Grant]) -> list[Grant]:
        return [grant for grant in held if grant.grantee == self.request.for_]

    def _of_grant(self, grant: Grant, act: str) -> list[Code]:
        """Return what is wrong with a grant itself, or with a licence above it."""
        codes: list[Code] = []
        for one in (grant, *grant.under):
            counts = self.facts.vouched.cap_counts.get(one.account) if one.caps else None
            codes += of_grant(one, self.request, at_s=self.at_s, act=act, counts=counts)
        return codes

    def _fails(self, grant: Grant, wanted: Scope, act: str, shown: ByPerformer | None) -> list[Code]:
        """Return every condition of a grant that fails, its boxes left aside."""
        codes = self._of_grant(grant, act) + of_request(grant, self.request, shown)
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
            act=one_name(ACTS.names(point.acts)),
            aspect=one_name(ASPECTS.names(point.aspects)),
            missing=missing,
            nearest=nearest,
            remedy=Remedy(ask=grantor, for_=missing),
        )

    def shown(self, performer: str) -> ByPerformer | None:
        return self.request.by_performer.get(performer) if isinstance(self.request, Request) else None


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
