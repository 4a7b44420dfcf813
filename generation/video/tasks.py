"""
What a training clip pretends to have been asked: which controls are given and which are left out.

The network must obey each control alone and all of them together, so every batch mixes the tasks: from a first frame,
from first and last, from key frames, extended, on a plate, on a picture of the place, and from text alone.

Shapes: B batch, T frames, C channels, H height, W width, K words, R reference side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from generation.video.compose import Clip
from generation.video.conditions import Controls

TASKS = (  # share of clips, task
    (0.17, "first"),
    (0.08, "first_last"),
    (0.06, "keys"),
    (0.04, "extend"),
    (0.10, "plate"),
    (0.10, "backdrop"),
    (0.45, "text"),  # by far the hardest: all pixels are invented
)
KEPT_CAMERA, KEPT_REFERENCE, KEPT_WORDS, KEPT_FIGURE = 0.92, 0.88, 0.85, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Which frames are known, and which of the other sources of picture are given."""

    known_T: Tensor
    plate: bool = False
    backdrop: bool = False


def draw_task(generator: torch.Generator) -> str:
    at = torch.rand((), generator=generator).item()
    for share, task in TASKS:
        at -= share
        if at < 0:
            return task
    return TASKS[-1][1]


def given_by(task: str, frames: int, generator: torch.Generator) -> Given:
    known = torch.zeros(frames, dtype=torch.bool)
    if task in ("first", "first_last"):
        known[0] = True
    if task == "first_last":
        known[-1] = True
    if task == "extend":
        known[: max(1, frames // 4)] = True
    if task == "keys":
        count = int(torch.randint(1, 4, (), generator=generator))
        known[torch.randperm(frames, generator=generator)[:count]] = True
    return Given(known_T=known, plate=task == "plate", backdrop=task == "backdrop")


def controls_of(
    clips: Sequence[Clip], given: Sequence[Given], *, keep: Sequence[tuple[bool, ...]] | None = None
) -> Controls:
    """The controls that ask for these clips. `keep` says for each: camera, reference, words, figure; all by default."""
    kept = torch.tensor([*(keep or [(True,) * 4] * len(clips))])
    frames = torch.stack([c.frames_TCHW for c in clips])
    places = torch.stack([c.stage_TCHW for c in clips])
    plate, backdrop = torch.tensor([g.plate for g in given]), torch.tensor([g.backdrop for g in given])
    figure = torch.tensor([c.figure for c in clips]) & kept[:, 3]
    return Controls(
        known_BTCHW=frames,
        known_BT=torch.stack([g.known_T for g in given]),
        backdrop_BCHW=places[:, 0],
        has_backdrop_B=backdrop,
        stage_BTCHW=places,
        has_stage_B=plate,
        camera_BT3=torch.stack([c.camera_T3 for c in clips]),
        has_camera_B=kept[:, 0],
        box_BT3=torch.stack([c.box_T3 for c in clips]),
        gait_BT=torch.stack([c.gait_T for c in clips]),
        facing_B=torch.tensor([c.facing for c in clips]),
        has_figure_B=figure,
        reference_B4RR=torch.stack([c.reference_4RR for c in clips]),
        has_reference_B=figure & kept[:, 1],
        words_BK=torch.stack([c.words_K for c in clips]) * kept[:, 2:3],
    )


def draw_controls(clips: Sequence[Clip], generator: torch.Generator) -> Controls:
    """Draw a task for each clip and drop controls at random."""
    given, keep = [], []
    for clip in clips:
        task = draw_task(generator)
        given.append(given_by(task, clip.frames_TCHW.shape[0], generator))
        dice = torch.rand(4, generator=generator).tolist()
        # Without a picture the figure could be anywhere: the path is dropped only where a key frame shows it.
        figure = dice[3] < KEPT_FIGURE or not bool(given[-1].known_T.any())
        keep.append((dice[0] < KEPT_CAMERA, dice[1] < KEPT_REFERENCE, dice[2] < KEPT_WORDS, figure))
    return controls_of(clips, given, keep=keep)
