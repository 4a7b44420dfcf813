"""Whose log it is: its origin, the key that signs its checkpoints, and that key as others verify with it."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from registry.core.note import VerifierKey


def origin() -> str:
    """Return the log's name, the first line of every checkpoint."""
    return str(settings.LOG_ORIGIN)


def signer() -> Ed25519PrivateKey:
    """Return the private key of the log."""
    key: Ed25519PrivateKey = settings.LOG_KEY
    return key


def verifier() -> VerifierKey:
    """Return the public key of the log, named by its origin."""
    return VerifierKey.of(origin(), signer())


def vkey() -> str:
    """Return the verifier key as C2SP signed-note writes it."""
    return verifier().format()
