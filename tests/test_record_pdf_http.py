"""`GET /statements/{digest}/record.pdf`: for whom, in which language, and that what comes out verifies."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from generation.selectors.bundle import trust
from generation.verify.__main__ import main
from registry.core.envelope import PublicKey
from registry.errors import Inadmissible
from registry.locks import clock
from registry.models import Party
from registry.statements import open_statement
from tests.authenticator import Authenticator, resigned
from tests.terms import authority, consent, revoked
from tests.world import Actor, World, licence_body
from web.record.gathering import record_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directories")]

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def granted(world: World, ada: Actor, studio: Actor) -> str:
    digest = world.act("consent.granted", consent(ada, studio), by=ada)
    world.publish()
    return digest


def fetch(world: World, who: Actor | None, digest: str, **query: str) -> Any:
    headers = {} if who is None else {"Authorization": f"Bearer {world.token(who, 'read')}"}
    return Client().get(f"/api/v1/statements/{digest}/record.pdf", query, headers=headers)


def verified(answer: Any, folder: Path, capsys: Capture, code: int = 0) -> dict[str, Any]:
    """Check what came out, without the database; return the report."""
    assert answer.status_code == 200, answer.content[:500]
    (folder / "record.pdf").write_bytes(answer.content)
    (folder / "trust.json").write_text(json.dumps(trust()))
    assert main([str(folder / "record.pdf"), "--trust", str(folder / "trust.json"), "--json"]) == code
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["outcome"] for step in report["steps"]}


def words_of(answer: Any) -> str:
    pages = pypdf.PdfReader(BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_the_performer_s_record_proves_text_signature_key_and_place(
    world: World, ada: Actor, granted: str, tmp_path: Path, capsys: Capture
) -> None:
    answer = fetch(world, ada, granted)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="record-{granted[:16]}.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    report = verified(answer, tmp_path, capsys)
    assert report["about"]["digest"] == granted
    found = outcomes(report)
    assert all(found[name] == "proven" for name in ("text", "signatures", "inclusion", "checkpoint", "keys", "page"))
    assert "Signed by Ada Marsh" in words_of(answer)
    assert f"http://testserver/api/v1/statements/{granted}/proof".split("/api")[0] in words_of(answer)


def test_the_grantee_s_copy_does_not_tell_when_the_performer_was_born(
    world: World, studio: Actor, granted: str, tmp_path: Path, capsys: Capture
) -> None:
    answer = fetch(world, studio, granted)
    assert b"1990-04-01" not in answer.content
    found = outcomes(verified(answer, tmp_path, capsys))
    assert (found["signatures"], found["keys"]) == ("proven", "vouched")


def test_it_is_for_those_whom_the_statement_concerns(
    world: World, ada: Actor, studio: Actor, other: Actor, granted: str
) -> None:
    agent = world.party("Bright Talent", kind="organisation")
    world.act("authority.granted", authority(ada, agent, powers=["view"]), by=ada)
    statuses = [fetch(world, who, granted).status_code for who in (ada, studio, agent, other, None)]
    assert statuses == [200, 200, 200, 403, 401]
    assert fetch(world, other, granted).json()["code"] == "not_yours"
    assert fetch(world, ada, "0" * 64).json()["code"] == "unknown_statement"
    assert fetch(world, ada, "nonsense").status_code == 400


def test_each_language_and_no_other(world: World, ada: Actor, granted: str) -> None:
    english, french = fetch(world, ada, granted, language="en"), fetch(world, ada, granted, language="fr")
    assert "CONSENT RECORD" in words_of(english)
    assert "not signed" not in words_of(english)
    assert "RELEVÉ DE CONSENTEMENT" in words_of(french)
    assert "Seul le texte anglais est signé" in words_of(french)
    assert words_of(french).index("By signing I allow") < words_of(french).index("En signant, j’autorise")
    refused = fetch(world, ada, granted, language="de")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_value")


def test_a_record_waits_for_its_receipt(world: World, ada: Actor, studio: Actor) -> None:
    digest = world.act("consent.granted", consent(ada, studio), by=ada)
    answer = fetch(world, ada, digest)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yet_published")


def test_a_statement_without_words_has_no_record(ada: Actor, granted: str) -> None:
    opened = open_statement(granted)
    assert opened is not None
    with pytest.raises(Inadmissible) as refused:
        record_of(replace(opened, text=None), language=None, party=ada.id, check_at="", at=clock())
    assert refused.value.code == "no_text"


def test_a_withdrawal_shows_on_the_record_of_what_it_ends_and_has_one_of_its_own(
    world: World, ada: Actor, studio: Actor, granted: str, tmp_path: Path, capsys: Capture
) -> None:
    assert "TAKEN BACK" not in words_of(fetch(world, ada, granted))
    taken = world.act("consent.revoked", revoked(ada, granted), by=ada)
    world.publish()
    assert "TAKEN BACK" in words_of(fetch(world, studio, granted))
    assert verified(fetch(world, ada, taken), tmp_path, capsys)["about"]["type"] == "consent.revoked"


def test_a_key_that_was_added_later_is_led_back_to_the_first(
    world: World, ada: Actor, studio: Actor, tmp_path: Path, capsys: Capture
) -> None:
    phone = Actor(id=ada.id, name=ada.name, kind=ada.kind, key=Ed25519PrivateKey.generate())

    body = {"party": ada.id, "key": PublicKey.of(phone.key).format()}
    world.submit(world.signed("key.added", body, by=ada, keys=(phone.key, ada.key)))
    digest = world.act("consent.granted", consent(ada, studio), by=phone)
    world.publish()
    report = verified(fetch(world, ada, digest), tmp_path, capsys)
    (keys,) = [step for step in report["steps"] if step["name"] == "keys"]
    assert keys["outcome"] == "proven"
    assert ada.keyid in keys["evidence"]
    assert phone.keyid in keys["evidence"]


def test_what_brings_a_key_has_a_record_that_the_key_itself_signed(
    world: World, ada: Actor, tmp_path: Path, capsys: Capture
) -> None:
    """Nothing can lie in the log before a first key: the statement that brings it is where it came from."""
    phone = Actor(id=ada.id, name=ada.name, kind=ada.kind, key=Ed25519PrivateKey.generate())
    body = {"party": ada.id, "key": PublicKey.of(phone.key).format()}
    added = world.submit(world.signed("key.added", body, by=ada, keys=(phone.key, ada.key)))
    world.publish()
    for digest in (Party.objects.get(id=ada.id).digest, added):
        found = outcomes(verified(fetch(world, ada, digest), tmp_path, capsys))
        assert (found["signatures"], found["keys"]) == ("proven", "proven")


@pytest.mark.parametrize(("algorithm", "said"), [("es256", "ECDSA P-256"), ("mldsa44", "ML-DSA-44")])
def test_a_passkey_signs_and_the_pdf_verifies_without_a_browser(
    algorithm: str, said: str, world: World, ada: Actor, studio: Actor, tmp_path: Path, capsys: Capture
) -> None:
    phone = Authenticator(algorithm=algorithm)
    added = world.signed("key.added", {"party": ada.id, "key": phone.key.format()}, by=ada)
    world.submit(resigned(added, phone, keep=1))
    digest = world.submit(resigned(world.signed("consent.granted", consent(ada, studio), by=ada), phone))
    world.publish()
    answer = fetch(world, ada, digest)
    assert f"a passkey, {said}" in words_of(answer)
    report = verified(answer, tmp_path, capsys)
    found = outcomes(report)
    assert [found[name] for name in ("signatures", "keys")] == ["proven", "proven"]


def test_an_agent_who_signs_is_named_with_the_principal(
    world: World, ada: Actor, studio: Actor, tmp_path: Path, capsys: Capture
) -> None:
    agent = world.party("Bright Talent", kind="organisation")
    world.act("authority.granted", authority(ada, agent, powers=["grant", "view"]), by=ada)
    digest = world.act("consent.granted", consent(ada, studio), by=agent)
    world.publish()
    answer = fetch(world, agent, digest)
    assert "Signed by Bright Talent" in words_of(answer)
    assert "In the name of Ada Marsh" in words_of(answer)
    assert verified(answer, tmp_path, capsys)["about"]["issuer"] == agent.id


def test_a_licence_has_a_record_too(
    world: World, gallery: Actor, studio: Actor, tmp_path: Path, capsys: Capture
) -> None:
    plate = world.asset(gallery)
    digest = world.act("licence.granted", licence_body(gallery, studio, plate), by=gallery)
    world.publish()
    answer = fetch(world, gallery, digest)
    assert "LICENCE RECORD" in words_of(answer)
    assert verified(answer, tmp_path, capsys)["about"]["type"] == "licence.granted"
