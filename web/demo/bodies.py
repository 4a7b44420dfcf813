"""What the cast says, as bodies of statements and requests; `docs/formats.md` describes every field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from registry.core.terms import MEDIA
from registry.core.times import format_time, whole_second

WORLD = "001"
FIRST, AFTER = timedelta(days=1), timedelta(days=730)  # contracts here begin yesterday and last two years
NOBODY = {"people": "none", "music": "none", "artworks": "none", "marks": "none", "locations": "none"}
SOMEBODY = NOBODY | {"people": "listed"}
UNDECLARED = NOBODY | {"people": "unknown"}
ROLE = "Mara"


def window(at: datetime) -> list[str]:
    now = whole_second(at)
    return [format_time(now - FIRST), format_time(now + AFTER)]


def scope(
    acts: Sequence[str], aspects: Sequence[str], territories: Sequence[str], project: str, at: datetime
) -> dict[str, Any]:
    """One box for a streaming series; groups of territories are expanded when it is drafted."""
    return {
        "acts": sorted(acts),
        "aspects": sorted(aspects),
        "purposes": ["work"],
        "media": ["festival", "svod"],
        "territories": list(territories),
        "languages": ["*"],
        "projects": [project],
        "window": window(at),
        "content": {"depicts": [], "scene": []},
    }


def project(id_: str, producer: str) -> dict[str, Any]:
    return {
        "project": id_,
        "title": "The Ridge",
        "kind": "film",
        "producer": producer,
        "agreement": None,
        "signatory": None,
        "governing_law": "FR",
        "parent": None,
    }


def title(claimant: str, asset: str, at: datetime) -> dict[str, Any]:
    everything = scope(["condition", "distribute"], ["motion", "picture", "style"], [WORLD], "*", at)
    everything |= {"media": sorted(MEDIA.terms)}
    return {
        "claimant": claimant,
        "subject": {"kind": "asset", "id": asset},
        "right": "picture",
        "nature": "economic",
        "scopes": [everything],
        "share": [1, 1],
        "document_sha256": None,
    }


def licence(licensor: str, licensee: str, assets: Sequence[str], film: str, at: datetime) -> dict[str, Any]:
    return {
        "licensor": licensor,
        "licensee": licensee,
        "subjects": [{"kind": "asset", "id": asset} for asset in sorted(assets)],
        "new_assets": False,
        "scopes": [scope(["condition", "distribute"], ["picture"], [WORLD], film, at)],
        "exclusivity": "none",
        "sublicensable": False,
        "caps": {"shots": None},
        "parent": None,
        "holdbacks": [],
        "approvals": [],
        "options": [],
        "ends_unless": None,
        "product_categories": [],
        "document_sha256": None,
        "signed_on": None,
    }


def consent(performer: str, grantee: str, territories: Sequence[str], film: str, at: datetime) -> dict[str, Any]:
    return {
        "performer": performer,
        "grantee": grantee,
        "scopes": [scope(["condition", "distribute"], ["body", "face"], territories, film, at)],
        "description": f"{ROLE} walks along the ridge at dusk",
        "role": ROLE,
        "scenes": "any",
        "dialogue": {"kind": "none", "script_sha256": None},
        "replica_use": ["employment_based"],
        "replaces_in_person_work": False,
        "represented": True,
        "basis": "consent",
        "revocation": {"kind": "at_will", "notice_hours": None},
        "approvals": [],
        "caps": {"shots": 10},
        "survives_death": False,
        "tail": {"distribute": "keep"},
        "minor": False,
        "strike": "suspends",
        "assignable": False,
        "future_projects": [],
        "retention_until": None,
        "cooling_off_until": None,
        "supersedes": [],
    }


def appearance(asset: str, performer: str) -> dict[str, Any]:
    return {
        "asset": asset,
        "performer": performer,
        "aspects": ["body", "face"],
        "spans": None,
        "recognisable": True,
    }


def shot(
    *,
    producer: str,
    film: str,
    references: list[dict[str, Any]],
    performer: str,
    territories: Sequence[str],
    at: datetime,
    take: int,
    steps: int,
) -> dict[str, Any]:
    """The request for shot 12A: she crosses the ridge while the camera follows."""
    start = whole_second(at)
    return {
        "for": producer,
        "project": film,
        "shot_code": "12A",
        "take": take,
        "prompt": "a woman walks along the hills at dusk, the camera pans right",
        "negative_prompt": "",
        "seed": 12 + take,
        "engine": "starter",
        "format": {"width": 1024, "height": 576, "fps": [12, 1], "frames": 16},
        "references": references,
        "controls": {
            "camera": [{"t": 0, "x": -0.25, "y": 0, "zoom": 1}, {"t": 1, "x": 0.25, "y": 0, "zoom": 1.08}],
            "trajectories": [
                {
                    "performer": performer,
                    "points": [{"t": 0, "x": -0.9, "y": 0.5}, {"t": 1, "x": 0.75, "y": 0.56}],
                }
            ],
            "guidance": 1,
            "steps": steps,
        },
        "use": {
            "purposes": ["work"],
            "media": ["festival", "svod"],
            "territories": list(territories),
            "languages": ["fr-BE", "fr-FR"],
            "window": [format_time(start), format_time(start + timedelta(days=365))],
            "scene": [],
            "scenes": ["12"],
            "description": f"{ROLE} walks along the ridge at dusk",
            "by_performer": {
                performer: {"depicts": [], "role": ROLE, "replica_use": "employment_based", "dialogue": None}
            },
        },
    }
