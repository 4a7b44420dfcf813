"""
The fifteen test vectors of WebAuthn Level 3, sections 16.2 to 16.16, all of them, byte by byte as the specification.

What is asked of each is what a consent needs: eleven have a key that serves here (ten ES256, one Ed25519), four are of
algorithms that nobody offers (ES384, ES512, RS256, Ed448) and make no key. Of the eleven, three authentications hold;
the others are refused as they must be: nobody was verified, or the page stood in a frame (`crossOrigin`, `topOrigin`).
Credential ids may be long (16.6), what is attested is not read (16.7, 16.13 to 16.16). Registrations go through the
door in ``tests/test_passkeys_specified.py``. Left out are 16.1, the root of the attestations, and 16.17, `prf`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from fido2 import cbor
from fido2.webauthn import AuthenticatorData

from registry.core.algorithms import spki_of
from registry.core.envelope import PublicKey
from registry.core.errors import BadKey
from registry.core.keys import answer_fault
from registry.core.passkey import CREATE, GET, Assertion, Passkey, authenticator_fault, client_fault

SPECIFIED = json.loads((Path(__file__).parent / "webauthn_vectors.json").read_text())
VECTORS = [pytest.param(vector, id=f"{vector['section']} {vector['name']}") for vector in SPECIFIED["vectors"]]
OURS = ("ES256", "Ed25519")
FRAMED = "the page stood in a frame of another origin"
NOT_VERIFIED = "the person was not verified"
CURVES = {1: ec.SECP256R1(), 2: ec.SECP384R1(), 3: ec.SECP521R1()}
HASHES: dict[str, hashes.HashAlgorithm] = {
    "ES256": hashes.SHA256(),
    "ES384": hashes.SHA384(),
    "ES512": hashes.SHA512(),
}


def told(vector: dict[str, Any], ceremony: str) -> dict[str, bytes]:
    return {name: bytes.fromhex(value) for name, value in vector[ceremony].items() if name != "refused"}


def attested(vector: dict[str, Any]) -> tuple[dict[str, Any], AuthenticatorData]:
    """Return what a registration attests, and its authenticator data."""
    made = cbor.decode(told(vector, "registration")["attestationObject"])
    assert isinstance(made, dict)
    return made, AuthenticatorData(made["authData"])


def public_key(vector: dict[str, Any]) -> Any:
    """Return the key that a registration makes, of whatever algorithm."""
    credential = attested(vector)[1].credential_data
    assert credential is not None
    cose = credential.public_key
    if cose[1] == 3:
        n, e = (int.from_bytes(cose[label], "big") for label in (-1, -2))
        return rsa.RSAPublicNumbers(e, n).public_key()
    if cose[1] == 2:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[cose[-1]], b"\x04" + cose[-2] + cose[-3])
    kind = {6: ed25519.Ed25519PublicKey, 7: ed448.Ed448PublicKey}[cose[-1]]
    return kind.from_public_bytes(cose[-2])


def passkey_of(vector: dict[str, Any]) -> PublicKey:
    credential = attested(vector)[1].credential_data
    assert credential is not None
    passkey = Passkey(
        credential_id=bytes(credential.credential_id), origins=(SPECIFIED["origin"],), rp_id=SPECIFIED["rp_id"]
    )
    return PublicKey(kind="webauthn", spki=spki_of(public_key(vector)), passkey=passkey)


def check(public: Any, algorithm: str, signature: bytes, message: bytes) -> None:
    """Verify with ``cryptography`` alone; raises ``InvalidSignature``."""
    if algorithm in HASHES:
        public.verify(signature, message, ec.ECDSA(HASHES[algorithm]))
    elif algorithm == "RS256":
        public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    else:
        public.verify(signature, message)


# --- that they are what was signed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS)
def test_every_authentication_is_what_its_key_signed(vector: dict[str, Any]) -> None:
    said, public = told(vector, "authentication"), public_key(vector)
    message = said["authenticatorData"] + hashlib.sha256(said["clientDataJSON"]).digest()
    check(public, vector["algorithm"], said["signature"], message)
    with pytest.raises(InvalidSignature):
        check(public, vector["algorithm"], said["signature"], message + b"\0")


@pytest.mark.parametrize("vector", VECTORS)
def test_every_registration_is_what_was_attested(vector: dict[str, Any]) -> None:
    """What a registration holds is under a signature too, wherever its format has one."""
    made, data = attested(vector)
    statement, client = made["attStmt"], hashlib.sha256(told(vector, "registration")["clientDataJSON"]).digest()
    credential = data.credential_data
    assert credential is not None
    certificates = [x509.load_der_x509_certificate(one) for one in statement.get("x5c", ())]
    signer: Any = certificates[0].public_key() if certificates else public_key(vector)
    signed: dict[str, Callable[[], bytes]] = {
        "packed": lambda: bytes(data) + client,
        "android-key": lambda: bytes(data) + client,
        "tpm": lambda: statement["certInfo"],
        "fido-u2f": lambda: (
            b"\0" + data.rp_id_hash + client + credential.credential_id + b"\x04" + _point(credential.public_key)
        ),
    }
    if made["fmt"] in signed:
        check(signer, "ES256", statement["sig"], signed[made["fmt"]]())
    nonce = hashlib.sha256(bytes(data) + client).digest()
    if made["fmt"] == "apple":
        assert certificates[0].extensions.get_extension_for_oid(_APPLE).value.public_bytes().endswith(nonce)
    if made["fmt"] == "tpm":
        assert nonce in statement["certInfo"]
    assert made["fmt"] in {*signed, "apple", "none"}


_APPLE = x509.ObjectIdentifier("1.2.840.113635.100.8.2")


def _point(cose: Any) -> bytes:
    return bytes(cose[-2] + cose[-3])


# --- what becomes of them here ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS)
def test_the_specified_authentications_hold_or_are_refused_for_the_reason_given(vector: dict[str, Any]) -> None:
    said, refused = told(vector, "authentication"), vector["authentication"]["refused"]
    if vector["algorithm"] not in OURS:
        with pytest.raises(BadKey):
            passkey_of(vector)
        return
    key = passkey_of(vector)
    assert PublicKey.parse(key.format()) == key
    assertion = Assertion(authenticator_data=said["authenticatorData"], client_data_json=said["clientDataJSON"])
    assert answer_fault(key, said["challenge"], said["signature"], assertion) == refused
    other = Assertion(authenticator_data=said["authenticatorData"], client_data_json=said["clientDataJSON"] + b" ")
    expected = refused or "it is not the key's over these bytes"
    assert answer_fault(key, said["challenge"], said["signature"], other) == expected
    assert answer_fault(key, bytes(32), said["signature"], assertion) == "the challenge is another"


@pytest.mark.parametrize("vector", VECTORS)
def test_the_specified_data_of_both_ceremonies_are_read_as_they_are(vector: dict[str, Any]) -> None:
    for ceremony, type_ in (("registration", CREATE), ("authentication", GET)):
        said, refused = told(vector, ceremony), vector[ceremony]["refused"]
        client, challenge = said["clientDataJSON"], said["challenge"]
        framed = client_fault(client, ceremony=type_, challenge=challenge, origins=[SPECIFIED["origin"]])
        assert framed == (FRAMED if vector["name"].endswith("Origin") else None)
        foreign = client_fault(client, ceremony=type_, challenge=challenge, origins=["https://example.net"])
        assert foreign == "the origin is foreign"
        data = said.get("authenticatorData") or bytes(attested(vector)[1])
        fault = authenticator_fault(data, rp_id=SPECIFIED["rp_id"], attested=ceremony == "registration")
        assert (framed or fault) == refused
        elsewhere = authenticator_fault(data, rp_id="example.net", attested=ceremony == "registration")
        assert elsewhere == "the relying party is foreign"


def test_the_specification_has_vectors_of_every_outcome() -> None:
    vectors = SPECIFIED["vectors"]
    assert [vector["section"] for vector in vectors] == [f"16.{number}" for number in range(2, 17)]
    ours = [vector for vector in vectors if vector["algorithm"] in OURS]
    assert len(ours) == 11
    assert Counter(vector["authentication"]["refused"] for vector in ours) == {None: 3, NOT_VERIFIED: 6, FRAMED: 2}
    credentials = [attested(vector)[1].credential_data for vector in vectors]
    assert max(len(one.credential_id) for one in credentials if one is not None) == 1023
