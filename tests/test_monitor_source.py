"""A log read from outside: from a directory, from a web server, and never believed before it leads to the root."""

from __future__ import annotations

import contextlib
import os
import random
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from registry.core.checkpoint import Checkpoint, open_checkpoint
from registry.core.errors import BadProof
from registry.core.merkle import EMPTY_ROOT, leaf_hash, root, verify_consistency, verify_inclusion
from registry.core.note import MAX_NOTE_BYTES
from registry.core.tiles import ENTRIES, Tile
from registry.watch import source
from registry.watch.source import (
    Folder,
    NotServed,
    Site,
    Unreachable,
    open_source,
    read_checkpoint,
    read_tile,
    read_vkeys,
)
from registry.watch.tree import Tree
from tests.log_files import LOG_VKEY, ORIGIN, Files, entries, files_answer, plain, serving

SIZES = [0, 1, 2, 255, 256, 257, 511, 512, 700, 65_536 + 300]


def log_of(size: int) -> Files:
    log = Files()
    log.grow(entries(size))
    return log


@pytest.fixture(scope="module")
def large() -> Files:
    return log_of(SIZES[-1])


def tree_of(log: Files) -> Tree:
    return Tree(source=log, checkpoint=open_checkpoint(log.files["checkpoint"], LOG_VKEY))


# --- the tree ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES[:-1])
def test_every_entry_is_read_in_order_and_proven(size: int) -> None:
    tree = tree_of(log_of(size))
    said = entries(size)
    assert list(tree.entries()) == said
    leaves = [leaf_hash(entry) for entry in said]
    for index in {0, size // 2, size - 1} & {*range(size)}:
        assert tree.entry(index) == said[index]
        verify_inclusion(index, size, leaves[index], tree.inclusion(index), tree.checkpoint.root)


def test_a_tree_of_three_levels_is_read_by_its_ends(large: Files) -> None:
    tree = tree_of(large)
    said = entries(tree.size)
    assert list(tree.entries(65_300, 65_600)) == said[65_300:65_600]
    assert tree.entry(0) == said[0]
    assert len([path for path in large.asked if path == "tile/2/000.p/1"]) == 1, "a tile is read once"


@pytest.mark.parametrize("size", SIZES[1:-1])
def test_a_tree_extends_each_of_its_beginnings_and_nothing_else(size: int) -> None:
    tree = tree_of(log_of(size))
    leaves = [leaf_hash(entry) for entry in entries(size)]
    for old_size in sorted({0, 1, size // 2, size - 1, size}):
        old = Checkpoint(origin=ORIGIN, size=old_size, root=root(leaves[:old_size]))
        assert tree.prefix_root(old_size) == old.root
        tree.extends(old)
        if old_size:
            verify_consistency(old_size, size, old.root, tree.checkpoint.root, tree.consistency(old_size))
            with pytest.raises(BadProof):
                tree.extends(replace(old, root=bytes(32)))
    with pytest.raises(BadProof):
        tree.extends(Checkpoint(origin=ORIGIN, size=size + 1, root=bytes(32)))


def test_the_empty_tree_holds_nothing() -> None:
    tree = tree_of(log_of(0))
    assert tree.prefix_root(0) == EMPTY_ROOT
    for ask in (lambda: tree.entry(0), lambda: tree.tile(Tile(level=0, n=0)), lambda: tree.inclusion(0)):
        with pytest.raises(BadProof):
            ask()


@pytest.mark.parametrize("size", [3, 256, 300, 700])
def test_whatever_byte_of_whatever_file_is_changed_nothing_changed_is_returned(size: int) -> None:
    log, said = log_of(size), entries(size)
    drawn = random.Random(size)
    refused = 0
    for path in sorted(path for path in log.files if path.startswith("tile/")):
        for _ in range(12):
            data = bytearray(log.files[path])
            data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
            tree = tree_of(Files(files=log.files | {path: bytes(data)}))
            read = []
            try:
                for entry in tree.entries():
                    read.append(entry)
            except (BadProof, Unreachable):
                refused += 1
            assert read == said[: len(read)]
            assert len(read) < size, f"{path} was changed and everything read"
    assert refused


@pytest.mark.parametrize(
    "tile",
    [
        Tile(level=0, n=0, width=44), Tile(level=0, n=1), Tile(level=0, n=2), Tile(level=1, n=0),
        Tile(level=1, n=0, width=2), Tile(level=2, n=0, width=1), Tile(level=ENTRIES, n=1),
        Tile(level=ENTRIES, n=1, width=43), Tile(level=ENTRIES, n=9),
    ],
)  # fmt: skip
def test_what_is_no_tile_of_this_tree_is_refused(tile: Tile) -> None:
    log = log_of(300)
    log.files |= {tile.path: b"anything", **{path: data for path, data in log_of(999).files.items() if path[0] == "t"}}
    with pytest.raises(BadProof):
        tree_of(log).tile(tile)


def test_a_partial_file_that_gave_way_to_the_full_one_is_read_from_it() -> None:
    log = log_of(300)
    tree = tree_of(log)
    log.grow(entries(600)[300:])
    del log.files["tile/0/001.p/44"], log.files["tile/entries/001.p/44"]
    assert list(tree.entries()) == entries(300)
    del log.files["tile/0/001"]
    with pytest.raises(NotServed):
        list(tree_of(log).entries())


# --- directories ------------------------------------------------------------------------------------------------------


def test_a_log_is_read_from_a_directory(tmp_path: Path) -> None:
    log = log_of(300)
    opened = open_source(str(log.write(tmp_path)))
    assert isinstance(opened, Folder)
    assert read_checkpoint(opened) == log.files["checkpoint"]
    tree = Tree(source=opened, checkpoint=open_checkpoint(read_checkpoint(opened), LOG_VKEY))
    assert list(tree.entries()) == entries(300)
    with pytest.raises(NotServed):
        read_vkeys(opened)


def test_a_directory_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    with pytest.raises(Unreachable):
        read_checkpoint(Folder(top=tmp_path))
    with pytest.raises(NotServed):
        read_checkpoint(Folder(top=tmp_path / "nowhere"))
    (tmp_path / "checkpoint").rmdir()
    (tmp_path / "checkpoint").write_bytes(bytes(MAX_NOTE_BYTES + 1))
    with pytest.raises(Unreachable, match="more than"):
        read_checkpoint(Folder(top=tmp_path))


# --- web servers ------------------------------------------------------------------------------------------------------


def test_a_log_is_read_from_a_static_web_server() -> None:
    log = log_of(300)
    log.files["vkey"] = f"{LOG_VKEY.format()}\n".encode()
    with serving(files_answer(log)) as address:
        opened = open_source(address + "/")
        tree = Tree(source=opened, checkpoint=open_checkpoint(read_checkpoint(opened), LOG_VKEY))
        assert list(tree.entries()) == entries(300)
        assert read_vkeys(opened) == [LOG_VKEY.format()]
        with pytest.raises(NotServed):
            read_tile(opened, Tile(level=0, n=5))


def test_the_token_goes_along_and_is_shown_nowhere() -> None:
    seen: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Authorization"])
        plain(handler, 200, b"{}")

    with serving(answer) as address:
        site = Site(base=address, token="secret")
        site.read("x", limit=10)
        Site(base=address).read("x", limit=10)
        assert "secret" not in repr(site)
    assert seen == ["Bearer secret", None]


def test_a_redirect_is_followed_on_the_same_host_and_nowhere_else() -> None:
    reached: list[str] = []

    def other(handler: BaseHTTPRequestHandler) -> None:
        reached.append(handler.path)
        plain(handler, 200, b"stolen")

    with serving(other) as elsewhere:

        def answer(handler: BaseHTTPRequestHandler) -> None:
            to = {"/near": "/there", "/far": elsewhere + "/x", "/file": "file:///etc/hostname", "/round": "/round"}
            if handler.path in to:
                plain(handler, 302, b"", {"Location": to[handler.path]})
            else:
                plain(handler, 200, b"here")

        with serving(answer) as address:
            site = Site(base=address, token="secret")
            assert site.read("near", limit=10) == b"here"
            for path in ("far", "file", "round"):
                with pytest.raises(Unreachable):
                    site.read(path, limit=10)
    assert reached == []


def test_an_answer_that_drips_for_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "WHOLE_S", 0.4)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):  # nobody listens any more
            for _ in range(40):
                handler.wfile.write(b"x")
                time.sleep(0.05)

    with serving(answer) as address, pytest.raises(Unreachable, match="longer"):
        Site(base=address).read("drip", limit=1000)


def test_headers_that_drip_for_ever_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that may hold a monitor for ever has silenced it."""
    monkeypatch.setattr(source, "WHOLE_S", 0.4)
    heard: list[float] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        with contextlib.suppress(OSError):
            for _ in range(40):
                handler.wfile.write(b"y")
                time.sleep(0.05)
        heard.append(time.monotonic())

    with serving(answer) as address:
        with pytest.raises(Unreachable, match="longer"):
            Site(base=address).read("drip", limit=1000)
        assert not heard, "it was given up on while the server still spoke"


def test_a_token_is_not_sent_in_the_clear() -> None:
    with pytest.raises(Unreachable, match="in the clear"):
        Site(base="http://registry.example/api/v1", token="secret")
    Site(base="https://registry.example/api/v1", token="secret")
    Site(base="http://registry.example/log")


def test_a_server_that_is_slow_sends_too_much_breaks_off_or_speaks_nonsense_is_refused() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        match handler.path:
            case "/slow":
                time.sleep(1.5)
            case "/long":
                plain(handler, 200, bytes(5000))
            case "/torn":
                plain(handler, 200, b"abc", {"Content-Length": "9"})
            case "/error":
                plain(handler, 500, b"")
            case "/gone":
                plain(handler, 410, b"")
            case "/garbage":
                handler.wfile.write(b"\x00garbage\r\n\r\n")
                handler.close_connection = True

    with serving(answer) as address:
        site = Site(base=address, timeout_s=0.3)
        for path in ("slow", "long", "torn", "error", "garbage"):
            with pytest.raises(Unreachable) as refused:
                site.read(path, limit=1000)
            assert refused.type is Unreachable
        with pytest.raises(NotServed):
            site.read("gone", limit=1000)
    with pytest.raises(Unreachable):
        site.read("closed", limit=1000)


@pytest.mark.parametrize(
    "address", ["http://", "https://user@host/log", "http://host/log?x=1", "ftp://host", "file:///x"]
)
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    with pytest.raises(Unreachable):
        Site(base=address)


def test_keys_of_another_alphabet_are_refused(tmp_path: Path) -> None:
    (tmp_path / "vkey").write_bytes("clé".encode())
    with pytest.raises(Unreachable):
        read_vkeys(Folder(top=tmp_path))


def test_a_directory_that_may_not_be_read_is_unreachable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "checkpoint").symlink_to(tmp_path / "checkpoint")
    with pytest.raises(Unreachable):
        read_checkpoint(Folder(top=tmp_path))
