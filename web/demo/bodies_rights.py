"""What is said in the second chapter, as bodies: promises, a union and its strike, a consent with a word kept back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from registry.core.times import format_time, whole_second
from web.demo import bodies

AGREEMENT = "Players' Guild Feature Film 2026"
ROLE = "Ines"
CODE = "31"
VAGUE = "as needed"
SPECIFIC = "Ines, seen from afar, walks back along the ridge at dusk"
FEE = {"kind": "shot", "minor": 25_000, "currency": "EUR"}  # 250 euros a shot
YEAR, HOURS = timedelta(days=365), 72
BROADCAST = ["catch_up", "free_tv"]


def film(id_: str, producer: str) -> dict[str, Any]:
    return bodies.project(id_, producer) | {
        "title": "The Way Back",
        "agreement": AGREEMENT,
        "governing_law": "US-CA",
    }


def exclusive(licensor: str, licensee: str, asset: str, territories: Sequence[str], at: datetime) -> dict[str, Any]:
    """Broadcast of a picture by nobody else, in any of the licensee's programmes, for a year."""
    start = whole_second(at)
    box = bodies.scope(["condition", "distribute"], ["picture"], territories, "*", at)
    box |= {"media": BROADCAST, "window": [format_time(start), format_time(start + YEAR)]}
    licence = bodies.licence(licensor, licensee, [asset], "*", at)
    return licence | {"scopes": [box], "exclusivity": "exclusive"}


def vague_consent(performer: str, grantee: str, project: str, at: datetime) -> dict[str, Any]:
    """
    A replica in place of the person, without counsel, described so that nobody could say what it is for.

    No result leaves without the performer's yes: within some days, else it is a no.
    """
    word = {"by": "performer", "on": "result", "acts": ["distribute"], "hours": HOURS, "on_silence": "refused"}
    return bodies.consent(performer, grantee, ["BE", "FR"], project, at) | {
        "description": VAGUE,
        "role": ROLE,
        "replaces_in_person_work": True,
        "represented": False,
        "approvals": [word],
    }


def described(vague: dict[str, Any], replaced: str) -> dict[str, Any]:
    """The same consent in the vague one's place, with one difference: it says what it is for."""
    return vague | {"description": SPECIFIC, "supersedes": [replaced]}


def membership(id_: str, performer: str, union: str, at: datetime) -> dict[str, Any]:
    return {
        "authority": id_,
        "principal": performer,
        "agents": [union],
        "required": 1,
        "role": "union",
        "powers": ["view"],
        "acts": ["condition", "distribute"],
        "window": [format_time(whole_second(at)), None],
        "evidence_sha256": None,
    }


def strike(id_: str, union: str, at: datetime) -> dict[str, Any]:
    """Not now: nobody in the union, in nothing made under the agreement, anywhere, until it is lifted."""
    acts, aspects = ["alter", "condition", "distribute"], ["body", "face", "performance", "voice"]
    box = bodies.scope(acts, aspects, [bodies.WORLD], "*", at)
    box |= {"media": ["festival", "free_tv", "svod", "theatrical"], "window": [format_time(whole_second(at)), None]}
    return {
        "suspension": id_,
        "kind": "strike",
        "by": union,
        "on": {"kind": "union", "id": union},
        "scopes": [box],
        "agreements": [AGREEMENT],
        "excepted_projects": [],
        "document_sha256": None,
    }


def interim_agreement(suspension: str, project: str) -> dict[str, Any]:
    return {"suspension": suspension, "scopes": None, "projects": [project]}


def yes(shot: str, grant: str) -> dict[str, Any]:
    return {"shot": shot, "grant": grant, "on": "result", "note": "yes, that is how she walks"}


def shot(
    *,
    producer: str,
    project: str,
    references: list[dict[str, Any]],
    performer: str,
    at: datetime,
    steps: int,
) -> dict[str, Any]:
    """The request for shot 31: the same ridge, walked the other way."""
    request = bodies.shot(
        producer=producer,
        film=project,
        references=references,
        performer=performer,
        territories=["BE", "FR"],
        at=at,
        take=1,
        steps=steps,
    )
    points = [{"t": 0, "x": 0.75, "y": 0.56}, {"t": 1, "x": -0.9, "y": 0.5}]
    shown: dict[str, Any] = {"depicts": [], "role": ROLE, "replica_use": "employment_based", "dialogue": None}
    return request | {
        "shot_code": CODE,
        "prompt": "a woman walks along the hills at dusk, the camera pans left",
        "controls": request["controls"]
        | {
            "camera": [{"t": 0, "x": 0.25, "y": 0, "zoom": 1}, {"t": 1, "x": -0.25, "y": 0, "zoom": 1}],
            "trajectories": [{"performer": performer, "points": points}],
        },
        "use": request["use"] | {"scenes": [CODE], "description": SPECIFIC, "by_performer": {performer: shown}},
    }
