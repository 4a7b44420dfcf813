"""A real web server over a test's database: granian in processes of its own, that can be killed."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.conf import settings as the_settings

START_S = 60


@contextmanager
def web_server(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A real granian in a process group of its own."""
    server = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("granian")),
            *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", "1", "--blocking-threads", "2", "--no-access-log", "--log-level", "warning"),
            "config.wsgi:application",
        ],
        cwd=the_settings.BASE_DIR,
        env=environment,
        start_new_session=True,
    )
    try:
        _wait_until_it_answers(port)
        yield server
    finally:
        kill(server)
        server.wait()


def kill(server: subprocess.Popen[bytes]) -> None:
    """Kill the server and its workers, which have no chance to say anything."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


def _wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/log/vkey")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the web server did not start")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
