"""The publisher: dense numbers, one history, and files that always belong to a signed tree."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry import log
from registry.core.checkpoint import Proof, open_checkpoint
from registry.log.appending import entry_bytes
from registry.log.identity import verifier
from registry.models import Checkpoint, Entry, Leaf, Unnumbered

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def log_dir(settings, tmp_path: Path) -> Path:
    settings.LOG_DIR = tmp_path / "log"
    return settings.LOG_DIR


def digest(number: int) -> str:
    return hashlib.sha256(b"statement %d" % number).hexdigest()


def append(*numbers: int) -> None:
    for number in numbers:
        log.append(digest(number), digest(-number - 1), "work.registered")


def publish_all() -> None:
    while log.publish(at=AT) is not None:
        pass


@pytest.mark.django_db
def test_an_empty_log_publishes_nothing() -> None:
    assert log.publish(at=AT) is None
    assert log.tree_size() == 0
    assert log.proof(digest(0)) is None


@pytest.mark.django_db
@pytest.mark.parametrize("sizes", [[1], [3, 253], [255, 1, 1], [256], [300, 300, 1]])
def test_every_entry_has_a_receipt_that_verifies(sizes: list[int]) -> None:
    total = 0
    for more in sizes:
        append(*range(total, total + more))
        total += more
        assert log.publish(at=AT).size == total
        assert log.publish(at=AT) is None
    for number in {0, 1, total // 2, total - 2, total - 1} & set(range(total)):
        receipt = Proof.parse(log.proof(digest(number)).encode())
        entry = entry_bytes(digest(number), digest(-number - 1), "work.registered")
        assert receipt.verify(entry, verifier()).size == total
        assert receipt.index == number
    assert not Unnumbered.objects.exists()
