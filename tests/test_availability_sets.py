"""The set-based pass: what it settles, and what deciding one by one says, are the same at every moment."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from consent.models import GrantBox, Sheet, Touched
from consent.selectors.available import on_live_sheets
from consent.services.selecting import select_for_training
from consent.services.sheets import sweep
from registry.core.errors import DomainError
from registry.models import Asset
from tests.availability_scene import CHANGES, Change, Scene, withdraw
from tests.world import scope
from web.fsck.report import Report
from web.fsck.sheets import check_sheets

pytestmark = pytest.mark.django_db
# A change that is made twice, or to what has ended, is refused and changes nothing.
MADE_TWICE = {"licence_terminated", "already_revoked", "not_own_grant", "key_revoked", "wrong_key"}


@pytest.fixture(autouse=True)
def folders(settings, tmp_path) -> None:
    settings.MEDIA_DIR, settings.LOG_DIR = tmp_path / "media", tmp_path / "log"


@pytest.mark.parametrize("seed", range(4))
def test_the_set_based_pass_and_deciding_one_by_one_agree_at_every_moment(seed: int) -> None:
    rng = random.Random(seed)
    scene = Scene.build()
    seen: Counter[str] = Counter()
    for change in rng.sample(CHANGES, 6):
        _agree(scene, seen)
        make(change, scene, rng)
        _agree(scene, seen)
        scene.world.publish()
        _agree(scene, seen)
    _agree(scene, seen)
    assert seen["settled"] > seen["allowed"] / 10
    assert min(seen["allowed"], seen["refused"]) > (seen["allowed"] + seen["refused"]) / 20


@pytest.mark.parametrize("change", sorted(set(CHANGES), key=lambda change: change.__name__))
def test_one_change_never_parts_the_pass_from_deciding_one_by_one(change: Change) -> None:
    for seed in range(2):
        scene, seen = Scene.build(files=3, people=2), Counter[str]()
        _agree(scene, seen)
        make(change, scene, random.Random(seed))
        scene.world.publish()
        _agree(scene, seen)
        _agree(scene, seen)


def make(change: Change, scene: Scene, rng: random.Random) -> None:
    file = rng.choice([file for file in scene.files if file.id in scene.claims])
    try:
        change(scene, rng, file)
    except DomainError as error:
        if error.code not in MADE_TWICE:
            raise


def _agree(scene: Scene, seen: Counter[str]) -> None:
    found = scene.select()
    decided = scene.decided()
    assert {file.id: file.id in found.allowed for file in scene.files} == decided
    assert set(found.refused) == {file.id for file in scene.files} - found.allowed
    seen.update(allowed=len(found.allowed), refused=len(found.refused), settled=found.settled)


def test_what_was_settled_once_needs_no_facts_the_second_time(django_assert_max_num_queries) -> None:
    scene = Scene.build()
    first = scene.select()
    assert first.settled == 0
    assert first.allowed == {file.id for file in scene.files}
    with django_assert_max_num_queries(9):
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


def test_a_sheet_that_was_written_for_one_use_answers_rightly_for_another() -> None:
    scene = Scene.build(files=1)
    (file,) = scene.files
    other = scene.world.party("Elsewhere", kind="organisation")
    in_germany = {"exclusivity": "exclusive", "scopes": [scope(territories=["DE"])]}
    scene.world.licence(scene.gallery, other, file, **in_germany)
    scene.world.publish()
    for territory, allowed in (("FR", True), ("DE", False), ("FR", True)):
        found = select_for_training([(file.id, file.sha256)], for_=scene.gallery.id, territory=territory)
        assert (file.id in found.allowed) is allowed
    found = select_for_training([(file.id, file.sha256)], for_=scene.gallery.id, territory="DE")
    assert {obstacle.code for obstacle in found.refused[file.id].obstacles} == {"exclusive_to_other"}


def test_fsck_makes_every_sheet_again_and_finds_a_row_that_nobody_signed() -> None:
    scene = Scene.build()
    scene.select()
    report = Report()
    check_sheets(report)
    assert (report.sound, report.counted) == (True, {"sheets": 1})
    GrantBox.objects.filter(grant=bytes.fromhex(scene.consents[scene.people[0].id])).update(aspects=0b11)
    check_sheets(report)
    assert {finding.fault for finding in report.findings} == {"sheet_differs"}
