"""Shots that only wait for their release, and two threads that do two things to them at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from uuid6 import uuid7

from generation import takes
from generation.models import Shot
from generation.models.shots import RELEASE
from generation.services import idempotency
from generation.services.leasing import Lease, LeaseLost, take
from generation.services.releasing import release
from generation.services.requesting import request_shot
from registry.core.errors import DomainError
from registry.core.jcs import canonical, sha256_hex
from registry.locks import clock
from registry.services import tokens
from tests.studio import Studio, consent_body, figure
from tests.world import PEOPLE, Actor, File, scope

RACES = 300
SMALL: dict[str, Any] = {"territories": ["FR"], "languages": ["fr-FR"], "media": ["svod"], "purposes": ["work"]}
NUDGE_S = 0.002
ROLES = 10  # races of one performer: a consent for each role, so that no decision reads hundreds of them


@dataclass(frozen=True, slots=True)
class Ready:
    """A shot that only waits for its release, and the consent that it rests on."""

    lease: Lease
    consent: str


@dataclass(slots=True)
class Aim:
    """How much later the other one starts: further on, the longer the same one has been first, however slow all is."""

    late_s: float = 0.0
    step_s: float = NUDGE_S
    last: bool | None = None

    def learn(self, one_was_first: bool) -> None:
        self.step_s = 2 * self.step_s if one_was_first == self.last else NUDGE_S
        self.last = one_was_first
        self.late_s += -self.step_s if one_was_first else self.step_s


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Two threads that keep their connections from race to race."""
    with ThreadPoolExecutor(2) as threads:
        yield threads
        barrier = threading.Barrier(2)
        for done in [threads.submit(lambda: (barrier.wait(), connection.close())) for _ in range(2)]:
            done.result()


def performers(
    studio: Studio, *, count: int = RACES // ROLES, roles: int = ROLES
) -> Iterator[tuple[Actor, File, dict[str, str]]]:
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
            for role in (f"role {k}" for k in range(roles))
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
