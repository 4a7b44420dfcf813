"""
Draw the motion records and sing the voice records of the sample library: small, simple, real files.

A motion record is two seconds of a stick figure that runs, walks, waves or jumps (MP4, H.264). A voice record is three
seconds of vowels (FLAC): a glottal pulse train through three formant resonators.
"""

from __future__ import annotations

import math
from io import BytesIO

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

MOTIONS = ("walk", "run", "wave", "jump")
VOICES = {"low": 110.0, "high": 205.0}  # pitch in hertz
SIZE, FRAMES, RATE_FPS = 96, 24, 12
SAMPLE_RATE, SECONDS = 16000, 3
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))  # Peterson and Barney, 1952


def pose(action: str, t: float) -> tuple[float, list[tuple[tuple[float, float], ...]]]:
    """How far the figure is off the ground, and its limbs as lines from joint to joint."""
    speed = {"walk": 2.0, "run": 3.0}.get(action, 0.0)
    swing = math.sin(2 * math.pi * speed * t) * (0.75 if action == "run" else 0.45)
    lift = max(0.0, math.sin(2 * math.pi * t)) * 0.28 if action == "jump" else 0.0
    left, right = -swing, swing
    if action == "wave":
        right = 2.5 + 0.35 * math.sin(2 * math.pi * 3 * t)
    if action == "jump":
        left, right = -0.4 - 5 * lift, 0.4 + 5 * lift
    hip, neck = (0.0, 0.1), (0.0, -0.35)

    def reach(a: tuple[float, float], angle: float, length: float) -> tuple[float, float]:
        return a[0] + math.sin(angle) * length, a[1] + math.cos(angle) * length

    legs = [(hip, reach(hip, s, 0.28), reach(reach(hip, s, 0.28), s * 0.4, 0.28)) for s in (swing, -swing)]
    arms = [(neck, reach(neck, s, 0.2), reach(reach(neck, s, 0.2), s * 1.1, 0.2)) for s in (left, right)]
    return lift, [(neck, hip), *legs, *arms]


def draw_motion(action: str) -> bytes:
    """Draw a motion record as the bytes of an MP4."""
    out = BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE_FPS, options={"crf": "20", "threads": "1"})
        stream.width = stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for k in range(FRAMES):
            image = Image.new("RGB", (SIZE * 2, SIZE * 2), (244, 240, 230))
            draw = ImageDraw.Draw(image)
            lift, limbs = pose(action, k / FRAMES)
            draw.line((10, 166, 182, 166), fill=(160, 150, 140), width=2)
            for limb in limbs:
                line = [((x + 1) * SIZE, (y - lift + 1.06) * SIZE) for x, y in limb]
                draw.line(line, fill=(40, 44, 60), width=7, joint="curve")
            y = (-0.47 - lift + 1.06) * SIZE
            draw.ellipse((SIZE - 13, y - 13, SIZE + 13, y + 13), fill=(40, 44, 60))
            small = np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BOX))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(small, format="rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()


def resonate(x: npt.NDArray[np.float64], hertz: float, width: float) -> npt.NDArray[np.float64]:
    """A two-pole resonator."""
    r = math.exp(-math.pi * width / SAMPLE_RATE)
    a1, a2 = 2 * r * math.cos(2 * math.pi * hertz / SAMPLE_RATE), -r * r
    y = np.zeros(len(x) + 2)
    for k, value in enumerate(x):
        y[k + 2] = value + a1 * y[k + 1] + a2 * y[k]
    return y[2:] * (1 - r)


def sing_voice(voice: str) -> bytes:
    """Sing a voice record as the bytes of a FLAC."""
    length = SAMPLE_RATE * SECONDS // len(VOWELS)
    parts = []
    for k, formants in enumerate(VOWELS):
        t = np.arange(length) / SAMPLE_RATE
        pitch = VOICES[voice] * (1 + 0.04 * np.sin(2 * math.pi * 4 * t) - 0.05 * k)
        phase = np.cumsum(pitch) / SAMPLE_RATE
        x = np.diff(np.floor(phase), prepend=0.0)
        for hertz, width in zip(formants, (60, 90, 150), strict=True):
            x = resonate(x, hertz * (1.0 if voice == "low" else 1.14), width)
        parts.append(x / np.abs(x).max() * np.hanning(length) ** 0.25 * 0.6)
    samples = (np.concatenate(parts) * 32767).astype(np.int16)[None]
    out = BytesIO()
    with av.open(out, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE, layout="mono")
        for start in range(0, samples.shape[1], 4096):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, start : start + 4096]), "s16", "mono")
            frame.sample_rate = SAMPLE_RATE
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()
