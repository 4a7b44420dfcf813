"""
What a reviewer may see before release: small, coarse, and marked across every frame.

A preview cannot pass for the shot: ``WIDTH`` pixels wide, and the words stand in the picture itself.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from generation.media.encoding import Frames, as_frames, encode, resize

WORDS = "PREVIEW - NOT CLEARED"
WIDTH = 320  # pixels: enough to judge a take, too few to use it
QUALITY = {"crf": "28", "preset": "fast", "threads": "1"}
_SHADE, _WORDS = (0, 0, 0, 70), (255, 255, 255, 170)


def preview(frames_TCHW: object, *, fps: tuple[int, int] = (24, 1)) -> bytes:
    """Return a small MP4 with the words over every frame."""
    frames = as_frames(frames_TCHW)
    small = resize(frames, _size(frames.shape[3], frames.shape[2]))
    overlay = _overlay(small.shape[3], small.shape[2])
    pictures = [_under(frame, overlay) for frame in small.transpose(0, 2, 3, 1)]
    marked = np.stack(pictures).transpose(0, 3, 1, 2)
    return encode(marked, fps=fps, size=(small.shape[3], small.shape[2]), quality=QUALITY)


def _size(width: int, height: int) -> tuple[int, int]:
    """Return even (width, height) of the same proportions."""
    return WIDTH, max(16, round(WIDTH * height / width / 2) * 2)


def _overlay(width: int, height: int) -> Image.Image:
    """Draw the words in three bands from edge to edge, so that no crop of any use misses them all."""
    layer = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(layer)
    font = ImageFont.load_default(size=width / 14)
    for middle in (height / 6, height / 2, height * 5 / 6):
        draw.rectangle((0, middle - width / 24, width, middle + width / 24), fill=_SHADE)
        draw.text((width / 2, middle), WORDS, font=font, anchor="mm", fill=_WORDS)
    return layer


def _under(picture_HWC: Frames, overlay: Image.Image) -> Frames:
    whole = Image.fromarray(picture_HWC).convert("RGBA")
    return np.asarray(Image.alpha_composite(whole, overlay).convert("RGB"))
