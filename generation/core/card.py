"""
What an engine is and does: its card, and the refusal of what it does not.

A shot that asks for something an engine does not honour is refused with the name of it, never rendered without it.
"""

from dataclasses import dataclass
from typing import Literal

from generation.core.shot import ShotSpec
from registry.core.errors import DomainError
from registry.core.jcs import Json

Training = Literal["proven", "attested", "unknown"]  # what is known of what the weights were trained on


class ControlNotHonoured(DomainError):
    """The engine cannot do what is asked; ``control`` is the name of it."""

    code = "control_not_honoured"
    status = 422

    def __init__(self, *, control: str, engine: str, field: str, why: str | None = None) -> None:
        reason = "" if why is None else f": {why}"
        super().__init__(f"engine `{engine}` does not honour `{control}` here{reason}", field=field)
        self.control = control
        self.engine = engine

    def extra(self) -> dict[str, object]:
        return {"control": self.control, "engine": self.engine}


class FormatNotOffered(DomainError):
    """The engine does not deliver this format."""

    code = "format_not_offered"
    status = 422

    def __init__(self, *, engine: str, field: str, wanted: str) -> None:
        super().__init__(f"engine `{engine}` does not deliver this, wanted {wanted}", field=field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What can be delivered; both ends are included."""

    width: tuple[int, int]  # pixels
    height: tuple[int, int]  # pixels
    aspect: tuple[int, int]  # width to height
    frames: tuple[int, int]
    steps: tuple[int, int]

    def format(self) -> dict[str, Json]:
        return {
            "width": list(self.width),
            "height": list(self.height),
            "aspect": list(self.aspect),
            "frames": list(self.frames),
            "steps": list(self.steps),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    name: str
    weights: str  # SHA-256 of the file
    training: Training
    roles: frozenset[str]  # of references
    controls: frozenset[str]  # of `camera trajectories guidance steps negative_prompt`
    limits: Limits

    def format(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "weights": self.weights,
            "training": self.training,
            "roles": [*sorted(self.roles)],
            "controls": [*sorted(self.controls)],
            "limits": self.limits.format(),
        }


ASPECT_TOLERANCE = 0.02  # of the ratio: sizes are whole and even, so that it is seldom met exactly


def require_honoured(spec: ShotSpec, card: Card) -> None:
    """Refuse a role, a control or a format that the card does not name."""
    for number, reference in enumerate(spec.references):
        if reference.role not in card.roles:
            raise ControlNotHonoured(control=reference.role, engine=card.name, field=f"references[{number}].role")
    for control, field in _asked(spec):
        if control not in card.controls:
            raise ControlNotHonoured(control=control, engine=card.name, field=field)
    _require_format(spec, card)


def _asked(spec: ShotSpec) -> list[tuple[str, str]]:
    controls = spec.controls
    named = (
        ("camera", bool(controls.camera), "controls.camera"),
        ("trajectories", bool(controls.trajectories), "controls.trajectories"),
        ("guidance", controls.guidance is not None, "controls.guidance"),
        ("steps", controls.steps is not None, "controls.steps"),
        ("negative_prompt", bool(spec.negative_prompt), "negative_prompt"),
    )
    return [(control, field) for control, asked, field in named if asked]


def _require_format(spec: ShotSpec, card: Card) -> None:
    wanted, limits = spec.format_, card.limits
    measured = (
        ("format.width", wanted.width, limits.width),
        ("format.height", wanted.height, limits.height),
        ("format.frames", wanted.frames, limits.frames),
        ("controls.steps", spec.controls.steps or limits.steps[0], limits.steps),
    )
    for field, value, (least, most) in measured:
        if not least <= value <= most:
            raise FormatNotOffered(engine=card.name, field=field, wanted=f"{least} to {most}")
    if wanted.width % 2 or wanted.height % 2:  # the delivered file has a colour sample for two by two pixels
        raise FormatNotOffered(engine=card.name, field="format", wanted="an even width and height")
    across, down = limits.aspect
    if abs(wanted.width * down / (wanted.height * across) - 1) > ASPECT_TOLERANCE:
        raise FormatNotOffered(engine=card.name, field="format", wanted=f"a picture of {across}:{down}")
