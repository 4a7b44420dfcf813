"""
Prove each rule by its golden cases: one that passes, and the same with one fact flipped that refuses.

Every pack has a file ``<pack>.cases.json`` beside it. For each rule:

1. What passes is selected, and the rule has nothing against it.
2. Each of ``refuses`` flips one fact of these, and the rule then refuses. Without that fact it says which is missing.
3. Each of ``spares`` flips one fact of what was refused first, and it passes again. Every fact that the rule reads is
   flipped by one of these, so that a condition dropped from a rule does not go unseen.
4. Each of ``not_asked`` flips one fact, and the rule is then not asked.
5. In force, it refuses on its first and on its last day, and is silent the day before and the day after; a rule that is
   pending or off is never asked.

A rule without cases, and cases without a rule, are faults: a checker that has nothing to check proves nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from consent.core.context import Context, read_facts
from consent.core.rulepacks import NEVER_S, Rule
from consent.core.rules import Broken, Rules, ask, selects
from registry.core.errors import DomainError, Malformed
from registry.core.fields import Reader
from registry.core.jcs import parse_json

CASES: Final = ".cases.json"
_DAY_S: Final = 86_400

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The golden cases of one rule."""

    rule: str
    of: str
    passes: Facts
    refuses: tuple[Facts, ...]  # of one fact each, as the two below
    spares: tuple[Facts, ...]
    not_asked: tuple[Facts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A rule that does not do what its cases say, or cases that say nothing."""

    rule: str
    problem: str


def read_cases(files: Mapping[str, str]) -> dict[str, Case]:
    """Read the cases of every pack from texts by file name; raises ``DomainError``."""
    cases: dict[str, Case] = {}
    for name in sorted(files):
        if not name.endswith(CASES):
            continue
        for rule, held in _facts(parse_json(files[name].encode()), name).items():
            cases[rule] = _read_case(rule, Reader(held, f"{name}: {rule}"))
    return cases


def check(rules: Rules, cases: Mapping[str, Case]) -> list[Fault]:
    """Return every rule that fails its cases, and every case that has no rule; empty is sound."""
    faults = [Fault(rule=rule, problem="no such rule") for rule in sorted(cases.keys() - {r.id for r in rules.rules})]
    for rule in rules.rules:
        case = cases.get(rule.id)
        try:
            problems = ["it has no golden cases"] if case is None else list(_problems(rule, case))
        except DomainError as error:
            problems = [str(error)]
        faults += [Fault(rule=rule.id, problem=problem) for problem in problems]
    return faults


def _read_case(rule: str, body: Reader) -> Case:
    case = Case(
        rule=rule,
        of=body.str("of"),
        passes=_facts(body.raw("passes"), body.at("passes")),
        refuses=body.list_of("refuses", _facts, min_items=1),
        spares=body.list_of("spares", _facts),
        not_asked=body.list_of("not_asked", _facts, min_items=1),
    )
    body.finish()
    return case


def _facts(value: object, path: str) -> Facts:
    if not isinstance(value, dict):
        raise Malformed("bad_type", field=path, wanted="an object")
    return value


def _problems(rule: Rule, case: Case) -> Iterator[str]:
    base = read_facts(case.of, case.passes)
    if not _selected(rule, base):
        yield "what should pass is not selected"
    if found := ask(rule, base):
        yield f"what should pass is {_codes(found)}"
    for flip in case.refuses:
        yield from _problems_of_flip(rule, case, flip)
    for flip in case.spares:
        if found := ask(rule, _flipped(case, {**case.refuses[0], **flip})):
            yield f"with {flip} it should spare and is {_codes(found)}"
    shown = {fact for flip in (*case.refuses, *case.spares) for fact in flip}
    for fact in rule.reads:
        if fact not in shown:
            yield f"no case flips `{fact}`"
    for flip in case.not_asked:
        if _selected(rule, _flipped(case, flip)):
            yield f"it is asked with {flip}"
    yield from _problems_of_days(rule, _flipped(case, case.refuses[0]))


def _problems_of_flip(rule: Rule, case: Case, flip: Facts) -> Iterator[str]:
    if len(flip) != 1 or all(case.passes.get(name) == value for name, value in flip.items()):
        yield f"{flip} does not flip one fact"
        return
    flipped = _flipped(case, flip)
    found = ask(rule, flipped)
    if found != (Broken(code="rule_refused", rule=rule.id),) or not _selected(rule, flipped):
        yield f"with {flip} it should refuse and is {_codes(found)}"
    (fact,) = flip
    unstated = ask(rule, _flipped(case, {fact: None}))
    if Broken(code="rule_fact_missing", rule=rule.id, fact=fact) not in unstated:
        yield f"without `{fact}` it should say so and is {_codes(unstated)}"


def _problems_of_days(rule: Rule, refused: Context) -> Iterator[str]:
    alone = Rules((rule,), "")
    if rule.status != "in_force":
        if rule.starts_s != NEVER_S and alone.broken(refused, rule.starts_s):
            yield f"it is {rule.status} and asked all the same"
        return
    expected = {rule.starts_s - 1: False, rule.starts_s: True, rule.starts_s + _DAY_S: True}
    if rule.ends_s != NEVER_S:
        expected |= {rule.ends_s - _DAY_S: True, rule.ends_s - 1: True, rule.ends_s: False}
    for at_s, refuses in expected.items():
        if bool(alone.broken(refused, at_s)) is not refuses:
            yield f"its dates do not hold at second {at_s}"


def _flipped(case: Case, flip: Facts) -> Context:
    return read_facts(case.of, {**case.passes, **flip})


def _selected(rule: Rule, context: Context) -> bool:
    request, project = context.request, context.project
    return selects(
        rule,
        of=context.of,
        kind=request.kind,
        act=context.demand.act,
        agreement=project.agreement,
        law=project.governing_law,
        territories=request.territories,
        purposes=request.purposes,
    )


def _codes(found: tuple[Broken, ...]) -> str:
    return " ".join(one.code if one.fact is None else f"{one.code} ({one.fact})" for one in found) or "passed"
