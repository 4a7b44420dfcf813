"""`/projects/{id}/clearance-report`: the page that an insurer and a buyer ask for."""

from typing import Any, Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.api.files import OneForm
from generation.report.pdf import write_pdf
from generation.report.table import table
from generation.selectors.cuts import require_produced
from generation.selectors.report import Sale, clearance_report
from registry.api.authentication import needs
from registry.core.errors import Malformed
from registry.core.record import LANGUAGES_SHOWN
from registry.core.scope import FOREVER_S
from registry.core.terms import MEDIA, TERRITORIES, expand_territories
from registry.core.times import parse_time, to_epoch_s

FORMATS: Final = ("csv", "json", "pdf")
FOREVER: Final = "forever"
_CSV, _PDF = "text/csv; charset=utf-8", "application/pdf"


class ClearanceReportView(APIView):
    """Every shot of the cut with its papers and gaps; with `media`, `territories` or `until`, who is in the way."""

    content_negotiation_class = OneForm
    permission_classes = [needs("produce", "read")]

    @extend_schema(
        parameters=[
            OpenApiParameter("format", str, enum=FORMATS),
            OpenApiParameter("language", str, enum=LANGUAGES_SHOWN),
            OpenApiParameter("media", str, description="of the sale, with commas between"),
            OpenApiParameter("territories", str, description="of the sale: codes or groups, with commas between"),
            OpenApiParameter("until", str, description="end of the sale: a day, a time, or `forever`"),
            OpenApiParameter("version", int, description="of the cut; else the newest"),
        ],
        responses={
            (200, "application/json"): OpenApiTypes.OBJECT,
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "text/csv"): OpenApiTypes.STR,
        },
        operation_id="projects_clearance_report",
    )
    def get(self, request: Request, project: str) -> HttpResponse | Response:
        asked = request.query_params
        format_ = _choice(asked, "format", FORMATS, "json")
        language = _choice(asked, "language", LANGUAGES_SHOWN, "en")
        version = asked.get("version")
        if version is not None and not (version.isascii() and version.isdigit() and len(version) < 9):
            raise Malformed("bad_value", field="version", value=version, wanted="the number of a version")
        row = require_produced(project, by=request.user)
        report = clearance_report(row, sale=_sale(asked), version=None if version is None else int(version))
        if format_ == "json":
            return Response(report.format())
        data = table(report) if format_ == "csv" else write_pdf(report, language)
        headers = {"Content-Disposition": f'attachment; filename="clearance-report-{project}.{format_}"'}
        return HttpResponse(data, content_type=_CSV if format_ == "csv" else _PDF, headers=headers)


def _choice(asked: Any, name: str, allowed: tuple[str, ...], usual: str) -> str:
    value = asked.get(name, usual)
    if value not in allowed:
        raise Malformed("bad_value", field=name, value=value, wanted=" | ".join(allowed))
    return str(value)


def _sale(asked: Any) -> Sale | None:
    """Read the sale that is asked about; None where nothing is."""
    media, territories = _names(asked, "media"), _names(asked, "territories")
    until = asked.get("until")
    if media is None and territories is None and until is None:
        return None
    lands = None if territories is None else sorted(expand_territories(territories, field="territories"))
    return Sale(
        media=None if media is None else MEDIA.mask(media, "media"),
        territories=None if lands is None else TERRITORIES.mask(lands, "territories"),
        until_s=None if until is None else _until(until),
    )


def _names(asked: Any, name: str) -> list[str] | None:
    value = asked.get(name)
    if value is None:
        return None
    names = [part.strip() for part in value.split(",") if part.strip()]
    if not names:
        raise Malformed("bad_value", field=name, value=value, wanted="names with commas between")
    return sorted(set(names))


def _until(text: str) -> int:
    if text == FOREVER:
        return FOREVER_S
    return to_epoch_s(parse_time(f"{text}T00:00:00Z" if len(text) == len("2027-01-01") else text, field="until"))
