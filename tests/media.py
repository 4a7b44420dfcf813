"""Real media files, small and made on the spot with the libraries that everybody makes them with."""

from __future__ import annotations

import io
import wave
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

FPS = Fraction(24000, 1001)
RATE = 48_000  # Hz


def scene(width: int = 96, height: int = 64, *, seed: int = 0, shift: int = 0) -> npt.NDArray[np.uint8]:
    """A smooth picture, HWC3, of a few waves; another seed is another picture, a shift moves it."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / 64
    waves = np.zeros((height, width, 3))
    for _ in range(6):
        fx, fy, phase = random.uniform(-9, 9, 3)
        waves += np.sin(fx * (x + shift / 64) + fy * y + phase)[..., None] * random.uniform(0.3, 1, 3)
    span = np.ptp(waves)
    return ((waves - waves.min()) / span * 255).astype(np.uint8)


def png(picture: npt.NDArray[np.uint8] | None = None, *, alpha: bool = False) -> bytes:
    image = Image.fromarray(scene() if picture is None else picture)
    if alpha:
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    return _saved(image, "PNG")


def jpeg(picture: npt.NDArray[np.uint8] | None = None, **options: Any) -> bytes:
    return _saved(Image.fromarray(scene() if picture is None else picture), "JPEG", **options)


@cache
def film(
    container: str = "mp4",
    codec: str = "libx264",
    *,
    sound: str | None = None,
    frames: int = 16,
    width: int = 96,
    height: int = 64,
    pix_fmt: str = "yuv420p",
    seed: int = 0,
    rotation: int = 0,
    tracks: int = 1,
) -> bytes:
    """A film of a wave that moves, and of half a second of a tone where ``sound`` names a codec."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as writer:
        pictures = []
        for _ in range(tracks):
            stream: Any = writer.add_stream(codec, rate=FPS)
            stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
            if rotation:
                stream.set_display_rotation(rotation)
            pictures.append(stream)
        heard: Any = writer.add_stream(sound, rate=RATE) if sound else None
        for stream in pictures:
            for number in range(frames):
                frame = av.VideoFrame.from_ndarray(scene(width, height, seed=seed, shift=number))
                frame.pts = number
                writer.mux(stream.encode(frame))
            writer.mux(stream.encode(None))
        if heard is not None:
            writer.mux(heard.encode(_tone()))
            writer.mux(heard.encode(None))
    return file.getvalue()


def mp4(**options: Any) -> bytes:
    return film("mp4", "libx264", **options)


def mov() -> bytes:
    return film("mov", "prores_ks", sound="pcm_s16le", pix_fmt="yuv422p10le")


def webm() -> bytes:
    return film("webm", "libvpx-vp9", sound="libopus")


def wav(seconds: float = 0.5, *, channels: int = 2, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes((_wave(int(seconds * rate), channels).T * 32767).astype("<i2").tobytes())
    return file.getvalue()


@cache
def flac() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as writer:
        stream: Any = writer.add_stream("flac", rate=RATE)
        writer.mux(stream.encode(_tone(format="s16")))
        writer.mux(stream.encode(None))
    return file.getvalue()


def all_kinds() -> dict[str, bytes]:
    """One good file of each kind that is taken."""
    return {
        "png": png(alpha=True),
        "jpeg": jpeg(),
        "mp4": mp4(sound="aac"),
        "mov": mov(),
        "webm": webm(),
        "wav": wav(),
        "flac": flac(),
    }


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _wave(samples: int, channels: int) -> npt.NDArray[np.float32]:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(samples) / RATE)
    return np.tile(tone.astype(np.float32), (channels, 1))


def _tone(format: str = "fltp") -> av.AudioFrame:  # noqa: A002 - PyAV's own word
    samples = _wave(RATE // 2, 2)
    if format == "s16":
        frame = av.AudioFrame.from_ndarray(
            (samples.T * 32767).astype(np.int16).reshape(1, -1), format="s16", layout="stereo"
        )
    else:
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
    frame.sample_rate, frame.pts = RATE, 0
    return frame
