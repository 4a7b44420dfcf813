"""
Run everything on one machine: ``python -m config.stack`` (``make run``).

1. Hold the embedded PostgreSQL, unless ``DATABASE_URL`` names another; migrate and set up.
2. Start the web server, a worker and the publisher; wait until the web server answers; say where to look.
3. Start again whatever dies. Stop all at Ctrl-C; if this process is killed, the kernel stops them.

On a cluster the same three commands run under whatever runs things there.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from config.death import die_with_parent

PROJECT = Path(__file__).resolve().parents[1]
LOOK_S = 0.2
POLITE_S = 15.0  # how long a child may take to stop before it is killed; nothing is lost by that
LONGEST_PAUSE_S = 30.0  # between starts of a child that keeps dying

SET_UP = (("migrate", "--verbosity", "0"), ("setup",))  # commands that bring the instance up to date, quick when it is

HOST = os.environ.get("HOST", "127.0.0.1")
PORT = os.environ.get("PORT", "8000")
THREADS = os.environ.get("WEB_THREADS", "4")  # two answer fastest; an event stream occupies one as long as it is open
PROGRAMS = Path(sys.executable).parent


@dataclass(slots=True, kw_only=True)
class Child:
    """One of the processes, and what happened to it."""

    name: str
    command: list[str | Path]
    orphaned: signal.Signals  # what the kernel sends if we are killed
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause_s: float = 0.0

    def start(self) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C comes to us, and we stop them in order
            preexec_fn=die_with_parent(self.orphaned),
        )

    def look(self) -> None:
        """Start it again if it died; at once the first time, more slowly if it keeps dying."""
        if self.process is None:
            if time.monotonic() - self.began > self.pause_s:
                self.start()
        elif (code := self.process.poll()) is not None:
            self._kill_the_rest()
            lived = time.monotonic() - self.began
            self.pause_s = 0.0 if lived > LONGEST_PAUSE_S else min(2 * self.pause_s + 0.5, LONGEST_PAUSE_S)
            say(f"{self.name} ended with {code} after {lived:.0f} s; starting it again in {self.pause_s:.1f} s")
            self.began, self.process = time.monotonic(), None

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def insist(self, until: float) -> None:
        """Wait for it; then kill it and whatever it started."""
        if self.process is not None:
            try:
                self.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{self.name} does not stop: killed")
            self._kill_the_rest()
            self.process.wait()

    def _kill_the_rest(self) -> None:
        """What it started is in its session; a web server's worker would keep the port."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def children() -> list[Child]:
    python = Path(sys.executable)
    web = f"--interface wsgi --host {HOST} --port {PORT} --workers 1 --blocking-threads {THREADS} --no-access-log"
    worker = "--app config.celery --quiet worker --concurrency 1 --loglevel WARNING"
    quiet = "--without-gossip --without-mingle --without-heartbeat"
    root = "ignore:You're running the worker with superuser"  # Celery's warning; the queue is ours
    return [
        Child(
            name="web server",
            command=[PROGRAMS / "granian", *web.split(), "--log-level", "warning", "config.wsgi:application"],
            orphaned=signal.SIGTERM,
        ),
        Child(
            name="worker",
            command=[python, "-W", root, "-m", "celery", *worker.split(), *quiet.split()],
            orphaned=signal.SIGQUIT,  # Celery's quick way out: the shot's lease runs out and another worker takes it
        ),
        Child(name="publisher", command=[python, "manage.py", "publish"], orphaned=signal.SIGTERM),
    ]


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if _is_taken(HOST, int(PORT)):
        say(f"something listens on {HOST}:{PORT} already: stop it, or set PORT to another number")
        return 1
    for command in SET_UP:
        if subprocess.run([sys.executable, "manage.py", *command], cwd=PROJECT, check=False).returncode:
            return 1
    signal.signal(signal.SIGTERM, _interrupt)
    everybody = children()
    try:
        for child in everybody:
            child.start()
        _wait_for_answer(everybody)
        say(f"running: http://{HOST}:{PORT}/api/v1/docs   (Ctrl-C stops it)")
        while True:
            _look_after(everybody)
    except KeyboardInterrupt:
        say("stopping")
    finally:
        _stop(everybody)
    return 0


def say(line: str) -> None:
    print(line, flush=True)


def _look_after(everybody: list[Child]) -> None:
    for child in everybody:
        child.look()
    time.sleep(LOOK_S)


def _wait_for_answer(everybody: list[Child]) -> None:
    """Any answer will do, even a problem: it comes from our code."""
    while True:
        try:
            urllib.request.urlopen(f"http://{HOST}:{PORT}/", timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            _look_after(everybody)


def _stop(everybody: list[Child]) -> None:
    for child in everybody:
        child.ask_to_stop()
    until = time.monotonic() + POLITE_S
    for child in everybody:
        child.insist(until)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    raise KeyboardInterrupt


def _is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


if __name__ == "__main__":
    sys.exit(main())
