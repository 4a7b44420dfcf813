"""
From frames to a file with its papers: resize, mark, encode, seal; and what is shown before release.

This page reads the settings (folder of certificates, key of the mark) and hands them to the modules below, which take
what they need as arguments.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings

from generation.core.credential import Credential
from generation.media import certificates, marking, sealing
from generation.media.contact_sheets import contact_sheet
from generation.media.encoding import Frames, decode, encode, resize
from generation.media.previews import preview
from registry import vault
from registry.custody import custody

__all__ = ["Frames", "contact_sheet", "decode", "encode", "mark", "preview", "resize", "root_pem", "seal"]


def mark(frames_TCHW: object, *, shot: str) -> Frames:
    """Put the shot's invisible mark into every frame. Mark at the delivered size: resize first, encode after."""
    return marking.mark(frames_TCHW, shot=shot, key=_mark_key())


def seal(mp4: bytes, *, credential: Credential, engine: str = "starter") -> bytes:
    """Return the MP4 with the credential signed into it, read back and found ``Trusted``."""
    return sealing.seal(mp4, credential=credential, chain=_chain(), engine=engine)


def root_pem() -> str:
    """Return the certificate by which strangers check our files."""
    return _chain().root_pem


def _chain() -> certificates.Chain:
    return certificates.chain(settings.CREDENTIAL_DIR, custody().signer("credential"), at=datetime.now(UTC))


def _mark_key() -> bytes:
    """A key of its own for the mark, so that whoever looks for marks need not hold the KEK."""
    return vault.secret("marks")
