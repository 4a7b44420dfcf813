"""
A scene for availability: everything is granted at first; then one signed statement after another changes something.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from consent.core.record import REPLICA_USES
from consent.services import preflight
from consent.services.clearing import new_salt
from consent.services.selecting import Selection, select_for_training
from registry.core.jcs import canonical
from registry.core.times import format_time
from registry.locks import clock
from registry.services.documents import deposit
from tests.terms import consent as terms_of_consent
from tests.terms import lifted, restriction, suspension
from tests.world import NOTHING, PEOPLE, Actor, File, World, licence_body, new_id, scope


@dataclass(kw_only=True)
class Scene:
    """A studio that wants to train, a gallery that holds pictures, people in them; everything is granted at first."""

    world: World
    studio: Actor
    gallery: Actor
    people: list[Actor]
    files: list[File] = field(default_factory=list)
    shown: dict[str, list[Actor]] = field(default_factory=dict)  # asset -> who is in it
    consents: dict[str, str] = field(default_factory=dict)  # performer -> digest
    licences: dict[str, str] = field(default_factory=dict)  # asset -> digest
    claims: dict[str, str] = field(default_factory=dict)  # asset -> digest of the gallery's title

    @classmethod
    def build(cls, *, files: int = 4, people: int = 3) -> Scene:
        world = World()
        studio = world.party("Northlight", kind="organisation")
        gallery = world.party("Gallery", kind="organisation")
        cast = [world.party(f"Person {number}") for number in range(people)]
        scene = cls(world=world, studio=studio, gallery=gallery, people=cast)
        for number in range(files):
            scene.add(cast[: number % (people + 1)])
        for person in cast:
            scene.consent(person)
        world.publish()
        return scene

    def add(self, people: list[Actor], **fields: Any) -> File:
        file = self.world.asset(self.gallery, inventory=PEOPLE if people else NOTHING, **fields)
        self.files.append(file)
        self.shown[file.id] = people
        for person in people:
            self.world.appearance(file, person, by=self.gallery)
        self.claims[file.id] = self.world.title(self.gallery, file)
        self.licences[file.id] = self.world.licence(self.gallery, self.studio, file)
        return file

    def consent(self, person: Actor, **changes: Any) -> str:
        body = consent_body(person, self.studio) | changes
        digest = self.world.act("consent.granted", body, by=person)
        self.consents.setdefault(person.id, digest)
        return digest

    def select(self) -> Selection:
        return select_for_training([(f.id, f.sha256) for f in self.files], for_=self.studio.id, territory="FR")

    def decided(self) -> dict[str, bool]:
        """Decide for each file by itself, as anybody would ask."""
        return {file.id: preflight(training(self.studio, file)).decision.cleared for file in self.files}


def training(studio: Actor, file: File) -> dict[str, Any]:
    return {
        "v": 1,
        "kind": "train",
        "salt": new_salt(),
        "for": studio.id,
        "territory": "FR",
        "engine": "starter",
        "epochs": 1,
        "manifest_sha256": "0" * 64,
        "assets": [{"asset": file.id, "sha256": file.sha256}],
    }


def consent_body(person: Actor, studio: Actor) -> dict[str, Any]:
    return terms_of_consent(
        person,
        studio,
        scopes=[person_box()],
        description="training of the studio's own engine",
        role=None,
        dialogue={"kind": "any", "script_sha256": None},
        replica_use=sorted(REPLICA_USES),
        represented=True,
        caps={"shots": None},
    )


def person_box(**changes: Any) -> dict[str, Any]:
    return scope(aspects=["body", "face", "name", "performance", "voice"], **changes)


def in_order(*boxes: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(boxes, key=canonical)


def soon(days: int) -> str:
    return format_time(datetime.now(UTC).replace(microsecond=0) + timedelta(days=days))


# Each spoils, narrows or widens one thing about a file of a scene, through a signed statement.
def withdraw(scene: Scene, rng: random.Random, file: File) -> None:
    for person in scene.shown[file.id][:1]:
        scene.world.act("consent.revoked", {"performer": person.id, "grants": [scene.consents[person.id]],
                                            "grantee": None}, by=person)  # fmt: skip


def withdraw_everything(scene: Scene, rng: random.Random, file: File) -> None:
    for person in scene.shown[file.id][:1]:
        scene.world.act("consent.revoked", {"performer": person.id, "grants": None, "grantee": scene.studio.id},
                        by=person)  # fmt: skip


def terminate(scene: Scene, rng: random.Random, file: File) -> None:
    scene.world.act("licence.terminated", {"licence": scene.licences[file.id]}, by=scene.gallery)


def claim_twice(scene: Scene, rng: random.Random, file: File) -> None:
    scene.world.title(scene.studio, file)


def unknown_people(scene: Scene, rng: random.Random, file: File) -> None:
    scene.world.act("inventory.declared", {"asset": file.id, "inventory": NOTHING | {"people": "unknown"}},
                    by=scene.gallery)  # fmt: skip


def another_person(scene: Scene, rng: random.Random, file: File) -> None:
    stranger = scene.world.party("Stranger")
    scene.world.appearance(file, stranger, by=scene.gallery)


def claimed_appearance(scene: Scene, rng: random.Random, file: File) -> None:
    scene.world.act("appearance.claimed", {"asset": file.id, "performer": scene.people[0].id, "aspects": ["face"],
                                           "spans": None}, by=scene.people[0])  # fmt: skip


def lose_the_key(scene: Scene, rng: random.Random, file: File) -> None:
    for person in scene.shown[file.id][:1]:
        since = rng.choice((None, 0))  # all that it ever permitted, or nothing of it
        body = {"party": person.id, "keyid": person.keyid, "compromised_from": since}
        scene.world.act("key.revoked", body, by=person)


def a_new_part(scene: Scene, rng: random.Random, file: File) -> None:
    part = scene.add([])
    scene.world.act("component.recorded", {"asset": file.id, "component": part.id, "aspects": ["picture"],
                                           "spans": None}, by=scene.gallery)  # fmt: skip
    if rng.random() < 0.5:
        scene.world.act("licence.terminated", {"licence": scene.licences[part.id]}, by=scene.gallery)


def narrow(scene: Scene, rng: random.Random, file: File) -> None:
    for person in scene.shown[file.id][:1]:
        boxes = [person_box(acts=[rng.choice(["condition", "train"])])]
        scene.consent(person, scopes=boxes, supersedes=[scene.consents[person.id]])


def a_person_with_terms(scene: Scene, rng: random.Random, file: File) -> None:
    """Somebody new, whose consent is damaged in one way or in none."""
    person = scene.world.party(f"Guest {len(scene.world.actors)}", vouched=rng.random() < 0.8)
    fresh = scene.add([person])
    changes: list[dict[str, Any]] = [
        {},
        {},
        {"scopes": [person_box(window=[soon(-9), soon(5)])]},
        {"scopes": [person_box(window=[soon(-9), soon(40)])]},
        {"scopes": in_order(person_box(window=[soon(-9), soon(5)]), person_box(window=[soon(5), None]))},
        {"scopes": in_order(person_box() | {"aspects": ["face"]}, person_box() | {"aspects": ["body"]})},
        {"scopes": [person_box(media=["internal"], territories=["FR"])]},
        {"scopes": [person_box(media=["svod"])]},
        {"role": "a guest"},
        {"scenes": ["12"]},
        {"caps": {"training_epochs": 1}},
        {"caps": {"shots": 1}},
        {"dialogue": {"kind": "none", "script_sha256": None}},
        {"basis": "contract"},
    ]
    scene.consent(person, **rng.choice(changes))
    if rng.random() < 0.3:
        scene.world.act("licence.terminated", {"licence": scene.licences[fresh.id]}, by=scene.gallery)


def a_work_with_shares(scene: Scene, rng: random.Random, file: File) -> None:
    """A picture of a work whose title is shared, licensed as a whole by one holder or by both."""
    world = scene.world
    partner = world.party(f"Partner {len(world.actors)}", kind="organisation")
    work = world.work(scene.gallery)
    fresh = world.asset(scene.gallery, work=work)
    scene.files.append(fresh)
    scene.shown[fresh.id] = []
    subject = {"subject": {"kind": "work", "id": work}, "share": [1, 2]}
    world.title(scene.gallery, fresh, **subject)
    world.title(partner, fresh, **subject, **({"scopes": [scope(aspects=["picture"])]} if rng.random() < 0.3 else {}))
    new_assets = {"subjects": [{"kind": "work", "id": work}], "new_assets": rng.random() < 0.5}
    scene.licences[fresh.id] = world.licence(scene.gallery, scene.studio, fresh, **new_assets)
    if rng.random() < 0.6:
        world.licence(partner, scene.studio, fresh, **new_assets)


def recorded(scene: Scene, rng: random.Random, file: File) -> None:
    """A file whose licence stands on paper alone, or is confirmed."""
    world = scene.world
    fresh = world.asset(scene.gallery)
    world.title(scene.gallery, fresh)
    scene.files.append(fresh)
    scene.shown[fresh.id] = []
    body = licence_body(scene.gallery, scene.studio, fresh)
    paper = world.act("licence.recorded", body | {"document_sha256": "d" * 64, "signed_on": "2026-01-02"},
                      by=scene.studio)  # fmt: skip
    scene.licences[fresh.id] = paper
    if rng.random() < 0.5:
        world.act("licence.confirmed", {"licence": paper}, by=scene.gallery)


def restrict(scene: Scene, rng: random.Random, file: File) -> None:
    """A standing never, to training or to something else."""
    for person in scene.shown[file.id][:1]:
        boxes = [person_box(acts=[rng.choice(["distribute", "train"])])]
        scene.world.act("restriction.declared", restriction(person, scopes=boxes), by=person)


def not_now(scene: Scene, rng: random.Random, file: File) -> None:
    """A performer's own not now, perhaps over by now, perhaps lifted."""
    for person in scene.shown[file.id][:1]:
        window = rng.choice([["2026-01-01T00:00:00Z", None], ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]])
        body = suspension("personal", person, "performer", person.id, scopes=[person_box(window=window)])
        scene.world.act("suspension.declared", body, by=person)
        if rng.random() < 0.4:
            scene.world.act("suspension.lifted", lifted(body), by=person)


def strike(scene: Scene, rng: random.Random, file: File) -> None:
    """A member of a union that strikes, whose consent continues or not."""
    world = scene.world
    union = world.party(f"Union {len(world.actors)}", kind="organisation")
    member = world.party(f"Member {len(world.actors)}", unions=[union.id])
    scene.add([member])
    scene.consent(member, strike=rng.choice(["continues", "suspends"]))
    if rng.random() < 0.6:
        body = suspension("strike", union, "union", union.id, scopes=[person_box()])
        world.act("suspension.declared", body, by=union)


def held_back(scene: Scene, rng: random.Random, file: File) -> None:
    body = suspension("holdback", scene.gallery, "asset", file.id)
    scene.world.act("suspension.declared", body, by=scene.gallery)


def exclusive(scene: Scene, rng: random.Random, file: File) -> None:
    """A new picture: somebody has it alone, the studio itself or another beside whom it has a paper."""
    world = scene.world
    fresh = world.asset(scene.gallery)
    world.title(scene.gallery, fresh)
    scene.files.append(fresh)
    scene.shown[fresh.id] = []
    own = rng.random() < 0.5
    other = scene.studio if own else world.party(f"Other {len(world.actors)}", kind="organisation")
    scene.licences[fresh.id] = world.licence(scene.gallery, other, fresh, exclusivity=rng.choice(["exclusive", "sole"]))
    if not own:
        paper = {"document_sha256": "d" * 64, "signed_on": "2026-01-02"}
        body = licence_body(scene.gallery, scene.studio, fresh) | paper
        world.act("licence.recorded", body, by=scene.studio)


def dispute(scene: Scene, rng: random.Random, file: File) -> None:
    for person in scene.shown[file.id][:1]:
        paper = deposit(io.BytesIO(b"%PDF-1.7 a letter"), party=person.id, at=clock())
        body = {"claim": scene.claims[file.id], "grounds": "never sold", "evidence_sha256": paper.sha256}
        digest = scene.world.act("title.disputed", body, by=person)
        if rng.random() < 0.4:
            settled = {"dispute": digest, "outcome": "withdrawn", "document_sha256": None}
            scene.world.act("title.resolved", settled, by=person)


def assign_title(scene: Scene, rng: random.Random, file: File) -> None:
    heir = scene.world.party(f"Heir {len(scene.world.actors)}", kind="organisation")
    body = {"grant": scene.claims[file.id], "to": heir.id, "effective_from": soon(0), "document_sha256": None}
    scene.world.act("grant.assigned", body, by=scene.gallery)


def ask_more(scene: Scene, rng: random.Random, file: File) -> None:
    """The studio's own policy asks for more than the law of the house."""
    body = {"party": scene.studio.id, "assurance": {"train": "signed"}, "attested_engines": False, "court_officers": []}
    scene.world.act("policy.set", body, by=scene.studio)


def a_contract_beside(scene: Scene, rng: random.Random, file: File) -> None:
    """Somebody new with a contract, on which no training rests, and perhaps a consent beside it."""
    person = scene.world.party(f"Guest {len(scene.world.actors)}")
    scene.add([person])
    acts = rng.choice([["train"], ["condition"], ["condition", "train"]])
    contract = scene.consent(person, basis="contract", scopes=[person_box(acts=acts)])
    scene.world.act("grant.accepted", {"grant": contract}, by=scene.studio)
    if rng.random() < 0.7:
        scene.consent(person)


def an_approval_beside(scene: Scene, rng: random.Random, file: File) -> None:
    person = scene.world.party(f"Guest {len(scene.world.actors)}")
    scene.add([person])
    term = {"by": "performer", "on": "spec", "acts": [rng.choice(["alter", "train"])], "hours": None,
            "on_silence": "refused"}  # fmt: skip
    scene.consent(person, approvals=[term])
    if rng.random() < 0.5:
        scene.consent(person)


def by_catalogue(scene: Scene, rng: random.Random, file: File) -> None:
    """A new picture that is licensed as a member of a catalogue."""
    world = scene.world
    fresh = world.asset(scene.gallery)
    world.title(scene.gallery, fresh)
    scene.files.append(fresh)
    scene.shown[fresh.id] = []
    catalogue = new_id()
    members = [{"kind": "asset", "id": fresh.id}]
    body = {"catalogue": catalogue, "owner": scene.gallery.id, "title": "Ridges", "members": members}
    world.act("catalogue.registered", body, by=scene.gallery)
    subjects = [{"kind": "catalogue", "id": catalogue}]
    scene.licences[fresh.id] = world.licence(scene.gallery, scene.studio, subjects=subjects)


def waits_for_an_event(scene: Scene, rng: random.Random, file: File) -> None:
    """Somebody new, whose consent opens with an event that has happened or not."""
    world = scene.world
    person = world.party(f"Guest {len(world.actors)}")
    scene.add([person])
    work = world.work(scene.gallery)
    event = {"event": "premiere", "work": work, "territory": None}
    scene.consent(person, scopes=[person_box(window=[event | {"plus": "P1M"}, None])])
    if rng.random() < 0.5:
        day = rng.choice(["2026-01-01", "2026-11-20"])
        body = event | {"on": day, "utc_offset": 0, "document_sha256": None}
        world.act("event.recorded", body, by=scene.gallery)


Change = Callable[[Scene, random.Random, File], None]
CHANGES: tuple[Change, ...] = (
    withdraw,
    withdraw_everything,
    terminate,
    claim_twice,
    unknown_people,
    another_person,
    claimed_appearance,
    lose_the_key,
    a_new_part,
    narrow,
    a_person_with_terms,
    a_person_with_terms,
    a_person_with_terms,
    a_work_with_shares,
    recorded,
    restrict,
    not_now,
    strike,
    held_back,
    exclusive,
    dispute,
    assign_title,
    ask_more,
    a_contract_beside,
    a_contract_beside,
    an_approval_beside,
    by_catalogue,
    waits_for_an_event,
)
