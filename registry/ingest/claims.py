"""
How large a film says its pictures are, read from its outer structure before FFmpeg sees any of it.

FFmpeg looks into the pictures while it opens a file, and treats a claim beyond its own limits as no claim at all. What
cannot be followed here is left to it: this only adds refusals.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO

from registry.ingest.ebml import element, unsigned
from registry.ingest.limits import TruncatedMedia, check_picture_size
from registry.ingest.sniff import Form

MAX_ELEMENTS = 20_000  # boxes or elements looked at; a film's header has some hundred
CONTAINERS = frozenset([b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"])  # ISO/IEC 14496-12, section 6.2.3
PICTURE_ENTRIES = frozenset([
    b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"vp08", b"vp09", b"mp4v", b"jpeg", b"mjpa", b"png ", b"rle ", b"raw ",
    b"apch", b"apcn", b"apcs", b"apco", b"ap4h", b"ap4x", b"AVdn", b"AVdh", b"FFV1",
])  # fmt: skip
ENTRY_HEAD_BYTES = 8  # of `stsd`: version, flags and count stand before the first entry
MASTERS = frozenset([b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae", b"\xe0"])  # Segment, Tracks, TrackEntry, Video
PIXEL_WIDTH, PIXEL_HEIGHT = b"\xb0", b"\xba"  # RFC 9559, section 5.1.4.1.28


def check_claims(file: BinaryIO, form: Form) -> None:
    """Refuse a film whose header claims pictures beyond the limits. Rewinds the file."""
    size = file.seek(0, os.SEEK_END)
    claims = _in_boxes(file, 0, size) if form.demuxer == "mov" else _in_elements(file, size)
    for width, height in claims:
        if width and height:
            check_picture_size(width, height)
    file.seek(0)


def _in_boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sizes in the sample entries of pictures (ISO/IEC 14496-12, section 12.1.3)."""
    at = start
    for _ in range(MAX_ELEMENTS):
        kind, first, after = _box(file, at)
        if not at < after <= end:
            return
        if kind in PICTURE_ENTRIES:
            file.seek(at + 32)
            field = file.read(4)
            yield int.from_bytes(field[:2]), int.from_bytes(field[2:])
        elif kind in CONTAINERS:
            yield from _in_boxes(file, first + (ENTRY_HEAD_BYTES if kind == b"stsd" else 0), after)
        at = after


def _box(file: BinaryIO, at: int) -> tuple[bytes, int, int]:
    """Read a box's type, where its content begins, and where it ends; 0 where it is none."""
    file.seek(at)
    head = file.read(16)
    length, header = int.from_bytes(head[:4]), 8
    if length == 1:
        length, header = int.from_bytes(head[8:16]), 16
    return head[4:8], at + header, at + length if len(head) >= header and length >= header else 0


def _in_elements(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Yield the sizes of the picture tracks, walking down into the track headers and over everything else."""
    file.seek(0)
    width = 0
    for _ in range(MAX_ELEMENTS):
        if file.tell() >= size:
            return
        try:
            ident, length = element(file)
        except TruncatedMedia:
            return
        if ident == PIXEL_WIDTH:
            width = unsigned(file, length)
        elif ident == PIXEL_HEIGHT:
            yield width, unsigned(file, length)
        elif ident not in MASTERS:
            if length is None:
                return
            file.seek(length, os.SEEK_CUR)
