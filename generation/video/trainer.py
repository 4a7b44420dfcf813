"""
One training step, and everything that a run must remember between two.

Every step is drawn from (seed, step) alone, so that a run that was stopped and resumed takes the same steps as one that
was not.

Steps: compose a batch of clips; draw tasks and flow times; predict the clean clip; weigh errors as the flow's velocity
does, figures more; step Muon (matrices of the blocks) and AdamW (the rest); follow with an average.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load
from torch import Tensor

from generation.video import stage
from generation.video.compose import compose
from generation.video.conditions import Controls, build_conditioning
from generation.video.config import Config
from generation.video.files import tensor_file, told_by, write_atomically
from generation.video.network import Network
from generation.video.noise import camera_noise
from generation.video.pack import Pack
from generation.video.tasks import draw_controls
from generation.video.weights import Provenance, write_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to train. The rate rises over `warmup` steps and falls as a cosine to `steps`."""

    steps: int
    batch: int = 4
    seed: int = 1
    rate: float = 2e-3
    warmup: int = 60
    checkpoint_every: int = 100
    report_every: int = 20

    def rate_at(self, step: int) -> float:
        fall = 0.5 + 0.5 * math.cos(math.pi * min(1.0, step / self.steps))
        return self.rate * min(1.0, (step + 1) / self.warmup) * (0.02 + 0.98 * fall)


class Trainer:
    """A network, its average, its optimisers and the step it has reached."""

    def __init__(self, pack: Pack, config: Config, plan: Plan, device: torch.device) -> None:
        torch.manual_seed(plan.seed)
        self.pack, self.config, self.plan, self.device = pack, config, plan, device
        self.network = Network(config).to(device)
        self.average = copy.deepcopy(self.network)
        matrices = [p for p in self.network.blocks.parameters() if p.ndim == 2 and min(p.shape) > 16]
        named = {id(p) for p in matrices}
        rest = [p for p in self.network.parameters() if id(p) not in named]
        self.optimisers: list[torch.optim.Optimizer] = [
            torch.optim.Muon(matrices, lr=plan.rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(rest, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01),
        ]
        self.step = 0

    def take_step(self) -> float:
        """Take one step and return its plain squared error."""
        generator = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + self.step)
        seeds = torch.randint(2**62, (self.plan.batch,), generator=generator).tolist()
        clips = [compose(self.pack, seed, self.config) for seed in seeds]
        controls = draw_controls(clips, generator)
        t_B = draw_times(len(clips), generator).to(self.device)
        conditioning = build_conditioning(controls.to(self.device))
        noise = camera_noise(conditioning.camera_BT3.cpu(), self.config, generator).to(self.device)
        clean = controls.known_BTCHW.to(self.device)
        t = t_B[:, None, None, None, None]
        with torch.autocast(self.device.type, torch.bfloat16):
            guess = self.network(t * clean + (1 - t) * noise, t_B, conditioning)
        error = guess.float() - clean
        weight = error_weight(controls).to(self.device)
        velocity = (error**2 / (1 - t).clamp(min=0.2) ** 2 + 0.3 * error.abs()) * weight
        self._descend(velocity.mean())
        return float((error.detach() ** 2).mean())

    def _descend(self, loss: Tensor) -> None:
        for optimiser in self.optimisers:
            optimiser.zero_grad()
            for group in optimiser.param_groups:
                group["lr"] = self.plan.rate_at(self.step)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        keep = min(0.998, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1 - keep)

    def save(self, path: Path) -> None:
        """Write everything that a resumed run needs."""
        tensors = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        for n, optimiser in enumerate(self.optimisers):
            for index, state in optimiser.state_dict()["state"].items():
                tensors |= {f"optimiser.{n}.{index}.{k}": torch.as_tensor(v) for k, v in state.items()}
        told = {"v": 1, "step": self.step, "of": self._of()}
        write_atomically(path, tensor_file({k: v.contiguous().clone() for k, v in tensors.items()}, told))

    def _of(self) -> dict[str, object]:
        """What a checkpoint belongs to: another of any of these would not go on but start anew."""
        plan = self.plan
        return {"config": self.config.to_dict(), "pack": self.pack.sha256, "seed": plan.seed, "batch": plan.batch}

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint. Raises ValueError when it is of another pack, config, seed or batch."""
        data = path.read_bytes()
        told, tensors = told_by(data), load(data)
        if told["of"] != self._of():
            raise ValueError("the checkpoint is of another run")
        self.network.load_state_dict(_under("network.", tensors))
        self.average.load_state_dict(_under("average.", tensors))
        for n, optimiser in enumerate(self.optimisers):
            state: dict[int, dict[str, Tensor]] = {}
            for name, tensor in _under(f"optimiser.{n}.", tensors).items():
                index, key = name.split(".", 1)
                state.setdefault(int(index), {})[key] = tensor
            optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
        self.step = told["step"]

    def weights(self) -> bytes:
        """The averaged network as a weights file."""
        provenance = Provenance(pack_sha256=self.pack.sha256, steps=self.step, seed=self.plan.seed)
        return write_weights(self.average, provenance)


def draw_times(count: int, generator: torch.Generator) -> Tensor:
    """
    Draw flow times, _B: mostly between noise and picture (logit-normal), a third close to the noise.

    There the words alone decide the colours, and what is decided there is only carried on later.
    """
    middle = torch.sigmoid(torch.randn(count, generator=generator) - 0.5)
    early = torch.rand(count, generator=generator) ** 2 * 0.25
    return torch.where(torch.rand(count, generator=generator) < 0.33, early, middle)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def error_weight(controls: Controls) -> Tensor:
    """What each pixel's error counts: the figure four times, what is known anyway a fifth. _BT1HW."""
    x, y = stage.screen_grid(*controls.known_BTCHW.shape[-2:])
    u, v = stage.figure_coordinates(controls.box_BT3, controls.facing_B, x, y)
    figure = ((u.abs() < 0.35) & (v > -0.08) & (v < 1.08) & controls.has_figure_B[:, None, None, None]).float()
    return ((1 + 3 * figure) * (1 - 0.8 * controls.known_BT.float()[:, :, None, None]))[:, :, None]
