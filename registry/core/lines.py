"""
Texts of the log that are read line by line: base64 and numbers in their one spelling, and which line is at fault.

Whoever reads a line does not know where it stands: ``at`` says so, and what is inside another file is moved by as many
lines as stand above it, so that a refusal names the line of the file that a person has before them.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from registry.core.errors import BadNote, BadProof

MAX_NUMBER: Final = 2**63 - 1  # what other clients and databases hold; a tree of as many leaves has the height 63
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")


def decode_base64(text: str) -> bytes:
    """Decode standard base64 in its one canonical spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote(problem=f"`{text[:80]}` is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise BadNote(problem=f"`{text[:80]}` is not canonical base64")
    return data


def encode_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read_decimal(text: str) -> int:
    if not _DECIMAL.fullmatch(text):
        raise BadNote(problem=f"`{text[:80]}` is not a whole number without leading zeros")
    if (number := int(text)) > MAX_NUMBER:
        raise BadNote(problem=f"`{text}` is more than `{MAX_NUMBER}`")
    return number


def after(prefix: str, line: str) -> str:
    """Return what follows the word that a line starts with."""
    if not line.startswith(prefix):
        raise BadNote(problem=f"`{line[:80]}` does not start with `{prefix.strip()}`")
    return line[len(prefix) :]


@contextmanager
def at(line: int) -> Iterator[None]:
    """Say of a fault within that it lies in this line."""
    try:
        yield
    except (BadNote, BadProof) as error:
        raise type(error)(problem=error.problem, line=line) from error


@contextmanager
def below(lines: int) -> Iterator[None]:
    """Move a fault that knows its line down by what stands above its text; leave one that knows none as it is."""
    try:
        yield
    except (BadNote, BadProof) as error:
        if error.line is None:
            raise
        raise type(error)(problem=error.problem, line=lines + error.line) from error
