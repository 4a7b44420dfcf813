"""
What of the facts is so plain that sets of bits can settle it, many subjects at once.

A subject (an asset, or a performer by themself) is plain where nothing about it but boxes can refuse: its contents are
declared, its title is whole, no rule beside title and grants speaks of it. It then asks **pools**: a pool holds the
boxes of one claim, or of one grantor's simple grants, and has to hold each of the aspects asked in some box that covers
the rest of what is wanted. A grant is simple where no condition of it can fail.

INVARIANT (one-decision): nothing here allows a use. What is plain is a promise that ``decide`` would find no obstacle
where every pool covers; ``tests/test_availability_sets.py`` holds it to that. Closed by default: a field of the facts
that this module does not name must hold its default, or nothing is plain.

Left out: rows and SQL (``consent.selectors.available``), and everything that is not plain (``decide``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any, Final

from consent.core.demands import Taken, with_contents
from consent.core.facts import AssetFacts, Facts
from consent.core.grants import Grant
from consent.core.record import REPLICA_USES
from consent.core.titles import Claim
from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS, PERFORMER_ASPECTS
from registry.core.title import WHOLE, rights_needed, share_of

VOICE: Final = ASPECTS.mask(("voice",))
MAX_BOXES_AN_ACT: Final = 2
EVERY_REPLICA_USE: Final = (1 << len(REPLICA_USES)) - 1

# What this module knows to read, or knows to be harmless. Whatever else comes must hold its default.
_OF_FACTS: Final = frozenset(
    {
        "parties",
        "projects",
        "assets",
        "claims",
        "consents",
        "licences",
        "weights",
        "asset_indices",
        "digests",
        "vouched",
        "tree_size",
        "facts_digest",
    }
)
_OF_GRANT: Final = frozenset(
    {
        "digest",
        "kind",
        "grantor",
        "grantee",
        "scopes",
        "assurance",
        "logged",
        "authorised",
        "identity_stands",
        "tail",
        "subjects",
        "reaches_assets_before",
        "dialogue",
        "replica_use",
        "terms",
        "sound",
    }
)
_OF_CLAIM: Final = frozenset({"digest", "title"})
_OF_ASSET: Final = frozenset(
    {"asset", "registrant", "logged", "inventory", "recorded", "appearances", "open_claims", "components"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolBox:
    """One box of a grant or of a claim, and what of the request beside it has to fit."""

    grant: str  # digest
    box: Scope
    replica_use: int  # mask over REPLICA_USES; training asks for none


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A subject needs these aspects from a pool."""

    of: str  # asset | performer
    aspects: int
    pool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An asset or a performer as the set-based pass sees it; one that is not plain asks nothing here."""

    kind: str  # asset | performer
    id: str
    plain: bool
    askings: frozenset[Asking] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """All subjects looked at together, and the pools they ask."""

    subjects: tuple[Subject, ...]
    pools: Mapping[str, tuple[PoolBox, ...]]


def plain_of(facts: Facts, requester: str, *, assets: Iterable[str], performers: Iterable[str]) -> Plain:
    """Say of each subject whether sets of bits can settle it for this requester, and what it asks of which pool."""
    look = _Look(facts, requester)
    subjects = [look.asset(asset) for asset in assets] + [look.performer(performer) for performer in performers]
    return Plain(subjects=tuple(subjects), pools=look.pools)


def is_simple(grant: Grant) -> bool:
    """Say whether no condition of a grant can fail: everything that is not modelled here needs the algebra."""
    return grant.sound and not beyond(grant, _OF_GRANT)


def beyond(value: Any, modelled: frozenset[str]) -> bool:
    """Say whether a value says anything in a field that is not modelled: other than its default, or not empty."""
    return any(_says(getattr(value, one.name), one) for one in fields(value) if one.name not in modelled)


def _says(held: object, one: Field[Any]) -> bool:
    if one.default is not MISSING:
        return bool(held != one.default)
    return bool(held) if one.default_factory is MISSING else held != one.default_factory()


class _Look:
    """One pass over facts for one requester."""

    def __init__(self, facts: Facts, requester: str) -> None:
        self._facts = facts
        self._requester = requester
        self._closed = beyond(facts, _OF_FACTS) or requester not in facts.parties
        self.pools: dict[str, tuple[PoolBox, ...]] = {}

    def performer(self, performer: str) -> Subject:
        asking = Asking(of="performer", aspects=PERFORMER_ASPECTS, pool=self._consents(performer))
        if self._closed:
            return Subject(kind="performer", id=performer, plain=False)
        return Subject(kind="performer", id=performer, plain=True, askings=frozenset({asking}))

    def asset(self, asset: str) -> Subject:
        found = self._facts.assets.get(asset)
        askings = None if self._closed or found is None or not found.logged else self._askings(found)
        if askings is None:
            return Subject(kind="asset", id=asset, plain=False)
        return Subject(kind="asset", id=asset, plain=True, askings=frozenset(askings))

    def _askings(self, found: AssetFacts) -> list[Asking] | None:
        """Return everything that the whole of an asset needs; None where something else than boxes may refuse it."""
        start = Taken(found, ASPECTS.mask(found.asset.media.aspects), PERFORMER_ASPECTS, None, ("train",))
        taken, refusals = with_contents(start, self._facts)
        askings: list[Asking] = []
        for one in taken:
            titles = None if beyond(one.facts, _OF_ASSET) else self._titles(one.facts, one.aspects)
            if refusals or titles is None:
                return None
            askings += titles
            askings += (
                Asking(of="performer", aspects=a.aspects, pool=self._consents(a.performer))
                for a in one.facts.appearances
            )
        return askings

    def _titles(self, held: AssetFacts, aspects: int) -> list[Asking] | None:
        """Return a pool for every claim and every holder of each right needed; None where title is not whole."""
        subjects = [("asset", held.asset.asset)] + ([("work", held.asset.work)] if held.asset.work else [])
        claims = [claim for subject in subjects for claim in self._facts.claims.get(subject, ())]
        askings: list[Asking] = []
        for right, needed in rights_needed(held.asset, held.inventory, aspects):
            own = [claim for claim in claims if claim.title.right == right and claim.title.nature == "economic"]
            if not own or share_of([claim.title for claim in own]) != WHOLE:
                return None
            if any(beyond(claim, _OF_CLAIM) or _cuts_finely(claim.title.scopes) for claim in claims):
                return None
            for claim in own:
                pools = [self._claim(claim), *self._licences(claim.title.claimant, subjects, held.asset.asset)]
                askings += (Asking(of="asset", aspects=needed, pool=pool) for pool in pools)
        return askings

    def _claim(self, claim: Claim) -> str:
        """Return the pool of one claim: each has to hold all that is wanted, since their shares are whole together."""
        name = f"claim {claim.digest}"
        self.pools.setdefault(
            name,
            tuple(PoolBox(grant=claim.digest, box=box, replica_use=EVERY_REPLICA_USE) for box in claim.title.scopes),
        )
        return name

    def _licences(self, holder: str, subjects: list[tuple[str, str]], asset: str) -> list[str]:
        """Return the pool of a holder's licences that reach an asset; none where the holder is who asks."""
        if holder == self._requester:
            return []
        reaching = [
            grant
            for grant in self._simple(self._facts.licences.get(holder, ()))
            if any((named.kind, named.id) in subjects for named in grant.subjects) and self._reaches(grant, asset)
        ]
        name = " ".join(["licences", holder, *(grant.digest for grant in reaching)])
        self.pools.setdefault(name, tuple(_boxes(reaching)))
        return [name]

    def _reaches(self, grant: Grant, asset: str) -> bool:
        """A licence of a work without new assets reaches those that were logged before it."""
        if grant.reaches_assets_before is None or any(s.kind == "asset" and s.id == asset for s in grant.subjects):
            return True
        return self._facts.logged_at(asset) < grant.reaches_assets_before

    def _consents(self, performer: str) -> str:
        name = f"consents {performer}"
        if name not in self.pools:
            self.pools[name] = tuple(_boxes(self._simple(self._facts.consents.get(performer, ()))))
        return name

    def _simple(self, held: Iterable[Grant]) -> list[Grant]:
        own = [grant for grant in held if grant.grantee == self._requester]
        if any(_cuts_finely(grant.scopes) for grant in own):
            return []
        return [grant for grant in own if is_simple(grant)]


def _cuts_finely(boxes: Iterable[Scope]) -> bool:
    """
    Say whether boxes could part a demand until the algebra gives up (``TooFragmented``) before it sees what covers.

    Two boxes leave at most 80 pieces of one, below ``MAX_PIECES``; a demand has one act, so only its boxes count.
    """
    held = tuple(boxes)
    return any(sum(1 for box in held if box.acts >> bit & 1) > MAX_BOXES_AN_ACT for bit in range(len(ACTS.terms)))


def _boxes(grants: Iterable[Grant]) -> Iterator[PoolBox]:
    for grant in grants:
        replica_use = EVERY_REPLICA_USE if grant.kind == "licence" else replica_mask(grant.replica_use)
        speaks = grant.dialogue is None or grant.dialogue.kind == "any"
        for box in grant.scopes:
            aspects = box.aspects if speaks else box.aspects & ~VOICE  # what may be said is for the algebra
            if aspects:
                yield PoolBox(grant=grant.digest, box=replace(box, aspects=aspects), replica_use=replica_use)


def replica_mask(names: Iterable[str]) -> int:
    """Return a set of replica uses as bits, in the order of ``REPLICA_USES``."""
    return sum(1 << REPLICA_USES.index(name) for name in set(names))
