"""Scans, voices and replicas that nobody agreed to in time are destroyed, and the log says so."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from generation.services import erasing_held
from generation.services.erasing_held import destroy_held, look_after_held
from generation.tasks import sweep_up
from registry.locks import clock
from registry.models import Deposit, Fingerprint, StatementRow
from registry.vault import TextDamaged
from registry.vault.files import path_of
from tests import media
from tests.erasing import body_of
from tests.studio import Studio
from tests.terms import consent, face
from tests.world import NOTHING, PEOPLE, File
from web import fsck

pytestmark = pytest.mark.django_db(transaction=True)  # files go after the commit
SCAN = {"kind": "scan", "title": "Scan", "inventory": PEOPLE}
KEEPING = ["scan", "store"]


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    settings.HOLD_DAYS = 30
    return Studio.open(tmp_path, settings)


def scanned(studio: Studio, *, seed: int = 21, **fields: Any) -> File:
    scan = studio.world.asset(studio.archive, media.png(media.scene(seed=seed)), **(SCAN | fields))
    studio.world.appearance(scan, studio.ada, by=studio.archive)
    return scan


def agree(studio: Studio, *, acts: list[str], to: Any = None) -> str:
    terms = consent(studio.ada, to or studio.archive, scopes=[face(acts=acts, aspects=["body", "face"])])
    return studio.world.act("consent.granted", terms, by=studio.ada)


def grow_old(*files: File, days: int = 31) -> None:
    Deposit.objects.filter(asset__in=[file.id for file in files]).update(stored_at=clock() - timedelta(days=days))


def test_what_nobody_agreed_to_is_destroyed_after_the_days_of_holding(studio: Studio) -> None:
    scan = scanned(studio)
    studio.world.publish()
    grow_old(scan, days=29)
    assert destroy_held(at=clock()) == {}
    grow_old(scan)
    done = destroy_held(at=clock())
    assert list(done) == [scan.id]
    body = body_of(done[scan.id])
    assert (body["cause"], body["subject"], body["destroyed"], body["assets"]) == (
        "held",
        None,
        [scan.sha256],
        [scan.id],
    )
    assert not path_of(scan.id).exists()
    assert not Fingerprint.objects.filter(asset=scan.id).exists()
    assert destroy_held(at=clock()) == {}
    assert fsck.run().findings == []


@pytest.mark.parametrize(
    ("given", "stays"),
    [
        (lambda studio: agree(studio, acts=KEEPING), True),
        (lambda studio: agree(studio, acts=["store"]), False),
        (lambda studio: agree(studio, acts=["condition", "distribute"]), False),
        (lambda studio: agree(studio, acts=KEEPING, to=studio.producer), True),
        (lambda studio: studio.revoke(agree(studio, acts=KEEPING)), False),
    ],
    ids=["agreed", "only to store", "only to use", "agreed with another", "taken back"],
)
def test_it_stays_where_everybody_in_it_lets_somebody_scan_and_store(
    studio: Studio, given: Callable[[Studio], object], stays: bool
) -> None:
    scan = scanned(studio)
    given(studio)
    studio.world.publish()
    grow_old(scan)
    assert (destroy_held(at=clock()) == {}) == stays
    assert path_of(scan.id).exists() == stays


def test_one_person_who_did_not_agree_is_enough(studio: Studio) -> None:
    scan, ben = scanned(studio), studio.world.party("Ben")
    studio.world.appearance(scan, ben, by=studio.archive)
    agree(studio, acts=KEEPING)
    studio.world.publish()
    grow_old(scan)
    assert list(destroy_held(at=clock())) == [scan.id]


def test_what_names_nobody_is_nobodys_to_keep_and_what_holds_nobody_is_left_alone(studio: Studio) -> None:
    unnamed = studio.world.asset(studio.archive, media.png(media.scene(seed=31)), **SCAN)
    synthetic = studio.world.asset(studio.archive, media.png(media.scene(seed=32)), **(SCAN | {"inventory": NOTHING}))
    studio.world.publish()
    grow_old(unnamed, synthetic, studio.portrait)
    assert list(destroy_held(at=clock())) == [unnamed.id]


def test_workers_do_it_by_themselves_once_and_not_before_its_time(studio: Studio) -> None:
    early, late = scanned(studio), scanned(studio, seed=22)
    studio.world.publish()
    grow_old(early, days=29)
    grow_old(late)
    erasing_held._round.clear()
    sweep_up()
    assert (path_of(early.id).exists(), path_of(late.id).exists()) == (True, False)
    grow_old(early)  # its time comes, and nobody does anything
    sweep_up()
    assert path_of(early.id).exists()  # this worker has just looked
    erasing_held._round.clear()
    for _ in range(2):
        sweep_up()
    assert not path_of(early.id).exists()
    assert StatementRow.objects.filter(type="erasure.done").count() == 2
    assert fsck.run().findings == []


def test_a_worker_goes_round_all_of_them_a_few_at_a_time(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were agreed to, and come first, do not hide the others."""
    monkeypatch.setattr(erasing_held, "AT_ONCE", 1)
    agreed, held = scanned(studio), scanned(studio, seed=22)
    ben = studio.world.party("Ben")
    studio.world.appearance(held, ben, by=studio.archive)
    agree(studio, acts=KEEPING)
    studio.world.publish()
    grow_old(agreed, held)
    erasing_held._round.clear()
    at = clock()
    done = [list(look_after_held(at=at + number * erasing_held.EVERY)) for number in range(3)]
    assert done == [[], [held.id], []]
    assert erasing_held._round["held"][1] == erasing_held._START
    assert path_of(agreed.id).exists()


def test_of_workers_that_look_at_once_one_destroys_it(studio: Studio) -> None:
    scan = scanned(studio)
    studio.world.publish()
    grow_old(scan)
    found, everybody = [], threading.Barrier(4)

    def look() -> None:
        try:
            everybody.wait()
            found.append(destroy_held(at=clock()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, found)) == [0, 0, 0, 1]
    assert StatementRow.objects.filter(type="erasure.done").count() == 1


def test_one_that_cannot_be_looked_at_does_not_keep_the_others(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = scanned(studio), scanned(studio, seed=22)
    studio.world.publish()
    grow_old(first, second)
    is_held = erasing_held._is_held

    def torn(asset: Any) -> bool:
        if asset.id == first.id:
            raise TextDamaged(owner="registry")
        return is_held(asset)

    monkeypatch.setattr(erasing_held, "_is_held", torn)
    assert list(destroy_held(at=clock())) == [second.id]
    assert first.id in caplog.text
    assert path_of(first.id).exists()


def test_the_command_does_it_too(studio: Studio, capsys: Any) -> None:
    scan = scanned(studio)
    studio.world.publish()
    grow_old(scan)
    call_command("erase", "run")
    assert f'"asset": "{scan.id}"' in capsys.readouterr().out
    call_command("erase", "run")
    assert capsys.readouterr().out == ""
