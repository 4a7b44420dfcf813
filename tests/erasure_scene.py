"""
Ada in every place that keeps anything of anybody, with strings that can be looked for afterwards.

``Scene.open`` lets her register, be vouched for, be filmed, consent, refuse, be asked, be named in prompts, act for
others and have others act for her. Each word of hers holds a canary: letters that stand nowhere else.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client
from PIL import Image, PngImagePlugin

from generation.models import Shot
from registry.core.jcs import Json
from registry.locks import clock
from registry.services import challenges, documents
from tests import media
from tests.deal_bodies import SOON
from tests.erasing import principal
from tests.kept import kept
from tests.studio import Studio, post, settle, state_of
from tests.terms import authority, lifted, restriction, suspension
from tests.world import PEOPLE, Actor, File, scope

# What must not be found; letters only, so that each is one word wherever it stands.
CANARIES = {
    where: f"Qvz{where.replace('_', '').capitalize()}Xkj"
    for where in (
        "name", "alias", "hand", "union", "method", "private", "terms", "role", "asked", "answer", "paper",
        "scan", "grounds",
    )
}  # fmt: skip
NAME = f"Ada {CANARIES['name']}"
TITLE = "QvzTitleXkj"  # what the registrant calls a scan: the registrant's word
ALIAS = f"La {CANARIES['alias']}"


@dataclass(slots=True)
class Scene:
    studio: Studio
    ada: Actor
    scan: File
    queued: str
    released: str
    refused: str
    unused: str
    consent: str
    answer: str  # the file of a challenge's answer

    @classmethod
    def open(cls, folder: Path, settings: Any) -> Scene:
        settle(folder, settings)
        return kept(("erasure",), lambda: cls._built(folder, settings), folder=folder)

    @classmethod
    def _built(cls, folder: Path, settings: Any) -> Scene:
        studio = Studio.open(folder, settings, consent=False)
        world, producer, archive = studio.world, studio.producer, studio.archive
        ada = world.party(
            NAME,
            unions=[CANARIES["union"]],
            identifiers={"hand": f"10.5240/{CANARIES['hand']}"},
            affiliates=[archive.id],
            vouched=False,
        )
        world.act("identity.vouched", vouch_body(ada), by=world.notary, private=salted(CANARIES["private"]))
        world.act("alias.declared", {"party": ada.id, "alias": ALIAS, "disclaims": []}, by=ada)
        portrait = world.asset(archive, figure(seed=7), kind="still", title="Somebody", inventory=PEOPLE)
        world.appearance(portrait, ada, by=archive)
        scan = world.asset(archive, scanned(), kind="scan", title=f"Scan of {TITLE}", inventory=PEOPLE)
        world.appearance(scan, ada, by=archive)
        claimed = world.asset(archive, media.png(media.scene(seed=99)), inventory=PEOPLE)
        world.act("appearance.claimed", claim_body(claimed, ada), by=ada)
        for file in (portrait, scan):
            world.title(archive, file)
        world.licence(archive, producer, portrait, scan)
        own = world.asset(ada, media.png(media.scene(seed=4)))
        licence = world.licence(ada, producer, own)
        world.act("licence.terminated", {"licence": licence, "sell_off_until": None}, by=ada)
        studio.ada, studio.portrait = ada, portrait
        consent = studio.grant(role=CANARIES["role"], description=f"{CANARIES['terms']} walks along the ridge")
        unused = studio.grant(role="Nobody", description=f"{CANARIES['terms']} stays away for good", scenes=["99"])
        _acts(studio, ada, claimed)
        answer = _papers(studio, ada)
        world.publish()
        released, refused, queued = _shots(studio, ada)
        world.publish()
        return cls(
            studio=studio, ada=ada, scan=scan, queued=queued, released=released, refused=refused, unused=unused,
            consent=consent, answer=answer,
        )  # fmt: skip


def _acts(studio: Studio, ada: Actor, claimed: File) -> None:
    """Agents, bars, approvals, events, policies, catalogues: one of each."""
    world, agent, ben = (
        studio.world,
        studio.world.party("Bright Talent", kind="organisation"),
        studio.world.party("Ben"),
    )
    own = authority(ada, agent)
    world.act("authority.granted", own, by=ada)
    world.act("authority.disputed", {"authority": own["authority"], "grounds": CANARIES["grounds"],
                                     "evidence_sha256": "e" * 64}, by=ben)  # fmt: skip
    world.act("authority.granted", authority(ben, ada, powers=["revoke", "view"]), by=ben)
    world.vouch(ben, by=ada)
    never = restriction(ada, scopes=[scope(aspects=["face"], acts=["condition"], territories=["JP"])])
    world.act("restriction.declared", never, by=ada)
    pause = suspension("personal", ada, "performer", ada.id)
    world.act("suspension.declared", pause, by=ada)
    world.act("suspension.lifted", lifted(pause), by=ada)
    world.act("policy.set", {"party": ada.id, "assurance": {}, "attested_engines": False, "court_officers": []}, by=ada)


def _papers(studio: Studio, ada: Actor) -> str:
    """Deposit a paper, answer a challenge, be asked for consent by somebody and say no; return the answer's file."""
    at = clock()
    paper = b"%PDF-1.7\n" + CANARIES["paper"].encode()
    documents.deposit(io.BytesIO(paper), party=ada.id, at=at)
    by = principal(studio.world, ada)
    made = challenges.challenge(ada.id, voucher=studio.world.notary.id, kind="written", by=by, at=at)
    text = f"{made.passcode}: {CANARIES['answer']}"
    kept = challenges.answer(made.id, io.BytesIO(text.encode()), by=by, at=at)
    sent = post("/api/v1/consent-requests", request_body(studio, ada), studio.headers())
    assert sent.status_code == 201, sent.content
    own = {"Authorization": f"Bearer {studio.world.token(ada)}"}
    Client().get(f"/api/v1/consent-requests/{sent.json()['id']}", headers=own)
    assert kept.answer is not None
    return kept.answer


def _shots(studio: Studio, ada: Actor) -> tuple[str, str, str]:
    """Return a released shot, a refused one and one on its way; each prompt names her."""
    shown = {"depicts": [], "role": CANARIES["role"], "replica_use": "employment_based"}
    use = studio.use(by_performer={ada.id: shown}, description=f"{NAME} turns round")

    def body(take: int) -> dict[str, Any]:
        prompt = f"a woman walks at dusk, she is {NAME}, called {ALIAS}"
        return studio.request(take=take, prompt=prompt, use=use)

    released = studio.queued(body(1))
    studio.work(released)
    if state_of(released) == "awaiting_approval":
        note = {"verdict": "pass", "note": f"{NAME} looks well"}
        assert studio.post(f"/shots/{released}/review", note, secret=studio.review_secret).status_code == 200
        studio.work(released)
    assert state_of(released) == "released", Shot.objects.get(id=released).decision
    refused = studio.ask(body(2) | {"use": use | {"territories": ["JP"]}})
    assert refused.status_code == 403
    shot = str(Shot.objects.get(state="refused").id)
    return released, shot, studio.queued(body(3))


def vouch_body(person: Actor) -> dict[str, Json]:
    return {
        "party": person.id, "level": "document", "checked_on": "2026-01-02", "method": f"seen by {CANARIES['method']}",
        "challenge": None, "confirms": [],
    }  # fmt: skip


def claim_body(asset: File, person: Actor) -> dict[str, Json]:
    return {"asset": asset.id, "performer": person.id, "aspects": ["face"], "spans": None}


def salted(secret: str) -> dict[str, Json]:
    return {"salt": base64.b64encode(bytes(16)).decode(), "evidence": secret}


def request_body(studio: Studio, ada: Actor) -> dict[str, Json]:
    box = scope(aspects=["face"], acts=["condition"], territories=["DE"], languages=["de-DE"], media=["svod"],
                purposes=["work"], projects=[studio.project],
                window=["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"])  # fmt: skip
    obstacle = {
        "code": "no_grant", "subject": {"kind": "performer", "id": ada.id}, "act": "condition", "aspect": "face",
        "missing": [box], "nearest": None, "rule": None, "remedy": {"ask": ada.id, "for": [box]},
    }  # fmt: skip
    return {
        "performer": ada.id, "project": studio.project, "obstacles": [obstacle], "until": SOON,
        "description": f"{CANARIES['asked']} walks along the ridge", "role": "Mara", "scenes": "any",
        "dialogue": {"kind": "none", "script_sha256": None}, "replica_use": ["employment_based"],
        "replaces_in_person_work": False,
    }  # fmt: skip


def figure(*, seed: int) -> bytes:
    """A picture of its own, with alpha."""
    picture = Image.fromarray(media.scene(seed=seed)).convert("RGBA")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def scanned() -> bytes:
    """A scan whose file says of whom it is."""
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", CANARIES["scan"])
    file = io.BytesIO()
    Image.fromarray(media.scene(seed=17)).save(file, "PNG", pnginfo=said)
    return file.getvalue()
