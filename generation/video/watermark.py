"""
A keyed watermark in the picture: quantised DCT coefficients of the luma, voted over the frames.

It survives re-encoding, rescaling and brightness; a crop breaks it. It proves nothing alone: it leads from a found file
back to a shot, whose papers then prove what they prove.

Steps to embed: luma of the frame at 128 x 128; one DCT of the whole; move the coefficients of a ring of low frequencies
onto the lattice of their bits, shifted by a dither that the key draws (quantisation index modulation, Chen and Wornell,
2001); bring the difference back to the frame's size and add it. Steps to detect: the same up to the lattice; each
coefficient votes with the cosine of its phase; the score is how much the votes agree. Waves across the whole frame have
no edges: blocks of 8 x 8 showed as a grid in a smooth sky.

Shapes: T frames, H height, W width, C channels, K payload bits.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

BITS = 32
SIDE = 128
LOWEST, HIGHEST = 4, 30  # half waves across the frame: below, whole areas would change; above, encoders drop them
STEP = 28.0  # of the lattice, in luma levels times the DCT's gain
STRENGTH = 1.05  # makes up for what the two resizings take away
# Agreement of the votes from which a mark counts as found. Unmarked video and wrong keys stay below .14: see its tests.
THRESHOLD = 0.16

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


def _dct_matrix() -> Floats:
    k = np.arange(SIDE)
    matrix = np.cos(np.pi * (2 * k[None] + 1) * k[:, None] / (2 * SIDE)) * np.sqrt(2 / SIDE)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, dtype=np.float64)


def _ring() -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of the coefficients that carry the mark."""
    rows, columns = np.nonzero(np.ones((HIGHEST, HIGHEST)))
    inside = (np.hypot(rows, columns) >= LOWEST) & (np.hypot(rows, columns) < HIGHEST)
    return rows[inside], columns[inside]


DCT = _dct_matrix()
RING = _ring()
LUMA = np.array([0.299, 0.587, 0.114])


def _resampler(source: int, target: int) -> Floats:
    """A matrix that resizes along one axis: by area when it shrinks, linearly when it grows."""
    matrix = np.zeros((target, source))
    scale = source / target
    for row in range(target):
        if scale > 1:
            edges = np.clip(np.arange(source + 1), row * scale, (row + 1) * scale)
            matrix[row] = np.diff(edges) / scale
        else:
            centre = np.clip((row + 0.5) * scale - 0.5, 0, source - 1)
            low = int(centre)
            matrix[row, low] += 1 - (centre - low)
            matrix[row, min(low + 1, source - 1)] += centre - low
    return matrix


def _keyed(key: bytes) -> tuple[npt.NDArray[np.int64], Floats]:
    """Which bit each coefficient carries, and its dither, from the key alone."""
    seed = int.from_bytes(hashlib.sha256(b"proviso watermark v1\0" + key).digest(), "big")
    rng = np.random.default_rng(seed)
    count = len(RING[0])
    carried: npt.NDArray[np.int64] = rng.permutation(np.resize(np.arange(BITS), count))
    return carried, rng.uniform(0, 1, count)


def _coefficients(luma_HW: Floats) -> Floats:
    """The DCT coefficients of a SIDE x SIDE picture that lie in the ring."""
    return np.asarray((DCT @ luma_HW @ DCT.T)[RING])


def _waves(change: Floats) -> Floats:
    """The SIDE x SIDE picture that these coefficients add up to."""
    whole = np.zeros((SIDE, SIDE))
    whole[RING] = change
    return np.asarray(DCT.T @ whole @ DCT)


def embed(frames_THWC: Bytes, key: bytes, payload_bits: int) -> Bytes:
    """Embed a payload of 32 bits in every frame. Raises ValueError when it does not fit."""
    if not 0 <= payload_bits < 2**BITS:
        raise ValueError(f"a payload has {BITS} bits")
    carried, dither = _keyed(key)
    bits = (payload_bits >> np.arange(BITS, dtype=np.int64)) & 1
    offset = (dither + bits[carried] * 0.5) * STEP
    height, width = frames_THWC.shape[1:3]
    down_y, down_x = _resampler(height, SIDE), _resampler(width, SIDE)
    up_y, up_x = _resampler(SIDE, height), _resampler(SIDE, width)
    marked = np.empty_like(frames_THWC)
    for k, frame in enumerate(frames_THWC):
        now = _coefficients(down_y @ (frame @ LUMA) @ down_x.T)
        moved = np.round((now - offset) / STEP) * STEP + offset - now
        added = up_y @ _waves(moved) @ up_x.T * STRENGTH
        marked[k] = np.clip(np.round(frame + added[..., None]), 0, 255).astype(np.uint8)
    return marked


def detect(frames_THWC: Bytes, key: bytes) -> tuple[int, float]:
    """Read the payload and the score: the mean agreement of the votes for each bit, from 0 to 1."""
    carried, dither = _keyed(key)
    height, width = frames_THWC.shape[1:3]
    down_y, down_x = _resampler(height, SIDE), _resampler(width, SIDE)
    votes = np.zeros(len(carried))
    for frame in frames_THWC:
        votes += np.cos(2 * np.pi * (_coefficients(down_y @ (frame @ LUMA) @ down_x.T) / STEP - dither))
    votes /= len(frames_THWC)
    by_bit = np.array([votes[carried == k].mean() for k in range(BITS)])
    payload = sum(1 << k for k in range(BITS) if by_bit[k] < 0)
    return payload, float(np.abs(by_bit).mean())
