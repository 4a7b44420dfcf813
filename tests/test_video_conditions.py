"""What the network sees: candidates, mattes and references."""

import math

import torch

from generation.video import stage
from generation.video.compose import Clip, compose
from generation.video.conditions import (
    BEND,
    REFERENCE_AT,
    SWING,
    build_conditioning,
    fill_holes,
    leg_coordinates,
    neighbours,
)
from generation.video.config import Config
from generation.video.measures import asked_by, without_reference
from generation.video.noise import camera_noise
from generation.video.pack import read_pack
from generation.video.reference import is_stiff, reference_of
from library.draw import fresh_pack
from library.draw_sheets import draw_sheet

torch.set_num_threads(1)  # small tensors: threads would only wait for each other

CONFIG = Config.tiny()
PACK = read_pack(fresh_pack(31_000, performers=2, hours=("day",)))


def clip_with_figure() -> Clip:
    clips = (compose(PACK, seed, CONFIG) for seed in range(100))
    return next(c for c in clips if c.figure and bool((c.box_T3[:, 0].abs() < 1).all()))


def slow_neighbours(has: list[bool], frame: int) -> tuple[int, int]:
    """The obvious twin of `neighbours`."""
    there = [k for k, given in enumerate(has) if given]
    before, after = [k for k in there if k <= frame], [k for k in there if k > frame]
    return (before[-1] if before else after[0]), (after[0] if after else before[-1])


def test_the_nearest_pictures_agree_with_the_slow_twin() -> None:
    generator = torch.Generator().manual_seed(1)
    has = torch.rand(40, 7, generator=generator) < 0.4
    has = has[has.any(1)]
    before, after = neighbours(has)
    for row, given in enumerate(has.tolist()):
        for frame in range(7):
            assert (int(before[row, frame]), int(after[row, frame])) == slow_neighbours(given, frame)


def test_a_picture_filmed_from_where_it_was_taken_is_itself() -> None:
    clip = clip_with_figure()
    conditioning = build_conditioning(asked_by([clip], backdrop=True))
    for plane in range(len(stage.PARALLAX)):
        same = conditioning.candidates_BTNCHW[0, 0, plane]
        assert torch.allclose(same, clip.stage_TCHW[0], atol=1e-4)


def test_no_ghost_of_the_figure_stays_in_the_pictures_that_are_copied() -> None:
    clip = clip_with_figure()
    x, y = stage.screen_grid(CONFIG.height, CONFIG.width)
    u, v = stage.figure_coordinates(clip.box_T3[None, :1], torch.tensor([clip.facing]), x, y)
    body = ((u.abs() < 0.12) & (v > 0.05) & (v < 0.9))[0, 0].expand(3, -1, -1)
    plain = build_conditioning(asked_by([clip], frames=[0])).candidates_BTNCHW[0, 0, 3]
    with_figure = (clip.frames_TCHW[0] - clip.stage_TCHW[0])[body].abs().mean()
    left = (plain - clip.stage_TCHW[0])[body].abs().mean()
    assert with_figure > 0.1
    assert left < with_figure * 0.6


def test_holes_are_filled_from_around_and_nothing_else_changes() -> None:
    picture = torch.full((1, 3, 16, 16), 0.25)
    keep = torch.ones(1, 1, 16, 16)
    keep[..., 4:9, 5:11] = 0
    damaged = torch.where(keep.bool(), picture, torch.full_like(picture, 9.0))
    assert torch.allclose(fill_holes(damaged, keep), picture, atol=1e-5)


def test_a_reference_stands_in_its_box_only_when_it_is_given() -> None:
    asked = asked_by([clip_with_figure()], backdrop=True)
    given, off = build_conditioning(asked), build_conditioning(without_reference(asked))
    assert given.opacity_BT3HW.amax() > 0.9
    assert off.opacity_BT3HW.abs().max() == 0
    assert given.valid_BTN[..., REFERENCE_AT].all()
    assert not off.valid_BTN[..., REFERENCE_AT].any()


def test_a_sheet_a_single_pose_and_a_portrait_all_make_references() -> None:
    sheet = torch.from_numpy(draw_sheet(31_000)).permute(2, 0, 1)
    from_sheet = reference_of(sheet, 64)
    from_pose = reference_of(sheet[:, :, : stage.CELL_WIDTH], 64)
    assert (from_sheet[3] - from_pose[3]).abs().mean() < 0.03
    portrait = torch.full((4, 300, 200), 255, dtype=torch.uint8)
    alpha = reference_of(portrait, 64)[3]
    rows, columns = (alpha > 0.5).any(1), (alpha > 0.5).any(0)
    assert bool((alpha > 0.5)[rows][:, columns].all())  # a plain rectangle
    assert abs(int(rows.sum()) / int(columns.sum()) - 1.5) < 0.1


def test_noise_keeps_unit_variance_and_follows_the_camera() -> None:
    camera = torch.zeros(1, 4, 3)
    still = camera_noise(camera, CONFIG, torch.Generator().manual_seed(1))
    assert abs(float(still.std()) - 1) < 0.05
    shared = (still[0, 0] * still[0, 3]).mean()
    assert abs(float(shared) - 0.64) < 0.08
    camera[..., 0] = torch.tensor([0, 1.5, 3.0, 4.5])
    moved = camera_noise(camera, CONFIG, torch.Generator().manual_seed(1))
    assert abs(float((moved[0, 0] * moved[0, 3]).mean())) < 0.1


def test_a_puppets_walk_is_drawn_from_its_resting_pose_alone() -> None:
    cells = PACK.sheets[0].cells_NCHW
    for phase in range(1, stage.CELLS):
        v, u = torch.meshgrid(torch.linspace(0, 1.05, 60), torch.linspace(-0.35, 0.35, 40), indexing="ij")
        truth = stage.look_up(cells[phase][None], *(g[None] for g in stage.cell_coordinates(u, v)))[0, 3] > 0.5
        still = stage.look_up(cells[0][None], *(g[None] for g in stage.cell_coordinates(u, v)))[0, 3] > 0.5
        walked = posed_outline(cells[0], phase, u, v)
        below = v > 0.62
        assert (walked ^ truth)[below].sum() < 0.4 * truth[below].sum()
        if phase in (3, 7):  # the legs are farthest apart
            assert (walked ^ truth)[below].sum() < 0.5 * (still ^ truth)[below].sum()


def posed_outline(resting_CHW: torch.Tensor, phase: int, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Where the legs of a resting cell come to lie at a phase of the walk."""
    angle = torch.tensor((phase - 1) * math.pi / 4)
    found = torch.zeros_like(u, dtype=torch.bool)
    for side in (1, -1):
        thigh, knee = side * SWING * angle.sin(), (side * angle.cos()).clamp(min=0) * BEND
        leg_u, leg_v = leg_coordinates(u, v, thigh, knee)
        at = [g[None] for g in stage.cell_coordinates(leg_u, leg_v)]
        found |= (stage.look_up(resting_CHW[None], *at)[0, 3] > 0.5) & (leg_v > 0.6)
    return found


def test_a_portrait_is_stiff_and_a_puppet_is_not() -> None:
    portrait = torch.full((4, 300, 200), 255, dtype=torch.uint8)
    sheet = torch.from_numpy(draw_sheet(31_000)).permute(2, 0, 1)
    assert is_stiff(reference_of(portrait, 64))
    assert not is_stiff(reference_of(sheet, 64))
