"""
The embedded PostgreSQL, with real processes: each way that such a thing is known to fail, and that ours does not.

Where it keeps its things and what root changes is in ``test_house_postgres_places``.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.postgres import holders
from config.postgres.home import Home
from tests.embedded import (
    GONE_S,
    GRACE_S,
    HOLDER,
    PROJECT,
    answer,
    answers,
    eventually,
    holder,
    postmaster,
    run,
    servers,
    supervisors,
    temporary_home,
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield from temporary_home(tmp_path, monkeypatch)


def test_the_first_start_takes_less_than_three_seconds_and_the_second_less_than_one(home: Path) -> None:
    began = time.monotonic()
    with holders.hold(home):
        first = time.monotonic() - began
    began = time.monotonic()
    with holders.hold(home):
        second = time.monotonic() - began
    assert first < 3 * _slowness()
    assert second < 1 * _slowness()


def _slowness() -> float:
    """A busy machine is no fault of ours: as many times slower as there are running processes for each core."""
    return max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


def test_two_holders_share_one_server(home: Path) -> None:
    with holder(home) as (_, one), holder(home) as (_, two):
        assert one == two
        assert len(supervisors(home)) == 1
        with psycopg.connect(one) as a, psycopg.connect(two) as b:
            assert a.execute("SELECT pg_postmaster_start_time()").fetchone() == (
                b.execute("SELECT pg_postmaster_start_time()").fetchone()
            )


def test_many_holders_that_start_at_once_get_one_server(home: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(home)], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        for _ in range(6)
    ]
    answers = {child.communicate()[0] for child in children}
    assert {child.returncode for child in children} == {0}
    assert len(answers) == 1
    assert len(supervisors(home)) == 1


def test_the_server_outlives_the_holder_who_started_it_while_another_holds(home: Path) -> None:
    with holder(home) as (first, uri), holder(home):
        first.kill()
        first.wait()
        time.sleep(GRACE_S + 1)
        assert answer(uri) == (42,)


def test_a_killed_holder_leaks_no_server(home: Path) -> None:
    with holder(home) as (child, _):
        child.kill()
    eventually(lambda: not supervisors(home) and not servers(Home.at(home)), GONE_S)


def test_the_server_stops_when_nobody_holds_it_any_more_and_starts_again_for_the_next(home: Path) -> None:
    with holder(home) as (_, uri):
        run(uri, "CREATE DATABASE kept")
    eventually(lambda: not supervisors(home) and not servers(Home.at(home)), GONE_S)
    with holder(home) as (_, uri):
        assert run(uri, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == (1,)


def test_a_killed_supervisor_stops_its_server_and_the_next_start_recovers(home: Path) -> None:
    with holder(home) as (_, uri):
        run(uri, "CREATE DATABASE kept")
        (killed,) = supervisors(home)
        killed.kill()
        with holder(home) as (_, again):
            assert run(again, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == (1,)
        (other,) = supervisors(home)
        assert other.pid != killed.pid


def test_a_killed_supervisor_with_no_next_start_leaves_no_server(home: Path) -> None:
    with holder(home):
        (killed,) = supervisors(home)
        killed.kill()
        eventually(lambda: not servers(Home.at(home)), 20)


def test_a_server_that_was_killed_is_started_again_with_everything_committed(home: Path) -> None:
    with holder(home) as (_, uri):
        run(uri, "CREATE DATABASE kept")
        postmaster(Home.at(home)).kill()
        eventually(lambda: answers(uri), 30)
        assert run(uri, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == (1,)


def test_a_holder_that_stays_gets_a_server_again_after_its_supervisor_was_killed(home: Path) -> None:
    server = holders.keep(home, unsafe_fast=True)
    try:
        (killed,) = supervisors(home)
        killed.kill()
        eventually(lambda: not servers(Home.at(home)), 20)
        assert holders.keep(home, unsafe_fast=True) is server
        assert answer(server.uri("postgres", "owner")) == (42,)
    finally:
        holders.let_go(home)


def test_a_stale_pid_file_gives_no_address_without_a_server(home: Path) -> None:
    with holder(home):
        pass
    where = Home.at(home)
    for process in supervisors(home):
        process.terminate()
    eventually(lambda: not servers(where), 20)
    # The number of a living process, as after a reboot or in a container: this one's.
    (where.data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{where.data}\n1\n5432\n{where.sockets}\n\n  1 1\nready\n"
    )
    with holder(home) as (_, uri):
        assert answer(uri) == (42,)


def test_a_half_done_initdb_is_not_taken_for_a_cluster(home: Path) -> None:
    where = Home.at(home)
    (where.root / "data.new" / "base").mkdir(parents=True)
    (where.root / "data.new" / "PG_VERSION").write_text("18\n")
    with holder(home) as (_, uri):
        assert answer(uri) == (42,)
    assert not (where.root / "data.new").exists()


def test_the_supervisor_stays_small(home: Path) -> None:
    with holder(home):
        (process,) = supervisors(home)
        assert process.memory_info().rss < 25 * 2**20


def test_a_leaving_supervisor_makes_a_new_holder_wait_and_not_fail(home: Path) -> None:
    where = Home.at(home)
    with holder(home):
        pass
    leaving = where.try_lock("holders", fcntl.LOCK_EX)  # as the supervisor does before it stops the server
    assert leaving is not None
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    with child:
        time.sleep(0.5)
        assert child.poll() is None
        os.close(leaving)
        assert child.communicate(timeout=30)[0].startswith(b"postgresql://")


def test_signals_meant_for_a_terminal_do_not_reach_the_server(home: Path) -> None:
    with holder(home) as (child, uri):
        (process,) = supervisors(home)
        assert os.getsid(process.pid) == process.pid
        child.send_signal(signal.SIGINT)
        child.wait()
        assert answer(uri) == (42,)
