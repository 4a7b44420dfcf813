"""
What the registry itself says of a shot: released, made by these weights. That it was cleared: ``consent.core.cleared``.

Bodies of ``docs/formats.md`` section 6, as values. Ids and digests only; whether they are true is asked in
``generation.core.verify``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from consent.core.cleared import read_grounds
from registry.core.errors import Malformed
from registry.core.fields import Reader

CHECK_OUTCOMES = ("pass", "unchecked")
RUNS = ("here", "shipped")


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


def parse_release(body: Reader) -> ShotReleased:
    return ShotReleased(
        shot=body.uuid("shot"),
        clearance=body.digest("clearance"),
        output_sha256=body.digest("output_sha256"),
        request_sha256=body.digest("request_sha256"),
        at=body.time("at"),
        facts_digest=body.digest("facts_digest"),
        tree_size=body.int("tree_size"),
        grounds=read_grounds(body),
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


def _checks(body: Reader) -> Mapping[str, str]:
    held = body.object("checks")
    raw = body.raw("checks")
    names = sorted(raw) if isinstance(raw, dict) else []
    if len(names) > 100 or any(len(name) > 80 for name in names):
        raise Malformed("too_large", field=body.at("checks"))
    return MappingProxyType({name: held.choice(name, CHECK_OUTCOMES) for name in names})
