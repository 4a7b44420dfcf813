"""
Draw the background plates of the sample library: paper theatre, four sheets of cut paper one behind another.

A plate is one RGBA image, its four layers stacked from back to front: sky, far ridge, middle (hills, city or forest),
ground. Every layer shows the same stretch of the world, x in [-3, 3] and y in [-1.5, 1.5] (y grows downwards, a frame
at rest sees [-16/9, 16/9] by [-1, 1]), so that one camera with a parallax for each layer films them all.

Steps, for one plate: choose a palette by the time of day; cut each layer from masks drawn three times too large; lay
each cut with a shadow above its edge and a light rim, as paper has; reduce; stack.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageFilter

from generation.video.stage import LAYER_HALF_HEIGHT as HALF_HEIGHT
from generation.video.stage import LAYER_HALF_WIDTH as HALF_WIDTH
from generation.video.text import PLACES, TIMES
from library.draw_paper import PALETTES, Colour, Palette, Pixels, Sheet, lit, mix

TERRAINS = PLACES
MIDDLE: dict[str, Colour] = {"hills": (0.42, 0.58, 0.34), "city": (0.55, 0.50, 0.52), "forest": (0.20, 0.42, 0.26)}
GROUND: dict[str, Colour] = {"hills": (0.52, 0.66, 0.34), "city": (0.58, 0.57, 0.58), "forest": (0.46, 0.50, 0.30)}
PATH: dict[str, Colour] = {"hills": (0.86, 0.76, 0.58), "city": (0.44, 0.44, 0.47), "forest": (0.66, 0.52, 0.38)}


def ridge(
    rng: np.random.Generator, height: float, swing: float, pitch: float, octaves: int
) -> list[tuple[float, float]]:
    """A skyline from left to right, closed below the layer."""
    phases = rng.uniform(0, 2 * math.pi, octaves)
    line = []
    for x in np.linspace(-HALF_WIDTH, HALF_WIDTH, 240):
        y = sum(math.sin(x * pitch * 1.9**k + phases[k]) / 1.9**k for k in range(octaves))
        line.append((float(x), height - swing * y))
    return [*line, (HALF_WIDTH, HALF_HEIGHT), (-HALF_WIDTH, HALF_HEIGHT)]


def peaks(rng: np.random.Generator, height: float, swing: float) -> list[tuple[float, float]]:
    """A skyline of folded mountains."""
    line, x = [], -HALF_WIDTH - 0.3
    while x < HALF_WIDTH + 0.3:
        line.append((x, height + swing * float(rng.uniform(0.1, 0.4))))
        x += float(rng.uniform(0.25, 0.5))
        line.append((x, height - swing * float(rng.uniform(0.3, 1.0))))
        x += float(rng.uniform(0.25, 0.5))
    return [*line, (HALF_WIDTH + 1, HALF_HEIGHT), (-HALF_WIDTH - 1, HALF_HEIGHT)]


def draw_sky(rng: np.random.Generator, palette: Palette, tod: str) -> Pixels:
    sheet = Sheet()
    whole, draw = sheet.mask()
    draw.rectangle((0, int(sheet.at(0, -1.2)[1]), *sheet.size), fill=255)
    sheet.paint(Image.new("L", sheet.size, 255), palette.top)
    sheet.lay(whole, palette.top, mix(palette.bottom, palette.top, -0.1), shadow=0, rim=0)
    if tod == "night":
        stars, draw = sheet.mask()
        for _ in range(150):
            r = float(rng.uniform(0.006, 0.014))
            sheet.ellipse(
                draw, float(rng.uniform(-2.4, 2.4)), float(rng.uniform(-1.2, 0.15)), r, r, int(rng.integers(120, 255))
            )
        sheet.paint(stars, (0.95, 0.96, 1.0))
    x, r = float(rng.uniform(-1.3, 1.3)), float(rng.uniform(0.10, 0.17))
    y = {"dawn": -0.28, "day": -0.66, "dusk": -0.22, "night": -0.62}[tod] + float(rng.uniform(-0.12, 0.12))
    for reach, strength in ((5.5, 0.10), (3.2, 0.13), (1.9, 0.18)):
        glow, draw = sheet.mask()
        sheet.ellipse(draw, x, y, r * reach, r * reach)
        sheet.paint(glow.filter(ImageFilter.GaussianBlur(r * reach * 22)), palette.disc, strength)
    disc, draw = sheet.mask()
    sheet.ellipse(draw, x, y, r, r)
    if tod == "night":
        sheet.ellipse(draw, x + r * 0.45, y - r * 0.2, r * 0.85, r * 0.85, 0)
    sheet.lay(disc, palette.disc, mix(palette.disc, palette.bottom, 0.15), shadow=0.12, rim=0)
    for _ in range(int(rng.integers(3, 6))):
        _cloud(sheet, rng, palette)
    return sheet.finished()


def _cloud(sheet: Sheet, rng: np.random.Generator, palette: Palette) -> None:
    cloud, draw = sheet.mask()
    x, y, size = float(rng.uniform(-2.1, 2.1)), float(rng.uniform(-0.95, -0.35)), float(rng.uniform(0.10, 0.2))
    for k in range(5):
        r = size * float(rng.uniform(0.5, 0.9)) * (1 - 0.25 * abs(k - 2))
        sheet.ellipse(draw, x + (k - 2) * size * 0.85, y - r * 0.5, r, r)
    draw.rectangle((*sheet.at(x - 3 * size, y), *sheet.at(x + 3 * size, y + size)), fill=0)
    base = mix(palette.bottom, lit((1.0, 1.0, 1.0), palette.light), 0.55)
    sheet.lay(cloud, base, mix(base, palette.top, 0.25), shadow=0.16, rim=0.35)


def draw_far(rng: np.random.Generator, palette: Palette, terrain: str) -> Pixels:
    sheet = Sheet()
    for depth, height in ((0.72, -0.22), (0.5, -0.02)):
        cut, draw = sheet.mask()
        if terrain == "hills":
            sheet.polygon(draw, peaks(rng, height, 0.42))
        else:
            sheet.polygon(draw, ridge(rng, height, 0.15, 1.1 + float(rng.random()), 3))
        stone = mix(lit(mix(MIDDLE[terrain], (0.45, 0.5, 0.62), 0.45), palette.light), palette.bottom, depth)
        sheet.lay(cut, stone, mix(stone, palette.bottom, 0.35), shadow=0.2, rim=0.25)
        if terrain == "city":
            _skyline(sheet, rng, mix(stone, lit((0.4, 0.4, 0.5), palette.light), 0.3), height)
    return sheet.finished()


def _skyline(sheet: Sheet, rng: np.random.Generator, colour: Colour, height: float) -> None:
    cut, draw = sheet.mask()
    x = -HALF_WIDTH
    while x < HALF_WIDTH:
        width = float(rng.uniform(0.1, 0.24))
        if rng.random() < 0.6:
            top = height - float(rng.uniform(0.05, 0.42))
            draw.rectangle((*sheet.at(x, top), *sheet.at(x + width, HALF_HEIGHT)), fill=255)
        x += width
    sheet.lay(cut, colour, colour, shadow=0.15, rim=0.15)


def draw_middle(rng: np.random.Generator, palette: Palette, terrain: str) -> Pixels:
    sheet = Sheet()
    base = mix(MIDDLE[terrain], (float(rng.random()), float(rng.random()), float(rng.random())), 0.12)
    {"hills": _hills, "city": _city, "forest": _forest}[terrain](sheet, rng, palette, base)
    return sheet.finished()


def _hills(sheet: Sheet, rng: np.random.Generator, palette: Palette, base: Colour) -> None:
    for k, height in enumerate((0.0, 0.14)):
        cut, draw = sheet.mask()
        skyline = ridge(rng, height, 0.13, 1.3 + 0.4 * k, 3)
        sheet.polygon(draw, skyline)
        colour = mix(lit(base, palette.light, 0.9 + 0.15 * k), palette.bottom, 0.22 - 0.16 * k)
        for _ in range(7 if k else 4):
            _round_tree(sheet, rng, palette, skyline[int(rng.integers(4, 236))])
        if k == 0:
            for _ in range(3):
                _house(sheet, rng, palette, skyline[int(rng.integers(30, 210))])
        sheet.lay(cut, colour, mix(colour, lit((0.25, 0.3, 0.2), palette.light), 0.35))


def _round_tree(sheet: Sheet, rng: np.random.Generator, palette: Palette, foot: tuple[float, float]) -> None:
    x, y, r = foot[0], foot[1], float(rng.uniform(0.07, 0.13))
    trunk, draw = sheet.mask()
    sheet.polygon(draw, [(x - 0.012, y + 0.1), (x - 0.012, y - r), (x + 0.012, y - r), (x + 0.012, y + 0.1)])
    sheet.lay(trunk, *(lit((0.36, 0.26, 0.2), palette.light),) * 2, shadow=0, rim=0)
    crown, draw = sheet.mask()
    sheet.ellipse(draw, x, y - 1.6 * r, r * 0.85, r)
    leaf = lit(mix((0.28, 0.48, 0.26), (0.72, 0.52, 0.22), float(rng.random()) ** 2), palette.light)
    sheet.lay(crown, mix(leaf, (1, 1, 1), 0.12), mix(leaf, (0, 0, 0), 0.25), shadow=0.25, rim=0.25)


def _house(sheet: Sheet, rng: np.random.Generator, palette: Palette, foot: tuple[float, float]) -> None:
    x, y, w, h = foot[0], foot[1], float(rng.uniform(0.09, 0.14)), float(rng.uniform(0.09, 0.13))
    wall, draw = sheet.mask()
    draw.rectangle((*sheet.at(x - w, y - h), *sheet.at(x + w, y + 0.15)), fill=255)
    sheet.lay(wall, *(lit(mix((0.95, 0.9, 0.82), (0.8, 0.6, 0.5), float(rng.random())), palette.light),) * 2, rim=0)
    roof, draw = sheet.mask()
    sheet.polygon(draw, [(x - w * 1.25, y - h), (x, y - h * 2.1), (x + w * 1.25, y - h)])
    sheet.lay(roof, *(lit((0.72, 0.33, 0.25), palette.light),) * 2, shadow=0.2, rim=0.3)
    panes, draw = sheet.mask()
    for side in (-0.5, 0.5):
        draw.rectangle(
            (*sheet.at(x + w * side - 0.022, y - h * 0.75), *sheet.at(x + w * side + 0.022, y - h * 0.3)), fill=255
        )
    sheet.paint(panes, (1.0, 0.86, 0.45) if palette.lamps else lit((0.35, 0.42, 0.5), palette.light))


def _city(sheet: Sheet, rng: np.random.Generator, palette: Palette, base: Colour) -> None:
    x = -HALF_WIDTH - 0.1
    while x < HALF_WIDTH:
        width, top = float(rng.uniform(0.28, 0.52)), float(rng.uniform(-0.55, -0.02))
        tint = (float(rng.uniform(0.5, 0.95)), float(rng.uniform(0.45, 0.75)), float(rng.uniform(0.4, 0.75)))
        colour = mix(lit(mix(base, tint, 0.5), palette.light, float(rng.uniform(0.8, 1.1))), palette.bottom, 0.08)
        _building(sheet, rng, palette, x, width, top, colour)
        x += width * float(rng.uniform(0.92, 1.15))


def _building(
    sheet: Sheet, rng: np.random.Generator, palette: Palette, x: float, width: float, top: float, colour: Colour
) -> None:
    cut, draw = sheet.mask()
    draw.rectangle((*sheet.at(x, top), *sheet.at(x + width, HALF_HEIGHT)), fill=255)
    roof = int(rng.integers(3))
    if roof == 0:
        sheet.polygon(draw, [(x - 0.02, top), (x + width / 2, top - 0.14), (x + width + 0.02, top)])
    if roof == 1:
        draw.rectangle((*sheet.at(x + width * 0.6, top - 0.1), *sheet.at(x + width * 0.8, top)), fill=255)
    sheet.lay(cut, colour, mix(colour, (0, 0, 0), 0.25))
    dark, draw_dark = sheet.mask()
    warm, draw_warm = sheet.mask()
    columns, step = max(2, round(width / 0.12)), 0.13
    for row in range(int((0.32 - top) / step)):
        for column in range(columns):
            left = x + width * (column + 0.28) / columns
            y = top + 0.06 + row * step
            on = palette.lamps and rng.random() < 0.6
            pane = (*sheet.at(left, y), *sheet.at(left + width * 0.45 / columns, y + 0.07))
            (draw_warm if on else draw_dark).rectangle(pane, fill=255)
    sheet.paint(dark, mix(lit((0.32, 0.38, 0.46), palette.light), palette.top, 0.2))
    sheet.paint(warm, (1.0, 0.84, 0.46))


def _forest(sheet: Sheet, rng: np.random.Generator, palette: Palette, base: Colour) -> None:
    for k, (height, count) in enumerate(((0.12, 26), (0.24, 20))):
        for x in rng.permutation(np.linspace(-HALF_WIDTH, HALF_WIDTH, count)):
            tall = float(rng.uniform(0.42, 0.78)) * (0.8 + 0.2 * k)
            colour = lit(base, palette.light, float(rng.uniform(0.75, 1.15)))
            colour = mix(colour, palette.bottom, 0.28 - 0.22 * k)
            _conifer(sheet, rng, float(x) + float(rng.uniform(-0.08, 0.08)), height, tall, colour)
    floor, draw = sheet.mask()
    sheet.polygon(draw, ridge(rng, 0.22, 0.03, 2.0, 2))
    sheet.lay(floor, *(lit(mix(base, (0.2, 0.2, 0.1), 0.3), palette.light, 0.7),) * 2)


def _conifer(sheet: Sheet, rng: np.random.Generator, x: float, foot: float, tall: float, colour: Colour) -> None:
    cut, draw = sheet.mask()
    sheet.polygon(
        draw, [(x - 0.018, foot + 0.3), (x - 0.018, foot - 0.1), (x + 0.018, foot - 0.1), (x + 0.018, foot + 0.3)]
    )
    tiers = int(rng.integers(3, 5))
    for k in range(tiers):
        top, low = foot - tall * (1 - k / (tiers + 0.6)), foot - tall * (0.62 - (k + 0.1) / (tiers + 0.6) * 0.8)
        half = tall * 0.10 * (1 + 0.55 * k)
        sheet.polygon(draw, [(x, top), (x - half, low), (x + half, low)])
    sheet.lay(cut, mix(colour, (1, 1, 1), 0.06), mix(colour, (0, 0, 0), 0.3), shadow=0.28, rim=0.2)


def draw_ground(rng: np.random.Generator, palette: Palette, terrain: str) -> Pixels:
    sheet = Sheet()
    earth = mix(GROUND[terrain], (float(rng.random()), float(rng.random()), float(rng.random())), 0.1)
    earth = lit(earth, palette.light)
    skyline = ridge(rng, 0.2, 0.0 if terrain == "city" else 0.025, 1.4, 3)
    if terrain == "city":
        _lamps(sheet, rng, palette)
    cut, draw = sheet.mask()
    sheet.polygon(draw, skyline)
    sheet.lay(cut, mix(earth, (1, 1, 1), 0.06), mix(earth, (0, 0, 0), 0.4))
    _path(sheet, rng, lit(PATH[terrain], palette.light), terrain)
    (_kerbs if terrain == "city" else _tufts)(sheet, rng, palette, earth)
    return sheet.finished()


def _path(sheet: Sheet, rng: np.random.Generator, colour: Colour, terrain: str) -> None:
    phase, sway = float(rng.uniform(0, 6)), 0.0 if terrain == "city" else 0.035
    edge = [(float(x), 0.36 + sway * math.sin(x * 2 + phase)) for x in np.linspace(-HALF_WIDTH, HALF_WIDTH, 90)]
    below = [(x, y + 0.3 + 0.5 * (y - 0.36)) for x, y in reversed(edge)]
    path, draw = sheet.mask()
    sheet.polygon(draw, edge + below)
    sheet.lay(path, mix(colour, (1, 1, 1), 0.05), mix(colour, (0, 0, 0), 0.12), shadow=0.18, rim=0.25)


def _tufts(sheet: Sheet, rng: np.random.Generator, palette: Palette, earth: Colour) -> None:
    for _ in range(90):
        x, y = (
            float(rng.uniform(-HALF_WIDTH, HALF_WIDTH)),
            float(rng.choice([rng.uniform(0.24, 0.33), rng.uniform(0.74, 1.4)])),
        )
        size = 0.03 + 0.05 * (y - 0.2)
        kind = float(rng.random())
        tuft, draw = sheet.mask()
        if kind < 0.7:
            for lean in (-0.6, 0.0, 0.6):
                sheet.polygon(draw, [(x - size * 0.35, y), (x + lean * size, y - size * 1.6), (x + size * 0.35, y)])
            sheet.paint(tuft, mix(earth, (0.05, 0.15, 0.0) if rng.random() < 0.6 else (1, 1, 0.7), 0.3))
        elif kind < 0.88:
            sheet.ellipse(draw, x, y, size, size * 0.6)
            sheet.lay(tuft, *(lit((0.62, 0.6, 0.58), palette.light),) * 2, shadow=0.2, rim=0.3)
        else:
            sheet.ellipse(draw, x, y, size * 0.5, size * 0.5)
            petal = ((0.95, 0.4, 0.4), (0.98, 0.85, 0.4), (0.95, 0.95, 0.98), (0.7, 0.5, 0.9))[int(rng.integers(4))]
            sheet.paint(tuft, lit(petal, palette.light))


def _kerbs(sheet: Sheet, rng: np.random.Generator, palette: Palette, earth: Colour) -> None:
    marks, draw = sheet.mask()
    for k in range(16):
        x = -HALF_WIDTH + k * 0.4
        draw.rectangle((*sheet.at(x, 0.50), *sheet.at(x + 0.2, 0.522)), fill=255)
    sheet.paint(marks, lit((0.92, 0.9, 0.8), palette.light), 0.8)
    slabs, draw = sheet.mask()
    for k in range(26):
        x = -HALF_WIDTH + k * 0.25
        draw.line((*sheet.at(x, 0.68), *sheet.at(x * 1.35, HALF_HEIGHT)), fill=255, width=3)
    for y in (0.86, 1.1, 1.36):
        draw.line((*sheet.at(-HALF_WIDTH, y), *sheet.at(HALF_WIDTH, y)), fill=255, width=3)
    sheet.paint(slabs, mix(earth, (0, 0, 0), 0.35), 0.6)


def _lamps(sheet: Sheet, rng: np.random.Generator, palette: Palette) -> None:
    start = float(rng.uniform(-0.6, 0.6))
    for x in (start - 2.4, start - 0.9, start + 0.8, start + 2.3):
        post, draw = sheet.mask()
        draw.rectangle((*sheet.at(x - 0.014, -0.22), *sheet.at(x + 0.014, 0.4)), fill=255)
        sheet.lay(post, *(lit((0.22, 0.24, 0.28), palette.light),) * 2, shadow=0.1, rim=0)
        if palette.lamps:
            glow, draw = sheet.mask()
            sheet.ellipse(draw, x, -0.25, 0.2, 0.2)
            sheet.paint(glow.filter(ImageFilter.GaussianBlur(14)), (1.0, 0.85, 0.5), 0.4)
        bulb, draw = sheet.mask()
        sheet.ellipse(draw, x, -0.25, 0.045, 0.055)
        sheet.paint(bulb, (1.0, 0.92, 0.66) if palette.lamps else lit((0.85, 0.86, 0.85), palette.light))


def draw_plate(seed: int, tod: str, terrain: str) -> Pixels:
    """Draw a plate. Returns uint8 of shape (4 x 144, 288, 4): sky, far, middle and ground from top to bottom."""
    rng = np.random.default_rng([seed, TIMES.index(tod), TERRAINS.index(terrain)])
    palette = PALETTES[tod]
    layers = (
        draw_sky(rng, palette, tod),
        draw_far(rng, palette, terrain),
        draw_middle(rng, palette, terrain),
        draw_ground(rng, palette, terrain),
    )
    return np.concatenate(layers)
