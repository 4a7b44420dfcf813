"""`GET /authorities`: who acts for whom, as far as it concerns the caller's party."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import log
from registry.api.authentication import needs
from registry.api.pagination import Newest
from registry.core.authority import POWERS, ROLES
from registry.core.errors import Malformed
from registry.core.fields import read_uuid
from registry.core.terms import ACTS
from registry.locks import clock
from registry.models import Authority, AuthorityAgent
from registry.selectors.authorities import authorities_of, disputes_of, standing

SIDES: Final = ("principal", "agent")


class AuthoritySerializer(serializers.Serializer):
    """One authority, and whether anybody may sign under it now."""

    authority = serializers.UUIDField()
    digest = serializers.CharField()
    principal = serializers.UUIDField(help_text="for whom")
    agents = serializers.ListField(child=serializers.UUIDField())
    required = serializers.IntegerField(help_text="how many of the agents sign together")
    role = serializers.ChoiceField(choices=ROLES)
    powers = serializers.ListField(child=serializers.ChoiceField(choices=POWERS))
    acts = serializers.ListField(child=serializers.CharField())
    window = serializers.ListField(child=serializers.DateTimeField(allow_null=True), help_text="[start, end or null]")
    attestor = serializers.UUIDField(help_text="who granted it: of a guardian or an estate a third party")
    ended = serializers.CharField(allow_null=True, help_text="digest of its `authority.ended`")
    disputed = serializers.CharField(allow_null=True, help_text="digest of a dispute that is open or was upheld")
    stands = serializers.BooleanField(help_text="now: within its window, neither ended nor disputed")
    logged = serializers.BooleanField(help_text="under a published checkpoint, so that decisions see it")


class AuthoritiesView(APIView):
    """What the caller's party gave, attested, acts under, or may view for somebody; newest first."""

    permission_classes = [needs("produce", "read", "rights", "sign")]

    @extend_schema(
        parameters=[
            *(OpenApiParameter(side, str) for side in SIDES),
            OpenApiParameter("role", str, enum=list(ROLES)),
            OpenApiParameter("cursor", str),
        ],
        responses=AuthoritySerializer(many=True),
        operation_id="authorities_list",
    )
    def get(self, request: Request) -> Response:
        at = clock()
        rows = authorities_of(request.user.party, at=at)
        if (principal := request.query_params.get("principal")) is not None:
            rows = rows.filter(principal=read_uuid(principal, "principal"))
        if (agent := request.query_params.get("agent")) is not None:
            under = AuthorityAgent.objects.filter(agent=read_uuid(agent, "agent"))
            rows = rows.filter(id__in=under.values("authority"))
        if (role := request.query_params.get("role")) is not None:
            if role not in ROLES:
                raise Malformed("bad_value", field="role", value=role[:40], wanted=" | ".join(ROLES))
            rows = rows.filter(role=role)
        pages = Newest()
        page = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response(_described(page, at))


def _described(page: Sequence[Authority], at: datetime) -> list[dict[str, Any]]:
    ids = [row.id for row in page]
    disputed, numbers = disputes_of(ids, at=at), log.indices([row.digest for row in page])
    stands = {one.id for one in standing(ids, moments=[at], at=at)}
    agents: dict[str, list[str]] = {ident: [] for ident in ids}
    for held in AuthorityAgent.objects.filter(authority__in=ids).order_by("agent"):
        agents[held.authority].append(held.agent)
    return [
        {
            "authority": row.id,
            "digest": row.digest,
            "principal": row.principal,
            "agents": agents[row.id],
            "required": row.required,
            "role": row.role,
            "powers": row.powers,
            "acts": ACTS.names(row.acts),
            "window": [row.start, row.end],
            "attestor": row.attestor,
            "ended": row.ended,
            "disputed": disputed.get(row.id),
            "stands": row.id in stands,
            "logged": numbers[row.digest] is not None,
        }
        for row in page
    ]
