"""
The training pack: everything the trainer may see, in one file that the gate exported.

A pack is one safetensors file: a uint8 RGBA tensor for each asset, named by the SHA-256 of the asset's bytes, and one
JSON object in the header with what each shows. It is a pure function of the assets: sorted by digest, no clock, no
path, so that a gate and a laboratory that hold the same assets write the same bytes.

An asset is described by the text chunk `proviso` of its PNG, a JSON object: `{"kind": "plate", "words": [hour, place],
"light": [r, g, b]}` or `{"kind": "sheet"}`. Whoever decodes the PNG hands pixels and chunk over; no image is read here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load
from torch import Tensor

from generation.video import stage
from generation.video.files import tensor_file, told_by

PLATE_SHAPE = (4 * stage.LAYER_HEIGHT, stage.LAYER_WIDTH, 4)
SHEET_SHAPE = (stage.CELL_HEIGHT, stage.CELLS * stage.CELL_WIDTH, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackItem:
    """One decoded asset: its digest, its RGBA pixels (uint8, height x width x 4) and its `proviso` text chunk."""

    sha256: str
    pixels: npt.NDArray[np.uint8]
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """A background as premultiplied float layers _LCHW in [0, 1], the words for it, and the light on it."""

    sha256: str
    layers_LCHW: Tensor
    words: tuple[str, ...]
    light: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetArt:
    """A performer's cells, premultiplied float _NCHW in [0, 1]."""

    sha256: str
    cells_NCHW: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A loaded pack, in the order of the digests."""

    sha256: str
    plates: tuple[Plate, ...]
    sheets: tuple[SheetArt, ...]


def build_pack(items: Iterable[PackItem]) -> bytes:
    """Build the pack's bytes. Raises ValueError for an item that is neither a plate nor a sheet, or is there twice."""
    ordered = sorted(items, key=lambda item: item.sha256)
    if len({item.sha256 for item in ordered}) != len(ordered):
        raise ValueError("an asset is given twice")
    described = {item.sha256: _described(item) for item in ordered}
    if {d["kind"] for d in described.values()} != {"plate", "sheet"}:
        raise ValueError("a pack needs at least one plate and one sheet")
    tensors = {item.sha256: torch.from_numpy(np.array(item.pixels, dtype=np.uint8)) for item in ordered}
    return tensor_file(tensors, {"v": 1, "assets": described})


def _described(item: PackItem) -> dict[str, object]:
    told = json.loads(item.description)
    shape = {"plate": PLATE_SHAPE, "sheet": SHEET_SHAPE}.get(told.get("kind"))
    if item.pixels.shape != shape or item.pixels.dtype != np.uint8:
        raise ValueError(f"asset `{item.sha256[:12]}` is no plate or sheet of the stage's geometry")
    kept = ("kind", "words", "light") if told["kind"] == "plate" else ("kind",)
    return {key: told[key] for key in kept}


def load_pack(path: Path | str) -> Pack:
    """Load a pack from its file."""
    return read_pack(Path(path).read_bytes())


def read_pack(data: bytes) -> Pack:
    """Read a pack from its bytes. Raises ValueError when it is of another version."""
    tensors = load(data)
    plates, sheets = [], []
    for sha256, told in sorted(told_by(data)["assets"].items()):
        if told["kind"] == "plate":
            r, g, b = told["light"]
            layers = plate_layers(tensors[sha256])
            plates.append(Plate(sha256=sha256, layers_LCHW=layers, words=tuple(told["words"]), light=(r, g, b)))
        else:
            sheets.append(SheetArt(sha256=sha256, cells_NCHW=sheet_cells(tensors[sha256])))
    return Pack(sha256=hashlib.sha256(data).hexdigest(), plates=tuple(plates), sheets=tuple(sheets))


def premultiplied(rgba_HW4: Tensor) -> Tensor:
    """uint8 RGBA as float _CHW in [0, 1], colour multiplied by alpha so that it may be filtered."""
    image = rgba_HW4.float().div(255).permute(2, 0, 1)
    return torch.cat([image[:3] * image[3:], image[3:]])


def plate_layers(rgba_HW4: Tensor) -> Tensor:
    """A plate's stacked layers, back to front, premultiplied _LCHW."""
    return torch.stack([premultiplied(layer) for layer in rgba_HW4.chunk(4, 0)])


def sheet_cells(rgba_HW4: Tensor) -> Tensor:
    """A sheet's cells, premultiplied _NCHW."""
    return torch.stack([premultiplied(cell) for cell in rgba_HW4.chunk(stage.CELLS, 1)])
