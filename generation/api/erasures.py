"""
`/parties/{id}/erasure`, `/erasures/{secret}` and `/kept/open`: be erased, know it, and what two people may still open.

`GET` first: whoever confirms sends back the hash of what they were told.
"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.selectors.erasures import Plan
from generation.services import erasure_requests
from generation.services.opening import open_kept
from registry.api.authentication import needs
from registry.api.parsing import StrictJSONParser
from registry.core.fields import Reader, read_uuid
from registry.core.jcs import Json
from registry.core.times import format_time
from registry.locks import clock


class ErasureForetold(serializers.Serializer):
    """What would be destroyed, what has to stay and why, in plain words and by digest."""

    texts = serializers.JSONField(help_text="what it does, in `en` and `fr`")
    told_sha256 = serializers.CharField(help_text="to be sent back by whoever confirms")
    destroyed = serializers.ListField(child=serializers.CharField())
    kept = serializers.ListField(child=serializers.JSONField())
    obstacles = serializers.ListField(child=serializers.JSONField(), help_text="what stands in the way, by code")
    request = serializers.JSONField(allow_null=True, help_text="a request that waits, or was carried out")


class ErasureConfirmed(serializers.Serializer):
    """Whoever confirms says what they were told."""

    told_sha256 = serializers.CharField()


class ErasureAsked(serializers.Serializer):
    """When it will be carried out, and where the receipt will be: the address is a secret, and is told once."""

    id = serializers.UUIDField()
    due_at = serializers.DateTimeField()
    receipt = serializers.CharField()


class ErasureReceipt(serializers.Serializer):
    """Where a request stands; once it is done, the records in the log with their proofs."""

    id = serializers.UUIDField()
    subject = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["waiting", "cancelled", "done"])
    asked_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    at = serializers.DateTimeField(allow_null=True)
    texts = serializers.JSONField()
    records = serializers.ListField(child=serializers.JSONField())


class KeptOpened(serializers.Serializer):
    """What two people opened, and the digest of what the log says of it."""

    statement = serializers.CharField()
    opened = serializers.JSONField(help_text="by digest")


class ErasureView(APIView):
    """What erasing a person does, and asking for it."""

    parser_classes = [StrictJSONParser]
    permission_classes = [needs("sign")]

    @extend_schema(responses=ErasureForetold, operation_id="erasures_preview")
    def get(self, request: Request, party: str) -> Response:
        subject = read_uuid(party, "party")
        told = erasure_requests.preview(subject, by=request.user, at=clock())
        return Response(
            {
                "texts": dict(told.texts),
                "told_sha256": told.told_sha256,
                **_planned(told.plan),
                "request": _waiting(subject),
            }
        )

    @extend_schema(request=ErasureConfirmed, responses={201: ErasureAsked}, operation_id="erasures_ask")
    def post(self, request: Request, party: str) -> Response:
        body = Reader(request.data)
        told = body.digest("told_sha256")
        body.finish()
        asked = erasure_requests.ask(read_uuid(party, "party"), told, by=request.user)
        receipt = f"/api/v1/erasures/{asked.secret}"
        return Response({"id": asked.id, "due_at": asked.due_at, "receipt": receipt}, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None}, operation_id="erasures_cancel")
    def delete(self, request: Request, party: str) -> Response:
        erasure_requests.cancel(read_uuid(party, "party"), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ErasureReceiptView(APIView):
    """The receipt, for whoever holds its address: by then nobody has a token any more."""

    permission_classes = [AllowAny]

    @extend_schema(responses=ErasureReceipt, operation_id="erasures_receipt")
    def get(self, request: Request, secret: str) -> Response:
        return Response(erasure_requests.receipt(secret))


class KeptView(APIView):
    """Two people open what was kept: the wish that both signed is what lets them in."""

    parser_classes = [StrictJSONParser]
    permission_classes = [needs("read", "sign", "rights", "review")]

    @extend_schema(request=serializers.JSONField(), responses=KeptOpened, operation_id="kept_open")
    def post(self, request: Request) -> Response:
        statement, opened = open_kept(request.data)
        return Response({"statement": statement, "opened": dict(opened)})


def _planned(plan: Plan) -> dict[str, Json]:
    return {
        "destroyed": [*sorted({*plan.destroyed, *(one.sha256 for one in plan.files)})],
        "kept": [one.format() for one in plan.kept],
        "obstacles": [{"code": code, "about": about} for code, about in plan.obstacles],
    }


def _waiting(subject: str) -> dict[str, Any] | None:
    row = erasure_requests.waiting(subject)
    if row is None:
        return None
    return {"id": row.id, "asked_by": row.by_party, "due_at": format_time(row.due_at.replace(microsecond=0))}
