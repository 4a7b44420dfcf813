"""
Turn a request's controls into what the network sees.

The network's copy head may take each pixel from a candidate instead of inventing it. The candidates are built here:
the nearest picture before and after, filmed anew by the requested camera at the four parallaxes; the background plate;
the reference, stood on the path with its legs swung by the gait; and what is known outright.

Steps: matte the figure out of known frames where its box is known, and fill the hole, so that no ghost stays behind;
warp them (mirrored beyond their edges, so that no grey border comes in); stand the reference with its alpha on the
path; stack candidates, their validity, and the dense and the per-frame conditions.

Shapes: B batch, T frames, C channels, H height, W width, N candidates, R reference side, K words, D dense channels.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor

from generation.video import stage

PLANES = len(stage.PARALLAX)
CANDIDATES = 2 * PLANES + 1 + 3 + 1  # before, after, plate, reference three times, known
REFERENCE_AT = slice(2 * PLANES + 1, 2 * PLANES + 4)  # the reference's candidates
DENSE = 3 + 1 + 2 * PLANES * 3 + 2 + 3 + 1 + 3 * 4 + 3 + 4  # channels of `dense_BTDHW`
PER_FRAME = 4 + 4 + 4  # numbers of `frame_BTF`: camera, box, gait


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What a batch of requests gives. Pictures are float in [-1, 1]; `has_…` says which are given."""

    known_BTCHW: Tensor
    known_BT: Tensor  # which whole frames are known
    backdrop_BCHW: Tensor  # a picture of the place at the first frame, without the figure
    has_backdrop_B: Tensor
    stage_BTCHW: Tensor  # a plate, filmed by the camera
    has_stage_B: Tensor
    camera_BT3: Tensor
    has_camera_B: Tensor
    box_BT3: Tensor
    gait_BT: Tensor
    facing_B: Tensor
    has_figure_B: Tensor
    reference_B4RR: Tensor
    has_reference_B: Tensor
    words_BK: Tensor

    def to(self, device: torch.device) -> Controls:
        return Controls(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditioning:
    """What the network takes."""

    dense_BTDHW: Tensor
    candidates_BTNCHW: Tensor
    valid_BTN: Tensor  # which candidates a frame may use at all
    opacity_BT3HW: Tensor  # the reference candidates' alpha
    frame_BTF: Tensor
    flags_BG: Tensor  # which controls are given
    words_BK: Tensor
    reference_B4RR: Tensor
    known_BTCHW: Tensor
    known_BT: Tensor
    camera_BT3: Tensor  # as the noise should follow it


FLAGS = 5
SWING, BEND = 0.42, 0.75  # radians that a thigh swings and a knee bends, as the sheets are drawn


def on(has_B: Tensor) -> Tensor:
    """A flag as a factor for _BTCHW."""
    return has_B.float()[:, None, None, None, None]


def fill_holes(picture_NCHW: Tensor, keep_N1HW: Tensor) -> Tensor:
    """
    Fill where `keep` is 0 from around, coarse to fine (push-pull, Gortler et al., 1996).

    Along the rows first: places lie in bands, sky over hills over ground, that a fill from all sides would smear.
    """
    height, width = picture_NCHW.shape[-2:]
    if height * width < 2:
        return picture_NCHW
    pool = (1, 2) if width > 1 else (2, 1)
    weight = F.avg_pool2d(keep_N1HW, pool, ceil_mode=True)
    colour = F.avg_pool2d(picture_NCHW * keep_N1HW, pool, ceil_mode=True) / weight.clamp(min=1e-4)
    coarse = fill_holes(colour * (weight > 0), (weight > 0).to(weight))
    filled = F.interpolate(coarse, size=picture_NCHW.shape[-2:], mode="bilinear", align_corners=False)
    return picture_NCHW * keep_N1HW + filled * (1 - keep_N1HW)


def figure_matte(c: Controls, u: Tensor, v: Tensor, alpha_BT3HW: Tensor) -> Tensor:
    """
    0 where a figure and its shadow may be, 1 elsewhere, soft between. _BTHW.

    With a reference that is its outline, widened, and a slim body for whom another's outline does not cover; without
    one it is the whole box.
    """
    slim = torch.where(c.has_reference_B, 0.15, 0.36)[:, None, None, None]
    body = torch.minimum((slim - u.abs()) * 20, torch.minimum((v + 0.06) * 20, (1.07 - v) * 20)).clamp(0, 1)
    shadow = ((1.25 - torch.hypot(u / 0.32, (v - 0.99) / 0.075)) * 4).clamp(0, 1)
    reach = round(u.shape[2] / 24)
    outline = F.max_pool2d(alpha_BT3HW.amax(2), 2 * reach + 1, 1, reach)
    taken = torch.maximum(torch.maximum(body, shadow), (outline * 2).clamp(0, 1))
    return torch.where(c.has_figure_B[:, None, None, None], 1 - taken, torch.ones_like(u))


def sources(c: Controls, keep: Tensor) -> tuple[Tensor, Tensor]:
    """The pictures to warp, _BTCHW with the figure matted out, and which frames have one, _BT."""
    at = c.known_BT.nonzero(as_tuple=True)
    pictures = c.known_BTCHW.clone()
    if len(at[0]):
        pictures[at] = fill_holes(c.known_BTCHW[at], keep[at][:, None])
    first = torch.where(c.has_backdrop_B[:, None, None, None], c.backdrop_BCHW, pictures[:, 0])
    pictures = torch.cat([first[:, None], pictures[:, 1:]], 1)
    has = c.known_BT.clone()
    has[:, 0] |= c.has_backdrop_B
    return pictures, has


def neighbours(has_BT: Tensor) -> tuple[Tensor, Tensor]:
    """For each frame the nearest frame with a picture, at or before it and after it (the other where there is none)."""
    frames = has_BT.shape[1]
    index = torch.arange(frames, device=has_BT.device)
    apart = (index[:, None] - index[None, :])[None]  # this frame minus that
    missing = 10 * frames * (~has_BT)[:, None, :]
    before = (torch.where(apart >= 0, apart, frames - apart) + missing).argmin(2)
    after = (torch.where(apart < 0, -apart, frames + apart) + missing).argmin(2)
    return before, after


def warp(pictures_BTCHW: Tensor, source_BT: Tensor, camera_BT3: Tensor) -> tuple[Tensor, Tensor]:
    """Film each frame's source picture anew at each parallax: _BTNCHW, and where the ground was seen, _BT1HW."""
    batch, _, _, height, width = pictures_BTCHW.shape
    rows = torch.arange(batch, device=source_BT.device)[:, None]
    picture, camera = pictures_BTCHW[rows, source_BT], camera_BT3[rows, source_BT]
    x, y = stage.screen_grid(height, width, pictures_BTCHW.device)
    planes = []
    for parallax in stage.PARALLAX:
        u, v = stage.screen_of_world(camera, parallax, *stage.world_of_screen(camera_BT3, parallax, x, y))
        u = u / stage.ASPECT
        seen = ((u.abs() < 1) & (v.abs() < 1)).float()[:, :, None]
        flat = stage.look_up(picture.flatten(0, 1), u.flatten(0, 1), v.flatten(0, 1), padding="reflection")
        planes.append(flat.view_as(picture))
    return torch.stack(planes, 2), seen


def leg_coordinates(u: Tensor, v: Tensor, thigh: Tensor, knee: Tensor) -> tuple[Tensor, Tensor]:
    """Where on a leg at rest a point of a swung leg lies: turned back about the hip, and below the knee about that."""
    hip, length = 0.575, 0.2  # of the puppets, in figure heights

    def turned(du: Tensor, dv: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
        return du * angle.cos() - dv * angle.sin(), du * angle.sin() + dv * angle.cos()

    upper_u, upper_v = turned(u, v - hip, thigh)
    lower_u, lower_v = turned(u - length * thigh.sin(), v - hip - length * thigh.cos(), thigh - knee)
    above = upper_v < length
    return torch.where(above, upper_u, lower_u), hip + torch.where(above, upper_v, lower_v.clamp(min=0) + length)


def stand(c: Controls, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """
    The reference on the path: the body, and its near and far leg swung by the gait. _BT3CHW colour and _BT3HW alpha.

    At rest the body has its legs. In a walk it keeps a faint hem, because a coat may reach below the hip.
    """
    angle, walks = stage.gait_angle(c.gait_BT)[..., None, None], (c.gait_BT > 0)[..., None, None]
    swing = SWING * angle.sin()
    bend = [(side * angle.cos()).clamp(min=0) * BEND for side in (1, -1)]
    legs = [leg_coordinates(u, v, side * swing, knee) for side, knee in zip((1, -1), bend, strict=True)]
    hem = torch.where(v < 0.62, 1.0, torch.where(v < 0.74, 0.25, 0.0))
    shown = [torch.where(walks, hem, 1.0), *((walks & (leg_v > 0.6)).float() for _, leg_v in legs)]
    square = c.reference_B4RR[:, None].expand(-1, u.shape[1], -1, -1, -1).flatten(0, 1)
    poses = []
    for pose_u, pose_v in ((u, v), *legs):
        cell_u, cell_v = stage.cell_coordinates(pose_u, pose_v)
        cell_u = cell_u * stage.CELL_ASPECT  # a cell stands in the middle of the square
        found = stage.look_up(square, cell_u.flatten(0, 1), cell_v.flatten(0, 1))
        poses.append(found.view(*u.shape[:2], 4, *u.shape[2:]))
    pose = torch.stack(poses, 2) * on(c.has_figure_B & c.has_reference_B)[..., None]
    return pose[:, :, :, :3], pose[:, :, :, 3] * torch.stack(shown, 2)


def per_frame(c: Controls) -> Tensor:
    """Camera, box and gait as numbers, _BTF."""
    camera, figure = c.has_camera_B.float()[:, None, None], c.has_figure_B.float()[:, None, None]
    angle, walks = stage.gait_angle(c.gait_BT), (c.gait_BT > 0).float()
    gait = torch.stack([angle.sin() * walks, angle.cos() * walks, walks, c.facing_B[:, None].expand_as(walks)], -1)
    camera_BT4 = torch.cat([c.camera_BT3, torch.ones_like(c.camera_BT3[..., :1])], -1) * camera
    box_BT4 = torch.cat([c.box_BT3, torch.ones_like(c.box_BT3[..., :1])], -1) * figure
    return torch.cat([camera_BT4, box_BT4, gait * figure], -1)


def build_conditioning(c: Controls) -> Conditioning:
    """Build everything the network takes from the controls."""
    batch, frames, _, height, width = c.known_BTCHW.shape
    camera = c.camera_BT3 * c.has_camera_B.float()[:, None, None]
    x, y = stage.screen_grid(height, width, c.known_BTCHW.device)
    u, v = stage.figure_coordinates(c.box_BT3, c.facing_B, x, y)
    colour, alpha = stand(c, u, v)
    pictures, has = sources(c, figure_matte(c, u, v, alpha))
    before, after = neighbours(has)
    any_B = has.any(1)
    shown = on(any_B)[..., None]
    old, old_seen = warp(pictures, before, camera)
    new, new_seen = warp(pictures, after, camera)
    known_mask = c.known_BT.float()[:, :, None, None, None].expand(-1, -1, 1, height, width)
    known, stage_ = c.known_BTCHW * known_mask, c.stage_BTCHW * on(c.has_stage_B)
    near = ((u.abs() < 0.4) & (v > -0.1) & (v < 1.15) & c.has_figure_B[:, None, None, None]).float()
    own = torch.stack([u.clamp(-1, 1) * near, v.clamp(-1, 1.5) * near, near], 2)
    where = [torch.stack(stage.world_of_screen(camera, parallax, x, y), 2) for parallax in (stage.PARALLAX[1], 1.0)]
    dense = torch.cat(
        [
            known, known_mask, (old * shown).flatten(2, 3), (new * shown).flatten(2, 3),
            old_seen * on(any_B), new_seen * on(any_B), stage_, on(c.has_stage_B).expand_as(known_mask),
            (colour * alpha[:, :, :, None]).flatten(2, 3), alpha, own, *where,
        ],
        2,
    )  # fmt: skip
    candidates = torch.cat([old, new, stage_[:, :, None], colour, known[:, :, None]], 2)
    flags = [c.known_BT.any(1), c.has_backdrop_B, c.has_stage_B, c.has_figure_B, c.has_reference_B & c.has_figure_B]
    planes = (batch, frames, PLANES)
    valid = torch.cat(
        [
            any_B[:, None, None].expand(planes),
            (any_B[:, None] & (before != after))[..., None].expand(planes),
            c.has_stage_B[:, None, None].expand(batch, frames, 1),
            (c.has_reference_B & c.has_figure_B)[:, None, None].expand(batch, frames, 3),
            c.known_BT[..., None],
        ],
        2,
    )
    return Conditioning(
        dense_BTDHW=dense,
        candidates_BTNCHW=candidates,
        valid_BTN=valid,
        opacity_BT3HW=alpha,
        frame_BTF=per_frame(c),
        flags_BG=torch.stack(flags, 1).float(),
        words_BK=c.words_BK,
        reference_B4RR=c.reference_B4RR * c.has_reference_B.float()[:, None, None, None],
        known_BTCHW=known,
        known_BT=c.known_BT,
        camera_BT3=camera,
    )
