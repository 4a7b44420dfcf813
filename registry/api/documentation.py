"""
What the schema tells of every call alike: how a token is sent, and what a refusal looks like.

Importing it is enough for the first: the framework collects its subclasses. The second is a hook named in the settings:
every operation answers anything but success with the one problem of ``config.problems``.
"""

from collections.abc import Iterator
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension

_PROBLEM: Final = {
    "type": "object",
    "description": "RFC 9457. `code` is API: it is never renamed. Some codes add fields of their own, such as the "
    "`decision` of a refused use, the `report` of a refused file, or `retry_after_s`.",
    "properties": {
        "type": {"type": "string", "enum": ["about:blank"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "field": {"type": "string", "description": "the field at fault, as a path, where there is one"},
    },
    "required": ["type", "title", "status", "code", "detail"],
    "additionalProperties": True,
}
_REFUSED: Final = {
    "description": "Refused: the code says why.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "registry.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def with_problems(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Give every operation the answer that a refusal has."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    for operation in _operations(result):
        operation.setdefault("responses", {}).setdefault("default", _REFUSED)
    return result


def _operations(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in result["paths"].values():
        yield from (told for told in methods.values() if isinstance(told, dict))
