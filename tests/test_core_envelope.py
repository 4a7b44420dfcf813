"""Keys, signatures and statements: Wycheproof, the DSSE example, and every envelope that must be refused."""

import base64
import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from registry.core.envelope import (
    MAX_SIGNATURES,
    PAYLOAD_TYPE,
    Envelope,
    PublicKey,
    Signature,
    canonical,
    format_statement,
    pae,
    parse_statement,
    sha256_hex,
    sign,
    sign_statement,
    verify,
    verify_signatures,
)
from registry.core.errors import BadKey, BadSignature, DomainError, Malformed, UnknownKey
from registry.core.keys import check_ed25519_point
from tests.vectors import VECTORS, needs_vectors

PARTY = "0193e1a0-0000-7000-8000-000000000001"
STATEMENT = "0193e1a0-0000-7000-8000-0000000000aa"
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
P256 = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1())
PAYLOAD = format_statement(
    type="consent.granted",
    id=STATEMENT,
    issued_at=datetime(2026, 11, 23, 15, tzinfo=UTC),
    issuer=PARTY,
    nonce=bytes(16),
    body={"performer": PARTY},
)


def _spki(public: object) -> bytes:
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _wycheproof(name: str) -> list[tuple[bytes, bytes, bytes, bool, str]]:
    """Return (SPKI, message, signature, valid, comment) of every case."""
    whole = json.loads((VECTORS / "wycheproof" / f"{name}.json").read_text())
    return [
        (
            bytes.fromhex(group["publicKeyDer"]),
            bytes.fromhex(case["msg"]),
            bytes.fromhex(case["sig"]),
            case["result"] == "valid",
            f"{case['tcId']} {case['comment']}",
        )
        for group in whole["testGroups"]
        for case in group["tests"]
    ]


@needs_vectors
@pytest.mark.parametrize(
    ("name", "kind", "count"),
    [("ed25519_test", "ed25519", 151), ("ecdsa_secp256r1_sha256_p1363_test", "es256", 262)],
)
def test_wycheproof_signatures_are_judged_as_published(name: str, kind: str, count: int) -> None:
    cases = _wycheproof(name)
    assert len(cases) == count
    assert 10 < sum(valid for *_, valid, _ in cases) < count - 10
    for spki, message, sig, valid, comment in cases:
        assert verify(PublicKey(kind=kind, spki=spki), message, sig) is valid, comment


@needs_vectors
def test_wycheproof_der_signatures_hold_once_written_as_r_and_s() -> None:
    held = 0
    for spki, message, sig, valid, comment in _wycheproof("ecdsa_secp256r1_sha256_test"):
        key = PublicKey(kind="es256", spki=spki)
        assert not verify(key, message, sig) or len(sig) == 64, comment
        if valid:
            r, s = decode_dss_signature(sig)
            assert verify(key, message, r.to_bytes(32, "big") + s.to_bytes(32, "big")), comment
            held += 1
    assert held > 100


# --- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("private_key", [ED25519, P256], ids=["ed25519", "es256"])
def test_a_key_signs_what_it_alone_verifies(private_key: object) -> None:
    key = PublicKey.of(private_key)
    sig = sign(private_key, b"message")
    assert sig == sign(private_key, b"message"), "signing draws no randomness"
    assert len(sig) == 64
    assert verify(key, b"message", sig)
    assert not verify(key, b"massage", sig)
    for damaged in (b"", sig[:-1], sig + b"\0", bytes(64), b"\xff" * 64, bytes([sig[0] ^ 1]) + sig[1:]):
        assert not verify(key, b"message", damaged)
    assert not verify(PublicKey.of(P256 if private_key is ED25519 else ED25519), b"message", sig)


@pytest.mark.parametrize("private_key", [ED25519, P256], ids=["ed25519", "es256"])
def test_a_key_is_read_as_it_was_written(private_key: object) -> None:
    key = PublicKey.of(private_key)
    assert PublicKey.parse(key.format()) == key
    assert key.keyid == sha256_hex(key.spki)


# RFC 8032 curve arithmetic in its plainest form, to see that the list of low-order points is the whole list
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P


def _add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    product = _D * a[0] * b[0] * a[1] * b[1]
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, _P) % _P
    return x, (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, _P) % _P


def _decode(encoded: bytes) -> tuple[int, int] | None:
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if x * x % _P != square:
        return None
    return (-x % _P if x & 1 != encoded[31] >> 7 else x), y


def _low_order_points() -> list[bytes]:
    """Generate the eight points whose order divides 8 from one of order 8, found by clearing the prime factor."""
    prime = 2**252 + 27742317777372353535851937790883648493
    for seed in range(2, 50):
        point = _decode(seed.to_bytes(32, "little"))
        if point is None:
            continue
        torsion, doubled = (0, 1), point
        for bit in range(prime.bit_length()):
            if prime >> bit & 1:
                torsion = _add(torsion, doubled)
            doubled = _add(doubled, doubled)
        multiples = [(0, 1)]
        for _ in range(7):
            multiples.append(_add(multiples[-1], torsion))
        if len(set(multiples)) == 8:
            return [(y | (x & 1) << 255).to_bytes(32, "little") for x, y in multiples]
    raise AssertionError("no point of order eight found")


def test_all_eight_low_order_points_are_refused_as_keys() -> None:
    points = _low_order_points()
    assert len(set(points)) == 8
    for encoded in points:
        assert check_ed25519_point(encoded) == "the point is of low order"
        with pytest.raises(BadKey):
            PublicKey(kind="ed25519", spki=_spki(ed25519.Ed25519PublicKey.from_public_bytes(encoded)))


def test_a_point_that_is_not_canonical_or_not_on_the_curve_is_refused_as_a_key() -> None:
    for y, problem in ((_P + 3, "canonical"), (2**255 - 1, "canonical"), (2, "curve")):
        assert problem in str(check_ed25519_point(y.to_bytes(32, "little")))
    for private_key in (ED25519, ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))):
        assert check_ed25519_point(private_key.public_key().public_bytes_raw()) is None


def _compressed_p256() -> bytes:
    uncompressed = _spki(P256.public_key())
    point = P256.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    prefix = uncompressed[: -len(P256.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)) - 3]
    bits = b"\x03" + bytes([len(point) + 1]) + b"\x00" + point
    body = prefix[2:] + bits
    return b"\x30" + bytes([len(body)]) + body


def test_a_second_spelling_of_a_p256_key_is_refused() -> None:
    spki = _compressed_p256()
    assert isinstance(load_der_public_key(spki), ec.EllipticCurvePublicKey), "it is the same key to a lenient reader"
    with pytest.raises(BadKey):
        PublicKey(kind="es256", spki=spki)


@pytest.mark.parametrize(
    ("kind", "spki"),
    [
        ("ed25519", _spki(P256.public_key())),
        ("es256", _spki(ED25519.public_key())),
        ("es256", _spki(ec.derive_private_key(7, ec.SECP384R1()).public_key())),
        ("es256", _spki(ec.derive_private_key(7, ec.SECP256K1()).public_key())),
        ("ed25519", _spki(rsa.generate_private_key(65537, 2048).public_key())),
        ("ed25519", _spki(ED25519.public_key()) + b"\0"),
        ("ed25519", _spki(ED25519.public_key())[:-1]),
        ("ed25519", b""),
        ("es256", b"\x30\x00"),
        ("rsa", _spki(ED25519.public_key())),
        ("rs256", _spki(P256.public_key())),
    ],
)
def test_a_key_of_another_kind_or_broken_is_refused(kind: str, spki: bytes) -> None:
    with pytest.raises(BadKey) as refusal:
        PublicKey.parse({"kind": kind, "spki": base64.b64encode(spki).decode()}, "body.key")
    assert (refusal.value.code, refusal.value.field) == ("bad_key", "body.key")


# --- envelopes --------------------------------------------------------------------------------------------------------


def test_the_signed_bytes_are_those_of_the_dsse_protocol() -> None:
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected
    assert pae("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def test_an_envelope_is_read_as_it_was_written() -> None:
    envelope = sign_statement(PAYLOAD, ED25519, P256)
    assert Envelope.parse(envelope.format()) == envelope
    assert envelope.digest == sha256_hex(PAYLOAD)
    assert envelope.envelope_sha256 == sha256_hex(canonical(envelope.format()))


def test_every_signature_is_checked_and_named() -> None:
    envelope = sign_statement(PAYLOAD, ED25519, P256)
    keys = {key.keyid: key for key in map(PublicKey.of, (ED25519, P256))}
    assert verify_signatures(envelope, keys) == tuple(signature.keyid for signature in envelope.signatures)


@pytest.mark.parametrize("number", [0, 1])
def test_one_bad_signature_refuses_the_whole_envelope(number: int) -> None:
    envelope = sign_statement(PAYLOAD, ED25519, P256)
    keys = {key.keyid: key for key in map(PublicKey.of, (ED25519, P256))}
    bad = envelope.signatures[number]
    damaged = Signature(keyid=bad.keyid, kind=bad.kind, sig=bad.sig[:-1] + bytes([bad.sig[-1] ^ 1]))
    signatures = (damaged, envelope.signatures[1]) if number == 0 else (envelope.signatures[0], damaged)
    with pytest.raises(BadSignature) as refusal:
        verify_signatures(Envelope(payload=PAYLOAD, signatures=signatures), keys)
    assert (refusal.value.code, refusal.value.field) == ("bad_signature", f"signatures[{number}]")


def test_a_signature_over_other_bytes_is_refused() -> None:
    envelope = sign_statement(PAYLOAD, ED25519)
    key = PublicKey.of(ED25519)
    other = Envelope(payload=PAYLOAD.replace(b"consent.granted", b"consent.revoked"), signatures=envelope.signatures)
    with pytest.raises(BadSignature):
        verify_signatures(other, {key.keyid: key})


def test_a_signature_over_the_bare_payload_is_refused() -> None:
    key = PublicKey.of(ED25519)
    signature = Signature(keyid=key.keyid, kind=key.kind, sig=ED25519.sign(PAYLOAD))
    with pytest.raises(BadSignature):
        verify_signatures(Envelope(payload=PAYLOAD, signatures=(signature,)), {key.keyid: key})


def test_a_signature_that_says_another_kind_than_its_key_is_refused() -> None:
    key = PublicKey.of(ED25519)
    signature = Signature(keyid=key.keyid, kind="es256", sig=sign(ED25519, pae(PAYLOAD_TYPE, PAYLOAD)))
    with pytest.raises(BadSignature):
        verify_signatures(Envelope(payload=PAYLOAD, signatures=(signature,)), {key.keyid: key})


def test_a_key_that_is_not_given_or_stands_under_another_name_is_unknown() -> None:
    envelope = sign_statement(PAYLOAD, ED25519)
    key, other = PublicKey.of(ED25519), PublicKey.of(P256)
    for keys in ({}, {other.keyid: other}, {key.keyid: other}):
        with pytest.raises(UnknownKey) as refusal:
            verify_signatures(envelope, keys)
        assert refusal.value.code == "unknown_key"


def _with(**changes: object) -> dict[str, object]:
    return sign_statement(PAYLOAD, ED25519).format() | changes


def _signature(**changes: object) -> dict[str, object]:
    return sign_statement(PAYLOAD, ED25519).signatures[0].format() | changes


@pytest.mark.parametrize(
    ("obj", "code", "field"),
    [
        ([], "bad_type", None),
        (_with(extra=1), "unknown_field", "extra"),
        (_with(payloadType="application/json"), "bad_value", "payloadType"),
        (_with(payload="e30"), "bad_base64", "payload"),
        (_with(payload="e31="), "bad_base64", "payload"),
        (_with(payload="e3 0="), "bad_base64", "payload"),
        (_with(payload=None), "bad_type", "payload"),
        (_with(signatures=[]), "bad_value", "signatures"),
        (_with(signatures=[_signature()] * 2), "duplicate_value", "signatures"),
        (_with(signatures=[_signature()] * (MAX_SIGNATURES + 1)), "bad_value", "signatures"),
        (_with(signatures=[_signature(keyid="ab")]), "bad_value", "signatures[0].keyid"),
        (_with(signatures=[_signature(kind="rsa")]), "bad_value", "signatures[0].kind"),
        (_with(signatures=[_signature(sig="AAAA")]), "bad_value", "signatures[0].sig"),
        (_with(signatures=[_signature(clientDataJSON="")]), "unknown_field", "signatures[0].clientDataJSON"),
    ],
)
def test_an_envelope_of_another_form_is_refused(obj: object, code: str, field: str | None) -> None:
    with pytest.raises(Malformed) as refusal:
        Envelope.parse(obj)
    assert (refusal.value.code, refusal.value.field) == (code, field)


# --- statements -------------------------------------------------------------------------------------------------------


def _header(**changes: object) -> dict[str, object]:
    return json.loads(PAYLOAD) | changes


def test_a_statement_is_read_as_it_was_written() -> None:
    statement = parse_statement(PAYLOAD)
    assert statement.type == "consent.granted"
    assert statement.body == {"performer": PARTY}
    assert statement.digest == sha256_hex(PAYLOAD)
    assert (
        format_statement(
            type=statement.type,
            id=statement.id,
            issued_at=statement.issued_at,
            issuer=statement.issuer,
            nonce=statement.nonce,
            body=statement.body,
        )
        == PAYLOAD
    )


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"type": "consent.forged"}, "unknown_type", "type"),
        ({"type": 1}, "bad_type", "type"),
        ({"id": STATEMENT.replace("-7", "-4")}, "bad_id", "id"),
        ({"issuer": "nobody"}, "bad_id", "issuer"),
        ({"issued_at": "2026-11-23T15:00:00.0Z"}, "bad_time", "issued_at"),
        ({"nonce": "AAAA"}, "bad_value", "nonce"),
        ({"nonce": base64.b64encode(bytes(17)).decode()}, "bad_value", "nonce"),
        ({"vocabulary": 2}, "unknown_vocabulary", "vocabulary"),
        ({"vocabulary": True}, "bad_type", "vocabulary"),
        ({"body": []}, "bad_type", "body"),
        ({"extra": None}, "unknown_field", "extra"),
    ],
)
def test_a_statement_with_another_header_is_refused_at_its_field(changes: dict, code: str, field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_statement(canonical(_header(**changes)))
    assert (refusal.value.code, refusal.value.field) == (code, field)


@pytest.mark.parametrize("name", ["type", "id", "issued_at", "issuer", "nonce", "vocabulary", "body"])
def test_a_statement_without_one_of_its_fields_is_refused(name: str) -> None:
    header = _header()
    del header[name]
    with pytest.raises(Malformed) as refusal:
        parse_statement(canonical(header))
    assert (refusal.value.code, refusal.value.field) == ("missing_field", name)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (PAYLOAD + b"\n", "not_canonical"),
        (json.dumps(json.loads(PAYLOAD)).encode(), "not_canonical"),
        (PAYLOAD.replace(b'"vocabulary":1', b'"vocabulary":1.0'), "float_not_allowed"),
        (PAYLOAD.replace(b'"vocabulary":1', b'"vocabulary":1,"vocabulary":1'), "duplicate_key"),
        (PAYLOAD.replace(b"granted", b"gr\\u0061nted"), "not_canonical"),
        (PAYLOAD[:-1], "not_json"),
        (b"\xff" + PAYLOAD, "not_utf8"),
        (b"", "not_json"),
    ],
)
def test_a_payload_that_is_not_canonical_json_is_refused(payload: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_statement(payload)
    assert refusal.value.code == code


def test_no_byte_of_a_payload_can_be_changed_without_another_digest_or_a_refusal() -> None:
    read = refused = 0
    for position in range(len(PAYLOAD)):
        damaged = PAYLOAD[:position] + bytes([PAYLOAD[position] ^ 1]) + PAYLOAD[position + 1 :]
        try:
            assert parse_statement(damaged).digest != sha256_hex(PAYLOAD)
            read += 1
        except DomainError:
            refused += 1
    assert read > 20
    assert refused > 100


def test_every_field_of_a_header_is_in_the_order_of_canonical_json() -> None:
    names = list(json.loads(PAYLOAD))
    assert all(before < after for before, after in pairwise(names))
