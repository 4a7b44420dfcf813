"""
Write down under what a statement is found, and to what it leads (``registry.models.threads``).

A kind of thing is a word: those of ``HEADS`` are also heads, which a decision locks when it follows them.

- ``asset work project weights grant authority union policy catalogue shot`` and ``party``: by id (a grant by digest)
- ``performer holder``: a party in a role that more is said about than about any party
- ``principal``: who may have others sign for them; ``agent``: who acts for somebody
- ``to``: what was granted by somebody, or in something, to somebody: ``<performer>><grantee>``, ``<asset>><licensee>``
- ``withdrawn``: everything from somebody: ``<performer>><grantee>``
- ``claim dispute revocation restriction suspension``: by digest or id, so that answers are found
- ``event``: of a work, project or party; ``key``: by key id
- ``identifier``: an ISNI, HAND id or alias, by its keyed hash, so that whoever states the same one is found
- ``cap``: the count behind a limit, by the grant that sets it; a decision locks it alone
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from registry.models.threads import FOUND, LEADS
from registry.prepared import run

# Kinds of things that are heads too; a party's head bears the party's own kind.
HEADS: Final = (
    "asset",
    "authority",
    "cap",
    "catalogue",
    "grant",
    "identifier",
    "key",
    "policy",
    "project",
    "shot",
    "union",
    "weights",
    "work",
)


_TIE: Final = """
    INSERT INTO registry_thread (digest, way, kind, ident)
    SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[])
"""


class Ref(NamedTuple):
    """One thing that statements are about."""

    kind: str
    ident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    """Under what a statement is found, and to what it leads."""

    found: frozenset[Ref] = frozenset()
    leads: frozenset[Ref] = frozenset()


NO_THREADS: Final = Threads()


def granted_to(grantor: str, grantee: str) -> Ref:
    """Return the thing under which grants of one to another are found; ``grantor`` may be an asset, work, catalogue."""
    return Ref("to", f"{grantor}>{grantee}")


def withdrawn_from(performer: str, grantee: str) -> Ref:
    """Return the thing under which withdrawals of everything from a grantee are found, whoever holds what by then."""
    return Ref("withdrawn", f"{performer}>{grantee}")


def tie(digest: str, threads: Threads, *, issuer: str) -> None:
    """Write the threads of a statement; every one leads to its issuer, whose keys are read. Joins the transaction."""
    if not threads.found:
        return  # no decision reads it
    leads = threads.leads | {Ref("party", issuer)}
    rows = [(FOUND, *ref) for ref in threads.found] + [(LEADS, *ref) for ref in leads]
    run(_TIE, [digest, *map(list, zip(*rows, strict=True))])


def refs(kind: str, idents: Iterable[str | None]) -> frozenset[Ref]:
    """Return things of one kind, leaving out what is absent."""
    return frozenset(Ref(kind, ident) for ident in idents if ident is not None)
