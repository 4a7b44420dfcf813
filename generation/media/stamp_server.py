"""
A time-stamp authority on a socket (RFC 3161 section 3.4): ``POST`` a request, get a stamp.

``listening`` serves as long as its body runs, on the loopback interface and a port of the kernel's choice unless told
otherwise. The C2PA library knows no other way to a stamp than HTTP, so this is how a worker reaches its own authority;
``manage.py tsa`` serves the same one to other machines. It keeps no state, asks nobody who they are, and logs nothing:
whoever can send a digest learns that it was seen now.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from generation.media.stamps import ANSWER_TYPE, MAX_REQUEST_BYTES, REQUEST_TYPE, Authority, answer

LOOPBACK = "127.0.0.1"
SERIAL_BITS = 127  # at random: no two stamps of an authority share one, and no counter has to be kept
TIMEOUT_S = 5  # for a client that connects and says nothing
POLL_S = 0.01  # how long whoever is done waits for the end


class _Handler(BaseHTTPRequestHandler):
    timeout = TIMEOUT_S
    server: _Server

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.headers.get_content_type() != REQUEST_TYPE:
            return self.send_error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if not (length.isascii() and length.isdigit()):
            return self.send_error(HTTPStatus.LENGTH_REQUIRED)
        if int(length) > MAX_REQUEST_BYTES:
            return self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        request = self.rfile.read(int(length))
        self._send(answer(request, self.server.authority(), serial=_serial(), at=datetime.now(UTC)))
        return None

    def _send(self, data: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", ANSWER_TYPE)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Whose digest was stamped is nobody's business."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], authority: Callable[[], Authority]) -> None:
        self.authority = authority
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not our fault; whoever waits for a stamp gets none, and says so."""


@contextmanager
def listening(authority: Callable[[], Authority], *, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
    """Serve while the body runs; yield the address to post to. The authority is asked for at each request."""
    with _Server((host, port), authority) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_S}, daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def _serial() -> int:
    return secrets.randbits(SERIAL_BITS) | 1 << SERIAL_BITS  # positive, and never short
