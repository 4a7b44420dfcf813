"""Bodies of what is signed over the life of a licence or a claim of title."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from registry.core.jcs import Json
from tests.world import Actor, File, World, new_id, scope

SOON = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT00:00:00Z")
LATER = (datetime.now(UTC) + timedelta(days=60)).strftime("%Y-%m-%dT00:00:00Z")
PAST = (datetime.now(UTC) - timedelta(days=60)).strftime("%Y-%m-%dT00:00:00Z")
RECENT = (datetime.now(UTC) - timedelta(days=30)).strftime("%Y-%m-%dT00:00:00Z")


def terms(body: dict[str, Json], **fields: Json) -> dict[str, Json]:
    """The terms of an amendment: a licence body without its papers."""
    return {name: value for name, value in (body | fields).items() if name not in ("document_sha256", "signed_on")}


def amended(licence: str, body: dict[str, Json], *, since: str = SOON, **fields: Json) -> dict[str, Json]:
    return {"licence": licence, "effective_from": since, "terms": terms(body, **fields), "document_sha256": None}


def option(name: str = "part two", opens: str = RECENT, closes: str = SOON, **fields: Any) -> dict[str, Json]:
    return {"option": name, "exercise": [opens, closes], "scopes": [scope(**({"territories": ["DE"]} | fields))]}


def assigned(grant: str, to: Actor, since: str = SOON) -> dict[str, Json]:
    return {"grant": grant, "to": to.id, "effective_from": since, "document_sha256": None}


def release(work: str, **fields: Json) -> dict[str, Json]:
    body: dict[str, Json] = {
        "event": "theatrical_release", "work": work, "territory": "FR", "on": "2026-02-03", "utc_offset": 60,
        "document_sha256": None,
    }  # fmt: skip
    return body | fields


def follows(work: str, plus: str = "P17M") -> dict[str, Json]:
    return {"event": "theatrical_release", "work": work, "territory": "FR", "plus": plus}


def catalogue(owner: Actor, *assets: File, **fields: Json) -> dict[str, Json]:
    members: list[Json] = [{"kind": "asset", "id": asset.id} for asset in assets]
    return {"catalogue": new_id(), "owner": owner.id, "title": "Ridge library", "members": members} | fields


def claim(claimant: Actor, asset: File, **fields: Json) -> dict[str, Json]:
    body: dict[str, Json] = {
        "claimant": claimant.id, "subject": {"kind": "asset", "id": asset.id}, "right": "picture",
        "nature": "economic", "scopes": [scope(territories=["FR"])], "share": [1, 2], "document_sha256": None,
    }  # fmt: skip
    return body | fields


def disputed(world: World, digest: str, by: Actor) -> dict[str, Json]:
    return {"claim": digest, "grounds": "the negative is ours", "evidence_sha256": world.paper(by)}
