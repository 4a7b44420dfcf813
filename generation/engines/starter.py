"""
The embedded engine: our own small video transformer, trained by our own trainer on our own sample library.

It adapts ``generation.video.render`` to the face of engines: which role of a reference becomes which picture of the
network, and what the network would leave out without a word is refused here instead.

- `first_frame`, `last_frame`, `keyframe`: the picture stands in that frame; a stacked background plate given as the
  first frame is filmed by the camera instead
- `likeness`: one performer, whose picture walks the one trajectory
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

import torch
from django.conf import settings
from torch import Tensor

from generation.conditioning import Conditioning, require_opened
from generation.core.card import Card, ControlNotHonoured, Limits
from generation.core.controls import Controls
from generation.core.shot import ShotSpec
from generation.engines import EngineUnavailable
from generation.engines.face import Frames, OnStep, Reading
from generation.video import text
from generation.video.config import Config
from generation.video.files import told_by
from generation.video.network import Network
from generation.video.pack import PLATE_SHAPE
from generation.video.render import MAX_STEPS, RenderSpec, render
from generation.video.weights import read_weights

NAME = "starter"
MAX_WIDTH, MAX_HEIGHT = 1_920, 1_080  # pixels of the delivered file, scaled up from the network's own
DEFAULTS = RenderSpec()  # steps and guidance where none are asked for
CARRIED_SHARE = 0.001  # of all pixels; less than one in a thousand is noise of the copy head's softmax
_PEOPLE = frozenset({"walks", "stands"})
_FRAME_ROLES = ("first_frame", "last_frame", "keyframe")


def installed() -> Starter:
    """Return the engine over the weights that the settings name; the file is read once, and again if it changes."""
    path = Path(settings.STARTER_WEIGHTS)
    try:
        told = path.stat()
    except OSError as error:
        raise EngineUnavailable(engine=NAME, problem=f"no weights at `{path}` ({error.strerror})") from error
    return _load(path, told.st_mtime_ns, told.st_size)


@cache
def _load(path: Path, changed_ns: int, size: int) -> Starter:
    try:
        return Starter(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable(engine=NAME, problem=str(error)) from error


class Starter:
    """One weights file as an engine; the network itself is built at the first render."""

    def __init__(self, weights: bytes) -> None:
        self._bytes = weights
        self.config = Config(**told_by(weights)["config"])
        self.card = _card(hashlib.sha256(weights).hexdigest(), self.config)

    @cached_property
    def _network(self) -> Network:
        network, _ = read_weights(self._bytes)
        return network

    def reading(self, spec: ShotSpec) -> Reading:
        """Refuse what the network would leave out in silence; say which words it does not know."""
        ids, unknown = text.tokenize(spec.prompt)
        words = {text.VOCABULARY[i] for i in ids}
        likenesses = [n for n, reference in enumerate(spec.references) if reference.role == "likeness"]
        _refuse_second_figure(spec, likenesses)
        _refuse_second_picture(spec)
        if likenesses and "nobody" in words and not spec.controls.trajectories:
            raise _refusal("likeness", f"references[{likenesses[0]}].role", "the prompt asks for an empty scene")
        if spec.negative_prompt and (spec.controls.guidance is None or spec.controls.guidance == 1):
            raise _refusal("negative_prompt", "negative_prompt", "it needs a `controls.guidance` other than 1")
        asked_for = bool(likenesses or spec.controls.trajectories or words & _PEOPLE or spec.performers)
        return Reading(unknown_words=unknown, may_show_person=asked_for)

    def render(
        self,
        spec: ShotSpec,
        conditioning: Conditioning,
        *,
        generator: torch.Generator,
        device: torch.device,
        on_step: OnStep,
    ) -> Frames:
        """Render at the network's own size. Raises ValueError for a picture that it can make nothing of."""
        require_opened(conditioning)
        asked = _Pictures.of(spec, conditioning, self.config)
        rendered = render(
            self._network.to(device),
            replace(
                _controlled(spec.controls),
                prompt=spec.prompt,
                negative_prompt=spec.negative_prompt,
                keyframes=asked.keyframes,
                backdrop=asked.backdrop,
                reference=asked.likeness,
                width=self.config.width,
                height=self.config.height,
            ),
            generator=generator,
            device=device,
            on_step=on_step,
        )
        return Frames(frames_TCHW=rendered.frames_TCHW, carried=asked.carried(rendered.shares))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pictures:
    """The references as the network takes them, and which reference each came from."""

    keyframes: Mapping[int, Tensor]
    backdrop: Tensor | None
    likeness: Tensor | None
    places: Mapping[str, frozenset[int]]  # source of pixels, as the copy head names it -> references

    @classmethod
    def of(cls, spec: ShotSpec, conditioning: Conditioning, config: Config) -> _Pictures:
        keyframes: dict[int, Tensor] = {}
        places: dict[str, set[int]] = {"known": set(), "pictures": set(), "backdrop": set(), "reference": set()}
        backdrop = likeness = None
        for number, reference in enumerate(spec.references):
            picture = conditioning.pictures[number]
            if reference.role == "likeness":
                likeness = picture
                places["reference"].add(number)
            elif reference.role == "first_frame" and _is_plate(picture):
                backdrop = picture
                places["backdrop"].add(number)
            else:
                keyframes[_frame_of(reference.role, reference.at, config.frames)] = picture[:3]
                places["known"].add(number)
                places["pictures"].add(number)
        return cls(
            keyframes=MappingProxyType(keyframes),
            backdrop=backdrop,
            likeness=likeness,
            places=MappingProxyType({source: frozenset(numbers) for source, numbers in places.items()}),
        )

    def carried(self, shares: Mapping[str, float]) -> frozenset[int]:
        """Return the references whose pixels came over, by the copy head's own account."""
        seen = [numbers for source, numbers in self.places.items() if shares.get(source, 0) > CARRIED_SHARE]
        return frozenset().union(*seen)


def _card(weights: str, config: Config) -> Card:
    return Card(
        name=NAME,
        weights=weights,
        training="proven",  # a shot needs the `weights.trained` of these very weights, else it is `engine_unlicensed`
        roles=frozenset({"likeness", *_FRAME_ROLES}),
        controls=frozenset({"camera", "trajectories", "guidance", "steps", "negative_prompt"}),
        limits=Limits(
            width=(config.width, MAX_WIDTH),
            height=(config.height, MAX_HEIGHT),
            aspect=(config.width, config.height),
            frames=(config.frames, config.frames),
            steps=(1, MAX_STEPS),
        ),
    )


def _controlled(controls: Controls) -> RenderSpec:
    camera = [[key.t, key.x, key.y, key.zoom] for key in controls.camera]
    path = [[point.t, point.x, point.y] for one in controls.trajectories for point in one.points]
    return RenderSpec(
        steps=controls.steps or DEFAULTS.steps,
        guidance=DEFAULTS.guidance if controls.guidance is None else float(controls.guidance),
        camera=torch.tensor(camera, dtype=torch.float32) if camera else None,
        trajectory=torch.tensor(path, dtype=torch.float32) if path else None,
    )


def _refuse_second_figure(spec: ShotSpec, likenesses: list[int]) -> None:
    """The network knows one figure, on one path."""
    if len(likenesses) > 1:
        raise _refusal("likeness", f"references[{likenesses[1]}].role", "it shows one figure")
    if len(spec.controls.trajectories) > 1:
        raise _refusal("trajectories", "controls.trajectories[1]", "it shows one figure")
    for one in spec.controls.trajectories:
        if one.reference is not None and one.reference not in likenesses:
            raise _refusal("trajectories", "controls.trajectories[0].reference", "only a likeness is moved")
        moved = spec.references[likenesses[0]].performer if likenesses else None
        if one.performer is not None and one.performer != moved:
            raise _refusal("trajectories", "controls.trajectories[0].performer", "only a likeness is moved")


def _refuse_second_picture(spec: ShotSpec) -> None:
    """A frame holds one picture; of two the network would keep the later."""
    taken: set[int] = set()
    for number, reference in enumerate(spec.references):
        if reference.role not in _FRAME_ROLES:
            continue
        frame = _frame_of(reference.role, reference.at, spec.format_.frames)
        if frame in taken:
            raise _refusal(reference.role, f"references[{number}]", f"frame `{frame}` has a picture already")
        taken.add(frame)


def _frame_of(role: str, at: int | None, frames: int) -> int:
    return {"first_frame": 0, "last_frame": frames - 1}.get(role, at or 0)


def _is_plate(picture_CHW: Tensor) -> bool:
    """A background of the stage's geometry: four layers, back to front, stacked in one picture with alpha."""
    return tuple(picture_CHW.shape[1:]) == PLATE_SHAPE[:2]


def _refusal(control: str, field: str, why: str) -> ControlNotHonoured:
    return ControlNotHonoured(control=control, engine=NAME, field=field, why=why)
