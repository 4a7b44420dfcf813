"""
Ask the rule packs: dated law and union terms that a grant cannot set aside.

Packs are data under ``consent/rulepacks`` (``docs/rulepacks.md``). They are loaded once, whole or not at all, and asked
offline; nothing but this module imports ``cedarpy``.

1. The rules in force on the day, and of these the ones that the question selects, are remembered by what selects them.
2. A rule is evaluated by itself, on the facts that it reads; the answer is remembered by these facts alone.
3. INVARIANT (default-deny): what is not a clear answer refuses. Cedar skips a policy that errors; here it refuses, as
   ``rule_fact_missing`` where a fact that it reads was not stated, else as ``rule_unreadable``.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from operator import attrgetter
from typing import Any, Final, Literal

import cedarpy

from consent.core.context import Context, as_cedar
from consent.core.rulepacks import BadRulePack, Rule, read_rule
from registry.core.envelope import canonical, sha256_hex
from registry.core.errors import DomainError

SCHEMA: Final = "facts.cedarschema"
_PACK: Final = ".cedar"
_ALL: Final = {"op": "All"}
_PERMIT: Final = {"effect": "permit", "principal": _ALL, "action": _ALL, "resource": _ALL, "conditions": []}
_QUESTION: Final = {"principal": 'Nobody::"asks"', "action": 'Action::"use"', "resource": 'Nobody::"asks"'}
_NO_ENTITIES: Final = cedarpy.Entities.from_json_str("[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A rule that a use does not keep, or that cannot be asked."""

    code: Literal["rule_refused", "rule_unreadable", "rule_fact_missing"]
    rule: str
    fact: str | None = None  # dotted name, with `rule_fact_missing`


class UnknownRule(DomainError):
    """A rule id that no pack holds."""

    code = "unknown_rule"
    status = 404

    def __init__(self, *, rule: str) -> None:
        super().__init__(f"rule `{rule[:80]}` is in no pack")
        self.rule = rule


class Rules:
    """A set of packs, checked and ready to be asked; compared by identity."""

    def __init__(self, rules: Iterable[Rule], sha256: str) -> None:
        self.rules: Final = tuple(sorted(rules, key=lambda rule: rule.id))
        self.sha256: Final = sha256
        edges = {edge for rule in self.rules for edge in (rule.starts_s, rule.ends_s)}
        self._edges: Final = sorted(edges)

    @classmethod
    def load(cls, files: Mapping[str, str]) -> "Rules":
        """
        Read packs and their schema from texts by file name; raises ``BadRulePack``.

        Files that are neither packs nor the schema are left alone. No rules at all is an error: a package that lost
        its data must not permit.
        """
        packs = {name: text for name, text in sorted(files.items()) if name.endswith(_PACK)}
        rules: dict[str, Rule] = {}
        for name, text in packs.items():
            for rule in _read_pack(name, text, files.get(SCHEMA, "")):
                if rules.setdefault(rule.id, rule) is not rule:
                    raise BadRulePack(pack=rule.pack, problem="its id stands twice", rule=rule.id)
        if not rules:
            raise BadRulePack(pack="", problem="there are no rules")
        digest = sha256_hex(canonical({**packs, SCHEMA: files[SCHEMA]}))
        return cls(rules.values(), digest)

    def in_force(self, at_s: int) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.stands(at_s))

    def find(self, rule_id: str) -> Rule:
        """Return a rule by its id; raises ``UnknownRule``."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise UnknownRule(rule=rule_id)

    def selected(
        self,
        at_s: int,
        *,
        of: str,
        kind: str | None,
        act: str | None,
        agreement: str | None,
        law: str | None,
        territories: int | None,
        purposes: int | None,
    ) -> tuple[Rule, ...]:
        """Return the rules in force at a moment that a question selects; cheap, and cheaper the second time."""
        era = bisect_right(self._edges, at_s)
        return _selected(self, era, of, kind, act, agreement, law, territories, purposes)

    def broken(self, context: Context, at_s: int) -> tuple[Broken, ...]:
        """Return every rule in force that a use does not keep or that cannot be asked, by rule id."""
        request, project = context.request, context.project
        rules = self.selected(
            at_s,
            of=context.of,
            kind=request.kind,
            act=context.demand.act,
            agreement=project.agreement,
            law=project.governing_law,
            territories=request.territories,
            purposes=request.purposes,
        )
        return tuple(one for rule in rules for one in ask(rule, context)) if rules else ()

    def _of_era(self, era: int) -> tuple[Rule, ...]:
        """Return the rules in force between two edges; before the first edge nothing is."""
        return self.in_force(self._edges[era - 1]) if era else ()


@lru_cache(maxsize=16_384)
def _selected(
    rules: Rules,
    era: int,
    of: str,
    kind: str | None,
    act: str | None,
    agreement: str | None,
    law: str | None,
    territories: int | None,
    purposes: int | None,
) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in rules._of_era(era)
        if selects(
            rule,
            of=of,
            kind=kind,
            act=act,
            agreement=agreement,
            law=law,
            territories=territories,
            purposes=purposes,
        )
    )


def selects(rule: Rule, **question: Any) -> bool:
    """Say whether a rule is asked a question, whatever the day; the arguments are those of ``Applies.meets``."""
    return any(one.meets(**question) for one in rule.alternatives)


def ask(rule: Rule, context: Context) -> tuple[Broken, ...]:
    """Evaluate one rule on the facts that it reads, whether or not it is in force or selected."""
    return _answer(rule, _values_of(rule)(context))


@cache
def _values_of(rule: Rule) -> "attrgetter[tuple[object, ...]]":
    return attrgetter("of", *rule.reads)  # `of` first, so that the answer is a tuple even for a single fact


@lru_cache(maxsize=16_384)  # answers repeat: most rules read two or three yes-or-no facts
def _answer(rule: Rule, values: tuple[object, ...]) -> tuple[Broken, ...]:
    stated: dict[str, dict[str, object]] = {}
    missing: list[str] = []
    for name, value in zip(rule.reads, values[1:], strict=True):
        group, _, fact = name.partition(".")
        held = stated.setdefault(group, {})
        if value is None:
            missing.append(name)
        else:
            held[fact] = as_cedar(name, value)
    result = cedarpy.is_authorized({**_QUESTION, "context": stated}, _policies(rule), _NO_ENTITIES)
    if result.decision is cedarpy.Decision.Deny and not result.diagnostics.errors:
        return (Broken(code="rule_refused", rule=rule.id),)
    if result.decision is cedarpy.Decision.Allow and not result.diagnostics.errors:
        return ()
    if missing:
        return tuple(Broken(code="rule_fact_missing", rule=rule.id, fact=fact) for fact in missing)
    return (Broken(code="rule_unreadable", rule=rule.id),)


@cache
def _policies(rule: Rule) -> cedarpy.PolicySet:
    """Return a set in which everything is allowed but what this rule forbids; it names its policies itself."""
    held = {"permit": _PERMIT, rule.id: rule.policy}
    return cedarpy.PolicySet.from_json_str(json.dumps({"staticPolicies": held, "templates": {}, "templateLinks": []}))


def policy_text(rule: Rule) -> str:
    """Return what a rule says, in Cedar, without its annotations and the parentheses that Cedar puts around facts."""
    bare = {**rule.policy, "annotations": {}}
    text = cedarpy.policies_from_json_str(
        json.dumps({"staticPolicies": {rule.id: bare}, "templates": {}, "templateLinks": []})
    )
    for parentheses in (r"\((context\.\w+)\)", r"\((context\.\w+\.\w+)\)"):
        text = re.sub(parentheses, r"\1", text)
    return cedarpy.format_policies(text, 100, 2).strip()


def _read_pack(name: str, text: str, schema: str) -> list[Rule]:
    pack = name.removesuffix(_PACK)
    try:
        policies = json.loads(cedarpy.policies_to_json_str(text))
        found = cedarpy.validate_policies(text, cedarpy.Schema.from_str(schema))
    except ValueError as error:
        raise BadRulePack(pack=pack, problem=f"not Cedar: {error}") from error
    if policies["templates"]:
        raise BadRulePack(pack=pack, problem="a rule is no template")
    rules = [read_rule(pack, policy) for policy in policies["staticPolicies"].values()]
    if not found.validation_passed:
        first = found.errors[0]
        raise BadRulePack(pack=pack, problem=first.error, rule=found.id_annotations_by_policy_id.get(first.policy_id))
    return rules


def read_packs() -> dict[str, str]:
    """Return the texts that are installed with the program, by file name."""
    folder = resources.files("consent").joinpath("rulepacks")
    return {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.is_file()}


@cache
def installed() -> Rules:
    """Return the packs installed with the program, loaded once; raises ``BadRulePack``, and then nothing is decided."""
    return Rules.load(read_packs())


def broken(context: Context, at_s: int) -> tuple[Broken, ...]:
    """Return every installed rule in force that a use does not keep or that cannot be asked."""
    return installed().broken(context, at_s)


def explain(rule_id: str) -> Rule:
    """Return an installed rule with its title, source, dates, selection and the facts it reads."""
    return installed().find(rule_id)
