"""
From frames to a file with its papers: resize, mark, encode, seal; and what is shown before release.

This page reads the settings (folder of certificates, key of the mark) and hands them to the modules below, which take
what they need as arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.conf import settings

from generation.core.credential import Credential
from generation.media import certificates, marking, sealing
from generation.media.contact_sheets import contact_sheet
from generation.media.encoding import Frames, decode, encode, resize
from generation.media.previews import preview
from generation.media.sealing import StampMissing
from generation.media.stamp_server import listening
from generation.media.stamps import Authority
from registry import vault
from registry.custody import custody

__all__ = [
    "Frames",
    "StampMissing",
    "anchors",
    "authority",
    "contact_sheet",
    "decode",
    "encode",
    "mark",
    "preview",
    "resize",
    "seal",
]


def mark(frames_TCHW: object, *, shot: str) -> Frames:
    """Put the shot's invisible mark into every frame. Mark at the delivered size: resize first, encode after."""
    return marking.mark(frames_TCHW, shot=shot, key=_mark_key())


def seal(mp4: bytes, *, credential: Credential, engine: str = "starter") -> bytes:
    """
    Return the MP4 with the credential signed into it and stamped, read back and found ``Trusted``.

    Raises ``StampMissing`` where no authority stamps it now.
    """
    with _stamps() as address:
        return sealing.seal(
            mp4,
            credential=credential,
            chain=_chain(),
            engine=engine,
            stamps_at=address,
            anchors=settings.TSA_ROOTS,
        )


def anchors() -> list[str]:
    """Return the certificates by which strangers check our files: our root, and those of who stamps them."""
    return [_chain().root_pem, *settings.TSA_ROOTS]


def authority() -> Authority:
    """Return our own time-stamp authority."""
    return certificates.stamping(settings.CREDENTIAL_DIR, custody().signer("tsa"), at=datetime.now(UTC))


@contextmanager
def _stamps() -> Iterator[str]:
    """Where stamps are to be had: at ``TSA_URL``, else from an authority of our own that listens while it is needed."""
    if settings.TSA_URL is not None:
        yield settings.TSA_URL
    else:
        own = authority()
        with listening(lambda: own) as address:
            yield address


def _chain() -> certificates.Chain:
    return certificates.chain(settings.CREDENTIAL_DIR, custody().signer("credential"), at=datetime.now(UTC))


def _mark_key() -> bytes:
    """A key of its own for the mark, so that whoever looks for marks need not hold the KEK."""
    return vault.secret("marks")
