"""
The stage: where things are, and where the camera sees them.

A shot is filmed on a paper stage of four layers, one behind another. World coordinates: x to the right, y down; a frame
at rest sees [-16/9, 16/9] by [-1, 1], with square pixels. A camera is (x, y, log zoom); a layer with parallax p sees
the share p of each. Feet stand on the ground layer, whose parallax is 1.

Shapes: B batch, T frames, H height, W width. A camera is _BT3; a box is _BT3: the figure's middle, its feet and its
height on the screen.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

ASPECT = 16 / 9
PARALLAX = (0.12, 0.3, 0.6, 1.0)  # sky, far ridge, middle, ground
LAYER_HALF_WIDTH, LAYER_HALF_HEIGHT = 3.0, 1.5  # what a plate's layer shows of the world
LAYER_WIDTH, LAYER_HEIGHT = 288, 144  # pixels
CELL_WIDTH, CELL_HEIGHT, CELLS = 64, 96, 9  # a sheet: at rest, then eight phases of the walk
CELL_SPAN, CELL_HEADROOM = 1.1, 0.06  # a cell's height and the air above the head, in figure heights
CELL_ASPECT = CELL_WIDTH / CELL_HEIGHT
CYCLE = 0.64  # figure heights walked in one cycle of eight phases
VANISHING_Y = -0.7  # figures shrink towards this height of the world


def screen_grid(height: int, width: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """The screen coordinates of pixel centres, each _HW."""
    y = ((torch.arange(height, device=device) + 0.5) / height * 2 - 1)[:, None].expand(height, width)
    x = ((torch.arange(width, device=device) + 0.5) / width * 2 - 1)[None, :].expand(height, width)
    return x * ASPECT, y


def world_of_screen(camera_BT3: Tensor, parallax: float, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Where on a layer the camera sees the screen points (broadcastable to _BTHW)."""
    scale = torch.exp(-camera_BT3[..., 2] * parallax)[..., None, None]
    dx, dy = (camera_BT3[..., k] * parallax for k in (0, 1))
    return x * scale + dx[..., None, None], y * scale + dy[..., None, None]


def screen_of_world(camera_BT3: Tensor, parallax: float, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Where on the screen the camera sees the layer's points: the inverse of `world_of_screen`."""
    scale = torch.exp(camera_BT3[..., 2] * parallax)[..., None, None]
    dx, dy = (camera_BT3[..., k] * parallax for k in (0, 1))
    return (x - dx[..., None, None]) * scale, (y - dy[..., None, None]) * scale


def look_up(image_NCHW: Tensor, u: Tensor, v: Tensor, *, padding: str = "zeros", mode: str = "bilinear") -> Tensor:
    """Sample images at u, v in [-1, 1] (edge to edge), each _NHW."""
    grid = torch.stack([u, v], -1).to(image_NCHW.dtype)
    return F.grid_sample(image_NCHW, grid, mode=mode, padding_mode=padding, align_corners=False)


def figure_height(feet_y: Tensor, stature: Tensor | float) -> Tensor:
    """A figure's height in the world where its feet stand, `stature` at y = .5."""
    return stature * (feet_y - VANISHING_Y) / (0.5 - VANISHING_Y)


def box_of(camera_BT3: Tensor, feet_BT2: Tensor, stature: Tensor | float) -> Tensor:
    """The figure's box on the screen, _BT3: middle x, feet y, height."""
    x, y = screen_of_world(camera_BT3, 1.0, feet_BT2[..., 0, None, None], feet_BT2[..., 1, None, None])
    height = figure_height(feet_BT2[..., 1], stature) * torch.exp(camera_BT3[..., 2])
    return torch.stack([x[..., 0, 0], y[..., 0, 0], height], -1)


def gait_of(feet_T2: Tensor, stature: float) -> Tensor:
    """Which cell of the walk each frame shows, _T: 0 at rest, 1 to 8 by the distance walked."""
    steps = (feet_T2[1:] - feet_T2[:-1]).norm(dim=-1)
    if float(steps.sum()) < 0.02 * feet_T2.shape[0]:
        return torch.zeros(feet_T2.shape[0], dtype=torch.long)
    walked = torch.cat([steps.new_zeros(1), steps.cumsum(0)]) / (stature * CYCLE)
    return 1 + (walked * 8).long() % 8


def figure_coordinates(box_BT3: Tensor, facing_B: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Screen points in the figure's own frame, _BTHW: u to its front in heights, v from head (0) to feet (1)."""
    middle, feet, height = (box_BT3[..., k, None, None] for k in range(3))
    return (x - middle) / height * facing_B[:, None, None, None], (y - feet) / height + 1


def cell_coordinates(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """The figure's own frame in the [-1, 1] coordinates of a cell."""
    return u * 2 / (CELL_SPAN * CELL_ASPECT), (v + CELL_HEADROOM) * 2 / CELL_SPAN - 1


def track(keys_K: Tensor, frames: int) -> Tensor:
    """
    Interpolate rows (t, values…) with t in [0, 1] over the frames of a shot, smoothly through the inner rows.

    Catmull-Rom between rows in order of t; held before the first and after the last. Returns _T by the values.
    """
    keys = keys_K[keys_K[:, 0].argsort()].double()
    t, values = keys[:, 0], keys[:, 1:]
    rows = []
    for now in torch.linspace(0, 1, frames, dtype=torch.float64):
        k = int((t <= now).sum()) - 1
        if k < 0 or k >= len(t) - 1:
            rows.append(values[0] if k < 0 else values[-1])
            continue
        s = (now - t[k]) / (t[k + 1] - t[k])
        a, b, c, d = (values[min(max(i, 0), len(t) - 1)] for i in (k - 1, k, k + 1, k + 2))
        if len(t) == 2:
            rows.append(b + (c - b) * s)
            continue
        rows.append(b + 0.5 * s * (c - a + s * (2 * a - 5 * b + 4 * c - d + s * (3 * (b - c) + d - a))))
    return torch.stack(rows).float()


def gait_angle(gait_BT: Tensor) -> Tensor:
    """The swing of the walk in radians (0 at rest), as the sheets draw it."""
    return torch.where(gait_BT > 0, (gait_BT - 1) * (2 * math.pi / 8), torch.zeros_like(gait_BT, dtype=torch.float32))
