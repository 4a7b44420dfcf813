"""
Whom the log asks to cosign: ``WITNESSES`` names a file, ``WITNESS_QUORUM`` says how many must before it publishes.

The file has a line ``<verifier key> <address>`` for each key of a witness; lines of one address are asked at once.
Empty lines and those that start with ``#`` say nothing. It is read again when it changes.
"""

import urllib.parse
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from registry.core.errors import BadNote
from registry.core.lines import at
from registry.core.note import VerifierKey
from registry.core.quorum import check_witnesses
from registry.log.identity import origin

MAX_KEYS: Final = 16  # their cosignatures, of 3,300 bytes at most, go below the log's own in one note


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """An address, and the keys of whoever answers there."""

    url: str  # without a slash at its end
    keys: tuple[VerifierKey, ...]

    @property
    def name(self) -> str:
        return self.keys[0].name


def quorum() -> int:
    """Return how many witnesses must cosign a checkpoint; 0: nobody is asked."""
    wanted: int = settings.WITNESS_QUORUM
    return wanted


def witnesses() -> tuple[Witness, ...]:
    """Return whom to ask; raises ``ImproperlyConfigured`` where they could never be enough."""
    path = settings.WITNESSES
    if quorum() == 0 or path is None:
        return ()
    try:
        found = _read(Path(path), Path(path).stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError, BadNote) as error:
        raise ImproperlyConfigured(f"WITNESSES names `{path}`, which cannot be read: {error}") from error
    names = {key.name for witness in found for key in witness.keys}
    if origin() in names:
        raise ImproperlyConfigured(f"`{path}` names {origin()}: a log is no witness of itself")
    if len(names) < quorum():
        few = f"WITNESS_QUORUM is {quorum()}, and `{path}` names {len(names)} witnesses"
        raise ImproperlyConfigured(f"{few}: name more, or ask for less")
    return found


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> tuple[Witness, ...]:
    return parse_witnesses(path.read_text("utf-8"))


def parse_witnesses(text: str) -> tuple[Witness, ...]:
    """Read the lines of the file; raises ``BadNote`` with the line at fault."""
    by_url: dict[str, list[VerifierKey]] = {}
    known: list[VerifierKey] = []
    places: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        with at(number):
            key, url = _parse_line(line)
            if places.setdefault(key.name, url) != url:
                raise BadNote(problem=f"`{key.name[:80]}` has two addresses")
            known.append(key)
            check_witnesses(known)
            if len(known) > MAX_KEYS:
                raise BadNote(problem=f"more than `{MAX_KEYS}` keys of witnesses")
            by_url.setdefault(url, []).append(key)
    return tuple(Witness(url=url, keys=tuple(keys)) for url, keys in by_url.items())


def _parse_line(line: str) -> tuple[VerifierKey, str]:
    vkey, _, url = line.strip().partition(" ")
    key = VerifierKey.parse(vkey)
    parts = urllib.parse.urlsplit(url.strip())
    try:
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        parts.port  # noqa: B018 - reading it refuses a port that is none
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or any(letter.isspace() for letter in url.strip()):
        raise BadNote(problem=f"`{url.strip()[:80]}` is no http or https address")
    return key, url.strip().rstrip("/")
