"""
What the registry says when it clears a use: the body of `clearance.issued` (``docs/formats.md`` section 6).

Ids and digests only. Whether it is true is asked by whoever replays the decision.
"""

from dataclasses import dataclass
from datetime import datetime

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_digest, read_list, read_str, read_uuid, require_sorted

ASSURANCES = ("signed", "confirmed", "recorded")
MAX_GROUNDS = 10_000  # of one decision; a training run of the sample library rests on fewer than a hundred
MAX_ASSETS = 100_000  # of one training run

Ground = tuple[str, str]  # (digest, assurance)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceIssued:
    clearance: str
    kind: str  # shot | train
    request_sha256: str
    at: datetime
    expires_at: datetime
    facts_digest: str
    tree_size: int
    grounds: tuple[Ground, ...]  # sorted
    assets: tuple[tuple[str, str], ...]  # (asset id, SHA-256 of its bytes), sorted
    shot: str | None
    replaces: str | None
    manifest_sha256: str | None
    seconds: int  # of output, rounded up
    epochs: int  # of a training run


def parse_clearance(body: Reader) -> ClearanceIssued:
    return ClearanceIssued(
        clearance=body.uuid("clearance"),
        kind=body.choice("kind", ("shot", "train")),
        request_sha256=body.digest("request_sha256"),
        at=body.time("at"),
        expires_at=body.time("expires_at"),
        facts_digest=body.digest("facts_digest"),
        tree_size=body.int("tree_size"),
        grounds=read_grounds(body),
        assets=body.list_of("assets", _asset, max_items=MAX_ASSETS),
        shot=body.opt_uuid("shot"),
        replaces=body.opt_digest("replaces"),
        manifest_sha256=body.opt_digest("manifest_sha256"),
        seconds=body.int("seconds"),
        epochs=body.int("epochs"),
    )


def read_grounds(body: Reader) -> tuple[Ground, ...]:
    """Take ``grounds``, sorted by digest."""
    grounds = body.list_of("grounds", read_ground, max_items=MAX_GROUNDS)
    require_sorted([digest for digest, _ in grounds], body.at("grounds"))
    return grounds


def read_ground(value: object, path: str) -> Ground:
    """Read ``["<digest>", "<assurance>"]``."""
    if not isinstance(value, list) or len(value) != 2 or value[1] not in ASSURANCES:
        raise Malformed("bad_type", field=path, wanted="a digest and its assurance")
    return read_digest(value[0], path), str(value[1])


def _asset(value: object, path: str) -> tuple[str, str]:
    pair = read_list(value, path, lambda item, where: read_str(item, where, max_chars=64), min_items=2, max_items=2)
    return read_uuid(pair[0], path), read_digest(pair[1], path)
