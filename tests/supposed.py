"""Drafts of what somebody may sign about the studio's shot, for whoever asks what they would change."""

from __future__ import annotations

from typing import Any

from registry.core.jcs import Json
from tests.studio import Studio, consent_body
from tests.world import licence_body, new_id, scope

Draft = dict[str, Any]


def codes_of(decision: dict[str, Any]) -> set[str]:
    return {obstacle["code"] for obstacle in decision["obstacles"]}


def draft(type_: str, issuer: str, body: dict[str, Json]) -> Draft:
    return {"type": type_, "issuer": issuer, "body": body}


def consent(studio: Studio, **fields: Json) -> Draft:
    return draft("consent.granted", studio.ada.id, consent_body(studio.ada, studio.producer) | fields)


def licence(studio: Studio, **fields: Json) -> Draft:
    body = licence_body(studio.archive, studio.producer, studio.portrait, studio.ridge)
    return draft("licence.granted", studio.archive.id, body | fields)


def revocation(studio: Studio) -> Draft:
    body: dict[str, Json] = {"performer": studio.ada.id, "grants": [studio.consent], "grantee": None}
    return draft("consent.revoked", studio.ada.id, body)


def restriction(studio: Studio, **box: Any) -> Draft:
    scopes = [scope(aspects=["body", "face"], acts=["condition", "distribute"], **box)]
    body: dict[str, Json] = {"restriction": new_id(), "performer": studio.ada.id, "scopes": scopes}  # type: ignore[dict-item]  # a list
    return draft("restriction.declared", studio.ada.id, body)


def suspension(studio: Studio) -> Draft:
    body: dict[str, Json] = {
        "suspension": new_id(),
        "kind": "personal",
        "by": studio.ada.id,
        "on": {"kind": "performer", "id": studio.ada.id},
        "scopes": [scope(aspects=["body", "face"], acts=["condition"])],
        "agreements": [],
        "excepted_projects": [],
        "document_sha256": None,
    }
    return draft("suspension.declared", studio.ada.id, body)


def claim(studio: Studio) -> Draft:
    body: dict[str, Json] = {
        "claimant": studio.ada.id,
        "subject": {"kind": "asset", "id": studio.ridge.id},
        "right": "picture",
        "nature": "economic",
        "scopes": [scope(acts=["condition", "distribute"])],
        "share": [1, 1],
        "document_sha256": None,
    }
    return draft("title.claimed", studio.ada.id, body)


def policy(studio: Studio) -> Draft:
    body: dict[str, Json] = {
        "party": studio.producer.id,
        "assurance": {"condition": "confirmed"},
        "attested_engines": False,
        "court_officers": [],
    }
    return draft("policy.set", studio.producer.id, body)
