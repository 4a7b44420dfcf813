"""
A question on its way to its decision: the request, where its facts are found, and what is vouched for beside them.

Whoever decides, with or without locks (``consent.services.deliberation``), or on drafts that nobody has signed
(``consent.services.simulation``), puts the same question and is vouched the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from consent import uses
from consent.core.decision import Decision, decide
from consent.core.facts import Facts
from consent.core.request import AnyRequest, Request, parse_request, request_sha256
from consent.core.rules import installed
from consent.core.vouched import Vouched
from consent.selectors.closure import Closure, Seeds, seeds_of
from registry.core.envelope import Statement
from registry.core.jcs import Json
from registry.core.times import parse_time, to_epoch_s, whole_second
from registry.locks import Head

Asked = Mapping[str, str]  # "<ground>:<spec|result>" -> the time at which its approval was asked for
NOTHING_ASKED: Asked = MappingProxyType({})
GRANTS = frozenset({"consent.granted", "consent.recorded", "licence.granted", "licence.recorded", "licence.amended"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliberation:
    """A decision with all that is needed to make it again offline."""

    request: Json
    request_sha256: str
    decision: Decision
    at: datetime
    vouched: Vouched
    digests: tuple[str, ...]
    heads: Mapping[Head, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request on its way to its decision."""

    request: Json
    parsed: AnyRequest
    seeds: Seeds
    named: tuple[str, ...]  # by the prompt
    asked: Asked

    @classmethod
    def of(cls, request: Json, asked: Asked) -> "Question":
        parsed = parse_request(request)
        return cls(request=request, parsed=parsed, seeds=seeds_of(parsed), named=(), asked=asked)

    def naming(self, named: tuple[str, ...]) -> "Question":
        return replace(self, seeds=self.seeds.beside(persons=named), named=named)


def answered(question: Question, found: Closure, facts: Facts, heads: Mapping[Head, int]) -> Deliberation:
    at = whole_second(found.at)
    return Deliberation(
        request=question.request,
        request_sha256=request_sha256(question.request),
        decision=decide(question.parsed, facts, at),
        at=at,
        vouched=facts.vouched,
        digests=tuple(sorted(found.opened)),
        heads=MappingProxyType(dict(heads)),
    )


def vouched_for(parsed: AnyRequest, found: Closure, named: tuple[str, ...], asked: Asked) -> Vouched:
    """Say what no statement shows. Every withdrawal of what was read was read with it."""
    shot = parsed.shot if isinstance(parsed, Request) else None
    statements = {digest: one.statement for digest, one in found.opened.items()}
    capped = capped_by(statements)
    return Vouched(
        tree_size=found.tree_size,
        indices=found.indices,
        no_revocation_of=frozenset(digest for digest, one in statements.items() if one.type in GRANTS),
        prompt_matches=named,
        cap_counts=MappingProxyType(uses.counts(capped, besides_shot=shot) if capped else {}),
        registry=found.registry,
        rules=installed().sha256,
        asked=MappingProxyType({key: to_epoch_s(parse_time(moment)) for key, moment in asked.items()}),
    )


def capped_by(statements: Mapping[str, Statement]) -> dict[str, str]:
    """Map each grant that sets a limit, and each amendment of a licence, to the grant under which uses are counted."""
    roots: dict[str, str] = {}
    capped: set[str] = set()
    for digest, statement in statements.items():
        body = statement.body
        terms = body.get("terms", body)  # of an amendment
        caps = terms.get("caps") if isinstance(terms, dict) else None
        if isinstance(caps, dict):
            roots[digest] = str(body.get("licence", digest))
            if any(cap is not None for cap in caps.values()):
                capped.add(roots[digest])
    return {digest: root for digest, root in roots.items() if root in capped}
