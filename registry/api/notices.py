"""`/parties/{id}/notices`: what somebody else signed for a party, and whether the party has read it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.authentication import needs
from registry.api.pagination import Newest
from registry.core.fields import read_digest, read_uuid
from registry.errors import Forbidden, Unknown
from registry.locks import clock
from registry.models import Notice, NoticeRead
from registry.services.notices import mark_read


class _Newest(Newest):
    ordering = ("-at", "digest")


class NoticeSerializer(serializers.Serializer):
    """A statement that somebody else signed for the party."""

    digest = serializers.CharField(help_text="of the statement: `GET /statements/{digest}` shows it")
    type = serializers.CharField()
    signed_by = serializers.UUIDField()
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NoticesView(APIView):
    """What the caller's party is told, newest first."""

    permission_classes = [needs("read", "sign")]

    @extend_schema(responses=NoticeSerializer(many=True), operation_id="notices_list")
    def get(self, request: Request, party: str) -> Response:
        _require_own(request, party)
        pages = _Newest()
        page = pages.paginate_queryset(Notice.objects.filter(party=party), request, view=self) or []
        digests = [row.digest for row in page]
        read = dict(NoticeRead.objects.filter(party=party, digest__in=digests).values_list("digest", "read_at"))
        return pages.get_paginated_response([_described(row, read) for row in page])


class NoticeReadView(APIView):
    """The party has read a notice."""

    permission_classes = [needs("read", "sign")]

    @extend_schema(request=None, responses={204: None}, operation_id="notices_mark_read")
    def put(self, request: Request, party: str, digest: str) -> Response:
        _require_own(request, party)
        if not mark_read(party=party, digest=read_digest(digest, "digest"), at=clock()):
            raise Unknown(kind="notice", id=digest, status=404)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _require_own(request: Request, party: str) -> None:
    if read_uuid(party, "party") != request.user.party:
        raise Forbidden("these are another party's notices", code="not_yours")


def _described(row: Notice, read: dict[str, Any]) -> dict[str, Any]:
    return {
        "digest": row.digest,
        "type": row.type,
        "signed_by": row.signed_by,
        "at": row.at,
        "read_at": read.get(row.digest),
    }
