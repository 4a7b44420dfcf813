"""Statements over HTTP: what is well said is kept once, and each fault gets one stable code and changes nothing."""

from __future__ import annotations

import base64
import copy
import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.apps import apps
from django.test import Client

from registry.api import statements
from registry.core.envelope import PublicKey, format_statement, sign_statement
from registry.core.jcs import canonical, parse_json
from registry.locks import clock
from registry.models import Project
from registry.services import tokens
from tests.world import Actor, World, new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directories")]


Submission = dict[str, Any]


@pytest.fixture
def stranger(world: World) -> Actor:
    return world.party("Westwind", kind="organisation")


def send(secret: str | None, submission: object) -> Any:
    headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
    body = submission if isinstance(submission, bytes) else json.dumps(submission).encode()
    return Client().post("/api/v1/statements", body, content_type="application/json", headers=headers)


def project_body(studio: Actor) -> dict[str, Any]:
    return {
        "project": new_id(),
        "title": "The Ridge",
        "kind": "film",
        "producer": studio.id,
        "agreement": None,
        "signatory": None,
        "governing_law": None,
        "parent": None,
    }


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in apps.get_app_config("registry").get_models()}


def resigned(submission: Submission, payload: bytes, *keys: Ed25519PrivateKey) -> Submission:
    """The submission with another payload, rightly signed: only the payload is at fault."""
    return submission | {"envelope": sign_statement(payload, *keys).format()}


def payload_of(submission: Submission) -> bytes:
    return base64.b64decode(submission["envelope"]["payload"])


def with_field(submission: Submission, key: Ed25519PrivateKey, *path: str, value: object) -> Submission:
    """Change one field of the payload and sign again."""
    payload: Any = parse_json(payload_of(submission))
    target = payload
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = value
    return resigned(submission, canonical(payload), key)


def refused(secret: str | None, submission: object, *, status: int, code: str) -> dict[str, Any]:
    """Send it, and show that it was refused with this code and that no row came or went."""
    before = rows()
    answer = send(secret, submission)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert problem["status"] == status
    assert rows() == before
    return dict(problem)


def test_a_statement_is_kept_once_and_the_same_envelope_gets_the_first_answer(world: World, studio: Actor) -> None:
    secret, submission = world.token(studio), world.signed("project.registered", project_body(studio), by=studio)
    first = send(secret, submission)
    assert first.status_code == 201
    before = rows()
    again = send(secret, submission)
    assert (again.status_code, again.json()) == (200, first.json())
    assert rows() == before
    assert Project.objects.count() == 1


def test_a_stored_statement_and_its_receipt_can_be_read_back(world: World, studio: Actor) -> None:
    secret = world.token(studio)
    submission = world.signed("project.registered", project_body(studio), by=studio, private={"budget": "secret"})
    digest = send(secret, submission).json()["digest"]
    headers = {"Authorization": f"Bearer {secret}"}
    assert Client().get(f"/api/v1/statements/{digest}/proof", headers=headers).json()["code"] == "not_yet_published"
    with ExitStack() as held:  # as many wait as may: who comes then has an answer at once, and a thread stays free
        for _ in range(statements.MAX_WAITING):
            held.enter_context(statements._waiting)
        began = time.monotonic()
        waiting = Client().get(f"/api/v1/statements/{digest}/proof?wait=1")
        assert (waiting.json()["code"], time.monotonic() - began < statements.WAIT_S) == ("not_yet_published", True)
    world.publish()
    read = Client().get(f"/api/v1/statements/{digest}", headers=headers).json()
    assert read["envelope"] == submission["envelope"]
    assert read["text"] == submission["text"]
    assert read["private"] == submission["private"]
    assert isinstance(read["index"], int)
    proof = Client().get(f"/api/v1/statements/{digest}/proof")
    assert proof.headers["Content-Type"].startswith("text/plain")
    assert proof.headers["Content-Disposition"] == f'inline; filename="{digest}.tlog-proof"'
    assert proof.content.startswith(b"c2sp.org/tlog-proof@v1\n")


def test_a_statement_is_shown_to_nobody_whom_it_does_not_concern(world: World, studio: Actor, stranger: Actor) -> None:
    digest = world.act("project.registered", project_body(studio), by=studio)
    headers = {"Authorization": f"Bearer {world.token(stranger)}"}
    answer = Client().get(f"/api/v1/statements/{digest}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")


def test_a_draft_comes_back_signed_and_is_accepted(world: World, studio: Actor) -> None:
    secret = world.token(studio)
    headers = {"Authorization": f"Bearer {secret}"}
    request = {"type": "project.registered", "issuer": studio.id, "body": project_body(studio), "language": "fr"}
    drafted = (
        Client()
        .post("/api/v1/statements/draft", json.dumps(request), content_type="application/json", headers=headers)
        .json()
    )
    assert "Titre\N{NO-BREAK SPACE}: The Ridge" in drafted["text"]
    envelope = sign_statement(base64.b64decode(drafted["payload"]), studio.key)
    answer = send(secret, {"envelope": envelope.format(), "text": drafted["text"], "private": drafted["private"]})
    assert answer.status_code == 201


Spoil = Callable[[World, Actor, Actor, Submission], object]


def duplicate_key(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    payload = payload_of(good).replace(b'"vocabulary":1', b'"vocabulary":1,"vocabulary":1')
    return resigned(good, payload, studio.key)


def duplicate_key_outside(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return json.dumps(good)[:-1].encode() + b',"private":null}'


def float_number(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return resigned(good, payload_of(good).replace(b'"vocabulary":1', b'"vocabulary":1.0'), studio.key)


def non_canonical(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return resigned(good, payload_of(good).replace(b'{"body"', b'{ "body"', 1), studio.key)


def flipped_signature(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    spoilt = copy.deepcopy(good)
    sig = bytearray(base64.b64decode(spoilt["envelope"]["signatures"][0]["sig"]))
    sig[3] ^= 1
    spoilt["envelope"]["signatures"][0]["sig"] = base64.b64encode(bytes(sig)).decode()
    return spoilt


def changed_after_signing(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    spoilt = copy.deepcopy(good)
    changed = payload_of(good).replace(b"The Ridge", b"The Ledge")
    spoilt["envelope"]["payload"] = base64.b64encode(changed).decode()
    return spoilt


def foreign_key(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return resigned(good, payload_of(good), stranger.key)


def own_and_foreign_key(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return resigned(good, payload_of(good), studio.key, stranger.key)


def key_of_nobody(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return resigned(good, payload_of(good), Ed25519PrivateKey.generate())


def unknown_field(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return with_field(good, studio.key, "body", "budget", value=3)


def unknown_header(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return with_field(good, studio.key, "mood", value="good")


def unknown_type(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return with_field(good, studio.key, "type", value="project.painted")


def reserved_type(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return with_field(good, studio.key, "type", value="engine.overridden")


def unknown_vocabulary(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return with_field(good, studio.key, "vocabulary", value=2)


def stale(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    at = clock() - timedelta(hours=24, seconds=2)
    return world.signed("project.registered", project_body(studio), by=studio, at=at)


def future(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    at = clock() + timedelta(minutes=5, seconds=5)
    return world.signed("project.registered", project_body(studio), by=studio, at=at)


def other_text(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return good | {"text": "Something else"}


def no_text(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return good | {"text": None}


def unasked_private(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return good | {"private": {"salt": "AAAAAAAAAAAAAAAAAAAAAA=="}}


def other_private(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    submission = world.signed("project.registered", project_body(studio), by=studio, private={"budget": 1})
    return submission | {"private": submission["private"] | {"budget": 2}}


def foreign_producer(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return world.signed("project.registered", project_body(stranger), by=studio)


def known_id(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    body = project_body(studio)
    world.act("project.registered", body, by=studio)
    return world.signed("project.registered", body, by=studio)


def unknown_parent(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return world.signed("project.registered", project_body(studio) | {"parent": new_id()}, by=studio)


def registrys_own_kind(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    body = {
        "clearance": new_id(), "kind": "shot", "request_sha256": "0" * 64, "at": "2026-11-24T00:00:00Z",
        "expires_at": "2026-11-25T00:00:00Z", "facts_digest": "0" * 64, "tree_size": 1, "grounds": [], "assets": [],
        "shot": None, "replaces": None, "manifest_sha256": None, "seconds": 0, "epochs": 0,
    }  # fmt: skip
    payload = format_statement(
        type="clearance.issued", id=new_id(), issued_at=clock().replace(microsecond=0), issuer=studio.id,
        nonce=bytes(16), body=body,
    )  # fmt: skip
    return {"envelope": sign_statement(payload, studio.key).format(), "text": None, "private": None}


def not_an_envelope(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return good | {"envelope": "signed, honestly"}


def not_json(world: World, studio: Actor, stranger: Actor, good: Submission) -> object:
    return b"{"


FAULTS: list[tuple[Spoil, int, str]] = [
    (duplicate_key, 400, "duplicate_key"),
    (duplicate_key_outside, 400, "duplicate_key"),
    (float_number, 400, "float_not_allowed"),
    (non_canonical, 400, "not_canonical"),
    (flipped_signature, 400, "bad_signature"),
    (changed_after_signing, 400, "bad_signature"),
    (foreign_key, 403, "wrong_key"),
    (own_and_foreign_key, 403, "wrong_key"),
    (key_of_nobody, 400, "unknown_key"),
    (unknown_field, 400, "unknown_field"),
    (unknown_header, 400, "unknown_field"),
    (unknown_type, 400, "unknown_type"),
    (reserved_type, 400, "unknown_type"),
    (unknown_vocabulary, 400, "unknown_vocabulary"),
    (stale, 400, "stale_statement"),
    (future, 400, "future_statement"),
    (other_text, 400, "text_mismatch"),
    (no_text, 400, "text_mismatch"),
    (unasked_private, 400, "private_mismatch"),
    (other_private, 400, "private_mismatch"),
    (foreign_producer, 403, "not_the_issuer"),
    (known_id, 409, "already_registered"),
    (unknown_parent, 422, "unknown_project"),
    (registrys_own_kind, 403, "not_the_issuer"),
    (not_an_envelope, 400, "bad_type"),
    (not_json, 400, "not_json"),
]


@pytest.mark.parametrize(("spoil", "status", "code"), FAULTS, ids=lambda value: getattr(value, "__name__", None))
def test_a_fault_gets_one_stable_code_and_changes_nothing(
    world: World, studio: Actor, stranger: Actor, spoil: Spoil, status: int, code: str
) -> None:
    secret, good = world.token(studio), world.signed("project.registered", project_body(studio), by=studio)
    refused(secret, spoil(world, studio, stranger, good), status=status, code=code)
    assert send(secret, good).status_code == 201  # the same statement without the fault goes in


def test_another_envelope_over_a_known_payload_is_refused(world: World, studio: Actor) -> None:
    second = Ed25519PrivateKey.generate()
    add_key(world, studio, second)
    secret, good = world.token(studio), world.signed("project.registered", project_body(studio), by=studio)
    assert send(secret, good).status_code == 201
    problem = refused(secret, resigned(good, payload_of(good), second), status=409, code="envelope_differs")
    assert len(problem["digest"]) == 64


def add_key(world: World, actor: Actor, key: Ed25519PrivateKey) -> str:
    body = {"party": actor.id, "key": PublicKey.of(key).format()}
    return world.submit(world.signed("key.added", body, by=actor, keys=(key, actor.key)))


def test_a_revoked_key_signs_nothing_more(world: World, studio: Actor) -> None:
    second = Ed25519PrivateKey.generate()
    add_key(world, studio, second)
    world.act("key.revoked", {"party": studio.id, "keyid": studio.keyid}, by=studio)
    late = world.signed("project.registered", project_body(studio), by=studio)
    refused(world.token(studio), late, status=403, code="key_revoked")
    assert send(world.token(studio), resigned(late, payload_of(late), second)).status_code == 201


@pytest.mark.parametrize(
    ("spoil", "status", "code"),
    [
        (lambda world, studio, stranger: None, 401, "not_authenticated"),
        (lambda world, studio, stranger: "proviso_" + "A" * 43, 401, "bad_token"),
        (lambda world, studio, stranger: "nonsense", 401, "bad_token"),
        (lambda world, studio, stranger: world.token(stranger), 403, "foreign_token"),
        (lambda world, studio, stranger: world.token(studio, "read"), 403, "insufficient_scope"),
    ],
    ids=["none", "unknown", "malformed", "foreign", "narrow"],
)
def test_a_token_that_does_not_fit_is_refused(
    world: World, studio: Actor, stranger: Actor, spoil: Any, status: int, code: str
) -> None:
    good = world.signed("project.registered", project_body(studio), by=studio)
    refused(spoil(world, studio, stranger), good, status=status, code=code)
    assert send(world.token(studio, "sign"), good).status_code == 201


def test_a_stale_or_revoked_token_is_refused(world: World, studio: Actor) -> None:
    good, at = world.signed("project.registered", project_body(studio), by=studio), clock()
    long_ago = at - timedelta(days=2)
    ended = tokens.create(party=studio.id, scopes=["sign"], ends_at=at - timedelta(seconds=1), at=long_ago)
    refused(ended.secret, good, status=401, code="token_expired")
    revoked = tokens.create(party=studio.id, scopes=["sign"], ends_at=at + timedelta(days=1), at=at)
    tokens.revoke(revoked.token_id, at=at)
    refused(revoked.secret, good, status=401, code="bad_token")
