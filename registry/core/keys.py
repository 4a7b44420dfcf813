"""
Public keys and signatures over plain messages, one table entry a kind.

A key is written as its kind and its SubjectPublicKeyInfo (DER, RFC 5280), and named by the SHA-256 of those bytes. Keys
are refused when they are parsed: another curve, a second spelling of the same key, a point off the curve, and Ed25519
points of low order, under which a signature says nothing about who made it. Passkeys and post-quantum kinds come as
further entries of ``KINDS``.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from registry.core.errors import BadKey
from registry.core.fields import Reader
from registry.core.jcs import Json, sha256_hex

PrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

MAX_SPKI_BYTES = 4096  # room for post-quantum keys; ours take 44 and 91
SIGNATURE_BYTES = 64  # both kinds; for ES256 the raw r || s of RFC 7518, section 3.4

_P = 2**255 - 19  # the field of Ed25519
_D = -121665 * pow(121666, -1, _P) % _P
# y of every point whose order divides 8 (RFC 7748 section 7, libsodium's list): identity, order 2, 4, and 8 twice
_Y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_LOW_ORDER_Y = frozenset({1, _P - 1, 0, _Y8, _P - _Y8})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a key kind needs: how to check a key's bytes, and how to verify with them."""

    check: Callable[[bytes], str | None]  # SPKI -> what is wrong with it
    verify: Callable[[bytes, bytes, bytes], bool]  # SPKI, message, signature


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A checked public key; a malformed one cannot be built."""

    kind: str
    spki: bytes
    keyid: str = field(init=False, compare=False)  # SHA-256 of the SPKI, hex

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadKey(kind=self.kind, problem="the kind is not known")
        if problem := KINDS[self.kind].check(self.spki):
            raise BadKey(kind=self.kind, problem=problem)
        object.__setattr__(self, "keyid", sha256_hex(self.spki))

    @classmethod
    def parse(cls, obj: object, path: str = "key") -> "PublicKey":
        """Read ``{"kind", "spki"}``, the SPKI in base64."""
        reader = Reader(obj, path)
        kind = reader.str("kind")
        spki = reader.base64("spki", max_bytes=MAX_SPKI_BYTES)
        reader.finish()
        try:
            return cls(kind=kind, spki=spki)
        except BadKey as error:
            error.field = path
            raise

    @classmethod
    def of(cls, private_key: PrivateKey) -> "PublicKey":
        """Return the public half."""
        kind = "ed25519" if isinstance(private_key, ed25519.Ed25519PrivateKey) else "es256"
        return cls(kind=kind, spki=_spki(private_key.public_key()))

    def format(self) -> dict[str, Json]:
        return {"kind": self.kind, "spki": base64.b64encode(self.spki).decode()}


def verify(key: PublicKey, message: bytes, sig: bytes) -> bool:
    """Say whether ``sig`` is this key's signature over ``message``; a malformed signature is a false one."""
    return KINDS[key.kind].verify(key.spki, message, sig)


def sign(private_key: PrivateKey, message: bytes) -> bytes:
    """Sign deterministically (RFC 8032, RFC 6979), so that nothing here draws randomness."""
    if isinstance(private_key, ed25519.Ed25519PrivateKey):
        return private_key.sign(message)
    der = private_key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


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


def _spki(public: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _load(spki: bytes) -> object:
    try:
        return serialization.load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _check_ed25519(spki: bytes) -> str | None:
    public = _load(spki)
    if not isinstance(public, ed25519.Ed25519PublicKey) or _spki(public) != spki:
        return "not the DER of an Ed25519 key"
    return check_ed25519_point(public.public_bytes_raw())


def _check_es256(spki: bytes) -> str | None:
    public = _load(spki)  # loading proves that the point is on the curve and not at infinity
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        return "not the DER of a P-256 key"
    return None if _spki(public) == spki else "the point is not in its uncompressed encoding"


def _verify_ed25519(spki: bytes, message: bytes, sig: bytes) -> bool:
    public = _load(spki)
    if not isinstance(public, ed25519.Ed25519PublicKey) or len(sig) != SIGNATURE_BYTES:
        return False
    try:
        public.verify(sig, message)
    except InvalidSignature:
        return False
    return True


def _verify_es256(spki: bytes, message: bytes, sig: bytes) -> bool:
    public = _load(spki)
    if not isinstance(public, ec.EllipticCurvePublicKey) or len(sig) != SIGNATURE_BYTES:
        return False
    der = encode_dss_signature(int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big"))
    try:
        public.verify(der, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


KINDS: dict[str, Kind] = {
    "ed25519": Kind(check=_check_ed25519, verify=_verify_ed25519),
    "es256": Kind(check=_check_es256, verify=_verify_es256),
}
