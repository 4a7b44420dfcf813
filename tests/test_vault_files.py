"""Encrypted files: whole or refused, and bound to their asset. Each fault here was planted and must be caught."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings as the_settings
from hypothesis import given
from hypothesis import strategies as st
from uuid6 import uuid7

from registry import vault
from registry.core.errors import DomainError
from registry.models import DataKey
from registry.vault import files
from registry.vault.chunks import CHUNK_BYTES, MAGIC, TAG_BYTES, decrypt, encrypt

KEY = bytes(range(32))
ASSET = "0193c2a0-0000-7000-8000-000000000001"
SEALED = CHUNK_BYTES + TAG_BYTES


@pytest.fixture(autouse=True)
def media_dir(settings, tmp_path: Path) -> Path:
    settings.MEDIA_DIR = tmp_path / "media"
    return settings.MEDIA_DIR


def new_asset() -> str:
    return str(uuid7())


def three_chunks() -> bytes:
    return os.urandom(2 * CHUNK_BYTES + 1000)


@given(st.binary(max_size=40), st.lists(st.integers(1, 7), max_size=6))
def test_any_bytes_in_any_pieces_come_back(plain: bytes, cuts: list[int]) -> None:
    sealed = b"".join(encrypt(ASSET, KEY, _pieces(plain, cuts)))
    assert _opened(sealed) == plain


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_sizes_around_a_chunk_come_back_and_take_the_room_the_format_says(size: int) -> None:
    plain = os.urandom(size)
    sealed = b"".join(encrypt(ASSET, KEY, [plain]))
    assert len(sealed) == len(MAGIC) + size + TAG_BYTES * max(1, -(-size // CHUNK_BYTES))
    assert _opened(sealed) == plain


def test_the_format_is_the_one_that_is_written_down() -> None:
    """A second implementation from docs/formats.md section 9 opens the file."""
    plain = os.urandom(CHUNK_BYTES + 5)
    sealed = b"".join(encrypt(ASSET, KEY, [plain]))
    assert sealed[:8] == b"PROVISO1"
    asset = bytes.fromhex(ASSET.replace("-", ""))
    first = AESGCM(KEY).decrypt(bytes(12), sealed[8 : 8 + SEALED], asset + bytes(8) + b"\0")
    second = AESGCM(KEY).decrypt(bytes(11) + b"\1", sealed[8 + SEALED :], asset + bytes(7) + b"\1\1")
    assert first + second == plain


FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "one-byte-cut": lambda f: f[:-1],
    "last-chunk-cut": lambda f: f[: 8 + 2 * SEALED],
    "cut-to-one-chunk": lambda f: f[: 8 + SEALED],
    "cut-to-its-magic": lambda f: f[:8],
    "empty": lambda f: b"",
    "byte-appended": lambda f: f + b"\0",
    "chunk-appended": lambda f: f + f[8 : 8 + SEALED],
    "chunks-swapped": lambda f: f[:8] + f[8 + SEALED : 8 + 2 * SEALED] + f[8 : 8 + SEALED] + f[8 + 2 * SEALED :],
    "chunk-repeated": lambda f: f[: 8 + SEALED] + f[8:],
    "first-chunk-dropped": lambda f: f[:8] + f[8 + SEALED :],
    "bit-flipped-in-magic": lambda f: _flip(f, 3),
    "bit-flipped-in-first-chunk": lambda f: _flip(f, 100),
    "bit-flipped-in-tag": lambda f: _flip(f, 8 + SEALED - 1),
    "bit-flipped-in-last-chunk": lambda f: _flip(f, len(f) - 30),
    "all-noise": lambda f: os.urandom(len(f)),
}


@pytest.mark.django_db
@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_was_tampered_with_does_not_open(fault: str) -> None:
    asset, plain = new_asset(), three_chunks()
    vault.store(asset, [plain])
    path = files.path_of(asset)
    good = path.read_bytes()
    path.write_bytes(FAULTS[fault](good))
    with pytest.raises(vault.BytesDamaged):
        vault.inspect(asset)
    path.write_bytes(good)
    assert vault.inspect(asset) == plain


@pytest.mark.django_db
def test_another_assets_file_in_its_place_does_not_open() -> None:
    one, other = new_asset(), new_asset()
    vault.store(one, [b"one"])
    vault.store(other, [b"other"])
    files.path_of(other).replace(files.path_of(one))
    with pytest.raises(vault.BytesDamaged):
        vault.inspect(one)
    with pytest.raises(vault.BytesMissing):
        vault.inspect(other)


@pytest.mark.django_db
def test_another_assets_file_and_key_in_its_place_do_not_open() -> None:
    one, other = new_asset(), new_asset()
    vault.store(one, [b"one"])
    vault.store(other, [b"other"])
    files.path_of(other).replace(files.path_of(one))
    wrapped = DataKey.objects.get(owner=f"asset:{other}").wrapped
    DataKey.objects.filter(owner=f"asset:{one}").update(wrapped=wrapped)
    with pytest.raises(vault.KeyUnusable):
        vault.inspect(one)


@pytest.mark.django_db
def test_a_key_seals_one_file_only() -> None:
    asset = new_asset()
    vault.store(asset, [b"first"])
    with pytest.raises(DomainError) as refused:
        vault.store(asset, [b"second"])
    assert refused.value.code == "already_stored"
    assert vault.inspect(asset) == b"first"


@pytest.mark.django_db
def test_a_store_that_fails_midway_leaves_no_file(media_dir: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(3 * CHUNK_BYTES)
        raise OSError("the sender went away")

    with pytest.raises(OSError, match="went away"):
        vault.store(new_asset(), broken())
    assert not [path for path in media_dir.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_what_is_too_large_for_memory_is_not_stored(media_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_PLAIN_BYTES", 100)
    with pytest.raises(ValueError, match="more than 100 bytes"):
        vault.store(new_asset(), [bytes(60), bytes(60)])
    assert not [path for path in media_dir.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_destroying_the_key_erases_the_bytes() -> None:
    asset = new_asset()
    vault.store(asset, [b"a face"])
    vault.destroy_key(f"asset:{asset}")
    with pytest.raises(vault.KeyDestroyed):
        vault.inspect(asset)


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_while_storing_leaves_nothing_that_opens(
    child_environment: dict[str, str], media_dir: Path
) -> None:
    asset = new_asset()
    killed = subprocess.run(
        [sys.executable, "-c", _STORE_AND_DIE, asset],
        env=child_environment | {"MEDIA_URL": str(media_dir)},
        cwd=the_settings.BASE_DIR,
        check=False,
    )
    assert killed.returncode == -9
    assert files.path_of(asset).exists()  # renamed, but its key was not committed
    with pytest.raises(vault.KeyDestroyed):
        vault.inspect(asset)


_STORE_AND_DIE = """
import os, sys, django
django.setup()
from django.db import transaction
from registry import vault
with transaction.atomic():
    vault.store(sys.argv[1], [bytes(3_000_000)])
    os.kill(os.getpid(), 9)
"""


def _pieces(plain: bytes, cuts: list[int]) -> list[bytes]:
    pieces = []
    for cut in cuts:
        pieces.append(plain[:cut])
        plain = plain[cut:]
    return [*pieces, plain]


def _opened(sealed: bytes) -> bytes:
    return b"".join(decrypt(ASSET, KEY, _file(sealed)))


def _file(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
