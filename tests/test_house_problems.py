"""Every error leaves as problem+json with a stable code, and none says more than it should."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client, override_settings
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from registry.core.errors import DomainError

RAISED: dict[str, Exception] = {}  # what the view below raises, by the name in its address


class Refused(DomainError):
    code = "test_refused"
    status = 403

    def extra(self) -> dict[str, object]:
        return {"decision": {"cleared": False}, "status": 200, "code": "overwritten"}


class Numbers(serializers.Serializer[Any]):
    many = serializers.ListField(child=serializers.IntegerField())
    one = serializers.IntegerField()


@api_view(["POST"])
@authentication_classes([])
@permission_classes([])
def view(request: Request, name: str) -> Response:
    if name in RAISED:
        raise RAISED[name]
    numbers = Numbers(data=request.data)
    numbers.is_valid(raise_exception=True)
    return Response(numbers.data)


urlpatterns = [path("raise/<str:name>", view)]
handler400 = "config.problems.bad_request"
handler404 = "config.problems.not_found"
handler500 = "config.problems.server_error"


@pytest.fixture
def client() -> Any:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)
    RAISED.clear()


def _problem(response: Any) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert {"type", "title", "code", "detail"} <= set(body)
    return body


def _raise(client: Client, error: Exception) -> Any:
    RAISED["it"] = error
    return client.post("/raise/it", {}, content_type="application/json")


def test_a_domain_error_keeps_its_code_status_field_and_extra_fields(client: Client) -> None:
    body = _problem(_raise(client, Refused("the use `x` is not covered", field="use.media[0]")))
    assert body == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "code": "test_refused",
        "detail": "the use `x` is not covered",
        "field": "use.media[0]",
        "decision": {"cleared": False},
    }


def test_an_error_without_a_field_names_none(client: Client) -> None:
    assert "field" not in _problem(_raise(client, Refused("no")))


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (RequestDataTooBig(), 413, "too_large"),
        (SuspiciousOperation("secret"), 400, "bad_request"),
        (OperationalError("secret"), 503, "unavailable"),
        (exceptions.NotAuthenticated(), 403, "not_authenticated"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (exceptions.Throttled(wait=7), 429, "throttled"),
        (exceptions.UnsupportedMediaType("text/x"), 415, "unsupported_media_type"),
        (RuntimeError("secret"), 500, "internal_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_kind_of_error_has_its_status_and_code(
    client: Client, error: Exception, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, logger="django.request"):
        response = _raise(client, error)
    body = _problem(response)
    assert (body["status"], body["code"]) == (status, code)
    assert "secret" not in response.content.decode()


def test_an_unexpected_error_is_logged_where_only_we_read_it(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    _raise(client, RuntimeError("the cause"))
    assert "the cause" in caplog.text


def test_a_caller_who_came_too_often_is_told_how_long_to_wait(client: Client) -> None:
    assert _raise(client, exceptions.Throttled(wait=7)).headers["Retry-After"] == "7"


def test_a_failed_validation_names_every_field_and_the_first_one_first(client: Client) -> None:
    response = client.post("/raise/nothing", {"many": [1, "x", "y"]}, content_type="application/json")
    body = _problem(response)
    assert (body["status"], body["code"], body["field"]) == (400, "invalid", "many[1]")
    assert [fault["field"] for fault in body["errors"]] == ["many[1]", "many[2]", "one"]
    assert [fault["code"] for fault in body["errors"]] == ["invalid", "invalid", "required"]


def test_a_valid_body_passes_the_same_view(client: Client) -> None:
    assert client.post("/raise/nothing", {"many": [1], "one": 2}, content_type="application/json").status_code == 200


@pytest.mark.parametrize("body", [b"{", b'{"a":NaN}', b"\xff", b""], ids=["cut", "nan", "not-utf8", "empty"])
def test_a_body_that_is_not_json_is_a_problem(client: Client, body: bytes) -> None:
    response = client.post("/raise/nothing", body, content_type="application/json")
    assert _problem(response)["code"] in {"parse_error", "invalid"}


def test_a_broken_multipart_body_is_a_problem(client: Client) -> None:
    response = client.generic("POST", "/raise/nothing", io.BytesIO(b"--").read(), "multipart/form-data")
    assert _problem(response)["code"] == "parse_error"


def test_a_wrong_method_a_wrong_type_and_an_unknown_address_are_problems(client: Client) -> None:
    assert _problem(client.get("/raise/nothing"))["code"] == "method_not_allowed"
    assert _problem(client.post("/raise/nothing", b"x", content_type="text/x"))["code"] == "unsupported_media_type"
    assert _problem(client.get("/elsewhere"))["code"] == "not_found"


def test_an_answer_that_nobody_can_read_is_a_problem(client: Client) -> None:
    response = client.post("/raise/nothing", {}, content_type="application/json", headers={"accept": "image/png"})
    assert _problem(response)["code"] == "not_acceptable"
