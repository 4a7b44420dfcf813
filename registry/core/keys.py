"""
Public keys and signatures over messages, one table entry a kind.

A key is written as its kind and its SubjectPublicKeyInfo (DER, RFC 5280), and named by the SHA-256 of those bytes. The
kinds `ed25519`, `es256` and `mldsa44` sign a message as it is (``registry.core.algorithms``); a `webauthn` key is a
passkey with one of these algorithms, which signs it by way of a browser (``registry.core.passkey``). A new algorithm is
one more entry there, and a kind here by that alone.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from registry.core.algorithms import (
    ALGORITHMS,
    Algorithm,
    PrivateKey,
    algorithm_of,
    check_ed25519_point,
    public_of,
    sign,
)
from registry.core.errors import BadKey
from registry.core.fields import Reader
from registry.core.jcs import Json, sha256_hex
from registry.core.passkey import Assertion, Passkey, challenge_of

__all__ = [
    "KINDS",
    "Kind",
    "PrivateKey",
    "PublicKey",
    "answer_fault",
    "check_ed25519_point",
    "fault",
    "sign",
    "verify",
]

MAX_SPKI_BYTES: Final = 4096  # room for kinds to come; ours take 44, 91 and 1,334
NOT_OVER_THESE: Final = "it is not the key's over these bytes"
WEBAUTHN: Final = "webauthn"
MIN_DER_SIG_BYTES: Final = 8  # ECDSA in DER: two whole numbers of one byte


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a key kind needs: how to check a key, how to verify with it, and how long a signature may be."""

    check: Callable[[bytes], str | None]  # SPKI -> what is wrong with it
    fault: Callable[["PublicKey", bytes, bytes, Assertion | None], str | None]  # key, message, signature, what came
    min_sig_bytes: int
    max_sig_bytes: int
    by_passkey: bool = False  # its key has a credential, its signatures an assertion


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A checked public key; a malformed one cannot be built."""

    kind: str
    spki: bytes
    passkey: Passkey | None = None  # of the kind `webauthn`
    keyid: str = field(init=False, compare=False)  # SHA-256 of the SPKI, hex

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadKey(kind=self.kind, problem="the kind is not known")
        if problem := KINDS[self.kind].check(self.spki) or self._passkey_problem():
            raise BadKey(kind=self.kind, problem=problem)
        object.__setattr__(self, "keyid", sha256_hex(self.spki))

    @classmethod
    def parse(cls, obj: object, path: str = "key") -> "PublicKey":
        """Read ``{"kind", "spki"}``, the SPKI in base64, and the ``credential`` of a passkey."""
        reader = Reader(obj, path)
        kind = reader.str("kind")
        spki = reader.base64("spki", max_bytes=MAX_SPKI_BYTES)
        by_passkey = kind in KINDS and KINDS[kind].by_passkey
        passkey = Passkey.parse(reader.raw("credential"), reader.at("credential")) if by_passkey else None
        reader.finish()
        try:
            return cls(kind=kind, spki=spki, passkey=passkey)
        except BadKey as error:
            error.field = path
            raise

    @classmethod
    def of(cls, private_key: PrivateKey) -> "PublicKey":
        """Return the public half."""
        kind, spki = public_of(private_key)
        return cls(kind=kind, spki=spki)

    def format(self) -> dict[str, Json]:
        plain: dict[str, Json] = {"kind": self.kind, "spki": base64.b64encode(self.spki).decode()}
        return plain if self.passkey is None else plain | {"credential": self.passkey.format()}

    def _passkey_problem(self) -> str | None:
        if (self.passkey is not None) != KINDS[self.kind].by_passkey:
            return "passkeys have a credential, and only they"
        return None if self.passkey is None else self.passkey.fault()


def fault(key: PublicKey, message: bytes, sig: bytes, assertion: Assertion | None = None) -> str | None:
    """Say why ``sig`` is not this key's signature over ``message``, or None where it is; a malformed one is not."""
    return KINDS[key.kind].fault(key, message, sig, assertion)


def verify(key: PublicKey, message: bytes, sig: bytes, assertion: Assertion | None = None) -> bool:
    """Say whether ``sig`` is this key's signature over ``message``; ``assertion``: what came with a passkey's."""
    return fault(key, message, sig, assertion) is None


@cache
def _plain(algorithm: Algorithm) -> Kind:
    def refuse(key: PublicKey, message: bytes, sig: bytes, assertion: Assertion | None) -> str | None:
        holds = assertion is None and algorithm.verify(key.spki, message, sig)
        return None if holds else NOT_OVER_THESE

    length = algorithm.sig_bytes
    return Kind(check=algorithm.check, fault=refuse, min_sig_bytes=length, max_sig_bytes=length)


def _check_passkey(spki: bytes) -> str | None:
    name = algorithm_of(spki)
    if name is None or ALGORITHMS[name].verify_passkey is None:
        return "not the DER of a key whose algorithm is known"
    return ALGORITHMS[name].check(spki)


def _passkey_fault(key: PublicKey, message: bytes, sig: bytes, assertion: Assertion | None) -> str | None:
    if assertion is None:
        return "what the authenticator said is missing"
    return answer_fault(key, challenge_of(message), sig, assertion)


def answer_fault(key: PublicKey, challenge: bytes, sig: bytes, assertion: Assertion) -> str | None:
    """Say why a passkey's answer to a challenge does not hold, or None where it does (WebAuthn, section 7.2)."""
    name = algorithm_of(key.spki)
    verify_passkey = None if name is None else ALGORITHMS[name].verify_passkey
    if key.passkey is None or verify_passkey is None:
        return "the key is no passkey"
    if problem := assertion.fault(key.passkey, challenge):
        return problem
    return None if verify_passkey(key.spki, assertion.signed, sig) else NOT_OVER_THESE


class _Kinds(Mapping[str, Kind]):
    """A kind for each algorithm, and the passkey over those that authenticators have."""

    def __getitem__(self, name: str) -> Kind:
        return _PASSKEY if name == WEBAUTHN else _plain(ALGORITHMS[name])

    def __iter__(self) -> Iterator[str]:
        yield from ALGORITHMS
        yield WEBAUTHN

    def __len__(self) -> int:
        return len(ALGORITHMS) + 1


_PASSKEY: Final = Kind(
    check=_check_passkey,
    fault=_passkey_fault,
    min_sig_bytes=MIN_DER_SIG_BYTES,
    max_sig_bytes=max(algorithm.sig_bytes for algorithm in ALGORITHMS.values()),
    by_passkey=True,
)
KINDS: Final[Mapping[str, Kind]] = _Kinds()
