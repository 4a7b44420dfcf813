"""`/projects/{id}/notices`: what the producer of a project is told of its released shots."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from generation.models import Told
from generation.selectors.shots import notices_for
from registry.api.authentication import needs


class ProjectNoticeSerializer(serializers.Serializer):
    """A right that a released shot rests on was withdrawn."""

    id = serializers.UUIDField()
    shot = serializers.UUIDField()
    grant = serializers.CharField(help_text="digest of the ground")
    cause = serializers.CharField(help_text="digest of the statement that withdrew it")
    tail = serializers.ChoiceField(
        choices=["keep", "pull", "finish"], help_text="`pull`: the shot must go, unless other grants cover it"
    )
    effective_at = serializers.DateTimeField()
    at = serializers.DateTimeField()


class ProjectNoticesView(GenericAPIView):
    """Withdrawals that touch the released shots of a project, newest first; for whom the shots were made for."""

    permission_classes = [needs("produce", "read")]
    queryset = Told.objects.none()  # for the schema; `get` answers
    serializer_class = ProjectNoticeSerializer

    @extend_schema(responses=ProjectNoticeSerializer(many=True), operation_id="projects_notices")
    def get(self, request: Request, project: str) -> Response:
        page = self.paginate_queryset(notices_for(project, by=request.user)) or []
        return self.get_paginated_response([_described(row) for row in page])


def _described(row: Told) -> dict[str, Any]:
    return {
        "id": row.id,
        "shot": row.shot,
        "grant": row.grant,
        "cause": row.cause,
        "tail": row.tail,
        "effective_at": row.effective_at,
        "at": row.at,
    }
