"""The set-based pass: what it settles, and what deciding one by one says, are the same at every moment."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consent.core.request import REPLICA_USES
from consent.models import Sheet, Touched
from consent.selectors.available import on_live_sheets
from consent.services import preflight
from consent.services.clearing import new_salt
from consent.services.selecting import Selection, select_for_training
from consent.services.sheets import sweep
from registry.core.errors import DomainError
from registry.core.jcs import canonical
from registry.core.times import format_time
from registry.models import Asset
from tests.world import NOTHING, PEOPLE, Actor, File, World, licence_body, scope

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings, tmp_path) -> None:
    settings.MEDIA_DIR, settings.LOG_DIR = tmp_path / "media", tmp_path / "log"


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

    def add(self, people: list[Actor]) -> File:
        file = self.world.asset(self.gallery, inventory=PEOPLE if people else NOTHING)
        self.files.append(file)
        self.shown[file.id] = people
        for person in people:
            self.world.appearance(file, person, by=self.gallery)
        self.world.title(self.gallery, file)
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
    return {
        "performer": person.id,
        "grantee": studio.id,
        "scopes": [person_box()],
        "description": "training of the studio's own engine",
        "role": None,
        "scenes": "any",
        "dialogue": {"kind": "any", "script_sha256": None},
        "replica_use": sorted(REPLICA_USES),
        "replaces_in_person_work": False,
        "represented": True,
        "basis": "consent",
        "revocation": {"kind": "at_will", "notice_hours": None},
        "approvals": [],
        "caps": {"shots": None},
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
        scene.world.act("key.revoked", {"party": person.id, "keyid": person.keyid, "reason": "lost"}, by=person)


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
)


@pytest.mark.parametrize("seed", range(8))
def test_the_set_based_pass_and_deciding_one_by_one_agree_at_every_moment(seed: int) -> None:
    rng = random.Random(seed)
    scene = Scene.build()
    seen: Counter[str] = Counter()
    for _ in range(6):
        for publish in (False, True):
            if publish:
                scene.world.publish()
            for _ in range(2):  # once where sheets are old, once where they were just written
                found = scene.select()
                assert {file: file in found.allowed for file in scene.decided()} == scene.decided()
                assert set(found.refused) == {file.id for file in scene.files} - found.allowed
                seen.update(allowed=len(found.allowed), refused=len(found.refused), settled=found.settled)
        change = rng.choice(CHANGES)
        file = rng.choice([file for file in scene.files if file.id in scene.licences])
        try:
            change(scene, rng, file)
        except DomainError as error:  # a change made twice changes nothing
            seen.update([type(error).__name__])
    assert seen["settled"] > seen["allowed"] / 5
    assert min(seen["allowed"], seen["refused"]) > (seen["allowed"] + seen["refused"]) / 20


def test_what_was_settled_once_needs_no_facts_the_second_time(django_assert_max_num_queries) -> None:
    scene = Scene.build()
    first = scene.select()
    assert first.settled == 0
    assert first.allowed == {file.id for file in scene.files}
    with django_assert_max_num_queries(6):
        second = scene.select()
    assert second.settled == len(scene.files)
    assert second.allowed == first.allowed


def test_a_touched_head_ends_the_sheet_that_rests_on_it_and_a_sweep_throws_it_away() -> None:
    scene = Scene.build()
    scene.select()
    everything = {file.id for file in scene.files}
    assert on_live_sheets(scene.studio.id, everything, kind="asset") == everything
    assert Touched.objects.count() == 0
    withdraw(scene, random.Random(0), scene.files[1])
    assert Touched.objects.count() > 0
    assert on_live_sheets(scene.studio.id, everything, kind="asset") == frozenset()
    assert sweep() == 1
    assert Sheet.objects.count() == Touched.objects.count() == 0


def test_what_is_not_yet_under_a_checkpoint_is_not_kept() -> None:
    scene = Scene.build()
    late = scene.add([])
    assert late.id not in scene.select().allowed
    assert Sheet.objects.count() == 0
    scene.world.publish()
    assert late.id in scene.select().allowed
    assert Sheet.objects.count() == 1


def test_other_bytes_than_those_registered_are_refused_although_the_asset_is_covered() -> None:
    scene = Scene.build(files=1)
    scene.select()
    (file,) = scene.files
    asked = [(file.id, "0" * 64)]
    found = select_for_training(asked, for_=scene.studio.id, territory="FR")
    assert [o.code for o in found.refused[file.id].obstacles] == ["bytes_mismatch"]
    assert Asset.objects.get(id=file.id).sha256 != "0" * 64


def test_one_requester_is_never_settled_by_the_sheet_of_another() -> None:
    scene = Scene.build()
    scene.select()
    other = scene.world.party("Elsewhere", kind="organisation")
    scene.world.publish()
    found = select_for_training([(f.id, f.sha256) for f in scene.files], for_=other.id, territory="FR")
    assert found.allowed == frozenset()
    assert set(found.refused) == {file.id for file in scene.files}
