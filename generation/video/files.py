"""
Tensor files: safetensors with one JSON object in the header, written whole or not at all.

One header key only, because safetensors does not keep the order of several, and these files must be the same bytes
whenever they hold the same things. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor

HEADER = "proviso"


def tensor_file(tensors: dict[str, Tensor], told: dict[str, Any]) -> bytes:
    """The bytes of a file that holds the tensors and what is told of them."""
    return save(tensors, metadata={HEADER: json.dumps(told, sort_keys=True, separators=(",", ":"))})


def told_by(data: bytes) -> dict[str, Any]:
    """What a tensor file tells in its header. Raises ValueError when it is no such file."""
    length = int.from_bytes(data[:8], "little")
    try:
        told = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][HEADER])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the file is no tensor file of ours") from error
    if not isinstance(told, dict) or told.get("v") != 1:
        raise ValueError("the tensor file is of an unknown version")
    return told


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never half of it."""
    beside = path.with_name(f".{path.name}.partial")
    beside.write_bytes(data)
    os.replace(beside, path)
