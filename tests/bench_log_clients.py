"""
Eight clients that append at once, each a process with a connection of its own; the work of ``tests.bench_log``.

- ``accept`` is the whole write path, as `POST /statements` takes it.
- ``append`` is what the log's design costs: the signature, the sealed statement and its leaf in a durable transaction.
- ``head`` is the same, with the log's head row locked for it and the number given at once: the design we did not take.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any, Literal

Way = Literal["accept", "append", "head"]
CLIENTS = 8
HEAD_TABLE = "CREATE TABLE bench_head (one integer PRIMARY KEY, size bigint NOT NULL)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who one process speaks for."""

    database: str
    party: str
    key: bytes  # Ed25519, 32 bytes
    statements: int


def together(clients: list[Client], way: Way) -> tuple[float, list[str]]:
    """Let all clients go at once; return seconds from the first to the last, and the digests."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(clients))
    with ProcessPoolExecutor(len(clients), mp_context=context, initializer=_begin, initargs=(barrier,)) as pool:
        found = list(pool.map(_run, clients, [way] * len(clients)))
    return max(end for _, end, _ in found) - min(start for start, _, _ in found), [d for *_, ds in found for d in ds]


_barrier: Barrier


def _begin(barrier: Barrier) -> None:
    global _barrier
    _barrier = barrier


def _run(client: Client, way: Way) -> tuple[float, float, list[str]]:
    os.environ |= {"DATABASE_URL": client.database, "DJANGO_SETTINGS_MODULE": "config.settings"}  # VAR_DIR is inherited
    import django

    django.setup()
    act, signed = _acts()[way], list(_signed(client))
    _barrier.wait()
    start = time.time()
    for submission in signed:
        act(submission)
    return start, time.time(), [submission["digest"] for submission in signed]


def _signed(client: Client) -> Iterator[dict[str, Any]]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from registry.core.envelope import sign_statement
    from registry.locks import clock
    from tests.world import new_id
    from web.drafts import draft
    from web.statements import kind_of

    key = Ed25519PrivateKey.from_private_bytes(client.key)
    for _ in range(client.statements):
        body = {"work": new_id(), "title": "The Ridge", "kind": "film", "identifiers": {}}
        drafted = draft(
            kind_of("work.registered"), issuer=client.party, body=body, language="en", private=None, at=clock()
        )
        envelope = sign_statement(drafted.payload, key)
        yield {"envelope": envelope.format(), "text": drafted.text, "private": None, "digest": envelope.digest}


def _acts() -> dict[Way, Callable[[dict[str, Any]], object]]:
    from web.statements import submit

    return {
        "accept": lambda one: submit({name: one[name] for name in ("envelope", "text", "private")}, by=None),
        "append": lambda one: _append(one, head=False),
        "head": lambda one: _append(one, head=True),
    }


def _append(one: dict[str, Any], *, head: bool) -> None:
    from django.db import connection, transaction

    from registry.core.envelope import Envelope, parse_statement
    from registry.locks import clock
    from registry.services import authority
    from registry.statements import insert

    envelope = Envelope.parse(one["envelope"])
    statement = parse_statement(envelope.payload)
    authority.verify(envelope, None)
    with transaction.atomic(durable=True):
        if head:
            with connection.cursor() as cursor:
                cursor.execute("SELECT size FROM bench_head WHERE one = 1 FOR UPDATE")
        assert insert(envelope, statement, subject=None, text=one["text"], private=None, at=clock())
        if head:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE bench_head SET size = size + 1 WHERE one = 1")
