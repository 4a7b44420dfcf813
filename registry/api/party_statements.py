"""
`GET /parties/{id}/statements`: every statement about a party or by it, by digest and place in the log.

What a monitor compares with the log, from its own machine: the log says nothing of persons, so that somebody has to say
which of its entries are theirs. Digests, types and times only; `GET /statements/{digest}` shows one.
"""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import log
from registry.api.authentication import needs
from registry.api.pagination import Newest
from registry.core.fields import read_uuid
from registry.errors import Forbidden
from registry.locks import clock
from registry.models import Notice, StatementRow
from registry.selectors.authorities import principals_of


class _Newest(Newest):
    ordering = ("-accepted_at", "digest")


class ListedStatementSerializer(serializers.Serializer):
    """One statement, without what it says."""

    digest = serializers.CharField()
    type = serializers.CharField()
    accepted_at = serializers.DateTimeField()
    index = serializers.IntegerField(allow_null=True, help_text="null until it is under a published checkpoint")


class PartyStatementsView(APIView):
    """The statements about a party or by it, newest first, for the party and those who may view for it."""

    permission_classes = [needs("read", "sign")]

    @extend_schema(responses=ListedStatementSerializer(many=True), operation_id="parties_statements")
    def get(self, request: Request, party: str) -> Response:
        own = request.user.party
        if read_uuid(party, "party") != own and party not in principals_of(own, power="view", at=clock()):
            raise Forbidden("these are another party's statements", code="not_yours")
        pages = _Newest()
        page = pages.paginate_queryset(_concerning(party), request, view=self) or []
        return pages.get_paginated_response(_described(page))


def _concerning(party: str) -> QuerySet[StatementRow]:
    """Return what is stored under the party's key, what it issued, and what others signed for it."""
    told = Notice.objects.filter(party=party).values("digest")
    rows = StatementRow.objects.filter(Q(subject=party) | Q(issuer=party) | Q(digest__in=told))
    return rows.only("digest", "type", "accepted_at")


def _described(rows: list[StatementRow]) -> list[dict[str, Any]]:
    indices = log.indices([row.digest for row in rows])
    return [
        {"digest": row.digest, "type": row.type, "accepted_at": row.accepted_at, "index": indices[row.digest]}
        for row in rows
    ]
