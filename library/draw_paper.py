"""
Cut paper: colours, the hour's palettes, and sheets on which masks are laid with a shadow and a light rim.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from generation.video.stage import LAYER_HALF_HEIGHT as HALF_HEIGHT
from generation.video.stage import LAYER_HALF_WIDTH as HALF_WIDTH
from generation.video.stage import LAYER_HEIGHT, LAYER_WIDTH

OVERSAMPLING = 3

Colour = tuple[float, float, float]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """What the hour does to colours: the sky's two ends, the light on things, the disc of sun or moon, the haze."""

    top: Colour
    bottom: Colour
    light: Colour
    disc: Colour
    lamps: bool  # are windows and street lamps lit?


PALETTES = {
    "dawn": Palette(
        top=(0.93, 0.55, 0.50), bottom=(1.0, 0.87, 0.62), light=(1.06, 0.90, 0.80), disc=(1.0, 0.95, 0.72), lamps=False
    ),
    "day": Palette(
        top=(0.30, 0.58, 0.92), bottom=(0.80, 0.92, 0.98), light=(1.0, 1.0, 0.98), disc=(1.0, 0.97, 0.78), lamps=False
    ),
    "dusk": Palette(
        top=(0.33, 0.19, 0.48), bottom=(0.97, 0.52, 0.30), light=(0.88, 0.66, 0.64), disc=(1.0, 0.66, 0.36), lamps=True
    ),
    "night": Palette(
        top=(0.04, 0.06, 0.18), bottom=(0.14, 0.19, 0.40), light=(0.40, 0.46, 0.72), disc=(0.93, 0.95, 1.0), lamps=True
    ),
}


def mix(a: Colour, b: Colour, share: float) -> Colour:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def lit(colour: Colour, light: Colour, gain: float = 1.0) -> Colour:
    return (colour[0] * light[0] * gain, colour[1] * light[1] * gain, colour[2] * light[2] * gain)


def bytes_of(colour: Colour) -> tuple[int, int, int]:
    r, g, b = (int(min(1.0, max(0.0, c)) * 255 + 0.5) for c in colour)
    return r, g, b


class Sheet:
    """One layer while it is being cut: an RGBA canvas, and masks in world coordinates laid on it."""

    def __init__(self) -> None:
        self.size = (LAYER_WIDTH * OVERSAMPLING, LAYER_HEIGHT * OVERSAMPLING)
        self.unit = self.size[0] / (2 * HALF_WIDTH)  # pixels to a world unit
        self.canvas = Image.new("RGBA", self.size, (0, 0, 0, 0))

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (x + HALF_WIDTH) * self.unit, (y + HALF_HEIGHT) * self.unit

    def mask(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        mask = Image.new("L", self.size, 0)
        return mask, ImageDraw.Draw(mask)

    def polygon(self, draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], fill: int = 255) -> None:
        draw.polygon([self.at(x, y) for x, y in points], fill=fill)

    def ellipse(self, draw: ImageDraw.ImageDraw, x: float, y: float, rx: float, ry: float, fill: int = 255) -> None:
        left, top = self.at(x - rx, y - ry)
        right, bottom = self.at(x + rx, y + ry)
        draw.ellipse((left, top, right, bottom), fill=fill)

    def paint(self, mask: Image.Image, colour: Colour, strength: float = 1.0) -> None:
        """Colour the mask flat, with no paper edge."""
        veil = mask if strength >= 1 else mask.point([int(v * strength) for v in range(256)])
        ink = Image.new("RGBA", self.size, (*bytes_of(colour), 0))
        ink.putalpha(veil)
        self.canvas.alpha_composite(ink)

    def lay(self, mask: Image.Image, top: Colour, bottom: Colour, *, shadow: float = 0.32, rim: float = 0.3) -> None:
        """Lay a cut of paper: its shadow on what is behind, its colour from top to bottom, light along its edge."""
        if shadow:
            fallen = ImageChops.offset(mask, 0, -5).filter(ImageFilter.GaussianBlur(6))
            self.paint(ImageChops.subtract(fallen, mask), (0.0, 0.0, 0.02), shadow)
        ink = self._gradient(mask, top, bottom)
        ink.putalpha(mask)
        self.canvas.alpha_composite(ink)
        if rim:
            edge = ImageChops.subtract(mask, ImageChops.offset(mask, 0, 4))
            self.paint(edge, mix(top, (1.0, 1.0, 1.0), 0.5), rim)

    def _gradient(self, mask: Image.Image, top: Colour, bottom: Colour) -> Image.Image:
        box = mask.getbbox() or (0, 0, 1, 1)
        rows = np.clip((np.arange(self.size[1]) - box[1]) / max(1, box[3] - box[1]), 0, 1)[:, None]
        ramp = np.asarray(top)[None] * (1 - rows) + np.asarray(bottom)[None] * rows
        column = (np.clip(ramp, 0, 1) * 255 + 0.5).astype(np.uint8)[:, None]
        return Image.fromarray(column).resize(self.size, Image.Resampling.NEAREST).convert("RGBA")

    def finished(self) -> Pixels:
        small = self.canvas.resize((LAYER_WIDTH, LAYER_HEIGHT), Image.Resampling.BOX)
        pixels = np.array(small)
        pixels[pixels[..., 3] == 0] = 0
        return pixels
