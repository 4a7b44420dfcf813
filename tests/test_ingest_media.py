"""What a file is, told by its bytes; and every file that is none, refused with a stable code."""

from __future__ import annotations

import io
import random
import struct
import time
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from registry import ingest
from registry.core.assets import Media, parse_media
from registry.core.errors import DomainError
from registry.core.fields import Reader
from registry.ingest import limits
from registry.ingest.decode import decode_frames, decode_picture, decode_sound
from tests import media

GOOD = media.all_kinds()
LARGER = {
    "raw": media.film("mov", "rawvideo", pix_fmt="rgb24"),
    "webm": media.film("webm", "libvpx-vp9", width=320, height=256, frames=2),
}


def read(data: bytes) -> Media:
    return ingest.read_media(io.BytesIO(data))


def code_of(data: bytes) -> str:
    with pytest.raises(DomainError) as refused:
        read(data)
    return refused.value.code


EXPECTED: dict[str, dict[str, Any]] = {
    "png": {"mime": "image/png", "aspects": ("picture", "style"), "alpha": True, "frames": 1, "width": 96},
    "jpeg": {"mime": "image/jpeg", "aspects": ("picture", "style"), "alpha": False, "height": 64},
    "mp4": {"mime": "video/mp4", "frames": 16, "fps": (24000, 1001), "duration_ms": 667, "sample_rate": 48000},
    "mov": {"mime": "video/quicktime", "frames": 16, "channels": 2},
    "webm": {"mime": "video/webm", "frames": 16, "aspects": ("motion", "picture", "sound", "style")},
    "wav": {"mime": "audio/wav", "aspects": ("sound",), "duration_ms": 500, "frames": None, "width": None},
    "flac": {"mime": "audio/flac", "aspects": ("sound",), "duration_ms": 500, "channels": 2},
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_file_is_described_as_a_statement_can_say_it(kind: str) -> None:
    found = read(GOOD[kind])
    assert found.container == kind
    assert {name: getattr(found, name) for name in EXPECTED[kind]} == EXPECTED[kind]
    assert parse_media(Reader(found.format(), "media")) == found


def test_a_film_without_sound_has_no_sound_to_license() -> None:
    assert read(media.mp4()).aspects == ("motion", "picture", "style")


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_that_was_cut_is_refused_wherever_it_was_cut(kind: str) -> None:
    data = GOOD[kind]
    for keep in (len(data) - 1, len(data) * 3 // 4, len(data) // 2, len(data) // 4, 40):
        assert code_of(data[:keep]) == "truncated_media" or keep <= len(data) // 2
        assert code_of(data[:keep]) in {"truncated_media", "not_media"}


@pytest.mark.parametrize("kind", ["png", "flac", "mp4"])
def test_a_file_whose_bytes_were_changed_is_refused_or_is_still_a_whole_file(kind: str) -> None:
    chance = random.Random(7)
    refused = 0
    for _ in range(60):
        data = bytearray(GOOD[kind])
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            read(bytes(data))
        except DomainError:
            refused += 1
    assert refused >= (50 if kind == "png" else 10)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"hello, this is a text file\n" * 50, b"PK\x03\x04" + bytes(200), b"\x7fELF" + bytes(200)],
    ids=["empty", "one-byte", "text", "zip", "program"],
)
def test_a_file_that_is_no_media_is_refused(data: bytes) -> None:
    assert code_of(data) == "not_media"


def test_noise_behind_a_good_beginning_is_refused() -> None:
    noise = random.Random(1).randbytes(5000)
    for data in GOOD.values():
        assert code_of(data[:32] + noise) in {"not_media", "truncated_media", "media_too_large"}


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "WEBP"])
def test_a_picture_of_a_kind_that_is_not_taken_is_unsupported(kind: str) -> None:
    file = io.BytesIO()
    Image.fromarray(media.scene()).save(file, kind)
    assert code_of(file.getvalue()) == "unsupported_media"


def test_media_that_are_not_taken_are_unsupported() -> None:
    assert code_of(media.film("matroska", "libx264")) == "unsupported_media"
    assert code_of(media.film("avi", "mpeg4")) == "unsupported_media"
    assert code_of(media.mp4(tracks=2)) == "unsupported_media"
    assert code_of(_animated_png()) == "unsupported_media"


def test_the_name_of_a_file_is_not_looked_at(tmp_path) -> None:
    path = tmp_path / "holiday.mp4"
    path.write_bytes(media.png())
    with path.open("rb") as file:
        assert ingest.read_media(file).mime == "image/png"


@pytest.mark.parametrize("size", [(100_000, 100_000), (20_000, 10), (9_000, 9_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_claims_too_many_pixels_is_refused_at_once(size: tuple[int, int]) -> None:
    began = time.perf_counter()
    assert code_of(_png_that_claims(*size)) == "media_too_large"
    if max(size) < 65_536:
        assert code_of(_jpeg_that_claims(*size)) == "media_too_large"
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm", "raw"])
@pytest.mark.parametrize("size", [(60_000, 60_000), (17_000, 10), (10_000, 10_000)])
def test_a_film_that_claims_too_many_pixels_is_refused_before_it_is_decoded(kind: str, size: tuple[int, int]) -> None:
    data = LARGER.get(kind) or GOOD[kind]
    assert read(data).frames
    assert code_of(_film_that_claims(data, *size)) == "media_too_large"


def test_a_compressed_bomb_within_the_size_limits_costs_no_more_than_its_pixels() -> None:
    flat = np.zeros((8_000, 8_000), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(flat).save(file, "PNG", compress_level=9)
    assert len(file.getvalue()) < 100_000
    assert read(file.getvalue()).width == 8_000


def test_a_text_bomb_in_a_picture_is_refused() -> None:
    bomb = zlib.compress(bytes(100 << 20))
    data = media.png()
    chunk = b"zTXtComment\0\0" + bomb
    planted = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert code_of(data[:33] + planted + data[33:]) == "not_media"


def test_limits_on_bytes_frames_and_time_end_a_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(limits.MediaTooLarge):
        ingest.check_size(limits.MAX_FILE_BYTES + 1)
    monkeypatch.setattr(limits, "MAX_FRAMES", 15)
    assert code_of(media.mp4()) == "media_too_large"
    monkeypatch.setattr(limits, "MAX_FRAMES", 16)
    assert read(media.mp4()).frames == 16
    monkeypatch.setattr(limits, "DECODE_BUDGET_S", 0.0)
    assert code_of(media.mp4()) == "media_too_large"
    monkeypatch.setattr(limits, "DECODE_BUDGET_S", 60.0)
    monkeypatch.setattr(limits, "MAX_SOUND_S", 0.4)
    assert code_of(media.wav()) == "media_too_large"


def test_a_picture_decodes_to_its_colours_and_its_transparency() -> None:
    picture = media.scene()
    decoded = decode_picture(media.png(picture, alpha=True))
    assert decoded.shape == (64, 96, 4)
    assert decoded.dtype == np.uint8
    assert (decoded[..., :3] == picture).all()
    assert decoded[0, 0, 3] < 10
    assert decoded[-1, 0, 3] > 240
    assert (decode_picture(media.png(picture))[..., 3] == 255).all()


def test_sixteen_bits_and_palettes_become_eight_bits_of_colour() -> None:
    deep = (media.scene()[..., 0].astype(np.uint16) << 8) + 7
    file = io.BytesIO()
    Image.fromarray(deep).save(file, "PNG")
    assert (decode_picture(file.getvalue())[..., 0] == media.scene()[..., 0]).all()
    file = io.BytesIO()
    Image.fromarray(media.scene()).quantize(16).save(file, "PNG", transparency=0)
    assert read(file.getvalue()).alpha


def test_a_photograph_is_seen_as_its_camera_was_held() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held upright
    data = media.jpeg(exif=turned)
    found = read(data)
    assert (found.width, found.height) == (64, 96)
    assert decode_picture(data).shape == (96, 64, 4)


def test_a_film_is_seen_as_its_camera_was_held() -> None:
    data = media.mp4(rotation=90)
    found = read(data)
    assert (found.width, found.height) == (64, 96)
    assert next(decode_frames(data)).shape == (96, 64, 3)


def test_frames_are_counted_from_nought_in_the_order_of_showing() -> None:
    data = media.mp4()
    everything = list(decode_frames(data))
    some = list(decode_frames(data, (3, 7)))
    assert len(everything) == 16
    assert everything[0].shape == (64, 96, 3)
    assert len(some) == 4
    assert all((one == other).all() for one, other in zip(some, everything[3:7], strict=True))
    first = np.abs(everything[0].astype(int) - media.scene(96, 64)).mean()
    assert first < 6
    assert list(decode_frames(data, (16, 20))) == []


def test_a_picture_is_a_film_of_one_frame_and_sound_is_none() -> None:
    assert next(decode_frames(media.png(alpha=True))).shape == (64, 96, 3)
    with pytest.raises(DomainError) as refused:
        next(decode_frames(media.wav()))
    assert refused.value.code == "unsupported_media"
    with pytest.raises(DomainError) as refused:
        decode_picture(media.mp4())
    assert refused.value.code == "unsupported_media"


@pytest.mark.parametrize("kind", ["wav", "flac", "mov"])
def test_sound_decodes_to_its_samples(kind: str) -> None:
    samples, rate = decode_sound(GOOD[kind])
    assert rate == 48_000
    assert samples.shape == (2, 24_000)
    assert samples.dtype == np.float32
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.01)


def test_a_film_without_sound_gives_none() -> None:
    with pytest.raises(DomainError) as refused:
        decode_sound(media.mp4())
    assert refused.value.code == "unsupported_media"


def _png_that_claims(width: int, height: int) -> bytes:
    header = struct.pack(">II", width, height) + b"\x08\x02\0\0\0"
    body = b"".join(
        _chunk(kind, data) for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _jpeg_that_claims(width: int, height: int) -> bytes:
    data = media.jpeg()
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def _film_that_claims(data: bytes, width: int, height: int) -> bytes:
    if data.startswith(b"\x1a\x45\xdf\xa3"):  # PixelWidth and PixelHeight, of two bytes each (RFC 9559)
        at = data.index(b"\xb0\x82\x01\x40\xba\x82\x01\x00")
        return data[:at] + struct.pack(">BBHBBH", 0xB0, 0x82, width, 0xBA, 0x82, height) + data[at + 8 :]
    at = data.index(b"stsd") + 12 + 32  # width and height of the first sample entry (ISO/IEC 14496-12, 12.1.3)
    return data[:at] + struct.pack(">HH", width, height) + data[at + 4 :]


def _animated_png() -> bytes:
    file = io.BytesIO()
    pictures = [Image.fromarray(media.scene(seed=seed)) for seed in range(3)]
    pictures[0].save(file, "PNG", save_all=True, append_images=pictures[1:])
    return file.getvalue()
