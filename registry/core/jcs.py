"""
Canonical JSON: the only bytes that are ever signed, hashed or logged (RFC 8785), without floats.

1. Bound the size, then decode UTF-8.
2. Parse, refusing duplicate keys (``json`` would silently keep the last), floats and integers beyond 2^53 - 1.
3. For canonical input: write the value again and compare bytes.

``parse_json`` stops after step 2 and serves requests, which nobody signs.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from typing import NoReturn, TypeAlias

import rfc8785

from registry.core.errors import MAX_SHOWN, Malformed

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

MAX_JSON_BYTES = 1 << 20  # a statement listing every territory and language in 50 boxes stays under half of it
MAX_DEPTH = 32  # the deepest body we know nests nine levels
MAX_SAFE_INTEGER = (1 << 53) - 1  # RFC 8785, section 3.2.2.3: beyond it other readers round


def sha256_hex(data: bytes) -> str:
    """Return SHA-256 in lower-case hex, the form in which digests are written everywhere."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: object) -> bytes:
    """Write a JSON value as RFC 8785 bytes; floats, big integers, lone surrogates and other types are refused."""
    _check(value, depth=1)
    return _written(value)


def parse_canonical(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> Json:
    """Read JSON that must already be in canonical form, byte for byte."""
    value = parse_json(data, max_bytes=max_bytes)
    if _written(value) != data:
        raise Malformed("not_canonical")
    return value


def parse_json(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> Json:
    """Read JSON of any spacing and key order, without duplicate keys, floats or unbounded input."""
    if len(data) > max_bytes:
        raise Malformed("too_large", value=len(data), wanted=f"at most {max_bytes} bytes")
    try:
        value: Json = _decoder.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed("not_utf8") from error
    except RecursionError as error:
        raise Malformed("too_deep", wanted=f"at most {MAX_DEPTH} levels") from error
    except json.JSONDecodeError as error:
        raise Malformed("not_json", value=error) from error
    _check(value, depth=1)
    return value


def _written(value: object) -> bytes:
    """
    Write what was checked. Where all of it is ASCII, the standard library writes the same bytes in a tenth of the time:
    its order of keys differs beyond the basic plane alone, and floats, which it writes otherwise, were refused.
    """
    try:
        text = _encoder.encode(value)
        return text.encode("ascii") if text.isascii() else rfc8785.dumps(value)  # type: ignore[arg-type]  # checked
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise Malformed("bad_value", value=error) from error


def _check(value: object, *, depth: int) -> None:
    """Refuse what is not JSON as we use it; exact types, so that no subclass writes itself differently."""
    kind = type(value)
    if kind is str:
        _check_text(str(value))
    elif kind is int:
        _check_int(value)
    elif isinstance(value, dict) or kind is list or kind is tuple:
        if depth > MAX_DEPTH:
            raise Malformed("too_deep", wanted=f"at most {MAX_DEPTH} levels")
        _check_children(value, depth=depth + 1)
    elif kind is float:
        raise Malformed("float_not_allowed", value=value)
    elif value is not None and kind is not bool:
        raise Malformed("bad_type", value=kind.__name__, wanted="a JSON value")


def _check_children(value: object, *, depth: int) -> None:
    if isinstance(value, dict):
        for key, child in value.items():
            if type(key) is not str:
                raise Malformed("bad_type", value=key, wanted="text for a key")
            _check_text(key)
            if type(child) is not str or not child.isascii():
                _check(child, depth=depth)
    elif isinstance(value, (list, tuple)):
        for child in value:
            if type(child) is not str or not child.isascii():
                _check(child, depth=depth)


def _check_text(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Malformed("bad_value", value=ascii(text), wanted="no lone surrogate") from error


def _check_int(value: object) -> None:
    if not (isinstance(value, int) and -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER):
        raise Malformed("integer_out_of_range", value=value, wanted="at most 2^53 - 1")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise Malformed("duplicate_key", value=twice)
    return whole


def _whole_number(text: str) -> int:
    if len(text) > len("-9007199254740991"):
        raise Malformed("integer_out_of_range", value=text, wanted="at most 2^53 - 1")
    return int(text)


def _refuse_float(text: str) -> NoReturn:
    raise Malformed("float_not_allowed", value=text[:MAX_SHOWN])


_refuse: Callable[[str], NoReturn] = _refuse_float
_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_whole_number, parse_float=_refuse, parse_constant=_refuse
)
_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
