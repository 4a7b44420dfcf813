"""What a deposited file may be at most, and the refusals. Each limit bounds memory or time of whoever decodes it."""

from registry.core.errors import DomainError

MAX_FILE_BYTES = 512 << 20  # the vault decrypts to memory
MAX_SIDE = 16_384  # pixels; 8K cinema is 8,192 wide
MAX_PIXELS = 64_000_000  # of one picture: 256 MB as RGBA
MAX_FRAMES = 432_000  # five hours at 24 frames a second
MAX_SOUND_S = 5 * 3600
MAX_CHANNELS = 64
MAX_SAMPLE_RATE = 384_000  # Hz
DECODE_BUDGET_S = 120.0  # wall time to decode a file to its end; 1080p runs at some 200 frames a second on two cores


class NotMedia(DomainError):
    """Bytes that are no picture, film or sound that we know by its first bytes, or that do not decode."""

    code = "not_media"
    status = 422

    def __init__(self, *, problem: str) -> None:
        super().__init__(problem, field="file")


class TruncatedMedia(DomainError):
    """A file that ends before it should."""

    code = "truncated_media"
    status = 422

    def __init__(self, *, problem: str) -> None:
        super().__init__(f"the file is cut off: {problem}", field="file")


class UnsupportedMedia(DomainError):
    """Media, but of a kind that we do not take."""

    code = "unsupported_media"
    status = 422

    def __init__(self, *, problem: str) -> None:
        super().__init__(problem, field="file")


class MediaTooLarge(DomainError):
    """More bytes, pixels, frames or time than a limit allows."""

    code = "media_too_large"
    status = 422

    def __init__(self, *, what: str, found: object, limit: object) -> None:
        super().__init__(f"`{found}` {what}, at most `{limit}` are taken", field="file")
        self.limit = limit

    def extra(self) -> dict[str, object]:
        return {"limit": self.limit}


def check_size(size: int) -> None:
    """Refuse a file by its bytes."""
    if size > MAX_FILE_BYTES:
        raise MediaTooLarge(what="bytes", found=size, limit=MAX_FILE_BYTES)


def check_picture_size(width: int, height: int) -> None:
    """Refuse a picture or frame by what its header claims, before anything is decoded or allocated."""
    if width < 1 or height < 1:
        raise NotMedia(problem="the picture has no pixels")
    if max(width, height) > MAX_SIDE:
        raise MediaTooLarge(what="pixels on one side", found=max(width, height), limit=MAX_SIDE)
    if width * height > MAX_PIXELS:
        raise MediaTooLarge(what="pixels", found=width * height, limit=MAX_PIXELS)
