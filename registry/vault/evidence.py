"""
Files about one person, such as the answer to a challenge: they are gone when that person's data key is.

Format and place are those of other files. The key is derived from the person's data key and the file's id (HKDF,
RFC 5869), since a key seals one file only, and the person's own seals many things.

INVARIANT (closed-conditioning): nothing here is an asset. No clearance names such a file, and no engine is given one.
"""

import hashlib
from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry import disk
from registry.vault.chunks import DoesNotOpen, decrypt, encrypt
from registry.vault.files import BytesDamaged, BytesMissing, Stored, path_of
from registry.vault.keys import existing_key


def store_evidence(person: str, file: str, chunks: Iterable[bytes]) -> Stored:
    """
    Encrypt and store a file under the key of a person; raises ``KeyDestroyed`` where they were erased.

    The caller chose the id, and goes on within ``discarding``.
    """
    digest, size = hashlib.sha256(), 0

    def measured() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    path = path_of(file)
    disk.place(path, encrypt(file, evidence_key(person, file), measured()), mode=0o700)
    disk.keep_names([path])
    return Stored(sha256=digest.hexdigest(), size=size)


def read_evidence(person: str, file: str) -> bytes:
    """Decrypt a whole file to memory, or raise ``BytesMissing``, ``BytesDamaged``, ``KeyDestroyed``."""
    key = evidence_key(person, file)
    try:
        with path_of(file).open("rb") as held:
            return b"".join(decrypt(file, key, held))
    except FileNotFoundError as error:
        raise BytesMissing(asset=file) from error
    except DoesNotOpen as error:
        raise BytesDamaged(asset=file, problem=str(error)) from error


def evidence_key(person: str, file: str) -> bytes:
    """Return the key of one file about a person; raises ``KeyDestroyed``."""
    info = f"proviso evidence v1 {file}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(existing_key(f"party:{person}"))
