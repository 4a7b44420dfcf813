"""Workers and the database, killed while shots are in flight: no answer is lost, nothing is released twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as the_settings

from config.postgres.home import Home
from generation.models import Release, Shot, ShotEvent
from registry.models import StatementRow
from tests.embedded import clear, eventually, postmaster
from tests.studio import Studio, events_of, state_of

STEPS = 50  # of a render that is to be killed: some seconds at the tiny size
LEASE_S = 2
KILLS = 2  # of the database


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_another_one_releases_once(
    tmp_path: Path, settings: Any, child_environment: dict[str, str]
) -> None:
    studio = Studio.open(tmp_path, settings)
    environment = child_environment | {
        "MEDIA_URL": str(settings.MEDIA_DIR),
        "LOG_DIR": str(settings.LOG_DIR),
        "STARTER_WEIGHTS": str(settings.STARTER_WEIGHTS),
        "LEASE_S": str(LEASE_S),
    }
    shot = studio.queued(studio.empty_request(controls={"steps": STEPS}))
    with worker(environment) as first:
        eventually(lambda: Shot.objects.get(id=shot).step > 2, 60)
        kill(first)
    killed = Shot.objects.get(id=shot)
    assert (killed.state, killed.fence) == ("running", 1)
    assert 2 < killed.step < STEPS
    with worker(environment):
        eventually(lambda: studio.world.publish() > 0 and state_of(shot) == "released", 90)
    assert Release.objects.filter(shot=shot).count() == 1
    assert StatementRow.objects.filter(type="shot.released").count() == 1
    assert events_of(shot).count("running") == 2
    assert ShotEvent.objects.filter(shot=shot, event="running").latest("seq").data["attempt"] == 2
    assert studio.get(f"/shots/{shot}/media").status_code == 200


@pytest.mark.slow
def test_a_killed_database_loses_no_answer_and_releases_nothing_twice(tmp_path: Path) -> None:
    home = tmp_path / "postgres"
    environment = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")} | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "INSTANCE": "crash",
        "VAR_DIR": str(tmp_path / "var"),
        "POSTGRES_HOME": str(home),
        "POSTGRES_GRACE_S": "1",
        "BROKER_URL": "memory://",
        "LEASE_S": str(LEASE_S),
        "LOG_LEVEL": "CRITICAL",
        "ALLOWED_HOSTS": "testserver",
    }
    try:
        said = drive(tmp_path, environment, home)
    finally:
        clear(home)
    acknowledged = [line["acknowledged"] for line in said if "acknowledged" in line]
    (found,) = [line["found"] for line in said if "found" in line]
    assert len(acknowledged) >= 3
    assert set(acknowledged) <= set(found["states"])
    assert set(found["states"].values()) == {"released"}, found
    assert sorted(found["released"]) == sorted(found["states"])
    assert found["statements"] == len(found["released"])
    assert (found["closed"], found["faults"]) == ([], [])


def drive(folder: Path, environment: dict[str, str], home: Path) -> list[dict[str, Any]]:
    """Run the driver, kill its database while it works, tell it to come to an end; return what it said."""
    command = [sys.executable, "-m", "tests.crash_driver", str(folder)]
    with subprocess.Popen(
        command, cwd=the_settings.BASE_DIR, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdout is not None
        assert json.loads(driver.stdout.readline()) == {"ready": True}
        for _ in range(KILLS):
            time.sleep(2)
            postmaster(Home.at(home)).send_signal(signal.SIGKILL)
        time.sleep(2)
        said, _ = driver.communicate(timeout=120)
    assert driver.returncode == 0
    return [json.loads(line) for line in said.splitlines()]


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker as `make run` starts it, in a process group of its own."""
    command = [sys.executable, "-m", "celery", "--app", "config.celery", "--quiet", "worker", "--concurrency", "1"]
    command += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    process = subprocess.Popen(command, cwd=the_settings.BASE_DIR, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker and its children as the kernel does when memory is short: without a word."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
