"""
What a run trains on: pairs of asset id and SHA-256, from the shipped library or from a list of assets.

The library's own index says which of its files are meant for training; `pins.json` names its operator, to whom all its
grants were given. Left out: whether training is allowed (``generation.training.gate``).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from generation.training.manifest import Manifest
from registry.core.jcs import parse_canonical, parse_json
from registry.errors import Unknown
from registry.models import Asset

MAX_INDEX_BYTES = 16 << 20
MAX_MANIFEST_BYTES = 1 << 30  # 100,000 samples with some hundred grounds each

Pairs = tuple[tuple[str, str], ...]  # (asset id, SHA-256 of its bytes), sorted by the latter


def library() -> Path:
    """Return the folder of the shipped sample library."""
    return Path(settings.BASE_DIR) / "library"


def library_operator() -> str:
    """Return the party to whom the sample library is granted."""
    pins: Any = parse_json((library() / "pins.json").read_bytes())
    return str(pins["operator"])


def operator() -> str:
    """Return the party for whom this installation trains: `OPERATOR_PARTY`, else the library's operator."""
    return settings.OPERATOR_PARTY or library_operator()


def library_samples() -> Pairs:
    """Return the files of the library that are meant for training."""
    listed: Any = parse_json((library() / "assets.json").read_bytes(), max_bytes=MAX_INDEX_BYTES)
    return _sorted({one["asset"]: one["sha256"] for one in listed if one["split"] == "train"})


def samples_of(assets: Iterable[str]) -> Pairs:
    """Return these registered assets; raises ``Unknown`` for one that is not registered."""
    wanted = sorted(set(assets))
    found = dict(Asset.objects.filter(id__in=wanted).values_list("id", "sha256"))
    for asset in wanted:
        if asset not in found:
            raise Unknown(kind="asset", id=asset)
    return _sorted(found)


def shipped_manifest() -> Manifest:
    """Read the manifest that the shipped weights were trained on."""
    return Manifest.parse(parse_canonical((library() / "manifest.json").read_bytes(), max_bytes=MAX_MANIFEST_BYTES))


def _sorted(found: Mapping[str, str]) -> Pairs:
    return tuple(sorted(found.items(), key=lambda pair: pair[1]))
