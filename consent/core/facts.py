"""
Turn signed envelopes into what a decision may see.

``facts_from`` is used by the server before it decides and by the verifier afterwards, on the same bytes:

1. Read every envelope; one that cannot be read raises.
2. Collect the keys of each party, back to their enrolment, and check every signature with a key that stood then.
3. Gather parties, vouches, assets, appearances, components, title and grants. What widens counts only with a standing
   signature; what narrows counts as it is, since believing it can only refuse.
4. Settle what one statement does to another: revocations, replacements, confirmations, acceptances.

Left out: whether a use is allowed (``consent.core.decision``), and whatever no statement can show, which the registry
vouches for (``Vouched``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from consent.core import record as consents
from consent.core.grants import NOT_LOGGED, Grant, Read, settle_grants
from consent.core.keyring import Keyring
from consent.core.vouched import Vouched
from registry.core import record as registry_record
from registry.core import rights
from registry.core.envelope import Envelope, canonical, parse_statement, sha256_hex
from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.core.record import (
    Appearance,
    AppearanceClaimed,
    Asset,
    Component,
    Inventory,
    InventoryDeclared,
    Party,
    Vouch,
)
from registry.core.rights import TitleClaim

SERVING_LEVELS = frozenset({"document", "in_person"})  # levels of identity that a consent may rest on


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFacts:
    """One asset as it stands: what it is, what is in it, who says so."""

    asset: Asset
    registrant: str
    logged: bool
    inventory: Inventory
    appearances: tuple[Appearance, ...]
    open_claims: tuple[AppearanceClaimed, ...]
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A title claim that counts, by its digest."""

    digest: str
    title: TitleClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a decision may see, read at one size of the log."""

    parties: Mapping[str, Party]
    projects: frozenset[str]
    assets: Mapping[str, AssetFacts]
    claims: Mapping[tuple[str, str], tuple[Claim, ...]]  # (subject kind, id) -> claims, by digest
    consents: Mapping[str, tuple[Grant, ...]]  # performer -> grants, by digest
    licences: Mapping[str, tuple[Grant, ...]]  # licensor -> grants, by digest
    weights: frozenset[str]  # of which the registry logged the training
    asset_indices: Mapping[str, int | None]
    vouched: Vouched
    tree_size: int
    facts_digest: str

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
    return Facts(
        parties=MappingProxyType(_parties(statements)),
        projects=frozenset(s.record.project for s in _counting(statements, registry_record.Project)),
        assets=MappingProxyType(_assets(statements)),
        claims=MappingProxyType(_claims(statements)),
        weights=frozenset(str(s.body["weights"]) for s in statements if s.type == "weights.trained" and s.authorised),
        asset_indices=MappingProxyType({s.record.asset: s.index for s in statements if isinstance(s.record, Asset)}),
        vouched=vouched,
        tree_size=vouched.tree_size,
        facts_digest=facts_digest((s.digest for s in statements), vouched),
        **_grants(statements, vouched),
    )


def _read(envelopes: Iterable[Envelope], vouched: Vouched) -> list[Read]:
    held = {envelope.digest: envelope for envelope in envelopes}
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
            authorised=keyring.vouches_for(statement, envelope),
        )
        for statement, envelope, record in parsed
    ]


_PARSERS = MappingProxyType({**registry_record.PARSERS, **rights.PARSERS, **consents.PARSERS})


def _record(kind: str, body: object) -> object:
    """Return the value of a body; the registry's own kinds are read where they are needed."""
    if kind not in _PARSERS:
        return None
    reader = Reader(body, "body")
    record = _PARSERS[kind](reader)
    registry_record.read_shown(reader)
    reader.finish()
    return record


def _counting(statements: list[Read], kind: type[Any]) -> list[Read]:
    """Return what widens and counts: of this kind, signed by a standing key, under the checkpoint."""
    return [s for s in statements if isinstance(s.record, kind) and s.authorised and s.logged]


def _parties(statements: list[Read]) -> dict[str, Party]:
    return {s.record.party: s.record for s in statements if isinstance(s.record, Party) and s.authorised}


def _assets(statements: list[Read]) -> dict[str, AssetFacts]:
    appearances = _by_asset(statements, Appearance)
    claims = _by_asset(statements, AppearanceClaimed)
    components = _by_asset(statements, Component)
    found = {}
    for s in statements:
        if not isinstance(s.record, Asset) or not s.authorised:
            continue
        asset = s.record.asset
        found[asset] = AssetFacts(
            asset=s.record,
            registrant=s.issuer,
            logged=s.logged,
            inventory=_inventory(statements, s),
            appearances=tuple(read.record for read in appearances[asset]),
            open_claims=tuple(read.record for read in claims[asset] if not _settled(read, appearances[asset])),
            components=tuple(read.record for read in components[asset]),
        )
    return found


def _by_asset(statements: list[Read], kind: type[Any]) -> defaultdict[str, list[Read]]:
    found: defaultdict[str, list[Read]] = defaultdict(list)
    for s in statements:
        if isinstance(s.record, kind):
            found[s.record.asset].append(s)
    return found


def _inventory(statements: list[Read], registered: Read) -> Inventory:
    """Return the newest inventory that counts, by place in the log."""
    asset: str = registered.record.asset
    later = [
        s for s in _counting(statements, InventoryDeclared) if s.record.asset == asset and s.issuer == registered.issuer
    ]
    newest = max(later, key=lambda s: s.order, default=registered)
    inventory: Inventory = newest.record.inventory
    return inventory


def _settled(claim: Read, appearances: list[Read]) -> bool:
    """Say whether the registrant recorded the performer's appearance after the performer claimed it."""
    return any(a.record.performer == claim.record.performer and a.order > claim.order for a in appearances)


def _claims(statements: list[Read]) -> dict[tuple[str, str], tuple[Claim, ...]]:
    found: defaultdict[tuple[str, str], list[Claim]] = defaultdict(list)
    for s in _counting(statements, TitleClaim):
        if s.issuer == s.record.claimant:
            found[s.record.subject.kind, s.record.subject.id].append(Claim(digest=s.digest, title=s.record))
    return {subject: tuple(sorted(claims, key=lambda c: c.digest)) for subject, claims in found.items()}


def _grants(statements: list[Read], vouched: Vouched) -> dict[str, Mapping[str, tuple[Grant, ...]]]:
    vouches = [s for s in _counting(statements, Vouch) if s.record.level in SERVING_LEVELS]
    parties = _parties(statements)

    def identity_stands(performer: str, grantee: str) -> bool:
        tied = _affiliates(grantee, parties) | {grantee, performer}
        return any(s.record.party == performer and s.issuer not in tied for s in vouches)

    grants = settle_grants(statements, vouched, identity_stands=identity_stands)
    return {
        "consents": MappingProxyType(_by_grantor(g for g in grants if g.kind == "consent")),
        "licences": MappingProxyType(_by_grantor(g for g in grants if g.kind == "licence")),
    }


def _affiliates(party: str, parties: Mapping[str, Party]) -> set[str]:
    """Return whoever the party names as affiliated, and whoever names the party."""
    own = parties[party].affiliates if party in parties else frozenset()
    return set(own) | {other for other, record in parties.items() if party in record.affiliates}


def _by_grantor(grants: Iterable[Grant]) -> dict[str, tuple[Grant, ...]]:
    found: defaultdict[str, list[Grant]] = defaultdict(list)
    for grant in grants:
        found[grant.grantor].append(grant)
    return {grantor: tuple(sorted(held, key=lambda g: g.digest)) for grantor, held in found.items()}
