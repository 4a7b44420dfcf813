"""
Read the JSON of a shot request: as strict as signed bytes, except that paths have fractions.

A key that stands twice, ``NaN`` and numbers beyond any float are refused; the body is bounded.
"""

import json
from typing import Any, Final, NoReturn

from rest_framework.parsers import BaseParser

from registry.core.errors import Malformed
from registry.core.jcs import Json, canonical, sha256_hex

MAX_REQUEST_BYTES: Final = 1 << 20  # sixty-four references and every territory take some 40 KiB


class ShotParser(BaseParser):
    """The parser of ``POST /shots`` and of preflights."""

    media_type = "application/json"
    max_bytes = MAX_REQUEST_BYTES

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Json:
        data = stream.read(self.max_bytes + 1)
        if len(data) > self.max_bytes:
            raise Malformed("too_large", wanted=f"at most {self.max_bytes} bytes")
        try:
            return json.loads(data.decode(), object_pairs_hook=_closed, parse_constant=_refuse)
        except UnicodeDecodeError as error:
            raise Malformed("not_utf8") from error
        except (json.JSONDecodeError, RecursionError) as error:
            raise Malformed("not_json") from error


def body_sha256(value: Json) -> str:
    """Hash what a body says, whatever its spacing and order of keys; fractions are written as text for that."""
    return sha256_hex(canonical(_without_floats(value)))


def _without_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_floats(inner) for inner in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return f"number {value!r}"


def _closed(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise Malformed("duplicate_key", value=key)
        found[key] = value
    return found


def _refuse(constant: str) -> NoReturn:
    raise Malformed("not_json", value=constant)
