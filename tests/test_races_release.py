"""Releases against withdrawals, and workers against one another: whoever is first, the order in the log is right."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from generation.models import Closure, Release, Shot
from generation.services import idempotency
from generation.services.leasing import take
from generation.services.releasing import release
from registry.locks import clock
from registry.models import Leaf
from tests.release_races import RACES, asked, asked_with, attempt, performers, pool, race, request_of, sealed
from tests.studio import Studio, state_of

__all__ = ["pool"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)

NUDGE_S = 0.001
RARE = 30  # of the races: fewer than this on either side, and the race would not be one


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


@pytest.mark.slow
def test_no_release_follows_a_committed_withdrawal_in_300_races(studio: Studio, pool: ThreadPoolExecutor) -> None:
    results, late_s = Counter[str](), 0.0  # how long the withdrawal waits: it follows whoever was first last time
    for ada, portrait, consents in performers(studio):
        for role, consent in consents.items():
            ready = sealed(studio, ada, portrait, role, consent)
            body = {"performer": ada.id, "grants": [consent], "grantee": None}
            signed = studio.world.signed("consent.revoked", body, by=ada)
            withdraw = lambda: studio.world.submit(signed)  # noqa: E731, B023 - both run within this turn
            result, withdrawal = race(pool, lambda: release(ready.lease), withdraw, late_s)  # noqa: B023 - as above
            late_s += NUDGE_S if result == "aborted" else -NUDGE_S
            results[result] += 1
            check_order(ready.lease.shot, result, withdrawal)
    assert sum(results.values()) == RACES
    assert min(results["released"], results["aborted"]) >= RARE, results


def test_two_workers_with_the_same_lease_release_once(studio: Studio, pool: ThreadPoolExecutor) -> None:
    for ada, portrait, consents in performers(studio, count=1):
        for role, consent in consents.items():
            ready = sealed(studio, ada, portrait, role, consent)
            both = race(pool, lambda: attempt(ready.lease), lambda: attempt(ready.lease))  # noqa: B023 - both run within this turn
            assert sorted(both) == ["lost", "released"]
            assert Release.objects.filter(shot=ready.lease.shot).count() == 1


def test_a_worker_that_was_taken_for_dead_releases_nothing(studio: Studio, pool: ThreadPoolExecutor) -> None:
    for ada, portrait, consents in performers(studio, count=1):
        for role, consent in consents.items():
            old = sealed(studio, ada, portrait, role, consent).lease
            Shot.objects.filter(id=old.shot).update(lease_until=clock() - timedelta(seconds=1))
            new = take("another worker", shot=old.shot)
            assert new is not None
            assert new.fence == old.fence + 1
            stale, fresh = race(pool, lambda: attempt(old), lambda: attempt(new))  # noqa: B023 - both run within this turn
            assert (stale, fresh) == ("lost", "released")


def test_a_row_that_another_worker_takes_is_skipped_not_waited_for(studio: Studio, pool: ThreadPoolExecutor) -> None:
    ada, portrait, consents = next(performers(studio, count=1, roles=2))
    (first, second), two = consents, threading.Barrier(2)
    shots = [asked(studio, ada, portrait, role) for role in (first, second)]

    def hold_and_take() -> str | None:
        with transaction.atomic():
            Shot.objects.select_for_update().get(id=shots[0])
            two.wait()
            two.wait()
        return None

    def take_meanwhile() -> str | None:
        two.wait()
        lease = take("quick")
        two.wait()
        return None if lease is None else lease.shot

    held, taken = pool.submit(hold_and_take), pool.submit(take_meanwhile)
    assert (held.result(), taken.result()) == (None, shots[1])


def test_one_call_sent_many_times_at_once_makes_one_shot(studio: Studio) -> None:
    ada, portrait, _ = next(performers(studio, count=1, roles=1))
    body = request_of(studio, ada, portrait, "role 0")

    def send(_: int) -> str:
        try:
            return asked_with(studio, body, key="the same")
        except idempotency.InProgress as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(send, range(24)))
    assert Shot.objects.count() == 1
    assert answers <= {Shot.objects.get().id, "idempotency_in_progress"}


def check_order(shot: str, result: str, withdrawal: str) -> None:
    withdrawn = Leaf.objects.get(digest=withdrawal).seq
    if result == "released":
        assert Leaf.objects.get(digest=Release.objects.get(shot=shot).digest).seq < withdrawn
    else:
        assert Leaf.objects.get(digest=Closure.objects.get(shot=shot).digest).seq > withdrawn
        assert not Release.objects.filter(shot=shot).exists()
    assert state_of(shot) == result
