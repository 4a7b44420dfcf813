"""
Whose log it is: its origin, the keys that sign its checkpoints, and those keys as others verify with them.

A checkpoint is signed twice, with Ed25519 for today's clients and with ML-DSA-44 (C2SP tlog-cosignature, type 0x06) for
those who no longer believe in elliptic curves. Who trusts either key verifies it; a client that does not know the
second type ignores it, as the note format says. Checkpoints from before the second key stay as they were signed.
"""

from django.conf import settings

from registry.core.note import NoteSigner, VerifierKey


def origin() -> str:
    """Return the log's name, the first line of every checkpoint."""
    return str(settings.LOG_ORIGIN)


def signers() -> tuple[NoteSigner, ...]:
    """Return who signs the next checkpoint, Ed25519 first."""
    return NoteSigner.of(origin(), settings.LOG_KEY), NoteSigner.of(origin(), settings.LOG_PQ_KEY)


def verifiers() -> tuple[VerifierKey, ...]:
    """Return the public keys under which checkpoints of this log are believed, today's Ed25519 key first."""
    return tuple(signer.key for signer in signers())


def verifier() -> VerifierKey:
    """Return the Ed25519 key of the log, which every client knows how to use."""
    return verifiers()[0]


def vkey() -> str:
    """Return that key as C2SP signed-note writes it."""
    return verifier().format()


def vkeys() -> tuple[str, ...]:
    """Return all keys of the log, that one first."""
    return tuple(key.format() for key in verifiers())
