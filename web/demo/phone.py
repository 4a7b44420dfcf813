"""
A phone with a passkey, played in software: what an authenticator and its browser put beside a signature.

The key is P-256, as most phones make it. It signs its own data and the hash of the client data, whose challenge is the
SHA-256 of the statement as encoded for signing (``registry.core.passkey`` says how that is checked). Left out: the
person who looks at the prompt.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.core.envelope import PAYLOAD_TYPE, PublicKey, Signature, pae
from registry.core.passkey import GET, Assertion, Passkey, base64url

RP_ID = "localhost"
PRESENT_AND_VERIFIED = 0x05  # flags UP and UV (WebAuthn Level 3, section 6.1)
NO_COUNTER = bytes(4)  # as passkeys that several devices share


def origin_of(base: str) -> str:
    """Return where the pages of a stack are: browsers make no passkeys for 127.0.0.1."""
    return base.replace("127.0.0.1", RP_ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One credential, made for the pages at one origin."""

    origin: str
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def key(self) -> PublicKey:
        spki = self.private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        passkey = Passkey(credential_id=self.credential_id, origins=(self.origin,), rp_id=RP_ID)
        return PublicKey(kind="webauthn", spki=spki, passkey=passkey)

    def sign(self, payload: bytes) -> Signature:
        """Sign a statement's payload."""
        challenge = base64url(hashlib.sha256(pae(PAYLOAD_TYPE, payload)).digest())
        client = {"type": GET, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        data = hashlib.sha256(RP_ID.encode()).digest() + bytes([PRESENT_AND_VERIFIED]) + NO_COUNTER
        said = Assertion(authenticator_data=data, client_data_json=json.dumps(client, separators=(",", ":")).encode())
        sig = self.private_key.sign(said.signed, ec.ECDSA(hashes.SHA256()))
        return Signature(keyid=self.key.keyid, kind="webauthn", sig=sig, assertion=said)
