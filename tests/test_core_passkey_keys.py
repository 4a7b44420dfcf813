"""Passkeys as keys and entries of envelopes: what cannot be read, and which pages belong to a relying party."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

from registry.core.algorithms import spki_of
from registry.core.envelope import PublicKey, Signature
from registry.core.errors import BadKey, Malformed
from registry.core.passkey import base64url, belongs
from tests.authenticator import Authenticator

PAYLOAD = b"{}"  # of any bytes: nothing is read here


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"authenticatorData": None}, "bad_type"),
        ({"clientDataJSON": ""}, "bad_value"),
        ({"clientDataJSON": "e30="}, "bad_base64"),
        ({"clientDataJSON": "e31"}, "bad_base64"),  # stray bits: a second spelling
        ({"clientDataJSON": "++//"}, "bad_base64"),
        ({"authenticatorData": "A" * 2_000}, "bad_value"),
        ({"sig": ""}, "bad_value"),
        ({"sig": "A" * 4_000}, "bad_value"),
        ({"signature": "AAAA"}, "unknown_field"),
        ({"kind": "ed25519"}, "unknown_field"),
        ({"kind": "rs256"}, "bad_value"),
    ],
)
def test_an_entry_that_breaks_its_format_is_refused(change: dict[str, Any], code: str) -> None:
    entry = Authenticator(algorithm="ed25519").sign(PAYLOAD).format()
    assert Signature.parse(entry).kind == "webauthn"
    with pytest.raises(Malformed) as refused:
        Signature.parse(entry | change)
    assert refused.value.code == code


def test_a_plain_signature_carries_no_assertion() -> None:
    entry = Authenticator(algorithm="ed25519").sign(PAYLOAD).format()
    bare = {name: entry[name] for name in ("keyid", "kind", "sig")}
    with pytest.raises(Malformed) as missing:
        Signature.parse(bare)
    assert missing.value.code == "missing_field"
    assert Signature.parse(bare | {"kind": "ed25519"}).assertion is None


@pytest.mark.parametrize(
    ("credential", "problem"),
    [
        ({"id": base64url(bytes(15))}, "the credential id has"),
        ({"rp_id": "Example.org"}, "not a domain name"),
        ({"rp_id": "example.org/"}, "not a domain name"),
        ({"rp_id": "-a.example"}, "not a domain name"),
        ({"origins": ["http://localhost:8000", "http://localhost:8000"]}, "ascending, each once"),
        ({"origins": ["http://localhost:9000", "http://localhost:8000"]}, "ascending, each once"),
        ({"origins": ["https://example.org"]}, "no origin of the relying party"),
        ({"rp_id": "org", "origins": ["https://exampleorg"]}, "no origin of the relying party"),
    ],
)
def test_a_passkeys_credential_makes_sense_or_is_refused(credential: dict[str, Any], problem: str) -> None:
    usual = Authenticator().key.format()
    assert PublicKey.parse(usual).passkey is not None
    with pytest.raises(BadKey, match=problem):
        PublicKey.parse(usual | {"credential": usual["credential"] | credential}, "body.key")  # type: ignore[operator]  # an object


def test_a_key_has_a_credential_exactly_where_it_is_a_passkey() -> None:
    key = Authenticator(algorithm="ed25519").key
    with pytest.raises(BadKey):
        PublicKey(kind="ed25519", spki=key.spki, passkey=key.passkey)
    with pytest.raises(BadKey):
        PublicKey(kind="webauthn", spki=key.spki)
    with pytest.raises(Malformed):
        PublicKey.parse({"kind": "webauthn", "spki": key.format()["spki"]})
    with pytest.raises(Malformed):
        PublicKey.parse(key.format() | {"kind": "ed25519"})


@pytest.mark.parametrize(
    "public",
    [
        ec.generate_private_key(ec.SECP384R1()).public_key(),
        ed448.Ed448PrivateKey.generate().public_key(),
        rsa.generate_private_key(65_537, 2_048).public_key(),
    ],
    ids=["P-384", "Ed448", "RSA"],
)
def test_a_passkey_of_an_algorithm_that_is_not_ours_is_no_key(public: Any) -> None:
    with pytest.raises(BadKey):
        PublicKey(kind="webauthn", spki=spki_of(public), passkey=Authenticator().key.passkey)


@pytest.mark.parametrize(
    ("origin", "rp_id", "belong"),
    [
        ("https://example.org", "example.org", True),
        ("https://sign.example.org", "example.org", True),
        ("https://example.org:8443", "example.org", True),
        ("http://localhost:8000", "localhost", True),
        ("http://localhost", "localhost", True),
        ("https://localhost", "localhost", True),
        ("https://example.org:443", "example.org", False),  # a browser leaves the default port out
        ("http://localhost:80", "localhost", False),
        ("https://example.org:70000", "example.org", False),
        ("https://example.org:0443", "example.org", False),
        ("http://example.org", "example.org", False),
        ("http://a.localhost:8000", "localhost", False),
        ("https://evil-example.org", "example.org", False),
        ("https://example.org.evil.net", "example.org", False),
        ("https://org", "example.org", False),
        ("https://example.org/", "example.org", False),
        ("https://EXAMPLE.org", "example.org", False),
        ("https://user@example.org", "example.org", False),
        ("android:apk-key-hash:abc", "example.org", False),
        ("null", "example.org", False),
        ("", "example.org", False),
    ],
)
def test_an_origin_belongs_to_a_relying_party_as_browsers_have_it(origin: str, rp_id: str, belong: bool) -> None:
    assert belongs(origin, rp_id) is belong
