"""
A keyed watermark in the picture: quantised DCT coefficients of the luma, voted over the frames.

It survives re-encoding, rescaling and brightness; a crop breaks it. It proves nothing alone: it leads from a found file
back to a shot, whose papers then prove what they prove.

Steps to embed: luma of the frame at 128 x 128; DCT in 8 x 8 blocks; move four low coefficients of each block onto the
lattice of its bit, shifted by a dither that the key draws (quantisation index modulation, Chen and Wornell, 2001);
bring the difference back to the frame's size and add it. Steps to detect: the same up to the lattice; each
coefficient votes with the cosine of its phase; the score is how much the votes agree.

Shapes: T frames, H height, W width, C channels, K payload bits.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

BITS = 32
SIDE, BLOCK = 128, 8
COEFFICIENTS = ((0, 1), (0, 2), (1, 0), (1, 1))
STEP = 28.0  # of the lattice, in luma levels times the DCT's gain
STRENGTH = 1.12  # makes up for what the two resizings take away
# Agreement of the votes from which a mark counts as found. Unmarked video and wrong keys stay below .14: see its tests.
THRESHOLD = 0.16

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


def _dct_matrix() -> Floats:
    k = np.arange(BLOCK)
    matrix = np.cos(np.pi * (2 * k[None] + 1) * k[:, None] / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, dtype=np.float64)


DCT = _dct_matrix()
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
    count = (SIDE // BLOCK) ** 2 * len(COEFFICIENTS)
    carried: npt.NDArray[np.int64] = rng.permutation(np.resize(np.arange(BITS), count))
    return carried, rng.uniform(0, 1, count)


def _blocks(luma_HW: Floats) -> Floats:
    """The DCT of a SIDE x SIDE picture, by block."""
    n = SIDE // BLOCK
    cut = luma_HW.reshape(n, BLOCK, n, BLOCK).transpose(0, 2, 1, 3).reshape(-1, BLOCK, BLOCK)
    return np.asarray(DCT @ cut @ DCT.T)


def _unblocked(blocks: Floats) -> Floats:
    n = SIDE // BLOCK
    cut = (DCT.T @ blocks @ DCT).reshape(n, n, BLOCK, BLOCK)
    return np.asarray(cut.transpose(0, 2, 1, 3).reshape(SIDE, SIDE))


def _picked(blocks: Floats) -> Floats:
    return np.stack([blocks[:, a, b] for a, b in COEFFICIENTS], 1).ravel()


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
        blocks = _blocks(down_y @ (frame @ LUMA) @ down_x.T)
        now = _picked(blocks)
        moved = (np.round((now - offset) / STEP) * STEP + offset - now).reshape(-1, len(COEFFICIENTS))
        change = np.zeros_like(blocks)
        for n, (a, b) in enumerate(COEFFICIENTS):
            change[:, a, b] = moved[:, n]
        added = up_y @ _unblocked(change) @ up_x.T * STRENGTH
        marked[k] = np.clip(np.round(frame + added[..., None]), 0, 255).astype(np.uint8)
    return marked


def detect(frames_THWC: Bytes, key: bytes) -> tuple[int, float]:
    """Read the payload and the score: the mean agreement of the votes for each bit, from 0 to 1."""
    carried, dither = _keyed(key)
    height, width = frames_THWC.shape[1:3]
    down_y, down_x = _resampler(height, SIDE), _resampler(width, SIDE)
    votes = np.zeros(len(carried))
    for frame in frames_THWC:
        coefficients = _picked(_blocks(down_y @ (frame @ LUMA) @ down_x.T))
        votes += np.cos(2 * np.pi * (coefficients / STEP - dither))
    votes /= len(frames_THWC)
    by_bit = np.array([votes[carried == k].mean() for k in range(BITS)])
    payload = sum(1 << k for k in range(BITS) if by_bit[k] < 0)
    return payload, float(np.abs(by_bit).mean())
