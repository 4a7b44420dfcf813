"""
What an engine is given, and the only way to make it.

INVARIANT (closed-conditioning): a ``Conditioning`` is built by ``build`` alone, from bytes that the vault opened for a
live clearance which names the asset and its SHA-256. Its constructor refuses everybody else, and an engine refuses
everything else.

Left out: what an engine makes of it. Shapes: C channels (RGBA), H height, W width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import torch
from torch import Tensor

from generation.core.shot import NoSuchFrame, Reference, ShotSpec
from registry import vault
from registry.core.clearance import Clearance
from registry.ingest.decode import decode_frames, decode_picture
from registry.models import Asset

_OPENED: Final = object()  # known to this module only
_OPAQUE = 255


class NotConditioning(TypeError):
    """An engine was called with something that no clearance opened: a fault of ours, which must not render."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditioning:
    """Decoded references, by their place in the spec."""

    clearance: str  # digest
    pictures: Mapping[int, Tensor]  # uint8 RGBA, _CHW
    opened: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.opened is not _OPENED:
            raise NotConditioning("conditioning is built from a clearance, by `generation.conditioning.build`")


def require_opened(conditioning: object) -> None:
    """Refuse what is not a ``Conditioning``; every engine asks this first."""
    if type(conditioning) is not Conditioning or conditioning.opened is not _OPENED:
        raise NotConditioning(f"an engine takes a `Conditioning`, not a `{type(conditioning).__name__}`")


def build(spec: ShotSpec, clearance: Clearance) -> Conditioning:
    """
    Open and decode every reference of a shot. Nothing of it stays on a disk.

    Raises what ``vault.open`` raises, the decoder's refusals, and ``NoSuchFrame``.
    """
    opened = {asset: vault.open(clearance, asset) for asset in sorted({r.asset for r in spec.references})}
    moving = _moving(opened)
    pictures = {
        number: _picture(reference, number, opened[reference.asset], moving=reference.asset in moving)
        for number, reference in enumerate(spec.references)
    }
    return Conditioning(clearance=clearance.digest, pictures=MappingProxyType(pictures), opened=_OPENED)


def _moving(assets: Mapping[str, bytes]) -> frozenset[str]:
    rows = Asset.objects.filter(id__in=assets).values_list("id", "media")
    return frozenset(asset for asset, media in rows if "motion" in media["aspects"])


def _picture(reference: Reference, number: int, data: bytes, *, moving: bool) -> Tensor:
    """Decode the picture that a reference gives: a still, or the first frame taken; of a `last_frame` the last."""
    if not moving:
        return _tensor(decode_picture(data))
    found = None
    for frame in decode_frames(data, reference.source):
        found = frame
        if reference.role != "last_frame":
            break
    if found is None:
        raise NoSuchFrame(number=number, asset=reference.asset)
    return _tensor(np.dstack([found, np.full(found.shape[:2], _OPAQUE, dtype=np.uint8)]))


def _tensor(picture_HWC: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture_HWC.transpose(2, 0, 1)))
