"""
Read JSON requests by the same strict reader as signed bytes: no duplicate keys, no floats, bounded.

A request that says one thing twice is refused rather than half heard.
"""

from typing import Any, Final

from rest_framework.parsers import BaseParser

from registry.core.errors import Malformed
from registry.core.jcs import parse_json

MAX_REQUEST_BYTES: Final = 3 << 20  # the largest envelope in base64, its text and its private part


class StrictJSONParser(BaseParser):
    """The parser of views that take signed or drafted content."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        value = parse_json(stream.read(MAX_REQUEST_BYTES + 1), max_bytes=MAX_REQUEST_BYTES)
        if not isinstance(value, dict):
            raise Malformed("bad_type", wanted="an object")
        return value
