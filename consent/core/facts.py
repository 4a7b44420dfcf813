"""
Turn signed envelopes into what a decision may see.

``facts_from`` is used by the server before it decides and by the verifier afterwards, on the same bytes:

1. Read every envelope; one that cannot be read raises (``settled.reading``).
2. Collect the keys of each party, back to their enrolment, and check every signature with a key that stood then.
3. Gather parties, vouches, assets, appearances, components, title and grants. What widens counts only with a standing
   signature and under the checkpoint; what narrows counts as it is, since believing it can only refuse.
4. Settle what one statement does to another (``settled.settling``): authorities, disputes, events, assignments,
   revocations, amendments, replacements, confirmations, acceptances; and what bars a use.

Where something was signed with a key of somebody who was erased, nobody can tell any more whose word it is. Then there
are two readings, one that believes it and one that does not, and a use has to be allowed by both (``Facts.believing``):
what others said of others neither gains nor loses by an erasure in anybody's favour.

Left out: whether a use is allowed (``consent.core.decision``), and whatever no statement can show, which the registry
vouches for (``Vouched``).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from consent.core.grants import Grant
from consent.core.settled.approvals import Spoken, spoken_of
from consent.core.settled.bars import Bar, bars_of
from consent.core.settled.consents import settle_consents
from consent.core.settled.contents import AssetFacts, contents_of
from consent.core.settled.exclusivity import Barrier
from consent.core.settled.licences import settle_licences
from consent.core.settled.policies import Policies, policies_of
from consent.core.settled.read import NOT_LOGGED, Read, first_by
from consent.core.settled.reading import read_all
from consent.core.settled.settling import Settling, ancestors
from consent.core.settled.titles import Claim, catalogued, claims_of
from consent.core.settled.vendors import Vendors, vendors_of
from consent.core.vouched import Vouched
from registry.core.assets import Asset
from registry.core.envelope import Envelope, canonical, sha256_hex
from registry.core.erasure import Erasure
from registry.core.record import Party, Project

__all__ = ["AssetFacts", "Facts", "facts_digest", "facts_from"]

_NONE: Final[Mapping[Any, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a decision may see, read at one size of the log."""

    parties: Mapping[str, Party]  # as each was first registered
    projects: Mapping[str, Project]  # as each was first registered
    assets: Mapping[str, AssetFacts]
    claims: Mapping[tuple[str, str], tuple[Claim, ...]]  # (subject kind, id) -> claims, by digest
    consents: Mapping[str, tuple[Grant, ...]]  # performer -> grants, by digest
    licences: Mapping[str, tuple[Grant, ...]]  # whose right it is in the end -> grants, by digest
    weights: frozenset[str]  # of which the registry logged the training
    asset_indices: Mapping[str, int | None]
    digests: frozenset[str]  # of every statement read
    vouched: Vouched
    tree_size: int
    facts_digest: str
    # licensor -> what its licences keep others out of
    barriers: Mapping[str, tuple[Barrier, ...]] = field(default_factory=lambda: _NONE)
    # work or asset -> the catalogues that hold it, each with its place in the log
    catalogued: Mapping[tuple[str, str], tuple[tuple[str, int], ...]] = field(default_factory=lambda: _NONE)
    bars: Mapping[tuple[str, str], tuple[Bar, ...]] = field(default_factory=lambda: _NONE)  # (kind, id) -> bars
    spoken: Mapping[tuple[str, str, str], tuple[Spoken, ...]] = field(default_factory=lambda: _NONE)
    policies: Policies = field(default_factory=lambda: _NONE)  # party -> act -> the least assurance that serves
    vendors: Vendors = field(default_factory=lambda: _NONE)  # vendor -> for whom it acts
    replaced: tuple[Grant, ...] = ()  # consents that others took the place of: what was made from them may be withdrawn
    dead: frozenset[str] = frozenset()  # persons of whom a death is recorded
    believing: "Facts | None" = None  # the other reading, where keys of erased persons signed something

    def ancestors(self, project: str) -> list[str]:
        """Return a project and the nodes above it."""
        return ancestors(project, self.projects)

    def both(self, change: Callable[["Facts"], "Facts"]) -> "Facts":
        """Change both readings alike."""
        changed = change(self)
        return changed if self.believing is None else replace(changed, believing=change(self.believing))

    def logged_at(self, asset: str) -> int:
        """Return an asset's place in the log; what is not in it comes after everything that is."""
        index = self.asset_indices.get(asset)
        return NOT_LOGGED if index is None else index


def facts_digest(digests: Iterable[str], vouched: Vouched) -> str:
    """Return the hash of all that a decision read."""
    return sha256_hex(canonical({"digests": sorted(digests), "vouched": vouched.format()}))


def facts_from(envelopes: Iterable[Envelope], vouched: Vouched) -> Facts:
    """
    Build the facts of a decision from signed envelopes and what the registry vouches for.

    Raises ``DomainError`` where an envelope cannot be read, stands twice, or has no entry in ``vouched.indices``. A
    statement whose signature does not stand is not an error: it is kept apart, so that the decision can say so.
    """
    held = list(envelopes)
    statements = read_all(held, vouched)
    facts = facts_of(statements, vouched)
    gone = {keyid for s in statements if isinstance(s.record, Erasure) for keyid in s.record.keys}
    if gone.isdisjoint(signature.keyid for envelope in held for signature in envelope.signatures):
        return facts
    believed = read_all(held, vouched, believing=True)
    return replace(facts, believing=facts_of([*believed, *_stand_ins(believed)], vouched))


def _stand_ins(statements: list[Read]) -> list[Read]:
    """Return, for each person who was erased, that they were there: nothing else is known of them."""
    gone = {s.record.subject: s for s in statements if isinstance(s.record, Erasure) and s.record.cause == "asked"}
    return [
        replace(s, record=_nobody(person), issuer=person, index=0, authorised=True)
        for person, s in gone.items()
        if person is not None
    ]


def _nobody(party: str) -> Party:
    return Party(
        party=party,
        kind="person",
        name="",
        identifiers={},
        affiliates=frozenset(),
        born=None,
        domicile=None,
        unions=(),
        key=None,
    )


def facts_of(statements: list[Read], vouched: Vouched) -> Facts:
    """Settle statements that were read into the facts of a decision."""
    settling = Settling.of(statements, vouched)
    assets = first_by((s for s in statements if isinstance(s.record, Asset) and s.authorised), "asset")
    licences = settle_licences(settling)
    consents = settle_consents(settling)
    return Facts(
        parties=MappingProxyType(dict(settling.parties)),
        projects=MappingProxyType(dict(settling.projects)),
        assets=MappingProxyType(contents_of(statements, assets)),
        claims=claims_of(settling),
        catalogued=catalogued(statements),
        consents=MappingProxyType(_by_grantor(consents.standing)),
        replaced=tuple(consents.replaced),
        licences=licences.grants,
        barriers=licences.barriers,
        bars=bars_of(settling),
        spoken=spoken_of(settling),
        policies=policies_of(settling),
        vendors=vendors_of(settling),
        dead=settling.happenings.dead,
        weights=_weights(statements),
        asset_indices=MappingProxyType({asset: s.index for asset, s in assets.items()}),
        digests=frozenset(s.digest for s in statements),
        vouched=vouched,
        tree_size=vouched.tree_size,
        facts_digest=facts_digest((s.digest for s in statements), vouched),
    )


def _weights(statements: list[Read]) -> frozenset[str]:
    return frozenset(str(s.body.get("weights")) for s in statements if s.type == "weights.trained" and s.authorised)


def _by_grantor(grants: Iterable[Grant]) -> dict[str, tuple[Grant, ...]]:
    found: defaultdict[str, list[Grant]] = defaultdict(list)
    for grant in grants:
        found[grant.grantor].append(grant)
    return {grantor: tuple(sorted(held, key=lambda g: (g.digest, g.grantee))) for grantor, held in found.items()}
