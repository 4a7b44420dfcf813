"""The log over HTTP: static, cacheable, without SQL, and enough to verify everything from outside."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import Client
from django.urls import include, path

from registry import log
from registry.core.checkpoint import Proof, open_checkpoint
from registry.core.cosignature import ED25519, MLDSA44_COSIGNATURE
from registry.core.merkle import leaf_hash, root
from registry.core.note import MAX_NOTE_BYTES, VerifierKey
from registry.core.tiles import (
    ENTRIES,
    TILE_WIDTH,
    Tile,
    decode_bundle,
    inclusion_proof_from,
    split_tile,
    tile_path,
)
from registry.log.identity import verifiers
from registry.watch.source import open_source
from tests.log_walk import append, digest, entry_of, publish_all

urlpatterns = [path("log/", include("registry.api.log"))]
handler404 = "config.problems.not_found"

SIZE = 300
MAX_BUNDLE = 1 << 20


@pytest.fixture
def served(db: None, settings, tmp_path: Path) -> Client:
    settings.LOG_DIR = tmp_path / "log"
    settings.ROOT_URLCONF = __name__
    append(*range(SIZE))
    publish_all()
    return Client()


def get(client: Client, url: str) -> bytes:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content


def test_a_stranger_can_check_the_whole_log_with_what_is_served(served: Client) -> None:
    vkeys = [VerifierKey.parse(line) for line in get(served, "/log/vkey").decode().splitlines()]
    assert [vkey.type for vkey in vkeys] == [ED25519, MLDSA44_COSIGNATURE]
    (checkpoint,) = {open_checkpoint(get(served, "/log/checkpoint"), vkey) for vkey in vkeys}
    assert (checkpoint.size, checkpoint.origin) == (SIZE, log.origin())
    entries = [
        *decode_bundle(get(served, "/log/tile/entries/000")),
        *decode_bundle(get(served, "/log/tile/entries/001.p/44")),
    ]
    assert entries == list(map(entry_of, range(SIZE)))
    hashes = split_tile(get(served, "/log/tile/0/000"), Tile(level=0, n=0))
    hashes += split_tile(get(served, "/log/tile/0/001.p/44"), Tile(level=0, n=1, width=44))
    assert list(hashes) == list(map(leaf_hash, entries))
    assert root(hashes) == checkpoint.root


def test_tiles_may_be_cached_for_ever_and_the_checkpoint_for_a_second(served: Client) -> None:
    assert "immutable" in served.get("/log/tile/0/000").headers["Cache-Control"]
    answer = served.get("/log/checkpoint")
    assert answer.headers["Cache-Control"] == "public, max-age=1, must-revalidate"
    again = served.get("/log/checkpoint", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_serving_the_log_asks_the_database_nothing(served: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        for url in ("checkpoint", "vkey", "tile/0/000", "tile/1/000.p/1", "tile/entries/001.p/44"):
            get(served, f"/log/{url}")


@pytest.mark.parametrize(
    "url",
    [
        "tile/0/002", "tile/0/0", "tile/0/000.p/256", "tile/0/001.p/43", "tile/00/000", "tile/entries/", "tile/9/000",
        "tile/0/../../checkpoint", "tile/0/%2e%2e/%2e%2e/checkpoint", "tile//etc/passwd", "tile/0/x000/000",
        "tile/0/000/", "tile/0/.000.torn", "nothing",
    ],
)  # fmt: skip
def test_what_is_no_tile_of_the_log_is_not_found(served: Client, url: str) -> None:
    answer = served.get(f"/log/{url}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_an_empty_log_has_no_checkpoint_yet(settings, tmp_path: Path) -> None:
    settings.LOG_DIR = tmp_path
    settings.ROOT_URLCONF = __name__
    assert Client().get("/log/checkpoint").status_code == 404
    assert Client().post("/log/checkpoint").status_code == 405


def test_a_receipt_needs_no_more_than_the_served_files_and_the_number(served: Client) -> None:
    assert log.indices([digest(7)]) == {digest(7): 7}
    assert log.proof(digest(7)) is not None


def test_any_static_web_server_over_the_directory_is_enough(served: Client, settings) -> None:
    """A client gets all it needs from ``python -m http.server``: checkpoint, tiles, bundles, a receipt of its own."""
    with _static(settings.LOG_DIR) as url:
        source = open_source(url)
        note = source.read("checkpoint", limit=MAX_NOTE_BYTES)
        checkpoint = open_checkpoint(note, *verifiers())
        assert checkpoint.size == SIZE
        for index in (0, 255, 256, SIZE - 1):
            hashes = inclusion_proof_from(index, SIZE, lambda tile: source.read(tile.path, limit=MAX_BUNDLE))
            receipt = Proof(index=index, hashes=hashes, checkpoint_text=note.decode())
            n, within = divmod(index, TILE_WIDTH)
            entries = source.read(tile_path(ENTRIES, n, min(SIZE - n * TILE_WIDTH, TILE_WIDTH)), limit=MAX_BUNDLE)
            assert receipt.verify(decode_bundle(entries)[within], *verifiers()) == checkpoint


@contextmanager
def _static(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().partition("(")[2].partition("/)")[0]
        server.terminate()
