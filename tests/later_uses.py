"""Uses of a released shot: one whose window holds this moment, and another one asked for later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from uuid6 import uuid7

from registry.core.times import format_time, whole_second
from registry.locks import clock
from tests.studio import Studio, post

NARROW = ["svod"]  # the media of Ada's consent where a test wants a use refused


def now_use(studio: Studio, **fields: Any) -> dict[str, Any]:
    """The use of a shot whose window holds this moment."""
    start = whole_second(clock()) - timedelta(days=1)
    window = [format_time(start), format_time(start + timedelta(days=400))]
    return studio.use(**{"window": window} | fields)


def another(**fields: Any) -> dict[str, Any]:
    """The body of another use: the same medium, another country and year."""
    body = {
        "purposes": ["work"],
        "media": NARROW,
        "territories": ["BE"],
        "languages": ["fr-FR"],
        "window": ["2028-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
    }
    return body | fields


def use(studio: Studio, shot: str, body: Any = None, *, key: str | None = None, secret: str | None = None) -> Any:
    headers = studio.headers(secret) | {"Idempotency-Key": key or str(uuid7())}
    return post(f"/api/v1/shots/{shot}/uses", another() if body is None else body, headers)
