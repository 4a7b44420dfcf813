"""
Seal a file: sign a C2PA manifest into it, then read it back as a stranger would.

1. Write the manifest from the credential; no thumbnail, no file name, no title.
2. Sign with the leaf's key through a callback; have the signature stamped by a time-stamp authority.
3. Read the result offline: the state must be ``Trusted``, the stamp too, and it must say what was meant.

A file that fails step 3 never leaves this module. Without a time stamp it would turn invalid when its leaf ends, and
none can be added later. So a file is not sealed while no authority answers: ``StampMissing``, and try again.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import c2pa

from generation.core.credential import Credential
from generation.media.certificates import Chain
from generation.verify.manifest import MIME, offline_settings, read_manifest

VERSION = "0.1.0"


class SealingFailed(RuntimeError):
    """What was sealed does not read back as a trusted file with these papers: a fault of ours, not of any input."""


class StampMissing(RuntimeError):
    """The time-stamp authority gave no stamp that leads to an anchor; another try may get one."""


def seal(
    mp4: bytes,
    *,
    credential: Credential,
    chain: Chain,
    engine: str,
    stamps_at: str | None = None,
    anchors: Sequence[str] = (),
) -> bytes:
    """
    Return the MP4 with its signed manifest, stamped by the authority at an address.

    ``anchors`` (PEM) are those of another authority than our own. Without an address there is no stamp, and the file
    ends with its leaf.
    """
    trusted = [chain.root_pem, *anchors]
    try:
        sealed = _signed(mp4, credential, chain, engine, stamps_at, trusted)
    except c2pa.C2paError as error:
        if stamps_at is None:
            raise
        _signed(mp4, credential, chain, engine, None, trusted)  # raises too where the stamp was not at fault
        raise StampMissing(f"`{stamps_at}` gave no time stamp: {error}") from error
    found = read_manifest(io.BytesIO(sealed), trusted)
    if found.state != "Trusted" or found.failures:
        raise SealingFailed(f"a sealed file reads back as `{found.state}`: {', '.join(found.failures)}")
    if Credential.from_manifest(found.manifest) != credential:
        raise SealingFailed("a sealed file reads back with other papers")
    if stamps_at is not None and found.stamped_at is None:
        raise StampMissing(f"the time stamp from `{stamps_at}` leads to no anchor: name its root in TSA_ROOTS")
    return sealed


def _signed(
    mp4: bytes, credential: Credential, chain: Chain, engine: str, stamps_at: str | None, anchors: Sequence[str]
) -> bytes:
    signer = c2pa.Signer.from_callback(
        chain.sign,  # raw r || s, as COSE wants it
        c2pa.C2paSigningAlg.ES256,
        chain.chain_pem,
        stamps_at,  # the one address that the library opens, and only while it signs
    )
    settings = c2pa.Settings.from_dict(offline_settings(anchors))
    context = c2pa.Context(settings, signer)  # takes the signer over
    sealed = io.BytesIO()
    with c2pa.Builder(credential.manifest(engine=engine, version=VERSION), context) as builder:
        builder.sign(MIME, io.BytesIO(mp4), sealed)
    return sealed.getvalue()
