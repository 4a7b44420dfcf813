"""
Bring the facts before ``decide``.

INVARIANT (linearizable): a decision that binds share-locks every head that it read, reads again under the locks, and
starts over where the closure changed in between; only then the clock is read. A withdrawal that committed before is
therefore seen, and one that has not waits until the decision is committed. Nothing but SQL and ``decide`` runs under
locks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction

from consent.core.facts import Facts, facts_digest, facts_from
from consent.core.request import AnyRequest
from consent.core.vouched import Vouched
from consent.selectors.closure import Closure, Seeds, closure_of, named_by, seeds_of, survey
from consent.selectors.strangers import grants_to_others
from consent.services.questions import NOTHING_ASKED, Asked, Deliberation, Question, answered, vouched_for
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.core.times import whole_second
from registry.locks import Head, lock

MAX_TRIES = 8  # the closure of a request changes only while somebody registers something about it


class Contended(DomainError):
    """The rights asked about kept changing while the decision was being made."""

    code = "contended"
    status = 503

    def __init__(self, *, tries: int) -> None:
        super().__init__(f"the rights asked about changed `{tries}` times while deciding: try again")


class _ClosureChanged(Exception):
    """Read again; the savepoint gives the locks back."""


def preflight(request: Json, *, prompt: str = "", asked: Asked = NOTHING_ASKED) -> Deliberation:
    """Decide without locks and without a trace; the answer may be old by the time it is read."""
    question = Question.of(request, asked)
    with transaction.atomic():
        if prompt:
            question = question.naming(survey(question.seeds, prompt).named)
        return _decide(question, closure_of(question.seeds), heads={})


def preflight_many(asked_for: Sequence[tuple[Json, str]]) -> list[Deliberation]:
    """
    Decide on many (request, prompt), like ``preflight``, on facts that are read once for each requester.

    A decision's ``facts_digest`` is then that of all of them together.
    """
    with transaction.atomic():
        named = named_by(prompt for _, prompt in asked_for)
        questions = [Question.of(request, NOTHING_ASKED).naming(named[prompt]) for request, prompt in asked_for]
        shared = {requester: _Shared.by(requester, questions) for requester in {q.seeds.requester for q in questions}}
        return [_decide_shared(question, shared[question.seeds.requester]) for question in questions]


def deliberate(request: Json, *, prompt: str, asked: Asked = NOTHING_ASKED) -> Deliberation:
    """Decide under locks, which last until the caller's transaction ends. Joins that transaction."""
    question = Question.of(request, asked)
    for _ in range(MAX_TRIES):
        met = survey(question.seeds, prompt)
        question = question.naming(met.named)
        try:
            with transaction.atomic():
                caps = {head for head in met.heads if head.kind == "cap"}
                heads = lock(shared=met.heads - caps, exclusive=caps)
                found = closure_of(question.seeds)
                if found.refs != met.refs:
                    raise _ClosureChanged
                return _decide(question, found, heads=heads)
        except _ClosureChanged:
            continue
    raise Contended(tries=MAX_TRIES)


def facts_about(
    parsed: AnyRequest, *, prompt_matches: tuple[str, ...], widely: bool = False
) -> tuple[Closure, Facts, datetime]:
    """
    Return what a decision would read, its facts, and when; without locks, for answers that bind nobody.

    ``widely``: what a decision on any use of the same things would read.
    """
    with transaction.atomic():
        seeds = seeds_of(parsed).beside(persons=prompt_matches)
        found = closure_of(seeds.widely if widely else seeds)
        return found, _facts(found, vouched_for(parsed, found, prompt_matches, NOTHING_ASKED)), whole_second(found.at)


def facts_about_many(asked_for: Sequence[tuple[Json, str]]) -> list[tuple[Facts, datetime]]:
    """Return the facts of a decision on each (request, prompt), and when; read once for each requester, bind nobody."""
    with transaction.atomic():
        named = named_by(prompt for _, prompt in asked_for)
        questions = [Question.of(request, NOTHING_ASKED).naming(named[prompt]) for request, prompt in asked_for]
        shared = {requester: _Shared.by(requester, questions) for requester in {q.seeds.requester for q in questions}}
    read = [(shared[question.seeds.requester], question.named) for question in questions]
    return [(one.naming(persons), whole_second(one.found.at)) for one, persons in read]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What was read for all the questions of one requester."""

    found: Closure
    facts: Facts  # nobody named
    known: dict[tuple[str, ...], Facts] = field(default_factory=dict)  # by whom prompts name

    @classmethod
    def by(cls, requester: str, questions: Iterable[Question]) -> "_Shared":
        own = [question for question in questions if question.seeds.requester == requester]
        refs = frozenset().union(*(question.seeds.refs for question in own))
        uses = reduce(or_, (question.seeds.uses for question in own))
        found = closure_of(Seeds(refs=refs, requester=requester, uses=uses))
        return cls(found=found, facts=_facts(found, vouched_for(own[0].parsed, found, (), NOTHING_ASKED)))

    def naming(self, performers: tuple[str, ...]) -> Facts:
        """Return the facts for a prompt that names these."""
        if performers not in self.known:
            vouched = replace(self.facts.vouched, prompt_matches=performers)
            digest = facts_digest(self.facts.digests, vouched)
            self.known[performers] = self.facts.both(lambda one: replace(one, vouched=vouched, facts_digest=digest))
        return self.known[performers]


def _decide_shared(question: Question, shared: _Shared) -> Deliberation:
    """Decide on shared facts; where somebody granted nothing to the requester, on facts of its own."""
    deliberation = answered(question, shared.found, shared.naming(question.named), heads={})
    if any(obstacle.code == "no_grant" for obstacle in deliberation.decision.obstacles):
        return _decide(question, closure_of(question.seeds), heads={})
    return deliberation


def _decide(question: Question, found: Closure, *, heads: Mapping[Head, int]) -> Deliberation:
    """Decide; where somebody granted nothing to the requester, again, to tell whether to anybody at all."""
    deliberation = _decide_on(question, found, heads)
    obstacles = deliberation.decision.obstacles
    if any(obstacle.code == "no_grant" for obstacle in obstacles):
        reached = [ref.ident for ref in found.refs if ref.kind in ("asset", "work", "catalogue")]
        if strangers := grants_to_others(obstacles, reached=reached):
            return _decide_on(question, closure_of(question.seeds.beside(grants=strangers)), heads)
    return deliberation


def _decide_on(question: Question, found: Closure, heads: Mapping[Head, int]) -> Deliberation:
    vouched = vouched_for(question.parsed, found, question.named, question.asked)
    return answered(question, found, _facts(found, vouched), heads)


def _facts(found: Closure, vouched: Vouched) -> Facts:
    return facts_from((one.envelope for one in found.opened.values()), vouched)
