"""
Read the C2PA manifest of a file, offline, by given trust anchors.

``read_manifest`` says what the C2PA library found: whether the signature and every hash stand (``Valid``), and whether
the signer's certificate leads to an anchor that was given (``Trusted``). The library keeps an ingredient's own faults
apart from the outer state; they are added to ``failures`` here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import c2pa

from generation.core import credential

MIME = "video/mp4"
State = Literal["Trusted", "Valid", "Invalid"]

_CREATED = (
    "c2pa.actions",
    "c2pa.ingredient",
    credential.TRAINING_MINING,
    credential.LABEL,
)  # the signer vouches for these


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A file's active manifest and what the library says of it."""

    state: State
    manifest: Mapping[str, Any]
    failures: tuple[str, ...]  # C2PA's codes, of the manifest and of its ingredients
    signer: str


class NoManifest(Exception):
    """The file has no C2PA manifest that can be read; the message says why."""


def offline_settings(anchors: Sequence[str]) -> dict[str, Any]:
    """Settings under which the C2PA library opens no connection and trusts these anchors (PEM) alone."""
    return {
        "version": 1,
        "trust": {"trust_anchors": "\n".join(anchors)} if anchors else {},
        "verify": {
            "verify_after_sign": True,
            "verify_trust": True,
            "ocsp_fetch": False,
            "remote_manifest_fetch": False,
        },
        "builder": {"thumbnail": {"enabled": False}, "created_assertion_labels": list(_CREATED)},
        "core": {"allowed_network_hosts": []},
    }


def read_manifest(mp4: bytes, anchors: Sequence[str]) -> Sealed:
    """Return the active manifest of an MP4; raises ``NoManifest`` where none can be read."""
    try:
        settings = c2pa.Settings.from_dict(offline_settings(anchors))
        with c2pa.Reader(MIME, io.BytesIO(mp4), context=c2pa.Context(settings)) as reader:
            store = json.loads(reader.json())
            state = reader.get_validation_state()
    except (c2pa.C2paError, ValueError, RecursionError) as error:
        raise NoManifest(f"{error}") from error
    manifest = store.get("manifests", {}).get(store.get("active_manifest"))
    if not isinstance(manifest, dict) or state not in ("Trusted", "Valid", "Invalid"):
        raise NoManifest("the file's manifest store names no active manifest")
    signature = manifest.get("signature_info") or {}
    return Sealed(
        state=state,
        manifest=manifest,
        failures=tuple(sorted(set(_failures(store.get("validation_results"))))),
        signer=f"{signature.get('common_name', '')} ({signature.get('issuer', '')})",
    )


def _failures(results: object) -> Iterator[str]:
    """Find every failure, however deep: of the active manifest, of deltas, of ingredients."""
    if isinstance(results, dict):
        for name, value in results.items():
            if name == "failure" and isinstance(value, list):
                yield from (str(item.get("code")) for item in value if isinstance(item, dict))
            else:
                yield from _failures(value)
    elif isinstance(results, list):
        for item in results:
            yield from _failures(item)
