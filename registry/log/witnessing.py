"""
Ask witnesses to cosign a checkpoint (C2SP tlog-witness), and go on as soon as enough of them have.

All are asked at once, each in a thread of its own that has its own time limit:

1. Send the checkpoint, from the size that this witness cosigned last as far as we know, with the proof of consistency.
2. 409 says the right size: send once more from there.
3. Of the answer take the cosignatures that verify by the witness's keys and are of about now.

Whatever else comes back, or nothing, means that this witness did not answer; ``Answer.code`` says why, and is API. A
redirect is not followed: a witness is at the address that was agreed. Who has not yet answered an earlier question is
not asked another one while there are enough others: a busy log publishes many times before a dead witness's time is
over. Nothing here is believed for its own sake: what ``gather`` returns has been verified. It touches no database, and
the caller holds no transaction meanwhile.
"""

import http.client
import queue
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from registry.core.checkpoint import Checkpoint, Note, NoteSignature
from registry.core.errors import BadNote, BadProof
from registry.core.lines import read_decimal
from registry.core.note import MAX_NOTE_BYTES, parse_signatures
from registry.core.quorum import QuorumMissing, cosigned
from registry.core.submission import Submission
from registry.core.tiles import ReadTile, consistency_proof_from
from registry.log.witnesses import Witness

TIMEOUT_S: Final = 10.0  # for all that is said to one witness about one checkpoint
MAX_SKEW_S: Final = 300  # between our clock and a witness's
MAX_ANSWER_BYTES: Final = MAX_NOTE_BYTES

COSIGNED: Final = "cosigned"
CODES: Final = (
    COSIGNED,
    "witness_unreachable",  # no connection, or it broke
    "witness_timed_out",
    "witness_busy",  # it was not asked, because it has not yet answered an earlier question
    "witness_redirected",
    "witness_bad_request",  # 400
    "witness_key_unknown",  # 403: it trusts none of our keys
    "witness_log_unknown",  # 404
    "witness_ahead",  # 409, with a larger size than we have: it saw entries of ours that we do not know
    "witness_stale",  # 409 again, with another size each time or none that helps
    "witness_bad_proof",  # 422: what we sent contradicts what it cosigned
    "witness_refused",  # any other status
    "witness_garbage",  # an answer that is none, or too long
    "witness_bad_cosignature",  # a known key's signature that does not verify
    "witness_silent",  # no signature by a known key
    "witness_clock",  # a time that is not about now
)
_BY_STATUS: Final = {400: "witness_bad_request", 403: "witness_key_unknown", 404: "witness_log_unknown"} | {
    422: "witness_bad_proof"
}


_asking: dict[str, threading.Thread] = {}  # by address, whoever asked there last


class WitnessesMissing(QuorumMissing):
    """Too few witnesses cosigned for the checkpoint to be published; ``answers`` says what each one said."""

    def __init__(self, *, size: int, have: int, quorum: int, answers: tuple["Answer", ...]) -> None:
        super().__init__(size=size, have=have, quorum=quorum)
        self.answers = answers

    def extra(self) -> dict[str, object]:
        return {"witnesses": [answer.format() for answer in self.answers]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of asking one witness."""

    witness: Witness
    code: str  # one of CODES
    detail: str = ""
    signatures: tuple[NoteSignature, ...] = ()

    def format(self) -> dict[str, str]:
        return {"witness": self.witness.name, "url": self.witness.url, "code": self.code, "detail": self.detail}


class NoAnswer(Exception):
    """Why a witness counts as one that did not answer."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail[:200]


@dataclass(slots=True, kw_only=True)
class Round:
    """One checkpoint put to all witnesses."""

    note: Note
    read: ReadTile
    now_s: int
    deadline: float  # by the monotonic clock
    sizes: dict[str, int]  # what each address cosigned last, as far as we know; kept from round to round
    came: queue.SimpleQueue[Answer] = field(default_factory=queue.SimpleQueue)

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint.parse(self.note.text)

    def ask(self, witness: Witness) -> None:
        """Put to the queue what came of it; runs in a thread of its own and raises nothing."""
        try:
            signatures = self._ask(witness)
            answer = Answer(witness=witness, code=COSIGNED, signatures=signatures)
        except NoAnswer as error:
            answer = Answer(witness=witness, code=error.code, detail=error.detail)
        self.came.put(answer)

    def _ask(self, witness: Witness) -> tuple[NoteSignature, ...]:
        size = self.checkpoint.size
        status, body = self._submit(witness, min(self.sizes.get(witness.url, 0), size))
        if status == HTTPStatus.CONFLICT:
            status, body = self._submit(witness, self._size_of(body))
        if status == HTTPStatus.CONFLICT:
            raise NoAnswer("witness_stale", f"it named another size than `{self._size_of(body)}` before")
        if 300 <= status < 400:
            raise NoAnswer("witness_redirected", f"status {status}")
        if status != HTTPStatus.OK:
            raise NoAnswer(_BY_STATUS.get(status, "witness_refused"), f"status {status}: {_shown(body)}")
        signatures = self._verified(witness, body)
        self.sizes[witness.url] = size
        return signatures

    def _submit(self, witness: Witness, old_size: int) -> tuple[int, bytes]:
        size = self.checkpoint.size
        try:
            proof = consistency_proof_from(old_size, size, self.read) if 0 < old_size < size else ()
        except (OSError, BadProof) as error:  # a rival publisher grew a partial tile under us
            raise NoAnswer("witness_stale", f"no proof from `{old_size}`: {error}") from error
        body = Submission(old_size=old_size, proof=proof, note=self.note).format()
        return post(witness.url + "/add-checkpoint", body, deadline=self.deadline)

    def _size_of(self, body: bytes) -> int:
        """Read the size that a 409 names, from which we can go on."""
        try:
            size = read_decimal(body.decode("ascii").removesuffix("\n"))
        except (UnicodeDecodeError, BadNote) as error:
            raise NoAnswer("witness_garbage", f"status 409: {_shown(body)}") from error
        if size > self.checkpoint.size:
            ours = f"this checkpoint has `{self.checkpoint.size}`"
            raise NoAnswer("witness_ahead", f"it cosigned `{size}` entries, {ours}")
        return size

    def _verified(self, witness: Witness, body: bytes) -> tuple[NoteSignature, ...]:
        """Return the signatures by the witness's keys; all of them hold and are of about now."""
        try:
            came = parse_signatures(body.decode("utf-8"))
        except (UnicodeDecodeError, BadNote) as error:
            raise NoAnswer("witness_garbage", str(error)) from error
        own = tuple(one for one in came if any(one.is_of(key) for key in witness.keys))
        if not own:
            raise NoAnswer("witness_silent", "no signature by its key")
        try:
            cosigned(Note(text=self.note.text, signatures=own), witness.keys)
        except BadNote as error:
            raise NoAnswer("witness_bad_cosignature", error.problem) from error
        for signature in own:
            if abs(signature.time_s - self.now_s) > MAX_SKEW_S:
                raise NoAnswer("witness_clock", f"it says `{signature.time_s}`, we say `{self.now_s}`")
        return own


def gather(
    note: Note, asked: Iterable[Witness], quorum: int, *, read: ReadTile, now_s: int, sizes: dict[str, int]
) -> Note:
    """
    Return the note with the cosignatures of ``quorum`` witnesses or more below the log's own.

    ``sizes`` is what each address cosigned last, kept by the caller from one checkpoint to the next; ``read`` gives
    tiles as of the checkpoint's size. Raises ``WitnessesMissing`` after ``TIMEOUT_S`` at most.
    """
    witnesses = tuple(asked)
    deadline = time.monotonic() + TIMEOUT_S
    current = Round(note=note, read=read, now_s=now_s, deadline=deadline, sizes=sizes)
    free = _free(witnesses, quorum)
    for witness in free:
        asking = threading.Thread(target=current.ask, args=[witness], name=f"asks {witness.url}", daemon=True)
        _asking[witness.url] = asking
        asking.start()
    answers: dict[str, Answer] = {}
    keys = [key for witness in witnesses for key in witness.keys]
    while len(cosigned(note, keys)) < quorum:
        answer = _next(current.came, deadline) if len(answers) < len(free) else None
        if answer is None:
            said = tuple(answers.get(one.url) or _silent(one, free) for one in witnesses)
            raise WitnessesMissing(
                size=current.checkpoint.size, have=len(cosigned(note, keys)), quorum=quorum, answers=said
            )
        answers[answer.witness.url] = answer
        note = note.signed_also(answer.signatures)
    return note


def _free(witnesses: Sequence[Witness], quorum: int) -> Sequence[Witness]:
    """Return who is not still being asked; everybody, where those alone would be too few."""
    free = [one for one in witnesses if one.url not in _asking or not _asking[one.url].is_alive()]
    return free if len({key.name for one in free for key in one.keys}) >= quorum else witnesses


def post(url: str, body: bytes, *, deadline: float) -> tuple[int, bytes]:
    """Post to a witness and return status and body; raises ``NoAnswer``. Follows nothing, and ends by ``deadline``."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=max(deadline - time.monotonic(), 0.001))
    hung_up = threading.Event()

    def hang_up() -> None:
        hung_up.set()
        with suppress(OSError, AttributeError):  # closed already, or never open
            connection.sock.shutdown(socket.SHUT_RDWR)

    ending = threading.Timer(max(deadline - time.monotonic(), 0), hang_up)  # however slowly it drips
    ending.daemon = True
    ending.start()
    try:
        with closing(connection):
            connection.request("POST", parts.path, body, {"Content-Type": "text/plain; charset=utf-8"})
            answer = connection.getresponse()
            data = answer.read(MAX_ANSWER_BYTES + 1)
    except TimeoutError as error:
        raise NoAnswer("witness_timed_out") from error
    except (OSError, http.client.HTTPException, ValueError) as error:  # a name that is no host is a `ValueError`
        code = "witness_timed_out" if hung_up.is_set() else _code_of(error)
        raise NoAnswer(code, str(error) or type(error).__name__) from error
    finally:
        ending.cancel()
    if hung_up.is_set():
        raise NoAnswer("witness_timed_out")
    if len(data) > MAX_ANSWER_BYTES:
        raise NoAnswer("witness_garbage", f"more than {MAX_ANSWER_BYTES} bytes")
    return answer.status, data


def _code_of(error: Exception) -> str:
    """Tell who speaks no HTTP from who is not there."""
    gone = isinstance(error, OSError | http.client.RemoteDisconnected)
    return "witness_unreachable" if gone else "witness_garbage"


def _next(came: "queue.SimpleQueue[Answer]", deadline: float) -> Answer | None:
    try:
        return came.get(timeout=max(deadline - time.monotonic(), 0.001))
    except queue.Empty:
        return None


def _silent(witness: Witness, asked: Sequence[Witness]) -> Answer:
    return Answer(witness=witness, code="witness_timed_out" if witness in asked else "witness_busy")


def _shown(body: bytes) -> str:
    return repr(body[:80].decode("utf-8", "replace"))
