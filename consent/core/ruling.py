"""
Ask the rule packs about one decision: once about the request, and once about each ground for each act it serves.

A rule sees the project with what the nodes above it state where it states nothing itself: the agreement of a series
governs its episodes.
"""

from dataclasses import replace
from functools import cached_property

from consent.core.context import Context, PerformerFacts
from consent.core.facts import Facts
from consent.core.gathering import context_of, demand_facts, performer_facts, selected_by
from consent.core.inquiry import Inquiry
from consent.core.obstacles import Obstacle
from consent.core.request import AnyRequest, ByPerformer, Request
from consent.core.rulepacks import Rule
from consent.core.rules import Broken, ask, installed
from registry.core.record import Project

Subject = tuple[str, str]


class Rulings:
    """What the rules in force say of one request."""

    def __init__(self, request: AnyRequest, facts: Facts, at_s: int) -> None:
        self._request = request
        self._facts = facts
        self._at_s = at_s
        self._project = _governed(request, facts)
        self._selected: dict[tuple[str, str], tuple[Rule, ...]] = {}

    @cached_property
    def _whole(self) -> Context:
        """What there is to know of the request alone."""
        return context_of(self._request, of="request", at_s=self._at_s, project=self._project)

    def of_request(self) -> list[Obstacle]:
        """Ask about the request as a whole; a decision that other rules were asked for cannot be made with these."""
        subject = ("request", self._request.shot if isinstance(self._request, Request) else self._request.for_)
        told = self._facts.vouched.rules
        if told is not None and told != installed().sha256:
            return [Obstacle(code="rule_unreadable", subject=subject, rule=told)]
        rules = selected_by(self._request, of="request", at_s=self._at_s, project=self._project)
        return [refused_by(one, subject, None, None) for rule in rules for one in ask(rule, self._whole)]

    def asks(self, of: str, act: str) -> bool:
        """Say whether any rule is asked about grounds that serve an act on a performer, or on an asset."""
        return bool(self._rules(of, act))

    def inquiry(self, *, subject: Subject, act: str, aspects: int, shown: ByPerformer | None, struck: bool) -> Inquiry:
        """Return what to ask about each ground that serves an act on a performer or an asset."""
        of, id_ = subject
        performer = PerformerFacts()
        if of == "performer":
            party = self._facts.parties.get(id_)
            performer = performer_facts(party, at_s=self._at_s, dead=id_ in self._facts.dead, struck=struck)
        context = self._whole.of_demand(_kind(of), demand_facts(act, aspects, shown), performer)
        return Inquiry(self._rules(of, act), context, self._at_s)

    def _rules(self, of: str, act: str) -> tuple[Rule, ...]:
        known = self._selected.get((of, act))
        if known is None:
            known = selected_by(self._request, of=_kind(of), at_s=self._at_s, act=act, project=self._project)
            self._selected[of, act] = known
        return known


def _kind(of: str) -> str:
    return "performer" if of == "performer" else "asset"


def _governed(request: AnyRequest, facts: Facts) -> Project | None:
    if not isinstance(request, Request) or request.project not in facts.projects:
        return None
    own = facts.projects[request.project]
    if own.parent is None:
        return own
    row = [facts.projects[node] for node in facts.ancestors(request.project) if node in facts.projects]
    return replace(
        row[0],
        agreement=next((node.agreement for node in row if node.agreement is not None), None),
        signatory=next((node.signatory for node in row if node.signatory is not None), None),
        governing_law=next((node.governing_law for node in row if node.governing_law is not None), None),
    )


def refused_by(broken: Broken, subject: Subject, act: str | None, ground: str | None) -> Obstacle:
    """Refuse, in the name of a rule."""
    return Obstacle(code=broken.code, subject=subject, act=act, nearest=ground, rule=broken.rule, fact=broken.fact)
