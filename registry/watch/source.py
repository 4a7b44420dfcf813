"""
Read the files of a log from a directory or a web server: ``checkpoint``, ``vkey``, tiles and entry bundles.

Nothing that comes back is believed here; ``registry.watch.tree`` believes a tile once it leads to the signed root. What
is kept here is what a stranger's server may do to whoever asks it:

1. An answer has a limit of bytes, and each read of the connection and the whole of it a limit of time: from the look-up
   of the name on, because names, handshakes and headers can drip for ever too, and silence a monitor.
2. A redirect leads nowhere but to the same host over the same scheme.
3. A token goes over TLS, or to this machine alone.
4. What is not there (``NotServed``) is told from what could not be asked (``Unreachable``).

Standard library only. Left out: retrying, and what an unreachable log means.
"""

import http.client
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Protocol

from registry.core.errors import MAX_SHOWN, DomainError
from registry.core.note import MAX_NOTE_BYTES
from registry.core.tiles import ENTRIES, MAX_ENTRY_BYTES, TILE_WIDTH, Tile

CHECKPOINT: Final = "checkpoint"
VKEY: Final = "vkey"

TIMEOUT_S: Final = 20.0  # of one read of the connection
WHOLE_S: Final = 120.0  # of a whole answer, however slowly it drips
PIECE_BYTES: Final = 1 << 16
MAX_JSON_BYTES: Final = 8 * 1024 * 1024
MAX_REDIRECTS: Final = 3
AGENT: Final = "proviso-monitor/1"

_ABSENT: Final = frozenset({404, 410})
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Unreachable(DomainError):
    """A log that could not be asked, or that answered what no log answers."""

    code = "log_unreachable"
    status = 503

    def __init__(self, *, where: str, problem: str) -> None:
        super().__init__(f"`{where[:200]}` cannot be read: {problem[: MAX_SHOWN * 2]}")
        self.where = where


class NotServed(Unreachable):
    """A file that the log does not serve."""

    code = "not_served"

    def __init__(self, *, where: str) -> None:
        super().__init__(where=where, problem="there is nothing of that name")


class Source(Protocol):
    """Where the files of one log are."""

    @property
    def name(self) -> str:
        """The directory or address, to show."""

    def read(self, path: str, *, limit: int) -> bytes:
        """Return a file of at most ``limit`` bytes; raises ``NotServed``, ``Unreachable``."""


def open_source(where: str) -> Source:
    """Return the source at an http(s) address or in a directory."""
    return Site(base=where) if where.startswith(("http://", "https://")) else Folder(top=Path(where))


def read_checkpoint(source: Source) -> bytes:
    """Return the newest checkpoint as it is served; nobody's signature is verified yet."""
    return source.read(CHECKPOINT, limit=MAX_NOTE_BYTES)


def read_vkeys(source: Source) -> list[str]:
    """Return the verifier keys that the log states of itself, one a line: what to compare, never what to believe."""
    try:
        return source.read(VKEY, limit=MAX_NOTE_BYTES).decode("ascii").split()
    except UnicodeDecodeError as error:
        raise Unreachable(where=source.name, problem="its verifier keys are not ASCII") from error


def read_tile(source: Source, tile: Tile) -> bytes:
    """Return a tile or bundle as it is served; it is at most as long as such a file can be."""
    entry_bytes = 2 + MAX_ENTRY_BYTES
    return source.read(tile.path, limit=TILE_WIDTH * (entry_bytes if tile.level == ENTRIES else 32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A log in a directory, such as ``LOG_DIR`` or a copy of it."""

    top: Path

    @property
    def name(self) -> str:
        return str(self.top)

    def read(self, path: str, *, limit: int) -> bytes:
        place = self.top / path
        try:
            with place.open("rb") as file:
                return _within(file, limit, str(place))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotServed(where=str(place)) from error
        except OSError as error:
            raise Unreachable(where=str(place), problem=error.strerror or "it is not a file") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A log, or an API, behind an address; ``token`` goes along in ``Authorization`` where there is one."""

    base: str
    token: str | None = field(default=None, repr=False)
    timeout_s: float = TIMEOUT_S

    def __post_init__(self) -> None:
        parts = urllib.parse.urlsplit(self.base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise Unreachable(where=self.base, problem="not an address such as https://registry.example/log")
        if self.token is not None and parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
            raise Unreachable(where=self.base, problem="a token is sent over https, not in the clear")

    @property
    def name(self) -> str:
        return self.base.rstrip("/")

    def read(self, path: str, *, limit: int) -> bytes:
        address = f"{self.name}/{path}"
        return _in_time(lambda: self._ask(address, limit), address)

    def _ask(self, address: str, limit: int) -> bytes:
        request = urllib.request.Request(address, headers=self._headers())  # noqa: S310 - http or https, see above
        try:
            with _opener().open(request, timeout=self.timeout_s) as answer:
                return _within(answer, limit, address, length=answer.length)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in _ABSENT:
                    raise NotServed(where=address) from error
                raise Unreachable(where=address, problem=f"the answer is {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:  # refused, cut off, slow, no HTTP at all
            reason = getattr(error, "reason", None) or error
            raise Unreachable(where=address, problem=str(reason) or type(reason).__name__) from error

    def _headers(self) -> dict[str, str]:
        own = {"User-Agent": AGENT}
        return own if self.token is None else own | {"Authorization": f"Bearer {self.token}"}


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follow a redirect within one scheme, host and port: a token or a question is for nobody else."""

    max_redirections = MAX_REDIRECTS

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        asked, told = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if (asked.scheme, asked.netloc) != (told.scheme, told.netloc):
            fp.close()
            raise urllib.error.URLError(f"it leads away, to {newurl[:MAX_SHOWN]}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener of http and https alone: no files, no ftp, whatever an answer names."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SameHost(),
    ):
        opener.add_handler(handler)
    return opener


def _in_time(ask: Callable[[], bytes], where: str) -> bytes:
    """Return what comes of asking, or give up on it: the thread that still asks ends with its connection or with us."""
    came: Future[bytes] = Future()

    def work() -> None:
        try:
            came.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - whoever waits raises it
            came.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        return came.result(timeout=WHOLE_S)
    except TimeoutError as error:
        raise Unreachable(where=where, problem=f"it takes longer than {WHOLE_S:.0f} s") from error


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


def _within(file: _Readable, limit: int, where: str, *, length: int | None = None) -> bytes:
    """Read to the end, in pieces as they come; a byte over the limit, or one short of the length told, refuses all."""
    pieces: list[bytes] = []
    had, deadline_s = 0, time.monotonic() + WHOLE_S
    while had <= limit and had != length and (piece := file.read1(min(limit + 1 - had, PIECE_BYTES))):
        pieces.append(piece)
        had += len(piece)
        if time.monotonic() > deadline_s:
            raise Unreachable(where=where, problem=f"it takes longer than {WHOLE_S:.0f} s")
    if had > limit:
        raise Unreachable(where=where, problem=f"it has more than {limit} bytes")
    if length is not None and had != length:
        raise Unreachable(where=where, problem=f"it broke off after {had} of {length} bytes")
    return b"".join(pieces)
