"""
PNG and JPEG through Pillow: measured by their header, then decoded to the end.

A picture counts as it is meant to be seen: turned as its EXIF orientation says, with its transparency. PNG keeps a
checksum a chunk, which Pillow's decoder skips over and ``verify`` reads.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from registry.core.assets import Media
from registry.ingest.limits import MAX_PIXELS, MediaTooLarge, NotMedia, TruncatedMedia, UnsupportedMedia
from registry.ingest.limits import check_picture_size as check
from registry.ingest.sniff import Form

HEADER_BYTES = 33  # PNG: signature, and IHDR with its checksum
TAIL_BYTES = 1 << 20  # of a JPEG, searched for its end

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError, UnidentifiedImageError)
# what Pillow's parsers raise on broken files


def read_picture(file: BinaryIO, form: Form) -> Media:
    """Return the metadata of a picture that decodes to its end."""
    image = load(file, form)
    width, height = image.size
    return Media(
        container=form.container,
        mime=form.mime,
        aspects=("picture", "style"),
        width=width,
        height=height,
        alpha=image.mode == "RGBA",
        frames=1,
        fps=None,
        duration_ms=None,
        sample_rate=None,
        channels=None,
    )


def load(file: BinaryIO, form: Form) -> Image.Image:
    """Decode a picture whole: mode ``RGB`` or, where it has transparency, ``RGBA``; eight bits a channel."""
    if form.container == "png":
        _check_png(file)
    else:
        _check_jpeg(file)
    with _opened(file, form) as image:
        if getattr(image, "is_animated", False) and form.container == "png":
            raise UnsupportedMedia(problem="animated PNG is not taken: send a film")
        image.load()
        return _plain(ImageOps.exif_transpose(image))


def pixels(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Return a picture as HWC4: red, green, blue, alpha."""
    return np.array(image.convert("RGBA"), dtype=np.uint8)


@contextmanager
def _opened(file: BinaryIO, form: Form) -> Iterator[Image.Image]:
    """Open by header, measure, and turn what the decoder says into our refusals."""
    file.seek(0)
    try:
        with Image.open(file, formats=[form.container.upper()]) as image:
            check(*image.size)
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaTooLarge(what="pixels", found="more", limit=MAX_PIXELS) from error
    except _BROKEN as error:
        if "truncated" in str(error).lower():
            raise TruncatedMedia(problem=_said(error)) from error
        raise NotMedia(problem=f"the picture does not decode: {_said(error)}") from error


def _check_png(file: BinaryIO) -> None:
    """Measure by the first 33 bytes, then read every chunk's checksum up to the end mark."""
    file.seek(0)
    header = file.read(HEADER_BYTES)
    if len(header) < HEADER_BYTES or header[12:16] != b"IHDR":
        raise TruncatedMedia(problem="the picture has no header")
    check(int.from_bytes(header[16:20]), int.from_bytes(header[20:24]))
    size = file.seek(0, os.SEEK_END)
    at = 8
    while True:
        file.seek(at)
        head = file.read(8)
        at += 12 + int.from_bytes(head[:4])
        if len(head) < 8 or at > size:
            raise TruncatedMedia(problem="the picture ends before its end mark")
        if head[4:] == b"IEND":
            break
    file.seek(0)
    try:
        with Image.open(file, formats=["PNG"]) as image:
            image.verify()
    except _BROKEN as error:
        raise NotMedia(problem=f"the picture does not decode: {_said(error)}") from error


def _check_jpeg(file: BinaryIO) -> None:
    """Measure by the frame header; find an end mark after the last scan, which libjpeg would make up."""
    check(*_jpeg_size(file))
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL_BYTES))
    tail = file.read()
    end = tail.rfind(b"\xff\xd9")
    if end < 0 or end < tail.rfind(b"\xff\xda"):
        raise TruncatedMedia(problem="the picture ends before its end mark")


def _jpeg_size(file: BinaryIO) -> tuple[int, int]:
    """Return width and height from the first frame header (ITU-T T.81, annex B)."""
    at = 2
    while True:
        file.seek(at)
        segment = file.read(9)
        if len(segment) < 9:
            raise TruncatedMedia(problem="the picture has no frame header")
        if segment[0] != 0xFF:
            raise NotMedia(problem=f"no JPEG marker at byte `{at}`")
        marker = segment[1]
        if marker == 0xFF:  # filling
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(segment[7:9]), int.from_bytes(segment[5:7])
        elif marker == 0xDA:
            raise NotMedia(problem="a scan stands before the frame header")
        else:
            at += 2 + int.from_bytes(segment[2:4])


def _plain(image: Image.Image) -> Image.Image:
    """Convert any mode to eight bits of RGB or RGBA."""
    if image.mode.startswith("I;16") or image.mode == "I":  # Pillow would clip sixteen bits, not scale them
        grey: npt.NDArray[Any] = np.asarray(image)
        image = Image.fromarray((grey >> 8).astype(np.uint8))
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _said(error: Exception) -> str:
    return str(error).strip().rstrip(".").lower()[:120] or type(error).__name__
