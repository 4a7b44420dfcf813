"""
Signature algorithms over SubjectPublicKeyInfo (DER, RFC 5280). A new one is one entry of the table, and nothing else.

- ``ed25519``: RFC 8032; 64 bytes
- ``es256``: ECDSA on P-256 with SHA-256, the raw r || s of RFC 7518 section 3.4; 64 bytes
- ``mldsa44``: ML-DSA-44 of FIPS 204, post-quantum, with an empty context; 2,420 bytes

An authenticator signs with the same keys, but writes DER for ES256 (WebAuthn Level 3, section 6.5.5), so that an entry
says how a passkey's signature verifies. A key is refused for another curve, a second spelling, a point off the curve,
and for Ed25519 points of low order, under which a signature says nothing about who made it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from registry.core.errors import BadKey

PrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | mldsa.MLDSA44PrivateKey

ED25519_SIG_BYTES: Final = 64
ES256_SIG_BYTES: Final = 64
MLDSA44_SIG_BYTES: Final = 2_420  # FIPS 204, table 2

_P = 2**255 - 19  # the field of Ed25519
_D = -121665 * pow(121666, -1, _P) % _P
# y of every point whose order divides 8 (RFC 7748 section 7, libsodium's list): identity, order 2, 4, and 8 twice
_Y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_LOW_ORDER_Y = frozenset({1, _P - 1, 0, _Y8, _P - _Y8})

Public: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | mldsa.MLDSA44PublicKey
Verify: TypeAlias = Callable[[bytes, bytes, bytes], bool]  # SPKI, message, signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """Which keys are of it, how their bytes are checked, how they sign and verify, and how long a signature is."""

    holds: Callable[[object], bool]  # a private or public key of ``cryptography`` -> it is of this algorithm
    check: Callable[[bytes], str | None]  # SPKI -> what is wrong with it
    sign: Callable[[Any, bytes], bytes]  # private key, message
    verify: Verify
    sig_bytes: int
    verify_passkey: Verify | None = None  # a signature as authenticators write it; None: they make no such keys


def algorithm_of(spki: bytes) -> str | None:
    """Return the name of the algorithm whose key this is, whether or not the key is sound."""
    return name_of(_load(spki))


def name_of(key: object) -> str | None:
    """Return the name of the algorithm of a key of ``cryptography``, private or public."""
    return next((name for name, algorithm in ALGORITHMS.items() if algorithm.holds(key)), None)


def spki_of(public: Public) -> bytes:
    """Return a public key as SubjectPublicKeyInfo."""
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_of(private_key: PrivateKey) -> tuple[str, bytes]:
    """Return the algorithm of a private key and the SPKI of its public half."""
    return _known(private_key), spki_of(private_key.public_key())


def sign(private_key: PrivateKey, message: bytes) -> bytes:
    """
    Sign. Ed25519 (RFC 8032) and ES256 (RFC 6979) draw no randomness; ML-DSA-44 is hedged (FIPS 204, section 3.4), as
    OpenSSL signs, so that two signatures over one message differ.
    """
    return ALGORITHMS[_known(private_key)].sign(private_key, message)


def check_ed25519_point(encoded: bytes) -> str | None:
    """Say what is wrong with the 32 bytes of an Ed25519 public key (RFC 8032, section 5.1.3), if anything."""
    y = int.from_bytes(encoded, "little") & ((1 << 255) - 1)
    if y >= _P:
        return "the point is not in its canonical encoding"
    if y in _LOW_ORDER_Y:
        return "the point is of low order"
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if pow(x_squared, (_P - 1) // 2, _P) != 1:
        return "the point is not on the curve"
    return None


def _known(key: object) -> str:
    name = name_of(key)
    if name is None:
        raise BadKey(kind=type(key).__name__, problem="the algorithm is not known")
    return name


def _load(spki: bytes) -> object:
    try:
        return serialization.load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _is_ed25519(key: object) -> bool:
    return isinstance(key, ed25519.Ed25519PublicKey | ed25519.Ed25519PrivateKey)


def _is_es256(key: object) -> bool:
    if not isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return False
    return isinstance(key.curve, ec.SECP256R1)


def _is_mldsa44(key: object) -> bool:
    return isinstance(key, mldsa.MLDSA44PublicKey | mldsa.MLDSA44PrivateKey)


def _check_ed25519(spki: bytes) -> str | None:
    public = _load(spki)
    if not isinstance(public, ed25519.Ed25519PublicKey) or spki_of(public) != spki:
        return "not the DER of an Ed25519 key"
    return check_ed25519_point(public.public_bytes_raw())


def _check_es256(spki: bytes) -> str | None:
    public = _load(spki)  # loading proves that the point is on the curve and not at infinity
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        return "not the DER of a P-256 key"
    return None if spki_of(public) == spki else "the point is not in its uncompressed encoding"


def _check_mldsa44(spki: bytes) -> str | None:
    public = _load(spki)
    if not isinstance(public, mldsa.MLDSA44PublicKey) or spki_of(public) != spki:
        return "not the DER of an ML-DSA-44 key"
    return None


def _sign(private_key: ed25519.Ed25519PrivateKey | mldsa.MLDSA44PrivateKey, message: bytes) -> bytes:
    return private_key.sign(message)


def _sign_es256(private_key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    r, s = decode_dss_signature(private_key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _verify_ed25519(spki: bytes, message: bytes, sig: bytes) -> bool:
    public = _load(spki)
    if not isinstance(public, ed25519.Ed25519PublicKey) or len(sig) != ED25519_SIG_BYTES:
        return False
    return _holds(lambda: public.verify(sig, message))


def _verify_es256(spki: bytes, message: bytes, sig: bytes) -> bool:
    if len(sig) != ES256_SIG_BYTES:
        return False
    der = encode_dss_signature(int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big"))
    return _verify_es256_der(spki, message, der)


def _verify_es256_der(spki: bytes, message: bytes, der: bytes) -> bool:
    public = _load(spki)
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    return _holds(lambda: public.verify(der, message, ec.ECDSA(hashes.SHA256())))


def _verify_mldsa44(spki: bytes, message: bytes, sig: bytes) -> bool:
    public = _load(spki)
    if not isinstance(public, mldsa.MLDSA44PublicKey) or len(sig) != MLDSA44_SIG_BYTES:
        return False
    return _holds(lambda: public.verify(sig, message))


def _holds(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except InvalidSignature:
        return False
    return True


_TABLE: Final[dict[str, Algorithm]] = {
    "ed25519": Algorithm(
        holds=_is_ed25519,
        check=_check_ed25519,
        sign=_sign,
        verify=_verify_ed25519,
        sig_bytes=ED25519_SIG_BYTES,
        verify_passkey=_verify_ed25519,
    ),
    "es256": Algorithm(
        holds=_is_es256,
        check=_check_es256,
        sign=_sign_es256,
        verify=_verify_es256,
        sig_bytes=ES256_SIG_BYTES,
        verify_passkey=_verify_es256_der,
    ),
    "mldsa44": Algorithm(
        holds=_is_mldsa44,
        check=_check_mldsa44,
        sign=_sign,
        verify=_verify_mldsa44,
        sig_bytes=MLDSA44_SIG_BYTES,
        verify_passkey=_verify_mldsa44,
    ),
}
ALGORITHMS: Final[Mapping[str, Algorithm]] = MappingProxyType(_TABLE)
