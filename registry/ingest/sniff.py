"""
Tell by its bytes what a file is, and whether it is all there.

Names and declared types are not looked at. A container that says how long it is must be that long: walking its outer
structure finds a cut that a forgiving decoder would paper over.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from registry.ingest.ebml import element
from registry.ingest.limits import NotMedia, TruncatedMedia, UnsupportedMedia

HEAD_BYTES = 64
UNKNOWN_RIFF_SIZES = (0, 0xFFFFFFFF)  # written by recorders that stream
MAX_BOXES = 10_000  # top-level boxes; a fragmented film has two a fragment


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of file that we take."""

    container: str
    mime: str
    family: str  # picture | film | sound
    demuxer: str = ""  # FFmpeg's name, so that it does not guess again


PNG = Form(container="png", mime="image/png", family="picture")
JPEG = Form(container="jpeg", mime="image/jpeg", family="picture")
MP4 = Form(container="mp4", mime="video/mp4", family="film", demuxer="mov")
MOV = Form(container="mov", mime="video/quicktime", family="film", demuxer="mov")
WEBM = Form(container="webm", mime="video/webm", family="film", demuxer="matroska")
WAV = Form(container="wav", mime="audio/wav", family="sound", demuxer="wav")
FLAC = Form(container="flac", mime="audio/flac", family="sound", demuxer="flac")

STILL_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"jxl ")
OLD_MOV_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip")  # QuickTime before there was `ftyp`
KNOWN_OTHERS = {
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"OggS": "Ogg",
    b"ID3": "MP3",
    b"BM": "BMP",
    b"%PDF": "PDF",
    b"\x06\x0e\x2b\x34": "MXF",
    b"8BPS": "Photoshop",
    b"\x76\x2f\x31\x01": "OpenEXR",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"FORM": "AIFF",
}


def sniff(file: BinaryIO) -> Form:
    """Return what the file is; raises ``NotMedia``, ``UnsupportedMedia`` or ``TruncatedMedia``. Rewinds the file."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    form = _form_of(head, file)
    file.seek(0)
    if walk := _WALKS.get(form.container):
        walk(file, size)
        file.seek(0)
    return form


def _form_of(head: bytes, file: BinaryIO) -> Form:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"fLaC"):
        return FLAC
    if head[:4] in (b"RIFF", b"RF64"):
        return _riff(head)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _ebml(file)
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head[4:8] in OLD_MOV_BOXES:
        return MOV
    for magic, name in KNOWN_OTHERS.items():
        if head.startswith(magic):
            raise UnsupportedMedia(problem=f"{name} is not taken: {TAKEN}")
    raise NotMedia(problem=f"the file is neither picture, film nor sound that is taken: {TAKEN}")


TAKEN = "send MP4, MOV, WebM, PNG, JPEG, WAV or FLAC"


def _riff(head: bytes) -> Form:
    if head[8:12] == b"WAVE":
        return WAV
    raise UnsupportedMedia(problem=f"RIFF of type `{head[8:12].decode('latin-1').strip()}` is not taken: {TAKEN}")


def _brand(head: bytes) -> Form:
    brand = head[8:12]
    if brand in STILL_BRANDS:
        raise UnsupportedMedia(problem=f"still pictures of type `{brand.decode().strip()}` are not taken: {TAKEN}")
    return MOV if brand == b"qt  " else MP4


def _ebml(file: BinaryIO) -> Form:
    """Read the doctype in the EBML header (RFC 8794): WebM is the part of Matroska that we take."""
    file.seek(0)
    _, header = element(file)
    end = file.tell() + min(header or 0, 4096)
    while file.tell() < end:
        ident, length = element(file)
        value = file.read(min(length or 0, 4096))
        if ident == b"\x42\x82":
            if value.rstrip(b"\0") == b"webm":
                return WEBM
            raise UnsupportedMedia(problem=f"Matroska that is not WebM is not taken: {TAKEN}")
    raise NotMedia(problem="the EBML header names no doctype")


def _walk_boxes(file: BinaryIO, size: int) -> None:
    """Walk the top-level boxes of an ISO base media file (ISO/IEC 14496-12, section 4.2)."""
    at = 0
    for _ in range(MAX_BOXES):
        if at == size:
            return
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            raise TruncatedMedia(problem=f"`{len(head)}` bytes after the last box")
        length = int.from_bytes(head[:4])
        if length == 1:
            length = int.from_bytes(head[8:16])
        if length == 0:  # to the end of the file
            return
        if length < 8:
            raise NotMedia(problem=f"a box of `{length}` bytes at `{at}`")
        at += length
        if at > size:
            raise TruncatedMedia(problem=f"its last box ends at byte `{at}`, the file at `{size}`")
    raise NotMedia(problem=f"the file has more than `{MAX_BOXES}` boxes")


def _walk_ebml(file: BinaryIO, size: int) -> None:
    while file.tell() < size:
        _, length = element(file)
        if length is None:  # a live recording: only decoding shows its end
            return
        end = file.seek(length, os.SEEK_CUR)
        if end > size:
            raise TruncatedMedia(problem=f"its segment ends at byte `{end}`, the file at `{size}`")


def _walk_riff(file: BinaryIO, size: int) -> None:
    head = file.read(8)
    length = int.from_bytes(head[4:8], "little")
    if head[:4] == b"RIFF" and length not in UNKNOWN_RIFF_SIZES and 8 + length > size:
        raise TruncatedMedia(problem=f"it says `{8 + length}` bytes and has `{size}`")


_WALKS: dict[str, Callable[[BinaryIO, int], None]] = {
    "mp4": _walk_boxes,
    "mov": _walk_boxes,
    "webm": _walk_ebml,
    "wav": _walk_riff,
}
