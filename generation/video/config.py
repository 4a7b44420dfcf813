"""
The starter network's measures, in one frozen value that travels in the header of its weights.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from generation.video import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Frames must be even; height and width multiples of 8."""

    frames: int = 16
    height: int = 72
    width: int = 128
    reference: int = 64  # side of the square a likeness reference is fitted into
    fine: int = 40  # channels at half resolution
    coarse: int = 80  # channels at a quarter
    model: int = 224  # width of the transformer, at an eighth and every second frame
    heads: int = 4
    depth: int = 6
    words: int = len(text.VOCABULARY)

    def __post_init__(self) -> None:
        if self.frames % 2 or self.height % 8 or self.width % 8 or self.model % self.heads or self.reference % 16:
            raise ValueError("frames must be even, height and width multiples of 8, model of heads, reference of 16")

    @classmethod
    def tiny(cls) -> Config:
        """The real network small enough for tests."""
        return cls(frames=4, height=40, width=64, reference=32, fine=8, coarse=16, model=32, heads=2, depth=2)

    @classmethod
    def starter(cls) -> Config:
        """What ships."""
        return cls()

    def to_dict(self) -> dict[str, int]:
        return asdict(self)
