"""`GET /projects/{id}` and `GET /licences`."""

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import log
from registry.core.fields import read_uuid
from registry.errors import Unknown
from registry.models import Licence, LicenceSubject
from registry.selectors.projects import children_of, find_project
from registry.statements import Opened, open_statements


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


class _Subject(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["asset", "work"])
    id = serializers.UUIDField()


class LicenceSerializer(serializers.Serializer):
    """One licence as its parties read it."""

    digest = serializers.CharField()
    type = serializers.ChoiceField(choices=["licence.granted", "licence.recorded"])
    licensor = serializers.UUIDField()
    licensee = serializers.UUIDField()
    accepted_at = serializers.DateTimeField()
    assurance = serializers.ChoiceField(choices=["signed", "confirmed", "recorded"])
    denied = serializers.CharField(allow_null=True)
    terminated = serializers.CharField(allow_null=True)
    logged = serializers.BooleanField(help_text="under a published checkpoint, so that decisions see it")
    subjects = _Subject(many=True)
    terms = serializers.JSONField(allow_null=True, help_text="the signed body; null once erased")


class _Newest(CursorPagination):
    ordering = ("-accepted_at", "digest")
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200


class LicencesView(APIView):
    """The licences that the caller's party gave or received, newest first."""

    @extend_schema(
        parameters=[OpenApiParameter("asset", str), OpenApiParameter("work", str), OpenApiParameter("cursor", str)],
        responses=LicenceSerializer(many=True),
        operation_id="licences_list",
    )
    def get(self, request: Request) -> Response:
        own = request.user.party
        rows = Licence.objects.filter(Q(licensor=own) | Q(licensee=own))
        for kind in ("asset", "work"):
            if (wanted := request.query_params.get(kind)) is not None:
                reached = LicenceSubject.objects.filter(subject_kind=kind, subject_id=read_uuid(wanted, kind))
                rows = rows.filter(digest__in=reached.values("licence"))
        pages = _Newest()
        page = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response(_describe(page))


def _describe(page: list[Licence]) -> list[dict[str, Any]]:
    digests = [row.digest for row in page]
    opened, numbers = open_statements(digests), log.indices(digests)
    subjects: dict[str, list[dict[str, str]]] = {digest: [] for digest in digests}
    for subject in LicenceSubject.objects.filter(licence__in=digests).order_by("subject_kind", "subject_id"):
        subjects[subject.licence].append({"kind": subject.subject_kind, "id": subject.subject_id})
    return [
        _one(row, opened.get(row.digest), subjects[row.digest], logged=numbers[row.digest] is not None) for row in page
    ]


def _one(row: Licence, opened: Opened | None, subjects: list[dict[str, str]], *, logged: bool) -> dict[str, Any]:
    return {
        "digest": row.digest,
        "type": row.type,
        "licensor": row.licensor,
        "licensee": row.licensee,
        "accepted_at": row.accepted_at,
        "assurance": _assurance(row),
        "denied": row.denied,
        "terminated": row.terminated,
        "logged": logged,
        "subjects": subjects,
        "terms": None if opened is None else opened.statement.body,
    }


def _assurance(row: Licence) -> str:
    if row.type == "licence.granted":
        return "signed"
    return "recorded" if row.confirmed is None else "confirmed"
