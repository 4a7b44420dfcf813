"""
Look at the frames of a shot before anybody may have them.

- near copies: PDQ hashes of every frame against every registered asset that the shot was not cleared to look like
- near copies of training material: the same against the assets of the weights' manifest
- lookalikes and content labels need models that are not installed: `unchecked`
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from generation.core.screening import LABELS, LOOKALIKE, NEAR_COPY, TRAINING_COPY, Finding, Match, of_matches, unchecked
from generation.models import Manifest, Weights
from registry import fingerprints
from registry.models import Asset


def look(frames_TCHW: npt.NDArray[np.uint8], *, cleared: Collection[str], weights: str) -> tuple[Finding, ...]:
    """Return what every screen says of these frames; ``cleared`` are the assets that they may look like."""
    hashes = [fingerprints.hash_picture(frame) for frame in frames_TCHW.transpose(0, 2, 3, 1)]
    found = [
        Match(asset=match.asset, distance=match.distance)
        for match in fingerprints.nearest(hashes)
        if match.asset not in cleared
    ]
    return (
        of_matches(NEAR_COPY, found),
        _of_training(found, weights),
        unchecked(LOOKALIKE, "no model of faces is installed"),
        unchecked(LABELS, "no model of contents is installed"),
    )


def _of_training(found: list[Match], weights: str) -> Finding:
    """Judge the matches among the training material; without the manifest nobody knows what that is."""
    row = Weights.objects.filter(weights=weights).first()
    manifest = None if row is None else Manifest.objects.filter(sha256=row.manifest_sha256).first()
    if manifest is None:
        return unchecked(TRAINING_COPY, "the manifest of the weights is not held here")
    material = {entry["sha256"] for entry in manifest.body["assets"]}
    known = dict(Asset.objects.filter(sha256__in=material).values_list("id", "sha256"))
    if material - set(known.values()):
        return unchecked(TRAINING_COPY, "not all of the training material is registered here")
    return of_matches(TRAINING_COPY, [match for match in found if match.asset in known])
