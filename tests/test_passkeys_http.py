"""Making a passkey over HTTP: options, a challenge for one use, the browser's answer, and what it must not say."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor, cose
from hypothesis import given
from hypothesis import strategies as st

from registry.core.envelope import PAYLOAD_TYPE, PublicKey, pae
from registry.core.passkey import base64url, challenge_of
from registry.locks import clock
from registry.models import Key, PasskeyChallenge
from registry.services import passkeys, tokens
from registry.services.passkeys import PasskeyRefused
from tests.authenticator import ALGORITHMS, AT, BE, BS, ED, ORIGIN, UP, UV, Authenticator, resigned
from tests.world import Actor, World, new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(world: World, ada: Actor) -> str:
    return world.token(ada, "sign")


def call(path: str, body: Any, token: str, status: int = 200) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = Client().post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def offered(token: str, **more: Any) -> dict[str, Any]:
    return dict(call("passkeys/challenges", {"purpose": "create"} | more, token)["publicKey"])


def test_a_browser_is_asked_for_a_verified_person_and_for_post_quantum_keys_first(ada: Actor, token: str) -> None:
    options = offered(token)
    challenge = options.pop("challenge")
    assert len(base64.urlsafe_b64decode(challenge + "=")) == 32
    assert challenge != offered(token)["challenge"]
    assert options == {
        "rp": {"id": "localhost", "name": "Proviso"},
        "user": {"id": base64url(ada.id.encode()), "name": "Ada Marsh", "displayName": "Ada Marsh"},
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in (-48, -8, -7)],
        "timeout": 300_000,
        "excludeCredentials": [],
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "required"},
        "attestation": "none",
    }


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("flags", [UP | UV, UP | UV | BE | BS], ids=["bound", "synced"])
def test_what_an_authenticator_made_comes_back_as_a_key(token: str, algorithm: str, flags: int) -> None:
    phone = Authenticator(algorithm=algorithm, flags=flags)
    told = call("passkeys", {"credential": phone.create(offered(token))}, token, 201)
    assert PublicKey.parse(told["key"]) == phone.key
    assert told["keyid"] == phone.key.keyid
    assert not Key.objects.filter(keyid=told["keyid"]).exists(), "only a signed statement enrols"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_performer_enrols_with_a_passkey_as_the_first_key(world: World, algorithm: str) -> None:
    """From the enrolment token to `party.registered`, over HTTP alone."""
    party, phone = new_id(), Authenticator(algorithm=algorithm)
    secret = tokens.enrol(party=party, at=clock()).secret
    options = offered(secret, name="Ada Marsh")
    assert options["user"]["name"] == "Ada Marsh"
    key = call("passkeys", {"credential": phone.create(options)}, secret, 201)["key"]
    body = {"party": party, "kind": "person", "name": "Ada Marsh", "identifiers": {}, "affiliates": [], "born": None,
            "domicile": None, "unions": [], "key": key}  # fmt: skip
    asked = {"type": "party.registered", "issuer": party, "body": body, "language": "fr", "private": None}
    drafted = call("statements/draft", asked, secret)
    wanted = call("passkeys/challenges", {"purpose": "sign", "payload": drafted["payload"]}, secret)["publicKey"]
    payload = base64.b64decode(drafted["payload"])
    assert wanted["challenge"] == base64url(challenge_of(pae(PAYLOAD_TYPE, payload)))
    assert [one["id"] for one in wanted["allowCredentials"]] == [key["credential"]["id"]]
    assert (wanted["rpId"], wanted["userVerification"]) == ("localhost", "required")
    submission = {"envelope": _envelope(payload, phone), "text": drafted["text"], "private": None}
    assert call("statements", submission, secret, 201)["type"] == "party.registered"
    row = Key.objects.get(party=party)
    assert (row.keyid, row.kind, row.credential) == (phone.key.keyid, "webauthn", key["credential"])


def _envelope(payload: bytes, phone: Authenticator) -> dict[str, Any]:
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [phone.sign(payload).format()],
    }


def test_a_person_has_several_passkeys_and_no_device_makes_two(world: World, ada: Actor, token: str) -> None:
    for algorithm in ALGORITHMS:
        phone = Authenticator(algorithm=algorithm)
        key = call("passkeys", {"credential": phone.create(offered(token))}, token, 201)["key"]
        world.submit(resigned(world.signed("key.added", {"party": ada.id, "key": key}, by=ada), phone, keep=1))
    held = Key.objects.filter(party=ada.id, kind="webauthn").order_by("added")
    assert held.count() == 3
    named = [one["id"] for one in offered(token)["excludeCredentials"]]
    assert named == [row.credential["id"] for row in held if row.credential]
    gone = held[1]
    world.act("key.revoked", {"party": ada.id, "keyid": gone.keyid}, by=ada)
    assert gone.credential is not None
    assert gone.credential["id"] not in [one["id"] for one in offered(token)["excludeCredentials"]]


# --- the challenge ----------------------------------------------------------------------------------------------------


def test_a_challenge_serves_once(token: str) -> None:
    options = offered(token)
    call("passkeys", {"credential": Authenticator().create(options)}, token, 201)
    for phone in (Authenticator(), Authenticator(algorithm="ed25519")):
        answer = call("passkeys", {"credential": phone.create(options)}, token, 409)
        assert answer["code"] == "passkey_challenge"


def test_a_wrong_answer_uses_the_challenge_up(token: str) -> None:
    options = offered(token)
    wrong = Authenticator(flags=UP).create(options)
    assert call("passkeys", {"credential": wrong}, token, 400)["code"] == "passkey_refused"
    assert call("passkeys", {"credential": Authenticator().create(options)}, token, 409)["code"] == "passkey_challenge"


def test_a_challenge_is_the_partys_own(world: World, studio: Actor, token: str) -> None:
    options = offered(token)
    theirs = world.token(studio, "sign")
    answer = call("passkeys", {"credential": Authenticator().create(options)}, theirs, 409)
    assert answer["code"] == "passkey_challenge"
    call("passkeys", {"credential": Authenticator().create(options)}, token, 201)


@pytest.mark.parametrize(("age", "status"), [(timedelta(minutes=4, seconds=50), 201), (timedelta(minutes=5), 409)])
def test_a_challenge_lasts_five_minutes(token: str, age: timedelta, status: int) -> None:
    options = offered(token)
    row = PasskeyChallenge.objects.get()
    assert row.ends_at - row.made_at == timedelta(minutes=5)
    PasskeyChallenge.objects.update(ends_at=row.ends_at - age)
    call("passkeys", {"credential": Authenticator().create(options)}, token, status)


def test_a_challenge_that_was_made_up_is_refused_and_old_ones_are_cleared_away(token: str) -> None:
    made_up = {"challenge": base64url(bytes(32))}
    answer = call("passkeys", {"credential": Authenticator().create(made_up)}, token, 409)
    assert answer["code"] == "passkey_challenge"
    offered(token)
    PasskeyChallenge.objects.update(ends_at=clock())
    offered(token)
    assert PasskeyChallenge.objects.count() == 1


def test_few_challenges_are_open_at_once(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MAX_OPEN", 2)
    offered(token)
    offered(token)
    assert call("passkeys/challenges", {"purpose": "create"}, token, 409)["code"] == "too_many_challenges"
    PasskeyChallenge.objects.update(ends_at=clock())
    offered(token)


# --- what a browser or an authenticator must not say ------------------------------------------------------------------

Bend = Callable[[Authenticator], None]


def bent(*, says: dict[str, Any] | None = None, **fields: Any) -> Authenticator:
    return Authenticator(**fields, says=says or {})


REFUSED = {
    "crossOrigin": (bent(says={"crossOrigin": True}), "the page stood in a frame of another origin"),
    "topOrigin": (bent(says={"topOrigin": ORIGIN}), "the page stood in a frame of another origin"),
    "a signature": (bent(says={"type": "webauthn.get"}), "the client data is not of the type `webauthn.create`"),
    "foreign origin": (bent(origin="http://localhost:8001"), "the origin is foreign"),
    "foreign relying party": (bent(rp_id="example.com"), "the relying party is foreign"),
    "nobody present": (bent(flags=UV), "nobody was present"),
    "nobody verified": (bent(flags=UP), "the person was not verified"),
    "backed up, not to be": (bent(flags=UP | UV | BS), "the credential is backed up and says that it cannot be"),
    "extensions unsaid": (bent(extensions=b"\xa0"), "what the authenticator said cannot be read"),
    "no extensions": (bent(flags=UP | UV | ED), "what the authenticator said cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_new_passkey_that_says_too_much_or_too_little_is_refused(token: str, name: str) -> None:
    phone, problem = REFUSED[name]
    answer = call("passkeys", {"credential": phone.create(offered(token))}, token, 400)
    assert (answer["code"], answer["field"]) == ("passkey_refused", "credential")
    assert answer["detail"] == f"the new passkey is refused: {problem}"


def _made(phone: Authenticator, options: dict[str, Any], key: bytes, flags: int = UP | UV | AT) -> dict[str, Any]:
    attested = bytes(16) + len(phone.credential_id).to_bytes(2, "big") + phone.credential_id + key
    data = phone.authenticator_data(flags) + (attested if flags & AT else b"")
    obj = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
    return phone.registration(phone.client_data("webauthn.create", options["challenge"]), obj)


def test_a_key_of_an_algorithm_that_was_not_offered_is_refused(token: str) -> None:
    phone = Authenticator()
    p384 = cose.ES384.from_cryptography_key(ec.generate_private_key(ec.SECP384R1()).public_key())
    own = dict(cose.ES256.from_cryptography_key(phone.private_key.public_key()))
    keys = {
        "ES384": p384,
        "another algorithm's name": own | {3: -8},
        "another curve": own | {-1: 2},
        "not an algorithm": own | {3: "ES256"},
    }
    for key in keys.values():
        answer = call("passkeys", {"credential": _made(phone, offered(token), cbor.encode(key))}, token, 400)
        assert answer["detail"].endswith("its algorithm was not offered")
    spoilt = [own | {-2: bytes(32)}, own | {-2: b""}, own | {-3: "y"}, {1: 2}, own | {3: [-7]}, own | {1: {}, -1: []}]
    for key in (*spoilt, {label: value for label, value in own.items() if label != -3}):
        answer = call("passkeys", {"credential": _made(phone, offered(token), cbor.encode(key))}, token, 400)
        assert answer["code"] == "passkey_refused"
    call("passkeys", {"credential": _made(phone, offered(token), cbor.encode(own))}, token, 201)


def test_an_answer_without_a_key_or_of_another_credential_is_refused(token: str) -> None:
    phone = Authenticator()
    answer = call("passkeys", {"credential": _made(phone, offered(token), b"", UP | UV)}, token, 400)
    assert answer["detail"].endswith("the authenticator made no key")
    renamed = phone.create(offered(token)) | {"id": base64url(bytes(32))}
    answer = call("passkeys", {"credential": renamed}, token, 400)
    assert answer["detail"].endswith("the browser and the authenticator name different credentials")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "password"}, "bad_value"),
        ({"response": None}, "bad_type"),
        ({"response": {}}, "missing_field"),
        ({"response": {"clientDataJSON": "e30", "attestationObject": "oA"}}, "bad_type"),
        ({"response": {"clientDataJSON": "bm8", "attestationObject": "oA"}}, "not_json"),
        ({"response": {"clientDataJSON": "W10", "attestationObject": "oA"}}, "bad_type"),
        ({"response": {"clientDataJSON": "A" * 9_000, "attestationObject": "oA"}}, "bad_value"),
        ({"response": {"clientDataJSON": "e30", "attestationObject": "A" * 90_000}}, "bad_value"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused(token: str, change: dict[str, Any], code: str) -> None:
    usual = Authenticator().create(offered(token))
    assert call("passkeys", {"credential": usual | change}, token, 400)["code"] == code


@given(noise=st.binary(max_size=200), cut=st.integers(0, 300))
def test_an_attestation_object_of_any_bytes_is_read_or_refused(noise: bytes, cut: int) -> None:
    phone = Authenticator()
    whole = base64.urlsafe_b64decode(phone.create({"challenge": "AAAA"})["response"]["attestationObject"] + "==")
    deep, huge = b"\x81" * 3_000, cbor.encode({"fmt": "none", "attStmt": {}, "authData": 1 << 40})
    for damaged in (noise, whole[:cut], whole[:cut] + noise, whole[: cut // 2] + deep, huge):
        try:
            data, _ = passkeys._attested(damaged)
        except PasskeyRefused:
            continue
        assert data.credential_id


# --- signing ----------------------------------------------------------------------------------------------------------


def test_there_is_nothing_to_ask_of_a_party_without_a_passkey(ada: Actor, world: World, token: str) -> None:
    payload = world.signed("work.registered", {"work": new_id(), "title": "The Ridge", "kind": "film",
                                               "identifiers": {}}, by=ada)["envelope"]["payload"]  # fmt: skip
    answer = call("passkeys/challenges", {"purpose": "sign", "payload": payload}, token, 422)
    assert (answer["code"], answer["field"]) == ("no_passkey", "payload")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_field"),
        ({"purpose": "steal"}, "bad_value"),
        ({"purpose": "create", "payload": "e30="}, "unknown_field"),
        ({"purpose": "sign"}, "missing_field"),
        ({"purpose": "sign", "payload": "e30="}, "missing_field"),
        ({"purpose": "sign", "payload": "bm8="}, "not_json"),
    ],
)
def test_a_challenge_is_asked_for_in_one_of_two_ways(token: str, body: dict[str, Any], code: str) -> None:
    assert call("passkeys/challenges", body, token, 400)["code"] == code


def test_whoever_may_not_sign_makes_no_passkey(world: World, ada: Actor) -> None:
    reader = world.token(ada, "read")
    for path in ("passkeys", "passkeys/challenges"):
        assert call(path, {}, reader, 403)["code"] == "insufficient_scope"
