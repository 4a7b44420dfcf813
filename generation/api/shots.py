"""
`/shots`: ask for one, read them, cancel one, review one.

The answer to ``POST /shots`` is kept under its Idempotency-Key and given again. A refusal is a 403 problem that holds
the decision.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.api.forms import SHOT_REQUEST, ReviewForm, ShotForm
from generation.api.parsing import ShotParser, body_sha256
from generation.core.states import STATES
from generation.models import Shot
from generation.selectors.shots import describe, parts_of, require_visible, visible_to, with_performer
from generation.selectors.standing import standings
from generation.services import closing, reviewing
from generation.services.idempotency import MAX_KEY_CHARS, Call, KeyMissing
from generation.services.requesting import REFUSED, request_shot
from registry.api.authentication import needs
from registry.core.errors import DomainError, Malformed
from registry.core.fields import Reader, read_uuid
from registry.core.jcs import Json
from registry.errors import Unknown

MAX_NOTE_CHARS: Final = 2_000
KEY_HEADER: Final = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)
FILTERS: Final = [
    OpenApiParameter("state", str, enum=sorted(STATES)),
    OpenApiParameter("project", OpenApiTypes.UUID),
    OpenApiParameter("cursor", str),
    OpenApiParameter("limit", int),
]


class Refused(DomainError):
    """The use is not cleared; nothing was queued."""

    code = "not_cleared"
    status = REFUSED

    def __init__(self, told: Mapping[str, Any]) -> None:
        codes = sorted({obstacle["code"] for obstacle in told["decision"]["obstacles"]})
        super().__init__("the use is not cleared: " + ", ".join(f"`{code}`" for code in codes))
        self.told = told

    def extra(self) -> dict[str, object]:
        return {"decision": self.told["decision"], "shot": self.told["id"]}


class ShotsView(GenericAPIView):
    """Ask for a shot; list those of the caller's party and of the projects it produces, newest first."""

    parser_classes = [ShotParser]
    queryset = Shot.objects.none()  # for the schema; `_rows` answers
    serializer_class = ShotForm

    @extend_schema(
        request={"application/json": SHOT_REQUEST},
        parameters=[KEY_HEADER],
        responses={201: ShotForm},
        operation_id="shots_request",
    )
    def post(self, request: Request) -> Response:
        call = Call(party=request.user.party, key=idempotency_key(request), body_sha256=body_sha256(request.data))
        answer = request_shot(request.data, by=request.user, call=call)
        if answer.status == REFUSED:
            raise Refused(answer.body)
        return Response(answer.body, status=answer.status, headers={"Location": f"/api/v1/shots/{answer.body['id']}"})

    @extend_schema(parameters=FILTERS, responses=ShotForm(many=True), operation_id="shots_list")
    def get(self, request: Request) -> Response:
        return _page(self, visible_to(request.user), request)


class ShotView(APIView):
    """One shot, for its producer and the performers concerned."""

    @extend_schema(responses=ShotForm, operation_id="shots_read")
    def get(self, request: Request, shot: str) -> Response:
        return _answer(require_visible(shot, by=request.user), request)


class CancelView(APIView):
    """End a shot before it is released; again is once."""

    permission_classes = [needs("produce")]

    @extend_schema(request=None, responses=ShotForm, operation_id="shots_cancel")
    def post(self, request: Request, shot: str) -> Response:
        return _answer(closing.cancel(shot, by=request.user), request)


class ReviewView(APIView):
    """Pass or reject a shot that waits for a human look."""

    parser_classes = [ShotParser]
    permission_classes = [needs("review")]

    @extend_schema(request=ReviewForm, responses=ShotForm, operation_id="shots_review")
    def post(self, request: Request, shot: str) -> Response:
        body = Reader(request.data)
        verdict, note = body.choice("verdict", reviewing.VERDICTS), body.opt_str("note", max_chars=MAX_NOTE_CHARS)
        body.finish()
        return _answer(reviewing.review(shot, verdict=verdict, note=note, by=request.user), request)


class UsesView(GenericAPIView):
    """Every use of a performer, refusals included, newest first; for that performer."""

    queryset = Shot.objects.none()  # for the schema; `get` answers
    serializer_class = ShotForm

    @extend_schema(parameters=FILTERS, responses=ShotForm(many=True), operation_id="performers_uses")
    def get(self, request: Request, performer: str) -> Response:
        if read_uuid(performer, "performer") not in (request.user.party, request.user.person):
            raise Unknown(kind="performer", id=performer, status=404)
        return _page(self, with_performer(performer), request)


def idempotency_key(request: Request) -> str:
    """Return the call's `Idempotency-Key`; raises ``KeyMissing``."""
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= MAX_KEY_CHARS or not key.isprintable():
        raise KeyMissing
    return key


def _answer(shot: Shot, request: Request) -> Response:
    standing = standings([shot]).get(shot.id)
    return Response(describe(shot, parts=parts_of(shot, request.user), standing=standing))


def _page(view: GenericAPIView, rows: QuerySet[Shot], request: Request) -> Response:
    asked = request.query_params
    if (state := asked.get("state")) is not None:
        if state not in STATES:
            raise Malformed("bad_value", field="state", value=state, wanted=" | ".join(sorted(STATES)))
        rows = rows.filter(state=state)
    if (project := asked.get("project")) is not None:
        rows = rows.filter(project=read_uuid(project, "project"))
    shots = view.paginate_queryset(rows) or []
    found = standings(shots)
    page: list[Json] = [
        describe(shot, parts=parts_of(shot, request.user), standing=found.get(shot.id)) for shot in shots
    ]
    return view.get_paginated_response(page)
