"""The publisher as a real process: killed again and again, run twice at once, told to stop."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as the_settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from registry.models import Leaf
from tests.log_walk import append, publish_all, walk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

KILLS = 6
BURST = 5  # statements in one transaction


@pytest.fixture(autouse=True)
def log_dir(settings, tmp_path: Path) -> Path:
    settings.LOG_DIR = tmp_path / "log"
    return settings.LOG_DIR


@pytest.fixture
def environment(child_environment: dict[str, str], log_dir: Path) -> dict[str, str]:
    return child_environment | {"LOG_DIR": str(log_dir)}


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "publish"],
        cwd=the_settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def appending() -> Iterator[list[int]]:
    """Append without end in another thread; the list counts what was acknowledged."""
    done, acknowledged = threading.Event(), [0]

    def work() -> None:
        try:
            while not done.is_set():
                append(*range(acknowledged[0], acknowledged[0] + BURST))
                acknowledged[0] += BURST
                time.sleep(0.002)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield acknowledged
    finally:
        done.set()
        thread.join()


def first_line(publisher: subprocess.Popen[str]) -> dict[str, object]:
    assert publisher.stdout is not None
    line: dict[str, object] = json.loads(publisher.stdout.readline())
    return line


def test_a_publisher_killed_at_any_moment_loses_and_forks_nothing(environment: dict[str, str]) -> None:
    chance = random.Random(11)
    with appending() as acknowledged:
        for _ in range(KILLS):
            with start(environment) as publisher:
                first_line(publisher)
                time.sleep(chance.uniform(0, 0.15))
                publisher.kill()
    total = Leaf.objects.count()
    assert total == acknowledged[0]
    publish_all()
    walk(total)


def test_two_publishers_at_once_are_harmless_even_when_one_is_killed(environment: dict[str, str]) -> None:
    with appending(), start(environment) as one, start(environment) as other:
        first_line(one)
        first_line(other)
        time.sleep(0.3)
        one.kill()
        time.sleep(0.2)
        other.terminate()
        _, said = other.communicate()
        assert (other.returncode, said) == (0, "")
    publish_all()
    walk(Leaf.objects.count())


def test_told_to_stop_it_ends_cleanly_and_has_said_one_line_a_checkpoint(environment: dict[str, str]) -> None:
    append(0, 1, 2)
    with start(environment) as publisher:
        said = first_line(publisher)
        publisher.send_signal(signal.SIGTERM)
        rest, errors = publisher.communicate(timeout=20)
    assert (publisher.returncode, rest, errors) == (0, "", "")
    assert said["size"] == 3
    walk(3)


def test_it_waits_for_a_database_that_is_away_and_goes_on(environment: dict[str, str]) -> None:
    with start(environment) as publisher:
        append(0)
        first_line(publisher)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        append(1)
        assert first_line(publisher)["size"] == 2
        publisher.terminate()
        publisher.communicate(timeout=20)
    assert publisher.returncode == 0
    walk(2)


def test_once_publishes_what_is_there_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    append(0, 1)
    call_command("publish", once=True)
    assert json.loads(capsys.readouterr().out)["size"] == 2
    call_command("publish", once=True, rebuild=True)
    assert capsys.readouterr().out == ""
    walk(2)


def test_a_damaged_log_ends_the_command_with_a_sentence(log_dir: Path) -> None:
    append(0)
    call_command("publish", once=True)
    (log_dir / "checkpoint").write_text("gone\n")
    append(1)
    with pytest.raises(CommandError, match="the log is damaged"):
        call_command("publish", once=True)
