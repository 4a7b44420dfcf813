"""`GET /restrictions` and `GET /suspensions`: never and not now, as far as it concerns the caller's party."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.core.bar_bodies import SUSPENDED, SUSPENSIONS
from consent.selectors.bars import describe_restrictions, describe_suspensions, restrictions_of, suspensions_of
from registry.api.authentication import needs
from registry.api.pagination import Newest
from registry.core.errors import Malformed
from registry.core.fields import read_uuid
from registry.locks import clock

_LIFTED = OpenApiParameter("lifted", bool, description="whether all of it was lifted; without it, both")
_LOGGED = "under a published checkpoint; it refuses from its acceptance on"
_IN_FORCE = "not lifted as a whole by a statement under a published checkpoint"


class RestrictionSerializer(serializers.Serializer):
    """One standing "never"."""

    restriction = serializers.UUIDField()
    digest = serializers.CharField()
    performer = serializers.UUIDField()
    lifted = serializers.CharField(allow_null=True, help_text="digest of its `restriction.lifted`")
    in_force = serializers.BooleanField(help_text=_IN_FORCE)
    logged = serializers.BooleanField(help_text=_LOGGED)
    scopes = serializers.JSONField(allow_null=True, help_text="as signed; null once erased")


class _On(serializers.Serializer):
    kind = serializers.ChoiceField(choices=SUSPENDED)
    id = serializers.UUIDField()


class _Lifting(serializers.Serializer):
    digest = serializers.CharField()
    logged = serializers.BooleanField()
    scopes = serializers.JSONField(allow_null=True, help_text="the part that is lifted; null: whatever it bars")
    projects = serializers.ListField(child=serializers.UUIDField(), allow_null=True, help_text="null: for all")


class SuspensionSerializer(serializers.Serializer):
    """One dated "not now"."""

    suspension = serializers.UUIDField()
    digest = serializers.CharField()
    kind = serializers.ChoiceField(choices=SUSPENSIONS)
    issuer = serializers.UUIDField()
    on = _On(help_text="whom or what it binds")
    lifted = serializers.CharField(allow_null=True, help_text="digest of what lifted all of it")
    in_force = serializers.BooleanField(help_text=_IN_FORCE)
    logged = serializers.BooleanField(help_text=_LOGGED)
    terms = serializers.JSONField(
        allow_null=True, help_text="`scopes agreements excepted_projects document_sha256` as signed; null once erased"
    )
    liftings = _Lifting(many=True)


class RestrictionsView(APIView):
    """The restrictions of the caller's party, and of those for whom it may view; newest first."""

    permission_classes = [needs("produce", "read", "rights", "sign")]

    @extend_schema(
        parameters=[OpenApiParameter("performer", str), _LIFTED, OpenApiParameter("cursor", str)],
        responses=RestrictionSerializer(many=True),
        operation_id="restrictions_list",
    )
    def get(self, request: Request) -> Response:
        rows = restrictions_of(request.user.party, at=clock())
        if (performer := request.query_params.get("performer")) is not None:
            rows = rows.filter(performer=read_uuid(performer, "performer"))
        pages = Newest()
        page = pages.paginate_queryset(_lifted(rows, request), request, view=self) or ()
        return pages.get_paginated_response(describe_restrictions(page))


class SuspensionsView(APIView):
    """The suspensions that the caller's party declared or that bind or concern it, newest first."""

    permission_classes = [needs("produce", "read", "rights", "sign")]

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=list(SUSPENSIONS)),
            OpenApiParameter("on", str, description="id of the party, work or asset that it binds"),
            _LIFTED,
            OpenApiParameter("cursor", str),
        ],
        responses=SuspensionSerializer(many=True),
        operation_id="suspensions_list",
    )
    def get(self, request: Request) -> Response:
        rows = suspensions_of(request.user.party, at=clock())
        if (kind := request.query_params.get("kind")) is not None:
            rows = rows.filter(kind=_word(kind, "kind", SUSPENSIONS))
        if (on := request.query_params.get("on")) is not None:
            rows = rows.filter(on_id=read_uuid(on, "on"))
        pages = Newest()
        page = pages.paginate_queryset(_lifted(rows, request), request, view=self) or ()
        return pages.get_paginated_response(describe_suspensions(page))


def _lifted(rows: QuerySet[Any], request: Request) -> QuerySet[Any]:
    asked = request.query_params.get("lifted")
    if asked is None:
        return rows
    return rows.filter(lifted__isnull=_word(asked, "lifted", ("false", "true")) == "false")


def _word(text: str, name: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise Malformed("bad_value", field=name, value=text[:40], wanted=" | ".join(allowed))
    return text
