"""Records whose text names somebody who was erased since: they say so, prove the rest, and never pass for whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.test import Client

from generation.core.record_erased import ERASURE, format_erasures, parse_erasures
from generation.core.record_paper import ERASURES, TEXT
from generation.selectors.bundle import trust
from generation.services import erasing
from generation.verify.__main__ import main
from registry.core.checkpoint import Proof
from registry.core.envelope import canonical, sha256_hex
from tests.damaged_records import with_
from tests.decision_bodies import id_of
from tests.erasing import asked, make_due
from tests.records import Made, erased_at, erasure, made, text_of
from tests.terms import authority, consent
from tests.world import Actor, World

Capture = pytest.CaptureFixture[str]
GONE = ("studio",)


def judged(pdf: bytes, known: dict[str, Any], folder: Path, capsys: Capture) -> tuple[dict[str, Any], str]:
    """Run the command as a program and as a person would; return the report and what is printed."""
    (folder / "record.pdf").write_bytes(pdf)
    (folder / "trust.json").write_text(json.dumps(known))
    command = [str(folder / "record.pdf"), "--trust", str(folder / "trust.json")]
    code = main([*command, "--json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert main(command) == code == report["exit"]
    return report, capsys.readouterr().out


def step_of(report: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [step for step in report["steps"] if step["name"] == name]
    return found  # type: ignore[no-any-return]  # JSON


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(pdf)).pages)


@pytest.fixture(scope="module")
def gone() -> Made:
    return made(erased=GONE)


def test_a_text_that_lost_a_name_is_consistent_and_says_whose_when_and_by_which_statement(
    gone: Made, tmp_path: Path, capsys: Capture
) -> None:
    report, printed = judged(gone.pdf, gone.trust, tmp_path, capsys)
    assert (report["exit"], report["failed"]) == (2, None)
    outcomes = {step["name"]: step["outcome"] for step in report["steps"]}
    assert [name for name, outcome in outcomes.items() if outcome == "consistent"] == ["text"]
    assert all(
        outcomes[name] == "proven" for name in ("signatures", "inclusion", "checkpoint", "keys", "page", "trust")
    )
    (one,) = gone.record.erased
    assert report["about"]["erased"] == [{"party": one.party, "digest": one.digest, "at": "2026-11-24T09:50:00Z"}]
    evidence = step_of(report, "text")["evidence"]
    assert all(said in evidence for said in (one.party, one.digest, "2026-11-24T09:50:00Z", gone.record.text_sha256))
    assert outcomes["erasures"] == "vouched"
    assert "What is left of the text that was signed" in printed
    assert "names were erased from the text since it was signed" in printed.splitlines()[-1]
    assert "Northlight" not in printed


def test_whoever_knows_the_name_can_put_it_back_and_has_what_was_signed(gone: Made) -> None:
    """What a record cannot prove without the name, the name proves."""
    whole = gone.record.text.replace(id_of("studio"), f"Northlight ({id_of('studio')})")
    assert sha256_hex(whole.encode()) == gone.record.text_sha256 != sha256_hex(gone.record.text.encode())


@pytest.mark.parametrize(("language", "said"), [("en", "is not whole any more"), ("fr", "n’est plus complet")])
def test_the_page_says_it_too_and_shows_the_hash_that_was_signed(language: str, said: str) -> None:
    found = made(erased=GONE, signed_in=language, language=language)
    shown = words_of(found.pdf)
    assert said in shown
    assert found.record.text_sha256 in shown
    assert found.record.erased[0].digest[:12] in shown
    assert "Northlight" not in shown


Damage = Callable[[Made], bytes]


def of(found: Made, **fields: Any) -> bytes:
    """Attach the erasure with something else said of it."""
    changed = [replace(one, **fields) for one in found.record.erased]
    return with_(found, {ERASURES: canonical(format_erasures(changed))})


def more_than_the_name(found: Made) -> bytes:
    """The party is erased, and does not stand in the text any more."""
    return with_(found, {TEXT: found.record.text.replace(id_of("studio"), "somebody").encode()})


def twice(found: Made) -> bytes:
    return with_(found, {ERASURES: canonical(format_erasures(found.record.erased * 2))})


def another_entry(found: Made) -> bytes:
    """The log holds it, but it is no erasure."""
    index = len(found.log.entries) - 1
    wrong = erased_at(found.log, "studio", index)
    return with_(found, {ERASURES: canonical(format_erasures([wrong]))})


def before_the_statement(found: Made) -> bytes:
    """Who is erased is not named in a statement after it."""
    early = made(erased=GONE)
    at = early.log.append(erasure("film"), ERASURE)
    early.log.entries.insert(0, early.log.entries.pop(at))
    proof = Proof.parse(early.log.proof(early.record.proof.index + 1).encode())
    record = replace(early.record, proof=proof, erased=(erased_at(early.log, "studio", 0),))
    return with_(Made(pdf=b"", record=record, trust=early.trust, log=early.log), {})


def whole_after_all(found: Made) -> bytes:
    return with_(found, {TEXT: text_of(consent_of(found), "en").encode()})


def consent_of(found: Made) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(found.record.envelope.payload)["body"]
    return {name: value for name, value in body.items() if name not in ("language", "text_sha256", "private_sha256")}


DAMAGED: dict[str, tuple[Damage, str]] = {
    "erasures-not-attached": (lambda found: with_(found, {ERASURES: None}), "text"),
    "of-nobody": (lambda found: with_(found, {ERASURES: b'{"erasures":[],"v":1}'}), "attachments"),
    "noise": (lambda found: with_(found, {ERASURES: b"\xff\x00noise"}), "attachments"),
    "another-digest": (lambda found: of(found, digest="0" * 64), "text"),
    "another-envelope": (lambda found: of(found, envelope_sha256="0" * 64), "text"),
    "another-party": (lambda found: of(found, party=id_of("mallory")), "text"),
    "without-a-receipt": (lambda found: of(found, proof="none"), "text"),
    "receipt-of-the-statement": (lambda found: of(found, proof=found.record.proof.format().decode()), "text"),
    "no-erasure": (another_entry, "text"),
    "before-the-statement": (before_the_statement, "text"),
    "twice": (twice, "text"),
    "more-than-the-name": (more_than_the_name, "text"),
    "whole-after-all": (whole_after_all, "text"),
    "words-exchanged": (
        lambda found: with_(found, {TEXT: found.record.text.replace("body", "voice").encode(), ERASURES: None}),
        "text",
    ),
}


@pytest.mark.parametrize("attack", DAMAGED)
def test_damage_is_named_at_its_step(attack: str, gone: Made, tmp_path: Path, capsys: Capture) -> None:
    damage, step = DAMAGED[attack]
    report, _ = judged(damage(gone), gone.trust, tmp_path, capsys)
    assert (report["exit"], report["failed"]) == (1, step)


def test_a_whole_record_takes_no_erasures(tmp_path: Path, capsys: Capture) -> None:
    """A registry cannot exchange words and blame somebody's leaving without being seen: it is never `proven`."""
    whole, other = made(), made(erased=GONE)
    pdf = with_(whole, {ERASURES: canonical(format_erasures(other.record.erased))})
    assert judged(pdf, whole.trust, tmp_path, capsys)[0]["failed"] == "text"


def test_what_is_attached_reads_back_as_it_was(gone: Made) -> None:
    assert parse_erasures(format_erasures(gone.record.erased)) == gone.record.erased


# --- With a registry -------------------------------------------------------------------------------------------------


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_DIR, settings.LOG_DIR = tmp_path / "media", tmp_path / "log"
    return World()


@pytest.fixture
def ben(world: World) -> Actor:
    return world.party("Ben")


def fetch(world: World, who: Actor, digest: str, **query: str) -> Any:
    headers = {"Authorization": f"Bearer {world.token(who, 'read')}"}
    return Client().get(f"/api/v1/statements/{digest}/record.pdf", query, headers=headers)


@pytest.mark.django_db(transaction=True)
def test_records_of_others_go_on_after_an_erasure(
    world: World, ada: Actor, ben: Actor, studio: Actor, tmp_path: Path, capsys: Capture
) -> None:
    named = world.act("authority.granted", authority(ben, ada, powers=["grant", "view"]), by=ben)
    hers = world.act("consent.granted", consent(ada, studio), by=ada)
    for_him = world.act("consent.granted", consent(ben, studio), by=ada)
    world.publish()
    before = fetch(world, ben, named)
    assert judged(before.content, trust(), tmp_path, capsys)[0]["exit"] == 0
    request = asked(world, ada)
    make_due(request.id)
    digest = erasing.erase(request.id)[0]
    waiting = fetch(world, ben, named)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not_yet_published")
    world.publish()

    after = fetch(world, ben, named)
    report, _ = judged(after.content, trust(), tmp_path, capsys)
    assert report["exit"] == 2
    assert report["about"]["erased"][0]["party"] == ada.id
    assert report["about"]["erased"][0]["digest"] == digest
    assert step_of(report, "text")["outcome"] == "consistent"
    assert ada.name not in words_of(after.content)
    assert ada.name.encode() not in after.content
    french = fetch(world, ben, named, language="fr")
    assert "n’est plus complet" in words_of(french.content)
    assert judged(before.content, trust(), tmp_path, capsys)[0]["exit"] == 0, "what others hold goes on"

    unsigned = fetch(world, ben, for_him)
    assert (unsigned.status_code, unsigned.json()["code"]) == (410, "papers_erased")
    assert fetch(world, studio, hers).status_code == 404
