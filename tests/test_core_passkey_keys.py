"""Passkeys as keys and entries of envelopes: what cannot be read, and which pages belong to a relying party."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

from registry.core.algorithms import spki_of
from registry.core.envelope import PublicKey, Signature
from registry.core.errors import BadKey, Malformed
from registry.core.passkey import Passkey, base64url, belongs, client_fault
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
        ("https://example.org:65535", "example.org", True),
        ("https://example.org:65536", "example.org", False),
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


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": 7}, "credential.id"),
        ({"id": "A" * 2_000}, "credential.id"),
        ({"origins": []}, "credential.origins"),
        ({"origins": [f"http://localhost:{port}" for port in range(8000, 8009)]}, "credential.origins"),
        ({"rp_id": "a" * 254}, "credential.rp_id"),
        ({"more": 1}, "credential.more"),
    ],
)
def test_what_cannot_be_read_of_a_credential_is_named(change: dict[str, Any], field: str) -> None:
    usual: Any = Authenticator().key.format()["credential"]
    assert Passkey.parse(usual).format() == usual
    with pytest.raises(Malformed) as refused:
        Passkey.parse(usual | change)
    assert refused.value.field == field


@pytest.mark.parametrize("name", ["authenticatorData", "clientDataJSON"])
@pytest.mark.parametrize("value", ["", "*", "A" * 8_000])
def test_what_cannot_be_read_of_an_assertion_is_named(name: str, value: str) -> None:
    entry = Authenticator(algorithm="ed25519").sign(PAYLOAD).format()
    assert Signature.parse(entry | {name: "AA"}).assertion is not None  # one byte is read, and then says too little
    with pytest.raises(Malformed) as refused:
        Signature.parse(entry | {name: value})
    assert refused.value.field == f"signature.{name}"


def test_a_credential_has_as_much_as_it_may_and_no_more() -> None:
    def fault(**changed: Any) -> str | None:
        usual: dict[str, Any] = {"credential_id": bytes(16), "origins": ("https://a.example",), "rp_id": "a.example"}
        return Passkey(**(usual | changed)).fault()

    assert fault() is None
    assert fault(credential_id=bytes(1023)) is None
    assert "`16` to `1023` bytes" in str(fault(credential_id=bytes(1024)))
    ports = [f"https://a.example:{port}" for port in range(8000, 8009)]
    assert fault(origins=tuple(ports[:8])) is None
    assert "`1` to `8`" in str(fault(origins=tuple(ports)))
    longest = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert len(longest) == 253
    assert fault(rp_id=longest, origins=(f"https://{longest}",)) is None
    assert fault(rp_id=f"{longest}a", origins=(f"https://{longest}a",)) == (
        "the relying party is not a domain name in lower case"
    )


def test_a_browser_that_says_nothing_of_frames_is_in_none_and_no_list_is_client_data() -> None:
    said = {"type": "webauthn.get", "challenge": base64url(bytes(32)), "origin": "https://a.example"}
    asked: dict[str, Any] = {"ceremony": "webauthn.get", "challenge": bytes(32), "origins": ["https://a.example"]}
    assert client_fault(json.dumps(said).encode(), **asked) is None
    padded = json.dumps(said | {"extra": "x" * 5_000}).encode()
    for unreadable in (b"[]", b'""', b"{", padded):
        assert client_fault(unreadable, **asked) == "the client data cannot be read"
