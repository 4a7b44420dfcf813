"""
The files of a take: frames, preview, output. Encrypted like assets, under ids of their own, until and after release.

They are results, not references: no engine is ever given one from here (INVARIANT closed-conditioning). A file is
forgotten by destroying its key, which makes every copy of it unreadable.
"""

from collections.abc import Iterable
from functools import partial

import numpy as np
import numpy.typing as npt
from django.db import transaction
from safetensors import SafetensorError
from safetensors.numpy import load, save
from uuid6 import uuid7

from registry import vault

_FRAMES = "frames"


def keep(data: bytes) -> str:
    """Store one file and return its id. Joins the caller's transaction; if that rolls back, so does the file's key."""
    name = str(uuid7())
    vault.store(name, [data])
    return name


def read(name: str) -> bytes:
    return vault.inspect(name)


def forget(names: Iterable[str | None]) -> None:
    """Make files unreadable at commit, and remove them after it. Joins the caller's transaction."""
    for name in names:
        if name is not None:
            vault.destroy_key(f"asset:{name}")
            transaction.on_commit(partial(vault.discard, name))


def pack_frames(frames_TCHW: npt.NDArray[np.uint8]) -> bytes:
    return save({_FRAMES: np.ascontiguousarray(frames_TCHW)})


def unpack_frames(data: bytes) -> npt.NDArray[np.uint8]:
    """Return what ``pack_frames`` packed, _TCHW; raises ValueError for anything else."""
    try:
        frames: npt.NDArray[np.uint8] = load(data)[_FRAMES]
    except (SafetensorError, KeyError) as error:
        raise ValueError("these are no frames of a take") from error
    return frames
