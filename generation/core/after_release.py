"""
What the registry itself says of a shot after its release: used anew, withdrawn.

Bodies of ``docs/formats.md`` section 6, as values. Ids and digests only.
"""

from dataclasses import dataclass
from datetime import datetime

from consent.core.cleared import MAX_GROUNDS, Ground, read_grounds
from registry.core.fields import Reader, read_digest, require_sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCleared:
    """Another use of a released shot was decided, without rendering."""

    use: str
    shot: str
    request_sha256: str
    at: datetime
    facts_digest: str
    tree_size: int
    grounds: tuple[Ground, ...]  # sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotWithdrawn:
    """A released shot must go: a ground of it was withdrawn, and its tail says so."""

    shot: str
    release: str  # digest of its shot.released
    grounds: tuple[str, ...]  # digests of the grounds that were withdrawn, sorted


def parse_use_cleared(body: Reader) -> UseCleared:
    return UseCleared(
        use=body.uuid("use"),
        shot=body.uuid("shot"),
        request_sha256=body.digest("request_sha256"),
        at=body.time("at"),
        facts_digest=body.digest("facts_digest"),
        tree_size=body.int("tree_size"),
        grounds=read_grounds(body),
    )


def parse_withdrawn(body: Reader) -> ShotWithdrawn:
    grounds = body.list_of("grounds", read_digest, min_items=1, max_items=MAX_GROUNDS)
    require_sorted(grounds, body.at("grounds"))
    return ShotWithdrawn(shot=body.uuid("shot"), release=body.digest("release"), grounds=grounds)
