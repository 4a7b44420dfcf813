"""
The detached process that runs the server: ``python -m config.postgres.supervisor HOME [--unsafe-fast]``.

The process that was started takes the supervisor's lock, makes the cluster, forks and ends; its status and its error
output are the answer to whoever started it. The fork, in a session of its own, keeps the lock (a lock belongs to the
open file, not to the process) and

1. starts the server, and starts it again when it dies;
2. looks at the holders' lock four times a second, and a grace after nobody has had it any more, takes it for itself,
   so that a new holder waits, stops the server and ends.

A killed supervisor takes its server with it (see ``cluster``), and the next holder starts both again.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from config.postgres import cluster
from config.postgres.account import account
from config.postgres.cluster import Cluster
from config.postgres.home import Home, PostgresError

LOOK_S = 0.25
GRACE_S = float(os.environ.get("POSTGRES_GRACE_S", "5"))  # `make` runs commands in a row: keep the server in between
CALM_S = 10.0  # a server that lived as long as this did start
PATIENCE_S = 60.0  # after a crash, left-over sessions may keep the memory for a while
ANOTHER_SUPERVISES = 3


def main(asked: str, *, unsafe_fast: bool) -> int:
    home = Home.at(Path(asked))
    lock = home.try_lock("supervisor", fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is None:
        return ANOTHER_SUPERVISES
    try:
        made = Cluster.of(home, account())
        made.prepare(unsafe_fast=unsafe_fast)
    except (PostgresError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if os.fork():
        return 0
    _detach(home)
    _supervise(made, lock, unsafe_fast=unsafe_fast)
    return 0


def _detach(home: Home) -> None:
    os.setsid()
    os.chdir("/")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    null, log = os.open(os.devnull, os.O_RDWR), os.open(home.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


def _supervise(made: Cluster, lock: int, *, unsafe_fast: bool) -> None:
    server = made.start(unsafe_fast=unsafe_fast)
    began = wanted = time.monotonic()
    give_up = began + CALM_S
    try:
        while made.home.is_still(lock, "supervisor"):  # a deleted home needs no server
            if _ended_within(server, LOOK_S):
                if time.monotonic() - began > CALM_S:
                    give_up = time.monotonic() + PATIENCE_S
                server, began = _start_again(made, server, give_up, unsafe_fast=unsafe_fast), time.monotonic()
            if _somebody_holds(made.home):
                wanted = time.monotonic()
            elif time.monotonic() - wanted > GRACE_S and _leave(made.home):
                return  # the holders' lock is ours until this process ends
    finally:
        cluster.stop(server)


def _ended_within(server: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        server.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _start_again(
    made: Cluster, server: subprocess.Popen[bytes], give_up: float, *, unsafe_fast: bool
) -> subprocess.Popen[bytes]:
    if server.returncode >= 0 and time.monotonic() > give_up:
        sys.exit(1)  # it refuses to start: its reason is in the log, and whoever waits will read it there
    print(f"supervisor: postgres ended with {server.returncode}; starting it again", file=sys.stderr, flush=True)
    time.sleep(LOOK_S)
    made.prepare(unsafe_fast=unsafe_fast)
    return made.start(unsafe_fast=unsafe_fast)


def _somebody_holds(home: Home) -> bool:
    with home.locked("holders", fcntl.LOCK_EX | fcntl.LOCK_NB) as free:
        return free is None


def _leave(home: Home) -> bool:
    """Take the holders' lock for good; a holder who came in this moment is served instead."""
    return home.try_lock("holders", fcntl.LOCK_EX | fcntl.LOCK_NB) is not None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], unsafe_fast="--unsafe-fast" in sys.argv[2:]))
