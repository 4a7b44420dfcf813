"""
Render what was cleared, in a process of its own.

1. The clearance still stands, or is decided again.
2. References are opened through the vault and decoded to memory.
3. The engine renders. Before every step the rights are looked at; a refusal stops it within that step, and nothing of
   the frames is kept.
4. Frames and a marked preview are stored encrypted, and the shot goes to screening.

A crash in between leaves a lease that runs out; the next worker begins again. What cannot be rendered at all fails the
shot with the reason.
"""

from dataclasses import dataclass

import torch
from django.db import transaction

from generation import conditioning, engines, media, takes
from generation.conditioning import Conditioning
from generation.core.shot import ShotSpec
from generation.core.states import step as next_state
from generation.engines.face import Engine, Frames
from generation.models import Shot
from generation.models.shots import SCREEN
from generation.services.closing import fail
from generation.services.events import tell
from generation.services.leasing import Lease, LeaseLost, finished, held, seen
from generation.services.watching import Withdrawn, clearance_of, decide_again, look
from registry import vault
from registry.core.errors import DomainError
from registry.locks import clock

TRIES = 3  # of opening the references while the rights keep moving


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """What an engine calls before every step; raises ``Withdrawn`` or ``LeaseLost`` to stop it."""

    lease: Lease

    def __call__(self, step: int, steps: int) -> None:
        found = look(self.lease, step=step, steps=steps)
        if found.moved or found.expired:
            decide_again(self.lease)


def render(lease: Lease) -> None:
    """Render a leased shot and hand it to screening. Raises ``LeaseLost``, ``Withdrawn``."""
    shot = seen(lease)
    spec = ShotSpec.parse(shot.spec)
    try:
        engine = _engine(shot)
        frames = _rendered(engine, spec, shot, lease)
    except (LeaseLost, Withdrawn):
        raise
    except DomainError as error:
        fail(lease, detail=f"{error.code}: {error}")
        return
    except ValueError as error:  # the engine can make nothing of a picture or a number
        fail(lease, detail=str(error))
        return
    _keep(lease, spec, frames)


def _engine(shot: Shot) -> Engine:
    engine = engines.engine(shot.engine)
    if engine.card.weights != shot.weights:
        raise engines.EngineUnavailable(engine=shot.engine, problem="its weights are not those that were cleared")
    return engine


def _rendered(engine: Engine, spec: ShotSpec, shot: Shot, lease: Lease) -> Frames:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    generator = torch.Generator().manual_seed(spec.seed or 0)  # on the CPU: the same noise whatever renders it
    opened = _open(spec, shot, lease)
    return engine.render(spec, opened, generator=generator, device=device, on_step=_Watch(lease=lease))


def _open(spec: ShotSpec, shot: Shot, lease: Lease) -> Conditioning:
    """Open the references; where the rights moved or time ran out since, decide again first."""
    clearance = clearance_of(shot)
    for _ in range(TRIES):
        try:
            return conditioning.build(spec, clearance)
        except (vault.ClearanceStale, vault.ClearanceExpired):
            clearance = decide_again(lease)
    return conditioning.build(spec, clearance)


def _keep(lease: Lease, spec: ShotSpec, frames: Frames) -> None:
    pictures = media.resize(frames.frames_TCHW.numpy(), _size_of(spec))
    packed, preview = takes.pack_frames(frames.frames_TCHW.numpy()), media.preview(pictures, fps=spec.format_.fps)
    with transaction.atomic(durable=True):
        shot, at = held(lease), clock()
        shot.state = next_state(shot.state, "screening")
        takes.forget((shot.frames, shot.preview))
        shot.frames, shot.preview = takes.keep(packed), takes.keep(preview)
        shot.carried = sorted(frames.carried)
        finished(shot, todo=SCREEN, at=at)
        shot.save()
        tell(shot.id, "screening", at)


def _size_of(spec: ShotSpec) -> tuple[int, int]:
    return spec.format_.width, spec.format_.height
