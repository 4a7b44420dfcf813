"""
The bodies and requests of the small cases of ``tests.decisions``: the usual ones, with some fields changed.

Ids and keys come from names.
"""

import hashlib
import uuid
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.envelope import PublicKey, canonical
from registry.core.terms import ACTS, LABELS, MEDIA, PURPOSES, TERRITORIES

SHA = "a" * 64
WEIGHTS = "b" * 64
Body = dict[str, Any]


def id_of(name: str) -> str:
    """Return the id that a name stands for."""
    raw = bytearray(hashlib.sha256(f"id {name}".encode()).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x70, raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


@lru_cache
def key_of(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"key {name}".encode()).digest())


def public(name: str) -> dict[str, Any]:
    return PublicKey.of(key_of(name)).format()


def keyid(name: str) -> str:
    return PublicKey.of(key_of(name)).keyid


def box(**changed: Any) -> Body:
    """Return the box of a use that the case asks for, with some dimensions changed."""
    usual: Body = {
        "acts": ["condition", "distribute"],
        "aspects": ["body", "face"],
        "purposes": ["work"],
        "media": ["svod"],
        "territories": ["DE", "FR"],
        "languages": ["fr-FR"],
        "projects": [id_of("film")],
        "window": ["2027-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
        "content": {"depicts": [], "scene": ["violence"]},
    }
    return usual | changed


def everything(**changed: Any) -> Body:
    """Return a box that holds every term of an asset, for ever."""
    return {
        "acts": ["alter", "condition", "distribute", "finetune", "scan", "store", "sublicense", "train"],
        "aspects": ["motion", "picture", "sound", "style", "text"],
        "purposes": PURPOSES.names(PURPOSES.all),
        "media": MEDIA.names(MEDIA.all),
        "territories": TERRITORIES.names(TERRITORIES.all),
        "languages": ["*"],
        "projects": ["*"],
        "window": ["2020-01-01T00:00:00Z", None],
        "content": {"depicts": LABELS.names(LABELS.all), "scene": LABELS.names(LABELS.all)},
    } | changed


def boxes(*scopes: Body) -> list[Body]:
    """Return scopes in the order in which a statement lists them."""
    return sorted(scopes, key=canonical)


def party(name: str, **changed: Any) -> Body:
    usual: Body = {
        "party": id_of(name),
        "kind": "person",
        "name": name.title(),
        "identifiers": {},
        "affiliates": [],
        "born": "1990-04-01",
        "domicile": "FR",
        "unions": [],
        "key": public(name),
    }
    return usual | changed


def vouch(performer: str, **changed: Any) -> Body:
    return {"party": id_of(performer), "level": "document", "checked_on": "2027-04-01", "method": "passport"} | changed


def alias(party_: str, known_as: str | None = None, *disclaims: tuple[str, str]) -> Body:
    given_up = [{"scheme": scheme, "value": value} for scheme, value in sorted(disclaims)]
    return {"party": id_of(party_), "alias": known_as, "disclaims": given_up}


def confirming(party_: str, *identifiers: tuple[str, str], **changed: Any) -> Body:
    """Return a vouch that says of identifiers that they are this party's."""
    return vouch(
        party_, confirms=[{"scheme": scheme, "value": value} for scheme, value in sorted(identifiers)], **changed
    )


def asset(name: str, **changed: Any) -> Body:
    """Return a still; ``aspects``, ``people`` and ``music`` reach into its media and inventory."""
    media: Body = {
        "container": "png",
        "mime": "image/png",
        "aspects": changed.pop("aspects", ["picture", "style"]),
        "width": 64,
        "height": 64,
        "alpha": True,
        "frames": 1,
        "fps": None,
        "duration_ms": None,
        "sample_rate": None,
        "channels": None,
    }
    inventory = dict.fromkeys(("people", "music", "artworks", "marks", "locations"), "none")
    for content in inventory:
        inventory[content] = changed.pop(content, "none")
    usual: Body = {
        "asset": id_of(name),
        "kind": "still",
        "title": name,
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "size": 100,
        "work": None,
        "media": media,
        "inventory": inventory,
    }
    return usual | changed


def appearance(name: str, performer: str, **changed: Any) -> Body:
    usual: Body = {
        "asset": id_of(name),
        "performer": id_of(performer),
        "aspects": ["body", "face"],
        "spans": None,
        "recognisable": True,
    }
    return usual | changed


def component(whole: str, part: str, **changed: Any) -> Body:
    return {"asset": id_of(whole), "component": id_of(part), "aspects": ["picture"], "spans": None} | changed


def claim(claimant: str, subject: str, **changed: Any) -> Body:
    usual: Body = {
        "claimant": id_of(claimant),
        "subject": {"kind": "asset", "id": id_of(subject)},
        "right": "picture",
        "nature": "economic",
        "scopes": [everything()],
        "share": [1, 1],
        "document_sha256": None,
    }
    return usual | changed


def authority(principal: str, *agents: str, **changed: Any) -> Body:
    """Return an authority that may grant, revoke and approve everything."""
    usual: Body = {
        "authority": id_of(f"authority of {principal} {' '.join(agents)}"),
        "principal": id_of(principal),
        "agents": sorted(map(id_of, agents)),
        "required": 1,
        "role": "agent",
        "powers": ["approve", "grant", "negotiate", "revoke", "view"],
        "acts": ACTS.names(ACTS.all),
        "window": ["2020-01-01T00:00:00Z", None],
        "evidence_sha256": None,
    }
    return usual | changed


def licence(licensor: str, licensee: str, *assets: str, **changed: Any) -> Body:
    usual: Body = {
        "licensor": id_of(licensor),
        "licensee": id_of(licensee),
        "subjects": [{"kind": "asset", "id": asset_id} for asset_id in sorted(map(id_of, assets))],
        "new_assets": False,
        "scopes": [box(aspects=["motion", "picture", "sound", "style"])],
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
    return usual | changed


def consent(performer: str, grantee: str, **changed: Any) -> Body:
    usual: Body = {
        "performer": id_of(performer),
        "grantee": id_of(grantee),
        "scopes": [box()],
        "description": "walks along the ridge",
        "role": "Mara",
        "scenes": ["12", "13"],
        "dialogue": {"kind": "any", "script_sha256": None},
        "replica_use": ["employment_based"],
        "replaces_in_person_work": False,
        "represented": False,
        "basis": "consent",
        "revocation": {"kind": "at_will", "notice_hours": None},
        "approvals": [],
        "caps": {"shots": None},
        "survives_death": False,
        "tail": {"condition": "pull", "distribute": "keep"},
        "minor": False,
        "strike": "suspends",
        "assignable": False,
        "future_projects": [],
        "retention_until": None,
        "cooling_off_until": None,
        "supersedes": [],
    }
    return usual | changed


def revocation(performer: str, *digests: str, grantee: str | None = None) -> Body:
    return {
        "performer": id_of(performer),
        "grants": sorted(digests) if digests else None,
        "grantee": None if grantee is None else id_of(grantee),
    }


def reference(name: str = "portrait", role: str = "likeness", **changed: Any) -> Body:
    usual: Body = {
        "asset": id_of(name),
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "role": role,
        "performer": id_of("ada") if role == "likeness" else None,
        "source": None,
        "depicted_age": None,
    }
    return usual | changed


def shown(**changed: Any) -> Body:
    """Return what one performer is shown as and doing."""
    return {"depicts": [], "role": "Mara", "replica_use": "employment_based", "dialogue": None} | changed


def shot(**changed: Any) -> Body:
    """Return the request of the cleared case, with some fields changed."""
    usual: Body = {
        "v": 1,
        "kind": "shot",
        "salt": "AAAAAAAAAAAAAAAAAAAAAA==",
        "for": id_of("studio"),
        "project": id_of("film"),
        "shot": id_of("shot"),
        "engine": "starter",
        "weights": WEIGHTS,
        "references": [reference()],
        "prompt_sha256": SHA,
        "purposes": ["work"],
        "media": ["svod"],
        "territories": ["DE", "FR"],
        "languages": ["fr-FR"],
        "window": ["2027-09-01T00:00:00Z", "2029-01-01T00:00:00Z"],
        "scene": ["violence"],
        "scenes": ["12"],
        "by_performer": {id_of("ada"): shown()},
        "rests_on": [],
        "product_categories": [],
        "seconds": 4,
    }
    return usual | changed


def training(*names: str, **changed: Any) -> Body:
    assets = [{"asset": id_of(name), "sha256": hashlib.sha256(name.encode()).hexdigest()} for name in names]
    usual: Body = {
        "v": 1,
        "kind": "train",
        "salt": "AAAAAAAAAAAAAAAAAAAAAA==",
        "for": id_of("studio"),
        "territory": "FR",
        "engine": "starter",
        "manifest_sha256": SHA,
        "epochs": 1,
        "assets": sorted(assets, key=lambda entry: entry["sha256"]),
    }
    return usual | changed


def train_box(aspects: list[str], **changed: Any) -> Body:
    """Return a box that a training run needs."""
    return (
        box(
            acts=["train"],
            aspects=aspects,
            media=["internal"],
            territories=["FR"],
            languages=["zxx"],
            projects=["*"],
            content={"depicts": [], "scene": []},
        )
        | changed
    )
