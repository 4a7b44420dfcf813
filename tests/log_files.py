"""A log as plain files in memory or on disk, made without a database, and a web server for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.checkpoint import Checkpoint, NoteSigner, VerifierKey, sign_checkpoint
from registry.core.jcs import canonical, sha256_hex
from registry.core.tiles import Edge
from registry.watch.source import NotServed, Unreachable

ORIGIN = "log.example/proviso"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG_SIGNER = NoteSigner.of(ORIGIN, LOG_KEY)
LOG_VKEY = VerifierKey.of(ORIGIN, LOG_KEY)


def entry(number: int, *, world: str = "", kind: str = "work.registered") -> bytes:
    """An entry like those of the log; ``world`` makes another log of it."""
    digest = sha256_hex(f"{world}{number}".encode())
    return canonical({"digest": digest, "envelope": sha256_hex(digest.encode()), "type": kind, "v": 1})


def entries(count: int, *, world: str = "") -> list[bytes]:
    return [entry(number, world=world) for number in range(count)]


@dataclass(slots=True, kw_only=True)
class Files:
    """The files of a log by path: a ``Source`` that a test may damage."""

    files: dict[str, bytes] = field(default_factory=dict)
    edge: Edge = field(default_factory=Edge.empty)
    asked: list[str] = field(default_factory=list)
    name: str = "memory"

    def read(self, path: str, *, limit: int) -> bytes:
        self.asked.append(path)
        if path not in self.files:
            raise NotServed(where=path)
        if len(self.files[path]) > limit:
            raise Unreachable(where=path, problem=f"it has more than {limit} bytes")
        return self.files[path]

    def grow(self, more: list[bytes], *, signer: NoteSigner = LOG_SIGNER) -> bytes:
        """Append entries and sign; the partial files of earlier sizes stay."""
        self.edge, files = self.edge.extend(more)
        self.files |= files
        self.files["checkpoint"] = self.signed(signer)
        return self.files["checkpoint"]

    def signed(self, signer: NoteSigner = LOG_SIGNER) -> bytes:
        return sign_checkpoint(Checkpoint(origin=ORIGIN, size=self.edge.size, root=self.edge.root), signer)

    def write(self, top: Path) -> Path:
        for path, data in self.files.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(data)
        return top


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Answer every GET on a port of the loopback; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def plain(handler: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
    """Send one whole answer."""
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(data))} | (headers or {})).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)


def files_answer(log: Files) -> Answer:
    """Serve the files of a log as any static web server does."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        data = log.files.get(handler.path.lstrip("/"))
        plain(handler, 404, b"") if data is None else plain(handler, 200, data)

    return answer
