"""
Weights as a file: bfloat16 safetensors that say in their header what they are.

The header tells the network's config, the digest of the pack they were trained from, and the steps taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from generation.video.config import Config
from generation.video.files import tensor_file, told_by
from generation.video.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What the weights were made from."""

    pack_sha256: str
    steps: int
    seed: int


def write_weights(network: Network, provenance: Provenance) -> bytes:
    """The bytes of a weights file; the same network and provenance give the same bytes."""
    told = {
        "v": 1,
        "config": network.config.to_dict(),
        "pack_sha256": provenance.pack_sha256,
        "steps": provenance.steps,
        "seed": provenance.seed,
    }
    state = network.state_dict().items()
    return tensor_file({name: p.detach().to("cpu", torch.bfloat16).contiguous() for name, p in state}, told)


def read_weights(data: bytes) -> tuple[Network, Provenance]:
    """The network in a weights file, ready to sample. Raises ValueError when they are no weights of this network."""
    told = told_by(data)
    try:
        network = Network(Config(**told["config"]))
        network.load_state_dict(load(data))
        provenance = Provenance(pack_sha256=told["pack_sha256"], steps=told["steps"], seed=told["seed"])
    except (KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ValueError("these are no weights of the starter network") from error
    return network.float().eval().requires_grad_(False), provenance
