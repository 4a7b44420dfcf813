"""
Sample a clip: a loop from noise to picture that anyone can read.

A pure function of network, noise, schedule and conditioning. `on_step` is called before every step and once at the
end; it may raise to stop the render within that step, and then no frame leaves this function.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from generation.video.conditions import Conditioning
from generation.video.network import Network

OnStep = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A clip _BTCHW in [-1, 1], and the last step's copy weights _BTNHW."""

    frames_BTCHW: Tensor
    shares_BTNHW: Tensor


def schedule(steps: int) -> list[float]:
    """Times from 0 (noise) to 1, closer together near the noise."""
    if steps < 1:
        raise ValueError("a schedule has at least one step")
    line = [k / steps for k in range(steps + 1)]
    return [t / (t + 1.5 * (1 - t)) for t in line]


def guided(clean_BTCHW: Tensor, other_BTCHW: Tensor, guidance: float) -> Tensor:
    """
    Lead away from `other` (Ho and Salimans, 2022), keeping the contrast and half the colour of `clean`.

    Without the second half (after Lin et al., 2024) colours burn out from a guidance of about 2.
    """
    led = other_BTCHW + (clean_BTCHW - other_BTCHW) * guidance
    clip, channel = (1, 2, 3, 4), (1, 3, 4)
    contrast = clean_BTCHW.std(clip, keepdim=True) / led.std(clip, keepdim=True).clamp(min=1e-3)
    led_mean, clean_mean = led.mean(channel, keepdim=True), clean_BTCHW.mean(channel, keepdim=True)
    return (led - led_mean) * contrast + (led_mean + clean_mean) / 2


@torch.no_grad()
def sample(
    network: Network,
    noise_BTCHW: Tensor,
    times: list[float],
    conditioning: Conditioning,
    *,
    unconditioned: Conditioning | None = None,
    guidance: float = 1.0,
    on_step: OnStep | None = None,
) -> Sample:
    """
    Follow the flow along `times`. With `unconditioned`, guide away from it by `guidance`.

    What is known is put back at the end, so that a given key frame comes out as it came in.
    """
    x = noise_BTCHW
    steps = len(times) - 1
    for step, (now, then) in enumerate(itertools.pairwise(times)):
        if on_step is not None:
            on_step(step, steps)
        t = torch.full((x.shape[0],), now, device=x.device)
        with torch.autocast(x.device.type, torch.bfloat16):
            clean, shares = network.forward_with_shares(x, t, conditioning)
            if unconditioned is not None:
                clean = guided(clean, network(x, t, unconditioned), guidance)
        x = clean if then == 1 else x + (then - now) * (clean - x) / (1 - now)
    if on_step is not None:
        on_step(steps, steps)
    known = conditioning.known_BT[:, :, None, None, None]
    return Sample(frames_BTCHW=torch.where(known, conditioning.known_BTCHW, x).clamp(-1, 1), shares_BTNHW=shares)
