"""`GET /consents`: what a party gave or received."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.selectors.consents import consents_of, describe_rows
from registry.api.pagination import Newest
from registry.core.fields import read_uuid
from registry.locks import clock


class _Newest(Newest):
    ordering = ("-accepted_at", "digest")


class ConsentSerializer(serializers.Serializer):
    """One consent as those concerned read it."""

    digest = serializers.CharField()
    type = serializers.ChoiceField(choices=["consent.granted", "consent.recorded"])
    performer = serializers.UUIDField()
    grantee = serializers.UUIDField()
    basis = serializers.ChoiceField(choices=["contract", "consent"])
    recorded_at = serializers.DateTimeField()
    accepted = serializers.CharField(allow_null=True)
    countered = serializers.CharField(allow_null=True, help_text="digest of the counter-offer that ended it")
    counters = serializers.CharField(allow_null=True, help_text="digest of the offer that it counters")
    answers = serializers.CharField(allow_null=True, help_text="digest of the request or record that it answers")
    ratified = serializers.CharField(allow_null=True, help_text="digest of the performer's word once of age")
    revoked = serializers.CharField(allow_null=True)
    disputed = serializers.CharField(allow_null=True, help_text="digest of the open dispute of its withdrawal")
    assigned_to = serializers.UUIDField(allow_null=True)
    logged = serializers.BooleanField()
    uses = serializers.IntegerField()
    terms = serializers.JSONField(allow_null=True)


class Consents(APIView):
    """The consents that the caller's party gave or received, newest first."""

    @extend_schema(
        parameters=[OpenApiParameter("performer", str), OpenApiParameter("grantee", str)],
        responses=ConsentSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        performer, grantee = _id(request, "performer"), _id(request, "grantee")
        rows = consents_of(request.user.party, at=clock(), performer=performer, grantee=grantee)
        pages = _Newest()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(describe_rows(page or ()))


def _id(request: Request, name: str) -> str | None:
    value = request.query_params.get(name)
    return None if value is None else read_uuid(value, name)
