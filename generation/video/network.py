"""
The starter network: a small rectified-flow video transformer with a copy head.

It predicts the clean clip from a noisy one (x-prediction). Convolutions at a half and a quarter of the resolution carry
the detail; transformer blocks at an eighth, over every second frame, attend within a frame (with the reference) and
along time. Caption, time and control flags modulate every layer (adaLN), because as tokens they were ignored.

The copy head makes each pixel a mix of a free colour and the candidates of `conditions.py`, by a softmax: what can be
copied is copied sharply, the rest is invented. Its weights say where each pixel came from.

Shapes: B batch, T frames, C channels, H height, W width, N candidates, S tokens of a frame, D model width.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from generation.video.conditions import CANDIDATES, DENSE, FLAGS, PER_FRAME, REFERENCE_AT, Conditioning
from generation.video.config import Config

TIME_FEATURES = 128
REFERENCE_TOKENS = 16
OUTPUTS = 3 + 1 + CANDIDATES + 3  # free colour, its logit, the candidates' logits, light on the reference
MASKED = -1e4  # the logit of a candidate that is not there
PLATE_PRIOR, KNOWN_PRIOR = 2.0, 4.0  # logits
BARELY = 1e-2  # the share that an opaque figure leaves to what is behind it, before the network speaks
NEVER = 1e-4  # the share of the reference where it is transparent: less, or its grey comes to be used as a colour


def time_features(t_B: Tensor) -> Tensor:
    """Sines and cosines of the flow's time, _B by 128."""
    half = TIME_FEATURES // 2
    rates = torch.exp(-math.log(1e4) * torch.arange(half, device=t_B.device) / half)
    angle = t_B[:, None] * 1000 * rates[None]
    return torch.cat([angle.sin(), angle.cos()], -1)


class Residual(nn.Module):
    """Two convolutions with a mix over neighbouring frames between, modulated by the condition of each frame."""

    def __init__(self, inside: int, outside: int, width: int) -> None:
        super().__init__()
        self.norm_in, self.norm_out = nn.GroupNorm(8, inside), nn.GroupNorm(8, outside)
        self.conv_in = nn.Conv2d(inside, outside, 3, padding=1)
        self.conv_out = nn.Conv2d(outside, outside, 3, padding=1)
        self.modulation = nn.Linear(width, 2 * outside)
        self.time_mix = nn.Parameter(torch.zeros(3, outside))
        self.skip = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()
        for parameter in (*self.conv_out.parameters(), *self.modulation.parameters()):
            nn.init.zeros_(parameter)

    def forward(self, x_NCHW: Tensor, condition_ND: Tensor, frames: int) -> Tensor:
        h = self.conv_in(F.silu(self.norm_in(x_NCHW)))
        h = self._mix_over_time(h, frames)
        scale, shift = self.modulation(condition_ND)[:, :, None, None].chunk(2, 1)
        h = self.conv_out(F.silu(self.norm_out(h) * (1 + scale) + shift))
        out: Tensor = self.skip(x_NCHW) + h
        return out

    def _mix_over_time(self, h_NCHW: Tensor, frames: int) -> Tensor:
        clip = h_NCHW.view(-1, frames, *h_NCHW.shape[1:])
        before, now, after = self.time_mix.to(h_NCHW.dtype)[:, None, None, :, None, None]
        still = torch.zeros_like(clip[:, :1])
        mixed = torch.addcmul(clip, clip, now)
        mixed = torch.addcmul(mixed, torch.cat([still, clip[:, :-1]], 1), before)
        return torch.addcmul(mixed, torch.cat([clip[:, 1:], still], 1), after).flatten(0, 1)


class Attention(nn.Module):
    """Self-attention with normed queries and keys; the first `queries` tokens ask, all answer."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.scale_q, self.scale_k = (nn.Parameter(torch.ones(width // heads)) for _ in range(2))

    def forward(self, x_NSD: Tensor, queries: int) -> Tensor:
        n, s, d = x_NSD.shape
        q, k, v = self.qkv(x_NSD).view(n, s, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        size = self.scale_q.shape
        q = F.rms_norm(q[:, :, :queries], size, self.scale_q.to(q.dtype))
        k = F.rms_norm(k, size, self.scale_k.to(k.dtype))
        # Written out: at these lengths it takes a quarter of the fused kernel's time on CPUs.
        mixed = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(-1).to(v.dtype) @ v
        out: Tensor = self.out(mixed.transpose(1, 2).reshape(n, queries, d))
        return out


class Block(nn.Module):
    """Attention within frames, attention along time, and a feed-forward, each gated by the condition."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.space, self.time = Attention(width, heads), Attention(width, heads)
        self.feed = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(approximate="tanh"), nn.Linear(3 * width, width))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.table = nn.Parameter(torch.zeros(9, width))

    def forward(self, x_BTSD: Tensor, context_BKD: Tensor, modulation_B9D: Tensor) -> Tensor:
        b, t, s, d = x_BTSD.shape
        m = (modulation_B9D + self.table)[:, :, None, None].unbind(1)
        h = self.norm(x_BTSD) * (1 + m[0]) + m[1]
        context = self.norm(context_BKD)[:, None].expand(b, t, -1, d).to(h.dtype)
        h = torch.cat([h, context], 2).flatten(0, 1)
        x = x_BTSD + m[2] * self.space(h, s).view(b, t, s, d)
        h = (self.norm(x) * (1 + m[3]) + m[4]).transpose(1, 2).reshape(b * s, t, d)
        x = x + m[5] * self.time(h, t).view(b, s, t, d).transpose(1, 2)
        out: Tensor = x + m[8] * self.feed(self.norm(x) * (1 + m[6]) + m[7])
        return out


class Network(nn.Module):
    """See the module's docstring. `forward` gives the clean clip, `forward_with_shares` the copy weights too."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = c = config
        d, self.rows, self.columns = c.model, c.height // 8, c.width // 8
        self.time = nn.Sequential(nn.Linear(TIME_FEATURES, d), nn.SiLU(), nn.Linear(d, d))
        self.words = nn.Linear(c.words + FLAGS, d)
        self.frame = nn.Sequential(nn.Linear(PER_FRAME, d), nn.SiLU(), nn.Linear(d, d))
        self.modulation = nn.Linear(d, 9 * d)
        self.reference = nn.Sequential(
            nn.Conv2d(4, 32, 4, 4),
            nn.SiLU(),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.SiLU(),
            nn.AdaptiveAvgPool2d(4),
            nn.Conv2d(64, d, 1),
        )
        self.reference_place = nn.Parameter(torch.randn(1, REFERENCE_TOKENS, d) * 0.02)
        self.enter = nn.Conv2d(3 + DENSE, c.fine, 2, 2)
        self.fine_in, self.fine_out = Residual(c.fine, c.fine, d), Residual(2 * c.fine, c.fine, d)
        self.down = nn.Conv2d(c.fine, c.coarse, 2, 2)
        self.coarse_in, self.coarse_out = Residual(c.coarse, c.coarse, d), Residual(2 * c.coarse, c.coarse, d)
        self.to_tokens, self.from_tokens = nn.Linear(c.coarse * 8, d), nn.Linear(d, c.coarse * 8)
        self.place = nn.Parameter(torch.randn(1, 1, self.rows * self.columns, d) * 0.02)
        self.moment = nn.Parameter(torch.randn(1, c.frames // 2, 1, d) * 0.02)
        self.blocks = nn.ModuleList(Block(d, c.heads) for _ in range(c.depth))
        self.norm_tokens = nn.LayerNorm(d)
        self.palette = nn.Linear(d, 3 * self.rows)
        self.up = nn.Conv2d(c.coarse, c.fine * 4, 1)
        self.norm_out = nn.GroupNorm(8, c.fine)
        self.leave = nn.Conv2d(c.fine, OUTPUTS * 4, 3, padding=1)
        self._start()

    def _start(self) -> None:
        """Start as a copier: gates open, modulation off, output zero but for what is known."""
        nn.init.zeros_(self.modulation.weight)
        for parameter in (*self.leave.parameters(), *self.palette.parameters()):
            nn.init.zeros_(parameter)
        gates = torch.zeros(9, self.config.model)
        gates[[2, 5, 8]] = 1
        with torch.no_grad():
            self.modulation.bias.copy_(gates.flatten())

    def forward(self, x_BTCHW: Tensor, t_B: Tensor, conditioning: Conditioning) -> Tensor:
        """The clean clip, _BTCHW in about [-1, 1], from the clip at flow time t in [0, 1] (0 is noise)."""
        return self.forward_with_shares(x_BTCHW, t_B, conditioning)[0]

    def forward_with_shares(self, x_BTCHW: Tensor, t_B: Tensor, c: Conditioning) -> tuple[Tensor, Tensor]:
        """The clean clip and the copy head's weights _BTNHW: the free colour's first, then the candidates'."""
        batch, frames = x_BTCHW.shape[:2]
        whole = self.time(time_features(t_B)) + self.words(torch.cat([c.words_BK, c.flags_BG], 1))
        each = whole[:, None] + self.frame(c.frame_BTF)
        condition = F.silu(each.flatten(0, 1))
        h = torch.cat([x_BTCHW, c.dense_BTDHW], 2).flatten(0, 1)
        h = h.contiguous(memory_format=torch.channels_last)
        fine = self.fine_in(self.enter(h), condition, frames)
        coarse = self.coarse_in(self.down(fine), condition, frames)
        tokens = self._tokens_of(coarse, batch) + self.place + self.moment
        tokens = tokens + each.view(batch, -1, 2, each.shape[-1]).mean(2)[:, :, None]
        context = self.reference(c.reference_B4RR).flatten(2).transpose(1, 2) + self.reference_place
        modulation = self.modulation(F.silu(whole)).view(batch, 9, -1)
        for block in self.blocks:
            tokens = block(tokens, context, modulation)
        h = self._picture_of(self.from_tokens(self.norm_tokens(tokens)), batch)
        h = self.coarse_out(torch.cat([h, coarse], 1), condition, frames)
        h = self.fine_out(torch.cat([F.pixel_shuffle(self.up(h), 2), fine], 1), condition, frames)
        out = F.pixel_shuffle(self.leave(F.silu(self.norm_out(h))), 2).float()
        bands = F.interpolate(self.palette(whole).float().view(batch, 3, self.rows), size=out.shape[-2], mode="linear")
        return self._copy(out.view(batch, frames, *out.shape[1:]), bands[:, None, :, :, None], c)

    def _tokens_of(self, coarse_NCHW: Tensor, batch: int) -> Tensor:
        """Two frames of 2 x 2 positions become one token."""
        n, c, h, w = coarse_NCHW.shape
        cut = coarse_NCHW.reshape(batch, n // batch // 2, 2, c, h // 2, 2, w // 2, 2).permute(0, 1, 4, 6, 2, 3, 5, 7)
        out: Tensor = self.to_tokens(cut.reshape(batch, n // batch // 2, -1, c * 8))
        return out

    def _picture_of(self, tokens_BTSD: Tensor, batch: int) -> Tensor:
        """The inverse of the cut in `_tokens_of`."""
        half, c = tokens_BTSD.shape[1], self.config.coarse
        cut = tokens_BTSD.reshape(batch, half, self.rows, self.columns, 2, c, 2, 2).permute(0, 1, 4, 5, 2, 6, 3, 7)
        picture = cut.reshape(batch * half * 2, c, self.rows * 2, self.columns * 2)
        return picture.contiguous(memory_format=torch.channels_last)

    def _copy(self, out_BTOHW: Tensor, bands_B1CH1: Tensor, c: Conditioning) -> tuple[Tensor, Tensor]:
        """
        The copy head: mix free colour and candidates; the reference first takes the predicted light.

        The free colour starts from bands that the words choose, sky over ground: what they mean is mostly that.
        """
        free, logits, light = torch.split(out_BTOHW, [3, 1 + CANDIDATES, 3], 2)
        weights = (logits + copy_prior(c)).softmax(2)
        gain = torch.exp(light.clamp(-3, 1))
        own, *copied = weights.unsqueeze(3).unbind(2)
        picture = own * (free + bands_B1CH1)
        for n, share in enumerate(copied):  # one at a time: all at once would be a tensor of gigabytes
            candidate = c.candidates_BTNCHW[:, :, n]
            if REFERENCE_AT.start <= n < REFERENCE_AT.stop:
                candidate = (candidate + 1) * gain - 1
            picture = torch.addcmul(picture, share, candidate)
        return picture, weights


def copy_prior(c: Conditioning) -> Tensor:
    """
    The copy head's logits before the network says anything, _BTNHW: a compositor's guess.

    What is not there cannot be chosen. A plate and what is known are most often right. The reference lies over all with
    its alpha; where it is opaque, what is behind is unlikely, or figures would be seen through. Free colour is less so:
    it paints the arms.
    """
    behind = (1 - c.opacity_BT3HW.amax(2, keepdim=True) + BARELY).log()
    front = (c.opacity_BT3HW + NEVER).log()
    usable = (1 - c.valid_BTN.float())[..., None, None] * MASKED
    before, after = usable[:, :, : REFERENCE_AT.start] + behind, usable[:, :, REFERENCE_AT.stop :]
    before = torch.cat([before[:, :, :-1], before[:, :, -1:] + PLATE_PRIOR], 2)
    return torch.cat(
        [behind / 2, before, usable[:, :, REFERENCE_AT] + front, (after + KNOWN_PRIOR).expand_as(behind)],
        2,
    )
