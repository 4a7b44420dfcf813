"""
How registered pictures look, so that a near copy of one is found whatever it is called.

PDQ (Meta, 2019): 256 bits of a picture's coarse frequencies, stable under scaling, compression and small changes. Each
still picture and some frames a second of each film are hashed, and their mirror images too, when they are deposited;
transparent parts count as middle grey. ``nearest`` searches by Hamming distance over all of them, in numpy: a million
hashes are 32 MB and take a fraction of a second to compare, some seconds to load.

Left out: sound, and parts of pictures. PDQ sees whole frames only.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pdqhash

from registry import vault
from registry.core.assets import Media
from registry.ingest.decode import decode_frames, decode_picture
from registry.models import Fingerprint

MAX_DISTANCE = 31  # of 256 bits: what PDQ's authors call a match
MIN_QUALITY = 50  # of 100: below it, a picture is too flat for its hash to say anything (same source)
FRAMES_A_SECOND = 4
MAX_HASHED_FRAMES = 2_000  # of one film; a longer one is sampled more thinly
MIDDLE_GREY = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Hash:
    """The PDQ hash of one picture."""

    pdq: bytes  # 32
    quality: int  # 0 to 100


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Match:
    """An asset that looks like what was searched for; ``distance`` in bits, 0 for the same picture."""

    distance: int
    asset: str


def hash_picture(picture: npt.NDArray[np.uint8]) -> Hash:
    """Hash HWC3, or HWC4 laid on middle grey."""
    bits, quality = pdqhash.compute(np.ascontiguousarray(_opaque(picture)))
    return Hash(pdq=np.packbits(bits.astype(np.uint8)).tobytes(), quality=int(quality))


def record(asset: str, media: Media) -> None:
    """Hash what was just deposited. Joins the caller's transaction; reads the bytes as they were stored."""
    if "picture" in media.aspects:
        Fingerprint.objects.bulk_create(fingerprints_of(asset, vault.inspect(asset), media), batch_size=1_000)


def fingerprints_of(asset: str, data: bytes, media: Media) -> list[Fingerprint]:
    """Return the rows that a file with a picture gives, in the order of its frames; nothing is written."""
    return [
        Fingerprint(asset=asset, frame=number, mirrored=mirrored, pdq=found.pdq, quality=found.quality)
        for number, picture in _sampled(data, media)
        for mirrored in (False, True)
        for found in [hash_picture(picture[:, ::-1] if mirrored else picture)]
    ]


def nearest(hashes: Iterable[Hash], *, within: int = MAX_DISTANCE) -> list[Match]:
    """Return the assets of which any picture is ``within`` so many bits of any of these, nearest first."""
    wanted = [found.pdq for found in hashes if found.quality >= MIN_QUALITY]
    rows = Fingerprint.objects.filter(quality__gte=MIN_QUALITY).values_list("asset", "pdq")
    assets, known = [], []
    for asset, pdq in rows.iterator():
        assets.append(asset)
        known.append(bytes(pdq))
    if not wanted or not known:
        return []
    distances = _distances(_words(wanted), _words(known))
    best: dict[str, int] = defaultdict(lambda: within + 1)
    for at in np.flatnonzero(distances <= within):
        best[assets[at]] = min(best[assets[at]], int(distances[at]))
    return sorted(Match(distance=distance, asset=asset) for asset, distance in best.items())


def _distances(wanted: npt.NDArray[np.uint64], known: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return for each known hash its distance to the nearest wanted one."""
    best = np.full(len(known), 256, dtype=np.int64)
    for one in wanted:
        np.minimum(best, np.bitwise_count(known ^ one).sum(axis=1, dtype=np.int64), out=best)
    return best


def _words(hashes: list[bytes]) -> npt.NDArray[np.uint64]:
    return np.frombuffer(b"".join(hashes), dtype=np.uint64).reshape(-1, 4)


def _sampled(data: bytes, media: Media) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    """Yield (number, picture) of the frames to hash; always the first."""
    if "motion" not in media.aspects:
        yield 0, decode_picture(data)
        return
    frames, fps = media.frames or 1, media.fps or (24, 1)
    step = max(1, fps[0] // (fps[1] * FRAMES_A_SECOND), -(-frames // MAX_HASHED_FRAMES))
    for number, picture in enumerate(decode_frames(data)):
        if number % step == 0:
            yield number, picture


def _opaque(picture: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    if picture.shape[2] == 3:
        return picture
    alpha = picture[..., 3:].astype(np.uint16)
    mixed = (picture[..., :3] * alpha + MIDDLE_GREY * (255 - alpha)) // 255
    return mixed.astype(np.uint8)
