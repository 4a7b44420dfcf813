"""
`/shots/{id}/uses`: use a released shot for something else, and read what was asked.

201: the use is cleared. 202: it waits for approvals, and asking again decides again. 403: refused, with the decision.
"""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from generation.api.forms import USE, UseForm
from generation.api.parsing import ShotParser, body_sha256
from generation.api.shots import KEY_HEADER, Refused, idempotency_key
from generation.models import ShotUse
from generation.selectors.shots import parts_of, require_visible
from generation.selectors.uses import describe_use, uses_of
from generation.services.idempotency import Call
from generation.services.requesting import REFUSED
from generation.services.using import request_use
from registry.core.fields import read_uuid
from registry.core.jcs import sha256_hex


class UseRefused(Refused):
    """The use is not cleared; nothing was logged."""

    def extra(self) -> dict[str, object]:
        return {"decision": self.told["decision"], "shot": self.told["shot"], "use": self.told["id"]}


class ShotUsesView(GenericAPIView):
    """Uses of one released shot, newest first, refusals included; for its producer and the performers concerned."""

    parser_classes = [ShotParser]
    queryset = ShotUse.objects.none()  # for the schema; `get` answers
    serializer_class = UseForm

    @extend_schema(
        request={"application/json": USE},
        parameters=[KEY_HEADER],
        responses={201: UseForm, 202: UseForm},
        operation_id="shots_use",
    )
    def post(self, request: Request, shot: str) -> Response:
        asked = sha256_hex(f"{read_uuid(shot, 'shot')} {body_sha256(request.data)}".encode())
        call = Call(party=request.user.party, key=idempotency_key(request), body_sha256=asked)
        answer = request_use(shot, request.data, by=request.user, call=call)
        if answer.status == REFUSED:
            raise UseRefused(answer.body)
        return Response(answer.body, status=answer.status)

    @extend_schema(responses=UseForm(many=True), operation_id="shots_uses")
    def get(self, request: Request, shot: str) -> Response:
        row = require_visible(shot, by=request.user)
        parts = parts_of(row, request.user)
        page = self.paginate_queryset(uses_of(row.id)) or []
        return self.get_paginated_response([describe_use(use, parts=parts) for use in page])
