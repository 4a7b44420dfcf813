"""
Serve a witness over HTTP, with the standard library alone: ``POST /add-checkpoint``, and ``GET /vkey`` to introduce it.

A request has a length and a limit, a connection a time and a number of others beside it: what a stranger sends costs a
thread for some seconds and no more. Put a web server in front of it for TLS.
"""

import contextlib
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, TypeAlias

from registry.core.errors import DomainError
from registry.core.submission import MAX_SUBMISSION_BYTES
from registry.watch.witness import TEXT, Answer, Witness

Connection: TypeAlias = socket.socket | tuple[bytes, socket.socket]  # as the base class has it: ours is the first

ADD_CHECKPOINT: Final = "/add-checkpoint"
VKEY: Final = "/vkey"
BODY: Final = ("Content-Length", "Transfer-Encoding")  # what says that one comes (RFC 9112, section 6.3)
DIGITS: Final = re.compile("[0-9]{1,9}")
IDLE_S: Final = 10.0  # a connection that is silent this long is closed
WHOLE_S: Final = 60.0  # and one that drips ends after this
MAX_CONNECTIONS: Final = 128  # a log has one; more wait in the kernel's queue


class WitnessServer(ThreadingHTTPServer):
    """One witness at one address; ``serve_forever`` until ``shutdown``."""

    daemon_threads = True
    request_queue_size = MAX_CONNECTIONS

    def __init__(self, address: tuple[str, int], witness: Witness, clock: Callable[[], float] = time.time) -> None:
        self.witness = witness
        self.clock = clock
        self.free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__(address, WitnessHandler)

    def process_request(self, request: Connection, client_address: object) -> None:
        self.free.acquire()
        try:
            super().process_request(request, client_address)
        except BaseException:
            self.free.release()
            raise

    def process_request_thread(self, request: Connection, client_address: object) -> None:
        ending = threading.Timer(WHOLE_S, _hang_up, [request])
        ending.daemon = True
        ending.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            ending.cancel()
            self.free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say in one line what went wrong with a connection; most often the other side is gone."""
        print(f"witness: {client_address}: {sys.exc_info()[1]!r}", file=sys.stderr, flush=True)


class WitnessHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # a log keeps its connection
    server_version = "proviso-witness"
    sys_version = ""
    timeout = IDLE_S
    server: WitnessServer
    unread = False  # a body that was sent and not read

    def do_POST(self) -> None:
        if self.path != ADD_CHECKPOINT:
            return self._send(_plain(HTTPStatus.NOT_FOUND, "there is nothing here"))
        length = self._length()
        if length is None:
            return self._send(_plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "a submission has a length, and a limit"))
        body = self.rfile.read(length)
        self.unread = False
        try:
            answer = self.server.witness.add_checkpoint(body, now_s=int(self.server.clock()))
        except DomainError as error:  # what we remember is damaged: nothing is signed
            answer = _plain(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        return self._send(answer)

    def do_GET(self) -> None:
        if self.path != VKEY:
            return self._send(_plain(HTTPStatus.NOT_FOUND, "there is nothing here"))
        return self._send(_plain(HTTPStatus.OK, "\n".join(one.key.format() for one in self.server.witness.signers)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Write no line a request."""

    def parse_request(self) -> bool:
        """Read the headers, and remember whether a body comes behind them."""
        whole = super().parse_request()
        self.unread = whole and any(name in self.headers for name in BODY)
        return whole

    def _length(self) -> int | None:
        """Return how long the body is; None where that is not said once and in digits, or is beyond the limit."""
        said = [value for name in BODY for value in self.headers.get_all(name, [])]
        if len(said) != 1 or not DIGITS.fullmatch(said[0]) or "Transfer-Encoding" in self.headers:
            return None
        return length if (length := int(said[0])) <= MAX_SUBMISSION_BYTES else None

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if self.unread:  # it would be taken for the next request, which a proxy may believe to be somebody else's
            self.send_header("Connection", "close")
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)


def _hang_up(connection: Connection) -> None:
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):  # it is closed already
            connection.shutdown(socket.SHUT_RDWR)


def _plain(status: HTTPStatus, text: str) -> Answer:
    return Answer(status=status, body=f"{text}\n".encode(), content_type=TEXT)
