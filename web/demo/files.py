"""
The cast's own files: drawn for this demo from seeds that no training saw, or the caller's own.

A plate (the place), a portrait with alpha (the performer), and a stock clip in which somebody walks whom nobody has
declared.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from generation import media
from library.draw import describe_plate, png_of
from library.draw_plates import draw_plate
from library.draw_sheets import draw_sheet

PLATE_SEED, PERFORMER_SEED, STRANGER_SEED = 771_204, 770_017, 770_031
HOUR, PLACE = "dusk", "hills"
CLIP_SIZE = (256, 144)  # pixels
CLIP_FRAMES = 24
CELL = 64  # pixels; the width of one pose in a sheet
PARALLAX = (0.12, 0.3, 0.6, 1.0)  # of the layers, from the sky to the ground
WALK = 60  # pixels that the ground moves in the clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Name and bytes of what the cast brings."""

    plate: tuple[str, bytes]
    portrait: tuple[str, bytes]
    stock: tuple[str, bytes]


def bring(*, footage: Path | None, portrait: Path | None) -> Files:
    """Draw the cast's files, or take the caller's in their place."""
    plate = draw_plate(PLATE_SEED, HOUR, PLACE)
    sheet = draw_sheet(PERFORMER_SEED)
    return Files(
        plate=("ridge-plate.png", png_of(plate, describe_plate(HOUR, PLACE)))
        if footage is None
        else (footage.name, footage.read_bytes()),
        portrait=("portrait.png", png_of(sheet, json.dumps({"kind": "sheet"})))
        if portrait is None
        else (portrait.name, portrait.read_bytes()),
        stock=("stock-clip.mp4", _stock_clip(plate)),
    )


def _stock_clip(plate: np.ndarray) -> bytes:
    """Film the plate with a stranger walking through it."""
    cells = np.split(draw_sheet(STRANGER_SEED), range(CELL, 9 * CELL, CELL), axis=1)[1:]
    layers = [Image.fromarray(layer) for layer in np.split(plate, 4)]
    frames = []
    for number in range(CLIP_FRAMES):
        frame = Image.new("RGBA", CLIP_SIZE)
        for layer, parallax in zip(layers, PARALLAX, strict=True):
            moved = round(-8 - WALK * parallax * number / CLIP_FRAMES / 2)
            frame.alpha_composite(layer.resize((layer.width, CLIP_SIZE[1])), (0, 0), (-moved, 0))
        stranger = Image.fromarray(cells[number % len(cells)]).resize((40, 60))
        frame.alpha_composite(stranger, (30 + 7 * number, 72))
        frames.append(np.asarray(frame.convert("RGB")))
    frames_TCHW = torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2).contiguous()
    return media.encode(frames_TCHW, fps=(12, 1), size=CLIP_SIZE)
