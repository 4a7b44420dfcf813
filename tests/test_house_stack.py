"""`make run`, with its real processes: it answers, mends itself, stops when asked, and leaves nothing behind."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.embedded import eventually
from tests.web_server import free_port

PROJECT = Path(__file__).resolve().parents[1]
START_S = 180  # it migrates and sets up first, and other tests may have the processor
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@dataclass(slots=True)
class Stack:
    process: subprocess.Popen[str]
    port: int
    lines: queue.Queue[str]

    def wait_for(self, text: str) -> str:
        until = time.monotonic() + START_S
        while True:
            line = self.lines.get(timeout=max(0.1, until - time.monotonic()))
            if text in line:
                return line

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        """The child itself, not what it started."""
        mine = psutil.Process(self.process.pid).children()
        return next(process for process in mine if any(word in part for part in process.cmdline()))

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            return False
        return True


@pytest.fixture
def stack(child_environment: dict[str, str], tmp_path: Path) -> Iterator[Stack]:
    port = free_port()
    own = {"PORT": str(port), "LOG_DIR": str(tmp_path / "log"), "MEDIA_URL": str(tmp_path / "media")}
    process = subprocess.Popen(
        [sys.executable, "-m", "config.stack"],
        cwd=PROJECT,
        env=child_environment | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    reader = threading.Thread(target=lambda out: [lines.put(line) for line in out], args=[process.stdout])
    reader.start()
    try:
        running = Stack(process, port, lines)
        running.wait_for("running: ")
        yield running
    finally:  # before its output is closed, which waits for the reader, who waits for its end
        if process.poll() is None:
            process.terminate()
        process.wait()
        reader.join()
        process.stdout.close()


def _all_gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def test_what_was_killed_is_started_again_and_ctrl_c_stops_all_of_it(stack: Stack) -> None:
    assert stack.answers()
    for word, name in (("granian", "web server"), ("celery", "worker")):
        stack.child(word).kill()
        stack.wait_for(f"{name} ended with -9")
    eventually(stack.answers, START_S)
    eventually(lambda: len(stack.children()) >= 4, START_S)
    everybody = stack.children()
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(30) == 0
    eventually(lambda: _all_gone(everybody), 5)


def test_it_sets_itself_up_and_serves_the_log(stack: Stack) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/log/checkpoint", timeout=5) as answer:
        origin, size, *_ = answer.read().decode().split("\n")
    assert origin == "proviso.local/log"
    assert int(size) > 290  # the sample library, the registry's own party, and the shipped weights


def test_a_killed_stack_leaves_no_process_behind(stack: Stack) -> None:
    everybody = stack.children()
    assert len(everybody) >= 4
    stack.process.kill()
    stack.process.wait()
    eventually(lambda: _all_gone(everybody), 20)


def test_a_port_in_use_is_told_before_anything_starts(stack: Stack, child_environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "config.stack"],
        cwd=PROJECT,
        env=child_environment | {"PORT": str(stack.port)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "set PORT to another number" in done.stdout
