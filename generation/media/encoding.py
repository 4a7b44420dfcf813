"""
Frames to an MP4 that plays everywhere: H.264, 4:2:0, BT.709, index before the pictures.

1. Resize to the delivered size (Lanczos), where the frames have another.
2. Encode in one thread without a time of day in the file: the same frames give the same bytes.
3. Decode what was written and compare: a file that does not give its frames back never leaves this module.

Nothing touches the disk: takes that nobody has released yet stay in memory.
Shapes: T frames, C channels, H height, W width.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from PIL import Image

from registry.core.errors import Malformed

Frames = npt.NDArray[np.uint8]  # _TCHW, RGB

CRF = 12  # of libx264: no difference that an eye finds
MAX_LUMA_ERROR = 6.0  # levels, mean over the shot, between what was given and what the file holds
QUALITY: Mapping[str, str] = {"crf": str(CRF), "preset": "medium", "threads": "1"}
_LUMA = np.array([0.2126, 0.7152, 0.0722])  # BT.709


class EncodingFailed(RuntimeError):
    """What was encoded does not decode to the frames given: a fault of ours, not of any input."""


class _Kept(io.BytesIO):
    """Bytes that stay readable after the muxer has closed them."""

    def close(self) -> None:
        self.flush()


def as_frames(frames_TCHW: object) -> Frames:
    """Take frames from whoever has them (a tensor on the CPU, an array) as _TCHW bytes."""
    frames: Frames = np.asarray(frames_TCHW)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[1] != 3 or 0 in frames.shape:
        raise ValueError(f"frames are uint8 _TCHW of three channels, not {frames.dtype} {frames.shape}")
    return frames


def resize(frames_TCHW: object, size: tuple[int, int]) -> Frames:
    """Fit frames to (width, height), by Lanczos."""
    frames = as_frames(frames_TCHW)
    if (frames.shape[3], frames.shape[2]) == size:
        return frames
    pictures = [Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS) for frame in frames.transpose(0, 2, 3, 1)]
    return np.stack([np.asarray(picture) for picture in pictures]).transpose(0, 3, 1, 2)


def encode(
    frames_TCHW: object,
    *,
    fps: tuple[int, int],
    size: tuple[int, int],
    quality: Mapping[str, str] = QUALITY,
) -> bytes:
    """
    Return an MP4 of these frames at (width, height), both even.

    Raises ``Malformed`` for a size that 4:2:0 cannot hold, ``EncodingFailed`` where the file is not what was meant.
    """
    if size[0] % 2 or size[1] % 2 or min(size) < 16:
        raise Malformed(
            "bad_value", field="format", value=f"{size[0]}x{size[1]}", wanted="even sizes from 16 pixels up"
        )
    frames = resize(frames_TCHW, size)
    mp4 = _encoded(frames, Fraction(*fps), quality)
    _check(frames, mp4)
    return mp4


def decode(mp4: bytes) -> Frames:
    """Return every frame of an MP4, _TCHW."""
    with av.open(io.BytesIO(mp4), "r") as container:
        pictures = [
            frame.reformat(
                format="rgb24", src_colorspace=Colorspace.ITU709, src_color_range=ColorRange.MPEG
            ).to_ndarray()
            for frame in container.decode(video=0)
        ]
    return as_frames(np.stack(pictures).transpose(0, 3, 1, 2))


def _encoded(frames_TCHW: Frames, fps: Fraction, quality: Mapping[str, str]) -> bytes:
    written = _Kept()
    container = av.open(
        written,
        "w",
        format="mp4",
        container_options={"movflags": "+faststart", "fflags": "+bitexact"},
        io_open=lambda *_: _Kept(written.getvalue()),  # the second pass, which moves the index to the front, reads it
    )
    with container:
        stream = container.add_stream("libx264", rate=fps, options=dict(quality))
        stream.height, stream.width = frames_TCHW.shape[2:]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        stream.codec_context.time_base = 1 / fps
        _tag_colours(stream.codec_context)
        for index, picture in enumerate(frames_TCHW.transpose(0, 2, 3, 1)):
            frame = _to_yuv(picture)
            frame.pts, frame.time_base = index, 1 / fps
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return written.getvalue()


def _to_yuv(picture_HWC: npt.NDArray[np.uint8]) -> av.VideoFrame:
    rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture_HWC), format="rgb24")
    return rgb.reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.LANCZOS,
    )


def _tag_colours(codec: av.VideoCodecContext) -> None:
    codec.color_range = ColorRange.MPEG
    codec.colorspace = Colorspace.ITU709
    codec.color_primaries = ColorPrimaries.BT709
    codec.color_trc = ColorTrc.BT709


def _check(frames_TCHW: Frames, mp4: bytes) -> None:
    found = decode(mp4)
    if found.shape != frames_TCHW.shape:
        raise EncodingFailed(f"frames of shape {frames_TCHW.shape} decode as {found.shape}")
    error = float(np.abs(np.tensordot(_LUMA, found.astype(np.float32) - frames_TCHW, (0, 1))).mean())
    if error > MAX_LUMA_ERROR:
        raise EncodingFailed(f"the file differs from its frames by {error:.1f} levels of luma on average")
