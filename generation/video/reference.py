"""
Fit any picture of a person into the reference square.

The square shows what a cell of a sheet shows: 1.1 figure heights, the feet at about 1.0. A sheet gives its first cell.
A single pose with alpha is cut to its outline first. A picture without alpha (a portrait) becomes a plain rectangle.

Steps: take the first cell of a sheet; cut to the opaque part; scale by height, or by width where that is tighter, so
that the feet stand where a figure's feet stand; give back straight colour and alpha.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from generation.video import stage

SOLES = 1.03  # where a puppet's soles end, in figure heights
STIFF_FILL = 0.78  # puppets fill half of their box
OPAQUE = 0.02  # alpha from which a pixel counts as part of the figure


def fit_reference(cell_CHW: Tensor, side: int) -> Tensor:
    """A premultiplied cell _CHW in [0, 1] as a reference _4RR: straight colour in [-1, 1], alpha in [0, 1]."""
    height, width = cell_CHW.shape[1:]
    pad = (height - width) // 2
    square = F.pad(cell_CHW, (pad, height - width - pad))
    small = F.interpolate(square[None], size=(side, side), mode="area")[0] if height != side else square
    return straight(small)


def straight(premultiplied_CHW: Tensor) -> Tensor:
    """Premultiplied colour in [0, 1] as straight colour in [-1, 1], with its alpha; grey where nothing is."""
    alpha = premultiplied_CHW[3:]
    colour = torch.where(alpha > OPAQUE, premultiplied_CHW[:3] / alpha.clamp(min=OPAQUE), torch.full_like(alpha, 0.5))
    return torch.cat([colour.clamp(0, 1) * 2 - 1, alpha])


def reference_of(picture_4HW: Tensor, side: int) -> Tensor:
    """
    Any uint8 RGBA picture of a person as a reference _4RR.

    Raises ValueError when the picture is fully transparent.
    """
    image = picture_4HW.float() / 255
    image = torch.cat([image[:3] * image[3:], image[3:]])
    if tuple(image.shape[1:]) == (stage.CELL_HEIGHT, stage.CELLS * stage.CELL_WIDTH):
        return fit_reference(image[:, :, : stage.CELL_WIDTH], side)
    rows = (image[3] > OPAQUE).any(1).nonzero()[:, 0]
    columns = (image[3] > OPAQUE).any(0).nonzero()[:, 0]
    if not len(rows):
        raise ValueError("the reference is fully transparent")
    cut = image[:, int(rows[0]) : int(rows[-1]) + 1, int(columns[0]) : int(columns[-1]) + 1]
    return straight(_stood(cut, side))


def is_stiff(reference_4RR: Tensor) -> bool:
    """Whether a reference fills its outline's box, as a portrait does: it is moved along, and has no legs to swing."""
    solid = reference_4RR[3] > 0.5
    filled = solid.sum() / (solid.any(1).sum() * solid.any(0).sum()).clamp(min=1)
    return bool(filled > STIFF_FILL)


def _stood(cut_CHW: Tensor, side: int) -> Tensor:
    """Scale a cut-out and stand it in the square."""
    tall, widest = side * SOLES / stage.CELL_SPAN, side * stage.CELL_ASPECT
    scale = min(tall / cut_CHW.shape[1], widest / cut_CHW.shape[2])
    height, width = (max(1, round(n * scale)) for n in cut_CHW.shape[1:])
    small = F.interpolate(cut_CHW[None], size=(height, width), mode="area" if scale < 1 else "bilinear")[0]
    feet = round(side * (SOLES + stage.CELL_HEADROOM) / stage.CELL_SPAN)
    square = torch.zeros(4, side, side)
    left, top = (side - width) // 2, max(0, feet - height)
    square[:, top : top + height, left : left + width] = small
    return square
