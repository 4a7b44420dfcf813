"""
Answer an ODRL request by an ODRL policy, closed by default.

Every rule of the policy is active or not for the request in the state of the world; a permission that is not active
permits nothing, and a prohibition that cannot be read is active. Left out: what the rules are worth as a grant
(``odrl_import``), and the registry's own decision, which never reads ODRL.

1. **target and party**: the one that is named, a member of the collection that is named, or anything where none is.
2. **action**: the one that is named or one that it includes. A permission without an action permits nothing: the
   information model requires one (2.5), and what is not said is not allowed.
3. **constraints**: each holds, `and`, `or`, `xone`, `andSequence` as the model has them. What cannot be evaluated (an
   unknown left operand, another type of value) does not hold for a permission, and is no way out of a prohibition.
4. **duties**: each is fulfilled. One whose state is unknown or not set is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rdflib import Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from web.interchange.odrl_names import DCTERMS, ODRL, RDF, REPORT, RULES, USE_INCLUDES, XSD

CURRENT_TIME: Final = URIRef("http://example.com/request/currentTime")
_LOGICAL: Final = (ODRL["and"], ODRL["or"], ODRL.xone, ODRL.andSequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one rule; the parts say why."""

    rule: str
    kind: str  # permission | prohibition | obligation
    target: bool
    party: bool
    action: bool
    constraints: bool
    duties: bool

    @property
    def active(self) -> bool:
        return self.target and self.party and self.action and self.constraints and self.duties


def evaluate(policy: Graph, request: Graph, world: Graph) -> tuple[Outcome, ...]:
    """Return the outcome of every rule of the policy for the one rule of the request, sorted by rule."""
    asked = _asked(request)
    case = _Case(policy=policy, world=world, asked=asked)
    found = [case.outcome(rule, kind) for kind, name in RULES.items() for rule in policy.objects(None, name)]
    return tuple(sorted(found, key=lambda outcome: outcome.rule))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    target: Node | None
    party: Node | None
    action: Node | None


def _asked(request: Graph) -> _Asked:
    rules = list(set(request.objects(None, ODRL.permission)))
    if len(rules) != 1:
        return _Asked(target=None, party=None, action=None)  # asks nothing that could be allowed
    rule = rules[0]
    return _Asked(
        target=request.value(rule, ODRL.target),
        party=request.value(rule, ODRL.assignee),
        action=request.value(rule, ODRL.action),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    policy: Graph
    world: Graph
    asked: _Asked

    def outcome(self, rule: Node, kind: str) -> Outcome:
        barring = kind == "prohibition"
        return Outcome(
            rule=str(rule),
            kind=kind,
            target=self._concerns(rule, ODRL.target, self.asked.target),
            party=self._concerns(rule, ODRL.assignee, self.asked.party),
            action=self._acts(rule, barring=barring),
            constraints=all(
                self._holds(constraint, unreadable=barring) for constraint in self.policy.objects(rule, ODRL.constraint)
            ),
            duties=barring or all(self._fulfilled(duty) for duty in self.policy.objects(rule, ODRL.duty)),
        )

    def _concerns(self, rule: Node, name: URIRef, asked: Node | None) -> bool:
        """Say whether what is asked is what the rule names, or belongs to it."""
        named = set(self.policy.objects(rule, name))
        if not named:
            return True
        return asked is not None and any(asked == one or self._belongs(asked, one) for one in named)

    def _belongs(self, member: Node, collection: Node) -> bool:
        return (member, ODRL.partOf, collection) in self.world or (member, ODRL.partOf, collection) in self.policy

    def _acts(self, rule: Node, *, barring: bool) -> bool:
        named = set(self.policy.objects(rule, ODRL.action))
        if not named:
            return barring
        return any(self.asked.action == one or (one == ODRL.use and self.asked.action in USE_INCLUDES) for one in named)

    def _holds(self, constraint: Node, *, unreadable: bool) -> bool:
        for operator in _LOGICAL:
            if (self.policy.value(constraint, operator)) is not None:
                return self._combined(constraint, operator, unreadable=unreadable)
        left = self._left(self.policy.value(constraint, ODRL.leftOperand))
        right = self.policy.value(constraint, ODRL.rightOperand)
        verdict = _compare(left, self.policy.value(constraint, ODRL.operator), right)
        return unreadable if verdict is None else verdict

    def _combined(self, constraint: Node, operator: URIRef, *, unreadable: bool) -> bool:
        parts = [self._holds(part, unreadable=unreadable) for part in _parts(self.policy, constraint, operator)]
        if operator == ODRL["or"]:
            return any(parts)
        return sum(parts) == 1 if operator == ODRL.xone else all(parts)

    def _left(self, operand: Node | None) -> Literal | None:
        """Return the value that the state of the world has for a left operand; None where it says nothing."""
        if operand != ODRL.dateTime:
            return None
        found = self.world.value(CURRENT_TIME, DCTERMS.issued)
        return found if isinstance(found, Literal) else None

    def _fulfilled(self, duty: Node) -> bool:
        states = {state for report in self.world.subjects(REPORT.rule, duty) for state in self._states(report)}
        return states == {REPORT.Fulfilled}

    def _states(self, report: Node) -> Iterator[Node]:
        return self.world.objects(report, REPORT.deonticState)


def _parts(graph: Graph, constraint: Node, operator: URIRef) -> Iterator[Node]:
    """Return the operands of a logical constraint, written as several values or as one list."""
    for part in graph.objects(constraint, operator):
        if (part, RDF.first, None) in graph:
            yield from Collection(graph, part)
        else:
            yield part


def _compare(left: Literal | None, operator: Node | None, right: Node | None) -> bool | None:
    """Compare two moments; None where there is nothing that can be compared."""
    if left is None or not isinstance(right, Literal) or left.datatype != XSD.dateTime:
        return None
    if left.datatype != right.datatype or left.ill_typed or right.ill_typed:
        return None
    a, b = left.toPython(), right.toPython()
    if (a.tzinfo is None) != (b.tzinfo is None):
        return None
    verdicts: dict[Node | None, bool] = {
        ODRL.eq: a == b,
        ODRL.neq: a != b,
        ODRL.lt: a < b,
        ODRL.lteq: a <= b,
        ODRL.gt: a > b,
        ODRL.gteq: a >= b,
    }
    return verdicts.get(operator)
