"""
``POST /clearances/check``: would this shot be cleared? And would it, if this text were signed?

A body with ``requests`` asks about many at once, and may bring drafts: each is drafted as ``POST /statements/draft``
would, for the same errors, and then taken as signed (``consent.services.simulation``). Nothing is kept of either.
"""

from datetime import datetime
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.services.simulation import Supposed
from generation.api.forms import SHOT_REQUEST
from generation.api.parsing import ShotParser
from generation.services.preflight import check, check_many, placed
from registry.core.envelope import parse_statement
from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.kinds.kind import Context
from registry.locks import clock
from registry.services.accept import read_body
from web.drafts import draft
from web.statements import KINDS, kind_of

MAX_REQUESTS: Final = 1_000  # the shots of a feature
MAX_SUPPOSED: Final = 20
MAX_CHECK_BYTES: Final = 16 << 20  # a thousand requests that list their territories
_SHOWN_IN: Final = "en"  # nobody reads the text of a draft that is only supposed

_TIME: Final = {"type": ["string", "null"], "format": "date-time"}
_DRAFT: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "issuer", "body"],
    "properties": {
        "type": {"type": "string", "enum": sorted(type_ for type_, kind in KINDS.items() if kind.effect != "records")},
        "issuer": {"type": "string", "format": "uuid"},
        "body": {"type": "object", "description": "as for `/statements/draft`"},
        "issued_at": {**_TIME, "description": "null: now, or `at` where that is earlier"},
    },
}
CHECK_MANY: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["requests"],
    "properties": {
        "requests": {"type": "array", "items": SHOT_REQUEST, "minItems": 1, "maxItems": MAX_REQUESTS},
        "suppose": {"type": "array", "items": _DRAFT, "maxItems": MAX_SUPPOSED},
        "at": {**_TIME, "description": "null: now"},
    },
}
_OBJECTS: Final = {"type": "array", "items": {"type": "object"}}
_DECISION: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["cleared", "obstacles", "pending", "grounds", "tree_size", "facts_digest"],
    "properties": {
        "cleared": {"type": "boolean"},
        "obstacles": _OBJECTS,
        "pending": {**_OBJECTS, "description": "approvals not given yet"},
        "grounds": {**_OBJECTS, "description": "with `supposed`, where many are asked about"},
        "tree_size": {"type": "integer"},
        "facts_digest": {"type": "string"},
        "withheld": {"type": "integer", "description": "obstacles that are none of the caller's business"},
    },
}
_DECISIONS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["decisions", "at", "supposed"],
    "properties": {
        "decisions": {"type": "array", "items": _DECISION},
        "at": {"type": "string", "format": "date-time"},
        "supposed": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "type": {"type": "string"},
                    "digest": {"type": "string", "description": "by which grounds and obstacles name the draft"},
                    "issued_at": {"type": "string", "format": "date-time"},
                    "read": {"type": "boolean", "description": "whether it bears on any of the requests"},
                },
            },
        },
    },
}


class CheckParser(ShotParser):
    """As of shot requests, with room for many."""

    max_bytes = MAX_CHECK_BYTES


class CheckView(APIView):
    """Would these shots be cleared? 200 with the decisions, cleared or not; nothing is logged."""

    parser_classes = [CheckParser]

    @extend_schema(
        request={"application/json": {"oneOf": [SHOT_REQUEST, CHECK_MANY]}},
        responses={(200, "application/json"): {"oneOf": [_DECISION, _DECISIONS]}},
        operation_id="clearances_check",
    )
    def post(self, request: Request) -> Response:
        if not isinstance(request.data, dict) or "requests" not in request.data:
            return Response(check(request.data, by=request.user))
        body = Reader(request.data)
        requests = body.list_of("requests", _as_it_is, min_items=1, max_items=MAX_REQUESTS)
        asked = body.opt_list_of("suppose", _as_it_is, max_items=MAX_SUPPOSED)
        at, now = body.opt_time("at"), clock()
        body.finish()
        supposed = [_supposed(number, one, at=min(at or now, now)) for number, one in enumerate(asked)]
        return Response(check_many(requests, supposed=supposed, at=at, by=request.user))


def _as_it_is(value: object, path: str) -> object:
    return value


def _supposed(number: int, obj: object, *, at: datetime) -> Supposed:
    """Draft a statement as for its signer, and tie it as its acceptance would."""
    with placed(f"suppose[{number}]"):
        reader = Reader(obj)
        kind, issuer = kind_of(reader.str("type")), reader.uuid("issuer")
        body, issued_at = reader.raw("body"), reader.opt_time("issued_at") or at
        reader.finish()
        if not isinstance(body, dict):
            raise Malformed("bad_type", field="body", wanted="an object")
        drafted = draft(kind, issuer=issuer, body=body, language=_SHOWN_IN, private=None, at=issued_at)
        statement = parse_statement(drafted.payload)
        record, _ = read_body(statement, kind)
        return Supposed(
            statement=statement, threads=kind.threads(Context(record=record, statement=statement, at=issued_at))
        )
