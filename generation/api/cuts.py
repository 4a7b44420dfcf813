"""`/projects/{id}/cut`: hand in an editor's cut, and read which of its events have papers."""

import hashlib
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.api.shots import KEY_HEADER, idempotency_key
from generation.core.cut import READERS
from generation.core.cut.event import MAX_CUT_BYTES
from generation.selectors.cuts import describe_cut, find_cut, require_produced
from generation.services.cutting import format_of, keep_cut
from generation.services.idempotency import Call
from registry.api.authentication import needs
from registry.api.parsing import StrictJSONParser
from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.errors import Unknown

FORMATS: Final = " | ".join(sorted(READERS))


class CutUploadSerializer(serializers.Serializer):
    """An editor's file: OpenTimelineIO, CMX 3600 EDL or a table with `shot_code,take,in,out`."""

    file = serializers.FileField()
    format = serializers.CharField(required=False, help_text=f"{FORMATS}; else by the file's name")


class CutTextSerializer(serializers.Serializer):
    """The same as text."""

    format = serializers.CharField(help_text=FORMATS)
    name = serializers.CharField(required=False)
    text = serializers.CharField()


class CutForm(serializers.Serializer):
    """A cut and what its events are."""

    id = serializers.UUIDField()
    project = serializers.UUIDField()
    version = serializers.IntegerField()
    format = serializers.CharField(help_text=FORMATS)
    name = serializers.CharField()
    sha256 = serializers.CharField(help_text="of the file")
    by = serializers.JSONField()
    at = serializers.DateTimeField()
    gaps = serializers.IntegerField(help_text="events without papers")
    events = serializers.ListField(child=serializers.JSONField(), help_text="event, shot, frames `[in, out)`, gap")


class CutView(APIView):
    """The cut of a project, for its producer."""

    parser_classes = [MultiPartParser, StrictJSONParser]
    permission_classes = [needs("produce", "read")]

    @extend_schema(
        request={"multipart/form-data": CutUploadSerializer, "application/json": CutTextSerializer},
        parameters=[KEY_HEADER],
        responses={201: CutForm},
        operation_id="projects_cut_create",
    )
    def post(self, request: Request, project: str) -> Response:
        data, name, asked = _given(request)
        format_ = format_of(name, asked)
        said = hashlib.sha256(f"{project} {format_} ".encode() + data).hexdigest()
        call = Call(party=request.user.party, key=idempotency_key(request), body_sha256=said)
        answer = keep_cut(project, data, name=name, format_=format_, by=request.user, call=call)
        return Response(answer.body, status=answer.status)

    @extend_schema(
        parameters=[OpenApiParameter("version", OpenApiTypes.INT, description="the newest where it is left out")],
        responses=CutForm,
        operation_id="projects_cut_read",
    )
    def get(self, request: Request, project: str) -> Response:
        require_produced(project, by=request.user)
        version = request.query_params.get("version")
        if version is not None and not (version.isascii() and version.isdigit() and len(version) < 9):
            raise Malformed("bad_value", field="version", value=version, wanted="the number of a version")
        cut = find_cut(project, version=None if version is None else int(version))
        if cut is None:
            raise Unknown(kind="cut", id=project, status=404)
        return Response(describe_cut(cut))


def _given(request: Request) -> tuple[bytes, str | None, str | None]:
    """Return the bytes, the name and the format that a call sends, as a file or as text."""
    file: Any = request.FILES.get("file")
    if isinstance(file, UploadedFile):
        if file.size is None or file.size > MAX_CUT_BYTES:
            raise Malformed("too_large", field="file", wanted=f"at most {MAX_CUT_BYTES} bytes")
        return file.read(), file.name, request.data.get("format")
    if not isinstance(request.data, dict) or "text" not in request.data:
        raise Malformed("missing_field", field="file")
    body = Reader(request.data)
    format_, name, text = body.choice("format", READERS), body.opt_str("name"), body.raw("text")
    body.finish()
    if not isinstance(text, str):
        raise Malformed("bad_type", field="text", wanted="text")
    return text.encode(), name, format_
