"""
Read the C2PA manifest of a file, offline, by given trust anchors.

``read_manifest`` says what the C2PA library found: whether the signature and every hash stand (``Valid``), and whether
the signer's certificate leads to an anchor that was given (``Trusted``). The library keeps an ingredient's own faults
apart from the outer state; they are added to ``failures`` here.

A time stamp whose authority leads to an anchor keeps a file ``Trusted`` after its signer's certificate has ended: the
library judges that certificate as of the time in the stamp.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import c2pa

from generation.core.credential import LABEL, TRAINING_MINING, Sealed, State

MIME = "video/mp4"

# Base labels of what the signer vouches for; the library would file anything else as merely gathered.
_CREATED = ("c2pa.actions", "c2pa.ingredient", TRAINING_MINING, LABEL)
_EXPIRED = "signingCredential.expired"
_STAMP_TRUSTED = "timeStamp.trusted"
_STAMPER = re.compile(r"timestamp cert trusted: (.+?)(?:, trust list: |$)")  # the library reports its name here alone
_STATES: Mapping[object, State] = {"Trusted": "Trusted", "Valid": "Valid", "Invalid": "Invalid"}


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


def read_manifest(mp4: BinaryIO, anchors: Sequence[str]) -> Sealed:
    """Return what the library says of an MP4; without a manifest that can be read, the state is ``Missing``."""
    try:
        settings = c2pa.Settings.from_dict(offline_settings(anchors))
        with c2pa.Reader(MIME, mp4, context=c2pa.Context(settings)) as reader:
            store = json.loads(reader.json())
            state = reader.get_validation_state()
    except (c2pa.C2paError, ValueError, RecursionError) as error:
        return _missing(str(error))
    manifest = store.get("manifests", {}).get(store.get("active_manifest"))
    if not isinstance(manifest, dict) or state not in _STATES:
        return _missing("the manifest store names no active manifest")
    signature = manifest.get("signature_info") or {}
    failures = frozenset(_failures(store.get("validation_results")))
    return Sealed(
        state="Expired" if state == "Invalid" and _only_expired(failures) else _STATES[state],
        manifest=manifest,
        failures=tuple(sorted(failures)),
        signer=f"{signature.get('common_name', '')} ({signature.get('issuer', '')})",
        stamped_at=signature.get("time") if (stamper := _stamper(store)) is not None else None,
        stamped_by=stamper or "",
    )


def _stamper(store: Mapping[str, Any]) -> str | None:
    """Return whose time stamp it was that led to an anchor; what leads nowhere says nothing about the time."""
    active = (store.get("validation_results") or {}).get("activeManifest") or {}
    for found in active.get("success") or ():
        if found.get("code") == _STAMP_TRUSTED:
            named = _STAMPER.search(str(found.get("explanation")))
            return named[1] if named else "an authority that the library does not name"
    return None


def _only_expired(failures: frozenset[str]) -> bool:
    """Of an expired certificate the library does not say whether it led to an anchor: it calls it untrusted as well."""
    return _EXPIRED in failures <= {_EXPIRED, "signingCredential.untrusted"}


def _missing(why: str) -> Sealed:
    return Sealed(state="Missing", manifest={}, failures=(why,), signer="")


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
