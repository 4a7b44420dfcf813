"""
The running system that the story is played on: the same stack as `make run`, on this instance and a free port.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from web.demo.phone import RP_ID, origin_of

START_S = 60.0  # a cold start of web server, worker and publisher takes about six seconds
STOP_S = 20.0


@contextmanager
def running(log: Path) -> Iterator[str]:
    """Start the stack, wait until it answers, and stop it in the end. Yields its base address."""
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    pages = {"PASSKEY_RP_ID": RP_ID, "PASSKEY_ORIGINS": origin_of(base)}
    environment = os.environ | {"INSTANCE": settings.INSTANCE, "HOST": "127.0.0.1", "PORT": str(port)} | pages
    with log.open("wb") as output:
        stack = subprocess.Popen(
            [sys.executable, "-m", "config.stack"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(base, stack, log)
            yield base
        finally:
            stack.send_signal(signal.SIGTERM)
            try:
                stack.wait(STOP_S)
            except subprocess.TimeoutExpired:
                stack.kill()


def _wait(base: str, stack: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if stack.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{base}/api/v1/docs", timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.1)
    raise CommandError(f"the stack did not start; the end of {log}:\n{log.read_text(errors='replace')[-1500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
