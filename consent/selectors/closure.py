"""
Everything that one decision must read, found by following threads (``registry.models.threads``).

1. Seeds: what the request names: assets, project, weights, shot, the requester, whom the prompt names.
2. One query follows them: asset to component, performer and holder, performer to their consents to the requester,
   grant to whatever was done to it, statement to the keys of its issuer, until nothing new is met. Of what was promised
   to others, exclusively or as a holdback, it meets what touches the use (``registry_follow``).
3. A second reads the statements that were met, sealed, with their keys and places in the log, and the clock.

The things met are also what the decision locks. What else others were granted is not met, so that it cannot end up in
the papers of what was cleared.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Final

from django.db import connection

from consent.core.asked.demands import CLEARANCE_S, TRAINING_S
from consent.core.request import AnyRequest, Request
from consent.selectors.prompts import name_hashes
from registry.core.scope import FOREVER_S, languages_mask
from registry.core.terms import ACTS, LANGUAGES, MEDIA, PURPOSES, TERRITORIES
from registry.custody import custody
from registry.locks import Head
from registry.models.ranges import format_mask, format_points, format_seconds, points_of
from registry.statements import Opened, SealedRow, open_rows
from registry.threads import HEADS, Ref

_NAMED: Final = """
    SELECT n.word_hmac, n.party::text FROM registry_name n JOIN registry_party p ON p.id = n.party
    WHERE n.word_hmac = ANY(%(hashes)s) AND p.kind = 'person'
    UNION
    SELECT a.word_hmac, a.party::text FROM registry_identifier_claim a JOIN registry_party p ON p.id = a.party
    WHERE a.word_hmac = ANY(%(hashes)s) AND p.kind = 'person' AND NOT EXISTS (
        SELECT FROM registry_statement s
        WHERE s.digest IN (decode(a.disclaimed_by, 'hex'), decode(a.lost_to, 'hex'))
        AND registry_number(s.seq) < (SELECT coalesce(max(size), 0) FROM registry_checkpoint)
    )
    UNION
    SELECT c.word_hmac, c.performer::text FROM consent_characterindex c WHERE c.word_hmac = ANY(%(hashes)s)
"""
_USE: Final = """%(requester)s, %(acts)s, %(purposes)s, %(media)s, %(territories)s, %(languages)s, %(projects)s,
            %(windows)s::text[], %(seconds)s"""
_WALK: Final = f"""
    WITH named AS MATERIALIZED (
        SELECT DISTINCT id FROM ({_NAMED}) AS found (word_hmac, id)
    ), walk AS MATERIALIZED (
        SELECT kind, ident FROM registry_follow(
            %(kinds)s::text[] || ARRAY(SELECT k FROM named, unnest(%(in_person)s::text[]) AS k ORDER BY id, k),
            %(idents)s::text[] || ARRAY(SELECT id FROM named, unnest(%(in_person)s::text[]) AS k ORDER BY id, k),
            {_USE}
        )
    )
    SELECT w.kind, w.ident, p.kind FROM walk w
    LEFT JOIN registry_party p ON p.id = CASE
        WHEN w.kind = 'party' THEN w.ident::uuid
        WHEN w.kind = 'event' AND w.ident LIKE 'party:%%' THEN substr(w.ident, 7)::uuid
    END
    UNION ALL
    SELECT 'named', id, NULL FROM named
"""  # noqa: S608 - constants of this file
_MASKS: Final = ("acts", "purposes", "media", "territories", "languages")
IN_PERSON: Final = ("party", "performer", "principal")  # as what somebody whose consent is asked is followed
# `OFFSET 0` keeps PostgreSQL from reading tables through for the few rows wanted, as it does while they are small: it
# takes a walk to be a hundred times as long as any is.
_READ: Final = f"""
    WITH walk AS MATERIALIZED (
        SELECT kind, ident FROM registry_follow(%(kinds)s, %(idents)s, {_USE})
    ), met AS (
        SELECT DISTINCT f.digest FROM walk w CROSS JOIN LATERAL (
            SELECT digest FROM registry_thread WHERE way = 'found' AND kind = w.kind AND ident = w.ident OFFSET 0
        ) f
    ), published AS (
        SELECT coalesce(max(size), 0) AS size FROM registry_checkpoint
    )
    SELECT published.size, clock_timestamp(), (SELECT json_agg(json_build_array(kind, ident)) FROM walk), NULL, NULL,
        NULL, (SELECT party FROM registry_key WHERE keyid = %(registry_key)s), NULL, NULL
    FROM published
    UNION ALL
    SELECT NULL, NULL, NULL, met.digest, s.envelope, s.accepted_at, s.subject, k.wrapped,
        (SELECT r.index + s.seq - r.seq FROM (
            SELECT index, seq, count FROM registry_run WHERE seq <= s.seq ORDER BY seq DESC LIMIT 1
         ) r
         WHERE s.seq < r.seq + r.count AND r.index + s.seq - r.seq < (SELECT size FROM published))
    FROM met CROSS JOIN LATERAL (
        SELECT seq, envelope, accepted_at, subject FROM registry_statement
        WHERE digest = decode(met.digest, 'hex') OFFSET 0
    ) s
    LEFT JOIN registry_datakey k ON k.owner = coalesce('party:' || s.subject::text, 'registry')
"""  # noqa: S608 - constants of this file


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """What is to be done, in its widest outline: what was promised to others and lies outside is not read."""

    acts: int
    purposes: int
    media: int
    territories: int
    languages: int
    projects: frozenset[str] | None  # None is all
    windows: frozenset[tuple[int, int]]  # seconds since 1970; the life of a clearance from now on comes on top
    seconds: int

    def __or__(self, other: "Uses") -> "Uses":
        every = self.projects is None or other.projects is None
        return Uses(
            **{name: getattr(self, name) | getattr(other, name) for name in _MASKS},
            projects=None if every else (self.projects or frozenset()) | (other.projects or frozenset()),
            windows=self.windows | other.windows,
            seconds=max(self.seconds, other.seconds),
        )

    @property
    def parameters(self) -> dict[str, object]:
        points = None if self.projects is None else points_of(self.projects)
        return {
            **{name: format_mask(getattr(self, name)) for name in _MASKS},
            "projects": format_points(points),
            "windows": [format_seconds(window) for window in sorted(self.windows)],
            "seconds": self.seconds,
        }


EVERY_USE: Final = Uses(
    acts=ACTS.all,
    purposes=PURPOSES.all,
    media=MEDIA.all,
    territories=TERRITORIES.all,
    languages=LANGUAGES.all,
    projects=None,
    windows=frozenset({(0, FOREVER_S)}),
    seconds=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """Where a walk begins, for whom, and for what."""

    refs: frozenset[Ref]
    requester: str
    uses: Uses

    def beside(self, *, persons: Iterable[str] = (), grants: Iterable[str] = ()) -> "Seeds":
        """Return the seeds with more people, and with grants by their digests."""
        more = {Ref(kind, person) for person in persons for kind in IN_PERSON}
        return replace(self, refs=self.refs | more | {Ref("grant", grant) for grant in grants})

    @property
    def widely(self) -> "Seeds":
        """Return the same seeds for every use there is, so that the facts answer for any."""
        return replace(self, uses=EVERY_USE)

    @property
    def parameters(self) -> dict[str, object]:
        ordered = sorted(self.refs)
        return {
            "kinds": [ref.kind for ref in ordered],
            "idents": [ref.ident for ref in ordered],
            "requester": self.requester,
            **self.uses.parameters,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """What a walk met, before anything is locked or read."""

    named: tuple[str, ...]  # performers whom the prompt names, sorted
    refs: frozenset[Ref]
    heads: frozenset[Head]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """What was met on the way: statements in the clear, and everything that they are about."""

    refs: frozenset[Ref]
    opened: Mapping[str, Opened]
    indices: Mapping[str, int | None]  # under the newest checkpoint
    tree_size: int
    registry: str | None  # the party whose key the registry signs with
    at: datetime  # PostgreSQL's clock, read with the statements


def seeds_of(request: AnyRequest) -> Seeds:
    """Return where to begin: at what the request names."""
    requester = request.for_
    found: set[Ref] = set()
    found |= {Ref(kind, requester) for kind in ("party", "principal", "policy", "agent", "grantee")}
    found.add(Ref("officers", ""))
    if isinstance(request, Request):
        named = {reference.performer for reference in request.references if reference.performer}
        found |= {Ref("asset", reference.asset) for reference in request.references}
        found |= {Ref("project", request.project), Ref("weights", request.weights), Ref("shot", request.shot)}
        found |= {Ref("event", f"project:{request.project}")}
    else:
        named = set()
        found |= {Ref("asset", asset) for asset, _ in request.assets}
    return Seeds(refs=frozenset(found), requester=requester, uses=_uses(request)).beside(persons=named)


def _uses(request: AnyRequest) -> Uses:
    if isinstance(request, Request):
        return Uses(
            acts=ACTS.all,
            purposes=request.purposes,
            media=request.media,
            territories=request.territories,
            languages=request.languages,
            projects=frozenset({request.project}),
            windows=frozenset({(request.start_s, request.end_s)}),
            seconds=CLEARANCE_S,
        )
    return Uses(
        acts=ACTS.mask(("train",)),
        purposes=PURPOSES.mask(("work",)),
        media=MEDIA.mask(("internal",)),
        territories=request.territory,
        languages=languages_mask(["zxx"]),
        projects=None,
        windows=frozenset(),
        seconds=TRAINING_S,
    )


def survey(seeds: Seeds, prompt: str) -> Surveyed:
    """Walk from the seeds and from whom the prompt names, and return everything met, by heads too."""
    hashes = name_hashes(prompt)
    with connection.cursor() as cursor:
        cursor.execute(_WALK, seeds.parameters | {"hashes": hashes, "in_person": list(IN_PERSON)})
        rows = cursor.fetchall()
    return Surveyed(
        named=tuple(sorted(ident for kind, ident, _ in rows if kind == "named")),
        refs=frozenset(Ref(kind, ident) for kind, ident, _ in rows if kind != "named"),
        heads=frozenset(_heads(rows)),
    )


def named_by(prompts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each prompt, the performers whom it names, sorted; one query for all of them."""
    hashes = {prompt: name_hashes(prompt) for prompt in set(prompts)}
    wanted = sorted(set(chain.from_iterable(hashes.values())))
    known: defaultdict[bytes, set[str]] = defaultdict(set)
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_NAMED, {"hashes": wanted})
            for word_hmac, performer in cursor.fetchall():
                known[bytes(word_hmac)].add(performer)
    return {
        prompt: tuple(sorted(set(chain.from_iterable(known[one] for one in own if one in known))))
        for prompt, own in hashes.items()
    }


def closure_of(seeds: Seeds) -> Closure:
    """Walk, and read every statement met. What was erased is left out."""
    with connection.cursor() as cursor:
        registry_key = custody().signer("registry").public.keyid
        cursor.execute(_READ, seeds.parameters | {"registry_key": registry_key})
        (tree_size, at, refs, _, _, _, registry, _, _), *rows = cursor.fetchall()
    sealed = [
        SealedRow(digest=digest, envelope=bytes(envelope), accepted_at=accepted_at, subject=subject, wrapped=wrapped)
        for _, _, _, digest, envelope, accepted_at, subject, wrapped, _ in rows
    ]
    opened = open_rows(sealed)
    return Closure(
        refs=frozenset(Ref(kind, ident) for kind, ident in refs or ()),
        opened=MappingProxyType(opened),
        indices=MappingProxyType({row[3]: row[8] for row in rows if row[3] in opened}),
        tree_size=tree_size,
        registry=None if registry is None else str(registry),
        at=at,
    )


def _heads(rows: Iterable[tuple[str, str, str | None]]) -> Iterable[Head]:
    """Yield what is locked of what was met; of an event, the head of that to which it happens."""
    for kind, ident, party_kind in rows:
        if party_kind is not None:
            yield Head(party_kind, ident.removeprefix("party:"))
        elif kind == "event" and not ident.startswith("party:"):
            yield Head(*ident.split(":"))
        elif kind in HEADS:
            yield Head(kind, ident)
