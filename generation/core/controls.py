"""
How a shot is steered, and in what form it is delivered: the parts of a request that a decision does not see.

Places are in world units of the engine, `t` runs over the shot from 0 to 1. Numbers here may have fractions: nobody
signs them. Every object is closed; a control that is not known is refused, never ignored.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_int, read_list
from registry.core.jcs import Json
from registry.core.record import read_fraction

MAX_SIDE = 8_192  # pixels; an engine's own limits are narrower
MAX_FRAMES = 100_000
MAX_FPS = 1_000_000  # of either part of the fraction
MAX_POINTS = 1_000  # of one path
MAX_TRAJECTORIES = 16
MAX_STEPS = 1_000
MAX_GUIDANCE = 30.0
MAX_PLACE = 100.0  # world units from the middle
MIN_ZOOM, MAX_ZOOM = 0.05, 20.0

Number = int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What is delivered."""

    width: int  # pixels
    height: int  # pixels
    fps: tuple[int, int]  # frames a second, as a fraction
    frames: int

    @property
    def seconds(self) -> int:
        """How long it lasts, rounded up: what a cap on seconds is drawn on."""
        numerator, denominator = self.fps
        return -(-self.frames * denominator // numerator)

    def format(self) -> dict[str, Json]:
        return {"width": self.width, "height": self.height, "fps": list(self.fps), "frames": self.frames}


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraKey:
    t: Number
    x: Number
    y: Number
    zoom: Number  # 1 is none


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPoint:
    t: Number
    x: Number
    y: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """Where somebody or something goes; with neither name it is the one figure of the shot."""

    performer: str | None
    reference: int | None  # place in the list of references
    points: tuple[PathPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    camera: tuple[CameraKey, ...] = ()
    trajectories: tuple[Trajectory, ...] = ()
    guidance: Number | None = None  # None: the engine's own
    steps: int | None = None

    def format(self) -> dict[str, object]:
        """Write the JSON of the request; ``parse_controls`` is the inverse."""
        return {
            "camera": [{"t": key.t, "x": key.x, "y": key.y, "zoom": key.zoom} for key in self.camera],
            "trajectories": [
                {
                    "performer": one.performer,
                    "reference": one.reference,
                    "points": [{"t": point.t, "x": point.x, "y": point.y} for point in one.points],
                }
                for one in self.trajectories
            ],
            "guidance": self.guidance,
            "steps": self.steps,
        }


T = TypeVar("T", CameraKey, PathPoint)


def parse_format(body: Reader) -> Format:
    found = Format(
        width=body.int("width", 1, MAX_SIDE),
        height=body.int("height", 1, MAX_SIDE),
        fps=read_fraction(body.raw("fps"), body.at("fps"), maximum=MAX_FPS),
        frames=body.int("frames", 1, MAX_FRAMES),
    )
    body.finish()
    return found


def parse_controls(body: Reader | None) -> Controls:
    """Read the controls; absent means that none are asked for."""
    if body is None:
        return Controls()
    guidance = body.opt_raw("guidance")
    found = Controls(
        camera=_in_order(body.opt_list_of("camera", _camera_key, max_items=MAX_POINTS), body.at("camera")),
        trajectories=body.opt_list_of("trajectories", _trajectory, max_items=MAX_TRAJECTORIES),
        guidance=None if guidance is None else read_number(guidance, body.at("guidance"), 0, MAX_GUIDANCE),
        steps=body.opt_int("steps", 1, MAX_STEPS),
    )
    body.finish()
    return found


def read_number(value: object, path: str, minimum: float, maximum: float) -> Number:
    """Check one finite number, whole or not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed("bad_type", field=path, wanted="a number")
    if not math.isfinite(value) or not minimum <= value <= maximum:
        raise Malformed("bad_value", field=path, value=value, wanted=f"{minimum:g} to {maximum:g}")
    return value


def _camera_key(value: object, path: str) -> CameraKey:
    body = Reader(value, path)
    key = CameraKey(
        t=_moment(body),
        x=_place(body, "x"),
        y=_place(body, "y"),
        zoom=read_number(body.raw("zoom"), body.at("zoom"), MIN_ZOOM, MAX_ZOOM) if body.has("zoom") else 1,
    )
    body.opt_raw("zoom")
    body.finish()
    return key


def _trajectory(value: object, path: str) -> Trajectory:
    body = Reader(value, path)
    found = Trajectory(
        performer=body.opt_uuid("performer"),
        reference=None if body.opt_raw("reference") is None else read_int(body.raw("reference"), body.at("reference")),
        points=_in_order(
            read_list(body.raw("points"), body.at("points"), _point, min_items=1, max_items=MAX_POINTS),
            body.at("points"),
        ),
    )
    body.finish()
    if found.performer is not None and found.reference is not None:
        raise Malformed("bad_value", field=body.at("reference"), wanted="a performer or a reference, not both")
    return found


def _point(value: object, path: str) -> PathPoint:
    body = Reader(value, path)
    point = PathPoint(t=_moment(body), x=_place(body, "x"), y=_place(body, "y"))
    body.finish()
    return point


def _moment(body: Reader) -> Number:
    return read_number(body.raw("t"), body.at("t"), 0, 1)


def _place(body: Reader, name: str) -> Number:
    return read_number(body.raw(name), body.at(name), -MAX_PLACE, MAX_PLACE)


def _in_order(points: tuple[T, ...], path: str) -> tuple[T, ...]:
    for before, after in pairwise(points):
        if before.t >= after.t:
            raise Malformed("not_sorted", field=path, value=after.t, wanted="ascending times")
    return points
