"""The log with witnesses to ask: served ones, ones that answer whatever a test wants, and the file that names them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from registry import log
from registry.core.checkpoint import Note, NoteSigner
from registry.core.note import format_signatures
from registry.core.submission import Submission
from registry.log.identity import origin, verifiers
from registry.log.witnessing import WitnessesMissing
from registry.models import Checkpoint
from registry.watch.witness import Witness
from tests.witness_scene import answering, ed, new_witness, served, serving

KEY = NoteSigner.witness("fake.example", ed(90))  # of the server that answers what a test wants


class Asked:
    """Witnesses that are served, and the file in which the log finds them."""

    def __init__(self, settings: Any, folder: Path, stack: ExitStack) -> None:
        self.settings, self.folder, self.stack = settings, folder, stack
        self.lines: list[str] = []

    def honest(self, number: int) -> Witness:
        watched = {origin(): verifiers()}
        witness = new_witness(self.folder / f"w{number}", watched, name=f"w{number}.example", key=100 + number)
        url = self.stack.enter_context(serving(served(witness)))
        self.lines += [f"{signer.key.format()} {url}" for signer in witness.signers]
        return witness

    def fake(self, answer: Callable[[bytes], bytes]) -> None:
        self.at(self.stack.enter_context(serving(answering(answer))))

    def at(self, url: str) -> None:
        self.lines.append(f"{KEY.key.format()} {url}")

    def ask(self, quorum: int) -> None:
        path = self.folder / "witnesses"
        path.write_text("# who watches us\n" + "\n".join(self.lines) + "\n")
        self.settings.WITNESSES, self.settings.WITNESS_QUORUM = str(path), quorum


def publish() -> Checkpoint | None:
    return log.publish(at=datetime.now(UTC))


def said(error: WitnessesMissing) -> dict[str, str]:
    return {answer.witness.name: answer.code for answer in error.answers}


def newest() -> Note:
    return Note.parse(Checkpoint.objects.latest("size").note.encode())


def cosignature(body: bytes, *, signer: NoteSigner = KEY, lead_s: int = 0, text: str | None = None) -> bytes:
    """Cosign what a submission asks for, or another text, at another time."""
    text = Submission.parse(body).note.text if text is None else text
    return format_signatures([signer.signature(text, time_s=int(time.time()) + lead_s)]).encode()


@contextmanager
def listening() -> Iterator[tuple[str, socket.socket]]:
    """A server that accepts connections, in the kernel, and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", server


@contextmanager
def dripping(server: socket.socket) -> Iterator[None]:
    """Answer one connection with headers that never end, a byte at a time, until the other side hangs up."""

    def work() -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while True:
                    connection.sendall(b"y")
                    time.sleep(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join()
