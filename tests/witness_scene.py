"""Logs that fit in a list, witnesses behind real sockets, and servers that answer whatever a test wants."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from registry.core.checkpoint import Checkpoint, Note, NoteSigner, VerifierKey, sign_note
from registry.core.merkle import consistency_proof, leaf_hash, root
from registry.core.submission import Submission
from registry.core.tiles import Edge, Tile
from registry.watch.witness import Witness
from registry.watch.witness_server import WitnessServer
from registry.watch.witness_state import States

AT_S = 1_795_000_000


def ed(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


@dataclass(kw_only=True)
class ListLog:
    """A log of another house: entries in a list, tiles in a dictionary."""

    origin: str = "other.example/log"
    key: int = 40
    entries: list[bytes] = field(default_factory=list)

    @property
    def signers(self) -> tuple[NoteSigner, ...]:
        pq = MLDSA44PrivateKey.from_seed_bytes(bytes([self.key]) * 32)
        return NoteSigner.of(self.origin, ed(self.key)), NoteSigner.of(self.origin, pq)

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        return tuple(signer.key for signer in self.signers)

    def grow(self, size: int) -> None:
        self.entries += [b"%s %d" % (self.origin.encode(), number) for number in range(len(self.entries), size)]

    def note(self, size: int, **changes: object) -> Note:
        """Return a signed checkpoint of its first ``size`` entries; ``changes`` make it lie."""
        self.grow(size)
        fields = {"origin": self.origin, "size": size, "root": root(self._leaves[:size])} | changes
        return sign_note(Checkpoint(**fields).format(), *self.signers, time_s=AT_S)

    def submission(self, old: int, size: int, **changes: object) -> bytes:
        note = self.note(size, **changes)
        proof = consistency_proof(old, self._leaves[:size]) if 0 < old < size else ()
        return Submission(old_size=old, proof=proof, note=note).format()

    def read(self, size: int) -> Callable[[Tile], bytes]:
        _, files = Edge.empty().extend(self.entries[:size])
        return lambda tile: files[tile.path]

    @property
    def _leaves(self) -> list[bytes]:
        return [leaf_hash(entry) for entry in self.entries]


def new_witness(
    folder: Path, logs: Mapping[str, tuple[VerifierKey, ...]], name: str = "w.example", key: int = 80
) -> Witness:
    pq = MLDSA44PrivateKey.from_seed_bytes(bytes([key]) * 32)
    signers = (NoteSigner.witness(name, ed(key)), NoteSigner.witness(name, pq))
    return Witness(logs=logs, signers=signers, states=States(folder=folder))


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[str]:
    """Serve in a thread; the address."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def served(witness: Witness, clock: Callable[[], float] | None = None) -> WitnessServer:
    address = ("127.0.0.1", 0)
    return WitnessServer(address, witness) if clock is None else WitnessServer(address, witness, clock)


def post(url: str, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()
    finally:
        connection.close()


def answering(answer: Callable[[bytes], bytes]) -> ThreadingHTTPServer:
    """A server that sends back raw bytes, status line and all, made from the body that it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(answer(body))
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server


def raw(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
