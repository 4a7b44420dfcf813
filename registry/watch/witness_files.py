"""
What a witness is set up with: the logs it watches, from a file, and its own keys, kept beside what it remembers.

The file has one verifier key of a log a line; several lines may be of one log. Empty lines and those that start with
``#`` say nothing.

Name and keys are made on the first start and stand in the directory of the states: who loses what the witness
remembers loses its keys with it, and a new witness under a new key is nobody whom others would believe by mistake. For
the same reason the directory is never to be restored from a backup.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from registry import disk
from registry.core.errors import BadNote, DomainError
from registry.core.lines import at
from registry.core.note import NoteSigner, VerifierKey
from registry.watch.witness_state import FOLDER_MODE

NAME = "name"
KEYS: dict[str, Callable[[], Ed25519PrivateKey | MLDSA44PrivateKey]] = {
    "key": Ed25519PrivateKey.generate,
    "key_pq": MLDSA44PrivateKey.generate,
}


class WitnessMisconfigured(DomainError):
    """A witness that cannot start as it was told to."""

    code = "witness_misconfigured"

    def __init__(self, *, problem: str) -> None:
        super().__init__(problem)


def read_origins(path: Path) -> dict[str, tuple[VerifierKey, ...]]:
    """Return the keys of the logs to watch, by origin; raises ``BadNote`` with the line at fault."""
    logs: dict[str, tuple[VerifierKey, ...]] = {}
    for number, line in enumerate(_read(path).splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        with at(number):
            key = VerifierKey.parse(line.strip())
            if not key.kind.by_log:
                raise BadNote(problem=f"the key of `{key.name[:80]}` is that of a witness, not of a log")
        logs[key.name] = (*logs.get(key.name, ()), key)
    if not logs:
        raise WitnessMisconfigured(problem=f"`{path}` names no log: put one verifier key a line")
    return logs


def own_signers(folder: Path, name: str | None, default_name: str) -> tuple[NoteSigner, ...]:
    """Return the witness's signers, Ed25519 first; name and keys are made on the first start and never change."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    kept = _kept(folder / NAME, lambda: (name or default_name) + "\n").strip()
    if name is not None and name != kept:
        raise WitnessMisconfigured(problem=f"`{folder}` is the state of `{kept[:80]}`, not of `{name[:80]}`")
    return tuple(NoteSigner.witness(kept, _private_key(folder / file, make)) for file, make in KEYS.items())


def _private_key(
    path: Path, make: Callable[[], Ed25519PrivateKey | MLDSA44PrivateKey]
) -> Ed25519PrivateKey | MLDSA44PrivateKey:
    pem = _kept(path, lambda: _pem(make()))
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey | MLDSA44PrivateKey):
        raise WitnessMisconfigured(problem=f"`{path}` holds no private key of a witness")
    return key


def _pem(key: Ed25519PrivateKey | MLDSA44PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Read a file, made first where it is not there; two who make it at once both read the one that is there."""
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".") as draft:  # mode 0600
            draft.write(make())
            draft.flush()
            os.fsync(draft.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, path)
        disk.keep_names([path])
    return _read(path)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WitnessMisconfigured(problem=f"`{path}` cannot be read: {error}") from error
