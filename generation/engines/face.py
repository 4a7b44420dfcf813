"""
The face that every engine shows.

``reading`` says, before anything is decided, what the engine makes of a spec, and raises where it would have to leave
something out; ``render`` turns spec and conditioning into frames. Shapes: T frames, C channels, H height, W width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from generation.conditioning import Conditioning
from generation.core.card import Card
from generation.core.shot import ShotSpec

OnStep = Callable[[int, int], None]  # (steps done, steps in all); may raise to stop the render within that step


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an engine makes of a spec."""

    unknown_words: tuple[str, ...]  # of the prompt: told to the producer, never guessed at
    may_show_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    frames_TCHW: Tensor  # uint8, RGB, on the CPU
    sound: None = None  # no engine makes sound yet
    carried: frozenset[int] = field(default_factory=frozenset)  # references whose pixels were carried over


class Engine(Protocol):
    @property
    def card(self) -> Card: ...

    def reading(self, spec: ShotSpec) -> Reading: ...

    def render(
        self,
        spec: ShotSpec,
        conditioning: Conditioning,
        *,
        generator: torch.Generator,
        device: torch.device,
        on_step: OnStep,
    ) -> Frames: ...
