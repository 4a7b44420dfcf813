"""
Whose log it is: its origin, the keys that sign its checkpoints, and those keys as others verify with them.

A checkpoint is signed twice, with Ed25519 for today's clients and with ML-DSA-44 (C2SP tlog-cosignature, type 0x06) for
those who no longer believe in elliptic curves. Who trusts either key verifies it; a client that does not know the
second type ignores it, as the note format says. Checkpoints from before the second key stay as they were signed.
"""

from collections.abc import Set
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings

from registry.core.cosignature import ED25519, MLDSA44_COSIGNATURE
from registry.core.keys import PublicKey
from registry.core.note import Note, NoteSigner, VerifierKey
from registry.custody import Signer, custody

ROLES: Final = {"log": ED25519, "log_pq": MLDSA44_COSIGNATURE}  # of the log's keys, and how each signs notes


def origin() -> str:
    """Return the log's name, the first line of every checkpoint."""
    return str(settings.LOG_ORIGIN)


def signers(last: str | None = None) -> tuple[NoteSigner, ...]:
    """
    Return who signs the checkpoint after ``last`` (a note; None: there is none), Ed25519 first.

    The first checkpoint of a new key bears the old one's signature too: whoever knows the old key alone follows the
    log up to there, and sees there that the new key signs the same tree.
    """
    signed = frozenset() if last is None else {one.keyid for one in Note.parse(last.encode()).signatures}
    return tuple(signer for role in ROLES for signer in _signing(role, signed))


def verifiers() -> tuple[VerifierKey, ...]:
    """Return the public keys under which checkpoints of this log are believed: of each kind, today's one first."""
    ordered = (
        sorted(custody().versions(role), key=lambda one: (one.state != "current", -one.number)) for role in ROLES
    )
    return tuple(_verifier(origin(), one.role, one.public) for versions in ordered for one in versions if one.public)


def verifier() -> VerifierKey:
    """Return the Ed25519 key of the log, which every client knows how to use."""
    return verifiers()[0]


def vkey() -> str:
    """Return that key as C2SP signed-note writes it."""
    return verifier().format()


def vkeys() -> tuple[str, ...]:
    """Return all keys of the log, that one first."""
    return tuple(key.format() for key in verifiers())


def _signing(role: str, signed: Set[bytes]) -> list[NoteSigner]:
    """Return the current key's signer, and beside it the one before where the current one has not yet signed."""
    keys = custody()
    current = _signer(role, keys.signer(role))
    old = [one.number for one in keys.versions(role) if one.state == "old"]
    if not old or not signed or current.key.keyid in signed:
        return [current]
    return [current, *(one for number in old if (one := _signer(role, keys.signer(role, number))).key.keyid in signed)]


def _signer(role: str, signer: Signer) -> NoteSigner:
    return NoteSigner(key=_verifier(origin(), role, signer.public), sign=signer.sign)


@cache
def _verifier(name: str, role: str, public: PublicKey) -> VerifierKey:
    loaded = load_der_public_key(public.spki)
    assert isinstance(loaded, Ed25519PublicKey | MLDSA44PublicKey)  # custody checks a role's algorithm
    return VerifierKey(name=name, public=loaded.public_bytes_raw(), type=ROLES[role])
