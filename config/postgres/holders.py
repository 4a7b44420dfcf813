"""
Hold the shared server: what callers use.

1. Take the holders' lock, shared. A supervisor that is leaving has it alone, so this waits until it has gone.
2. Connect. An answer is the only proof that a server runs.
3. No answer and nobody supervises: start a supervisor; try again.
"""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config.postgres.home import Home, PostgresError
from config.postgres.supervisor import ANOTHER_SUPERVISES

ATTEMPTS = 3  # supervisors that ended before their server answered
PROJECT = Path(__file__).resolve().parents[2]

_guard = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    home: Home

    def uri(self, database: str, role: str = "app") -> str:
        """The address of a database for the role `owner`, `app` or `postgres`."""
        return self.home.uri(database, role)


_kept: dict[Path, tuple[Server, contextlib.ExitStack]] = {}


@contextlib.contextmanager
def hold(asked: Path, *, unsafe_fast: bool = False) -> Iterator[Server]:
    """Give a running server, which runs until the block ends or longer."""
    home = Home.at(asked)
    with home.locked("holders", fcntl.LOCK_SH):
        _wait_for_answer(asked, home, unsafe_fast=unsafe_fast)
        yield Server(home=home)


def keep(asked: Path, *, unsafe_fast: bool = False) -> Server:
    """
    Hold the server as long as this process or a fork of it lives.

    Calling it again costs a few system calls, and starts a server whose supervisor was killed.
    """
    with _guard:
        if asked not in _kept:
            opened = contextlib.ExitStack()
            server = opened.enter_context(hold(asked, unsafe_fast=unsafe_fast))
            _kept[asked] = server, opened
        server, _ = _kept[asked]
        if not _is_supervised(server.home):
            _wait_for_answer(asked, server.home, unsafe_fast=unsafe_fast)
        return server


def let_go(asked: Path) -> None:
    """End what ``keep`` began, before the process ends."""
    with _guard:
        _, opened = _kept.pop(asked)
        opened.close()


def _wait_for_answer(asked: Path, home: Home, *, unsafe_fast: bool) -> None:
    supervisors = 0
    while (refusal := _refusal(home)) is not None:
        if _is_supervised(home):
            time.sleep(0.02)
        elif supervisors < ATTEMPTS:
            supervisors += _start_supervisor(asked, unsafe_fast=unsafe_fast)
        else:
            raise PostgresError(f"PostgreSQL does not start: {refusal}\n{_last_words(home)}")


def _refusal(home: Home) -> str | None:
    """Why the server does not answer, or None if it does."""
    if not home.data.exists():
        return "there is no cluster yet"
    try:
        psycopg.connect(home.uri("postgres", "owner"), connect_timeout=10).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise PostgresError(f"the passwords in `{home.root}` are not those of the cluster beside them") from None
        return str(error).strip()
    return None


def _is_supervised(home: Home) -> bool:
    with home.locked("supervisor", fcntl.LOCK_SH | fcntl.LOCK_NB) as free:
        return free is None


def _start_supervisor(asked: Path, *, unsafe_fast: bool) -> bool:
    """Start one, unless another process was first; say whether it was ours."""
    command = [sys.executable, "-m", "config.postgres.supervisor", str(asked.absolute())]
    done = subprocess.run(
        command + (["--unsafe-fast"] if unsafe_fast else []),
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in {0, ANOTHER_SUPERVISES}:
        raise PostgresError(done.stderr.strip())
    return done.returncode == 0


def _last_words(home: Home) -> str:
    lines = home.log.read_text(errors="replace").splitlines() if home.log.exists() else []
    return "\n".join(lines[-5:])
