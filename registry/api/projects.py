"""`GET /projects/{id}`."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.core.fields import read_uuid
from registry.errors import Unknown
from registry.selectors.projects import children_of, find_project


class ProjectSerializer(serializers.Serializer):
    """A node of a producer's tree."""

    id = serializers.UUIDField()
    digest = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=["franchise", "series", "season", "episode", "film"])
    producer = serializers.UUIDField()
    parent = serializers.UUIDField(allow_null=True)
    children = serializers.ListField(child=serializers.UUIDField())


class ProjectView(APIView):
    """One project, with the ids of its children."""

    @extend_schema(responses=ProjectSerializer, operation_id="projects_read")
    def get(self, request: Request, project: str) -> Response:
        row = find_project(read_uuid(project, "project"))
        if row is None:
            raise Unknown(kind="project", id=project, status=404)
        return Response(
            {
                "id": row.id,
                "digest": row.digest,
                "title": row.title,
                "kind": row.kind,
                "producer": row.producer,
                "parent": row.parent,
                "children": [child.id for child in children_of(project)],
            }
        )
