"""
When may this be used for that? The stretches of time in which nothing stands in the way, and why not in between.

1. A question is a use wanted for all time: acts, aspects, terms, content. Each act is asked by itself, as ``decide``
   asks it, of a performer or of all that an asset holds.
2. Each obstacle says which part of the use is missing; the windows of these parts are where the use as a whole fails.
   What is left of time are the stretches.
3. A grant that was withdrawn with notice ends when the notice does.

INVARIANT (one-decision): nothing here allows a use. The demands are met by the same ``ask_demand`` that ``decide``
calls, at one moment; an answer is a forecast, and every use is decided when it is made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from consent.core.asked.asking import Asked
from consent.core.asked.asking_demands import ask_demand
from consent.core.asked.demands import Demand, Taken, with_contents
from consent.core.asked.holding import held_back
from consent.core.asked.minors import never_allowed
from consent.core.facts import Facts
from consent.core.grants import Grant
from consent.core.obstacles import Obstacle
from consent.core.request import AnyRequest, ByPerformer, Request, TrainingRequest
from registry.core.assets import spans_meet
from registry.core.scope import FOREVER_S, Scope
from registry.core.stretches import Window, remainder
from registry.core.terms import ACTS, ALL, ASPECTS, ASSET_ASPECTS, PERFORMER_ASPECTS
from registry.core.times import to_epoch_s, whole_second

Mode = Literal["cover_entirely", "overlap", "start_within", "end_within"]
NO_ID: Final = "00000000-0000-0000-0000-000000000000"  # of the shot that nobody has planned yet
_EVER: Final[Window] = (0, FOREVER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A use of whatever is available; its window is left to the modes."""

    for_: str
    project: str | None  # None: every project, which only a grant of every project covers
    acts: int
    aspects: int  # none of an asset's, or none of a performer's: whatever there is
    purposes: int
    media: int
    territories: int
    languages: int
    depicts: int
    scene: int
    role: str | None
    replica_use: str
    product_categories: frozenset[str] = frozenset()

    @property
    def of_assets(self) -> int:
        return self.aspects & ASSET_ASPECTS or ASSET_ASPECTS

    @property
    def of_performers(self) -> int:
        return self.aspects & PERFORMER_ASPECTS or PERFORMER_ASPECTS

    @property
    def shown(self) -> ByPerformer:
        return ByPerformer(depicts=self.depicts, role=self.role, replica_use=self.replica_use, dialogue=None)

    def box(self, act: str, aspects: int, window: Window) -> Scope:
        """Return what is wanted of one subject, for one act."""
        return Scope(
            acts=ACTS.mask((act,)),
            aspects=aspects,
            purposes=self.purposes,
            media=self.media,
            territories=self.territories,
            languages=self.languages,
            projects=frozenset({self.project or ALL}),
            start_s=window[0],
            end_s=window[1],
            depicts=self.depicts,
            scene=self.scene,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch in which the use fails, and what stands in the way there."""

    window: Window
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """When one subject may be used."""

    kind: str  # asset | performer
    id: str
    stretches: tuple[Window, ...]  # maximal, in order

    def expires_s(self, from_s: int) -> int | None:
        """Return when what is available at or next after a moment ends; None where nothing is."""
        return next((end for _, end in self.stretches if end > from_s), None)


def available(question: Question, facts: Facts, at: datetime, *, kind: str, ident: str) -> Availability | None:
    """Say when an asset, with everything in it, or a performer may be used; None where it has nothing that is asked."""
    obstacles = _obstacles(question, facts, at, kind, ident, _EVER)
    if obstacles is None:
        return None
    failing = [window for obstacle in obstacles for window in _windows(obstacle)]
    return Availability(kind=kind, id=ident, stretches=remainder(_EVER, failing))


def gaps(question: Question, facts: Facts, at: datetime, *, found: Availability, window: Window) -> tuple[Gap, ...]:
    """Say of each stretch of a window that is not available what stands in the way there."""
    return tuple(
        Gap(window=gap, obstacles=_obstacles(question, facts, at, found.kind, found.id, gap) or ())
        for gap in remainder(window, found.stretches)
    )


def matching(found: Availability, mode: Mode, window: Window, min_s: int = 0) -> tuple[Window, ...]:
    """Return the stretches that answer a window in this way and last long enough."""
    return tuple(stretch for stretch in found.stretches if _answers(stretch, mode, window, min_s))


def _answers(stretch: Window, mode: Mode, window: Window, min_s: int) -> bool:
    (start, end), (first, last) = stretch, window
    if mode == "overlap":
        return min(end, last) - max(start, first) >= max(min_s, 1)
    if mode == "start_within":
        return first <= start < last and end - start >= min_s
    if mode == "end_within":
        return first < end <= last and end != FOREVER_S and end - start >= min_s
    return start <= first and last <= end and last - first >= min_s


def _obstacles(
    question: Question, facts: Facts, at: datetime, kind: str, ident: str, window: Window
) -> tuple[Obstacle, ...] | None:
    """Ask both readings of the facts for one window, act by act; None where there is nothing to ask for."""
    own = _obstacles_in(question, facts, at, kind, ident, window)
    if own is None or facts.believing is None:
        return own
    return (*own, *(_obstacles_in(question, facts.believing, at, kind, ident, window) or ()))


def _obstacles_in(
    question: Question, facts: Facts, at: datetime, kind: str, ident: str, window: Window
) -> tuple[Obstacle, ...] | None:
    at_s = to_epoch_s(whole_second(at))
    obstacles: set[Obstacle] = set()
    demanded = False
    for act in ACTS.names(question.acts):
        asking = _Asking(question, act, _after_notice(facts, act, at_s), at)
        demands = asking.of_performer(ident) if kind == "performer" else asking.of_asset(ident)
        demanded = demanded or bool(demands) or bool(asking.refusals)
        obstacles |= asking.meet(demands, window)
    return tuple(sorted(obstacles, key=lambda obstacle: obstacle.sort_key)) if demanded else None


class _Asking:
    """One act of a question on its way through the facts."""

    def __init__(self, question: Question, act: str, facts: Facts, at: datetime) -> None:
        self._question = question
        self._act = act
        self._facts = facts
        self._at = at
        self._taken: list[Taken] = []
        self.refusals: list[Obstacle] = []

    def of_performer(self, performer: str) -> dict[tuple[str, str], int]:
        return {("performer", performer): self._question.of_performers}

    def of_asset(self, asset: str) -> dict[tuple[str, str], int]:
        """Return the aspects needed of an asset, of what it is made of, and of everybody in it."""
        found = self._facts.assets.get(asset)
        if found is None or not found.logged:
            code: Literal["unknown_subject", "not_yet_logged"] = (
                "unknown_subject" if found is None else "not_yet_logged"
            )
            self.refusals.append(Obstacle(code=code, subject=("asset", asset)))
            return {}
        own = ASPECTS.mask(found.asset.media.aspects) & self._question.of_assets
        if not own:
            return {}
        start = Taken(found, own, self._question.of_performers, None, (self._act,))
        self._taken, refusals = with_contents(start, self._facts)
        self.refusals += refusals
        demands: dict[tuple[str, str], int] = {}
        for one in self._taken:
            _add(demands, ("asset", one.facts.asset.asset), one.aspects)
            for appearance in one.facts.appearances:
                if spans_meet(appearance.spans, one.spans):
                    _add(demands, ("performer", appearance.performer), appearance.aspects & one.of_performers)
        return demands

    def meet(self, demands: Mapping[tuple[str, str], int], window: Window) -> set[Obstacle]:
        people = [ident for kind, ident in demands if kind == "performer"]
        request = request_for(self._question, self._act, people)
        at_s = to_epoch_s(whole_second(self._at))
        asked = Asked(request, self._facts, at_s)
        obstacles = {*self.refusals, *self._unknown(), *never_allowed(request, self._facts, self._taken, self._at)}
        obstacles.update(held_back(request, self._facts, self._taken, at_s))
        obstacles.update(asked.rulings.of_request())
        for (kind, ident), aspects in demands.items():
            demand = Demand(of=kind, id=ident, wanted=self._question.box(self._act, aspects, window))
            obstacles.update(ask_demand(asked, demand))
        return obstacles

    def _unknown(self) -> list[Obstacle]:
        question = self._question
        unknown = [] if question.for_ in self._facts.parties else [("party", question.for_)]
        if question.project is not None and question.project not in self._facts.projects:
            unknown.append(("project", question.project))
        return [Obstacle(code="unknown_subject", subject=subject) for subject in unknown]


def request_for(question: Question, act: str, people: Iterable[str]) -> AnyRequest:
    """Return the request that would ask for this use of these people; training asks for no role, replaces nobody."""
    if act == "train":
        return TrainingRequest(
            salt=b"",
            for_=question.for_,
            territory=question.territories,
            engine="",
            manifest_sha256="",
            assets=(),
            epochs=1,
        )
    return Request(
        kind="use",
        salt=b"",
        for_=question.for_,
        project=question.project or ALL,
        shot=NO_ID,
        engine="",
        weights="",
        references=(),
        prompt_sha256="",
        purposes=question.purposes,
        media=question.media,
        territories=question.territories,
        languages=question.languages,
        start_s=_EVER[0],
        end_s=_EVER[1],
        scene=question.scene,
        scenes=frozenset(),
        by_performer=MappingProxyType(dict.fromkeys(people, question.shown)),
        rests_on=(),
        product_categories=question.product_categories,
        seconds=0,
    )


def _add(demands: dict[tuple[str, str], int], subject: tuple[str, str], aspects: int) -> None:
    if aspects:
        demands[subject] = demands.get(subject, 0) | aspects


def _after_notice(facts: Facts, act: str, at_s: int) -> Facts:
    """End each grant when the notice ends that was given of it: ``decide`` will see it withdrawn from then on."""
    bit = ACTS.mask((act,))

    def noticed(grant: Grant) -> list[int]:
        return [from_s for acts, from_s in grant.withdrawn if acts & bit and from_s > at_s]

    def ended(held: Mapping[str, tuple[Grant, ...]]) -> Mapping[str, tuple[Grant, ...]]:
        if not any(noticed(grant) for grants in held.values() for grant in grants):
            return held
        return {
            grantor: tuple(cut for grant in grants if (cut := _ending(grant, noticed(grant))) is not None)
            for grantor, grants in held.items()
        }

    return replace(facts, consents=ended(facts.consents), licences=ended(facts.licences))


def _ending(grant: Grant, ends: list[int]) -> Grant | None:
    if not ends:
        return grant
    end = min(ends)
    boxes = tuple(replace(box, end_s=min(box.end_s, end)) for box in grant.scopes if box.start_s < end)
    return replace(grant, scopes=boxes) if boxes else None


def _windows(obstacle: Obstacle) -> list[Window]:
    """Return when an obstacle stands in the way: always, unless it names what is missing."""
    return [(piece.start_s, piece.end_s) for piece in obstacle.missing] or [_EVER]
