"""`POST /documents` and `GET /documents/{sha256}`: papers, encrypted, for those whom they concern."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.authentication import needs
from registry.api.uploads import UnnamedUpload
from registry.core.errors import Malformed
from registry.core.fields import read_digest
from registry.locks import clock
from registry.services.documents import deposit, read


class DocumentUploadSerializer(serializers.Serializer):
    """A paper: PDF, or a scan of it."""

    file = serializers.FileField()


class DocumentKeptSerializer(serializers.Serializer):
    """What is kept; its SHA-256 is what statements name."""

    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    mime = serializers.CharField()


class DocumentsView(APIView):
    """Keep a paper; the same party's same bytes answer with that paper."""

    parser_classes = [MultiPartParser]
    permission_classes = [needs("rights", "sign")]

    @extend_schema(
        request={"multipart/form-data": DocumentUploadSerializer},
        responses={200: DocumentKeptSerializer, 201: DocumentKeptSerializer},
        operation_id="documents_create",
    )
    def post(self, request: Request) -> Response:
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            raise Malformed("missing_field", field="file")
        kept = deposit(file, party=request.user.party, at=clock())
        answer = {"sha256": kept.sha256, "size": kept.size, "mime": kept.mime}
        return Response(answer, status=status.HTTP_201_CREATED if kept.first else status.HTTP_200_OK)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        request.upload_handlers = [UnnamedUpload(request)]  # before anything reads the body
        return super().initialize_request(request, *args, **kwargs)


class DocumentView(APIView):
    """One paper, for the sides of a grant or a dispute and who acts for them; every reading is noted."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, operation_id="documents_read")
    def get(self, request: Request, sha256: str) -> HttpResponse:
        plain, mime = read(read_digest(sha256, "sha256"), by=request.user, at=clock())
        return HttpResponse(
            plain,
            content_type=mime,
            headers={
                "Content-Disposition": f'attachment; filename="{sha256}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )
