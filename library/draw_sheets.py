"""
Draw the sprite sheets of the sample performers: paper puppets with hinged limbs, in profile, facing right.

A sheet is one RGBA image of nine cells side by side: the puppet at rest, then eight phases of its walk. The same
identity looks the same in each cell; only the hinges move. A cell shows 1.1 puppet heights, the feet at 1.0.

Steps, for one sheet: draw an identity from its seed (skin, hair, build, clothes, pattern, hat, bag); pose the hinges
for the cell; lay the limbs from the far side to the near side, four times too large; reduce.
"""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw

from generation.video.stage import CELL_HEADROOM as HEADROOM
from generation.video.stage import CELL_HEIGHT, CELL_WIDTH
from generation.video.stage import CELL_SPAN as SPAN

OVERSAMPLING = 4
SWING = 0.42  # radians a thigh swings to each side

Colour = tuple[float, float, float]
Point = tuple[float, float]

SKIN: tuple[Colour, ...] = (
    (0.98, 0.84, 0.73),
    (0.91, 0.70, 0.55),
    (0.72, 0.51, 0.37),
    (0.52, 0.35, 0.25),
    (0.38, 0.25, 0.18),
)
HAIR: tuple[Colour, ...] = (
    (0.10, 0.08, 0.07),
    (0.36, 0.21, 0.11),
    (0.85, 0.68, 0.33),
    (0.72, 0.27, 0.11),
    (0.66, 0.66, 0.68),
    (0.28, 0.16, 0.42),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What makes one puppet recognisable."""

    skin: Colour
    hair: Colour
    coat: Colour
    trim: Colour
    legs: Colour
    shoes: Colour
    pattern: int  # plain halves, stripes, bars, checks, dots
    hair_style: int  # cropped, bob, long, bun
    hat: int  # none, none, cap, brimmed, beanie
    skirt: float  # how far the coat reaches below the hip
    girth: float
    bag: bool
    scarf: bool


def identity_of(seed: int) -> Identity:
    rng = np.random.default_rng([seed, 7])

    def hsv(hue: float, low_s: float, low_v: float) -> Colour:
        return colorsys.hsv_to_rgb(hue % 1, float(rng.uniform(low_s, 1)), float(rng.uniform(low_v, 1)))

    hue = float(rng.random())
    tan = float(rng.uniform(0.94, 1.04))
    skin = SKIN[int(rng.integers(len(SKIN)))]
    return Identity(
        skin=(skin[0] * tan, skin[1] * tan, skin[2] * tan),
        hair=HAIR[int(rng.integers(len(HAIR)))],
        coat=hsv(hue, 0.55, 0.5),
        trim=hsv(hue + float(rng.uniform(0.2, 0.8)), 0.35, 0.55),
        legs=colorsys.hsv_to_rgb(float(rng.random()), float(rng.uniform(0.1, 0.7)), float(rng.uniform(0.2, 0.7))),
        shoes=colorsys.hsv_to_rgb(float(rng.random()), float(rng.uniform(0, 0.8)), float(rng.uniform(0.1, 0.5))),
        pattern=int(rng.integers(5)),
        hair_style=int(rng.integers(4)),
        hat=int(rng.integers(5)),
        skirt=float(rng.choice([0.0, 0.02, 0.12])),
        girth=float(rng.uniform(0.085, 0.125)),
        bag=bool(rng.random() < 0.3),
        scarf=bool(rng.random() < 0.35),
    )


class Cell:
    """One cell while it is being drawn: limbs laid on a canvas in puppet coordinates (x right, y down, height 1)."""

    def __init__(self) -> None:
        self.size = (CELL_WIDTH * OVERSAMPLING, CELL_HEIGHT * OVERSAMPLING)
        self.unit = self.size[1] / SPAN
        self.canvas = Image.new("RGBA", self.size, (0, 0, 0, 0))

    def at(self, p: Point) -> Point:
        return self.size[0] / 2 + p[0] * self.unit, (p[1] + HEADROOM) * self.unit

    def mask(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        mask = Image.new("L", self.size, 0)
        return mask, ImageDraw.Draw(mask)

    def disc(self, draw: ImageDraw.ImageDraw, p: Point, rx: float, ry: float, fill: int = 255) -> None:
        (left, top), (right, bottom) = self.at((p[0] - rx, p[1] - ry)), self.at((p[0] + rx, p[1] + ry))
        draw.ellipse((left, top, right, bottom), fill=fill)

    def bone(self, draw: ImageDraw.ImageDraw, a: Point, b: Point, radius: float) -> None:
        draw.line((*self.at(a), *self.at(b)), fill=255, width=int(2 * radius * self.unit))
        self.disc(draw, a, radius, radius)
        self.disc(draw, b, radius, radius)

    def lay(self, mask: Image.Image, colour: Colour, gain: float = 1.0) -> None:
        """Lay a limb, with a thin darker edge that keeps it apart from what it overlaps."""
        edge = ImageChops.subtract(mask, ImageChops.offset(mask, -5, -4))
        for part, light in ((mask, gain), (edge, gain * 0.72)):
            r, g, b = (int(min(1.0, c * light) * 255 + 0.5) for c in colour)
            ink = Image.new("RGBA", self.size, (r, g, b, 0))
            ink.putalpha(part)
            self.canvas.alpha_composite(ink)


def hinge(origin: Point, angle: float, length: float) -> Point:
    """The far end of a bone that hangs from `origin`, swung by `angle` to the front."""
    return origin[0] + math.sin(angle) * length, origin[1] + math.cos(angle) * length


def draw_leg(cell: Cell, who: Identity, hip: Point, thigh: float, knee: float, gain: float) -> None:
    mask, draw = cell.mask()
    joint = hinge(hip, thigh, 0.2)
    ankle = hinge(joint, thigh - knee, 0.19)
    cell.bone(draw, hip, joint, 0.052)
    cell.bone(draw, joint, ankle, 0.042)
    cell.lay(mask, who.legs, gain)
    shoe, draw = cell.mask()
    cell.bone(draw, (ankle[0], ankle[1] + 0.02), (ankle[0] + 0.05, ankle[1] + 0.03), 0.033)
    cell.lay(shoe, who.shoes, gain)


def draw_arm(cell: Cell, who: Identity, swing: float, gain: float) -> None:
    shoulder = (0.0, 0.335)
    elbow = hinge(shoulder, swing, 0.14)
    wrist = hinge(elbow, swing + 0.3, 0.125)
    mask, draw = cell.mask()
    cell.bone(draw, shoulder, elbow, 0.042)
    cell.bone(draw, elbow, wrist, 0.034)
    cell.lay(mask, who.coat, gain)
    hand, draw = cell.mask()
    cell.disc(draw, hinge(wrist, swing, 0.02), 0.032, 0.032)
    cell.lay(hand, who.skin, gain)


def draw_torso(cell: Cell, who: Identity) -> None:
    mask, draw = cell.mask()
    w = who.girth
    cell.bone(draw, (0.0, 0.36), (0.0, 0.55), w)
    if who.skirt:
        hem = 0.6 + who.skirt
        draw.polygon([cell.at(p) for p in ((-w, 0.5), (w, 0.5), (w * 1.35, hem), (-w * 1.35, hem))], fill=255)
    cell.lay(mask, who.coat)
    cell.lay(ImageChops.multiply(mask, pattern_of(cell, who)), who.trim)


def pattern_of(cell: Cell, who: Identity) -> Image.Image:
    mask, draw = cell.mask()
    lines = np.arange(-0.3, 0.9, 0.085)
    if who.pattern == 0:
        draw.rectangle((*cell.at((-0.4, 0.47)), *cell.at((0.4, 0.9))), fill=255)
    if who.pattern in (1, 3):
        for y in lines:
            draw.rectangle((*cell.at((-0.4, float(y))), *cell.at((0.4, float(y) + 0.04))), fill=255)
    if who.pattern in (2, 3):
        for x in lines:
            draw.rectangle((*cell.at((float(x), 0.2)), *cell.at((float(x) + 0.04, 0.9))), fill=255)
    if who.pattern == 4:
        for k, y in enumerate(np.arange(0.3, 0.8, 0.07)):
            for x in np.arange(-0.3, 0.3, 0.085):
                cell.disc(draw, (float(x) + 0.042 * (k % 2), float(y)), 0.024, 0.024)
    return mask


def draw_head(cell: Cell, who: Identity) -> None:
    back, draw = cell.mask()
    if who.hair_style == 2:
        cell.bone(draw, (-0.05, 0.13), (-0.085, 0.34), 0.062)
    if who.hair_style == 3:
        cell.disc(draw, (-0.135, 0.08), 0.055, 0.055)
    if who.hair_style == 1:
        cell.bone(draw, (-0.04, 0.13), (-0.05, 0.2), 0.095)
    cell.lay(back, who.hair, 0.85)
    face, draw = cell.mask()
    cell.bone(draw, (0.0, 0.22), (0.0, 0.27), 0.045)
    cell.disc(draw, (0.012, 0.135), 0.108, 0.122)
    cell.disc(draw, (0.118, 0.15), 0.022, 0.022)
    cell.lay(face, who.skin)
    hair, draw = cell.mask()
    cell.disc(draw, (-0.012, 0.105), 0.122, 0.115)
    cell.disc(draw, (0.052, 0.185), 0.105, 0.108, 0)
    cell.lay(hair, who.hair)
    eye, draw = cell.mask()
    cell.disc(draw, (0.075, 0.125), 0.017, 0.022)
    cell.lay(eye, (0.06, 0.05, 0.08))
    draw_hat(cell, who)
    if who.scarf:
        scarf, draw = cell.mask()
        cell.bone(draw, (-0.06, 0.275), (0.06, 0.285), 0.036)
        cell.lay(scarf, who.trim)


def draw_hat(cell: Cell, who: Identity) -> None:
    if who.hat < 2:
        return
    hat, draw = cell.mask()
    cell.disc(draw, (-0.005, 0.07), 0.125, 0.105)
    draw.rectangle((*cell.at((-0.3, 0.075)), *cell.at((0.3, 0.3))), fill=0)
    if who.hat == 2:
        cell.bone(draw, (0.06, 0.068), (0.17, 0.074), 0.016)
    if who.hat == 3:
        cell.bone(draw, (-0.17, 0.066), (0.17, 0.066), 0.018)
    if who.hat == 4:
        cell.disc(draw, (-0.01, -0.025), 0.034, 0.034)
    cell.lay(hat, who.trim)


def draw_cell(who: Identity, phase: float | None) -> npt.NDArray[np.uint8]:
    """Draw the puppet at one phase of its walk (radians), or at rest. Returns uint8 of shape (96, 64, 4)."""
    cell = Cell()
    swing = 0.0 if phase is None else SWING * math.sin(phase)
    near, far = (0.07, -0.07) if phase is None else (swing, -swing)
    bend = [0.0, 0.0] if phase is None else [max(0.0, math.cos(phase)) * 0.75, max(0.0, -math.cos(phase)) * 0.75]
    draw_arm(cell, who, -0.1 - swing * -0.9, 0.72)
    draw_leg(cell, who, (0.01, 0.575), far, bend[1], 0.74)
    draw_leg(cell, who, (-0.01, 0.575), near, bend[0], 1.0)
    draw_torso(cell, who)
    draw_head(cell, who)
    if who.bag:
        bag, draw = cell.mask()
        cell.bone(draw, (-0.10, 0.48), (-0.10, 0.55), 0.055)
        cell.lay(bag, who.trim, 0.8)
    draw_arm(cell, who, 0.08 - swing * 0.9, 1.0)
    pixels = np.array(cell.canvas.resize((CELL_WIDTH, CELL_HEIGHT), Image.Resampling.BOX))
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def draw_sheet(identity_seed: int) -> npt.NDArray[np.uint8]:
    """Draw a performer's sheet. Returns uint8 of shape (96, 9 x 64, 4): at rest, then eight phases of the walk."""
    who = identity_of(identity_seed)
    phases = [None, *(2 * math.pi * k / 8 for k in range(8))]
    return np.concatenate([draw_cell(who, phase) for phase in phases], axis=1)
