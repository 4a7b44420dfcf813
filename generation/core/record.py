"""
What the registry itself says of a shot: cleared, released, made by these weights.

Bodies of ``docs/formats.md`` section 6, as values. Ids and digests only; whether they are true is asked in
``generation.core.verify``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from generation.core.credential import MAX_GROUNDS, read_ground
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_digest, read_list, read_str, read_uuid, require_sorted

MAX_ASSETS = 100_000  # of one training run
CHECK_OUTCOMES = ("pass", "unchecked")
RUNS = ("here", "shipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceIssued:
    clearance: str
    kind: str  # shot | train
    request_sha256: str
    at: datetime
    expires_at: datetime
    facts_digest: str
    tree_size: int
    grounds: tuple[tuple[str, str], ...]  # (digest, assurance), sorted
    assets: tuple[tuple[str, str], ...]  # (asset id, SHA-256 of its bytes), sorted
    shot: str | None
    replaces: str | None
    manifest_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotReleased:
    shot: str
    clearance: str  # digest
    output_sha256: str
    request_sha256: str
    at: datetime
    facts_digest: str
    tree_size: int
    grounds: tuple[tuple[str, str], ...]
    checks: Mapping[str, str]  # name -> pass | unchecked
    reviewed_by: str | None
    weights: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsTrained:
    weights: str
    engine: str
    root: str
    manifest_sha256: str
    run: str  # here | shipped
    clearance: str  # digest of the training clearance


def parse_clearance(body: Reader) -> ClearanceIssued:
    return ClearanceIssued(
        clearance=body.uuid("clearance"),
        kind=body.choice("kind", ("shot", "train")),
        request_sha256=body.digest("request_sha256"),
        at=body.time("at"),
        expires_at=body.time("expires_at"),
        facts_digest=body.digest("facts_digest"),
        tree_size=body.int("tree_size"),
        grounds=_grounds(body),
        assets=body.list_of("assets", _asset, max_items=MAX_ASSETS),
        shot=body.opt_uuid("shot"),
        replaces=body.opt_digest("replaces"),
        manifest_sha256=body.opt_digest("manifest_sha256"),
    )


def parse_release(body: Reader) -> ShotReleased:
    return ShotReleased(
        shot=body.uuid("shot"),
        clearance=body.digest("clearance"),
        output_sha256=body.digest("output_sha256"),
        request_sha256=body.digest("request_sha256"),
        at=body.time("at"),
        facts_digest=body.digest("facts_digest"),
        tree_size=body.int("tree_size"),
        grounds=_grounds(body),
        checks=_checks(body),
        reviewed_by=body.opt_uuid("reviewed_by"),
        weights=body.digest("weights"),
    )


def parse_weights(body: Reader) -> WeightsTrained:
    return WeightsTrained(
        weights=body.digest("weights"),
        engine=body.str("engine", max_chars=80),
        root=body.digest("root"),
        manifest_sha256=body.digest("manifest_sha256"),
        run=body.choice("run", RUNS),
        clearance=body.digest("clearance"),
    )


def _grounds(body: Reader) -> tuple[tuple[str, str], ...]:
    grounds = body.list_of("grounds", read_ground, max_items=MAX_GROUNDS)
    require_sorted([digest for digest, _ in grounds], body.at("grounds"))
    return grounds


def _asset(value: object, path: str) -> tuple[str, str]:
    pair = read_list(value, path, lambda item, where: read_str(item, where, max_chars=64), min_items=2, max_items=2)
    return read_uuid(pair[0], path), read_digest(pair[1], path)


def _checks(body: Reader) -> Mapping[str, str]:
    held = body.object("checks")
    raw = body.raw("checks")
    names = sorted(raw) if isinstance(raw, dict) else []
    if len(names) > 100 or any(len(name) > 80 for name in names):
        raise Malformed("too_large", field=body.at("checks"))
    return MappingProxyType({name: held.choice(name, CHECK_OUTCOMES) for name in names})
