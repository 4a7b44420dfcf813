"""
From real bytes to what they are.

- ``read_media`` tells by its bytes what a file is, decodes it to its end within the limits, and returns its metadata
- ``decode`` gives pixels and samples to those who may have them; ``limits`` holds every limit and refusal

Left out: who deposited it, where it is kept, what it shows.
"""

from typing import BinaryIO

from registry.core.assets import Media
from registry.ingest.limits import (
    MAX_FILE_BYTES,
    MediaTooLarge,
    NotMedia,
    TruncatedMedia,
    UnsupportedMedia,
    check_size,
)
from registry.ingest.pictures import read_picture
from registry.ingest.sniff import sniff
from registry.ingest.tracks import read_tracks

__all__ = [
    "MAX_FILE_BYTES",
    "MediaTooLarge",
    "NotMedia",
    "TruncatedMedia",
    "UnsupportedMedia",
    "check_size",
    "read_media",
]


def read_media(file: BinaryIO) -> Media:
    """
    Return a file's technical metadata; the file can be sought in and is read to its end.

    Raises ``NotMedia``, ``TruncatedMedia``, ``UnsupportedMedia`` or ``MediaTooLarge``.
    """
    form = sniff(file)
    return read_picture(file, form) if form.family == "picture" else read_tracks(file, form)
