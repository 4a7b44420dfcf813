"""
Noise that moves with the camera.

Flow matching starts from noise; if the noise itself pans and zooms as the camera does, the network need not learn to
make still noise move (Chang et al., "How I Warped Your Noise", 2024). It mixes one canvas filmed by the camera with
fresh noise, .8 and .6, so that each pixel keeps unit variance.
"""

from __future__ import annotations

import torch
from torch import Tensor

from generation.video import stage
from generation.video.config import Config

PLANE = 0.7  # the parallax the canvas is filmed at, between middle and ground
WARPED, FRESH = 0.8, 0.6  # .8² + .6² = 1
REACH = 1.5  # the canvas is this many frames wide and high


def camera_noise(camera_BT3: Tensor, config: Config, generator: torch.Generator) -> Tensor:
    """Noise _BTCHW of unit variance that follows the camera. Drawn on the generator's device."""
    batch, frames = camera_BT3.shape[:2]
    device = generator.device
    height, width = config.height, config.width
    fresh = torch.randn(batch, frames, 3, height, width, generator=generator, device=device)
    canvas = torch.randn(batch, 3, int(height * REACH), int(width * REACH), generator=generator, device=device)
    x, y = stage.screen_grid(height, width, device)
    u, v = stage.world_of_screen(camera_BT3.to(device), PLANE, x, y)
    filmed = stage.look_up(
        canvas.repeat_interleave(frames, 0),
        (u / stage.ASPECT / REACH).flatten(0, 1),
        (v / REACH).flatten(0, 1),
        padding="reflection",
        mode="nearest",
    )
    return WARPED * filmed.view_as(fresh) + FRESH * fresh
