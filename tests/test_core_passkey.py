"""Passkeys offline: all three algorithms, and everything that must be refused."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.core.envelope import (
    PAYLOAD_TYPE,
    Envelope,
    PublicKey,
    Signature,
    format_statement,
    pae,
    verify_signatures,
)
from registry.core.errors import BadSignature
from registry.core.keys import answer_fault, verify
from registry.core.passkey import CREATE, Assertion, base64url
from registry.core.times import parse_time
from tests.authenticator import ALGORITHMS, AT, BE, BS, ED, ORIGIN, RP_ID, UP, UV, Authenticator

PARTY = "0193e1a0-0000-7000-8000-000000000001"
PAYLOAD = format_statement(
    type="consent.granted",
    id="0193e1a0-0000-7000-8000-0000000000aa",
    issued_at=parse_time("2026-11-23T15:00:00Z", field="issued_at"),
    issuer=PARTY,
    nonce=bytes(16),
    body={"performer": PARTY},
)
MESSAGE = pae(PAYLOAD_TYPE, PAYLOAD)
CHALLENGE = hashlib.sha256(MESSAGE).digest()


def envelope(*signatures: Signature) -> Envelope:
    return Envelope(payload=PAYLOAD, signatures=signatures)


def refusal(phone: Authenticator, key: PublicKey | None = None, payload: bytes = PAYLOAD) -> str:
    """Return why the phone's signature does not hold, empty where it does; the same offline and by the entry's JSON."""
    known = key or phone.key
    entry = Signature.parse(phone.sign(payload).format())
    try:
        assert verify_signatures(envelope(entry), {known.keyid: PublicKey.parse(known.format())}) == (known.keyid,)
    except BadSignature as error:
        return str(error).partition("does not verify: ")[2]
    return ""


# --- three algorithms -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("flags", [UP | UV, UP | UV | BE, UP | UV | BE | BS], ids=["bound", "syncable", "synced"])
def test_a_passkey_signs_a_statement_that_its_key_alone_verifies(algorithm: str, flags: int) -> None:
    phone = Authenticator(algorithm=algorithm, flags=flags)
    assert refusal(phone) == ""
    stranger = Authenticator(algorithm=algorithm)
    stolen = Signature(**{**_fields(phone.sign(PAYLOAD)), "keyid": stranger.key.keyid})
    with pytest.raises(BadSignature):
        verify_signatures(envelope(stolen), {stranger.key.keyid: stranger.key})


def _fields(signature: Signature) -> dict[str, Any]:
    return {"keyid": signature.keyid, "kind": signature.kind, "sig": signature.sig, "assertion": signature.assertion}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_passkeys_key_is_read_as_it_was_written_and_is_named_by_its_spki(algorithm: str) -> None:
    key = Authenticator(algorithm=algorithm).key
    assert PublicKey.parse(key.format()) == key
    assert key.keyid == hashlib.sha256(key.spki).hexdigest()
    signature = Authenticator(algorithm=algorithm).sign(PAYLOAD)
    assert Signature.parse(signature.format()) == signature


def test_one_envelope_bears_the_signatures_of_all_kinds() -> None:
    phones = [Authenticator(algorithm=algorithm) for algorithm in ALGORITHMS]
    signed = envelope(*(phone.sign(PAYLOAD) for phone in phones))
    again = Envelope.parse(json.loads(json.dumps(signed.format())))
    keys = {phone.key.keyid: phone.key for phone in phones}
    assert verify_signatures(again, keys) == tuple(phone.key.keyid for phone in phones)
    assert again.envelope_sha256 == signed.envelope_sha256


# --- what an authenticator or a browser must not say ------------------------------------------------------------------

Bend = Callable[[Authenticator], None]


def _set(**fields: Any) -> Bend:
    def bend(phone: Authenticator) -> None:
        for name, value in fields.items():
            setattr(phone, name, value)

    return bend


def _say(**said: Any) -> Bend:
    return lambda phone: phone.says.update(said)


REFUSED: list[tuple[str, Bend, str]] = [
    ("crossOrigin true", _say(crossOrigin=True), "the page stood in a frame of another origin"),
    ("crossOrigin not a truth value", _say(crossOrigin="false"), "the page stood in a frame of another origin"),
    ("crossOrigin null", _say(crossOrigin=None), "the page stood in a frame of another origin"),
    ("topOrigin", _say(topOrigin="https://example.com"), "the page stood in a frame of another origin"),
    ("topOrigin the same", _say(topOrigin=ORIGIN), "the page stood in a frame of another origin"),
    ("topOrigin null", _say(topOrigin=None), "the page stood in a frame of another origin"),
    ("nobody present", _set(flags=UV), "nobody was present"),
    ("nobody verified", _set(flags=UP), "the person was not verified"),
    ("backed up, not to be", _set(flags=UP | UV | BS), "the credential is backed up and says that it cannot be"),
    ("foreign relying party", _set(rp_id="example.com"), "the relying party is foreign"),
    ("foreign origin", _set(origin="http://localhost:8001"), "the origin is foreign"),
    ("origin of a list", _say(origin=[ORIGIN]), "the origin is foreign"),
    ("another challenge", _say(challenge=base64url(bytes(32))), "the challenge is another"),
    ("challenge with padding", _say(challenge=base64url(bytes(32)) + "="), "the challenge is another"),
    ("a registration", _say(type=CREATE), "the client data is not of the type `webauthn.get`"),
    ("no type", _say(type=None), "the client data is not of the type `webauthn.get`"),
    ("attested data", _set(flags=UP | UV | AT), "the authenticator data holds what its flags do not say"),
    ("no extensions", _set(flags=UP | UV | ED), "the authenticator data holds what its flags do not say"),
    ("extensions unsaid", _set(extensions=b"\xa0"), "the authenticator data holds what its flags do not say"),
    ("a float in the client data", _say(extra=1.5), "the client data cannot be read"),
]


@pytest.mark.parametrize(("bend", "problem"), [pytest.param(b, p, id=name) for name, b, p in REFUSED])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signature_that_says_too_much_or_too_little_is_refused(algorithm: str, bend: Bend, problem: str) -> None:
    phone = Authenticator(algorithm=algorithm)
    assert refusal(phone) == ""
    bend(phone)
    assert refusal(phone) == problem


def test_extensions_that_are_said_and_members_that_are_not_known_do_no_harm() -> None:
    assert refusal(Authenticator(flags=UP | UV | ED, extensions=b"\xa0")) == ""
    assert refusal(Authenticator(says={"extraData": "added later", "virtual": True})) == ""
    phone = Authenticator()
    phone.says = {"crossOrigin": False}
    assert refusal(phone) == ""


def test_a_signature_over_another_statement_does_not_hold_for_this_one() -> None:
    phone = Authenticator()
    other = phone.sign(PAYLOAD.replace(b"2026-11-23", b"2026-11-24"))
    with pytest.raises(BadSignature, match="the challenge is another"):
        verify_signatures(envelope(other), {phone.key.keyid: phone.key})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_client_data_written_anew_no_longer_verifies(algorithm: str) -> None:
    """The same JSON in other bytes: whoever keeps it parsed has lost the proof."""
    phone = Authenticator(algorithm=algorithm)
    signature = phone.sign(PAYLOAD)
    assert signature.assertion is not None
    said = json.loads(signature.assertion.client_data_json)
    for rewritten in (json.dumps(said), json.dumps(said, sort_keys=True, separators=(",", ":"))):
        assert json.loads(rewritten) == said
        spoilt = Assertion(
            authenticator_data=signature.assertion.authenticator_data, client_data_json=rewritten.encode()
        )
        fault = answer_fault(phone.key, CHALLENGE, signature.sig, spoilt)
        assert fault == "it is not the key's over these bytes"


def test_client_data_with_a_byte_order_mark_or_a_key_twice_is_not_read() -> None:
    phone = Authenticator()
    usual = phone.client_data("webauthn.get", base64url(CHALLENGE))
    twice = usual[:-1] + b',"crossOrigin":false}'
    for client in (b"\xef\xbb\xbf" + usual, twice, usual[:-1], b"[]", b"null", b"\xff"):
        assertion = Assertion(authenticator_data=phone.authenticator_data(UP | UV), client_data_json=client)
        fault = answer_fault(phone.key, CHALLENGE, phone.signs(assertion.signed), assertion)
        assert fault == "the client data cannot be read"


@pytest.mark.parametrize("length", [1, 31, 32, 33, 36])
def test_authenticator_data_that_is_cut_off_is_refused(length: int) -> None:
    phone = Authenticator()
    client = phone.client_data("webauthn.get", base64url(CHALLENGE))
    whole = phone.authenticator_data(UP | UV)
    for data, fault in ((whole, None), (whole[:length], "the authenticator data is too short")):
        assertion = Assertion(authenticator_data=data, client_data_json=client)
        assert answer_fault(phone.key, CHALLENGE, phone.signs(assertion.signed), assertion) == fault


def test_a_signature_by_another_algorithm_is_refused() -> None:
    phone = Authenticator(algorithm="es256")
    for algorithm in ("ed25519", "mldsa44"):
        other = Authenticator(algorithm=algorithm)
        other.credential_id = phone.credential_id
        stolen = Signature(**{**_fields(other.sign(PAYLOAD)), "keyid": phone.key.keyid})
        with pytest.raises(BadSignature, match="over these bytes"):
            verify_signatures(envelope(stolen), {phone.key.keyid: phone.key})


def test_a_passkey_signs_by_a_browser_alone() -> None:
    """Its bare signature over the statement, or the same key as another kind, would be without a person's touch."""
    phone = Authenticator(algorithm="ed25519")
    bare = phone.signs(MESSAGE)
    plain = PublicKey(kind="ed25519", spki=phone.spki)
    assert verify(plain, MESSAGE, bare)
    assert plain.keyid == phone.key.keyid
    for kind in ("ed25519", "webauthn"):
        entry = Signature(keyid=plain.keyid, kind=kind, sig=bare)
        with pytest.raises(BadSignature):
            verify_signatures(envelope(entry), {plain.keyid: phone.key})
    with pytest.raises(BadSignature):
        verify_signatures(envelope(phone.sign(PAYLOAD)), {plain.keyid: plain})


# --- every byte counts ------------------------------------------------------------------------------------------------

PHONES = {algorithm: Authenticator(algorithm=algorithm) for algorithm in ALGORITHMS}
SIGNED = {algorithm: phone.sign(PAYLOAD) for algorithm, phone in PHONES.items()}


@settings(max_examples=150, deadline=None)
@given(algorithm=st.sampled_from(ALGORITHMS), part=st.sampled_from(["sig", "data", "client"]), draw=st.data())
def test_no_bit_of_what_a_passkey_said_can_be_changed(algorithm: str, part: str, draw: st.DataObject) -> None:
    signature = SIGNED[algorithm]
    assert signature.assertion is not None
    parts = {
        "sig": signature.sig,
        "data": signature.assertion.authenticator_data,
        "client": signature.assertion.client_data_json,
    }
    place = draw.draw(st.integers(0, len(parts[part]) * 8 - 1))
    spoilt = bytearray(parts[part])
    spoilt[place // 8] ^= 1 << place % 8
    parts[part] = bytes(spoilt)
    assertion = Assertion(authenticator_data=parts["data"], client_data_json=parts["client"])
    assert PHONES[algorithm].rp_id == RP_ID
    assert not verify(PHONES[algorithm].key, MESSAGE, parts["sig"], assertion)
    assert verify(PHONES[algorithm].key, MESSAGE, signature.sig, signature.assertion)
