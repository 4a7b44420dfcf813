"""A performer with nothing but a passkey: consents, is used, withdraws, and the papers prove it without us."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from generation.verify.__main__ import main as verify
from registry.core.envelope import PAYLOAD_TYPE, sign_statement
from registry.core.recovery import COOLING_S
from registry.locks import clock
from registry.models import Key
from registry.services import accept
from tests.authenticator import ALGORITHMS, Authenticator, resigned, signature_of
from tests.refusals import rebuilt
from tests.studio import Studio, consent_body
from tests.terms import authority, revoked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def studio(tmp_path: Path, settings: Any) -> Studio:
    return Studio.open(tmp_path, settings, consent=False)


@pytest.fixture
def secret(studio: Studio) -> str:
    return studio.world.token(studio.ada, "sign", "read")


def asked(studio: Studio, path: str, body: Any, secret: str) -> Any:
    answer = studio.post(path, body, secret=secret)
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


def signed(studio: Studio, phone: Authenticator, type_: str, body: dict[str, Any], secret: str) -> str:
    """Do what a page does: draft, ask for the challenge, let the phone sign, send; returns the digest."""
    draft = {"type": type_, "issuer": studio.ada.id, "body": body, "language": "fr", "private": None}
    drafted = asked(studio, "/statements/draft", draft, secret)
    wanted = asked(studio, "/passkeys/challenges", {"purpose": "sign", "payload": drafted["payload"]}, secret)
    assert base64.urlsafe_b64decode(wanted["publicKey"]["challenge"] + "=").hex() == drafted["pae_sha256"]
    signatures = [signature_of(phone.get(wanted["publicKey"]), phone.key)]
    if type_ == "key.added":  # beside the new key one that she has
        signatures.append(sign_statement(base64.b64decode(drafted["payload"]), studio.ada.key).signatures[0].format())
    envelope = {"payload": drafted["payload"], "payloadType": PAYLOAD_TYPE, "signatures": signatures}
    submission = {"envelope": envelope, "text": drafted["text"], "private": drafted["private"]}
    return str(asked(studio, "/statements", submission, secret)["digest"])


def enrolled(studio: Studio, algorithm: str, secret: str) -> Authenticator:
    """Make a passkey over HTTP, and let her first key bring it and end."""
    phone = Authenticator(algorithm=algorithm)
    options = asked(studio, "/passkeys/challenges", {"purpose": "create"}, secret)["publicKey"]
    key = asked(studio, "/passkeys", {"credential": phone.create(options)}, secret)["key"]
    signed(studio, phone, "key.added", {"party": studio.ada.id, "key": key}, secret)
    signed(studio, phone, "key.revoked", {"party": studio.ada.id, "keyid": studio.ada.keyid}, secret)
    assert [row.kind for row in Key.objects.filter(party=studio.ada.id, revoked=None)] == ["webauthn"]
    return phone


def codes(studio: Studio) -> list[str]:
    studio.world.publish()
    answer = asked(studio, "/clearances/check", studio.request(), studio.secret)
    return sorted({obstacle["code"] for obstacle in answer["obstacles"]})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_a_performer_signs_with_a_passkey_clears_and_what_she_withdraws_does_not(
    studio: Studio, secret: str, algorithm: str
) -> None:
    phone = enrolled(studio, algorithm, secret)
    phone.steps = 1
    assert codes(studio) == ["no_grant"]
    granted = signed(studio, phone, "consent.granted", consent_body(studio.ada, studio.producer), secret)
    assert codes(studio) == []
    signed(studio, phone, "consent.revoked", revoked(studio.ada, granted), secret)
    assert codes(studio) == ["revoked"]
    rebuilt()


def test_a_decision_follows_a_recovered_key_to_the_authority_that_brought_it(
    studio: Studio, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accept, "OLDEST", timedelta(days=400))  # a test cannot wait a week
    world, agent, phone = studio.world, studio.world.party("Bright Talent", kind="organisation"), Authenticator()
    mandate = authority(studio.ada, agent, powers=["recover"], acts=[])
    world.act("authority.granted", mandate, by=studio.ada)
    body = {"party": studio.ada.id, "key": phone.key.format()}
    long_ago = clock() - timedelta(seconds=COOLING_S)
    world.submit(resigned(world.signed("key.added", body, by=agent, at=long_ago), phone, keep=1))
    world.act("key.revoked", {"party": studio.ada.id, "keyid": studio.ada.keyid}, by=studio.ada)
    signed(studio, phone, "consent.granted", consent_body(studio.ada, studio.producer), secret)
    assert codes(studio) == []
    dispute = {"authority": mandate["authority"], "grounds": "not her agent", "evidence_sha256": "b" * 64}
    world.submit(world.signed("authority.disputed", dispute, by=studio.archive, at=long_ago + timedelta(days=1)))
    assert codes(studio) == ["unauthorised_signer"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_papers_of_a_shot_prove_a_consent_by_passkey_offline(
    studio: Studio, secret: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], algorithm: str
) -> None:
    phone = enrolled(studio, algorithm, secret)
    granted = signed(studio, phone, "consent.granted", consent_body(studio.ada, studio.producer), secret)
    studio.world.publish()
    shot = studio.released()
    studio.world.publish()
    file, bundle, trust = tmp_path / "out.mp4", tmp_path / "bundle.json", tmp_path / "trust.json"
    file.write_bytes(studio.get(f"/shots/{shot}/media").content)
    held = studio.get(f"/shots/{shot}/bundle").json()
    trust.write_text(json.dumps(held["trust"]))

    def judged(change: dict[str, str]) -> int:
        """Judge the papers with fields of the consent's signature changed."""
        for statement in held["statements"]:
            entry = statement["envelope"]["signatures"][0]
            if entry["kind"] == "webauthn" and b"consent.granted" in base64.b64decode(statement["envelope"]["payload"]):
                kept = dict(entry)
                entry |= change
                bundle.write_text(json.dumps(held))
                entry |= kept
                return verify([str(bundle), str(file), "--trust", str(trust)])
        raise AssertionError(f"the bundle does not hold the consent {granted}")

    assert judged({}) == 0, capsys.readouterr().out
    stranger = Authenticator(algorithm=algorithm).sign(b"{}").format()
    for name in ("sig", "authenticatorData", "clientDataJSON"):
        change = stranger[name] if name != "authenticatorData" else _without_verification(phone)
        assert judged({name: str(change)}) == 1, name


def _without_verification(phone: Authenticator) -> str:
    data = bytearray(phone.authenticator_data(0x01))
    return base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")
