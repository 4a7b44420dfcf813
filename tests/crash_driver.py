"""
A studio at full work in a process of its own, for `test_crash_worker` to pull the database away from under it.

``python -m tests.crash_driver FOLDER``: make a database of its own, then ask for shots and work on them in several
threads until standard input closes; go on until nothing is open, and say what there is. One JSON object a line:
``{"ready": true}``, ``{"acknowledged": shot}`` for every answer that a client got, ``{"found": …}`` at the end.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - only after the settings are there
from django.core.management import call_command  # noqa: E402 - after django.setup()
from django.db import OperationalError, connections  # noqa: E402 - after django.setup()
from django.test import Client  # noqa: E402 - after django.setup()
from psycopg_pool import PoolTimeout  # noqa: E402 - after django.setup()

from generation.models import Closure, Release, Shot  # noqa: E402 - after django.setup()
from generation.services.sweeping import sweep  # noqa: E402 - after django.setup()
from generation.services.working import work  # noqa: E402 - after django.setup()
from registry import log  # noqa: E402 - after django.setup()
from registry.locks import clock  # noqa: E402 - after django.setup()
from registry.models import StatementRow  # noqa: E402 - after django.setup()
from tests.studio import Studio  # noqa: E402 - after django.setup()
from web import fsck  # noqa: E402 - after django.setup()

GONE = (OperationalError, PoolTimeout)  # what a database that is being killed answers
WORKERS = 2
OPEN = ("queued", "running", "screening", "awaiting_approval")
GIVE_UP_S = 60


def main() -> None:
    call_command("migrate", verbosity=0)
    studio = Studio.open(Path(sys.argv[1]), settings)
    say(ready=True)
    stop = threading.Event()
    acts: list[tuple[Any, ...]] = [(publish,), (ask, studio), *((work, f"worker {n}") for n in range(WORKERS))]
    threads = [threading.Thread(target=until, args=(stop, *act)) for act in acts]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    finish()
    say(found=found())


def until(stop: threading.Event, act: Any, *arguments: Any) -> None:
    """Do one thing again and again, whatever the database says."""
    while not stop.is_set():
        try:
            act(*arguments)
        except GONE:
            pass
        finally:
            connections.close_all()
        time.sleep(0.02)


def ask(studio: Studio) -> None:
    """A client that sends a call until it is answered, with the same key."""
    body, key = studio.empty_request(controls={"steps": 6}), f"key {time.monotonic_ns()}"
    client = Client(raise_request_exception=False)
    for _ in range(100):
        answer = studio.ask(body, key=key, client=client)
        if answer.status_code == 201:
            say(acknowledged=answer.json()["id"])
            break
        time.sleep(0.05)
    time.sleep(0.3)


def publish() -> None:
    log.publish(at=clock())


def finish() -> None:
    """Work until nothing is open any more."""
    end = time.monotonic() + GIVE_UP_S
    while time.monotonic() < end:
        try:
            publish()
            sweep(at=clock())
            if work("last worker") is None and not Shot.objects.filter(state__in=OPEN).exists():
                publish()
                return
        except GONE:
            connections.close_all()
        time.sleep(0.05)


def found() -> dict[str, Any]:
    """What the database holds at the end."""
    report = fsck.run()
    return {
        "states": dict(Shot.objects.values_list("id", "state")),
        "released": list(Release.objects.values_list("shot", flat=True)),
        "closed": list(Closure.objects.values_list("shot", flat=True)),
        "statements": StatementRow.objects.filter(type="shot.released").count(),
        "faults": [str(fault) for fault in report.findings],
    }


def say(**line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
