"""
Real processes that die by SIGKILL at a numbered point, quickly started.

``python -m tests.crash_process FOLDER`` sets Django up once, holds no connection, and then forks a process for every
order on its standard input: ``{"act": "publish", "fatal": 12, "how": "kill"}``. The child numbers its points
(``tests.crash_points``) and at the fatal one kills itself, or stops itself so that others can go on beside it. What a
client would have got from it before that is a line in ``FOLDER/<pid>``.

``Processes`` is the other end, for tests.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
START_S = 60


@dataclass(slots=True)
class Processes:
    """The forking process, and where its children leave what they answered."""

    driver: subprocess.Popen[str]
    folder: Path

    def start(self, act: str, *, fatal: int | None = None, how: str = "kill", **arguments: Any) -> int:
        pid: int = self._order(act=act, fatal=fatal, how=how, arguments=arguments)
        return pid

    def wait(self, pid: int, seconds: float = START_S) -> str:
        """Return `killed`, `stopped`, `ended`, `failed`, or `running` where it took too long."""
        state: str = self._order(act="wait", pid=pid, seconds=seconds)
        return state

    def kill(self, pid: int) -> None:
        self._order(act="end", pid=pid)

    def run(self, act: str, **arguments: Any) -> str:
        return self.wait(self.start(act, **arguments))

    def answers(self, pid: int) -> list[Any]:
        file = self.folder / str(pid)
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def _order(self, **order: Any) -> Any:
        assert self.driver.stdin is not None
        assert self.driver.stdout is not None
        self.driver.stdin.write(json.dumps(order) + "\n")
        self.driver.stdin.flush()
        return json.loads(self.driver.stdout.readline())


@contextmanager
def processes(environment: dict[str, str], folder: Path) -> Iterator[Processes]:
    folder.mkdir()
    command = [sys.executable, "-m", "tests.crash_process", str(folder)]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as driver:
        yield Processes(driver, folder)
        assert driver.stdin is not None
        driver.stdin.close()


# --- The other end ----------------------------------------------------------------------------------------------------


def main(folder: Path) -> None:
    acts = _set_up()
    for line in sys.stdin:
        order = json.loads(line)
        if order["act"] == "wait":
            answer: Any = _wait(order["pid"], order["seconds"])
        elif order["act"] == "end":
            os.kill(order["pid"], signal.SIGKILL)
            answer = _wait(order["pid"], START_S)
        else:
            answer = _fork(lambda order=order: _child(acts, order, folder))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _set_up() -> dict[str, Callable[..., Any]]:
    """Import everything that a child needs: it is forked from a process that has no thread and no connection."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.urls import get_resolver

    from registry.core import envelope  # noqa: F401 - imported before the fork, like what the resolver imports

    get_resolver().url_patterns  # noqa: B018 - imports every view

    def publish() -> None:
        call_command("publish", once=True, stdout=sys.stderr)

    def accept(submission: Any, secret: str) -> Any:
        answer = Client().post(
            "/api/v1/statements",
            json.dumps(submission),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert answer.status_code in (200, 201), answer.content
        return answer.json()["digest"]

    return {"publish": publish, "accept": accept}


def _fork(run: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            run()
        except BaseException:  # noqa: BLE001 - a child must never go on as its parent
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid


def _child(acts: dict[str, Callable[..., Any]], order: dict[str, Any], folder: Path) -> None:
    from tests.crash_points import Points, numbered

    os.dup2(2, 1)  # our parent alone speaks to the test
    points = Points(fatal=order["fatal"], die=lambda: os.kill(os.getpid(), SIGNALS[order["how"]]))
    with numbered(points):
        answer = acts[order["act"]](**order["arguments"])
        if answer is not None:
            (folder / str(os.getpid())).write_text(json.dumps(answer) + "\n")  # the client has it
        points.reach("after the answer")


def _wait(pid: int, seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WUNTRACED | os.WNOHANG)
        if found:
            return _state(status)
        time.sleep(0.002)
    return "running"


def _state(status: int) -> str:
    if os.WIFSTOPPED(status):
        return "stopped"
    if os.WIFSIGNALED(status):
        return "killed"
    return "ended" if os.WEXITSTATUS(status) == 0 else "failed"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
