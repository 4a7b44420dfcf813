"""
The invisible mark of a shot: which 32 bits it carries, and how to look for it.

The bits are the start of SHA-256 of the shot's id, so that they lead to few shots and say nothing of them. How they get
into the picture is ``generation.video.watermark``.
"""

from __future__ import annotations

import hashlib

import numpy as np

from generation.media.encoding import Frames, as_frames
from generation.video import watermark


def payload_of(shot: str) -> int:
    """Return the bits that a shot's frames carry."""
    return int.from_bytes(hashlib.sha256(shot.encode()).digest()[: watermark.BITS // 8], "big")


def mark(frames_TCHW: object, *, shot: str, key: bytes) -> Frames:
    """Return the frames with the shot's mark."""
    frames_THWC = np.ascontiguousarray(as_frames(frames_TCHW).transpose(0, 2, 3, 1))
    return watermark.embed(frames_THWC, key, payload_of(shot)).transpose(0, 3, 1, 2)


def carries(frames_TCHW: object, *, shot: str, key: bytes) -> bool:
    """Say whether these frames carry the mark of that shot."""
    payload, score = watermark.detect(np.ascontiguousarray(as_frames(frames_TCHW).transpose(0, 2, 3, 1)), key)
    return score >= watermark.THRESHOLD and payload == payload_of(shot)
