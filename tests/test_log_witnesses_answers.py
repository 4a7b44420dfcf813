"""Whatever a witness answers that is no cosignature: it is reported by a stable code, and blocks nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from registry import log
from registry.core.checkpoint import Checkpoint as Head
from registry.core.checkpoint import NoteSigner, sign_note
from registry.core.note import format_signatures
from registry.core.submission import Submission
from registry.log import folder, publisher, witnessing
from registry.log.identity import origin, signers
from registry.log.witnessing import CODES, COSIGNED, WitnessesMissing
from registry.models import Checkpoint
from tests.asked import KEY, Asked, cosignature, dripping, listening, newest, publish, said
from tests.log_walk import append, digest, walk
from tests.witness_scene import ListLog, ed, raw


@pytest.fixture(autouse=True)
def log_dir(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.LOG_DIR = tmp_path / "log"
    monkeypatch.setattr(publisher, "_cosigned_sizes", {})
    monkeypatch.setattr(witnessing, "TIMEOUT_S", 5.0)
    return settings.LOG_DIR


@pytest.fixture
def scene(settings, tmp_path: Path) -> Iterator[Asked]:
    with ExitStack() as stack:
        yield Asked(settings, tmp_path, stack)


SECOND = NoteSigner.witness("second.example", ed(92)).key


def _broken(body: bytes) -> bytes:
    line = cosignature(body)
    return line.replace(line[-12:-4], b"AAAAAAAA")


def _another_tree(body: bytes) -> bytes:
    head = Submission.parse(body).checkpoint
    return cosignature(body, text=replace(head, root=bytes(32)).format())


def _late(body: bytes) -> bytes:
    time.sleep(1.5)
    return raw(200, cosignature(body))


ANSWERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "400": ("witness_bad_request", lambda body: raw(400, b"no\n")),
    "403": ("witness_key_unknown", lambda body: raw(403, b"who?\n")),
    "404": ("witness_log_unknown", lambda body: raw(404, b"")),
    "422": ("witness_bad_proof", lambda body: raw(422, b"it does not extend\n")),
    "500": ("witness_refused", lambda body: raw(500, b"<html>")),
    "204": ("witness_refused", lambda body: raw(204, b"")),
    "301": ("witness_redirected", lambda body: raw(301, b"", "Location: http://127.0.0.1:9/add-checkpoint")),
    "307 with a cosignature": ("witness_redirected", lambda body: raw(307, cosignature(body), "Location: /x")),
    "409 and prose": ("witness_garbage", lambda body: raw(409, b"conflict\n")),
    "409 and nothing": ("witness_garbage", lambda body: raw(409, b"")),
    "409 and a negative size": ("witness_garbage", lambda body: raw(409, b"-1\n")),
    "409 and two sizes": ("witness_garbage", lambda body: raw(409, b"1\n2\n")),
    "409 for ever": ("witness_stale", lambda body: raw(409, b"1\n")),
    "409 from the future": ("witness_ahead", lambda body: raw(409, b"900\n")),
    "409 from beyond all numbers": ("witness_garbage", lambda body: raw(409, b"9" * 60 + b"\n")),
    "nothing": ("witness_unreachable", lambda body: b""),
    "no HTTP": ("witness_garbage", lambda body: b"220 mail.example ESMTP\r\n"),
    "a status of words": ("witness_garbage", lambda body: b"HTTP/1.1 OK fine\r\n\r\n"),
    "headers without end": ("witness_garbage", lambda body: b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000),
    "200 and nothing": ("witness_garbage", lambda body: raw(200, b"")),
    "200 and a page": ("witness_garbage", lambda body: raw(200, b"<html>welcome</html>\n")),
    "200 and bytes": ("witness_garbage", lambda body: raw(200, bytes(range(256)))),
    "200 and cut off": ("witness_garbage", lambda body: raw(200, cosignature(body)[:-20])),
    "200 and megabytes": ("witness_garbage", lambda body: raw(200, b"x" * 3_000_000)),
    "a chunk that is none": (
        "witness_garbage",
        lambda body: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ),
    "a stranger's cosignature": (
        "witness_silent",
        lambda body: raw(200, cosignature(body, signer=NoteSigner.witness("who.example", ed(91)))),
    ),
    "its name, another key": (
        "witness_silent",
        lambda body: raw(200, cosignature(body, signer=NoteSigner.witness(KEY.name, ed(91)))),
    ),
    "our own signature": ("witness_silent", lambda body: raw(200, _ours(body))),
    "a broken cosignature": ("witness_bad_cosignature", lambda body: raw(200, _broken(body))),
    "a cosignature of another tree": ("witness_bad_cosignature", lambda body: raw(200, _another_tree(body))),
    "a good one and a broken one": (
        "witness_bad_cosignature",
        lambda body: raw(200, cosignature(body) + _broken(body)),
    ),
    "a cosignature of last year": ("witness_clock", lambda body: raw(200, cosignature(body, lead_s=-31_536_000))),
    "a cosignature of tomorrow": ("witness_clock", lambda body: raw(200, cosignature(body, lead_s=86_400))),
}


def _ours(body: bytes) -> bytes:
    return format_signatures(Submission.parse(body).note.signatures).encode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ANSWERS)
def test_a_witness_that_does_not_cosign_is_reported_and_blocks_nothing_that_is_published(
    name: str, scene: Asked, log_dir: Path
) -> None:
    code, answer = ANSWERS[name]
    append(0)
    assert publish() is not None
    before = (log_dir / "checkpoint").read_bytes()
    scene.fake(answer)
    scene.ask(1)
    append(1, 2)
    with pytest.raises(WitnessesMissing) as missing:
        publish()
    assert said(missing.value) == {KEY.name: code}, missing.value.extra()
    assert (log_dir / "checkpoint").read_bytes() == before
    assert log.proof(digest(0)) is not None
    assert (log.tree_size(), log.indices([digest(1)])) == (1, {digest(1): None})
    # The same house with one honest witness beside it publishes, and nothing was lost.
    scene.honest(1)
    scene.ask(1)
    added = publish()
    assert added is not None
    assert {signature.name for signature in newest().signatures} == {origin(), "w1.example"}
    walk(3)


def test_every_code_that_an_answer_may_have_is_shown_here() -> None:
    elsewhere = {COSIGNED, "witness_timed_out", "witness_busy"}
    assert {code for code, _ in ANSWERS.values()} | elsewhere == {*CODES}


@pytest.mark.django_db
def test_nobody_at_the_address_counts_as_no_answer(scene: Asked) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        scene.at(f"http://127.0.0.1:{closed.getsockname()[1]}")
        scene.ask(1)
        append(0)
        with pytest.raises(WitnessesMissing) as missing:
            publish()
    assert said(missing.value) == {KEY.name: "witness_unreachable"}


@pytest.mark.django_db
def test_who_is_slow_is_not_waited_for_once_there_are_enough(scene: Asked) -> None:
    scene.fake(_late)
    scene.honest(0)
    scene.ask(1)
    append(0)
    began = time.monotonic()
    assert publish() is not None
    assert time.monotonic() - began < 1.2


@pytest.mark.django_db
def test_who_has_not_answered_yet_is_not_asked_again_while_there_are_enough_others(scene: Asked) -> None:
    """A busy log publishes hundreds of times before a dead witness's time is over."""
    with listening() as (url, _):
        scene.at(url)
        scene.honest(0)
        scene.ask(1)
        for number in range(6):
            append(number)
            assert publish() is not None
        asking = [thread for thread in threading.enumerate() if thread.name == f"asks {url}"]
        assert len(asking) == 1
        scene.fake(lambda body: raw(500, b""))
        scene.lines = [scene.lines[0], scene.lines[-1].replace(KEY.key.format(), SECOND.format())]
        scene.ask(1)
        append(6)
        with pytest.raises(WitnessesMissing) as missing:
            publish()
        assert said(missing.value) == {KEY.name: "witness_busy", SECOND.name: "witness_refused"}


@pytest.mark.django_db
@pytest.mark.parametrize("silent", ["accepts", "drips"])
def test_who_never_ends_is_waited_for_no_longer_than_the_limit(
    silent: str, scene: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnessing, "TIMEOUT_S", 0.5)
    with listening() as (url, server):
        scene.at(url)
        scene.ask(1)
        append(0)
        if silent == "drips":
            scene.stack.enter_context(dripping(server))
        began = time.monotonic()
        with pytest.raises(WitnessesMissing) as missing:
            publish()
    assert time.monotonic() - began < 2
    assert said(missing.value) == {KEY.name: "witness_timed_out"}


@pytest.mark.django_db
def test_a_quorum_is_not_reached_by_one_witness_that_answers_twice(scene: Asked) -> None:
    scene.honest(0)  # signs with two keys
    scene.fake(lambda body: raw(500, b""))
    scene.ask(2)
    append(0)
    with pytest.raises(WitnessesMissing) as missing:
        publish()
    assert (missing.value.have, missing.value.quorum) == (1, 2)
    assert said(missing.value) == {"w0.example": COSIGNED, KEY.name: "witness_refused"}


@pytest.mark.django_db
def test_a_log_that_was_set_back_finds_no_witness_for_another_history(scene: Asked, log_dir: Path) -> None:
    """The witness saw five entries of another tree: its word cannot be had for ours."""
    witness = scene.honest(0)
    scene.ask(1)
    other = ListLog(origin=origin())
    other.grow(5)
    lying = sign_note(Head.parse(other.note(5).text).format(), *signers())
    body = Submission(old_size=0, proof=(), note=lying).format()
    assert witness.add_checkpoint(body, now_s=int(time.time())).status == 200
    append(0, 1)
    with pytest.raises(WitnessesMissing) as ahead:
        publish()
    assert said(ahead.value) == {"w0.example": "witness_ahead"}
    append(2, 3, 4, 5)
    with pytest.raises(WitnessesMissing) as contradicted:
        publish()
    assert said(contradicted.value) == {"w0.example": "witness_bad_proof"}
    assert not Checkpoint.objects.exists()
    assert folder.read_checkpoint() is None
