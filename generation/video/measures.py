"""
Measure whether the network obeys, against baselines and swaps; a loss curve does not say.

- **Quality**: PSNR against the truth, beside the baselines that cost nothing: freeze the first frame, film it anew by
  the requested camera, blend first and last.
- **Camera**: the ground's pan by phase correlation, against the pan asked for, flipped against the data so that habit
  cannot pass for obedience.
- **Identity**: is the figure nearest to the reference it was given, among those of the group, when references are
  swapped? With the reference off it must be at chance.
- **Caption**: from text alone, is the sky nearest to that of the hour asked for?

Shapes: B clips, T frames, C channels, H height, W width, R reference side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from generation.video import stage, text
from generation.video.compose import Clip
from generation.video.conditions import Controls, build_conditioning, warp
from generation.video.network import Network
from generation.video.noise import PLANE, camera_noise
from generation.video.sampler import sample, schedule
from generation.video.tasks import Given, controls_of

STRIDE = 3  # frames between which a pan is measured: large enough to be seen, small enough not to wrap
GROUND_FROM = 0.44  # of the world's y; below this only the ground is seen
SKY_ROWS = 0.2  # of the frame's height


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The fit of what was measured to what was asked."""

    slope: float
    correlation: float
    error: float  # mean absolute, in the unit measured
    count: int


def psnr(a_BTCHW: Tensor, b_BTCHW: Tensor) -> float:
    """Mean over clips of the peak signal-to-noise ratio in dB, for pictures in [-1, 1]."""
    error = ((a_BTCHW - b_BTCHW) ** 2).mean((1, 2, 3, 4)).clamp(min=1e-10)
    return float((10 * torch.log10(4 / error)).mean())


def generate(network: Network, controls: Controls, *, steps: int, seed: int, chunk: int = 4) -> Tensor:
    """Sample all clips of the controls, a few at a time, _BTCHW."""
    out = []
    for start in range(0, controls.known_BT.shape[0], chunk):
        part = cut(controls, slice(start, start + chunk))
        conditioning = build_conditioning(part)
        generator = torch.Generator().manual_seed(seed + start)
        noise = camera_noise(conditioning.camera_BT3, network.config, generator)
        out.append(sample(network, noise, schedule(steps), conditioning).frames_BTCHW)
    return torch.cat(out)


def cut(controls: Controls, rows: slice) -> Controls:
    """Some of a batch of controls."""
    return Controls(**{name: getattr(controls, name)[rows] for name in Controls.__dataclass_fields__})


def asked_by(
    clips: Sequence[Clip], *, frames: Sequence[int] = (), plate: bool = False, backdrop: bool = False
) -> Controls:
    """Controls for the clips with these frames known, or a plate, or a picture of the place."""
    known = torch.zeros(clips[0].frames_TCHW.shape[0], dtype=torch.bool)
    known[list(frames)] = True
    return controls_of(clips, [Given(known_T=known, plate=plate, backdrop=backdrop)] * len(clips))


def freeze_baseline(truth_BTCHW: Tensor) -> Tensor:
    return truth_BTCHW[:, :1].expand_as(truth_BTCHW)


def warp_baseline(controls: Controls) -> Tensor:
    """The first frame filmed anew by the camera, as one flat picture at the parallax between middle and ground."""
    first = torch.zeros_like(controls.known_BT, dtype=torch.long)
    planes, _ = warp(controls.known_BTCHW, first, controls.camera_BT3 * (PLANE / stage.PARALLAX[-1]))
    return planes[:, :, -1]


def blend_baseline(truth_BTCHW: Tensor) -> Tensor:
    share = torch.linspace(0, 1, truth_BTCHW.shape[1]).view(1, -1, 1, 1, 1)
    return truth_BTCHW[:, :1] * (1 - share) + truth_BTCHW[:, -1:] * share


def flipped(controls: Controls) -> Controls:
    """The same request with the pan turned round about the first frame."""
    camera = controls.camera_BT3.clone()
    camera[..., 0] = 2 * camera[:, :1, 0] - camera[..., 0]
    return replace(controls, camera_BT3=camera, has_figure_B=torch.zeros_like(controls.has_figure_B))


def shift_between(a_CHW: Tensor, b_CHW: Tensor) -> float:
    """How many pixels to the right the picture moved from `a` to `b`, by phase correlation with sub-pixel peak."""
    rows, width = a_CHW.shape[1:]
    window = torch.hann_window(width, periodic=False)[None] * torch.hann_window(rows + 2, periodic=False)[1:-1, None]
    spectra = [torch.fft.fft2((p.mean(0) - p.mean()) * window) for p in (a_CHW, b_CHW)]
    cross = spectra[1] * spectra[0].conj()
    surface = torch.fft.ifft2(cross / (cross.abs() ** 0.7 + 1e-6)).real
    line = torch.fft.fftshift(surface.max(0).values)
    peak = int(line.argmax())
    left, middle, right = (float(line[(peak + k) % width]) for k in (-1, 0, 1))
    curve = left - 2 * middle + right
    return peak - width // 2 + (0.5 * (left - right) / curve if curve else 0.0)


def camera_line(frames_BTCHW: Tensor, camera_BT3: Tensor) -> Line:
    """Fit the ground's measured pan over a shot to the pan asked for, in pixels; shots with much zoom are left out."""
    _, count, _, height, width = frames_BTCHW.shape
    top = round((GROUND_FROM + 1) / 2 * height)
    asked, measured = [], []
    for clip, camera in zip(frames_BTCHW, camera_BT3, strict=True):
        if abs(float(camera[-1, 2] - camera[0, 2])) > 0.12:
            continue
        unit = width / 2 / stage.ASPECT * float(camera[:, 2].mean().exp())
        steps = range(0, count - STRIDE, STRIDE)
        measured.append(sum(shift_between(clip[f, :, top:], clip[f + STRIDE, :, top:]) for f in steps))
        asked.append(-float(camera[steps[-1] + STRIDE, 0] - camera[0, 0]) * unit)
    return fit_line(torch.tensor(asked), torch.tensor(measured))


def fit_line(asked: Tensor, measured: Tensor) -> Line:
    x, y = asked - asked.mean(), measured - measured.mean()
    slope = float((x * y).sum() / (x * x).sum())
    correlation = float((x * y).sum() / ((x * x).sum() * (y * y).sum()).sqrt().clamp(min=1e-9))
    return Line(slope=slope, correlation=correlation, error=float((asked - measured).abs().mean()), count=len(asked))


def figure_features(frames_BTCHW: Tensor, box_BT3: Tensor, facing_B: Tensor) -> Tensor:
    """What the figures look like, one row a clip: cut out in the figure's own frame, mean over time, light removed."""
    v, u = torch.meshgrid(torch.linspace(0.02, 0.62, 16), torch.linspace(-0.11, 0.11, 7), indexing="ij")
    middle, feet, height = (box_BT3[..., k, None, None] for k in range(3))
    x = (middle + u * height * facing_B[:, None, None, None]) / stage.ASPECT
    y = feet + (v - 1) * height
    crop = stage.look_up(frames_BTCHW.flatten(0, 1), x.flatten(0, 1), y.flatten(0, 1), padding="border")
    return _unlit(crop.view(*box_BT3.shape[:2], *crop.shape[1:]).mean(1))


def reference_features(reference_B4RR: Tensor) -> Tensor:
    """The same of references."""
    v, u = torch.meshgrid(torch.linspace(0.02, 0.62, 16), torch.linspace(-0.11, 0.11, 7), indexing="ij")
    grid_u, grid_v = stage.cell_coordinates(u, v)
    count = reference_B4RR.shape[0]
    crop = stage.look_up(
        reference_B4RR[:, :3], (grid_u * stage.CELL_ASPECT).expand(count, -1, -1), grid_v.expand(count, -1, -1)
    )
    return _unlit(crop)


def _unlit(crop_BCHW: Tensor) -> Tensor:
    bright = (crop_BCHW + 1) / 2
    return (bright / bright.mean((1, 2, 3), keepdim=True).clamp(min=1e-3)).flatten(1)


def retrieved(figures_BF: Tensor, references_BF: Tensor) -> float:
    """The share of figures whose nearest reference, of this group, is their own."""
    a, b = figures_BF - figures_BF.mean(0), references_BF - references_BF.mean(0)
    alike = torch.nn.functional.cosine_similarity(a[:, None], b[None], dim=-1)
    return float((alike.argmax(1) == torch.arange(len(a))).float().mean())


def swapped_references(controls: Controls, by: int) -> Controls:
    """The same requests, each with the reference of another clip of the batch."""
    return replace(controls, reference_B4RR=controls.reference_B4RR.roll(by, 0))


def without_reference(controls: Controls) -> Controls:
    return replace(controls, has_reference_B=torch.zeros_like(controls.has_reference_B))


def sky_colour(frames_BTCHW: Tensor) -> Tensor:
    rows = max(1, round(frames_BTCHW.shape[3] * SKY_ROWS))
    return frames_BTCHW[:, :, :, :rows].mean((1, 3, 4))


def hour_accuracy(frames_BTCHW: Tensor, words_BK: Tensor, truth_BTCHW: Tensor, truth_words_BK: Tensor) -> float:
    """The share of clips whose sky is nearest to the mean sky, in the truth, of the hour in their words."""
    hours = slice(0, len(text.TIMES))
    truth_hour = truth_words_BK[:, hours].argmax(1)
    centres = torch.stack([sky_colour(truth_BTCHW)[truth_hour == k].mean(0) for k in range(len(text.TIMES))])
    nearest = torch.cdist(sky_colour(frames_BTCHW), centres).argmin(1)
    return float((nearest == words_BK[:, hours].argmax(1)).float().mean())
