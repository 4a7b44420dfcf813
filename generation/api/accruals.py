"""
`/parties/{id}/accruals`, `/parties/{id}/favoured` and `/shots/{id}/basis`: what grants come to.

A statement of account to compute again, not a bill: nothing is paid here.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.api.files import OneForm
from generation.models import FavouredAlert
from generation.selectors.accruals import describe_earned, earned_by
from generation.services.stating import state_basis
from registry.api.authentication import needs
from registry.api.parsing import StrictJSONParser
from registry.core.errors import Malformed
from registry.core.fields import read_uuid
from registry.errors import Forbidden

FORMATS: Final = ("csv", "json")
COLUMNS: Final = (
    "grant", "grantee", "statement", "of", "shot", "project", "item", "kind", "currency", "quantity", "counted",
    "exact_minor", "missing", "accrued_minor",
)  # fmt: skip


class AccrualsForm(serializers.Serializer):
    """What a party's grants came to, with every input."""

    party = serializers.UUIDField()
    at = serializers.DateTimeField()
    rounding = serializers.CharField()
    grants = serializers.ListField(child=serializers.JSONField())
    totals = serializers.ListField(child=serializers.JSONField(), help_text="minor units by currency")


class AccrualsView(APIView):
    """For who earned it and who represents them, all of it; for a grantee what it owes."""

    content_negotiation_class = OneForm
    permission_classes = [needs("read", "rights", "produce", "sign")]

    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=FORMATS), OpenApiParameter("project", str)],
        responses=AccrualsForm,
        operation_id="parties_accruals",
    )
    def get(self, request: Request, party: str) -> HttpResponse | Response:
        asked = request.query_params
        wanted = asked.get("format", "json")
        if wanted not in FORMATS:
            raise Malformed("bad_value", field="format", value=wanted, wanted=" | ".join(FORMATS))
        project = None if asked.get("project") is None else read_uuid(asked["project"], "project")
        told = describe_earned(party, earned_by(read_uuid(party, "party"), by=request.user, project=project))
        if wanted == "json":
            return Response(told)
        headers = {"Content-Disposition": f'attachment; filename="accruals-{party}.csv"'}
        return HttpResponse(_table(told), content_type="text/csv; charset=utf-8", headers=headers)


class BasisForm(serializers.Serializer):
    """What pay by the day or by percentage of one release or use is computed from."""

    statement = serializers.CharField(help_text="digest of the shot.released or use.cleared")
    days = serializers.DictField(child=serializers.IntegerField(), required=False, help_text="by grantor")
    base = serializers.JSONField(required=False, allow_null=True, help_text='{"minor", "currency"}')


class BasisView(APIView):
    """State it, for the shot's producer; the newest counts."""

    parser_classes = [StrictJSONParser]
    permission_classes = [needs("produce")]

    @extend_schema(request=BasisForm, responses={201: BasisForm}, operation_id="shots_basis")
    def post(self, request: Request, shot: str) -> Response:
        return Response(state_basis(shot, request.data, by=request.user), status=status.HTTP_201_CREATED)


class FavouredForm(serializers.Serializer):
    """Somebody in the group of a grant has better pay in a project. Not who, not how much."""

    id = serializers.UUIDField()
    project = serializers.UUIDField()
    grant = serializers.CharField(help_text="the grant with less")
    kind = serializers.ChoiceField(choices=["better", "not_comparable"])
    at = serializers.DateTimeField()


class FavouredView(GenericAPIView):
    """Alerts of most-favoured-nation groups, newest first; for the party that is told."""

    permission_classes = [needs("read", "rights", "produce", "sign")]
    queryset = FavouredAlert.objects.none()  # for the schema; `get` answers
    serializer_class = FavouredForm

    @extend_schema(responses=FavouredForm(many=True), operation_id="parties_favoured")
    def get(self, request: Request, party: str) -> Response:
        if read_uuid(party, "party") not in (request.user.party, request.user.person):
            raise Forbidden("these are another party's alerts", code="not_yours")
        page = self.paginate_queryset(FavouredAlert.objects.filter(party=party).order_by("-id")) or []
        rows = [{name: getattr(row, name) for name in ("id", "project", "grant", "kind", "at")} for row in page]
        return self.get_paginated_response(rows)


def _table(told: dict[str, Any]) -> str:
    """Write a statement as a table: one row a line, the rounded accrual on its last."""
    file = io.StringIO()
    rows = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    rows.writeheader()
    for grant in told["grants"]:
        for accrual in grant["accruals"]:
            rows.writerows(_rows(grant, accrual))
    return file.getvalue()


def _rows(grant: dict[str, Any], accrual: dict[str, Any]) -> Iterator[dict[str, Any]]:
    about = {"grant": grant["grant"], "grantee": grant["grantee"]}
    about |= {name: accrual[name] for name in ("statement", "of", "shot", "project")}
    for line in accrual["lines"]:
        yield about | line | {"counted": " ".join(line["counted"])}
    for total in accrual["totals"]:
        yield about | {"kind": "total", "currency": total["currency"], "accrued_minor": total["minor"]}
