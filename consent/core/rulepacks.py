"""
Read a rule pack: policies in Cedar, each with its source, its dates and what selects it.

A pack is closed: every policy forbids, bears exactly ``ANNOTATIONS``, and reads nothing but facts of
``consent.core.context``, by name. It may not ask whether a fact is there (`has`), since a fact that is missing must
refuse. Whatever breaks this stops the loading, and with it the registry: a rule silently left out would permit.

``@applies`` says which questions a rule is asked, so that the others cost nothing: `of:performer act:condition,alter
agreement:sag_aftra_tv_theatrical`; all terms of an alternative must meet, and alternatives are parted by ` | `.

Left out: types, which Cedar's validator checks, and asking (``consent.core.rules``).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from consent.core.context import ANY_LAW, FACTS, OF
from consent.core.request import KINDS
from registry.core.errors import DomainError, UnknownTerm
from registry.core.terms import ACTS, PURPOSES, TERRITORIES, expand_territories

ANNOTATIONS: Final = frozenset(
    [
        "id",
        "title",
        "title_fr",
        "source",
        "jurisdiction",
        "effective_from",
        "effective_to",
        "status",
        "verified_by",
        "applies",
    ]
)
STATUSES: Final = ("in_force", "pending", "off")  # pending and off: there to be read, never asked
OPEN: Final = "open"  # a last day that is not set; the first day of what is pending and has none
NEVER_S: Final = 1 << 62
_ID = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_AGREEMENT = re.compile(r"[a-z0-9_]+")
_LAW = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


class BadRulePack(DomainError):
    """A rule pack that may not be used: nothing starts with it."""

    code = "bad_rule_pack"
    status = 500

    def __init__(self, *, pack: str, problem: str, rule: str | None = None) -> None:
        where = "" if rule is None else f"rule `{rule}`: "
        super().__init__(f"rule pack `{pack}`: {where}{problem}")
        self.pack = pack
        self.rule = rule
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Applies:
    """One alternative of what selects a rule; None asks for nothing."""

    of: str
    kinds: frozenset[str] | None
    acts: frozenset[str] | None
    agreements: frozenset[str] | None
    laws: frozenset[str] | None
    territories: int | None  # masks: one in common is enough
    purposes: int | None

    def meets(
        self,
        *,
        of: str,
        kind: str | None,
        act: str | None,
        agreement: str | None,
        law: str | None,
        territories: int | None,
        purposes: int | None,
    ) -> bool:
        return (
            of == self.of
            and (self.kinds is None or kind in self.kinds)
            and (self.acts is None or act in self.acts)
            and (self.agreements is None or agreement in self.agreements)
            and (self.laws is None or _governs(self.laws, law))
            and (self.territories is None or bool(self.territories & (territories or 0)))
            and (self.purposes is None or bool(self.purposes & (purposes or 0)))
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One policy of a pack; compared by identity."""

    id: str
    pack: str
    title: str
    title_fr: str
    source: str
    jurisdiction: str
    effective_from: date | None  # None: of what is pending, and has no date yet
    effective_to: date | None  # its last day; None is open
    status: str  # in_force | pending | off
    verified_by: str
    applies: str  # as it stands in the pack
    alternatives: tuple[Applies, ...]
    reads: tuple[str, ...]  # dotted names of the facts it may come to read, sorted
    policy: Mapping[str, Any]  # in Cedar's JSON

    @property
    def starts_s(self) -> int:
        """The first second of its first day, UTC."""
        return NEVER_S if self.effective_from is None else _midnight_s(self.effective_from)

    @property
    def ends_s(self) -> int:
        """The first second after its last day, UTC."""
        return NEVER_S if self.effective_to is None else _midnight_s(self.effective_to + timedelta(days=1))

    def stands(self, at_s: int) -> bool:
        return self.status == "in_force" and self.starts_s <= at_s < self.ends_s


def read_rule(pack: str, policy: Mapping[str, Any]) -> Rule:
    """
    Read one policy in Cedar's JSON; raises ``BadRulePack``.

    1. Its annotations are those of ``ANNOTATIONS``, none missing and none more.
    2. It forbids, under a condition, and constrains nothing but the facts.
    3. Every fact it reads is known; dates and selection can be read.
    """
    notes = {name: text or "" for name, text in policy.get("annotations", {}).items()}
    rule = notes.get("id") or None
    try:
        _check_annotations(pack, notes)
        _check_form(policy)
        return Rule(
            **{name: notes[name] for name in ("id", "title", "title_fr", "source", "jurisdiction", "status")},
            pack=pack,
            effective_from=_first_day(notes),
            effective_to=_last_day(notes),
            verified_by=notes["verified_by"],
            applies=notes["applies"],
            alternatives=tuple(_alternative(text) for text in notes["applies"].split(" | ")),
            reads=_reads(policy),
            policy=policy,
        )
    except _Problem as problem:
        raise BadRulePack(pack=pack, problem=str(problem), rule=rule) from problem


class _Problem(Exception):
    """What is wrong with one rule, in words."""


def _check_annotations(pack: str, notes: Mapping[str, str]) -> None:
    for name in sorted(ANNOTATIONS):
        if not notes.get(name, "").strip():
            raise _Problem(f"annotation `{name}` is missing")
    for name in sorted(notes.keys() - ANNOTATIONS):
        raise _Problem(f"annotation `{name}` is not known")
    if not _ID.fullmatch(notes["id"]) or notes["id"].split("/")[0] != pack:
        raise _Problem(f"`id` is not of the form `{pack}/name`")
    if notes["status"] not in STATUSES:
        raise _Problem(f"`status` is not one of {' | '.join(STATUSES)}")


def _check_form(policy: Mapping[str, Any]) -> None:
    if policy["effect"] != "forbid":
        raise _Problem("a rule forbids, it never permits")
    if any(policy[name]["op"] != "All" for name in ("principal", "action", "resource")):
        raise _Problem("principal, action and resource are not constrained; `applies` selects")
    if not policy["conditions"]:
        raise _Problem("a rule has a condition")


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError as error:
        raise _Problem(f"`{name}` is not a date of the form 2027-01-31") from error


def _first_day(notes: Mapping[str, str]) -> date | None:
    if notes["effective_from"] == OPEN and notes["status"] == "pending":
        return None
    return _day("effective_from", notes["effective_from"])


def _last_day(notes: Mapping[str, str]) -> date | None:
    if notes["effective_to"] == OPEN:
        return None
    first, last = _first_day(notes), _day("effective_to", notes["effective_to"])
    if first is None or last < first:
        raise _Problem("`effective_to` lies before `effective_from`")
    return last


def _midnight_s(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _governs(laws: frozenset[str], law: str | None) -> bool:
    """Say whether a governing law is one of these, part of one, or has one as its part; which part is not known."""
    if law is None:
        return False
    return law == ANY_LAW or any(law == one or law.startswith(f"{one}-") or one.startswith(f"{law}-") for one in laws)


def _alternative(text: str) -> Applies:
    """Read `of:performer act:condition,alter`: each term once, each value known."""
    terms: dict[str, tuple[str, ...]] = {}
    for word in text.split():
        key, colon, values = word.partition(":")
        if not colon or key in terms or not all(values.split(",")):
            raise _Problem(f"`applies` cannot be read at `{word}`")
        terms[key] = tuple(values.split(","))
    of = terms.pop("of", ())
    if len(of) != 1 or of[0] not in OF:
        raise _Problem(f"`applies` says `of:` one of {' | '.join(OF)}")
    found = Applies(
        of=of[0],
        kinds=_known(terms, "kind", KINDS.__contains__),
        acts=_known(terms, "act", ACTS.terms.__contains__),
        agreements=_known(terms, "agreement", _AGREEMENT.fullmatch),
        laws=_known(terms, "law", _LAW.fullmatch),
        territories=_mask(terms, "territory", _territories),
        purposes=_mask(terms, "purpose", PURPOSES.mask),
    )
    for key in terms:
        raise _Problem(f"`applies` does not know `{key}:`")
    return found


def _known(terms: dict[str, tuple[str, ...]], key: str, known: Callable[[str], object]) -> frozenset[str] | None:
    values = terms.pop(key, None)
    if values is not None and not all(map(known, values)):
        raise _Problem(f"`applies` has an unknown value in `{key}:{','.join(values)}`")
    return None if values is None else frozenset(values)


def _mask(terms: dict[str, tuple[str, ...]], key: str, read: Callable[[tuple[str, ...]], int]) -> int | None:
    values = terms.pop(key, None)
    try:
        return None if values is None else read(values)
    except UnknownTerm as error:
        raise _Problem(f"`applies`: {error}") from error


def _territories(values: tuple[str, ...]) -> int:
    return TERRITORIES.mask(expand_territories(values))


def _reads(policy: Mapping[str, Any]) -> tuple[str, ...]:
    reads = sorted(set(_facts_in(policy["conditions"])))
    if not reads:
        raise _Problem("a rule reads at least one fact")
    return tuple(reads)


def _facts_in(node: Any) -> Iterator[str]:
    """Yield every `context.group.fact`; whatever else touches the context, or another variable, is a problem."""
    if isinstance(node, list):
        for item in node:
            yield from _facts_in(item)
    if not isinstance(node, dict):
        return
    name = _fact_at(node)
    if name is not None:
        yield name
        return
    if "has" in node:
        raise _Problem("a rule never asks whether a fact is there (`has`)")
    if "Var" in node:
        raise _Problem(f"`{node['Var']}` is read other than as `context.group.fact`")
    for item in node.values():
        yield from _facts_in(item)


def _fact_at(node: Mapping[str, Any]) -> str | None:
    """Return the name of the fact that a node reads, if it reads one and nothing else."""
    outer = node.get(".")
    inner = outer["left"].get(".") if isinstance(outer, dict) else None
    if not isinstance(outer, dict) or not isinstance(inner, dict) or inner["left"] != {"Var": "context"}:
        return None
    name = f"{inner['attr']}.{outer['attr']}"
    if name not in FACTS:
        raise _Problem(f"`{name}` is not a fact that rules may see")
    return name
