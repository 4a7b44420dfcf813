"""Depositing a file: what was stored is what was sent, once, and a file that is refused leaves nothing."""

from __future__ import annotations

import hashlib
import io
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from django.db import connections
from uuid6 import uuid7

from registry import fingerprints, ingest, vault
from registry.core.errors import DomainError
from registry.fingerprints import hash_picture, nearest
from registry.ingest.decode import decode_frames, decode_picture
from registry.models import DataKey, Deposit, Fingerprint
from registry.services.assets import deposit
from tests import media

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTY = str(uuid7())


@pytest.fixture(autouse=True)
def media_dir(settings, tmp_path: Path) -> Path:
    settings.MEDIA_DIR = tmp_path / "media"
    return settings.MEDIA_DIR


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", media.all_kinds())
def test_what_was_deposited_is_what_was_sent(kind: str, media_dir: Path) -> None:
    data = media.all_kinds()[kind]
    made = deposit(io.BytesIO(data), party=PARTY, at=AT)
    assert made.first
    assert made.sha256 == hashlib.sha256(data).hexdigest()
    assert made.size == len(data)
    assert made.media.container == kind
    assert vault.inspect(made.asset) == data
    (stored,) = files(media_dir)
    assert data[:64] not in stored.read_bytes()


@pytest.mark.django_db
def test_the_same_bytes_of_the_same_party_are_one_asset() -> None:
    first = deposit(io.BytesIO(media.png()), party=PARTY, at=AT)
    again = deposit(io.BytesIO(media.png()), party=PARTY, at=AT)
    other = deposit(io.BytesIO(media.png()), party=str(uuid7()), at=AT)
    assert (again.asset, again.first) == (first.asset, False)
    assert again.media == first.media
    assert other.asset != first.asset
    assert other.first


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_sent_twice_at_once_are_one_asset(media_dir: Path) -> None:
    made = []
    everybody = threading.Barrier(4)

    def send() -> None:
        everybody.wait()
        try:
            made.append(deposit(io.BytesIO(media.png()), party=PARTY, at=AT))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.asset for one in made}) == 1
    assert sum(one.first for one in made) == 1
    assert len(files(media_dir)) == 1
    assert DataKey.objects.count() == 1


@pytest.mark.django_db
def test_an_id_that_was_brought_along_twice_never_costs_the_file_that_has_it() -> None:
    asset = str(uuid7())
    first = deposit(io.BytesIO(media.png()), party=PARTY, at=AT, asset=asset)
    with pytest.raises(DomainError) as refused:
        deposit(io.BytesIO(media.jpeg()), party=PARTY, at=AT, asset=asset)
    assert refused.value.code == "already_stored"
    assert vault.inspect(first.asset) == media.png()


@pytest.mark.django_db
@pytest.mark.parametrize("data", [b"no media at all", media.png()[:200], media.mp4()[:300]])
def test_a_file_that_is_refused_leaves_nothing(data: bytes, media_dir: Path) -> None:
    with pytest.raises(DomainError):
        deposit(io.BytesIO(data), party=PARTY, at=AT)
    assert not files(media_dir)
    assert not Deposit.objects.exists()
    assert not DataKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failure_after_the_file_was_written_leaves_nothing(media_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "record", _fail)
    with pytest.raises(OSError, match="no space"):
        deposit(io.BytesIO(media.png()), party=PARTY, at=AT)
    assert not files(media_dir)
    assert not Deposit.objects.exists()
    assert not DataKey.objects.exists()


@pytest.mark.django_db
def test_a_near_copy_is_found_whatever_was_done_to_it() -> None:
    known = deposit(io.BytesIO(media.png(media.scene(256, 192, seed=1))), party=PARTY, at=AT)
    deposit(io.BytesIO(media.png(media.scene(256, 192, seed=2))), party=PARTY, at=AT)
    picture = decode_picture(media.png(media.scene(256, 192, seed=1)))[..., :3]
    copies = {
        "same": picture,
        "mirrored": picture[:, ::-1],
        "smaller": picture[::2, ::2],
        "darker": (picture * 0.8).astype(np.uint8),
        "jpeg": decode_picture(media.jpeg(picture, quality=30))[..., :3],
    }
    for name, copy in copies.items():
        found = nearest([hash_picture(copy)])
        assert [match.asset for match in found] == [known.asset], name
    assert nearest([hash_picture(copies["same"])])[0].distance == 0
    assert nearest([hash_picture(media.scene(256, 192, seed=3))]) == []


@pytest.mark.django_db
def test_any_sampled_frame_of_a_film_gives_it_away() -> None:
    known = deposit(io.BytesIO(media.mp4(width=160, height=96, seed=5)), party=PARTY, at=AT)
    last = list(decode_frames(media.mp4(width=160, height=96, seed=5)))[12]
    assert [match.asset for match in nearest([hash_picture(last)])] == [known.asset]
    assert set(Fingerprint.objects.values_list("frame", flat=True)) == {0, 5, 10, 15}


@pytest.mark.django_db
def test_a_flat_picture_matches_nothing() -> None:
    flat = np.full((64, 64, 3), 90, dtype=np.uint8)
    deposit(io.BytesIO(media.png(flat)), party=PARTY, at=AT)
    assert nearest([hash_picture(flat)]) == []


@pytest.mark.django_db
def test_sound_has_no_fingerprint_yet() -> None:
    asset = str(uuid7())
    fingerprints.record(asset, ingest.read_media(io.BytesIO(media.wav())))
    assert not Fingerprint.objects.filter(asset=asset).exists()


def _fail(*_: object) -> None:
    raise OSError("no space left on device")
