"""
Film and sound through PyAV: one door to FFmpeg, with everything that bounds it.

1. The demuxer is the one that the sniffed form names; FFmpeg guesses nothing and follows no reference out of the file.
2. Tracks, codecs and the sizes in the headers are checked before a decoder runs; those of pictures before FFmpeg does.
3. Decoding is strict: damage raises instead of being painted over.
4. Frames, samples and time are counted while decoding; a limit ends it.

Frames that an edit list would hide are frames all the same: whoever declares what a film holds declares those too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from registry.core.assets import Media
from registry.ingest import limits
from registry.ingest.claims import check_claims
from registry.ingest.limits import MediaTooLarge, NotMedia, TruncatedMedia, UnsupportedMedia
from registry.ingest.sniff import Form

PICTURE_CODECS = frozenset(
    ["av1", "dnxhd", "ffv1", "h264", "hevc", "mjpeg", "mpeg4", "png", "prores", "qtrle", "rawvideo", "vp8", "vp9"]
)
SOUND_CODECS = frozenset(["aac", "mp3", "opus", "vorbis", "flac", "alac", "ac3", "eac3"])  # and `pcm_…`
DECODER_THREADS = 2
MAX_RATE = 1_000_000  # of a fraction's terms in the body of a statement
STRICT = {"err_detect": "explode", "max_pixels": str(limits.MAX_PIXELS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """An opened file whose headers are within the limits, and not yet decoded."""

    container: InputContainer
    picture: Any  # av.VideoStream | None
    sound: Any  # av.AudioStream | None

    @property
    def fps(self) -> Fraction | None:
        """Frames a second as the container says; a variable rate is its mean, to the nearest usual fraction."""
        rate = self.picture.average_rate or self.picture.base_rate or self.picture.guessed_rate
        if not rate:
            return None
        rate = rate if max(rate.numerator, rate.denominator) <= MAX_RATE else rate.limit_denominator(1001)
        return rate if 0 < rate.numerator <= MAX_RATE else None


@contextmanager
def opened(file: BinaryIO, form: Form) -> Iterator[Tracks]:
    """Open a film or sound; whatever FFmpeg raises inside leaves as one of our refusals."""
    if form.family == "film":
        check_claims(file, form)
    file.seek(0)
    try:
        with av.open(file, "r", format=form.demuxer, options=_options(form), metadata_errors="ignore") as container:
            yield _checked(container, form)
    except (EOFError, av.error.EOFError) as error:
        raise TruncatedMedia(problem="its data end early") from error
    except (av.error.FFmpegError, ValueError, IndexError, MemoryError) as error:
        raise NotMedia(problem=f"the file does not decode: {_said(error)}") from error


def read_tracks(file: BinaryIO, form: Form) -> Media:
    """Decode a film or sound to its end, and return what it is."""
    with opened(file, form) as tracks:
        seen = _decode_all(tracks)
        if tracks.picture is None:
            return _media_of_sound(form, seen)
        return _media_of_film(form, tracks, seen)


def picture_frames(tracks: Tracks) -> Iterator[Any]:
    """Yield the frames of the picture track, each checked, in the order of showing."""
    budget = Budget(tracks)
    for packet in tracks.container.demux(tracks.picture):
        for frame in packet.decode():
            budget.count(frame)
            yield frame


def sound_frames(tracks: Tracks) -> Iterator[Any]:
    """Yield the frames of the sound track, each checked."""
    budget = Budget(tracks)
    for packet in tracks.container.demux(tracks.sound):
        for frame in packet.decode():
            budget.count(frame)
            yield frame


def upright(frame: Any) -> npt.NDArray[np.uint8]:
    """Return a frame as HWC3, turned as the file says it is to be shown."""
    turned: npt.NDArray[np.uint8] = np.rot90(frame.to_ndarray(format="rgb24"), k=quarter_turns(frame))
    return turned


def quarter_turns(frame: Any) -> int:
    """Return how often a frame is to be turned by 90 degrees against the clock."""
    return round(frame.rotation / 90) % 4


class Budget:
    """Count what was decoded; stop at a limit, at a change of size or rate, and at damage."""

    def __init__(self, tracks: Tracks) -> None:
        self.tracks = tracks
        self.until = time.monotonic() + limits.DECODE_BUDGET_S
        self.frames = 0
        self.samples = 0
        self.turns = 0
        self.rate: int | None = None
        self.channels: int | None = None

    def count(self, frame: Any) -> None:
        if time.monotonic() > self.until:
            raise MediaTooLarge(what="seconds of decoding", found="more", limit=int(limits.DECODE_BUDGET_S))
        if frame.is_corrupt:
            raise NotMedia(problem=f"the file is damaged near picture `{self.frames}`")
        if isinstance(frame, av.VideoFrame):
            self._picture(frame)
        else:
            self._sound(frame)

    def _picture(self, frame: Any) -> None:
        header = self.tracks.picture.codec_context
        if (frame.width, frame.height) != (header.width, header.height):
            raise UnsupportedMedia(problem="the pictures of the film change their size")
        self.frames += 1
        self.turns = quarter_turns(frame)
        if self.frames > limits.MAX_FRAMES:
            raise MediaTooLarge(what="pictures", found=self.frames, limit=limits.MAX_FRAMES)

    def _sound(self, frame: Any) -> None:
        rate, channels = frame.sample_rate, frame.layout.nb_channels
        if (self.rate or rate, self.channels or channels) != (rate, channels):
            raise UnsupportedMedia(problem="the sound changes its rate or channels")
        self.rate, self.channels = rate, channels
        self.samples += frame.samples
        if self.samples > limits.MAX_SOUND_S * rate:
            raise MediaTooLarge(what="seconds of sound", found="more", limit=limits.MAX_SOUND_S)


def _options(form: Form) -> dict[str, str]:
    own = {"ignore_editlist": "1"} if form.demuxer == "mov" else {}
    return {"err_detect": "crccheck", **own}


def _checked(container: InputContainer, form: Form) -> Tracks:
    """Check tracks, codecs and the headers' sizes before anything is decoded."""
    pictures, sounds = container.streams.video, container.streams.audio
    if len(pictures) > 1 or len(sounds) > 1:
        raise UnsupportedMedia(problem="more than one picture track or sound track: send each in a file of its own")
    if form.family == "film" and not pictures:
        raise UnsupportedMedia(problem="a film without pictures: send sound as WAV or FLAC")
    if form.family == "sound" and (pictures or not sounds):
        raise UnsupportedMedia(problem="a sound file with one sound track and no cover picture is taken")
    tracks = Tracks(container=container, picture=next(iter(pictures), None), sound=next(iter(sounds), None))
    for stream in (tracks.picture, tracks.sound):
        if stream is not None:
            _prepare(stream)
    return tracks


def _prepare(stream: Any) -> None:
    context = stream.codec_context
    codec = "none" if context is None else context.codec.canonical_name
    if stream.type == "video":
        if codec not in PICTURE_CODECS:
            raise UnsupportedMedia(problem=f"pictures coded as `{codec}` are not taken")
        limits.check_picture_size(context.width, context.height)
        context.thread_type = "AUTO"
        context.thread_count = DECODER_THREADS
        context.options = STRICT
    else:
        if codec not in SOUND_CODECS and not codec.startswith("pcm_"):
            raise UnsupportedMedia(problem=f"sound coded as `{codec}` is not taken")
        _check_sound(context)
        context.options = {"err_detect": "explode"}


def _check_sound(context: Any) -> None:
    if not 0 < context.sample_rate <= limits.MAX_SAMPLE_RATE:
        raise MediaTooLarge(what="samples a second", found=context.sample_rate, limit=limits.MAX_SAMPLE_RATE)
    if not 0 < context.layout.nb_channels <= limits.MAX_CHANNELS:
        raise MediaTooLarge(what="channels", found=context.layout.nb_channels, limit=limits.MAX_CHANNELS)


def _decode_all(tracks: Tracks) -> Budget:
    """Decode every track to its end, and find there what the headers promised."""
    seen = Budget(tracks)
    packets = tracks.container.demux([track for track in (tracks.picture, tracks.sound) if track is not None])
    for packet in packets:
        for frame in _decoded(packet, packets):
            seen.count(frame)
    if tracks.picture is not None:
        if not seen.frames:
            raise NotMedia(problem="the film has no picture that decodes")
        if seen.frames < tracks.picture.frames:
            raise TruncatedMedia(problem=f"`{seen.frames}` pictures decode of `{tracks.picture.frames}`")
    elif not seen.samples:
        raise NotMedia(problem="the sound has no sample that decodes")
    else:
        _check_length(tracks.sound, seen)
    return seen


def _decoded(packet: Any, after: Iterator[Any]) -> list[Any]:
    """Decode one packet; damage in the very last one is a cut."""
    try:
        frames: list[Any] = packet.decode()
        return frames
    except av.error.InvalidDataError as error:
        if any(later.size for later in after):
            raise
        raise TruncatedMedia(problem="its last part does not decode") from error


def _check_length(sound: Any, seen: Budget) -> None:
    """Compare the samples with what a WAV or FLAC header says, where it says anything."""
    if sound.duration is None or sound.time_base is None or seen.rate is None:
        return
    promised = int(sound.duration * sound.time_base * seen.rate)
    if seen.samples < promised:
        raise TruncatedMedia(problem=f"`{seen.samples}` samples decode of `{promised}`")


def _media_of_film(form: Form, tracks: Tracks, seen: Budget) -> Media:
    context = tracks.picture.codec_context
    width, height = (context.width, context.height) if seen.turns % 2 == 0 else (context.height, context.width)
    fps = tracks.fps
    return Media(
        container=form.container,
        mime=form.mime,
        aspects=("motion", "picture", *(("sound",) if seen.samples else ()), "style"),
        width=width,
        height=height,
        alpha=context.format is not None and any(part.is_alpha for part in context.format.components),
        frames=seen.frames,
        fps=None if fps is None else (fps.numerator, fps.denominator),
        duration_ms=None if fps is None else round(seen.frames * 1000 / fps),
        sample_rate=seen.rate,
        channels=seen.channels,
    )


def _media_of_sound(form: Form, seen: Budget) -> Media:
    assert seen.rate is not None  # `_decode_all` found a sample
    return Media(
        container=form.container,
        mime=form.mime,
        aspects=("sound",),
        width=None,
        height=None,
        alpha=False,
        frames=None,
        fps=None,
        duration_ms=round(Fraction(seen.samples * 1000, seen.rate)),
        sample_rate=seen.rate,
        channels=seen.channels,
    )


def _said(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text.strip().rstrip(".").lower()[:120] or type(error).__name__
