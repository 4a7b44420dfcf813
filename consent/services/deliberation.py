"""
Bring the facts before ``decide``.

INVARIANT (linearizable): a decision that binds share-locks every head that it read, reads again under the locks, and
starts over where the closure changed in between; only then the clock is read. A withdrawal that committed before is
therefore seen, and one that has not waits until the decision is committed. Nothing but SQL and ``decide`` runs under
locks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db import connection, transaction

from consent import uses
from consent.core.decision import Decision, decide
from consent.core.facts import Facts, facts_from
from consent.core.request import AnyRequest, Request, parse_request, request_sha256
from consent.core.vouched import Vouched
from consent.selectors import Closure, closure_of, performers_named
from registry import log
from registry.core.errors import DomainError
from registry.core.jcs import Json
from registry.core.times import parse_time, to_epoch_s
from registry.locks import Head, clock, lock
from registry.statements import Opened, open_statements

Asked = Mapping[str, str]  # "<ground>:<spec|result>" -> the time at which its approval was asked for
NOTHING_ASKED: Asked = MappingProxyType({})
MAX_TRIES = 8  # the closure of a request changes only while somebody registers something about it


class Contended(DomainError):
    """The rights asked about kept changing while the decision was being made."""

    code = "contended"
    status = 503

    def __init__(self, *, tries: int) -> None:
        super().__init__(f"the rights asked about changed `{tries}` times while deciding: try again")


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


class _ClosureChanged(Exception):
    """Read again; the savepoint gives the locks back."""


def preflight(request: Json, *, prompt: str = "", asked: Asked = NOTHING_ASKED) -> Deliberation:
    """Decide without locks and without a trace; the answer may be old by the time it is read."""
    parsed = parse_request(request)
    matches = performers_named(prompt)
    with transaction.atomic():
        found = closure_of(parsed, prompt_matches=matches)
        return _decide(found, request, parsed, matches, asked, heads={})


def deliberate(request: Json, *, prompt: str, asked: Asked = NOTHING_ASKED) -> Deliberation:
    """Decide under locks, which last until the caller's transaction ends. Joins that transaction."""
    parsed = parse_request(request)
    matches = performers_named(prompt)
    found = closure_of(parsed, prompt_matches=matches)
    for _ in range(MAX_TRIES):
        try:
            with transaction.atomic():
                heads = lock(shared=found.heads)
                again = closure_of(parsed, prompt_matches=matches)
                if again.heads != found.heads:
                    raise _ClosureChanged
                return _decide(again, request, parsed, matches, asked, heads=heads)
        except _ClosureChanged:
            found = again
    raise Contended(tries=MAX_TRIES)


def facts_about(parsed: AnyRequest, *, prompt_matches: tuple[str, ...]) -> tuple[Closure, Facts, datetime]:
    """Return what a decision would read, its facts, and when; without locks, for answers that bind nobody."""
    with transaction.atomic():
        found = closure_of(parsed, prompt_matches=prompt_matches)
        opened = open_statements(found.digests)
        at = clock().replace(microsecond=0)
        vouched = _vouched(parsed, found, opened, _capped(opened), prompt_matches, NOTHING_ASKED)
        return found, facts_from((one.envelope for one in opened.values()), vouched), at


def _decide(
    found: Closure,
    request: Json,
    parsed: AnyRequest,
    matches: tuple[str, ...],
    asked: Asked,
    *,
    heads: Mapping[Head, int],
) -> Deliberation:
    """Decide; where somebody granted nothing to the requester, again, to tell whether to anybody at all."""
    deliberation = _decide_on(found, request, parsed, matches, asked, heads)
    if any(obstacle.code == "no_grant" for obstacle in deliberation.decision.obstacles):
        found = closure_of(parsed, prompt_matches=matches, strangers=True)
        return _decide_on(found, request, parsed, matches, asked, heads)
    return deliberation


def _decide_on(
    found: Closure,
    request: Json,
    parsed: AnyRequest,
    matches: tuple[str, ...],
    asked: Asked,
    heads: Mapping[Head, int],
) -> Deliberation:
    opened = open_statements(found.digests)
    capped = _capped(opened)
    if heads:
        _lock_caps(capped.values())
    at = clock().replace(microsecond=0)
    vouched = _vouched(parsed, found, opened, capped, matches, asked)
    facts = facts_from((one.envelope for one in opened.values()), vouched)
    return Deliberation(
        request=request,
        request_sha256=request_sha256(request),
        decision=decide(parsed, facts, at),
        at=at,
        vouched=vouched,
        digests=tuple(sorted(opened)),
        heads=MappingProxyType(dict(heads)),
    )


def _capped(opened: Mapping[str, Opened]) -> dict[str, str]:
    """Map each grant that sets a limit, and each amendment of a licence, to the grant under which uses are counted."""
    roots: dict[str, str] = {}
    capped: set[str] = set()
    for digest, one in opened.items():
        body = one.statement.body
        terms = body.get("terms", body)  # of an amendment
        caps = terms.get("caps") if isinstance(terms, dict) else None
        if isinstance(caps, dict):
            roots[digest] = str(body.get("licence", digest))
            if any(cap is not None for cap in caps.values()):
                capped.add(roots[digest])
    return {digest: root for digest, root in roots.items() if root in capped}


def _lock_caps(grants: Iterable[str]) -> None:
    """Take each capped grant's count alone, by digest, so that two decisions do not draw on the last shot at once."""
    with connection.cursor() as cursor:
        for digest in sorted(set(grants)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"cap {digest}"])


def _vouched(
    parsed: AnyRequest,
    found: Closure,
    opened: Mapping[str, Opened],
    capped: Mapping[str, str],
    matches: tuple[str, ...],
    asked: Asked,
) -> Vouched:
    shot = parsed.shot if isinstance(parsed, Request) else None
    return Vouched(
        tree_size=log.tree_size(),
        indices=MappingProxyType(log.indices(opened)),
        no_revocation_of=frozenset((found.grants & set(opened)) - found.withdrawn),
        prompt_matches=matches,
        cap_counts=MappingProxyType(uses.counts(capped, besides_shot=shot)),
        asked=MappingProxyType({key: to_epoch_s(parse_time(moment)) for key, moment in asked.items()}),
    )
