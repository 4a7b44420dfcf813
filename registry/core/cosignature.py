"""
How keys sign notes: C2SP signed-note 1.0 (type 0x01) and tlog-cosignature 1.0 (types 0x04 and 0x06), one entry a type.

- 0x01 signs the text of any note with Ed25519.
- 0x04 (``cosignature/v1``) signs a time and the whole text of a checkpoint with Ed25519. The signer's name is not in
  what is signed: one key under two names is one signer.
- 0x06 (``subtree/v1``) signs the signer's name, a time, and origin, size and root of a checkpoint with ML-DSA-44
  (FIPS 204, empty context). Extension lines of the checkpoint are not in what is signed.

A signature with a time is ``big-endian u64 of seconds || signature``. The time of a witness says that this was the
largest tree of the log that it had seen by then; 0 says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from registry.core.algorithms import check_ed25519_point
from registry.core.errors import BadNote
from registry.core.treehead import Checkpoint

ED25519: Final = 0x01
ED25519_COSIGNATURE: Final = 0x04
MLDSA44_COSIGNATURE: Final = 0x06

MAX_TIME: Final = 2**63 - 1
_TIME_BYTES: Final = 8
_LABEL: Final = b"subtree/v1\n\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """How raw public keys are checked and signatures verified."""

    name: str
    kind: str  # as ``registry.core.algorithms`` names it
    public_bytes: int
    signature_bytes: int
    check: Callable[[bytes], str | None]  # public key of that length -> what is wrong with it
    verify: Callable[[bytes, bytes, bytes], None]  # public key, message, signature; raises InvalidSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureType:
    """One signature type of signed notes."""

    algorithm: Algorithm
    by_log: bool  # logs sign their own checkpoints so
    by_witness: bool  # witnesses cosign so
    timed: bool  # the signature starts with its time
    message: Callable[[str, str, int], bytes]  # name of the key, text of the note, time -> what is signed
    signs_extensions: bool = True  # of a checkpoint

    @property
    def blob_bytes(self) -> int:
        """Bytes of a signature in a note, after the key id."""
        return self.algorithm.signature_bytes + (_TIME_BYTES if self.timed else 0)

    def blob(self, time_s: int, signature: bytes) -> bytes:
        return pack_time(time_s) + signature if self.timed else signature

    def verifies(self, name: str, public: bytes, text: str, blob: bytes) -> bool:
        """Say whether ``blob`` is the signature of this key over the text of a note; raises ``BadNote`` on the text."""
        if len(blob) != self.blob_bytes:
            return False
        time_s, signature = unpack_time(blob) if self.timed else (0, blob)
        if time_s > MAX_TIME:
            return False
        try:
            self.algorithm.verify(public, self.message(name, text, time_s), signature)
        except InvalidSignature:
            return False
        return True


def type_for(kind: str | None, *, witness: bool) -> int:
    """Return the type in which a log, or a witness, signs with a key of this kind; raises ``BadNote``."""
    for number, one in TYPES.items():
        if one.algorithm.kind == kind and (one.by_witness if witness else one.by_log):
            return number
    raise BadNote(problem=f"`{kind}` signs no notes")


def pack_time(time_s: int) -> bytes:
    if not 0 <= time_s <= MAX_TIME:
        raise BadNote(problem=f"`{time_s}` is no time of a cosignature")
    return time_s.to_bytes(_TIME_BYTES, "big")


def unpack_time(blob: bytes) -> tuple[int, bytes]:
    """Part a timed signature into its time and the signature itself."""
    return int.from_bytes(blob[:_TIME_BYTES], "big"), blob[_TIME_BYTES:]


def _note_message(name: str, text: str, time_s: int) -> bytes:
    return text.encode()


def _cosignature_message(name: str, text: str, time_s: int) -> bytes:
    Checkpoint.parse(text)  # nobody cosigns anything else
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def _subtree_message(name: str, text: str, time_s: int) -> bytes:
    checkpoint = Checkpoint.parse(text)
    whole_tree = bytes(_TIME_BYTES) + checkpoint.size.to_bytes(8, "big") + checkpoint.root  # start, end, hash
    return _LABEL + _counted(name) + pack_time(time_s) + _counted(checkpoint.origin) + whole_tree


def _counted(text: str) -> bytes:
    """Write ``opaque <1..2^8-1>`` of RFC 8446, section 3.4."""
    data = text.encode()
    if not 0 < len(data) < 256:
        raise BadNote(problem=f"`{text[:80]}` has not 1 to `255` bytes")
    return bytes([len(data)]) + data


def _verify_ed25519(public: bytes, message: bytes, signature: bytes) -> None:
    Ed25519PublicKey.from_public_bytes(public).verify(signature, message)


def _verify_mldsa44(public: bytes, message: bytes, signature: bytes) -> None:
    MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)


def _check_mldsa44(public: bytes) -> str | None:
    """Every string of that length is an encoded key (FIPS 204, algorithm 23)."""
    return None


_ED25519: Final = Algorithm(
    name="Ed25519",
    kind="ed25519",
    public_bytes=32,
    signature_bytes=64,
    check=check_ed25519_point,
    verify=_verify_ed25519,
)
_MLDSA44: Final = Algorithm(
    name="ML-DSA-44",
    kind="mldsa44",
    public_bytes=1312,
    signature_bytes=2420,
    check=_check_mldsa44,
    verify=_verify_mldsa44,
)

TYPES: Final = {
    ED25519: SignatureType(algorithm=_ED25519, by_log=True, by_witness=False, timed=False, message=_note_message),
    ED25519_COSIGNATURE: SignatureType(
        algorithm=_ED25519, by_log=False, by_witness=True, timed=True, message=_cosignature_message
    ),
    MLDSA44_COSIGNATURE: SignatureType(
        algorithm=_MLDSA44,
        by_log=True,
        by_witness=True,
        timed=True,
        message=_subtree_message,
        signs_extensions=False,
    ),
}
