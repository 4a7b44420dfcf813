"""A web server killed with -9 in the middle of a stream of statements loses none that it acknowledged."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from registry.models import Leaf, StatementRow
from tests.web_server import free_port, kill, web_server
from tests.world import Actor, World, new_id
from web import fsck

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CLIENTS = 3
STREAM = 120  # statements that are ready to be sent
KILL_AFTER = 40  # acknowledged statements


@pytest.fixture
def environment(settings: Any, tmp_path: Path, child_environment: dict[str, str]) -> dict[str, str]:
    settings.LOG_DIR = tmp_path / "log"
    return child_environment | {"LOG_DIR": str(settings.LOG_DIR)}


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
