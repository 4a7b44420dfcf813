"""
Compose training clips from plates and sheets: a seeded pure function of the pack.

The library holds a few dozen plates and performers; the composer films them in endless ways. It knows the truth of each
clip (camera, path, box, words), which no found footage would tell.

Steps: choose plate and performer; recolour the performer, so that the network meets more identities than there are;
draw a camera move and a path; film the layers; place the figure, its light and its shadow; write the caption.

Shapes: T frames, C channels, H height, W width, N cells, R side of the reference square, L layers, K words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from generation.video import stage, text
from generation.video.config import Config
from generation.video.pack import Pack, Plate
from generation.video.reference import fit_reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A composed clip and all that is true of it. Pictures are float in [-1, 1]."""

    frames_TCHW: Tensor
    stage_TCHW: Tensor  # the same without the figure
    camera_T3: Tensor
    box_T3: Tensor
    gait_T: Tensor
    facing: float
    figure: bool
    reference_4RR: Tensor  # straight colour in [-1, 1], alpha in [0, 1]
    words_K: Tensor
    plate: int
    sheet: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A camera's path and the words for it."""

    camera_T3: Tensor
    words: tuple[str, ...]


class Dice:
    """Uniform draws from a generator, as Python numbers."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * torch.rand((), generator=self.generator).item()

    def below(self, n: int) -> int:
        return int(torch.randint(n, (), generator=self.generator))

    def chance(self, p: float) -> bool:
        return self.between(0, 1) < p


def draw_move(dice: Dice, frames: int) -> Move:
    """Draw a camera move: still, pan, tilt, zoom, or pan with zoom."""
    t = torch.linspace(0, 1, frames)
    ease = t * t * (3 - 2 * t) if dice.chance(0.5) else t
    kind = dice.below(6)
    pan = dice.between(0.2, 0.9) * (1 if dice.chance(0.5) else -1) if kind in (1, 2, 5) else 0.0
    tilt = dice.between(0.1, 0.25) * (1 if dice.chance(0.5) else -1) if kind == 3 else 0.0
    zoom = dice.between(0.12, 0.34) * (1 if dice.chance(0.5) else -1) if kind in (4, 5) else 0.0
    amount = torch.tensor([pan, tilt, zoom])
    middle = torch.tensor([dice.between(-0.35, 0.35), dice.between(-0.06, 0.06), dice.between(-0.05, 0.18)])
    if dice.chance(0.4):  # the path that callers give most often starts at rest
        middle = amount / 2
    camera = middle + amount * (ease[:, None] - 0.5)
    named = (
        (pan, "pan left", "pan right"),
        (tilt, "tilt up", "tilt down"),
        (zoom, "zoom out", "zoom in"),
    )
    words = tuple(less if much < 0 else more for much, less, more in named if much)
    return Move(camera_T3=camera, words=words or ("still",))


def draw_path(dice: Dice, move: Move, frames: int) -> Tensor:
    """Draw where the feet go, _T2 on the ground: a gentle curve that the camera sees, or one place."""
    t = torch.linspace(0, 1, frames)[:, None]
    middle = float(move.camera_T3[:, 0].mean())
    a = torch.tensor([middle + dice.between(-1.3, 1.3), dice.between(0.36, 0.72)])
    b = torch.tensor([middle + dice.between(-1.3, 1.3), dice.between(0.36, 0.72)])
    if dice.chance(0.22):
        b = a
    bend = (a + b) / 2 + torch.tensor([0.0, dice.between(-0.1, 0.1) if (b - a).abs().sum() else 0.0])
    return (1 - t) ** 2 * a + 2 * t * (1 - t) * bend + t**2 * b


def film_plate(plate: Plate, camera_T3: Tensor, height: int, width: int, *, mirrored: bool = False) -> Tensor:
    """Film a plate's layers through the camera, _TCHW in [0, 1]."""
    x, y = stage.screen_grid(height, width)
    frames = camera_T3.shape[0]
    film = torch.zeros(frames, 3, height, width)
    for layer_CHW, parallax in zip(plate.layers_LCHW, stage.PARALLAX, strict=True):
        u, v = stage.world_of_screen(camera_T3, parallax, x, y)
        u = u / stage.LAYER_HALF_WIDTH * (-1 if mirrored else 1)
        layer_TCHW = layer_CHW[None].expand(frames, -1, -1, -1)
        cut = stage.look_up(layer_TCHW, u, v / stage.LAYER_HALF_HEIGHT, padding="border")
        film = film * (1 - cut[:, 3:]) + cut[:, :3]
    return film


def estrange(dice: Dice, film_TCHW: Tensor) -> Tensor:
    """Trade and invert a place's colours, so that pictures unlike any plate are copied as faithfully."""
    traded = film_TCHW[:, torch.randperm(3, generator=dice.generator)]
    return 1 - traded if dice.chance(0.4) else traded


def recolour(dice: Dice, cells_NCHW: Tensor) -> Tensor:
    """Turn the hues of a performer, or trade channels, so that one puppet becomes many."""
    if dice.chance(0.35):
        return cells_NCHW
    angle = dice.between(0, 2 * math.pi)
    if dice.chance(0.4):
        order = torch.randperm(3, generator=dice.generator)
        return torch.cat([cells_NCHW[:, order], cells_NCHW[:, 3:]], 1)
    # Rotate the colours about the grey axis: a hue rotation that keeps premultiplied colours premultiplied.
    c, s = math.cos(angle), math.sin(angle)
    third, root = (1 - c) / 3, math.sqrt(1 / 3) * s
    on, less, more = c + third, third - root, third + root
    turn = torch.tensor([[on, less, more], [more, on, less], [less, more, on]])
    colour = torch.einsum("dc,nchw->ndhw", turn, cells_NCHW[:, :3])
    return torch.cat([torch.minimum(colour.clamp(min=0), cells_NCHW[:, 3:]), cells_NCHW[:, 3:]], 1)


def card_of(dice: Dice, cells_NCHW: Tensor) -> Tensor:
    """A stiff cut-out of the resting cell on a plain card: for references that are no puppets and must not walk."""
    cell = cells_NCHW[0]
    colour = torch.tensor([dice.between(0, 1) for _ in range(3)])[:, None, None]
    u, v = torch.meshgrid(torch.linspace(-1, 1, cell.shape[2]), torch.linspace(-1, 1, cell.shape[1]), indexing="xy")
    power, half = dice.between(2, 12), dice.between(0.55, 0.95)
    alpha = ((1 - ((u / half).abs() ** power + (v / 0.95).abs() ** power)) * 8).clamp(0, 1)[None]
    card = torch.cat([(cell[:3] + colour * (1 - cell[3:])) * alpha, alpha])
    return card[None].expand(stage.CELLS, -1, -1, -1)


def place_figure(
    film_TCHW: Tensor, cells_NCHW: Tensor, clip_box_T3: Tensor, gait_T: Tensor, facing: float, light: Tensor
) -> Tensor:
    """Place the figure with its contact shadow over the film, lit by the hour."""
    _, _, height, width = film_TCHW.shape
    x, y = stage.screen_grid(height, width)
    u, v = stage.figure_coordinates(clip_box_T3[None], torch.tensor([facing]), x, y)
    u, v = u[0], v[0]
    shadow = ((1.25 - torch.hypot(u / 0.24, (v - 0.99) / 0.05)).clamp(0, 1) * 0.4)[:, None]
    pixels_high = float(clip_box_T3[:, 2].mean()) * height / 2 * stage.CELL_SPAN
    smaller = max(0, round(math.log2(stage.CELL_HEIGHT / max(pixels_high, 1.0)) - 0.35))
    level = F.avg_pool2d(cells_NCHW, 2**smaller) if smaller else cells_NCHW
    cut = stage.look_up(level[gait_T], *stage.cell_coordinates(u, v))
    figure = cut[:, :3] * (light * 0.6 + 0.4).view(1, 3, 1, 1)
    return film_TCHW * (1 - shadow) * (1 - cut[:, 3:]) + figure


def caption(plate: Plate, move: Move, path_T2: Tensor, figure: bool, resting: bool) -> tuple[str, ...]:
    """The words that are true of a clip."""
    words = [*plate.words, *move.words]  # the hour first
    if not figure:
        return (*words, "nobody")
    if resting:
        return (*words, "stands")
    return (*words, "walks", "rightwards" if path_T2[-1, 0] >= path_T2[0, 0] else "leftwards")


def compose(pack: Pack, seed: int, config: Config) -> Clip:
    """Compose one clip. The same pack, seed and config give the same clip."""
    dice = Dice(seed)
    plate_index, sheet_index = dice.below(len(pack.plates)), dice.below(len(pack.sheets))
    plate, cells = pack.plates[plate_index], pack.sheets[sheet_index].cells_NCHW
    move = draw_move(dice, config.frames)
    path = draw_path(dice, move, config.frames)
    figure, stature = dice.chance(0.85), dice.between(0.75, 1.2)
    film = film_plate(plate, move.camera_T3, config.height, config.width, mirrored=dice.chance(0.5))
    strange = dice.chance(0.15)
    film = estrange(dice, film) if strange else film
    stiff = dice.chance(0.07)
    walk = stage.gait_of(path, stature)
    gait = torch.zeros_like(walk) if stiff else walk
    cells = recolour(dice, cells)
    cells = card_of(dice, cells) if stiff else cells
    across = float(path[-1, 0] - path[0, 0])
    facing = 1.0 if across > 0 or (across == 0 and dice.chance(0.5)) else -1.0
    box = stage.box_of(move.camera_T3[None], path[None], stature)[0]
    played = place_figure(film, cells, box, gait, facing, torch.tensor(plate.light)) if figure else film
    words = caption(plate, move, path, figure, bool((walk == 0).all()))
    return Clip(
        frames_TCHW=played.clamp(0, 1) * 2 - 1,
        stage_TCHW=film.clamp(0, 1) * 2 - 1,
        camera_T3=move.camera_T3,
        box_T3=box,
        gait_T=gait,
        facing=facing,
        figure=figure,
        reference_4RR=fit_reference(cells[0], config.reference),
        words_K=text.bag_of(text.ids_of(words[1:] if strange else words)),  # estranged, it is no hour
        plate=plate_index,
        sheet=sheet_index,
    )
