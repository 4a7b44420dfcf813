"""
`POST /interchange/import` and `GET /interchange/export`: files of others into drafts, own grants into files.

An import keeps nothing: it answers drafts and a report, or 422 with the report of everything that is wrong. An export
holds the caller's own grants that stand; CSV leaves row by row, everything else as a whole and is bounded.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.authentication import needs
from registry.core.errors import Malformed
from web.interchange.columns import SHEETS
from web.interchange.ema_export import write_avails
from web.interchange.ema_files import read_workbook, read_xml
from web.interchange.ema_import import read_offers
from web.interchange.given import Given, read_given
from web.interchange.grant_rows import Written
from web.interchange.odrl_export import write_policies
from web.interchange.odrl_import import read_policies
from web.interchange.odrl_profile import profile
from web.interchange.own_grants import own_grants, titles_of, works_by_identifier
from web.interchange.spreadsheets import Taken, read_spreadsheet, write_spreadsheet
from web.interchange.tables import MAX_FILE_BYTES

MAX_GRANTS: Final = 2_000  # in one file that is made as a whole
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: Final = tuple(SHEETS)
_IMPORTS: Final = ("csv", "xlsx", "ema", "ema_xml", "odrl", "odrl_jsonld")
_MEDIA: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "csv": ("text/csv; charset=utf-8", "csv"),
        "xlsx": (XLSX, "xlsx"),
        "ema": (XLSX, "xlsx"),
        "odrl": ("text/turtle; charset=utf-8", "ttl"),
        "odrl_jsonld": ("application/ld+json", "jsonld"),
    }
)


class ImportSerializer(serializers.Serializer):
    """A file, what it is, and what it cannot say."""

    file = serializers.FileField()
    format = serializers.ChoiceField(choices=_IMPORTS)
    kind = serializers.ChoiceField(choices=KINDS, required=False, help_text="of a csv or xlsx: licences unless said")
    terms = serializers.CharField(
        required=False,
        help_text='JSON beside EMA and ODRL: {"ids","licensor","licensee","acts","aspects","purposes","projects",'
        '"document_sha256","signed_on"}',
    )


class ImportedDraftSerializer(serializers.Serializer):
    """A body ready for `POST /statements/draft`."""

    reference = serializers.CharField(help_text="what the file calls the grant")
    type = serializers.CharField()
    issuer = serializers.UUIDField(help_text="who is to read and sign it")
    body = serializers.JSONField()
    private = serializers.JSONField(allow_null=True)


class ImportedSerializer(serializers.Serializer):
    """Drafts, and the report of every row."""

    drafts = ImportedDraftSerializer(many=True)
    report = serializers.JSONField(help_text='{"wrong","file":[…],"rows":[{"row","findings":[…]}]}')


class ImportView(APIView):
    """Read a file of licences or consents into drafts. Nothing is stored; one wrong row and there are none."""

    parser_classes = [MultiPartParser]
    permission_classes = [needs("rights", "sign")]

    @extend_schema(
        request={"multipart/form-data": ImportSerializer},
        responses=ImportedSerializer,
        operation_id="interchange_import",
    )
    def post(self, request: Request) -> Response:
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            raise Malformed("missing_field", field="file")
        format_ = _choice(request.data.get("format"), "format", _IMPORTS)
        kind = _choice(request.data.get("kind", KINDS[0]), "kind", KINDS)
        given = _given(request, format_)
        taken = _read(file.read(MAX_FILE_BYTES + 1), format_, kind, given)
        return Response({"drafts": [draft.format() for draft in taken.drafts], "report": taken.report.format()})


class ExportView(APIView):
    """Write the caller's own grants that stand, oldest first."""

    permission_classes = [needs("rights", "sign")]

    @extend_schema(
        parameters=[
            OpenApiParameter("format", str, enum=list(_MEDIA), required=True),
            OpenApiParameter("kind", str, enum=list(KINDS), required=True),
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, XLSX): OpenApiTypes.BINARY},
        operation_id="interchange_export",
    )
    def get(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        format_ = _choice(request.query_params.get("format"), "format", tuple(_MEDIA))
        kind = _choice(request.query_params.get("kind"), "kind", KINDS)
        if format_ == "ema" and kind != "licences":
            raise Malformed("bad_value", field="kind", value=kind, wanted="licences, which alone are offered")
        media, suffix = _MEDIA[format_]
        headers = {"Content-Disposition": f'attachment; filename="{kind}.{suffix}"'}
        chunks = _write(own_grants(request.user.party, kind), format_, kind)
        if format_ == "csv":
            return StreamingHttpResponse(chunks, content_type=media, headers=headers)
        return HttpResponse(b"".join(chunks), content_type=media, headers=headers)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """`format` names the file's kind here; the framework would take it for one of its own renderers."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type


class ProfileView(APIView):
    """The profile of ODRL in which grants are written: a vocabulary that anybody may read."""

    permission_classes = [AllowAny]

    @extend_schema(responses={(200, "text/turtle"): OpenApiTypes.STR}, operation_id="interchange_odrl_profile")
    def get(self, request: Request) -> HttpResponse:
        turtle = profile().serialize(format="turtle", encoding="utf-8")
        return HttpResponse(turtle, content_type=_MEDIA["odrl"][0])


def _given(request: Request, format_: str) -> Given:
    """Read `terms`; who imports receives, unless they say otherwise, and the works they registered are known."""
    terms = request.data.get("terms")
    if terms is not None and not isinstance(terms, str):
        raise Malformed("bad_type", field="terms", wanted="JSON text")
    given = read_given(terms)
    if format_ in ("csv", "xlsx"):
        if terms is not None:
            raise Malformed("bad_value", field="terms", wanted="nothing: a row says everything itself")
        return given
    known = works_by_identifier(request.user.party) if format_.startswith("ema") else {}
    return replace(given, ids={**known, **given.ids}, licensee=given.licensee or _receiver(request, format_))


def _receiver(request: Request, format_: str) -> str | None:
    return request.user.party if format_.startswith("ema") else None


def _read(data: bytes, format_: str, kind: str, given: Given) -> Taken:
    if format_ in ("csv", "xlsx"):
        return read_spreadsheet(data, format=format_, kind=kind)
    if format_.startswith("ema"):
        rows, findings = read_workbook(data) if format_ == "ema" else read_xml(data)
        return read_offers(rows, findings, given=given)
    return read_policies(data, json_ld=format_ == "odrl_jsonld", given=given)


def _write(grants: Iterator[Written], format_: str, kind: str) -> Iterator[bytes]:
    if format_ == "csv":
        return write_spreadsheet(grants, format=format_, kind=kind)
    bounded = list(islice(grants, MAX_GRANTS + 1))
    if len(bounded) > MAX_GRANTS:
        raise Malformed("too_large", field="format", wanted=f"at most {MAX_GRANTS} grants; csv has no limit")
    writers: dict[str, Callable[[], Iterator[bytes]]] = {
        "xlsx": lambda: write_spreadsheet(bounded, format=format_, kind=kind),
        "ema": lambda: iter([write_avails(bounded, titles_of(bounded))]),
        "odrl": lambda: iter([write_policies(bounded).turtle()]),
        "odrl_jsonld": lambda: iter([write_policies(bounded).json_ld()]),
    }
    return writers[format_]()


def _choice(value: object, field: str, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise Malformed("bad_value", field=field, value=value, wanted=" | ".join(allowed))
    return value
