"""
Decode what the vault opened: pictures, stretches of film, sound. For conditioning, screening and fingerprints.

The same doors and limits as at ingest; what came in decodes again the same way.
"""

import io
from collections.abc import Iterator

import av
import numpy as np
import numpy.typing as npt

from registry.ingest.limits import UnsupportedMedia
from registry.ingest.pictures import load, pixels
from registry.ingest.sniff import Form, sniff
from registry.ingest.tracks import opened, picture_frames, sound_frames, upright

Span = tuple[int, int]  # frames [first, after the last)


def decode_picture(data: bytes) -> npt.NDArray[np.uint8]:
    """Return a still picture as HWC4 (red, green, blue, alpha)."""
    file = io.BytesIO(data)
    return pixels(load(file, _of_family(file, "picture")))


def decode_frames(data: bytes, span: Span | None = None) -> Iterator[npt.NDArray[np.uint8]]:
    """
    Yield the frames of a film in ``span`` as HWC3, all of them by default; a picture is a film of one frame.

    Frames are counted from 0 in the order of showing, as the spans of statements count them.
    """
    file = io.BytesIO(data)
    form = sniff(file)
    first, end = span or (0, None)
    if form.family == "picture":
        if first == 0 and end != 0:
            yield pixels(load(file, form))[..., :3]
        return
    with opened(file, _film(form)) as tracks:
        for number, frame in enumerate(picture_frames(tracks)):
            if end is not None and number >= end:
                return
            if number >= first:
                yield upright(frame)


def decode_sound(data: bytes) -> tuple[npt.NDArray[np.float32], int]:
    """Return samples as (channels, samples) between -1 and 1, and the samples a second."""
    file = io.BytesIO(data)
    with opened(file, sniff(file)) as tracks:
        if tracks.sound is None:
            raise UnsupportedMedia(problem="the film has no sound")
        resampler = av.AudioResampler(format="fltp")
        parts = [part.to_ndarray() for frame in sound_frames(tracks) for part in resampler.resample(frame)]
        rate = tracks.sound.codec_context.sample_rate
    return np.concatenate(parts, axis=1, dtype=np.float32), rate


def _of_family(file: io.BytesIO, family: str) -> Form:
    form = sniff(file)
    if form.family != family:
        raise UnsupportedMedia(problem=f"a {form.family} where a {family} is needed")
    return form


def _film(form: Form) -> Form:
    if form.family != "film":
        raise UnsupportedMedia(problem=f"a {form.family} where a film is needed")
    return form
