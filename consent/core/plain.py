"""
What of the facts is so plain that sets of bits can settle it, many subjects at once.

A subject (an asset, or a performer by themself) is plain where nothing about it but boxes and rules can refuse: its
contents are declared, its title is whole and undisputed, no bar and nobody's exclusivity speaks of it, and nobody in it
has to let it be kept. It then asks **pools**: a pool holds the boxes of one claim, or of one grantor's grants, and has
to hold each of the aspects asked in some box that covers the rest of what is wanted.

Whichever of a grantor's grants ``decide`` relies on, it asks what that grant leaves to rules and to approvals. So a
pool holds boxes only where every grant that may serve is **simple**: no condition of it can fail, and it waits for
nobody.

INVARIANT (one-decision): nothing here allows a use. What is plain is a promise that ``decide`` would find no obstacle
where every pool covers and no rule breaks; ``tests/test_availability_sets.py`` holds it to that. Closed by default: a
field of the facts that this module does not name must hold its default, or nothing is plain.

Left out: rows and SQL (``consent.selectors.available``), rules (``consent.core.steady``), and everything that is not
plain (``decide``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any, Final

from consent.core.asked.asking import Asked
from consent.core.asked.asking_titles import TitleSubject
from consent.core.asked.demands import Taken, with_contents
from consent.core.asked.holding import HELD_KINDS
from consent.core.facts import AssetFacts, Facts
from consent.core.grants import Grant
from consent.core.record import REPLICA_USES
from consent.core.request import TrainingRequest
from consent.core.settled.titles import Claim
from consent.core.steady import steady_facts
from registry.core.jcs import Json
from registry.core.scope import Scope
from registry.core.terms import ACTS, ASPECTS, PERFORMER_ASPECTS
from registry.core.title import WHOLE, rights_needed, share_of

VOICE: Final = ASPECTS.mask(("voice",))
MAX_BOXES_AN_ACT: Final = 2
EVERY_REPLICA_USE: Final = (1 << len(REPLICA_USES)) - 1


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What this module reads, or knows to be harmless. Whatever else comes must hold its default.
_OF_FACTS: Final = _names(
    "parties projects assets claims consents licences weights asset_indices digests vouched tree_size facts_digest "
    "barriers catalogued bars policies spoken"  # spoken: approvals, which a simple grant does not ask for
)
_OF_GRANT: Final = _names(
    "digest kind grantor grantee scopes assurance logged authorised identity_stands tail subjects replica_use terms "
    "reaches_assets_before dialogue counted_as strike_suspends order issued_s signed_on unopened exclusivity"
)
_OF_CLAIM: Final = _names("digest title")
_OF_ASSET: Final = _names("asset registrant logged inventory recorded appearances open_claims components")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolBox:
    """One box of a grant or of a claim, and what beside it has to fit."""

    grant: str  # digest
    kind: str  # consent | licence | claim
    box: Scope
    replica_use: int  # mask over REPLICA_USES; training asks for none
    facts: Mapping[str, Json] | None  # for rules, which are asked about grants and not about claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A subject needs these aspects from a pool."""

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


def is_simple(grant: Grant, *, asking_more: bool) -> bool:
    """
    Say whether no condition of a grant can fail: everything that is not modelled here needs the algebra.

    Where a policy asks for more assurance than everybody does, only the grantor's own word is enough for all acts.
    """
    return grant.sound and not beyond(grant, _OF_GRANT) and not (asking_more and grant.assurance != "signed")


def beyond(value: Any, modelled: frozenset[str]) -> bool:
    """
    Say whether a value says anything in a field that is not modelled: other than its default, or not empty.

    What is derived from other fields says nothing of its own.
    """
    return any(_says(getattr(value, one.name), one) for one in fields(value) if one.init and one.name not in modelled)


def _says(held: object, one: Field[Any]) -> bool:
    if one.default is not MISSING:
        return bool(held != one.default)
    return bool(held) if one.default_factory is MISSING else held != one.default_factory()


class _Look:
    """One pass over facts for one requester."""

    def __init__(self, facts: Facts, requester: str) -> None:
        self._facts = facts
        self._requester = requester
        self._asked = Asked(_anything(requester), facts, 0)
        known = requester in facts.parties and ("grantee", requester) not in facts.bars
        self._closed = not known or beyond(facts, _OF_FACTS)
        self._foreign = [b for held in facts.barriers.values() for b in held if b.grant.grantee != requester]
        self.pools: dict[str, tuple[PoolBox, ...]] = {}

    def performer(self, performer: str) -> Subject:
        if self._closed or ("performer", performer) in self._facts.bars:
            return Subject(kind="performer", id=performer, plain=False)
        asking = Asking(aspects=PERFORMER_ASPECTS, pool=self._consents(performer))
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
            people = one.facts.appearances
            if refusals or titles is None or any(("performer", a.performer) in self._facts.bars for a in people):
                return None
            if people and one.facts.asset.kind in HELD_KINDS:
                return None
            askings += titles
            askings += (Asking(aspects=a.aspects, pool=self._consents(a.performer)) for a in people)
        return askings

    def _titles(self, held: AssetFacts, aspects: int) -> list[Asking] | None:
        """Return a pool for every claim and every holder of each right needed; None where title is not whole."""
        subject = TitleSubject.of(self._asked.facts, held.asset)
        claims = [claim for named in subject.claimed for claim in self._facts.claims.get(named, ())]
        barred = any(named in self._facts.bars for named in subject.claimed)
        kept = any(subject.is_reached(barrier.grant) for barrier in self._foreign)
        if barred or kept or not all(map(_is_plain_claim, claims)):
            return None
        askings: list[Asking] = []
        for right, needed in rights_needed(held.asset, held.inventory, aspects):
            own = [claim for claim in claims if claim.title.right == right]
            if not own or share_of([claim.title for claim in own]) != WHOLE:
                return None
            for claim in own:
                pools = [self._claim(claim), *self._licences(claim.title.claimant, subject)]
                askings += (Asking(aspects=needed, pool=pool) for pool in pools)
        return askings

    def _claim(self, claim: Claim) -> str:
        """Return the pool of one claim: each has to hold all that is wanted, since their shares are whole together."""
        name = f"claim {claim.digest}"
        boxes = (
            PoolBox(grant=claim.digest, kind="claim", box=box, replica_use=EVERY_REPLICA_USE, facts=None)
            for box in claim.title.scopes
        )
        self.pools.setdefault(name, tuple(boxes))
        return name

    def _licences(self, holder: str, subject: TitleSubject) -> list[str]:
        """Return the pool of a holder's licences that reach an asset; none where the holder is who asks."""
        if holder == self._requester:
            return []
        reaching = [g for g in self._facts.licences.get(holder, ()) if subject.is_reached(g)]
        name = " ".join(["licences", holder, *(grant.digest for grant in reaching)])
        self.pools.setdefault(name, tuple(self._boxes(reaching)))
        return [name]

    def _consents(self, performer: str) -> str:
        name = f"consents {performer}"
        if name not in self.pools:
            self.pools[name] = tuple(self._boxes(self._facts.consents.get(performer, ())))
        return name

    def _boxes(self, held: Iterable[Grant]) -> Iterator[PoolBox]:
        """Return the boxes of the grants to the requester; none where one of them may serve and is not simple."""
        own = [grant for grant in held if grant.grantee == self._requester and not _is_out(grant)]
        more = bool(self._facts.policies)
        if not all(is_simple(grant, asking_more=more) and not _cuts_finely(grant.scopes) for grant in own):
            return
        for grant in own:
            facts = steady_facts(grant, self._facts.parties.get(grant.grantor))
            replica_use = EVERY_REPLICA_USE if grant.kind == "licence" else replica_mask(grant.replica_use)
            for box in grant.scopes:
                aspects = box.aspects if _speaks_freely(grant) else box.aspects & ~VOICE
                if aspects:
                    cut = replace(box, aspects=aspects)
                    yield PoolBox(grant=grant.digest, kind=grant.kind, box=cut, replica_use=replica_use, facts=facts)


def _is_plain_claim(claim: Claim) -> bool:
    return claim.title.nature == "economic" and not beyond(claim, _OF_CLAIM) and not _cuts_finely(claim.title.scopes)


def _anything(requester: str) -> TrainingRequest:
    return TrainingRequest(salt=b"", for_=requester, territory=1, engine="", manifest_sha256="", assets=(), epochs=1)


def _is_out(grant: Grant) -> bool:
    """Say whether a grant serves nothing, as long as nobody says anything more about it."""
    withdrawn = any(acts == ACTS.all and from_s <= 0 for acts, from_s in grant.withdrawn)
    unknown = not grant.identity_stands or grant.identity_contested
    return withdrawn or not grant.scopes or not grant.authorised or unknown


def _speaks_freely(grant: Grant) -> bool:
    """Say whether the words that may be spoken are not confined; what may be said is for the algebra."""
    return grant.dialogue is None or grant.dialogue.kind == "any"


def _cuts_finely(boxes: Iterable[Scope]) -> bool:
    """
    Say whether boxes could part a demand until the algebra gives up (``TooFragmented``) before it sees what covers.

    Two boxes leave at most 80 pieces of one, below ``MAX_PIECES``; a demand has one act, so only its boxes count.
    """
    held = tuple(boxes)
    return any(sum(1 for box in held if box.acts >> bit & 1) > MAX_BOXES_AN_ACT for bit in range(len(ACTS.terms)))


def replica_mask(names: Iterable[str]) -> int:
    """Return a set of replica uses as bits, in the order of ``REPLICA_USES``."""
    return sum(1 << REPLICA_USES.index(name) for name in set(names))
