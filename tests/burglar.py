"""
Whoever stole everything: a dump of the database, the media, the logs, and the keys that lay beside them.

``Loot.of`` copies every table of every schema, and every file below some folders. ``readable`` opens whatever these
keys open, with code of its own; ``found`` looks for words in all of it: as they are, in UTF-16, base64, hex, and
escaped. Nothing here asks the product what it would say.
"""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg import sql

from registry.core.packed import unpack

TABLES = """
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE' ORDER BY 1, 2
"""
CHUNK = 1 << 20
DATA_KEYS = "registry_datakey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loot:
    """What was taken at one moment."""

    copies: Mapping[str, bytes]  # table -> as COPY writes it
    rows: Mapping[str, list[dict[str, Any]]]
    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, session: psycopg.Connection[Any], *folders: Path, without: Iterable[str] = ()) -> Loot:
        """Copy everything; ``without``: tables that the backup leaves out."""
        copies, rows = {}, {}
        for schema, table in session.execute(TABLES).fetchall():
            if table not in set(without):
                name = sql.Identifier(schema, table)
                copies[table] = _copied(session, name)
                rows[table] = _rows(session, name)
        held = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
        return cls(copies=copies, rows=rows, files={str(path): path.read_bytes() for path in held})

    def keys(self, kek: Mapping[int, bytes]) -> dict[str, bytes]:
        """Unwrap every data key that these versions of the KEK open."""
        found = {}
        for row in self.rows.get(DATA_KEYS, []):
            version, wrapped = struct.unpack(">I", row["wrapped"][:4])[0], row["wrapped"][4:]
            plain = _opened(kek.get(version), wrapped, row["owner"].encode())
            if plain is not None:
                found[row["owner"]] = plain
        return found

    def plain(self) -> bytes:
        """Return everything as it lies there."""
        return b"\n".join([*self.copies.values(), *self.files.values()])

    def readable(self, keys: Mapping[str, bytes]) -> bytes:
        """Return everything that these keys open: statements, private parts, requests, files."""
        return b"\n".join([*_small(self, keys), *_large(self, keys)])

    def kept(self, secret: bytes) -> bytes:
        """Return what was kept of erased persons, opened with a key that wraps those of what was kept."""
        keys = {
            row["subject"]: _opened(secret, row["wrapped"], f"kept:{row['subject']}".encode())
            for row in self.rows["registry_kept_key"]
        }
        opened = (
            _opened(keys.get(row["subject"]), row["sealed"], f"kept {row['digest']}".encode())
            for row in self.rows["registry_kept"]
        )
        return b"\n".join(plain for plain in opened if plain is not None)


def found(words: Iterable[str], data: bytes) -> list[str]:
    """Return the words that stand in the data, however they are written."""
    lowered = data.lower()
    return [word for word in words if any(form in data or form.lower() in lowered for form in _forms(word))]


def _forms(word: str) -> list[bytes]:
    raw = word.encode()
    forms = [raw, word.encode("utf-16-le"), word.encode("utf-16-be"), raw.hex().encode()]
    for shift in range(3):  # base64 looks different at each of three places
        whole = base64.b64encode(b"\0" * shift + raw)
        forms.append(whole[(4 if shift else 0) : -4])
    return forms


def _copied(session: psycopg.Connection[Any], name: sql.Identifier) -> bytes:
    with session.cursor() as cursor, cursor.copy(sql.SQL("COPY {} TO STDOUT").format(name)) as copy:
        return b"".join(bytes(block) for block in copy)


def _rows(session: psycopg.Connection[Any], name: sql.Identifier) -> list[dict[str, Any]]:
    with session.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT * FROM {}").format(name))
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _small(loot: Loot, keys: Mapping[str, bytes]) -> Iterable[bytes]:
    owners = {row["digest"].hex(): _owner(row["subject"]) for row in loot.rows["registry_statement"]}
    for row in loot.rows["registry_statement"]:
        for part in ("envelope", "text"):
            yield from _try(keys.get(owners[row["digest"].hex()]), row[part], f"{part} {row['digest'].hex()}")
    for row in loot.rows["registry_private"]:
        yield from _try(keys.get(owners.get(row["digest"], "")), row["ciphertext"], f"private {row['digest']}")
    for row in loot.rows["consent_consentrequest"]:
        yield from _try(keys.get(f"party:{row['performer']}"), row["asked"], f"request {row['id']}")


def _large(loot: Loot, keys: Mapping[str, bytes]) -> Iterable[bytes]:
    persons = [key for owner, key in keys.items() if owner.startswith("party:")]
    for path, data in loot.files.items():
        name = Path(path).name
        if data[:8] != b"PROVISO1":
            continue
        evidence = [_derived(key, name) for key in persons]
        for key in [keys.get(f"asset:{name}"), *evidence]:
            plain = None if key is None else _file(key, name, data[8:])
            if plain is not None:
                yield plain
                break


def _file(key: bytes, name: str, data: bytes) -> bytes | None:
    plain, stream, number = [], io.BytesIO(data), 0
    ident = bytes.fromhex(name.replace("-", ""))
    chunk = stream.read(CHUNK + 16)
    while chunk:
        after = stream.read(CHUNK + 16)
        bound = ident + number.to_bytes(8, "big") + bytes([not after])
        opened = _opened(key, bytes(4) + number.to_bytes(8, "big") + chunk, bound)
        if opened is None:
            return None
        plain.append(opened)
        chunk, number = after, number + 1
    return b"".join(plain)


def _try(key: bytes | None, sealed: bytes | None, aad: str) -> Iterable[bytes]:
    plain = None if sealed is None else _opened(key, sealed, aad.encode())
    if plain is not None:
        yield unpack(plain)
        yield _payload(plain)


def _payload(plain: bytes) -> bytes:
    """An envelope that is not packed holds its payload in base64: look at what it says, too."""
    start = plain.find(b'"payload":"')
    if start < 0:
        return b""
    return base64.b64decode(plain[start + 11 : plain.index(b'"', start + 11)])


def _opened(key: bytes | None, sealed: bytes, aad: bytes) -> bytes | None:
    if key is None:
        return None
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], aad)
    except (InvalidTag, ValueError):
        return None


def _derived(key: bytes, name: str) -> bytes:
    info = f"proviso evidence v1 {name}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


def _owner(subject: Any) -> str:
    return "registry" if subject is None else f"party:{subject}"
