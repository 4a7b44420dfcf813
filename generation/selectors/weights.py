"""Weights that the log knows, and what they were trained on."""

from generation.core.presence import Presence, presence
from generation.models import Manifest, Weights
from registry.core.fields import read_digest
from registry.core.jcs import Json
from registry.core.times import format_time, whole_second
from registry.errors import Conflict, Unknown


def describe_weights(row: Weights) -> dict[str, Json]:
    """Write weights for the API. ``proven``: every asset of the manifest had its `train` decision in this log."""
    return {
        "weights": row.weights,
        "engine": row.engine,
        "root": row.root,
        "manifest_sha256": row.manifest_sha256,
        "run": row.run,
        "training": "proven",
        "clearance": row.clearance,
        "statement": row.digest,
        "at": format_time(whole_second(row.at)),
    }


def presence_in(weights: str, sha256: str) -> Presence:
    """Prove whether a file was in the training material of weights; raises ``Unknown``, ``Conflict``."""
    row = Weights.objects.filter(weights=read_digest(weights, "weights")).first()
    if row is None:
        raise Unknown(kind="weights", id=weights, status=404)
    manifest = Manifest.objects.filter(sha256=row.manifest_sha256).first()
    if manifest is None:
        raise Conflict("the training manifest of these weights is not held here", code="manifest_missing")
    return presence(manifest.body, read_digest(sha256, "sha256"))
