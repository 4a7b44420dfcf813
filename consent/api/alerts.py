"""`GET /alerts` and `POST /alerts/{id}/acknowledge`: what is about to end, as the caller's party was told."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.core.ages import comes_of_age
from consent.models import Alert
from consent.services.alerting import acknowledge
from registry.api.authentication import needs
from registry.api.pagination import Newest
from registry.core.errors import Malformed
from registry.core.fields import read_uuid
from registry.locks import clock
from registry.selectors.parties import party_records
from registry.statements import open_statements

KINDS = ("grant", "option", "holdback", "ends_unless", "approval", "majority", "erasure")


class AlertSerializer(serializers.Serializer):
    """One end ahead."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    about = serializers.CharField(help_text="digest of the grant: `GET /statements/{digest}` shows it")
    detail = serializers.CharField(help_text="name of the option; the shot, and `spec` or `result`; else empty")
    ends_at = serializers.DateTimeField(allow_null=True, help_text="null once the person's record is erased")
    days = serializers.ChoiceField(choices=[90, 30, 7], help_text="how far ahead it is told")
    made_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.UUIDField(allow_null=True)


class AlertsView(APIView):
    """What the caller's party was told, newest first."""

    permission_classes = [needs("produce", "read", "rights", "sign")]

    @extend_schema(
        parameters=[
            OpenApiParameter("acknowledged", bool),
            OpenApiParameter("kind", str, enum=list(KINDS)),
            OpenApiParameter("cursor", str),
        ],
        responses=AlertSerializer(many=True),
        operation_id="alerts_list",
    )
    def get(self, request: Request) -> Response:
        rows = Alert.objects.filter(party=request.user.party)
        if (seen := request.query_params.get("acknowledged")) is not None:
            rows = rows.filter(acknowledged_at__isnull=_word(seen, "acknowledged", ("false", "true")) == "false")
        if (kind := request.query_params.get("kind")) is not None:
            rows = rows.filter(kind=_word(kind, "kind", KINDS))
        pages = Newest()
        page = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response(_described(page))


class AlertSeenView(APIView):
    """Somebody of the party has seen an alert; saying so twice changes nothing."""

    permission_classes = [needs("produce", "rights", "sign")]

    @extend_schema(request=None, responses=AlertSerializer, operation_id="alerts_acknowledge")
    def post(self, request: Request, alert: str) -> Response:
        own = request.user
        row = acknowledge(read_uuid(alert, "alert"), party=own.party, person=own.person, at=clock())
        return Response(_described([row])[0])


def _word(text: str, name: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise Malformed("bad_value", field=name, value=text[:40], wanted=" | ".join(allowed))
    return text


def _described(rows: list[Alert]) -> list[dict[str, Any]]:
    birthdays = _majorities([row.about for row in rows if row.kind == "majority"])
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "about": row.about,
            "detail": row.detail,
            "ends_at": birthdays.get(row.about) if row.kind == "majority" else row.ends_at,
            "days": row.days,
            "made_at": row.made_at,
            "acknowledged_at": row.acknowledged_at,
            "acknowledged_by": row.acknowledged_by,
        }
        for row in rows
    ]


def _majorities(consents: list[str]) -> dict[str, Any]:
    """Say when the performer of each consent comes of age, from their own record."""
    performers = {digest: str(one.statement.body["performer"]) for digest, one in open_statements(consents).items()}
    people = party_records(performers.values())
    return {
        digest: comes_of_age(born)
        for digest, performer in performers.items()
        if performer in people and (born := people[performer].born) is not None
    }
