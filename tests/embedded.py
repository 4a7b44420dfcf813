"""
Watch the embedded PostgreSQL from outside: who holds it, which processes it has, and that none is left.

A *holder* is a child process that holds the server, says its address and waits, so that it can be killed.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config.postgres.home import Home

PROJECT = Path(__file__).resolve().parents[1]
GRACE_S = 1.0  # for the supervisors of these tests
GONE_S = GRACE_S + 10

HOLDER = """
import sys
from pathlib import Path
from config.postgres.holders import hold
with hold(Path(sys.argv[1]), unsafe_fast=True) as server:
    print(server.uri("postgres", "owner"), flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def holder(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
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


def clear(asked: Path) -> None:
    """Stop what a test left running, and remove its cluster, which for root lies outside the test's directory."""
    if asked.exists():
        home = Home.at(asked)
        for process in supervisors(asked):
            process.terminate()
        eventually(lambda: not supervisors(asked) and not servers(home), 30)
        shutil.rmtree(home.root)
        shutil.rmtree(home.sockets, ignore_errors=True)


def supervisors(asked: Path) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] and _supervises(p.info["cmdline"], asked)]


def _supervises(command: list[str], asked: Path) -> bool:
    return "config.postgres.supervisor" in command and str(asked) in command


def servers(home: Home) -> list[psutil.Process]:
    """Every process of the cluster, not only the first."""
    return [p for p in psutil.process_iter() if _cwd(p) == str(home.data)]


def _cwd(process: psutil.Process) -> str | None:
    try:
        return process.cwd()
    except psutil.Error:
        return None


def postmaster(home: Home) -> psutil.Process:
    return psutil.Process(int((home.data / "postmaster.pid").read_text().split()[0]))


def eventually(happened: Callable[[], bool], within_s: float) -> None:
    until = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < until, f"did not happen within {within_s} s"
        time.sleep(0.05)


def answer(uri: str) -> object:
    with psycopg.connect(uri) as connection:
        return connection.execute("SELECT 42").fetchone()


def run(uri: str, statement: str) -> object:
    with psycopg.connect(uri, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def answers(uri: str) -> bool:
    try:
        return answer(uri) == (42,)
    except psycopg.OperationalError:
        return False


def temporary_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The body of a fixture: a home whose server ends soon after its last holder, and at the latest with the test."""
    monkeypatch.setenv("POSTGRES_GRACE_S", str(GRACE_S))
    yield tmp_path / "postgres"
    clear(tmp_path / "postgres")
