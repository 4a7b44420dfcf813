"""
What a decision through PostgreSQL costs beside few and beside many consents, and what suspending them costs.

    python -m tests.bench_closure [--few 10000] [--many 1000000]

One scene is signed and published for real: a picture of two people, of a union, with all that training on it needs. The
other consents are rows: digests, threads and projections without envelopes, as nothing may read them. Printed are
queries and time of a preflight at both sizes, of a thousand in one call about as many files as there are, and of the
one statement by which the union suspends all its members.

Numbers are the least of many runs, on an embedded PostgreSQL that does not wait for the disk.
"""

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import django
from uuid6 import uuid7

from tests.bench_limits import holds

LIMIT_QUERIES = 4
LIMIT_RATIO = 1.5
LIMIT_TOGETHER = 10
FILES = 99  # with nobody, one person or two in them
REPEATS = 200
IN_ONE_CALL = 1_000
ALONE, TOGETHER = "a preflight", f"a preflight, {IN_ONE_CALL:,} in one call"
A_PERFORMER = 10  # consents of each of the others
OF_THE_ASKED = 50  # consents of each person asked, to others: no decision may read them
TAKEN = datetime(2026, 11, 1, tzinfo=UTC)


def main(few: int, many: int) -> list[str]:
    """Measure beside few consents, then beside many; print every figure, and return those that miss their limit."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from tests.database import TestDatabase

    made = TestDatabase.make()
    try:
        return _report(few, many)
    finally:
        made.drop()


def _report(few: int, many: int) -> list[str]:
    from django.db import connection

    from tests.availability_scene import Scene

    rng = random.Random(1)
    scene = Scene.build(files=FILES, people=2)
    union = scene.world.party("Screen Union", kind="organisation")
    scene.world.publish()
    held = 0
    times: dict[int, dict[str, float]] = {}
    for size in (few, many):
        began = time.perf_counter()
        with connection.cursor() as cursor:
            _add(cursor, size - held, scene, union.id, rng)
        held = size
        print(f"{time.perf_counter() - began:9.1f} s   to have {size:,} consents beside those asked about")
        times[size] = _measure(scene, union, size)
    missed = []
    for name, took in times[many].items():
        ratio = f"times as long beside {many:,} as beside {few:,}: {name}"
        if not holds(ratio, took / times[few][name], LIMIT_RATIO, at_most=True):
            missed.append(ratio)
    for size, took in times.items():
        ratio = f"times as fast a decision, {IN_ONE_CALL:,} in one call, beside {size:,}"
        if not holds(ratio, took[ALONE] / took[TOGETHER], LIMIT_TOGETHER, at_most=False):
            missed.append(ratio)
    return missed


def _measure(scene: Any, union: Any, size: int) -> dict[str, float]:
    from consent.services import preflight, preflight_many
    from tests.availability_scene import training

    requests = [training(scene.studio, file) for file in scene.files]
    assert all(preflight(request).decision.cleared for request in requests)
    many = [(requests[number % len(requests)], "") for number in range(IN_ONE_CALL)]
    queries = _queries(lambda: preflight(requests[2]))
    print(f"{queries:9}     queries of a preflight beside {size:,} (at most {LIMIT_QUERIES})")
    assert queries <= LIMIT_QUERIES
    found = {
        ALONE: _least(lambda: preflight(requests[2]), REPEATS),
        TOGETHER: _least(lambda: preflight_many(many), 3) / IN_ONE_CALL,
        "a union suspends all its members": _least(lambda: _suspend(scene, union), 40),
    }
    for name, took in found.items():
        print(f"{took * 1e3:9.2f} ms  {name}, beside {size:,}")
    return found


def _suspend(scene: Any, union: Any) -> None:
    """Declare a strike of the union, in one statement; that of another agreement, so that nobody asked is bound."""
    from tests.terms import suspension

    body = suspension("strike", union, "union", union.id, agreements=["another agreement"])
    scene.world.act("suspension.declared", body, by=union)


def _queries(run: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    run()
    with CaptureQueriesContext(connection) as found:
        run()
    return sum(1 for query in found.captured_queries if not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT")))


def _least(run: Callable[[], object], repeats: int) -> float:
    """Return the least time of many, in seconds: both sizes are timed minutes apart, and the machine is shared."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times)


def _add(cursor: Any, count: int, scene: Any, union: str, rng: random.Random) -> None:
    """Add consents of others, half of them to the requester, and some of those asked, to others."""
    asked = [person.id for person in scene.people]
    pairs = list(_pairs(count, asked, scene.studio.id))
    digests = [f"{rng.getrandbits(256):064x}" for _ in pairs]
    _copy(
        cursor,
        "registry_statement (digest, type, issuer, issued_at, accepted_at, subject, envelope, envelope_sha256)",
        (
            (f"\\x{digest}", "consent.granted", performer, TAKEN, TAKEN, performer, "\\x00", f"\\x{digest}")
            for digest, (performer, _) in zip(digests, pairs, strict=True)
        ),
    )
    _copy(
        cursor,
        "consent_consent (digest, type, performer, grantee, basis, accepted_at)",
        (
            (digest, "consent.granted", performer, grantee, "consent", TAKEN)
            for digest, (performer, grantee) in zip(digests, pairs, strict=True)
        ),
    )
    _copy(cursor, "registry_thread (digest, way, kind, ident)", _threads(digests, pairs, union))
    cursor.execute("ANALYZE registry_statement, registry_thread, consent_consent")


def _pairs(count: int, asked: list[str], studio: str) -> Iterator[tuple[str, str]]:
    others = min(count, OF_THE_ASKED * len(asked))
    for number in range(others):
        yield asked[number % len(asked)], str(uuid7())
    for number in range(count - others):
        if number % A_PERFORMER == 0:
            performer = str(uuid7())
        yield performer, studio if number % 2 else str(uuid7())


def _threads(digests: list[str], pairs: list[tuple[str, str]], union: str) -> Iterator[tuple[str, str, str, str]]:
    """Write what a consent is found under, and where it leads; each performer's first consent makes them a member."""
    members: set[str] = set()
    for digest, (performer, grantee) in zip(digests, pairs, strict=True):
        yield digest, "found", "to", f"{performer}>{grantee}"
        yield digest, "found", "grant", digest
        yield digest, "leads", "grant", digest
        yield digest, "leads", "party", grantee
        yield digest, "leads", "principal", grantee
        yield digest, "leads", "withdrawn", f"{performer}>{grantee}"
        if performer not in members:
            members.add(performer)
            yield digest, "leads", "union", union


def _copy(cursor: Any, into: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    given = parser.parse_args()
    main(given.few, given.many)
