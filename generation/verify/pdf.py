"""
Read the attachments of a PDF: as much of the format as the records need, and nothing of what it also allows.

1. The file starts with `%PDF-` and ends with one table of objects: `xref`, trailer, `startxref`, `%%EOF`. An older
   table behind it (`/Prev`), a stream of objects, encryption: refused, since a viewer and we might then read two files.
2. Catalogue → `Names` → `EmbeddedFiles` → pairs of name and file specification. Two of one name: refused.
3. Each specification leads to one stream, stored as it is: no filter, its length written directly.

Bytes in, attachments out; the standard library only, so that the verifier can be installed without a PDF library. Each
attachment comes with its place in the file, by which a seal inside it can be blanked (``generation.core.page_seal``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

MAX_PDF_BYTES: Final = 16 << 20  # a record takes some hundred KiB
MAX_OBJECTS: Final = 10_000
MAX_ATTACHMENTS: Final = 32
MAX_NESTING: Final = 16
_TAIL: Final = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF\s*\Z")
_ENTRY: Final = re.compile(rb"([0-9]{10}) ([0-9]{5}) ([fn])[ \r][\r\n]")
_SECTION: Final = re.compile(rb"xref\s+0 ([0-9]{1,6})\s*?\r?\n")
_OBJECT: Final = re.compile(rb"\s*([0-9]{1,6}) ([0-9]{1,5}) obj\b")
_STREAM: Final = re.compile(rb"\s*stream\r?\n")
_TOKEN: Final = re.compile(
    rb"(?:[\0\t\n\f\r ]++|%[^\r\n]*+)*+"  # nothing to try twice: a hostile file costs no time
    rb"(?P<token><<|>>|[\[\]]|/[^\0\t\n\f\r ()<>\[\]{}/%]*|<[0-9A-Fa-f\s]*>|\(|[^\0\t\n\f\r ()<>\[\]{}/%]+)"
)
_REFERENCE: Final = re.compile(rb"[\0\t\n\f\r ]+([0-9]{1,5})[\0\t\n\f\r ]+R\b")
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_UTF16: Final = b"\xfe\xff"


class NotReadable(Exception):
    """Not a PDF, or one that is made otherwise than ours; the message says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    data: bytes
    start: int  # of its bytes in the file


@dataclass(frozen=True, slots=True)
class _Reference:
    number: int


@dataclass(slots=True)
class _Lexer:
    """Reads one object of PDF syntax (ISO 32000-1, section 7.3); numbers stay as they are written."""

    data: bytes
    at: int
    depth: int = 0

    def value(self) -> Any:
        token = self._next()
        if token == b"<<":
            return self._nested(self._dictionary)
        if token == b"[":
            return self._nested(self._array)
        if token == b"(":
            return self._string()
        if token.startswith(b"<"):
            digits = re.sub(rb"\s", b"", token[1:-1])
            return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        if token.startswith(b"/"):
            return token.decode("latin-1")
        if token.isdigit() and (rest := _REFERENCE.match(self.data, self.at)):
            self.at = rest.end()
            return _Reference(_int(token))
        return token

    def _next(self) -> bytes:
        found = _TOKEN.match(self.data, self.at)
        if found is None:
            raise NotReadable(f"no PDF syntax at byte {self.at}")
        self.at = found.end()
        return found["token"]

    def _nested(self, read: Any) -> Any:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise NotReadable(f"nested too deeply at byte {self.at}")
        found = read()
        self.depth -= 1
        return found

    def _until(self, end: bytes) -> Iterator[Any]:
        while True:
            found = _TOKEN.match(self.data, self.at)
            if found is not None and found["token"] == end:
                self.at = found.end()
                return
            yield self.value()

    def _array(self) -> list[Any]:
        return list(self._until(b"]"))

    def _dictionary(self) -> dict[str, Any]:
        items = list(self._until(b">>"))
        names, values = items[::2], items[1::2]
        if len(names) != len(values) or not all(isinstance(name, str) for name in names):
            raise NotReadable(f"a dictionary before byte {self.at} is no pairs of names and values")
        if len(set(names)) != len(names):
            raise NotReadable(f"a dictionary before byte {self.at} has one name twice")
        return dict(zip(names, values, strict=True))

    def _string(self) -> bytes:
        """Read a literal string (section 7.3.4.2), parentheses and escapes within it."""
        found, open_ = bytearray(), 1
        while self.at < len(self.data):
            char = self.data[self.at : self.at + 1]
            self.at += 1
            if char == b"\\":
                found += self._escaped()
                continue
            open_ += (char == b"(") - (char == b")")
            if not open_:
                return bytes(found)
            found += char
        raise NotReadable("a string does not end")

    def _escaped(self) -> bytes:
        octal = re.compile(rb"[0-7]{1,3}").match(self.data, self.at)
        if octal is not None:
            self.at = octal.end()
            return bytes([int(octal[0], 8) & 0xFF])
        char = self.data[self.at : self.at + 1]
        self.at += 1
        return _ESCAPES.get(char, char)


@dataclass(slots=True)
class _File:
    data: bytes
    offsets: dict[int, int] = field(default_factory=dict)

    def object(self, reference: Any, what: str) -> tuple[dict[str, Any], int]:
        """Return the dictionary of an indirect object, and where it ends."""
        if not isinstance(reference, _Reference) or reference.number not in self.offsets:
            raise NotReadable(f"{what} is not an object of the file")
        offset = self.offsets[reference.number]
        head = _OBJECT.match(self.data, offset)
        if head is None or _int(head[1]) != reference.number:
            raise NotReadable(f"object {reference.number} is not where the table says")
        lexer = _Lexer(self.data, head.end())
        return _dictionary(lexer.value(), what), lexer.at

    def resolved(self, value: Any, what: str) -> dict[str, Any]:
        """Return a dictionary that stands here or is referred to."""
        return value if isinstance(value, dict) else self.object(value, what)[0]

    def stream(self, reference: Any, what: str) -> Attachment:
        head, end = self.object(reference, what)
        if "/Filter" in head or "/F" in head or "/DecodeParms" in head:
            raise NotReadable(f"{what} is not stored as it is")
        length = head.get("/Length")
        start = _STREAM.match(self.data, end)
        if start is None or not isinstance(length, bytes) or not length.isdigit():
            raise NotReadable(f"{what} is no stream of a written length")
        stop = start.end() + _int(length)
        if not re.compile(rb"\r?\nendstream\b").match(self.data, stop):
            raise NotReadable(f"{what} does not end where its length says")
        return Attachment(data=self.data[start.end() : stop], start=start.end())


def read_attachments(data: bytes) -> dict[str, Attachment]:
    """Return the attachments of a PDF by name; raises ``NotReadable``."""
    if len(data) > MAX_PDF_BYTES:
        raise NotReadable(f"it is larger than {MAX_PDF_BYTES >> 20} MiB")
    if not data.startswith(b"%PDF-"):
        raise NotReadable("it does not start as a PDF does")
    file = _File(data)
    trailer = _table(file)
    for name, why in (("/Encrypt", "it is encrypted"), ("/Prev", "it was added to"), ("/XRefStm", "it is a hybrid")):
        if name in trailer:
            raise NotReadable(why)
    root = file.resolved(trailer.get("/Root"), "its catalogue")
    names = file.resolved(root.get("/Names", {}), "its table of names")
    embedded = file.resolved(names.get("/EmbeddedFiles", {}), "its table of attachments")
    return _attachments(file, embedded)


def _attachments(file: _File, embedded: dict[str, Any]) -> dict[str, Attachment]:
    if "/Kids" in embedded:
        raise NotReadable("its attachments are listed in several tables")
    pairs = embedded.get("/Names", [])
    if not isinstance(pairs, list) or len(pairs) % 2 or len(pairs) > 2 * MAX_ATTACHMENTS:
        raise NotReadable(f"its attachments are no list of at most {MAX_ATTACHMENTS}")
    found: dict[str, Attachment] = {}
    for name, reference in zip(pairs[::2], pairs[1::2], strict=True):
        specification = file.resolved(reference, "an attachment")
        called = _name(name)
        if called in found:
            raise NotReadable(f"two attachments are called `{called}`")
        if {_name(specification[key]) for key in ("/F", "/UF") if key in specification} != {called}:
            raise NotReadable(f"attachment `{called}` has two names")
        stored = file.resolved(specification.get("/EF"), f"attachment `{called}`")
        if stored.get("/UF", stored.get("/F")) != stored.get("/F"):
            raise NotReadable(f"attachment `{called}` has not one content")
        found[called] = file.stream(stored.get("/F"), f"attachment `{called}`")
    return found


def _table(file: _File) -> dict[str, Any]:
    """Read the one table of objects into ``file``; return the trailer behind it."""
    tail = _TAIL.search(file.data, max(0, len(file.data) - 64))
    if tail is None:
        raise NotReadable("it is cut off: its end is missing")
    start = _int(tail[1])
    section = _SECTION.match(file.data, start)
    if section is None:
        raise NotReadable("its table of objects is missing, or of a kind that records do not use")
    count, at = _int(section[1]), section.end()
    if count > MAX_OBJECTS:
        raise NotReadable(f"it has more than {MAX_OBJECTS} objects")
    for number in range(count):
        entry = _ENTRY.match(file.data, at)
        if entry is None:
            raise NotReadable(f"line {number + 1} of its table of objects is damaged")
        if entry[3] == b"n":
            file.offsets[number] = _int(entry[1])
        at = entry.end()
    after = re.compile(rb"\s*trailer\b").match(file.data, at)
    if after is None:
        raise NotReadable("its table of objects goes on in a second section, or has no trailer")
    lexer = _Lexer(file.data, after.end())
    trailer = _dictionary(lexer.value(), "its trailer")
    if file.data[lexer.at : tail.start()].strip():
        raise NotReadable("something stands between its trailer and its end")
    return trailer


def _dictionary(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotReadable(f"{what} is no dictionary")
    return value


def _name(value: Any) -> str:
    """Return a file name; ours are ASCII, and what else is there is shown as it can be."""
    if not isinstance(value, bytes):
        raise NotReadable("an attachment has no name")
    return value[2:].decode("utf-16-be", "replace") if value.startswith(_UTF16) else value.decode("latin-1")


def _int(digits: bytes) -> int:
    return int(digits.decode("ascii"))
