"""Bodies of what is said about likenesses, to be changed in one field by a test."""

from __future__ import annotations

from registry.core.jcs import Json
from tests.world import Actor, new_id, scope

ACTS: list[Json] = ["alter", "condition", "distribute", "store"]
MINOR: dict[str, Json] = {"guardians": "one", "court_order_sha256": None, "at_majority": "ends"}


def face(**dimensions: Json) -> dict[str, Json]:
    """A wide box of a performer's face and body."""
    return scope(**({"aspects": ["body", "face"], "acts": ["condition", "distribute"]} | dimensions))


def consent(performer: Actor, grantee: Actor, **fields: Json) -> dict[str, Json]:
    body: dict[str, Json] = {
        "performer": performer.id,
        "grantee": grantee.id,
        "scopes": [face()],
        "description": "Mara walks along the ridge",
        "role": "Mara",
        "scenes": "any",
        "dialogue": {"kind": "none", "script_sha256": None},
        "replica_use": ["employment_based"],
        "replaces_in_person_work": False,
        "represented": False,
        "basis": "consent",
        "revocation": {"kind": "at_will", "notice_hours": None},
        "approvals": [],
        "caps": {},
        "survives_death": False,
        "tail": {},
        "minor": False,
        "strike": "suspends",
        "assignable": False,
        "future_projects": [],
        "retention_until": None,
        "cooling_off_until": None,
        "supersedes": [],
    }
    return body | fields


def offer(performer: Actor, grantee: Actor, **fields: Json) -> dict[str, Json]:
    """A consent that the grantee has to accept."""
    return consent(performer, grantee, **({"basis": "contract"} | fields))


def recorded(performer: Actor, grantee: Actor, **fields: Json) -> dict[str, Json]:
    """What a grantee records from paper."""
    paper: dict[str, Json] = {"document_sha256": "d" * 64, "signed_on": "2026-01-02", "counters": None}
    return consent(performer, grantee, **(paper | fields))


def authority(principal: Actor, *agents: Actor, **fields: Json) -> dict[str, Json]:
    body: dict[str, Json] = {
        "authority": new_id(),
        "principal": principal.id,
        "agents": sorted(agent.id for agent in agents),
        "required": 1,
        "role": "agent",
        "powers": ["approve", "grant", "negotiate", "revoke", "view"],
        "acts": ACTS,
        "window": ["2026-01-01T00:00:00Z", None],
        "evidence_sha256": None,
    }
    return body | fields


def guardianship(minor: Actor, *guardians: Actor, **fields: Json) -> dict[str, Json]:
    return authority(minor, *guardians, **({"role": "guardian", "evidence_sha256": "e" * 64} | fields))


def revoked(performer: Actor, *grants: str, **fields: Json) -> dict[str, Json]:
    body: dict[str, Json] = {"performer": performer.id, "grants": [*sorted(grants)], "grantee": None}
    return body | fields


def restriction(performer: Actor, **fields: Json) -> dict[str, Json]:
    body: dict[str, Json] = {"restriction": new_id(), "performer": performer.id, "scopes": [face()]}
    return body | fields


def suspension(kind: str, by: Actor, on: str, id_: str, **fields: Json) -> dict[str, Json]:
    body: dict[str, Json] = {
        "suspension": new_id(),
        "kind": kind,
        "by": by.id,
        "on": {"kind": on, "id": id_},
        "scopes": [face() if on in ("performer", "union") else scope()],
        "agreements": [],
        "excepted_projects": [],
        "document_sha256": "c" * 64 if kind == "court" else None,
    }
    return body | fields


def lifted(suspended: dict[str, Json], **fields: Json) -> dict[str, Json]:
    body: dict[str, Json] = {"suspension": suspended["suspension"], "scopes": None, "projects": None}
    return body | fields
