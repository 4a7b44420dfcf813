"""A witness: every status of ``add-checkpoint``, what it remembers, and that it never says two things."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from registry.core.checkpoint import Checkpoint, Note, open_checkpoint
from registry.core.merkle import EMPTY_ROOT
from registry.core.note import parse_signatures
from registry.core.quorum import cosigned
from registry.core.submission import MAX_SUBMISSION_BYTES, Submission
from registry.watch import witness_server
from registry.watch.witness import Witness
from tests.witness_scene import AT_S, ListLog, new_witness, post, served, serving

Post = Callable[[bytes], tuple[int, str, bytes]]


@pytest.fixture
def log() -> ListLog:
    return ListLog()


@pytest.fixture
def witness(tmp_path: Path, log: ListLog) -> Witness:
    return new_witness(tmp_path / "state", {log.origin: log.keys})


@pytest.fixture
def url(witness: Witness) -> Iterator[str]:
    with serving(served(witness, lambda: AT_S)) as address:
        yield address


def signatures_on(witness: Witness, note: Note, body: bytes) -> list[int]:
    """Return the times of the witness's verified cosignatures in an answer."""
    whole = note.signed_also(parse_signatures(body.decode()))
    assert [one.key for one in cosigned(whole, [signer.key for signer in witness.signers])] == [witness.signers[0].key]
    return [signature.time_s for signature in parse_signatures(body.decode())]


def test_it_follows_a_log_from_nothing_step_by_step(url: str, witness: Witness, log: ListLog) -> None:
    for old, size in ((0, 1), (1, 5), (5, 256), (256, 300), (300, 300)):
        status, kind, body = post(url, log.submission(old, size))
        assert (status, kind) == (200, "text/plain; charset=utf-8")
        assert signatures_on(witness, log.note(size), body) == [AT_S, AT_S]
    kept = witness.states.read(log.origin)
    assert kept is not None
    assert open_checkpoint(kept.format(), *log.keys) == Checkpoint.parse(log.note(300).text)


def test_an_empty_log_may_be_cosigned_and_grown_from(url: str, log: ListLog) -> None:
    assert post(url, log.submission(0, 0))[0] == 200
    assert post(url, log.submission(0, 4))[0] == 200


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_what_it_does_not_cosign_has_the_status_of_the_protocol_and_changes_nothing(
    status: int, url: str, witness: Witness, log: ListLog
) -> None:
    assert post(url, log.submission(0, 10))[0] == 200
    before = witness.states.read(log.origin)
    for name, body in REFUSED[status].items():
        answer = post(url, body(log))
        assert answer[0] == status, (name, answer)
        if status == 409:
            assert answer[1:] == ("text/x.tlog.size", b"10\n"), name
    assert witness.states.read(log.origin) == before
    assert post(url, log.submission(10, 12))[0] == 200


def _unsigned(log: ListLog) -> bytes:
    note = log.note(12)
    stranger = ListLog(origin=log.origin, key=41).note(12)
    return Submission(old_size=10, proof=(), note=replace(note, signatures=stranger.signatures)).format()


def _half_forged(log: ListLog) -> bytes:
    submission = Submission.parse(log.submission(10, 12))
    first, second = submission.note.signatures
    broken = replace(second, sig=second.sig[:-1] + bytes([second.sig[-1] ^ 1]))
    return replace(submission, note=replace(submission.note, signatures=(first, broken))).format()


def _extended(log: ListLog) -> bytes:
    """A checkpoint that ML-DSA-44 alone signed, with a line that somebody put below it."""
    submission = Submission.parse(log.submission(10, 12))
    note = replace(submission.note, text=submission.note.text + "pay bearer\n")
    return replace(submission, note=replace(note, signatures=submission.note.signatures[1:])).format()


def _changed(log: ListLog, old: int, size: int, **changes: object) -> bytes:
    return replace(Submission.parse(log.submission(old, size)), **changes).format()


REFUSED: dict[int, dict[str, Callable[[ListLog], bytes]]] = {
    400: {
        "prose": lambda log: b"please sign this\n",
        "nothing": lambda log: b"",
        "no checkpoint": lambda log: b"old 10\n\n",
        "leading zero": lambda log: log.submission(10, 12).replace(b"old 10", b"old 010"),
        "short hash": lambda log: log.submission(10, 12).replace(b"old 10\n", b"old 10\nAAAA\n"),
        "from beyond": lambda log: _changed(log, 10, 12, old_size=13, proof=()),
    },
    403: {
        "a stranger signed": _unsigned,
        "one of two signatures is false": _half_forged,
        "extensions that nobody signed": _extended,
    },
    404: {"another log": lambda log: ListLog(origin="third.example/log").submission(0, 3)},
    409: {
        "from nothing": lambda log: log.submission(0, 12),
        "from less": lambda log: log.submission(9, 12),
        "from more": lambda log: log.submission(11, 12),
        "smaller": lambda log: log.submission(5, 5),
    },
    422: {
        "no proof": lambda log: _changed(log, 10, 12, proof=()),
        "proof of something else": lambda log: _changed(log, 10, 12, proof=(bytes(32),) * 3),
        "proof too long": lambda log: _changed(
            log, 10, 12, proof=(*Submission.parse(log.submission(10, 12)).proof, bytes(32))
        ),
        "another root": lambda log: log.submission(10, 12, root=bytes(32)),
        "same size, another root": lambda log: log.submission(10, 10, root=bytes(32)),
        "same size, with a proof": lambda log: _changed(log, 10, 10, proof=(bytes(32),)),
    },
}


def test_the_first_checkpoint_may_have_no_proof(url: str, log: ListLog) -> None:
    assert post(url, _changed(log, 0, 10, proof=(bytes(32),)))[0] == 422
    assert post(url, log.submission(0, 0, root=bytes(32)))[0] == 422
    assert post(url, log.submission(3, 10))[::2] == (409, b"0\n")
    assert post(url, log.submission(0, 0, root=EMPTY_ROOT))[0] == 200


def test_two_roots_of_one_size_are_kept_as_proof_of_fraud(url: str, witness: Witness, log: ListLog) -> None:
    assert post(url, log.submission(0, 10))[0] == 200
    assert post(url, log.submission(10, 10, root=bytes(32)))[0] == 422
    assert post(url, log.submission(10, 10, root=b"\1" * 32))[0] == 422
    (fork,) = witness.states.folder.glob("*.fork")
    kept = witness.states.read(log.origin)
    assert kept is not None
    ours, theirs = open_checkpoint(kept.format(), *log.keys), open_checkpoint(fork.read_bytes(), *log.keys)
    assert (ours.size, theirs.size, theirs.root) == (10, 10, bytes(32))
    assert ours.root != theirs.root


def test_its_word_never_goes_back_in_time_though_its_clock_does(tmp_path: Path, log: ListLog) -> None:
    witness = new_witness(tmp_path, {log.origin: log.keys})
    for now_s, said in ((AT_S, AT_S), (AT_S - 500, AT_S), (AT_S + 1, AT_S + 1)):
        old = 0 if said == now_s == AT_S else 4
        answer = witness.add_checkpoint(log.submission(old, 4), now_s=now_s)
        assert answer.status == 200
        assert signatures_on(witness, log.note(4), answer.body) == [said, said]


def test_logs_do_not_disturb_each_other(tmp_path: Path, log: ListLog) -> None:
    second = ListLog(origin="third.example/log", key=50)
    witness = new_witness(tmp_path, {one.origin: one.keys for one in (log, second)})
    assert witness.add_checkpoint(log.submission(0, 5), now_s=AT_S).status == 200
    assert witness.add_checkpoint(second.submission(0, 3), now_s=AT_S).status == 200
    assert witness.add_checkpoint(log.submission(5, 6), now_s=AT_S).status == 200


@pytest.mark.parametrize(
    "damage",
    [
        lambda path, log: path.write_bytes(b""),
        lambda path, log: path.write_bytes(path.read_bytes()[:40]),
        lambda path, log: path.write_bytes(ListLog(origin="third.example/log").note(10).format()),
    ],
)
def test_what_it_remembers_and_cannot_read_stops_it_from_signing(
    damage: Callable[[Path, ListLog], None], url: str, witness: Witness, log: ListLog
) -> None:
    assert post(url, log.submission(0, 10))[0] == 200
    (path,) = (path for path in witness.states.folder.iterdir() if not path.suffix)
    damage(path, log)
    for old in (0, 10):
        status, _, body = post(url, log.submission(old, 12))
        assert status == 503
        assert b"cannot be read" in body


def test_of_many_at_once_each_step_is_cosigned_once(url: str, log: ListLog) -> None:
    log.grow(40)
    assert post(url, log.submission(0, 10))[0] == 200
    rivals = [log.submission(10, size) for size in range(11, 31)]
    answers: list[int] = []
    threads = [threading.Thread(target=lambda body=body: answers.append(post(url, body)[0])) for body in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 19


# --- the server -------------------------------------------------------------------------------------------------------


def test_it_says_who_it_is_and_nothing_else(url: str, witness: Witness) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/vkey")  # one connection serves many requests
    assert connection.getresponse().read().decode().split() == [signer.key.format() for signer in witness.signers]
    connection.request("GET", "/add-checkpoint")
    assert connection.getresponse().status == 404
    connection.close()
    assert post(url, b"", path="/elsewhere")[0] == 404


@pytest.mark.parametrize(
    "head",
    [
        f"Content-Length: {MAX_SUBMISSION_BYTES + 1}",
        "Content-Length: -1",
        "Content-Length: many",
        "X: no length at all",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        f"Content-Length: {'9' * 5000}",
    ],
)
def test_a_body_without_a_length_or_beyond_the_limit_is_not_read(head: str, url: str) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n{head}\r\n\r\n".encode())
        assert connection.makefile("rb").readline().split()[1] == b"413"


@pytest.mark.parametrize("asked", ["POST /elsewhere", "POST /add-checkpoint?x", "GET /vkey", "GET /", "PUT /vkey"])
def test_a_body_that_is_not_read_is_not_taken_for_the_next_request(asked: str, url: str) -> None:
    """Behind a proxy that shares its connections the answer to it would go to somebody else."""
    host, _, port = url.removeprefix("http://").partition(":")
    smuggled = b"GET /vkey HTTP/1.1\r\nHost: w\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"{asked} HTTP/1.1\r\nHost: w\r\nContent-Length: {len(smuggled)}\r\n\r\n"
        connection.sendall(head.encode() + smuggled)
        assert connection.makefile("rb").read().count(b"HTTP/1.1 ") == 1


def test_who_drips_is_hung_up_on_and_others_are_served(
    witness: Witness, log: ListLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_server, "WHOLE_S", 0.4)
    with serving(served(witness)) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 100\r\n\r\nold")
            assert post(url, log.submission(0, 3))[0] == 200
            assert b"200" not in connection.makefile("rb").read()  # ends, because it was hung up on
