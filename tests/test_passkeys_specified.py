"""
The registrations of WebAuthn Level 3, section 16, at the door: each as it is, and each as its person would answer us.

As they are, four of fifteen make a key: most were made with nobody verified, and RS256 (16.10) was not offered. Their
attestation is not read, so that the same key may answer a challenge of ours with the person verified: then all eleven
of an algorithm that we offer make their key, and the four others none.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from fido2 import cbor

from registry.core.errors import DomainError
from registry.core.passkey import base64url
from registry.locks import clock
from registry.models import PasskeyChallenge
from registry.services import passkeys
from tests.authenticator import UV
from tests.test_core_passkey_vectors import OURS, SPECIFIED, attested, passkey_of, told
from tests.world import new_id

pytestmark = pytest.mark.django_db
NOT_OFFERED = "the new passkey is refused: its algorithm was not offered"


@pytest.fixture(autouse=True)
def _example(settings: Any) -> None:
    settings.PASSKEY_RP_ID, settings.PASSKEY_ORIGINS = SPECIFIED["rp_id"], [SPECIFIED["origin"]]


def answered(vector: dict[str, Any], challenge: bytes, client: bytes, attestation: bytes) -> str:
    """Answer a challenge of ours; return why the passkey is refused, empty where it is the vector's."""
    party, at = new_id(), clock()
    PasskeyChallenge.objects.create(
        challenge=challenge.hex()[:64], party=party, made_at=at, ends_at=at + passkeys.CHALLENGE_LASTS
    )
    credential = attested(vector)[1].credential_data
    assert credential is not None
    response = {"clientDataJSON": base64url(client), "attestationObject": base64url(attestation)}
    browser = {"type": "public-key", "id": base64url(credential.credential_id), "response": response}
    try:
        key = passkeys.made(browser, party=party, at=at)
    except DomainError as error:
        return str(error)
    assert key == passkey_of(vector)
    return ""


def test_the_specified_registrations_make_their_key_or_are_refused_for_the_reason_given() -> None:
    found = {}
    for vector in SPECIFIED["vectors"]:
        said, refused = told(vector, "registration"), vector["registration"]["refused"]
        found[vector["section"]] = answered(
            vector, said["challenge"], said["clientDataJSON"], said["attestationObject"]
        )
        if refused is not None:
            assert found[vector["section"]] == f"the new passkey is refused: {refused}"
    assert [section for section, problem in found.items() if not problem] == ["16.3", "16.7", "16.13", "16.14"]
    assert found["16.9"].startswith("`credential.response.clientDataJSON.challenge`")  # longer than any of ours
    assert found["16.10"] == NOT_OFFERED


def test_with_the_person_verified_the_same_keys_are_made_where_their_algorithm_is_offered() -> None:
    for number, vector in enumerate(SPECIFIED["vectors"]):
        challenge = bytes([number]) * passkeys.CHALLENGE_BYTES
        client = {"type": "webauthn.create", "challenge": base64url(challenge), "origin": SPECIFIED["origin"]}
        made, data = attested(vector)
        verified = bytes(data)[:32] + bytes([data.flags | UV]) + bytes(data)[33:]
        attestation = cbor.encode({**made, "authData": verified})
        problem = answered(vector, challenge, json.dumps(client).encode(), attestation)
        assert problem == ("" if vector["algorithm"] in OURS else NOT_OFFERED), vector["name"]
