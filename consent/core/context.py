"""
What a rule may see: facts about one request, one demand, and the grant that would serve it.

The facts are closed: ``FACTS`` is the whole list, each with its type in Cedar, and the schema of the packs
(``consent/rulepacks/facts.cedarschema``) says the same. A fact that nobody stated is None; a rule that comes to read it
refuses. Sets of words stay masks until a rule is evaluated, so that a context costs little.

``read_facts`` builds a context from dotted names, as golden cases write it; ``consent.core.gathering`` builds one from
what a decision has in hand. Which rules there are, and what they say, is in ``consent.core.rules``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from registry.core.errors import Malformed
from registry.core.terms import ACTS, ASPECTS, LABELS, MEDIA, PURPOSES, TERRITORIES, Vocabulary

NO_END_DAYS: Final = 3_652_059  # the term of a grant without end: as many days as a calendar has (the year 9999)
ANY_LAW: Final = "?"  # a governing law that is stated and is no code: taken as every law


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    kind: str | None = None  # shot | release | use | train
    purposes: int | None = None
    media: int | None = None
    territories: int | None = None
    scene: int | None = None
    depicted_ages: frozenset[int] | None = None  # years, of those references that state one
    seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandFacts:
    act: str | None = None
    aspects: int | None = None
    depicts: int | None = None
    replica_use: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    agreement: str | None = None  # in the form of `agreement_key`
    signatory: bool | None = None
    governing_law: str | None = None  # in the form of `law_key`
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformerFacts:
    minor: bool | None = None  # under 18 at the moment of the decision
    dead: bool | None = None
    struck: bool | None = None  # a strike of a union of theirs bites, whatever the grant says of strikes
    domicile: str | None = None
    unions: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFacts:
    kind: str | None = None  # consent | licence
    assurance: str | None = None
    acts: int | None = None
    all_projects: bool | None = None  # it names no project
    term_days: int | None = None  # from its first day to its last; NO_END_DAYS without end
    hours_before_use: int | None = None  # full hours since it was issued
    signed_by: str | None = None  # own | agent | guardian | estate | union | vendor | society
    basis: str | None = None
    represented: bool | None = None
    replaces_in_person_work: bool | None = None
    replica_use: frozenset[str] | None = None
    specific: bool | None = None  # enough of a description, and a role or scenes
    court_order: bool | None = None
    retention_set: bool | None = None
    survives_death: bool | None = None
    revocation: str | None = None
    strike: str | None = None
    assignable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFacts:
    marks: frozenset[str] | None = None  # signed_metadata, watermark
    disclosed: bool | None = None  # the viewer is told, on the screen or beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The facts of one question: of a request as a whole, or of one performer or asset in it."""

    of: str  # request | performer | asset
    request: RequestFacts = field(default_factory=RequestFacts)
    demand: DemandFacts = field(default_factory=DemandFacts)
    project: ProjectFacts = field(default_factory=ProjectFacts)
    performer: PerformerFacts = field(default_factory=PerformerFacts)
    grant: GrantFacts = field(default_factory=GrantFacts)
    output: OutputFacts = field(default_factory=OutputFacts)

    def of_demand(self, of: str, demand: DemandFacts, performer: PerformerFacts) -> "Context":
        """Return what is said of the request as part of a question about one performer or asset."""
        request, project, output = self.request, self.project, self.output
        return Context(of=of, request=request, demand=demand, project=project, performer=performer, output=output)

    def of_grant(self, grant: GrantFacts) -> "Context":
        """Return the same question of one grant."""
        of, output = self.of, self.output
        request, demand, project, performer = self.request, self.demand, self.project, self.performer
        return Context(
            of=of, request=request, demand=demand, project=project, performer=performer, grant=grant, output=output
        )


OF: Final = ("request", "performer", "asset")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """The type of a fact in Cedar, and the vocabulary of its mask where it is kept as one."""

    type: str
    vocabulary: Vocabulary | None = None


_BOOL, _LONG, _STRING = Fact(type="Bool"), Fact(type="Long"), Fact(type="String")
_STRINGS, _LONGS = Fact(type="Set<String>"), Fact(type="Set<Long>")


def _words(vocabulary: Vocabulary) -> Fact:
    return Fact(type="Set<String>", vocabulary=vocabulary)


FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        "request.kind": _STRING,
        "request.purposes": _words(PURPOSES),
        "request.media": _words(MEDIA),
        "request.territories": _words(TERRITORIES),
        "request.scene": _words(LABELS),
        "request.depicted_ages": _LONGS,
        "request.seconds": _LONG,
        "demand.act": _STRING,
        "demand.aspects": _words(ASPECTS),
        "demand.depicts": _words(LABELS),
        "demand.replica_use": _STRING,
        "project.agreement": _STRING,
        "project.signatory": _BOOL,
        "project.governing_law": _STRING,
        "project.kind": _STRING,
        "performer.minor": _BOOL,
        "performer.dead": _BOOL,
        "performer.struck": _BOOL,
        "performer.domicile": _STRING,
        "performer.unions": _STRINGS,
        "grant.kind": _STRING,
        "grant.assurance": _STRING,
        "grant.acts": _words(ACTS),
        "grant.all_projects": _BOOL,
        "grant.term_days": _LONG,
        "grant.hours_before_use": _LONG,
        "grant.signed_by": _STRING,
        "grant.basis": _STRING,
        "grant.represented": _BOOL,
        "grant.replaces_in_person_work": _BOOL,
        "grant.replica_use": _STRINGS,
        "grant.specific": _BOOL,
        "grant.court_order": _BOOL,
        "grant.retention_set": _BOOL,
        "grant.survives_death": _BOOL,
        "grant.revocation": _STRING,
        "grant.strike": _STRING,
        "grant.assignable": _BOOL,
        "output.marks": _STRINGS,
        "output.disclosed": _BOOL,
    }
)


_GROUPS: Final[Mapping[str, type[Any]]] = MappingProxyType(
    {
        "request": RequestFacts,
        "demand": DemandFacts,
        "project": ProjectFacts,
        "performer": PerformerFacts,
        "grant": GrantFacts,
        "output": OutputFacts,
    }
)
_READ: Final[Mapping[str, type[Any]]] = MappingProxyType({"Bool": bool, "Long": int, "String": str})


def read_facts(of: str, facts: Mapping[str, object]) -> Context:
    """Build a context from dotted names and JSON values; null is a fact that nobody stated."""
    groups: dict[str, dict[str, object]] = {group: {} for group in _GROUPS}
    for name, value in facts.items():
        if name not in FACTS:
            raise Malformed("unknown_field", field=name)
        group, _, fact = name.partition(".")
        groups[group][fact] = None if value is None else _value(name, value)
    return Context(of=of, **{group: cls(**groups[group]) for group, cls in _GROUPS.items()})


def _value(name: str, value: object) -> object:
    kind = FACTS[name]
    if not kind.type.startswith("Set"):
        if type(value) is not _READ[kind.type]:
            raise Malformed("bad_type", field=name, wanted=kind.type)
        return value
    inner = _READ[kind.type[4:-1]]
    if not isinstance(value, list) or not all(type(item) is inner for item in value):
        raise Malformed("bad_type", field=name, wanted=kind.type)
    return frozenset(value) if kind.vocabulary is None else kind.vocabulary.mask(value, name)


def as_cedar(name: str, value: object) -> object:
    """Return a fact as Cedar's JSON has it."""
    vocabulary = FACTS[name].vocabulary
    if vocabulary is not None and isinstance(value, int):
        return vocabulary.names(value)
    return sorted(value) if isinstance(value, frozenset) else value
