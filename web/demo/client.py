"""
A client of the API, as small as the story needs: JSON in and out, problems as exceptions.

Standard library only, so that what it sends is what anybody could send.
"""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 60.0


class Problem(Exception):
    """The API refused; ``body`` is its problem+json."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('detail')}")
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Calls with one token."""

    base: str
    token: str

    def get(self, path: str) -> Any:
        return json.loads(self.download(path))

    def post(self, path: str, body: object, headers: dict[str, str] | None = None) -> Any:
        data = json.dumps(body).encode()
        return json.loads(self._call("POST", path, data, {"Content-Type": "application/json"} | (headers or {})))

    def download(self, path: str) -> bytes:
        return self._call("GET", path, None, {})

    def upload(self, path: str, *, name: str, content: bytes, metadata: dict[str, Any]) -> Any:
        """Send a file and what is said of it as multipart/form-data (RFC 7578)."""
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{json.dumps(metadata)}\r\n'.encode(),
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
            b"Content-Type: application/octet-stream\r\n\r\n",
            content,
            f"\r\n--{mark}--\r\n".encode(),
        ]
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        return json.loads(self._call("POST", path, b"".join(parts), headers))

    def _call(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> bytes:
        request = urllib.request.Request(
            f"{self.base}{path}",
            data=data,
            method=method,
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            raise Problem(error.code, _problem(text)) from error


def _problem(text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {"code": "unreadable", "detail": text[:200].decode("utf-8", "replace")}
    return body if isinstance(body, dict) else {"code": "unreadable", "detail": str(body)[:200]}
