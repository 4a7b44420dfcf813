"""Releases against withdrawals, and workers against one another: whoever is first, the order in the log is right."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from uuid6 import uuid7

from generation import takes
from generation.models import Closure, Release, Shot
from generation.models.shots import RELEASE
from generation.services import idempotency
from generation.services.leasing import Lease, LeaseLost, take
from generation.services.releasing import release
from generation.services.requesting import request_shot
from registry.core.errors import DomainError
from registry.core.jcs import canonical, sha256_hex
from registry.locks import clock
from registry.models import Leaf
from registry.services import tokens
from tests.studio import Studio, consent_body, figure, state_of
from tests.world import PEOPLE, Actor, File, scope

pytestmark = pytest.mark.django_db(transaction=True)

RACES = 300
SMALL: dict[str, Any] = {"territories": ["FR"], "languages": ["fr-FR"], "media": ["svod"], "purposes": ["work"]}
ROLES = 10  # races of one performer: a consent for each role, so that no decision reads hundreds of them
NUDGE_S = 0.001
RARE = 30  # of the races: fewer than this on either side, and the race would not be one


@dataclass(frozen=True, slots=True)
class Ready:
    """A shot that only waits for its release, and the consent that it rests on."""

    lease: Lease
    consent: str


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Two threads that keep their connections from race to race."""
    with ThreadPoolExecutor(2) as threads:
        yield threads
        barrier = threading.Barrier(2)
        for done in [threads.submit(lambda: (barrier.wait(), connection.close())) for _ in range(2)]:
            done.result()


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
    ada, portrait, consents = next(performers(studio, count=1))
    (first, second), two = list(consents)[:2], threading.Barrier(2)
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
    ada, portrait, _ = next(performers(studio, count=1))
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


def performers(studio: Studio, *, count: int = RACES // ROLES) -> Iterator[tuple[Actor, File, dict[str, str]]]:
    """Yield performers with a portrait and a consent for each of their roles."""
    world = studio.world
    for number in range(count):
        ada = world.party(f"Ada the {number}th")
        portrait = world.asset(studio.archive, figure() + bytes([number]), kind="still", inventory=PEOPLE)
        world.appearance(portrait, ada, by=studio.archive)
        world.title(studio.archive, portrait, scopes=[scope(**SMALL)])
        world.licence(studio.archive, studio.producer, portrait, scopes=[scope(**SMALL)])
        body = consent_body(ada, studio.producer) | {"scopes": [scope(**SMALL, aspects=["body", "face"])]}
        consents = {
            role: world.act("consent.granted", body | {"role": role}, by=ada)
            for role in (f"role {k}" for k in range(ROLES))
        }
        world.publish()
        yield ada, portrait, consents


def request_of(studio: Studio, ada: Actor, portrait: File, role: str) -> dict[str, Any]:
    shown = {ada.id: {"depicts": [], "role": role, "replica_use": "employment_based"}}
    likeness = {"asset": portrait.id, "role": "likeness", "performer": ada.id}
    return studio.request(references=[likeness], use=studio.use(by_performer=shown))


def asked(studio: Studio, ada: Actor, portrait: File, role: str) -> str:
    return asked_with(studio, request_of(studio, ada, portrait, role), key=str(uuid7()))


def asked_with(studio: Studio, body: dict[str, Any], *, key: str) -> str:
    by = tokens.principal_of(studio.secret, at=clock())
    call = idempotency.Call(party=by.party, key=key, body_sha256=sha256_hex(canonical(body["prompt"])))
    answer = request_shot(body, by=by, call=call)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def sealed(studio: Studio, ada: Actor, portrait: File, role: str, consent: str) -> Ready:
    """Ask for a shot, and put it where only its release is to be done; what it shows does not matter here."""
    shot = asked(studio, ada, portrait, role)
    lease = take("worker", shot=shot)
    assert lease is not None
    with transaction.atomic():
        row = Shot.objects.get(id=shot)
        row.state, row.todo = "screening", RELEASE
        row.output, row.output_sha256 = takes.keep(b"a file"), sha256_hex(b"a file")
        row.sealed_grounds = sorted([ground["digest"], ground["assurance"]] for ground in row.decision["grounds"])
        row.checks = {"near_copy": "pass"}
        row.save()
    assert consent in {digest for digest, _ in row.sealed_grounds}
    return Ready(lease=lease, consent=consent)


def race(
    pool: ThreadPoolExecutor, one: Callable[[], Any], other: Callable[[], Any], late_s: float = 0.0
) -> tuple[Any, Any]:
    """Start two things at once, the other one ``late_s`` later, or the first one where that is negative."""
    gate = threading.Barrier(2)

    def run(act: Callable[[], Any], pause_s: float) -> Any:
        gate.wait()
        threading.Event().wait(pause_s)
        return act()

    both = [pool.submit(run, act, pause_s) for act, pause_s in ((one, max(0.0, -late_s)), (other, max(0.0, late_s)))]
    return both[0].result(), both[1].result()


def attempt(lease: Lease) -> str:
    try:
        return release(lease)
    except LeaseLost:
        return "lost"
    except DomainError as error:
        return error.code


def check_order(shot: str, result: str, withdrawal: str) -> None:
    withdrawn = Leaf.objects.get(digest=withdrawal).seq
    if result == "released":
        assert Leaf.objects.get(digest=Release.objects.get(shot=shot).digest).seq < withdrawn
    else:
        assert Leaf.objects.get(digest=Closure.objects.get(shot=shot).digest).seq > withdrawn
        assert not Release.objects.filter(shot=shot).exists()
    assert state_of(shot) == result
