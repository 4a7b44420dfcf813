"""
Make problem+json (RFC 9457) of every error that leaves the house.

A problem has ``type title status code detail``, the ``field`` at fault where there is one, and whatever an error adds
for programs. ``code`` is API. ``type`` stays ``about:blank``: the code says more than an address would.

- our own ``DomainError``: its code, status, message, field and extra fields
- what Django REST framework raises: its codes; of a failed validation every field, the first one as ``field``
- a database that cannot be reached or gave way to another transaction: 503, try again
- anything else is logged and leaves as ``internal_error``, without a word about its cause
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from registry.core.errors import DomainError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1  # the embedded server is back in less


def problem(
    status: int, code: str, detail: str, *, field: str | None = None, extra: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return the body of a problem; what an error adds cannot replace what every problem has."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if field is not None:
        body["field"] = field
    return dict(extra or {}) | body


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer for an error raised in a view. `None` hands it to Django, which logs it and calls ``server_error``."""
    known = _known(error)
    if known is None:
        return None
    set_rollback()
    body, headers = known
    return Response(body, status=int(str(body["status"])), headers=headers, content_type=MEDIA_TYPE)


def _known(error: Exception) -> tuple[dict[str, object], dict[str, str]] | None:
    match error:
        case DomainError():
            body = problem(error.status, error.code, str(error), field=error.field, extra=error.extra())
            return body, _retry_after(error.extra().get("retry_after_s"))
        case exceptions.APIException():
            return _of_framework(error), _headers(error)
        case Http404():
            return problem(404, "not_found", "there is nothing here"), {}
        case PermissionDenied():
            return problem(403, "permission_denied", "this token does not allow that"), {}
        case RequestDataTooBig():
            return problem(413, "too_large", "the body is too large"), {}
        case SuspiciousOperation():
            return problem(400, "bad_request", "the request cannot be read"), {}
        case OperationalError():
            detail = "the database cannot answer now; try again"
            return problem(503, "unavailable", detail), {"Retry-After": str(RETRY_AFTER_S)}
    return None


def _of_framework(error: exceptions.APIException) -> dict[str, object]:
    if isinstance(error, exceptions.ValidationError):
        faults = list(_faults(error.detail, ""))
        first = faults[0] if faults else {"field": None, "detail": "the request is not valid"}
        field = first["field"]
        return problem(error.status_code, "invalid", str(first["detail"]), field=field, extra={"errors": faults})
    return problem(error.status_code, str(error.get_codes()), str(error.detail))


def _faults(detail: Any, path: str) -> Iterator[dict[str, str | None]]:
    """Flatten the framework's nested lists and dicts into one row a fault, with the path of its field."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _faults(inner, _below(path, name))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            leaf = isinstance(inner, exceptions.ErrorDetail)
            yield from _faults(inner, path if leaf else f"{path}[{index}]")
    else:
        yield {"field": path or None, "code": detail.code, "detail": str(detail)}


def _below(path: str, name: str | int) -> str:
    if name == "non_field_errors":
        return path
    return f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}".lstrip(".")


def _retry_after(seconds: object) -> dict[str, str]:
    """RFC 9110 section 10.2.3: our own errors say it in the body too."""
    return {} if seconds is None else {"Retry-After": str(seconds)}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if authenticate := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return _answer(problem(400, "bad_request", "the request cannot be read"))


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return _answer(problem(404, "not_found", f"there is nothing at `{request.path[:200]}`"))


def server_error(request: HttpRequest) -> JsonResponse:
    return _answer(problem(500, "internal_error", "something went wrong here; it has been logged"))


def _answer(body: dict[str, object]) -> JsonResponse:
    return JsonResponse(body, status=body["status"], content_type=MEDIA_TYPE)
