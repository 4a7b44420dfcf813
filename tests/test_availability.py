"""What may be used for this, where, when: over HTTP, and the same whichever way it is found."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from registry.core.errors import DomainError
from tests.availability_scene import CHANGES, Scene, in_order, person_box
from tests.terms import authority
from tests.world import PEOPLE, Actor, World, new_id

pytestmark = pytest.mark.django_db

ASKED = {
    "acts": "condition,distribute",
    "purposes": "work",
    "media": "svod",
    "territories": "FR",
    "languages": "fr",
    "start": "2027-01-01T00:00:00Z",
    "end": "2028-01-01T00:00:00Z",
}


@pytest.fixture(autouse=True)
def folders(settings, tmp_path) -> None:
    settings.MEDIA_DIR, settings.LOG_DIR = tmp_path / "media", tmp_path / "log"


@pytest.fixture
def scene() -> Scene:
    """A picture of nobody, and one of a person whose consent runs from 2026 to 2028, in France alone from 2027."""
    world = World()
    studio = world.party("Northlight", kind="organisation")
    gallery = world.party("Gallery", kind="organisation")
    ada = world.party("Ada Marsh")
    found = Scene(world=world, studio=studio, gallery=gallery, people=[ada])
    found.add([])
    found.add([ada])
    found.consent(
        ada,
        scopes=in_order(
            person_box(window=["2026-01-01T00:00:00Z", "2027-07-01T00:00:00Z"]),
            person_box(window=["2027-07-01T00:00:00Z", "2028-07-01T00:00:00Z"], territories=["FR"]),
        ),
    )
    world.publish()
    return found


def get(scene: Scene, who: Actor, **changes: str) -> dict[str, Any]:
    answer = ask(scene, who, **changes)
    assert answer.status_code == 200, answer.content
    return answer.json()


def ask(scene: Scene, who: Actor, **changes: str) -> Any:
    query = {name: value for name, value in (ASKED | changes).items() if value}
    return Client().get("/api/v1/availability", query, headers={"Authorization": f"Bearer {scene.world.token(who)}"})


def by_id(page: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in page["results"]}


def test_what_is_covered_for_the_whole_window_is_listed_with_its_stretch_and_its_expiry(scene: Scene) -> None:
    (empty, portrait), (ada,) = scene.files, scene.people
    found = by_id(get(scene, scene.studio))
    assert set(found) == {empty.id, portrait.id, ada.id}
    assert found[empty.id]["windows"] == [["2026-01-01T00:00:00Z", None]]
    assert found[empty.id]["expires"] is None
    for one in (found[portrait.id], found[ada.id]):
        assert one["windows"] == [["2026-01-01T00:00:00Z", "2028-07-01T00:00:00Z"]]
        assert one["expires"] == "2028-07-01T00:00:00Z"
        assert one["available"]
        assert one["gaps"] == []
    assert found[ada.id]["name"] == "Ada Marsh"
    assert found[portrait.id]["name"] == "Ridge at dawn"


def test_what_ends_within_the_window_is_listed_only_with_gaps_and_each_gap_has_its_reason(scene: Scene) -> None:
    (empty, portrait), (ada,) = scene.files, scene.people
    assert set(by_id(get(scene, scene.studio, territories="FR,DE"))) == {empty.id}
    found = by_id(get(scene, scene.studio, territories="FR,DE", gaps="true"))
    assert set(found) == {empty.id, portrait.id, ada.id}
    for one in (found[portrait.id], found[ada.id]):
        assert not one["available"]
        (gap,) = one["gaps"]
        assert gap["window"] == ["2027-07-01T00:00:00Z", "2028-01-01T00:00:00Z"]
        assert gap["codes"] == ["expired"]  # of the box that held Germany
        missing = [box for obstacle in gap["obstacles"] for box in obstacle["missing"]]
        assert {tuple(box["territories"]) for box in missing} == {("DE",)}
        assert {obstacle["remedy"]["ask"] for obstacle in gap["obstacles"]} == {ada.id}


@pytest.mark.parametrize(
    ("mode", "window", "answers"),
    [
        ("cover_entirely", ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z"), True),
        ("cover_entirely", ("2026-06-01T00:00:00Z", "2027-08-01T00:00:00Z"), False),
        ("overlap", ("2027-06-01T00:00:00Z", "2029-01-01T00:00:00Z"), True),
        ("overlap", ("2027-07-01T00:00:00Z", "2029-01-01T00:00:00Z"), False),
        ("start_within", ("2025-12-01T00:00:00Z", "2026-02-01T00:00:00Z"), True),
        ("start_within", ("2026-01-02T00:00:00Z", "2026-02-01T00:00:00Z"), False),
        ("end_within", ("2027-06-01T00:00:00Z", "2027-07-01T00:00:00Z"), True),
        ("end_within", ("2027-05-01T00:00:00Z", "2027-06-30T00:00:00Z"), False),
    ],
)
def test_each_mode_answers_a_window_in_its_own_way(
    scene: Scene, mode: str, window: tuple[str, str], answers: bool
) -> None:
    (ada,) = scene.people
    page = get(scene, scene.studio, territories="DE", mode=mode, start=window[0], end=window[1], kinds="performer")
    assert (ada.id in by_id(page)) is answers


def test_a_stretch_that_is_too_short_does_not_answer(scene: Scene) -> None:
    asked = {"mode": "overlap", "territories": "DE", "start": "2027-06-01T00:00:00Z", "kinds": "performer"}
    assert len(get(scene, scene.studio, **asked, min_days="30")["results"]) == 1
    assert get(scene, scene.studio, **asked, min_days="31")["results"] == []


def test_the_brief_answer_names_the_same_subjects_before_and_after_sheets_are_written(scene: Scene) -> None:
    for territories in ("FR", "FR,DE", "DE"):
        full = {(one["kind"], one["id"]) for one in get(scene, scene.studio, territories=territories)["results"]}
        for _ in range(2):
            brief = get(scene, scene.studio, territories=territories, detail="brief")["results"]
            assert {(one["kind"], one["id"]) for one in brief} == full
            assert all(set(one) == {"kind", "id"} for one in brief)


def test_pages_follow_each_other_and_leave_nothing_out(scene: Scene) -> None:
    everything = [one["id"] for one in get(scene, scene.studio)["results"]]
    found: list[str] = []
    page = get(scene, scene.studio, limit="1")
    while True:
        found += [one["id"] for one in page["results"]]
        if page["next"] is None:
            break
        assert len(page["results"]) <= 1
        headers = {"Authorization": f"Bearer {scene.world.token(scene.studio)}"}
        page = Client().get(page["next"], headers=headers).json()
    assert found == everything


def test_nobody_sees_what_does_not_concern_them_and_for_others_one_asks_about_oneself(scene: Scene) -> None:
    (ada,) = scene.people
    stranger = scene.world.party("Elsewhere", kind="organisation")
    scene.world.publish()
    assert get(scene, stranger, gaps="true")["results"] == []
    assert get(scene, stranger, gaps="true", **{"for": scene.studio.id})["results"] == []
    assert set(by_id(get(scene, ada, gaps="true", **{"for": scene.studio.id}))) == {ada.id}


def test_a_consent_confined_to_a_role_answers_for_that_role_alone(scene: Scene) -> None:
    ben = scene.world.party("Ben Okafor")
    scene.consent(ben, role="the ferryman")
    scene.world.publish()
    (gap,) = by_id(get(scene, scene.studio, gaps="true"))[ben.id]["gaps"]
    assert gap["codes"] == ["role_not_covered"]
    assert ben.id in by_id(get(scene, scene.studio, role="the ferryman"))


def test_notice_that_was_given_ends_what_is_available(scene: Scene) -> None:
    ben = scene.world.party("Ben Okafor")
    revocation = {"kind": "on_notice", "notice_hours": 720}
    digest = scene.consent(ben, basis="contract", revocation=revocation)
    scene.world.act("grant.accepted", {"grant": digest}, by=scene.studio)
    scene.world.publish()
    wanted = {"start": "2026-01-02T00:00:00Z", "end": "2026-02-01T00:00:00Z", "kinds": "performer"}
    assert by_id(get(scene, scene.studio, **wanted))[ben.id]["expires"] is None
    scene.world.act("consent.revoked", {"performer": ben.id, "grants": [digest], "grantee": None}, by=ben)
    assert by_id(get(scene, scene.studio, **wanted))[ben.id]["expires"] is not None


def test_an_asset_whose_people_nobody_declared_is_not_available_at_any_time(scene: Scene) -> None:
    fresh = scene.add([])
    unknown = PEOPLE | {"people": "unknown"}
    scene.world.act("inventory.declared", {"asset": fresh.id, "inventory": unknown}, by=scene.gallery)
    scene.world.publish()
    (gap,) = by_id(get(scene, scene.studio, gaps="true"))[fresh.id]["gaps"]
    assert gap["codes"] == ["inventory_unknown"]
    assert gap["window"] == [ASKED["start"], ASKED["end"]]


@pytest.mark.parametrize("seed", range(4))
def test_in_brief_and_in_full_the_same_subjects_answer_whatever_was_signed(seed: int) -> None:
    rng = random.Random(seed)
    scene = Scene.build(files=3, people=2)
    seen: Counter[str] = Counter()
    for _ in range(4):
        change = rng.choice(CHANGES)
        try:
            change(scene, rng, rng.choice([file for file in scene.files if file.id in scene.licences]))
        except DomainError:  # a change made twice changes nothing
            continue
        scene.world.publish()
        cases = (("FR", "condition", "2026"), ("FR,DE", "condition,train", "2026"), ("FR", "train", "2025"))
        for territories, acts, year in cases:  # nothing was granted in 2025
            asked = {"territories": territories, "acts": acts, "start": f"{year}-12-01T00:00:00Z"}
            full = [(one["kind"], one["id"]) for one in get(scene, scene.studio, **asked)["results"]]
            for _ in range(2):  # before and after sheets are written
                brief = get(scene, scene.studio, **asked, detail="brief")["results"]
                assert [(one["kind"], one["id"]) for one in brief] == full
            everything = get(scene, scene.studio, **asked, gaps="true")["results"]
            seen.update(available=len(full), not_available=len(everything) - len(full))
    assert min(seen.values()) > sum(seen.values()) / 20


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"territories": ""}, "empty_dimension", "territories"),
        ({"territories": "XX"}, "unknown_term", "territories"),
        ({"media": "cinema"}, "unknown_term", "media"),
        ({"start": ""}, "missing_field", "start"),
        ({"end": "2026-01-01T00:00:00Z"}, "bad_value", "end"),
        ({"mode": "sometimes"}, "bad_value", "mode"),
        ({"kinds": "work"}, "bad_value", "kinds"),
        ({"limit": "100000"}, "integer_out_of_range", "limit"),
        ({"cursor": "bm90aGluZw=="}, "bad_value", "cursor"),
        ({"colour": "red"}, "unknown_field", "colour"),
    ],
)
def test_each_wrong_parameter_is_named(scene: Scene, changes: dict[str, str], code: str, field: str) -> None:
    answer = ask(scene, scene.studio, **changes)
    assert answer.status_code in (400, 422)
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)


@pytest.mark.parametrize("detail", ["full", "brief"])
def test_what_was_taken_from_a_person_is_available_only_while_they_let_it_be_kept(scene: Scene, detail: str) -> None:
    (ada,) = scene.people
    scan = scene.add([ada], kind="scan")
    scene.world.publish()
    for _ in range(2):  # the second time from the sheets that the first one left
        assert scan.id not in by_id(get(scene, scene.studio, detail=detail))
        assert scan.id not in scene.select().allowed
    (gap,) = by_id(get(scene, scene.studio, gaps="true"))[scan.id]["gaps"]
    assert gap["codes"] == ["act_not_covered"]
    assert {obstacle["act"] for obstacle in gap["obstacles"]} == {"scan", "store"}
    scene.consent(ada, scopes=[person_box(acts=["scan", "store"])])
    scene.world.publish()
    for _ in range(2):
        assert scan.id in by_id(get(scene, scene.studio, detail=detail))
        assert scan.id in scene.select().allowed


def test_a_vendor_who_may_view_finds_what_its_principal_was_granted(scene: Scene) -> None:
    world, ben = scene.world, scene.world.party("Ben Okafor")
    vendor = world.party("Westwind", kind="organisation")
    shown = scene.add([ben])
    world.licence(scene.gallery, scene.studio, shown)
    scene.consent(ben)
    acts = ["condition", "distribute"]
    body = authority(scene.studio, vendor, role="vendor", powers=["view"], acts=acts)
    world.publish()
    assert by_id(get(scene, vendor, gaps="true")) == {}
    world.act("authority.granted", body, by=scene.studio)
    world.publish()
    assert {shown.id, ben.id} <= set(by_id(get(scene, vendor)))
    world.act("authority.ended", {"authority": body["authority"]}, by=scene.studio)
    assert by_id(get(scene, vendor, gaps="true")) == {}


def test_to_whom_grants_were_assigned_they_are_available_with_everybody_in_them(scene: Scene) -> None:
    world, ben = scene.world, scene.world.party("Ben Okafor")
    heir = world.party("Westwind", kind="organisation")
    shown = scene.add([ben])
    alone = world.party("Cleo Hart")
    licence = world.licence(scene.gallery, scene.studio, shown, assignable=True)
    consents = [scene.consent(person, assignable=True) for person in (ben, alone)]
    for grant in (licence, *consents):
        passed = {"grant": grant, "to": heir.id, "effective_from": "2026-01-02T00:00:00Z", "document_sha256": None}
        world.act("grant.assigned", passed, by=scene.studio)
    world.publish()
    assert set(by_id(get(scene, heir))) == {shown.id, ben.id, alone.id}
    members = [{"kind": "asset", "id": shown.id}]
    catalogue = {"catalogue": new_id(), "owner": scene.gallery.id, "title": "The silent years", "members": members}
    world.act("catalogue.registered", catalogue, by=scene.gallery)
    other = world.party("Eastwind", kind="organisation")
    assert by_id(get(scene, other, gaps="true")) == {}
    world.licence(scene.gallery, other, subjects=[{"kind": "catalogue", "id": catalogue["catalogue"]}])
    world.publish()
    assert set(by_id(get(scene, other, gaps="true"))) == {shown.id, ben.id}
