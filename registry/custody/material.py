"""
Keys as bytes: made, written as files hold them, and read back. One entry an algorithm.

Signing keys are unencrypted PEM (PKCS #8), secrets are 32 bytes or their base64.
"""

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa

from registry.core.keys import PrivateKey, PublicKey
from registry.custody.roles import Role

SECRET_BYTES: Final = 32  # AES-256
WANTED: Final = {
    "ed25519": "an Ed25519 private key",
    "mldsa44": "an ML-DSA-44 private key",
    "es256": "a P-256 private key",
    "aes256": f"{SECRET_BYTES} bytes in base64",
}
_GENERATE: Final[Mapping[str, Callable[[], PrivateKey]]] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "mldsa44": mldsa.MLDSA44PrivateKey.generate,
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
}


def new(role: Role) -> bytes:
    """Make a key for a role, as its file holds it."""
    if role.wraps:
        return base64.b64encode(secrets.token_bytes(SECRET_BYTES))
    key = _GENERATE[role.algorithm]()
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_secret(data: bytes) -> bytes | None:
    """Return the 32 bytes that a file holds, as they are or in base64; None where it holds something else."""
    if len(data) == SECRET_BYTES:
        return data
    try:
        raw = base64.b64decode(data.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == SECRET_BYTES else None


def read_private(role: Role, pem: bytes) -> PrivateKey | None:
    """Return the private key in a file; None where it is none of the role's algorithm."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, ed25519.Ed25519PrivateKey | mldsa.MLDSA44PrivateKey | ec.EllipticCurvePrivateKey):
        return None
    if isinstance(key, ec.EllipticCurvePrivateKey) and not isinstance(key.curve, ec.SECP256R1):
        return None
    return key if PublicKey.of(key).kind == role.algorithm else None
