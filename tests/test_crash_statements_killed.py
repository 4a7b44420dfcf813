"""Processes that take in statements over HTTP, killed with -9 at numbered points: no answer without its statement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry import log
from registry.models import Leaf, StatementRow
from tests.crash_process import Processes, processes
from tests.world import Actor, World, new_id
from web import fsck

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

POINTS = 30  # of one statement: its rows, its commit, its answer


@pytest.fixture
def ours(settings: Any, tmp_path: Path, child_environment: dict[str, str]) -> Iterator[Processes]:
    settings.LOG_DIR = tmp_path / "log"
    environment = child_environment | {"LOG_DIR": str(settings.LOG_DIR), "LOG_LEVEL": "CRITICAL"}
    environment |= {"ALLOWED_HOSTS": "testserver"}
    with processes(environment, tmp_path / "answers") as started:
        yield started


def die_at(points: range, ours: Processes) -> int:
    """Let one process die at each of these points and another take the same statement in; return how many died."""
    world = World()
    studio = world.party("Northlight", kind="organisation")
    secret = world.token(studio)
    killed = sum(die(fatal, signed_work(world, studio), secret, ours) for fatal in points)
    assert ours.run("publish") == "ended"
    kept = set(StatementRow.objects.values_list("digest", flat=True))
    assert set(Leaf.objects.values_list("digest", flat=True)) == kept
    assert None not in log.indices(kept).values()
    assert fsck.run().findings == []
    return killed


def signed_work(world: World, studio: Actor) -> dict[str, Any]:
    body = {"work": new_id(), "title": "The Ridge", "kind": "film", "identifiers": {}}
    return world.signed("work.registered", body, by=studio)


def die(fatal: int, submission: dict[str, Any], secret: str, ours: Processes) -> bool:
    pid = ours.start("accept", fatal=fatal, submission=submission, secret=secret)
    state = ours.wait(pid)
    assert state in ("killed", "ended")
    assert all(StatementRow.objects.filter(digest=digest).exists() for digest in ours.answers(pid))
    again = ours.start("accept", submission=submission, secret=secret)
    assert ours.wait(again) == "ended"
    (digest,) = ours.answers(again)
    assert ours.answers(pid) in ([], [digest])
    assert Leaf.objects.filter(digest=digest).count() == 1
    return state == "killed"


def test_a_killed_process_owes_no_answer_whose_statement_is_not_there(ours: Processes) -> None:
    assert die_at(range(0, POINTS, 2), ours) >= 5


@pytest.mark.nightly
def test_a_process_is_killed_at_every_point_of_many_statements(ours: Processes) -> None:
    assert sum(die_at(range(POINTS), ours) for _ in range(10)) >= 100
