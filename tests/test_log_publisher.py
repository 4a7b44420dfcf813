"""The publisher: dense numbers, one history, and files that always belong to a signed tree."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from registry import disk, log
from registry.core.checkpoint import Checkpoint as Note
from registry.core.checkpoint import Proof, open_checkpoint, sign_checkpoint
from registry.core.merkle import leaf_hash, root
from registry.core.tiles import TILE_WIDTH, Edge, Tile, decode_bundle, parse_tile_path
from registry.log import folder, publisher
from registry.log.identity import origin, signers, verifier
from registry.models import Checkpoint, Unnumbered
from tests.log_walk import AT, append, digest, entry_of, leaf, publish_all, walk


@pytest.fixture(autouse=True)
def log_dir(settings, tmp_path: Path) -> Path:
    settings.LOG_DIR = tmp_path / "log"
    return settings.LOG_DIR


@pytest.mark.django_db
def test_an_empty_log_publishes_nothing(log_dir: Path) -> None:
    assert log.publish(at=AT) is None
    assert log.tree_size() == 0
    assert log.proof(digest(0)) is None
    assert not log_dir.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("sizes", [[1], [3, 253], [255, 1, 1], [256], [300, 300, 1], [1] * 20])
def test_every_entry_has_a_receipt_that_verifies(sizes: list[int]) -> None:
    total = 0
    for more in sizes:
        append(*range(total, total + more))
        total += more
        added = log.publish(at=AT)
        assert added is not None
        assert added.size == total == log.tree_size()
        assert log.publish(at=AT) is None
    for number in range(total):
        text = log.proof(digest(number))
        assert text is not None
        receipt = Proof.parse(text.encode())
        assert receipt.index == number
        assert receipt.verify(entry_of(number), verifier()).size == total
    walk(total)


@pytest.mark.django_db
def test_a_receipt_takes_one_query_and_at_most_five_tiles(
    django_assert_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(*range(700))
    publish_all()
    read: list[Tile] = []
    real = folder.read_tile
    monkeypatch.setattr(folder, "read_tile", lambda tile: read.append(tile) or real(tile))
    for number in (0, 255, 256, 600, 699):
        read.clear()
        with django_assert_num_queries(1):
            log.proof(digest(number))
        assert 1 <= len(read) <= 5


@pytest.mark.django_db
def test_what_is_not_under_the_newest_checkpoint_has_no_index_and_no_receipt(django_assert_num_queries) -> None:
    append(0, 1)
    publish_all()
    append(2)
    publisher._number_waiting()  # numbered, and no further
    with django_assert_num_queries(2):
        found = log.indices([digest(0), digest(1), digest(2), digest(99)])
    assert found == {digest(0): 0, digest(1): 1, digest(2): None, digest(99): None}
    assert log.proof(digest(2)) is None
    assert log.tree_size() == 2
    publish_all()
    assert log.indices([digest(2)]) == {digest(2): 2}


@pytest.mark.django_db
def test_a_large_batch_is_published_in_several_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "MAX_BATCH", 100)
    append(*range(250))
    publish_all()
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [100, 200, 250]
    walk(250)


@pytest.mark.django_db
def test_one_digest_is_logged_once() -> None:
    append(0)
    assert not log.append(leaf(digest(0), digest(7), "work.registered"))
    publish_all()
    walk(1)


@pytest.mark.django_db(transaction=True)
def test_what_rolled_back_was_never_appended_and_leaves_no_gap() -> None:
    append(0)
    with transaction.atomic():
        append(1)
        transaction.set_rollback(True)
    append(2)
    publish_all()
    assert log.indices([digest(0), digest(1), digest(2)]) == {digest(0): 0, digest(1): None, digest(2): 1}
    walk(2)


@pytest.mark.django_db(transaction=True)
def test_a_leaf_that_commits_late_is_numbered_late_and_never_lost() -> None:
    appended, published = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                append(0)
                appended.set()
                assert published.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert appended.wait(10)
    append(1)
    publish_all()
    assert log.indices([digest(0), digest(1)]) == {digest(0): None, digest(1): 0}
    published.set()
    thread.join()
    publish_all()
    assert log.indices([digest(0), digest(1)]) == {digest(0): 1, digest(1): 0}
    walk(2)


@pytest.mark.django_db
def test_postgresql_itself_refuses_to_change_what_was_logged() -> None:
    """INVARIANT (append-only)."""
    append(0)
    publish_all()
    columns = {"registry_statement": "digest", "registry_run": "count", "registry_checkpoint": "note"}
    for table, column in columns.items():
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)


# --- Crashes: whatever a pass got done, the next one ends where it would have ---------------------------------------


class Killed(BaseException):
    """Stands for the kernel's SIGKILL: nothing of ours runs after it."""


CRASHES: dict[str, tuple[object, str]] = {
    "before-tiles": (folder, "write_files"),
    "before-the-checkpoint": (publisher, "_sign"),
    "before-the-file-is-swapped": (folder, "swap_checkpoint"),
    "before-partial-tiles-go": (folder, "drop_partials"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("before", [0, 1, 255, 300])
@pytest.mark.parametrize("where", CRASHES)
def test_after_a_crash_the_next_pass_ends_where_this_one_would_have(
    where: str, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(*range(before))
    publish_all()
    append(*range(before, before + 7))
    with monkeypatch.context() as patch:
        patch.setattr(*CRASHES[where], _die)
        with pytest.raises(Killed):
            log.publish(at=AT)
    append(before + 7)
    publish_all()
    walk(before + 8)


@pytest.mark.django_db
@pytest.mark.parametrize("written", range(6))
def test_a_crash_between_two_tiles_does_no_harm(written: int, monkeypatch: pytest.MonkeyPatch) -> None:
    append(*range(250))
    publish_all()
    append(*range(250, 270))
    count = iter(range(100))
    real = folder._place

    def die_after(target: Path, data: bytes) -> None:
        if next(count) >= written:
            target.parent.mkdir(parents=True, exist_ok=True)
            (target.parent / f".{target.name}.torn").write_bytes(data[: len(data) // 2])
            raise Killed
        real(target, data)

    with monkeypatch.context() as patch:
        patch.setattr(folder, "_place", die_after)
        with pytest.raises(Killed):
            log.publish(at=AT)
    append(270)
    publish_all()
    walk(271)


LOSSES: dict[str, Callable[[Path], object]] = {
    "everything": lambda path: path.unlink(),
    "partials": lambda path: path.parent.suffix == ".p" and path.unlink(),
    "checkpoint": lambda path: path.name == "checkpoint" and path.unlink(),
    "torn-partials": lambda path: path.parent.suffix == ".p" and path.write_bytes(path.read_bytes()[:-7]),
}


@pytest.mark.django_db
@pytest.mark.parametrize("lost", LOSSES)
def test_lost_files_are_made_again_from_the_entries(lost: str, log_dir: Path) -> None:
    append(*range(300))
    publish_all()
    for path in _files(log_dir):
        LOSSES[lost](path)
    append(300)
    publish_all()
    walk(301)


@pytest.mark.django_db
def test_a_lost_full_tile_is_reported_and_made_again_when_asked(log_dir: Path) -> None:
    append(*range(300))
    publish_all()
    (log_dir / "tile/0/000").unlink()
    with pytest.raises(log.LogDamaged):
        log.proof(digest(0))
    log.rebuild()
    assert log.proof(digest(0)) is not None
    walk(300)


# --- Damage: nothing is published over it ----------------------------------------------------------------------------


def _forge_checkpoint(log_dir: Path) -> None:
    (log_dir / "checkpoint").write_text((log_dir / "checkpoint").read_text().replace("\n300\n", "\n301\n"))


def _change_full_tile(log_dir: Path) -> None:
    """Of a tile that a rebuild writes again."""
    path = log_dir / "tile/0/000"
    path.write_bytes(bytes(32) + path.read_bytes()[32:])
    for partial in log_dir.glob("tile/**/*.p/*"):
        partial.unlink()


def _publish_more_than_the_rows_hold(log_dir: Path) -> None:
    """As after the database was restored from yesterday's backup."""
    entries = [entry_of(number) for number in range(305)]
    edge, _ = Edge.empty().extend(entries)
    publisher.folder.swap_checkpoint(_signed(edge.size, edge.root))


def _publish_another_root(log_dir: Path) -> None:
    folder.swap_checkpoint(_signed(300, bytes(32)))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "checkpoint-forged": _forge_checkpoint,
    "full-tile-changed": _change_full_tile,
    "database-behind-what-was-published": _publish_more_than_the_rows_hold,
    "another-root-was-published": _publish_another_root,
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", DAMAGE)
def test_nothing_is_published_over_damage(what: str, log_dir: Path) -> None:
    append(*range(300))
    publish_all()
    DAMAGE[what](log_dir)
    before = (log_dir / "checkpoint").read_bytes()
    append(300)
    with pytest.raises(log.LogDamaged):
        log.publish(at=AT)
    assert (log_dir / "checkpoint").read_bytes() == before


# --- Two publishers --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_several_publishers_at_once_make_one_log() -> None:
    errors: list[BaseException] = []
    writing = threading.Event()

    def append_many(start: int) -> None:
        for number in range(start, start + 100):
            append(number)

    def publish_until_done() -> None:
        while not writing.is_set() or Unnumbered.objects.exists():
            log.publish(at=AT)

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the main thread raises it
            errors.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=guarded, args=[lambda n=n: append_many(100 * n)]) for n in range(3)]
    publishers = [threading.Thread(target=guarded, args=[publish_until_done]) for _ in range(3)]
    for thread in writers + publishers:
        thread.start()
    for thread in writers:
        thread.join()
    writing.set()
    for thread in publishers:
        thread.join()
    assert not errors
    publish_all()
    walk(300)


@pytest.mark.django_db
def test_a_slower_publisher_neither_signs_nor_serves_an_older_tree(log_dir: Path) -> None:
    append(*range(10))
    size = publisher._number_waiting()
    edge, files = Edge.empty().extend(publisher._entries(0, size))
    append(*range(10, 15))
    publish_all()
    folder.write_files(files)
    assert publisher._add(edge, publisher._sign(edge, None, at=AT), at=AT) is None
    publisher._serve_newest()
    assert open_checkpoint((log_dir / "checkpoint").read_bytes(), verifier()).size == 15
    walk(15)


@pytest.mark.django_db
def test_a_folder_that_a_rival_dropped_is_made_again(log_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(*range(5))
    real, calls = disk.create, iter(range(100))

    def drop_first(draft: Path) -> BinaryIO:
        if next(calls) == 0:
            draft.parent.rmdir()
        return real(draft)

    monkeypatch.setattr(disk, "create", drop_first)
    publish_all()
    walk(5)


@pytest.mark.django_db
def test_partial_tiles_go_when_their_full_tile_is_there(log_dir: Path) -> None:
    append(*range(200))
    publish_all()
    append(*range(200, 256))
    publish_all()
    assert [str(path.relative_to(log_dir)) for path in _files(log_dir)] == [
        "checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000",
    ]  # fmt: skip
    assert folder.read_tile(Tile(level=0, n=0, width=200)) == (log_dir / "tile/0/000").read_bytes()[: 200 * 32]
    bundle = decode_bundle(folder.read_tile(parse_tile_path("tile/entries/000.p/200")))
    assert bundle == tuple(map(entry_of, range(200)))


def test_a_leaf_is_numbered_by_the_hash_of_its_entry() -> None:
    hashes = [leaf_hash(entry_of(number)) for number in range(TILE_WIDTH + 3)]
    edge, _ = Edge.empty().extend([entry_of(number) for number in range(TILE_WIDTH + 3)])
    assert edge.root == root(hashes)


def _die(*_: object, **__: object) -> None:
    raise Killed


def _files(log_dir: Path) -> list[Path]:
    return sorted(path for path in log_dir.rglob("*") if path.is_file())


def _signed(size: int, of: bytes) -> str:
    return sign_checkpoint(Note(origin=origin(), size=size, root=of), *signers()).decode()
