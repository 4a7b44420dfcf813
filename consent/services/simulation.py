"""
Decide on many requests at once, on what is there or on drafts as if they were signed, now or at another moment.

1. The facts are read once for each requester. A draft is read where its threads would have led to it, had it been
   signed, and leads on to what it names.
2. What is committed and not yet numbered comes before the drafts in the log, so that it counts as numbered too.
3. Where somebody granted nothing to the requester, a request is decided again on facts of its own, to tell whether to
   anybody at all; once for all requests that name the same.

At another moment means: what is known today, asked about then.

INVARIANT (supposed-never-clears): nothing is locked, logged or kept, and nothing here returns what a clearance is made
of; ``consent.services.deliberation``, which clears, takes no drafts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Final

from django.db import transaction

from consent import uses
from consent.core.asked.demands import CLEARANCE_S
from consent.core.decision import Decision, decide
from consent.core.facts import Facts, facts_digest, facts_of
from consent.core.obstacles import Obstacle
from consent.core.settled.reading import read_all
from consent.core.supposing import suppose
from consent.core.vouched import Vouched
from consent.selectors.closure import Closure, Seeds, closure_of, named_by
from consent.selectors.strangers import grants_to_others
from consent.services.questions import GRANTS, NOTHING_ASKED, Question, capped_by, vouched_for
from registry.core.envelope import Statement
from registry.core.jcs import Json
from registry.core.times import to_epoch_s, whole_second
from registry.threads import Ref, Threads

_Silent = tuple[tuple[str, str], str | None]  # a subject, and who gave nothing of it
REACHED: Final = ("performer", "asset", "work", "catalogue")  # what grants to a requester are found by


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """A draft, and the threads that it would have."""

    statement: Statement
    threads: Threads

    @property
    def found(self) -> frozenset[Ref]:
        """Under what a decision meets it: a licence by what it is of, too, as it may shut others out."""
        body = self.statement.body
        terms = body.get("terms", body)  # of an amendment
        subjects = terms.get("subjects") if isinstance(terms, dict) else None
        named = [one for one in subjects if isinstance(one, dict)] if isinstance(subjects, list) else []
        return self.threads.found | {Ref(str(one["kind"]), str(one["id"])) for one in named}

    @property
    def leads(self) -> frozenset[Ref]:
        return self.threads.leads | {Ref("party", self.statement.issuer)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What would be decided, at which moment, and which of the drafts any decision read, by digest."""

    decisions: tuple[Decision, ...]
    at: datetime
    read: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """The facts that some questions of one requester are decided on."""

    refs: frozenset[Ref]
    facts: Facts
    at: datetime
    read: tuple[Supposed, ...]


def simulate(
    asked_for: Sequence[tuple[Json, str]], *, supposed: Sequence[Supposed] = (), at: datetime | None = None
) -> Simulation:
    """Decide on each (request, prompt), in order. Without drafts and a moment: as ``preflight`` would, one by one."""
    with transaction.atomic():
        named = named_by(prompt for _, prompt in asked_for)
        questions = [Question.of(request, NOTHING_ASKED).naming(named[prompt]) for request, prompt in asked_for]
        scenes = _Scenes(questions, supposed, at)
        decisions = tuple(scenes.decide(question) for question in questions)
    return Simulation(decisions=decisions, at=scenes.at, read=scenes.read)


class _Scenes:
    """What was read so far: one scene for each requester, and one for each set of things whose use was refused."""

    def __init__(self, questions: Sequence[Question], supposed: Sequence[Supposed], at: datetime | None) -> None:
        self._supposed = supposed
        self._at = at
        self._own: dict[Seeds, _Scene] = {}
        self._strangers: dict[tuple[Seeds, frozenset[_Silent]], frozenset[str]] = {}
        self._shared = {
            requester: self._read(_together([q for q in questions if q.seeds.requester == requester]), questions[0])
            for requester in dict.fromkeys(question.seeds.requester for question in questions)
        }
        self.at = next(iter(self._shared.values())).at
        self.read = frozenset(one.statement.digest for scene in self._shared.values() for one in scene.read)

    def decide(self, question: Question) -> Decision:
        decision = self._on(question, self._shared[question.seeds.requester])
        if not _silent(decision):
            return decision
        own = self._scene(question.seeds, question)
        decision = self._on(question, own)
        others = self._others(question, own, _silent(decision))
        return self._on(question, self._scene(question.seeds.beside(grants=others), question)) if others else decision

    def _others(self, question: Question, scene: _Scene, silent: frozenset[Obstacle]) -> frozenset[str]:
        """Return a grant to somebody else of each who gave the requester none, asked once for the same ones."""
        asked = frozenset((one.subject, one.remedy.ask if one.remedy else None) for one in silent)
        if silent and (question.seeds, asked) not in self._strangers:
            reached = [ref.ident for ref in scene.refs if ref.kind in REACHED]
            self._strangers[question.seeds, asked] = frozenset(grants_to_others(silent, reached=reached))
        return self._strangers.get((question.seeds, asked), frozenset())

    def _scene(self, seeds: Seeds, question: Question) -> _Scene:
        if seeds not in self._own:
            self._own[seeds] = self._read(seeds, question)
        return self._own[seeds]

    def _on(self, question: Question, scene: _Scene) -> Decision:
        facts = scene.facts
        if facts.vouched.prompt_matches != question.named:
            vouched = replace(facts.vouched, prompt_matches=question.named)
            digest = facts_digest(facts.digests, vouched)
            facts = facts.both(lambda one: replace(one, vouched=vouched, facts_digest=digest))
        return decide(question.parsed, facts, self.at)

    def _read(self, seeds: Seeds, question: Question) -> _Scene:
        found, met = _follow(seeds if self._at is None else _then(seeds, self._at), self._supposed)
        vouched = vouched_for(question.parsed, found, (), NOTHING_ASKED)
        if met:
            vouched = _vouched_with(vouched, found, met)
        held = read_all((one.envelope for one in found.opened.values()), vouched)
        drafts = suppose((one.statement for one in met), held, vouched)
        return _Scene(
            refs=found.refs,
            facts=facts_of(sorted([*held, *drafts], key=lambda s: s.digest), vouched),
            at=whole_second(self._at or found.at),
            read=tuple(met),
        )


def _silent(decision: Decision) -> frozenset[Obstacle]:
    """Return what nobody granted the requester."""
    return frozenset(obstacle for obstacle in decision.obstacles if obstacle.code == "no_grant")


def _together(questions: Sequence[Question]) -> Seeds:
    """Return where to begin for several questions of one requester."""
    refs = frozenset[Ref]().union(*(question.seeds.refs for question in questions))
    uses_ = reduce(or_, (question.seeds.uses for question in questions))
    return Seeds(refs=refs, requester=questions[0].seeds.requester, uses=uses_)


def _then(seeds: Seeds, at: datetime) -> Seeds:
    """Look at what is promised to others at another moment too."""
    at_s = to_epoch_s(whole_second(at))
    return replace(seeds, uses=replace(seeds.uses, windows=seeds.uses.windows | {(at_s, at_s + CLEARANCE_S)}))


def _follow(seeds: Seeds, supposed: Sequence[Supposed]) -> tuple[Closure, list[Supposed]]:
    """Walk from the seeds, and on from every draft that is met, until nothing new is."""
    while True:
        found = closure_of(seeds)
        met = [one for one in supposed if not one.found.isdisjoint(found.refs)]
        leads = frozenset[Ref]().union(*(one.leads for one in met))
        principals = [ref.ident for ref in leads if ref.kind == "speaks_for"]
        theirs = {Ref("to", f"{ref.ident}>{p}") for ref in found.refs if ref.kind in REACHED for p in principals}
        if leads | theirs <= seeds.refs:
            return found, met
        seeds = replace(seeds, refs=seeds.refs | leads | theirs)


def _vouched_with(vouched: Vouched, found: Closure, met: Sequence[Supposed]) -> Vouched:
    """Number what is committed, and the drafts after it; what a draft limits was never drawn on before."""
    waiting = [digest for digest, index in found.indices.items() if index is None]
    waiting.sort(key=lambda digest: (found.opened[digest].accepted_at, digest))
    drafts = {one.statement.digest: one.statement for one in met}
    numbered = {digest: found.tree_size + n for n, digest in enumerate([*waiting, *drafts])}
    capped = capped_by({**{digest: one.statement for digest, one in found.opened.items()}, **drafts})
    grants = {digest for digest, draft in drafts.items() if draft.type in GRANTS}
    return replace(
        vouched,
        tree_size=found.tree_size + len(numbered),
        indices=MappingProxyType({**found.indices, **numbered}),
        no_revocation_of=vouched.no_revocation_of | grants,
        cap_counts=MappingProxyType(uses.counts(capped, besides_shot=None) if capped else {}),
    )
