"""
Turn signed envelopes into what a decision may see.

``facts_from`` is used by the server before it decides and by the verifier afterwards, on the same bytes:

1. Read every envelope; one that cannot be read raises.
2. Collect the keys of each party, back to their enrolment, and check every signature with a key that stood then.
3. Gather parties, vouches, assets, appearances, components, title and grants. What widens counts only with a standing
   signature and under the checkpoint; what narrows counts as it is, since believing it can only refuse. Where one
   statement does both (an appearance asks for a consent, and settles a claim), each half has its own rule.
4. Settle what one statement does to another: revocations, replacements, confirmations, acceptances.

Left out: whether a use is allowed (``consent.core.decision``), and whatever no statement can show, which the registry
vouches for (``Vouched``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from consent.core.assignments import Assignments
from consent.core.bodies import PARSERS
from consent.core.consents import settle_consents
from consent.core.disputes import Disputes
from consent.core.exclusivity import Barrier
from consent.core.grants import Grant
from consent.core.happenings import Happenings
from consent.core.keyring import Keyring
from consent.core.licences import settle_licences
from consent.core.projects import below
from consent.core.read import NOT_LOGGED, Read
from consent.core.settling import Settling
from consent.core.standing import Authorities
from consent.core.titles import Claim, catalogued, claims_of
from consent.core.vouched import Vouched
from registry.core.assets import Appearance, AppearanceClaimed, Asset, Component, Inventory, InventoryDeclared
from registry.core.envelope import Envelope, canonical, parse_statement, sha256_hex
from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.core.record import Party, Project, Vouch, read_shown
from registry.core.terms import ASPECTS

SERVING_LEVELS = frozenset({"document", "in_person"})  # levels of identity that a consent may rest on
RECORDS = frozenset({"clearance.issued", "shot.closed", "shot.released", "weights.trained"})  # the registry's own
_SOUND = ASPECTS.mask(("sound",))
_PICTURE = ASPECTS.mask(("picture",))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFacts:
    """One asset as it stands: what it is, what is in it, who says so."""

    asset: Asset
    registrant: str
    logged: bool
    inventory: Inventory
    recorded: frozenset[str]  # contents of which something stands recorded, by somebody who may record it
    appearances: tuple[Appearance, ...]
    open_claims: tuple[AppearanceClaimed, ...]
    components: tuple[Component, ...]


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
    barriers: Mapping[str, tuple[Barrier, ...]] = field(default_factory=lambda: MappingProxyType({}))
    # work or asset -> the catalogues that hold it, each with its place in the log
    catalogued: Mapping[tuple[str, str], tuple[tuple[str, int], ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )

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
    statements = _read(envelopes, vouched)
    assets = _first((s for s in statements if isinstance(s.record, Asset) and s.authorised), "asset")
    parties = MappingProxyType({party: s.record for party, s in _parties(statements).items()})
    projects = _first(_counting(statements, Project), "project")
    known = MappingProxyType({project: s.record for project, s in projects.items()})
    return Facts(
        parties=parties,
        projects=known,
        assets=MappingProxyType(_assets(statements, assets)),
        catalogued=catalogued(statements),
        weights=_weights(statements),
        asset_indices=MappingProxyType({asset: s.index for asset, s in assets.items()}),
        digests=frozenset(s.digest for s in statements),
        vouched=vouched,
        tree_size=vouched.tree_size,
        facts_digest=facts_digest((s.digest for s in statements), vouched),
        **_grants(statements, vouched, parties, known),
    )


def _read(envelopes: Iterable[Envelope], vouched: Vouched) -> list[Read]:
    held: dict[str, Envelope] = {}
    for envelope in envelopes:
        if held.setdefault(envelope.digest, envelope) is not envelope:
            raise Malformed("duplicate_value", field="envelopes", value=envelope.digest)
    parsed = []
    for digest in sorted(held):
        statement = parse_statement(held[digest].payload)
        if digest not in vouched.indices:
            raise Malformed("missing_field", field=f"vouched.indices.{digest}")
        parsed.append((statement, held[digest], _record(statement.type, statement.body)))
    keyring = Keyring.of(parsed, vouched.indices)
    return [
        Read(
            digest=statement.digest,
            type=statement.type,
            issuer=statement.issuer,
            issued_at=statement.issued_at,
            body=statement.body,
            record=record,
            index=vouched.indices[statement.digest],
            tree_size=vouched.tree_size,
            authorised=statement.issuer in signers,
            signers=signers,
        )
        for statement, envelope, record in parsed
        for signers in (keyring.signers(statement, envelope),)
    ]


def _record(kind: str, body: object) -> object:
    """Return the value of a body; what nobody here understands might narrow, so it is refused."""
    if kind in RECORDS:
        return None
    if kind not in PARSERS:
        raise Malformed("unknown_type", field="type", value=kind)
    reader = Reader(body, "body")
    record = PARSERS[kind](reader)
    read_shown(reader)
    reader.finish()
    return record


def _counting(statements: list[Read], kind: type[Any]) -> list[Read]:
    """Return what widens and counts: of this kind, signed by a standing key, under the checkpoint."""
    return [s for s in statements if isinstance(s.record, kind) and s.authorised and s.logged]


def _weights(statements: list[Read]) -> frozenset[str]:
    return frozenset(str(s.body.get("weights")) for s in statements if s.type == "weights.trained" and s.authorised)


def _first(statements: Iterable[Read], name: str) -> dict[str, Read]:
    """Map each id to the statement that registered it first, by place in the log; a second one changes nothing."""
    found: dict[str, Read] = {}
    for s in sorted(statements, key=lambda s: (s.order, s.digest)):
        found.setdefault(getattr(s.record, name), s)
    return found


def _parties(statements: list[Read]) -> dict[str, Read]:
    return _first(_counting(statements, Party), "party")


def _assets(statements: list[Read], registered: Mapping[str, Read]) -> dict[str, AssetFacts]:
    appearances = _by_asset(statements, Appearance)
    claims = _by_asset(statements, AppearanceClaimed)
    components = _by_asset(statements, Component)
    inventories = _by_asset(_counting(statements, InventoryDeclared), InventoryDeclared)
    return {
        asset: AssetFacts(
            asset=s.record,
            registrant=s.issuer,
            logged=s.logged,
            inventory=_inventory(inventories[asset], s),
            recorded=_recorded(appearances[asset], components[asset], s.issuer),
            appearances=tuple(read.record for read in appearances[asset]),
            open_claims=tuple(
                read.record for read in claims[asset] if not _settled(read, appearances[asset], s.issuer)
            ),
            components=tuple(read.record for read in components[asset]),
        )
        for asset, s in registered.items()
    }


def _by_asset(statements: list[Read], kind: type[Any]) -> defaultdict[str, list[Read]]:
    found: defaultdict[str, list[Read]] = defaultdict(list)
    for s in statements:
        if isinstance(s.record, kind):
            found[s.record.asset].append(s)
    return found


def _inventory(declared: list[Read], registered: Read) -> Inventory:
    """Return the registrant's newest inventory that counts, by place in the log."""
    later = [s for s in declared if s.issuer == registered.issuer]
    inventory: Inventory = max(later, key=lambda s: s.order, default=registered).record.inventory
    return inventory


def _stands(s: Read, *recorders: str) -> bool:
    """Say whether a record counts where it permits: signed by who may record it, under the checkpoint."""
    return s.authorised and s.logged and s.issuer in recorders


def _recorded(appearances: list[Read], components: list[Read], registrant: str) -> frozenset[str]:
    """Return the contents of an inventory of which something is recorded; a record must stand to speak for `listed`."""
    found = {"people"} if any(_stands(s, registrant, s.record.performer) for s in appearances) else set()
    aspects = 0
    for s in components:
        aspects |= s.record.aspects if _stands(s, registrant) else 0
    if aspects & _SOUND:
        found.add("music")
    if aspects & _PICTURE:
        found |= {"artworks", "marks", "locations"}
    return frozenset(found)


def _settled(claim: Read, appearances: list[Read], registrant: str) -> bool:
    """Say whether the registrant or the performer recorded the appearance after it was claimed."""
    performer = claim.record.performer
    return any(
        s.record.performer == performer and s.order > claim.order and _stands(s, registrant, performer)
        for s in appearances
    )


def _grants(
    statements: list[Read], vouched: Vouched, parties: Mapping[str, Party], projects: Mapping[str, Project]
) -> dict[str, Any]:
    """Settle grants and title, by the field of ``Facts``."""
    vouchers: defaultdict[str, set[str]] = defaultdict(set)
    for s in _counting(statements, Vouch):
        if s.record.level in SERVING_LEVELS:
            vouchers[s.record.party].add(s.issuer)
    tied = _Ties(statements)

    @cache
    def identity_stands(performer: str, grantee: str) -> bool:
        return any(tied.independent(voucher, performer, grantee) for voucher in vouchers[performer])

    disputes = Disputes(statements, vouched.registry)
    settling = Settling(
        statements=tuple(statements),
        vouched=vouched,
        identity_stands=identity_stands,
        happenings=Happenings(statements, tied.independent),
        assignments=Assignments(statements),
        disputes=disputes,
        authorities=Authorities(statements, disputes, tied.independent),
        born=MappingProxyType({party: record.born for party, record in parties.items()}),
        below=below(projects),
    )
    licences = settle_licences(settling)
    return {
        "consents": MappingProxyType(_by_grantor(settle_consents(settling))),
        "licences": licences.grants,
        "barriers": licences.barriers,
        "claims": claims_of(settling),
    }


class _Ties:
    """Who is affiliated with whom; believed from any registration, since a tie can only refuse."""

    def __init__(self, statements: list[Read]) -> None:
        self._known = _parties(statements)
        self._named: defaultdict[str, set[str]] = defaultdict(set)
        for s in statements:
            if isinstance(s.record, Party):
                self._named[s.record.party] |= s.record.affiliates

    def independent(self, voucher: str, performer: str, grantee: str) -> bool:
        """Neither of the two, nor affiliated with the grantee either way; whose ties are not known is not."""
        if voucher in (performer, grantee) or voucher not in self._known or grantee not in self._known:
            return False
        return voucher not in self._named[grantee] and grantee not in self._named[voucher]


def _by_grantor(grants: Iterable[Grant]) -> dict[str, tuple[Grant, ...]]:
    found: defaultdict[str, list[Grant]] = defaultdict(list)
    for grant in grants:
        found[grant.grantor].append(grant)
    return {grantor: tuple(sorted(held, key=lambda g: g.digest)) for grantor, held in found.items()}
