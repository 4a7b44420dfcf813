"""The few words of EBML (RFC 8794) that tell what a WebM file is, how long, and how large its pictures are."""

from typing import BinaryIO

from registry.ingest.limits import TruncatedMedia

MAX_INTEGER_BYTES = 8


def element(file: BinaryIO) -> tuple[bytes, int | None]:
    """Read an element's id, with its marker, and the length of its data; None is an unknown length."""
    ident = _vint(file, keep_marker=True)
    raw = _vint(file, keep_marker=False)
    length = int.from_bytes(raw)
    return ident, None if length == (1 << 7 * len(raw)) - 1 else length


def unsigned(file: BinaryIO, length: int | None) -> int:
    """Read an element's data as a whole number."""
    if length is None or length > MAX_INTEGER_BYTES:
        raise TruncatedMedia(problem="a number of unknown length")
    return int.from_bytes(file.read(length))


def _vint(file: BinaryIO, *, keep_marker: bool) -> bytes:
    """Read a variable-size integer (RFC 8794, section 4)."""
    first = file.read(1)
    if not first or not first[0]:
        raise TruncatedMedia(problem="an element has no head")
    width = 9 - first[0].bit_length()
    rest = file.read(width - 1)
    if len(rest) != width - 1:
        raise TruncatedMedia(problem="an element's head ends early")
    lead = first[0] if keep_marker else first[0] & ((1 << 8 - width) - 1)
    return bytes([lead]) + rest
