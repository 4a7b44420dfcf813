"""
Seal a file: sign a C2PA manifest into it, then read it back as a stranger would.

1. Write the manifest from the credential; no thumbnail, no file name, no title.
2. Sign with the leaf's key through a callback.
3. Read the result offline: the state must be ``Trusted``, and it must say what was meant.

A file that fails step 3 never leaves this module. Without a time stamp a sealed file turns invalid when its leaf ends
(``certificates.RENEW_BEFORE`` keeps that ten months away); its digest in the log outlives that.
"""

from __future__ import annotations

import io

import c2pa

from generation.core.credential import Credential
from generation.media.certificates import Chain
from generation.verify.manifest import MIME, offline_settings, read_manifest

VERSION = "0.1.0"


class SealingFailed(RuntimeError):
    """What was sealed does not read back as a trusted file with these papers: a fault of ours, not of any input."""


def seal(mp4: bytes, *, credential: Credential, chain: Chain, engine: str) -> bytes:
    """Return the MP4 with its signed manifest."""
    sealed = _signed(mp4, credential, chain, engine)
    found = read_manifest(io.BytesIO(sealed), [chain.root_pem])
    if found.state != "Trusted" or found.failures:
        raise SealingFailed(f"a sealed file reads back as `{found.state}`: {', '.join(found.failures)}")
    if Credential.from_manifest(found.manifest) != credential:
        raise SealingFailed("a sealed file reads back with other papers")
    return sealed


def _signed(mp4: bytes, credential: Credential, chain: Chain, engine: str) -> bytes:
    signer = c2pa.Signer.from_callback(
        chain.sign,  # raw r || s, as COSE wants it
        c2pa.C2paSigningAlg.ES256,
        chain.chain_pem,
        None,
    )
    settings = c2pa.Settings.from_dict(offline_settings([chain.root_pem]))
    context = c2pa.Context(settings, signer)  # takes the signer over
    sealed = io.BytesIO()
    with c2pa.Builder(credential.manifest(engine=engine, version=VERSION), context) as builder:
        builder.sign(MIME, io.BytesIO(mp4), sealed)
    return sealed.getvalue()
