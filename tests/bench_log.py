"""
What the log costs: statements made durable by eight clients, their publication, receipts, disk, proofs and an audit.

    python -m tests.bench_log [--statements 200] [--entries 1000000] [--large 10000000]

Ratios of one run, on an embedded PostgreSQL that waits for the disk; how long the disk takes is printed beside them.

1. Signatures alone, on one core: what the statements are measured by.
2. Statements by eight clients: the log's own part, the same under a locked head row, and the whole write path.
3. Bare leaves through the publisher, beside plain inserts of 256 rows.
4. Receipts while eight clients write: from the answer to a statement until its receipt can be had.
5. Bytes: tiles alone, and all that an entry of 600 bytes takes, in tables and files.
6. One proof out of many entries: rows and tiles read.
7. An audit of a log from its files: every hash, every tile.
"""

import argparse
import os
import random
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

from registry.core.entry import entry_bytes
from registry.core.tiles import Edge, Tile, inclusion_proof_from
from tests.bench_limits import holds
from tests.bench_log_clients import CLIENTS, HEAD_TABLE, Client, Way, together

LIMIT_OF_VERIFYING = 0.3
LIMIT_OF_HEAD_ROW = 3.0
LIMIT_OF_INSERTS = 0.4
LIMIT_RECEIPT_S, LIMIT_RECEIPT_SYNCS = 0.3, 6
LIMIT_TILE_BYTES, LIMIT_ALL_BYTES = 32.2, 1024
LIMIT_TILES_READ = 5
LIMIT_AUDIT_S = 60
RECORD_BYTES = 600
BATCH = 256
LEAVES = 20_480
RECEIPTS = 40  # by each client
PARTIES = tuple(f"01930000-0000-7000-8000-{number:012x}" for number in range(CLIENTS))
TAKEN = datetime(2026, 11, 1, tzinfo=UTC)
TYPE = "work.registered"
LETTERS = (
    "abcdefghijklmnopqrstuvwxyz" * 2 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ      "
)  # every one as likely: no title is so bad


def main(statements: int, entries: int, large: int) -> list[str]:
    """Measure everything, print it, and return what misses its limit."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.durable_settings"
    django.setup()
    from tests.database import TestDatabase

    made = TestDatabase.make()
    try:
        missed = [*_in_database(made, statements), *_proof_out_of(large), *_audit(entries)]
    finally:
        made.drop()
    return missed


def _in_database(made: Any, statements: int) -> Iterator[str]:
    from tests.world import World

    sync_s = _sync_s()
    print(f"{sync_s * 1e3:9.2f} ms  fdatasync, the median of 100")
    verified = _verify_rate()
    print(f"{verified:9.0f}     Ed25519 signatures a second verified, one core, records of {RECORD_BYTES} bytes")
    world = World()
    parties = [world.party(f"Client {number}", kind="organisation") for number in range(CLIENTS)]
    _make_head(made)
    clients = [
        Client(database=made.url("app"), party=party.id, key=party.key.private_bytes_raw(), statements=statements)
        for party in parties
    ]
    rates: dict[Way, float] = {}
    for way in ("append", "head", "accept"):
        took_s, digests = together(clients, way)
        rates[way] = len(digests) / took_s
        print(f"{rates[way]:9.0f}     statements a second made durable by {CLIENTS} clients: {way}")
    yield from _missing("of the rate of verifying: append", rates["append"] / verified, LIMIT_OF_VERIFYING)
    yield from _missing("times the locked head row: append", rates["append"] / rates["head"], LIMIT_OF_HEAD_ROW)
    print(f"{rates['accept'] / verified:9.3f}     of the rate of verifying: accept, with every check of its kind")
    yield from _publisher()
    yield from _receipts(clients, sync_s)
    yield from _bytes(made)


def _missing(what: str, found: float, limit: float, *, at_most: bool = False) -> Iterator[str]:
    if not holds(what, found, limit, at_most=at_most):
        yield what


def _sync_s() -> float:
    times = []
    with tempfile.NamedTemporaryFile(dir=Path("var")) as file:
        for _ in range(100):
            file.write(secrets.token_bytes(512))
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def _verify_rate() -> float:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key, message = Ed25519PrivateKey.generate(), secrets.token_bytes(RECORD_BYTES)
    public, sig = key.public_key(), key.sign(message)
    best = min(_timed(lambda: [public.verify(sig, message) for _ in range(500)]) for _ in range(8))
    return 500 / best


def _timed(run: Any) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _make_head(made: Any) -> None:
    import psycopg

    with psycopg.connect(made.url("owner")) as owner:
        owner.execute(HEAD_TABLE)
        owner.execute("INSERT INTO bench_head VALUES (1, 0)")
        owner.execute("GRANT SELECT, UPDATE ON bench_head TO PUBLIC")


def _publisher() -> Iterator[str]:
    from django.db import connection

    from registry import log
    from registry.locks import clock

    while log.publish(at=clock()) is not None:
        pass
    rows = [(secrets.token_hex(32), _entry()) for _ in range(LEAVES)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE plain (seq bigserial PRIMARY KEY, digest text UNIQUE, entry bytea)")
        batches = [rows[at : at + BATCH] for at in range(0, LEAVES, BATCH)]
        plain_s = min(_timed(lambda: _insert_plain(cursor, batches)) for _ in range(3))
        _append_bare(cursor, rows)
    began = time.perf_counter()
    while log.publish(at=clock()) is not None:
        pass
    took_s = time.perf_counter() - began
    print(f"{LEAVES / plain_s:9.0f}     rows a second by plain inserts of {BATCH} rows")
    print(f"{LEAVES / took_s:9.0f}     bare leaves a second through the publisher")
    yield from _missing("of plain inserts: bare leaves through the publisher", plain_s / took_s, LIMIT_OF_INSERTS)


def _entry() -> bytes:
    return entry_bytes(digest=secrets.token_hex(32), envelope_sha256=secrets.token_hex(32), type="work.registered")


def _insert_plain(cursor: Any, batches: list[list[tuple[str, bytes]]]) -> None:
    cursor.execute("TRUNCATE plain")
    for batch in batches:
        places = ",".join(["(%s,%s)"] * len(batch))
        cursor.execute(f"INSERT INTO plain (digest, entry) VALUES {places}", [v for row in batch for v in row])


def _append_bare(cursor: Any, rows: list[tuple[str, bytes]]) -> None:
    """Append leaves of statements in which nothing is sealed."""
    _append_sealed(cursor, ((digest, digest, b"") for digest, _ in rows))


def _append_sealed(cursor: Any, rows: Iterable[tuple[str, str, bytes]]) -> None:
    """Append many leaves at once: digest, envelope's digest, ciphertext."""
    with cursor.copy(
        "COPY registry_statement (issued_at, accepted_at, issuer, digest, envelope_sha256, type, envelope) FROM STDIN"
    ) as copy:
        for number, (digest, envelope_sha256, sealed) in enumerate(rows):
            at, issuer = TAKEN + timedelta(milliseconds=number), PARTIES[number % CLIENTS]
            copy.write_row((TAKEN, at, issuer, bytes.fromhex(digest), bytes.fromhex(envelope_sha256), TYPE, sealed))
    cursor.execute(
        "INSERT INTO registry_unnumbered (leaf_id) SELECT seq FROM registry_statement "
        "WHERE seq > (SELECT coalesce(max(seq + count), 0) FROM registry_run)"
    )


def _receipts(clients: list[Client], sync_s: float) -> Iterator[str]:
    """Time each receipt from the answer to its statement, with a publisher of its own process beside."""
    env = os.environ | {"DATABASE_URL": clients[0].database, "DJANGO_SETTINGS_MODULE": "config.settings"}
    publisher = subprocess.Popen(
        [sys.executable, "manage.py", "publish"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda client: _waits(client, 1), clients))  # the publisher is up
            waits = [wait for found in pool.map(lambda client: _waits(client, RECEIPTS), clients) for wait in found]
    finally:
        publisher.terminate()
        publisher.wait()
    limit = max(LIMIT_RECEIPT_S, LIMIT_RECEIPT_SYNCS * sync_s)
    p99 = statistics.quantiles(waits, n=100)[98]
    print(f"{statistics.median(waits) * 1e3:9.0f} ms  from a statement's answer to its receipt, the median")
    yield from _missing("s, from a statement's answer to its receipt, p99", p99, limit, at_most=True)


def _waits(client: Client, receipts: int) -> list[float]:
    from django.db import connection

    from registry import log
    from tests.bench_log_clients import _acts, _signed

    waits = []
    act = _acts()["append"]
    for one in _signed(replace(client, statements=receipts)):
        act(one)
        began = time.perf_counter()
        while log.proof(one["digest"]) is None:
            time.sleep(0.005)
        waits.append(time.perf_counter() - began)
    connection.close()
    return waits


def _bytes(made: Any) -> Iterator[str]:
    """Weigh a log of records of one size: tiles of hashes, and everything that holds the entry."""
    yield from _weighed(made, "", _records)
    yield from _weighed(made, ", were a record 600 bytes of noise", _noise)
    yield from _tiles()


def _weighed(made: Any, what: str, records: Callable[[], Iterator[tuple[str, str, bytes]]]) -> Iterator[str]:
    from django.conf import settings
    from django.db import connection

    from registry import log
    from registry.locks import clock
    from registry.log.publisher import MAX_BATCH
    from registry.models import Leaf

    rows = list(records())
    before = _weigh(made), _weigh_files(Path(settings.LOG_DIR)), Leaf.objects.count()
    for start in range(0, LEAVES, MAX_BATCH):  # the queue is as long as what waits
        with connection.cursor() as cursor:
            _append_sealed(cursor, rows[start : start + MAX_BATCH])
        while log.publish(at=clock()) is not None:
            pass
    tables, (tiles, bundles), count = (
        _weigh(made) - before[0],
        [now - then for now, then in zip(_weigh_files(Path(settings.LOG_DIR)), before[1], strict=True)],
        Leaf.objects.count() - before[2],
    )
    print(f"{tables / count:9.0f} B   an entry in tables and their indexes{what}")
    print(f"{bundles / count:9.0f} B   an entry in bundles")
    yield from _missing(f"B an entry, all in{what}", (tables + tiles + bundles) / count, LIMIT_ALL_BYTES, at_most=True)


def _tiles() -> Iterator[str]:
    """Weigh all whole tiles of hashes by the entries that they are of: which tile a batch fills is chance."""
    from django.conf import settings

    from registry.core.tiles import TILE_WIDTH
    from registry.models import Leaf

    covered = Leaf.objects.count() // TILE_WIDTH * TILE_WIDTH
    tiles, _ = _weigh_files(Path(settings.LOG_DIR))
    yield from _missing("B of tiles an entry", tiles / covered, LIMIT_TILE_BYTES, at_most=True)


def _records() -> Iterator[tuple[str, str, bytes]]:
    """Yield statements of ``RECORD_BYTES`` as they are signed, sealed as they are kept; the title is what is left."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from registry import vault
    from registry.core.envelope import format_statement, sign_statement
    from registry.core.packed import pack_envelope
    from tests.world import new_id

    key, seal, chance = Ed25519PrivateKey.generate(), vault.sealer("registry"), random.Random(600)
    for number in range(LEAVES):
        shown = {"language": "en", "text_sha256": secrets.token_hex(32), "private_sha256": None}
        body = {"work": new_id(), "title": "", "kind": "film", "identifiers": {}, **shown}
        header = {
            "type": TYPE, "id": new_id(), "issued_at": TAKEN, "issuer": PARTIES[number % CLIENTS],
            "nonce": secrets.token_bytes(16),
        }  # fmt: skip
        missing = RECORD_BYTES - len(format_statement(**header, body=body))
        title = "".join(chance.choices(LETTERS, k=missing))
        envelope = sign_statement(format_statement(**header, body=body | {"title": title}), key)
        assert len(envelope.payload) == RECORD_BYTES
        yield envelope.digest, envelope.envelope_sha256, seal(pack_envelope(envelope), envelope.digest.encode())


def _noise() -> Iterator[tuple[str, str, bytes]]:
    for _ in range(LEAVES):
        yield secrets.token_hex(32), secrets.token_hex(32), secrets.token_bytes(RECORD_BYTES)


def _weigh(made: Any) -> int:
    """Return the bytes of the log's tables and indexes, with the queue swept as PostgreSQL does every minute."""
    import psycopg

    tables = ("registry_statement", "registry_run", "registry_unnumbered", "registry_checkpoint")
    with psycopg.connect(made.url("owner"), autocommit=True) as owner:
        owner.execute("VACUUM registry_unnumbered")
        row = owner.execute(
            "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name", [[*tables]]
        ).fetchone()
    assert row is not None
    return int(row[0])


def _weigh_files(folder: Path) -> tuple[int, int]:
    """Return the bytes of full tiles, and of full bundles; partial ones give way to them."""
    files = [path for path in (folder / "tile").rglob("*") if path.is_file() and ".p" not in path.parent.suffix]
    bundles = sum(path.stat().st_size for path in files if "entries" in path.parts)
    return sum(path.stat().st_size for path in files) - bundles, bundles


def _written(entries: int, folder: Path) -> Edge:
    """Write the tiles of a log of so many entries, as a publisher does."""
    edge = Edge.empty()
    while edge.size < entries:
        count = min(4_096, entries - edge.size)
        edge, files = edge.extend([b"%016d" % (edge.size + n) for n in range(count)])
        for path, data in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return edge


def _proof_out_of(large: int) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="proviso-bench-"))
    try:
        began = time.perf_counter()
        edge = _written(large, folder)
        print(f"{time.perf_counter() - began:9.1f} s   to write the tiles of {large:,} entries")
        read: list[Tile] = []

        def reading(tile: Tile) -> bytes:
            read.append(tile)
            return (folder / tile.path).read_bytes()

        most, times = 0, []
        for index in (0, large // 3, large // 2, large - 1, large - 257):
            read.clear()
            times.append(_timed(lambda index=index: inclusion_proof_from(index, edge.size, reading)))
            most = max(most, len(read))
        print(f"{max(times) * 1e3:9.2f} ms  the slowest of five proofs out of {large:,} entries")
        yield from _missing(f"tiles read for a proof out of {large:,} entries", most, LIMIT_TILES_READ, at_most=True)
    finally:
        shutil.rmtree(folder)


def _audit(entries: int) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="proviso-bench-"))
    try:
        edge = _written(entries, folder)
        began = time.perf_counter()
        found = _audited(folder, entries)
        took_s = time.perf_counter() - began
        assert found == edge.root
        yield from _missing(f"s to audit {entries:,} entries, hashes alone", took_s, LIMIT_AUDIT_S, at_most=True)
    finally:
        shutil.rmtree(folder)


def _audited(folder: Path, entries: int) -> bytes:
    """Hash every entry from its bundle, and compare every tile."""
    from registry.core.tiles import ENTRIES, TILE_WIDTH, decode_bundle

    edge = Edge.empty()
    while edge.size < entries:
        width = min(TILE_WIDTH, entries - edge.size)
        tile = Tile(level=ENTRIES, n=edge.size // TILE_WIDTH, width=width)
        edge, files = edge.extend(decode_bundle((folder / tile.path).read_bytes()))
        assert all((folder / path).read_bytes() == data for path, data in files.items() if ".p/" not in path)
    return edge.root


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=200, help="by each client, each way")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--strict", action="store_true", help="end with status 1 where a limit is missed")
    given = parser.parse_args()
    sys.exit(1 if main(given.statements, given.entries, given.large) and given.strict else 0)
