"""
Build scenes through the real services: parties with keys of their own, vouched for, with projects, files and rights.

    world = World()
    ada = world.party("Ada Marsh")
    studio = world.party("Northlight", kind="organisation")
    plate = world.asset(studio, media.png(), title="Ridge at dawn")
    world.title(studio, plate)
    world.publish()

Every act is drafted, signed and accepted as a client would do it. ``signed`` stops before the last step, for tests that
spoil the bytes; ``submit`` takes it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid6 import uuid7

from registry import log
from registry.core.envelope import PublicKey, sign_statement
from registry.core.jcs import Json
from registry.core.terms import ALL, MEDIA, PURPOSES
from registry.locks import clock
from registry.services import documents, tokens
from registry.services.assets import deposit
from registry.services.setup import ensure_registry
from registry.services.tokens import Principal
from tests import media
from web.drafts import draft
from web.statements import kind_of, submit

NOTHING: dict[str, Json] = {"artworks": "none", "locations": "none", "marks": "none", "music": "none", "people": "none"}
PEOPLE: dict[str, Json] = NOTHING | {"people": "listed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A party and its private key."""

    id: str
    name: str
    kind: str
    key: Ed25519PrivateKey

    @property
    def keyid(self) -> str:
        return PublicKey.of(self.key).keyid


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A registered asset."""

    id: str
    sha256: str
    digest: str


@dataclass(slots=True)
class World:
    """One scene, in the test's database."""

    registry: str = field(default_factory=ensure_registry)
    actors: dict[str, Actor] = field(default_factory=dict)
    _notary: Actor | None = None

    @property
    def notary(self) -> Actor:
        """Who vouches for everybody else."""
        if self._notary is None:
            self._notary = self.party("Nadia Notary", vouched=False)
        return self._notary

    def party(self, name: str, *, kind: str = "person", vouched: bool | None = None, **fields: Json) -> Actor:
        """Register a party with a new key; a person is vouched for unless said otherwise."""
        actor = Actor(id=new_id(), name=name, kind=kind, key=Ed25519PrivateKey.generate())
        body: dict[str, Json] = {
            "party": actor.id,
            "kind": kind,
            "name": name,
            "identifiers": {},
            "affiliates": [],
            "born": "1990-04-01" if kind == "person" else None,
            "domicile": "FR",
            "unions": [],
            "key": PublicKey.of(actor.key).format(),
        }
        self.submit(self.signed("party.registered", body | fields, by=actor), by=self.enrolment(actor.id))
        self.actors[name] = actor
        if vouched if vouched is not None else kind == "person":
            self.vouch(actor)
        return actor

    def vouch(self, party: Actor, *, by: Actor | None = None, level: str = "document") -> str:
        body: dict[str, Json] = {
            "party": party.id,
            "level": level,
            "checked_on": f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}",
            "method": "passport, seen by video",
        }
        return self.act("identity.vouched", body, by=by or self.notary)

    def project(self, producer: Actor, *, parent: str | None = None, **fields: Json) -> str:
        project = new_id()
        body: dict[str, Json] = {
            "project": project,
            "title": "The Ridge",
            "kind": "film" if parent is None else "episode",
            "producer": producer.id,
            "agreement": None,
            "signatory": None,
            "governing_law": None,
            "parent": parent,
        }
        self.act("project.registered", body | fields, by=producer)
        return project

    def work(self, by: Actor, *, title: str = "The Ridge") -> str:
        work = new_id()
        self.act("work.registered", {"work": work, "title": title, "kind": "film", "identifiers": {}}, by=by)
        return work

    def asset(self, owner: Actor, content: bytes | None = None, **fields: Json) -> File:
        """Deposit a file and register it; without content, a picture that no other test has."""
        picture = content if content is not None else media.png(media.scene(seed=int(new_id()[-8:], 16)))
        body = self.asset_body(owner, picture) | fields
        digest = self.act("asset.registered", body, by=owner)
        return File(id=str(body["asset"]), sha256=str(body["sha256"]), digest=digest)

    def asset_body(self, owner: Actor, content: bytes) -> dict[str, Json]:
        """Deposit a file, and return the body that would register it."""
        kept = deposit(io.BytesIO(content), party=owner.id, at=clock())
        return {
            "asset": kept.asset,
            "kind": "still" if kept.media.frames in (None, 1) else "footage",
            "title": "Ridge at dawn",
            "sha256": kept.sha256,
            "size": kept.size,
            "media": kept.media.format(),
            "inventory": NOTHING,
            "work": None,
        }

    def paper(self, party: Actor, said: str = "evidence") -> str:
        """Deposit a document, and return its SHA-256."""
        return documents.deposit(io.BytesIO(b"%PDF-1.7\n" + said.encode()), party=party.id, at=clock()).sha256

    def appearance(self, asset: File, performer: Actor, *, by: Actor, **fields: Json) -> str:
        body: dict[str, Json] = {
            "asset": asset.id,
            "performer": performer.id,
            "aspects": ["body", "face"],
            "spans": None,
            "recognisable": True,
        }
        return self.act("appearance.recorded", body | fields, by=by)

    def title(self, claimant: Actor, asset: File, *, right: str = "picture", **fields: Json) -> str:
        body: dict[str, Json] = {
            "claimant": claimant.id,
            "subject": {"kind": "asset", "id": asset.id},
            "right": right,
            "nature": "economic",
            "scopes": [scope(aspects=["motion", "picture", "sound", "style", "text"])],
            "share": [1, 1],
            "document_sha256": None,
        }
        return self.act("title.claimed", body | fields, by=claimant)

    def licence(self, licensor: Actor, licensee: Actor, *assets: File, **fields: Json) -> str:
        return self.act("licence.granted", licence_body(licensor, licensee, *assets) | fields, by=licensor)

    def act(self, type_: str, body: Mapping[str, Json], *, by: Actor, private: Json = None) -> str:
        """Draft, sign and submit one statement, and return its digest."""
        return self.submit(self.signed(type_, body, by=by, private=private))

    def signed(
        self,
        type_: str,
        body: Mapping[str, Json],
        *,
        by: Actor,
        keys: tuple[Ed25519PrivateKey, ...] | None = None,
        private: Json = None,
        language: str = "en",
        at: datetime | None = None,
    ) -> dict[str, Any]:
        """Return `{"envelope", "text", "private"}`, signed and not yet submitted."""
        drafted = draft(kind_of(type_), issuer=by.id, body=body, language=language, private=private, at=at or clock())
        envelope = sign_statement(drafted.payload, *(keys or (by.key,)))
        return {"envelope": envelope.format(), "text": drafted.text, "private": drafted.private}

    def submit(self, submission: Mapping[str, Any], *, by: Principal | None = None) -> str:
        return submit(dict(submission), by=by).digest

    def enrolment(self, party: str) -> Principal:
        """Return the holder of a fresh enrolment token for this party."""
        at = clock()
        return tokens.principal_of(tokens.enrol(party=party, at=at).secret, at=at)

    def token(self, actor: Actor, *scopes: str, person: Actor | None = None) -> str:
        """Return the secret of a token for this party, by default with every scope."""
        at = clock()
        granted = scopes or ("produce", "read", "review", "rights", "sign")
        holder = None if person is None else person.id
        return tokens.create(
            party=actor.id, scopes=granted, ends_at=at + timedelta(days=1), at=at, person=holder
        ).secret

    def publish(self) -> int:
        """Number what was accepted, and return the size of the log."""
        log.publish(at=clock())
        return log.tree_size()


def new_id() -> str:
    return str(uuid7())


def scope(**dimensions: Any) -> dict[str, Json]:
    """A wide box of an asset's picture; name the dimensions that should differ. Groups are expanded when drafted."""
    box: dict[str, Json] = {
        "acts": ["alter", "condition", "distribute", "train"],
        "aspects": ["motion", "picture", "style"],
        "purposes": list(PURPOSES.terms),
        "media": list(MEDIA.terms),
        "territories": ["001"],
        "languages": [ALL],
        "projects": [ALL],
        "window": ["2026-01-01T00:00:00Z", None],
        "content": {"depicts": [], "scene": []},
    }
    return box | dimensions


def licence_body(licensor: Actor, licensee: Actor, *assets: File) -> dict[str, Json]:
    """The body of a plain licence of these assets."""
    return {
        "licensor": licensor.id,
        "licensee": licensee.id,
        "subjects": [{"kind": "asset", "id": asset.id} for asset in assets],
        "new_assets": False,
        "scopes": [scope()],
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
