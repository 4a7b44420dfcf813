"""Erasures beside whatever else happens to the person, and killed in the middle: never half a one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured

from generation.models import Release
from generation.services import erasing
from generation.services.erasing_rows import remove_leftovers
from registry.core.errors import DomainError
from registry.models import DataKey, ErasureRequest, Leftover, StatementRow
from registry.statements import open_statements
from registry.vault.files import path_of
from tests.erasing import asked, body_of, make_due
from tests.release_races import Aim, attempt, performers, pool, race, sealed
from tests.studio import Studio, state_of
from tests.terms import restriction
from web import fsck

__all__ = ["pool"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)
RACES = 40
RARE = 4
POINTS = 9  # of an erasure at which it is killed, beside those around its commit


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


def carried_out(request: str) -> str:
    try:
        return erasing.erase(request)[0]
    except erasing.ErasureBlocked:
        return "blocked"


@pytest.mark.slow
def test_a_release_and_an_erasure_at_once_give_one_order(studio: Studio, pool: ThreadPoolExecutor) -> None:
    """Released first: its ground is kept. Erased first: the shot is ended, and the ground is gone."""
    results, aim = Counter[str](), Aim()
    for ada, portrait, consents in performers(studio, count=RACES, roles=1):
        ((role, consent),) = consents.items()
        ready = sealed(studio, ada, portrait, role, consent)
        request = asked(studio.world, ada)
        make_due(request.id)
        result, digest = race(pool, lambda: attempt(ready.lease), lambda: carried_out(request.id), aim.late_s)  # noqa: B023 - both run within this turn
        aim.learn(result == "released")
        body = body_of(digest)
        kept = {one["digest"] for one in body["kept"]}
        released = Release.objects.filter(shot=ready.lease.shot).exists()
        results["released" if released else "ended"] += 1
        assert released == (consent in kept)
        assert released != (consent in body["destroyed"])
        assert state_of(ready.lease.shot) == ("released" if released else "aborted")
    assert min(results["released"], results["ended"]) >= RARE, results
    assert fsck.run().findings == []


@pytest.mark.slow
def test_a_statement_about_the_person_is_either_named_by_the_erasure_or_refused(
    studio: Studio,
    pool: ThreadPoolExecutor,
) -> None:
    results, aim = Counter[str](), Aim()
    for number in range(RACES):
        ada = studio.world.party(f"Ada the {number}th")
        request = asked(studio.world, ada)
        make_due(request.id)
        signed = studio.world.signed("restriction.declared", restriction(ada), by=ada)
        said, digest = race(pool, lambda: submitted(studio, signed), lambda: carried_out(request.id), aim.late_s)  # noqa: B023 - both run within this turn
        stored = len(said) == 64
        aim.learn(stored)
        results["first" if stored else "refused"] += 1
        about = set(StatementRow.objects.filter(subject=ada.id).values_list("digest", flat=True))
        assert (said in about) == stored
        assert about <= set(body_of(digest)["destroyed"])
        assert open_statements(about) == {}
        assert not DataKey.objects.filter(owner=f"party:{ada.id}").exists()
    assert min(results["first"], results["refused"]) >= RARE, results
    assert fsck.run().findings == []


def submitted(studio: Studio, signed: dict[str, Any]) -> str:
    try:
        return studio.world.submit(signed)
    except DomainError as error:
        return error.code


def test_two_erasures_at_once_are_one(studio: Studio, pool: ThreadPoolExecutor) -> None:
    ada = studio.world.party("Ada the first")
    request = asked(studio.world, ada)
    make_due(request.id)
    both = race(pool, lambda: carried_out(request.id), lambda: carried_out(request.id))
    assert both[0] == both[1]
    assert StatementRow.objects.filter(type="erasure.done").count() == 1


@pytest.fixture
def dying(tmp_path: Path, settings: Any, child_environment: dict[str, str]) -> dict[str, str]:
    """The environment of processes that are killed."""
    return child_environment | {
        "MEDIA_URL": str(tmp_path / "media"),
        "LOG_DIR": str(tmp_path / "log"),
        "STARTER_WEIGHTS": str(tmp_path / "starter.safetensors"),
    }


@pytest.mark.slow
def test_an_erasure_that_is_killed_anywhere_did_nothing_or_everything(
    tmp_path: Path, settings: Any, dying: dict[str, str]
) -> None:
    studio = Studio.open(tmp_path, settings)
    world, ada = studio.world, studio.ada
    scan = world.asset(studio.archive, kind="scan", title="Scan", inventory={**dict.fromkeys(
        ("artworks", "locations", "marks", "music"), "none"), "people": "listed"})  # fmt: skip
    world.appearance(scan, ada, by=studio.archive)
    queued = studio.queued()
    request = asked(world, ada)
    make_due(request.id)
    about = set(StatementRow.objects.filter(subject=ada.id).values_list("digest", flat=True))
    for point in map(str, range(0, 90, 90 // POINTS)):
        assert died(dying, request.id, point), point
        assert len(open_statements(about)) == len(about)
        assert ErasureRequest.objects.get(id=request.id).done_at is None
        assert state_of(queued) == "queued"
        assert path_of(scan.id).exists()
        assert not StatementRow.objects.filter(type="erasure.done").exists()
    assert fsck.run().findings == []
    assert died(dying, request.id, "commit")
    assert open_statements(about) == {}
    assert ErasureRequest.objects.get(id=request.id).done_at is not None
    assert state_of(queued) == "aborted"
    assert path_of(scan.id).exists()  # no key opens it any more
    assert Leftover.objects.exists()
    assert remove_leftovers() >= 1
    assert not path_of(scan.id).exists()
    assert not Leftover.objects.exists()
    assert fsck.run().findings == []


def died(environment: dict[str, str], request: str, point: str) -> bool:
    """Run an erasure until it kills itself; say whether it did."""
    command = [sys.executable, "-m", "tests.erase_driver", request, point]
    done = subprocess.run(
        command, cwd=configured.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode == 0:
        print(json.loads(done.stdout))
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0
