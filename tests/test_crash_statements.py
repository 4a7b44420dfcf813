"""A web server killed with -9 in the middle of a stream of statements loses none that it acknowledged."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as the_settings

from registry.models import Leaf, StatementRow
from tests.world import Actor, World, new_id
from web import fsck

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CLIENTS = 3
STREAM = 120  # statements that are ready to be sent
KILL_AFTER = 40  # acknowledged statements
START_S = 60


@pytest.fixture
def environment(settings: Any, tmp_path: Path, child_environment: dict[str, str]) -> dict[str, str]:
    settings.LOG_DIR = tmp_path / "log"
    return child_environment | {"LOG_DIR": str(settings.LOG_DIR)}


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


def signed_works(world: World, studio: Actor) -> list[bytes]:
    works = []
    for _ in range(STREAM):
        body = {"work": new_id(), "title": "The Ridge", "kind": "film", "identifiers": {}}
        works.append(json.dumps(world.signed("work.registered", body, by=studio)).encode())
    return works


def send_all(port: int, secret: str, submissions: list[bytes], acknowledged: list[str]) -> None:
    """Send one after the other until the server is gone; note each digest as soon as it is acknowledged."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    with (
        suppress(OSError, http.client.HTTPException),
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
    ):
        for submission in submissions:
            connection.request("POST", "/api/v1/statements", submission, headers)
            answer: Any = json.loads(connection.getresponse().read())
            acknowledged.append(answer["digest"])


def test_a_killed_web_server_loses_no_acknowledged_statement(environment: dict[str, str]) -> None:
    world = World()
    studio = world.party("Northlight", kind="organisation")
    secret, works, port = world.token(studio), signed_works(world, studio), free_port()
    acknowledged: list[str] = []
    with web_server(environment, port) as server:
        clients = [
            threading.Thread(target=send_all, args=(port, secret, works[place::CLIENTS], acknowledged))
            for place in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        while len(acknowledged) < KILL_AFTER and any(client.is_alive() for client in clients):
            time.sleep(0.005)
        kill(server)
        for client in clients:
            client.join()
    assert KILL_AFTER <= len(acknowledged) < STREAM  # it was killed in the middle
    kept = set(StatementRow.objects.values_list("digest", flat=True))
    assert set(acknowledged) <= kept
    assert set(Leaf.objects.values_list("digest", flat=True)) == kept
    with web_server(environment, port):
        again: list[str] = []
        send_all(port, secret, works, again)  # whoever got no answer sends the same again
    assert len(set(again)) == STREAM
    assert set(acknowledged) <= set(again)
    world.publish()
    assert fsck.run().findings == []
