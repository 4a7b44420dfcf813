"""
An authenticator and its browser, in software: makes passkeys and signs with them, as WebAuthn Level 3 says.

    phone = Authenticator(algorithm="mldsa44")
    answer = phone.create(options)  # `PublicKeyCredentialCreationOptionsJSON` -> `RegistrationResponseJSON`
    signature = phone.sign(payload, key)  # an entry of an envelope
    answer = phone.get(options)  # `PublicKeyCredentialRequestOptionsJSON` -> `AuthenticationResponseJSON`

What it says can be bent, a field at a time: that is what tests do with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from fido2 import cbor, cose

from registry.core.algorithms import spki_of
from registry.core.envelope import PAYLOAD_TYPE, Envelope, PublicKey, Signature, pae
from registry.core.passkey import Assertion, Passkey, base64url

RP_ID = "localhost"
ORIGIN = "http://localhost:8000"
UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
ALGORITHMS = ("ed25519", "es256", "mldsa44")


def _new_key(algorithm: str) -> Any:
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "es256" else mldsa.MLDSA44PrivateKey.generate()


_COSE: Mapping[str, Any] = {"ed25519": cose.EdDSA, "es256": cose.ES256, "mldsa44": cose.MLDSA44}


@dataclass(slots=True)
class Authenticator:
    """One credential, and what its browser says around it."""

    algorithm: str = "es256"
    rp_id: str = RP_ID
    origin: str = ORIGIN
    flags: int = UP | UV
    counter: int = 0
    steps: int = 0  # by how much the counter goes on at each signature; 0 keeps none
    says: dict[str, Any] = field(default_factory=dict)  # client data beside, or instead of, the usual
    extensions: bytes = b""
    private_key: Any = None
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))

    def __post_init__(self) -> None:
        self.private_key = self.private_key or _new_key(self.algorithm)

    @property
    def spki(self) -> bytes:
        return spki_of(self.private_key.public_key())

    @property
    def key(self) -> PublicKey:
        """The key that its credential is, with the pages that it was made for."""
        passkey = Passkey(credential_id=self.credential_id, origins=(ORIGIN,), rp_id=RP_ID)
        return PublicKey(kind="webauthn", spki=self.spki, passkey=passkey)

    def create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        client = self.client_data("webauthn.create", options["challenge"])
        key = cbor.encode(_COSE[self.algorithm].from_cryptography_key(self.private_key.public_key()))
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + key
        data = self.authenticator_data(self.flags | AT) + attested + self.extensions
        return self.registration(client, cbor.encode({"fmt": "none", "attStmt": {}, "authData": data}))

    def registration(self, client: bytes, attestation_object: bytes) -> dict[str, Any]:
        return {
            "id": base64url(self.credential_id),
            "rawId": base64url(self.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(client),
                "attestationObject": base64url(attestation_object),
                "transports": ["internal"],
            },
        }

    def get(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        assertion, sig = self.answer(options["challenge"])
        return {
            "id": base64url(self.credential_id),
            "rawId": base64url(self.credential_id),
            "type": "public-key",
            "response": {
                "authenticatorData": base64url(assertion.authenticator_data),
                "clientDataJSON": base64url(assertion.client_data_json),
                "signature": base64url(sig),
            },
        }

    def sign(self, payload: bytes) -> Signature:
        """Sign a statement's payload."""
        challenge = base64url(hashlib.sha256(pae(PAYLOAD_TYPE, payload)).digest())
        assertion, sig = self.answer(challenge)
        return Signature(keyid=self.key.keyid, kind="webauthn", sig=sig, assertion=assertion)

    def answer(self, challenge: str) -> tuple[Assertion, bytes]:
        self.counter += self.steps
        assertion = Assertion(
            authenticator_data=self.authenticator_data(self.flags) + self.extensions,
            client_data_json=self.client_data("webauthn.get", challenge),
        )
        return assertion, self.signs(assertion.signed)

    def signs(self, message: bytes) -> bytes:
        if isinstance(self.private_key, ec.EllipticCurvePrivateKey):
            return self.private_key.sign(message, ec.ECDSA(hashes.SHA256()))
        return bytes(self.private_key.sign(message))

    def authenticator_data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def client_data(self, ceremony: str, challenge: str) -> bytes:
        usual = {"type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(usual | self.says, separators=(",", ":")).encode()


def signature_of(answer: Mapping[str, Any], key: PublicKey) -> dict[str, Any]:
    """Return the envelope's entry that a page makes of an `AuthenticationResponseJSON`."""
    response = answer["response"]
    raw = base64.urlsafe_b64decode(response["signature"] + "=" * (-len(response["signature"]) % 4))
    return {
        "keyid": key.keyid,
        "kind": "webauthn",
        "sig": base64.b64encode(raw).decode(),
        "authenticatorData": response["authenticatorData"],
        "clientDataJSON": response["clientDataJSON"],
    }


def resigned(submission: Mapping[str, Any], *phones: Authenticator, keep: int = 0) -> dict[str, Any]:
    """Return a submission signed by passkeys, after the first ``keep`` signatures that it had."""
    envelope = Envelope.parse(submission["envelope"], "envelope")
    signatures = envelope.signatures[:keep] + tuple(phone.sign(envelope.payload) for phone in phones)
    return {**submission, "envelope": Envelope(payload=envelope.payload, signatures=signatures).format()}
