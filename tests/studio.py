"""
A studio with everything a shot needs: cast, files, grants, and the starter engine at its tiny size.

    studio = Studio.open(tmp_path, settings)   # inside a test with a database
    answer = studio.ask()                      # POST /api/v1/shots
    studio.work()                              # what a worker would do, here and now

Northlight produces The Ridge with Ada Marsh; the Archive owns her portrait and the picture of the ridge. The weights
are those of the real network, untrained: what matters here is who may be rendered, not how well.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from django.test import Client
from PIL import Image, ImageDraw
from uuid6 import uuid7

from generation.kinds import WEIGHTS_TRAINED
from generation.models import Shot, ShotEvent
from generation.services.working import work
from generation.video.config import Config
from generation.video.network import Network
from generation.video.weights import Provenance, write_weights
from registry.core.jcs import Json
from registry.locks import clock
from registry.services.record import record
from tests import media
from tests.kept import kept
from tests.terms import consent as terms_of_consent
from tests.world import PEOPLE, Actor, File, World, scope

TINY = Config.tiny()
SIZE = {"width": 128, "height": 80, "fps": [24, 1], "frames": TINY.frames}
WORKER = "worker of a test"


@cache
def tiny_weights() -> bytes:
    """The starter's network at its tiny size, untrained, the same in every run."""
    torch.manual_seed(7)
    return write_weights(Network(TINY), Provenance(pack_sha256="0" * 64, steps=0, seed=7))


def landscape() -> Any:
    """A picture with something to see at every scale, HWC3: PDQ tells it from others and knows it again."""
    noise = np.random.default_rng(3).integers(0, 256, (20, 32, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(noise).resize((256, 160), Image.Resampling.BICUBIC))


def figure() -> bytes:
    """A person in front of nothing: a PNG with alpha."""
    image = Image.new("RGBA", (60, 120))
    draw = ImageDraw.Draw(image)
    draw.ellipse((20, 4, 40, 28), fill=(214, 160, 120, 255))
    draw.rectangle((16, 28, 44, 80), fill=(150, 40, 60, 255))
    draw.rectangle((18, 80, 42, 118), fill=(40, 50, 90, 255))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def settle(folder: Path, settings: Any) -> None:
    """Let the test's settings name places below ``folder`` from now on."""
    settings.MEDIA_DIR, settings.LOG_DIR = folder / "media", folder / "log"
    settings.STARTER_WEIGHTS = folder / "starter.safetensors"
    settings.STARTER_WEIGHTS.write_bytes(tiny_weights())


@dataclass(slots=True)
class Studio:
    world: World
    producer: Actor
    archive: Actor
    ada: Actor
    reviewer: Actor
    project: str
    portrait: File
    ridge: File
    weights: str
    secret: str  # of the producer's token
    review_secret: str
    consent: str = ""  # digest of Ada's

    @classmethod
    def open(cls, folder: Path, settings: Any, *, consent: bool = True) -> Studio:
        """Build the scene; files go below ``folder``, which the test's settings name from then on."""
        settle(folder, settings)
        return kept(("studio", consent), lambda: cls._built(consent=consent), folder=folder)

    @classmethod
    def _built(cls, *, consent: bool) -> Studio:
        world = World()
        producer = world.party("Northlight", kind="organisation")
        archive = world.party("Archive", kind="organisation")
        ada, reviewer = world.party("Ada Marsh"), world.party("Rob Viewer")
        boss = world.party("Pia Producer")
        portrait = world.asset(archive, figure(), kind="still", title="Ada, full figure", inventory=PEOPLE)
        ridge = world.asset(archive, media.png(landscape()), title="The ridge")
        world.appearance(portrait, ada, by=archive)
        for file in (portrait, ridge):
            world.title(archive, file)
        world.licence(archive, producer, portrait, ridge)
        studio = cls(
            world=world,
            producer=producer,
            archive=archive,
            ada=ada,
            reviewer=reviewer,
            project=world.project(producer),
            portrait=portrait,
            ridge=ridge,
            weights=hashlib.sha256(tiny_weights()).hexdigest(),
            secret=world.token(producer, "produce", "read", "rights", "sign", person=boss),
            review_secret=world.token(producer, "review", "read", person=reviewer),
        )
        studio.know_weights()
        if consent:
            studio.consent = studio.grant()
        world.publish()
        return studio

    def know_weights(self) -> None:
        """Log the weights; the training itself is another test's story."""
        body: dict[str, Json] = {
            "weights": self.weights,
            "engine": "starter",
            "root": "1" * 64,
            "manifest_sha256": "2" * 64,
            "run": "shipped",
            "clearance": "3" * 64,
        }
        record(WEIGHTS_TRAINED, body, at=clock())

    def grant(self, **fields: Json) -> str:
        """Ada consents; name the fields that should differ."""
        return self.world.act("consent.granted", consent_body(self.ada, self.producer) | fields, by=self.ada)

    def revoke(self, *grants: str) -> str:
        body: dict[str, Json] = {"performer": self.ada.id, "grants": sorted(grants or (self.consent,)), "grantee": None}
        return self.world.act("consent.revoked", body, by=self.ada)

    def request(self, **fields: Any) -> dict[str, Any]:
        """A shot request that is cleared: Ada walks along the ridge."""
        body: dict[str, Any] = {
            "for": self.producer.id,
            "project": self.project,
            "shot_code": "R1_010",
            "take": 1,
            "prompt": "a woman walks at dusk",
            "seed": 11,
            "engine": "starter",
            "format": dict(SIZE),
            "references": [
                {"asset": self.portrait.id, "role": "likeness", "performer": self.ada.id},
                {"asset": self.ridge.id, "role": "first_frame"},
            ],
            "controls": {"camera": [{"t": 0, "x": 0, "y": 0}, {"t": 1, "x": 0.4, "y": 0}], "steps": 2},
            "use": self.use(),
        }
        return body | fields

    def use(self, **fields: Any) -> dict[str, Any]:
        body: dict[str, Any] = {
            "purposes": ["work"],
            "media": ["svod"],
            "territories": ["FR"],
            "languages": ["fr-FR"],
            "window": ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"],
            "scene": [],
            "scenes": [],
            "by_performer": {self.ada.id: {"depicts": [], "role": "Mara", "replica_use": "employment_based"}},
        }
        return body | fields

    def empty_request(self, **fields: Any) -> dict[str, Any]:
        """A shot without anybody in it: it needs no review."""
        nobody = {
            "prompt": "hills at dusk, nobody",
            "references": [{"asset": self.ridge.id, "role": "first_frame"}],
            "use": self.use(by_performer={}),
        }
        return self.request(**nobody | fields)

    def ask(self, body: Any = None, *, key: str | None = None, secret: str | None = None, client: Any = None) -> Any:
        headers = self.headers(secret) | {"Idempotency-Key": key or str(uuid7())}
        return post("/api/v1/shots", self.request() if body is None else body, headers, client=client)

    def queued(self, body: Any = None) -> str:
        """Ask, and return the id of the shot that was queued."""
        answer = self.ask(body)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def get(self, path: str, *, secret: str | None = None, **headers: str) -> Any:
        return Client().get(f"/api/v1{path}", headers=self.headers(secret) | headers)

    def post(self, path: str, body: Any = None, *, secret: str | None = None) -> Any:
        return post(f"/api/v1{path}", body, self.headers(secret))

    def review(self, shot: str, verdict: str = "pass", *, secret: str | None = None) -> Any:
        body = {"verdict": verdict, "note": "seen"}
        return self.post(f"/shots/{shot}/review", body, secret=secret or self.review_secret)

    def headers(self, secret: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {secret or self.secret}"}

    def work(self, shot: str | None = None) -> str | None:
        """What a worker does at a ring; the log is published first, as it would be meanwhile."""
        self.world.publish()
        return work(WORKER, shot=shot)

    def released(self, body: Any = None) -> str:
        """Ask for a shot, work, have it reviewed where that is due, work on; return its id."""
        shot = self.queued(body)
        self.work(shot)
        if state_of(shot) == "awaiting_approval":
            assert self.review(shot).status_code == 200
            self.work(shot)
        assert state_of(shot) == "released", outcome_of(shot)
        return shot


def consent_body(performer: Actor, grantee: Actor) -> dict[str, Json]:
    return terms_of_consent(
        performer,
        grantee,
        scopes=[scope(aspects=["body", "face", "name", "performance"], acts=["condition", "distribute", "alter"])],
        caps={"shots": None},
        tail={"condition": "pull", "distribute": "keep"},
    )


def post(url: str, body: Any, headers: Mapping[str, str], *, client: Any = None) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return (client or Client()).post(url, data, content_type="application/json", headers=dict(headers))


def state_of(shot: str) -> str:
    return str(Shot.objects.values_list("state", flat=True).get(id=shot))


def outcome_of(shot: str) -> tuple[str | None, str | None]:
    return Shot.objects.values_list("outcome", "outcome_detail").get(id=shot)


def events_of(shot: str) -> list[str]:
    return list(ShotEvent.objects.filter(shot=shot).order_by("seq").values_list("event", flat=True))
