"""
Render a request with the starter network: the one entry for the engine that wraps it.

A `RenderSpec` is plain values and tensors. What is left out is chosen here, from the seed and the words alone: a still
camera; a path for the figure where a likeness or the words ask for one. Nothing is fetched, nothing is kept.

Steps: read the words; lay out camera and path over the frames; fit pictures to the frame and the reference to its
square; build the conditioning; draw noise; follow the flow; fit the frames to the asked size; sum up the shares.

Shapes: T frames, C channels, H height, W width.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from generation.video import stage, text
from generation.video.compose import film_plate
from generation.video.conditions import PLANES, REFERENCE_AT, Conditioning, Controls, build_conditioning
from generation.video.config import Config
from generation.video.network import Network
from generation.video.noise import camera_noise
from generation.video.pack import PLATE_SHAPE, Plate, plate_layers
from generation.video.reference import is_stiff, reference_of
from generation.video.sampler import OnStep, sample, schedule

STATURE = 0.95  # a figure's height in the world at y = .5, when a path says nothing
MAX_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSpec:
    """
    What to render.

    `keyframes` are uint8 RGB pictures _CHW by frame index, and come out as they came in. `backdrop` is a uint8 picture
    of the place: a plate of the sample library (RGBA, four layers stacked) or any RGB picture _CHW, seen at the first
    frame. `reference` is a uint8 RGBA picture _CHW of the person. `camera` has rows (t, x, y, zoom), `trajectory` rows
    (t, x, y) where the feet go, in world units with t from 0 to 1; zoom 1 is none.
    """

    prompt: str = ""
    negative_prompt: str = ""
    steps: int = 12
    guidance: float = 1.0
    keyframes: Mapping[int, Tensor] = field(default_factory=dict)
    backdrop: Tensor | None = None
    reference: Tensor | None = None
    camera: Tensor | None = None
    trajectory: Tensor | None = None
    stature: float = STATURE
    width: int = 128
    height: int = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The frames, uint8 _TCHW, and each source's share of the pixels: a property of the forward pass, not of cause."""

    frames_TCHW: Tensor
    shares: Mapping[str, float]
    unknown_words: tuple[str, ...]


def render(
    network: Network,
    spec: RenderSpec,
    *,
    generator: torch.Generator,
    device: torch.device,
    on_step: OnStep | None = None,
) -> Rendered:
    """
    Render. The same network, spec and generator state give the same bytes on one machine.

    Raises ValueError when the spec contradicts itself or the network's measures.
    """
    if not 1 <= spec.steps <= MAX_STEPS:
        raise ValueError(f"steps must lie in 1 to {MAX_STEPS}")
    _, unknown = text.tokenize(spec.prompt)
    controls = controls_for(spec, network.config, generator).to(device)
    asked = build_conditioning(controls)
    noise = camera_noise(asked.camera_BT3.to(generator.device), network.config, generator).to(device)
    sampled = sample(
        network,
        noise,
        schedule(spec.steps),
        asked,
        unconditioned=_unconditioned(spec, asked) if spec.guidance != 1 else None,
        guidance=spec.guidance,
        on_step=on_step,
    )
    frames = _to_bytes(_resize(sampled.frames_BTCHW[0], spec.height, spec.width))
    for index, picture in spec.keyframes.items():  # to the byte, even where the frame had to be fitted
        if picture.shape[1:] == (spec.height, spec.width):
            frames[index] = picture[:3].cpu()
    return Rendered(
        frames_TCHW=frames, shares=shares_of(sampled.shares_BTNHW[0], asked.known_BT[0]), unknown_words=unknown
    )


def controls_for(spec: RenderSpec, config: Config, generator: torch.Generator) -> Controls:
    """The controls of one request, as a batch of one."""
    ids, _ = text.tokenize(spec.prompt)
    words = {text.VOCABULARY[i] for i in ids}
    shape = (config.frames, 3, config.height, config.width)
    known, is_known = torch.zeros(shape), torch.zeros(config.frames, dtype=torch.bool)
    for index, picture in spec.keyframes.items():
        if not 0 <= index < config.frames:
            raise ValueError(f"key frame `{index}` lies outside the shot's {config.frames} frames")
        known[index], is_known[index] = _fit_picture(picture, config), True
    camera = camera_of(spec.camera, words, config.frames)
    has_camera = spec.camera is not None or bool(words & set(text.CAMERA)) or len(spec.keyframes) < 2
    feet = path_of(spec, words, config.frames, generator)
    plate = spec.backdrop is not None and tuple(spec.backdrop.shape) == (4, *PLATE_SHAPE[:2])
    place = torch.zeros(shape)
    if spec.backdrop is not None and plate:
        art = Plate(sha256="", layers_LCHW=plate_layers(spec.backdrop.permute(1, 2, 0)), words=(), light=(1, 1, 1))
        place = film_plate(art, camera, config.height, config.width) * 2 - 1
    backdrop = torch.zeros(shape[1:]) if spec.backdrop is None or plate else _fit_picture(spec.backdrop, config)
    side = config.reference
    reference = torch.zeros(4, side, side) if spec.reference is None else reference_of(spec.reference, side)
    across = float(feet[-1, 0] - feet[0, 0]) if feet is not None else 0.0
    standing = feet if feet is not None else torch.zeros(config.frames, 2)
    gait = stage.gait_of(standing, spec.stature)
    return Controls(
        known_BTCHW=known[None],
        known_BT=is_known[None],
        backdrop_BCHW=backdrop[None],
        has_backdrop_B=torch.tensor([spec.backdrop is not None and not plate]),
        stage_BTCHW=place[None],
        has_stage_B=torch.tensor([plate]),
        camera_BT3=camera[None],
        has_camera_B=torch.tensor([has_camera]),
        box_BT3=stage.box_of(camera[None], standing[None], spec.stature),
        gait_BT=(torch.zeros(config.frames, dtype=torch.long) if is_stiff(reference) else gait)[None],
        facing_B=torch.tensor([-1.0 if across < 0 or (across == 0 and "leftwards" in words) else 1.0]),
        has_figure_B=torch.tensor([feet is not None]),
        reference_B4RR=reference[None],
        has_reference_B=torch.tensor([spec.reference is not None and feet is not None]),
        words_BK=text.bag_of(ids)[None],
    )


def camera_of(rows: Tensor | None, words: set[str], frames: int) -> Tensor:
    """The camera over the frames, _T3: as asked, or a moderate move from the words, or still."""
    if rows is not None:
        if rows.ndim != 2 or rows.shape[1] != 4 or not len(rows) or bool((rows[:, 3] <= 0).any()):
            raise ValueError("a camera path has rows of t, x, y and a zoom above 0")
        return stage.track(torch.cat([rows[:, :3], rows[:, 3:].log()], 1), frames)
    x = 0.5 * (("pan right" in words) - ("pan left" in words))
    y = 0.2 * (("tilt down" in words) - ("tilt up" in words))
    zoom = 0.25 * (("zoom in" in words) - ("zoom out" in words))
    return torch.linspace(0, 1, frames)[:, None] * torch.tensor([x, y, zoom])


def path_of(spec: RenderSpec, words: set[str], frames: int, generator: torch.Generator) -> Tensor | None:
    """Where the feet go, _T2: as asked; else from the words, where they or a likeness ask for a figure; else None."""
    if spec.trajectory is not None:
        if spec.trajectory.ndim != 2 or spec.trajectory.shape[1] != 3 or not len(spec.trajectory):
            raise ValueError("a trajectory has rows of t, x and y")
        return stage.track(spec.trajectory, frames)
    if "nobody" in words or (spec.reference is None and not words & {"walks", "stands"}):
        return None
    chance = torch.rand(2, generator=generator, device=generator.device).tolist()
    y = 0.45 + 0.15 * chance[0]
    if "walks" not in words:
        return torch.tensor([(chance[1] - 0.5) * 0.8, y]).expand(frames, 2)
    way = -1.0 if "leftwards" in words else 1.0
    # Into a given first frame the figure walks from outside: it would else stand there from one frame to the next.
    start = -2.0 if 0 in spec.keyframes else -0.75
    ends = torch.tensor([[0.0, start * way, y], [1.0, 0.55 * way, y]])
    return stage.track(ends, frames)


def shares_of(shares_TNHW: Tensor, known_T: Tensor) -> dict[str, float]:
    """The copy head's mean weights by source. What is known comes out whole, whatever the head says."""
    mean = shares_TNHW.float().mean((2, 3))
    names = ("invented", "pictures", "backdrop", "reference", "known")
    stop = REFERENCE_AT.stop + 1
    at = (0, 1, 2 * PLANES + 1, REFERENCE_AT.start + 1, stop, mean.shape[1])
    groups = [mean[:, start:end] for start, end in itertools.pairwise(at)]
    by_frame = torch.stack([group.sum(1) for group in groups], 1)
    by_frame[known_T] = torch.tensor([0.0, 0, 0, 0, 1], device=by_frame.device)
    return {name: round(float(value), 4) for name, value in zip(names, by_frame.mean(0), strict=True)}


def _unconditioned(spec: RenderSpec, asked: Conditioning) -> Conditioning:
    """The same without the words, or with the negative prompt's, for guidance to lead away from."""
    negative, _ = text.tokenize(spec.negative_prompt)
    return replace(asked, words_BK=text.bag_of(negative)[None].to(asked.words_BK))


def _fit_picture(picture_CHW: Tensor, config: Config) -> Tensor:
    """A uint8 picture filled into the frame (the longer side is cut), in [-1, 1]."""
    picture = picture_CHW[:3].float().cpu() / 127.5 - 1
    height, width = picture.shape[1:]
    keep_w = min(width, round(height * config.width / config.height))
    keep_h = min(height, round(width * config.height / config.width))
    top, left = (height - keep_h) // 2, (width - keep_w) // 2
    return _resize(picture[None, :, top : top + keep_h, left : left + keep_w], config.height, config.width)[0]


def _resize(frames_TCHW: Tensor, height: int, width: int) -> Tensor:
    if frames_TCHW.shape[2:] == (height, width):
        return frames_TCHW
    mode = "area" if height <= frames_TCHW.shape[2] and width <= frames_TCHW.shape[3] else "bicubic"
    return F.interpolate(frames_TCHW, size=(height, width), mode=mode)


def _to_bytes(frames_TCHW: Tensor) -> Tensor:
    return ((frames_TCHW.clamp(-1, 1) + 1) * 127.5).round().to("cpu", torch.uint8)
