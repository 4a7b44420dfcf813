"""
A new kind of key is one entry of a table: planted here with Ed448, which nobody offers, and of use everywhere at once.

Whoever brings the algorithm of a later decade adds an entry to ``registry.core.algorithms``, one to
``registry.core.cosignature`` where logs or witnesses are to sign by it, and one to ``registry.services.passkeys`` once
authenticators make such keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from fido2 import cbor

from registry.core import algorithms, cosignature
from registry.core.algorithms import Algorithm, spki_of
from registry.core.checkpoint import Checkpoint, Note, NoteSigner, VerifierKey, open_checkpoint, sign_note
from registry.core.cosignature import SignatureType, pack_time
from registry.core.envelope import Envelope, PublicKey, sign_statement, verify_signatures
from registry.core.errors import BadKey, BadNote, BadSignature, Malformed
from registry.core.merkle import leaf_hash
from registry.core.quorum import cosigned
from registry.models import Key
from registry.services import passkeys
from tests.authenticator import AT, UP, UV, Authenticator, resigned
from tests.refusals import rebuilt
from tests.test_passkeys_http import call, offered
from tests.world import World, new_id

KIND, TYPE, COSE = "ed448", 0x7E, -53  # the second is nobody's, the last RFC 9864's
AT_S = 1_795_000_000
CHECKPOINT = Checkpoint(origin="log.example", size=1, root=leaf_hash(b"entry"))
KEY = Ed448PrivateKey.generate()


def _verify(spki: bytes, message: bytes, sig: bytes) -> bool:
    try:
        serialization.load_der_public_key(spki).verify(sig, message)
    except InvalidSignature:
        return False
    return True


def _check(spki: bytes) -> str | None:
    public = serialization.load_der_public_key(spki)
    return None if isinstance(public, Ed448PublicKey) and spki_of(public) == spki else "no Ed448 key"


ENTRY = Algorithm(
    holds=lambda key: isinstance(key, Ed448PrivateKey | Ed448PublicKey),
    check=_check,
    sign=lambda key, message: key.sign(message),
    verify=_verify,
    sig_bytes=114,
    verify_passkey=_verify,
)
NOTES = SignatureType(
    algorithm=cosignature.Algorithm(
        name="Ed448",
        kind=KIND,
        public_bytes=57,
        signature_bytes=114,
        check=lambda public: None,
        verify=lambda public, message, sig: Ed448PublicKey.from_public_bytes(public).verify(sig, message),
    ),
    by_log=True,
    by_witness=True,
    timed=True,
    message=lambda name, text, time_s: name.encode() + b"\0" + pack_time(time_s) + text.encode(),
)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(algorithms._TABLE, KIND, ENTRY)


def test_without_its_entry_it_is_no_key_and_signs_nothing() -> None:
    for kind in (KIND, "ed25519"):
        with pytest.raises(BadKey):
            PublicKey(kind=kind, spki=spki_of(KEY.public_key()))
    with pytest.raises(BadKey):
        sign_statement(b"{}", KEY)
    with pytest.raises(BadNote, match="signs no notes"):
        NoteSigner.of("log.example", KEY)


@pytest.mark.usefixtures("planted")
def test_by_its_entry_it_signs_and_is_verified() -> None:
    key = PublicKey.of(KEY)
    assert key.kind == KIND
    assert PublicKey.parse(key.format()) == key
    envelope = sign_statement(b"{}", KEY)
    assert Envelope.parse(envelope.format()) == envelope
    assert verify_signatures(envelope, {key.keyid: key}) == (key.keyid,)
    with pytest.raises(BadSignature):
        verify_signatures(Envelope(payload=b"[]", signatures=envelope.signatures), {key.keyid: key})
    short = envelope.format()
    short["signatures"][0]["sig"] = short["signatures"][0]["sig"][:-4]
    with pytest.raises(Malformed):
        Envelope.parse(short)


@pytest.mark.django_db
@pytest.mark.usefixtures("planted")
def test_by_its_entry_it_is_enrolled_signs_is_revoked_and_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr("tests.world.Ed25519PrivateKey", Ed448PrivateKey)
    ada = world.party("Ada Marsh", vouched=False)
    assert Key.objects.get(party=ada.id).kind == KIND
    world.work(ada)
    second = Ed448PrivateKey.generate()
    added = {"party": ada.id, "key": PublicKey.of(second).format()}
    world.submit(world.signed("key.added", added, by=ada, keys=(second, ada.key)))
    world.act("key.revoked", {"party": ada.id, "keyid": PublicKey.of(second).keyid}, by=ada)
    assert Key.objects.filter(party=ada.id, revoked=None).count() == 1
    rebuilt()


@pytest.mark.django_db
@pytest.mark.usefixtures("planted")
def test_by_a_second_entry_an_authenticator_makes_it_and_a_passkey_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(cose: Mapping[int, Any]) -> Ed448PublicKey:
        return Ed448PublicKey.from_public_bytes(cose[-2])

    monkeypatch.setattr(passkeys, "ALGORITHMS", MappingProxyType({COSE: read, **passkeys.ALGORITHMS}))
    world = World()
    ada = world.party("Ada Marsh", vouched=False)
    token, phone = world.token(ada, "sign"), Authenticator(private_key=KEY)
    options = offered(token)
    assert options["pubKeyCredParams"][0] == {"type": "public-key", "alg": COSE}
    cose = cbor.encode({1: 1, 3: COSE, -1: 7, -2: KEY.public_key().public_bytes_raw()})
    attested = bytes(16) + len(phone.credential_id).to_bytes(2, "big") + phone.credential_id + cose
    data = phone.authenticator_data(UP | UV | AT) + attested
    obj = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
    made = phone.registration(phone.client_data("webauthn.create", options["challenge"]), obj)
    key = call("passkeys", {"credential": made}, token, 201)["key"]
    assert PublicKey.parse(key) == phone.key
    added = world.signed("key.added", {"party": ada.id, "key": key}, by=ada)
    world.submit(resigned(added, phone, keep=1))
    work = {"work": new_id(), "title": "The Ridge", "kind": "film", "identifiers": {}}
    world.submit(resigned(world.signed("work.registered", work, by=ada), phone))
    rebuilt()


@pytest.mark.usefixtures("planted")
def test_by_one_entry_of_note_types_logs_and_witnesses_sign_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cosignature.TYPES, TYPE, NOTES)
    log, witness = NoteSigner.of("log.example", KEY), NoteSigner.witness("w.example", Ed448PrivateKey.generate())
    assert VerifierKey.parse(log.key.format()) == log.key
    data = sign_note(CHECKPOINT.format(), log, witness, time_s=AT_S).format()
    assert open_checkpoint(data, log.key) == CHECKPOINT
    assert [(one.key, one.time_s) for one in cosigned(Note.parse(data), [witness.key])] == [(witness.key, AT_S)]
    with pytest.raises(BadNote, match="line 5: "):
        open_checkpoint(data.replace(b"\n1\n", b"\n2\n"), log.key)
