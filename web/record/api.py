"""`GET /statements/{digest}/record.pdf`: the record of a signed statement, for those whom it concerns."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from generation.api.files import OneForm
from registry.core.envelope import Signature
from registry.core.errors import Malformed
from registry.core.fields import read_digest
from registry.core.record import LANGUAGES_SHOWN
from registry.custody import custody
from registry.errors import Forbidden
from registry.locks import clock
from web.record.gathering import readable, record_of
from web.record.pdf import write_record

PDF = "application/pdf"


class RecordView(APIView):
    """The record on one page, with attachments from which it verifies offline."""

    content_negotiation_class = OneForm

    @extend_schema(
        parameters=[
            OpenApiParameter("language", str, enum=LANGUAGES_SHOWN, description="of the page; else as it was signed")
        ],
        responses={(200, PDF): OpenApiTypes.BINARY},
        operation_id="statements_record",
    )
    def get(self, request: Request, digest: str) -> HttpResponse:
        language = request.query_params.get("language")
        if language is not None and language not in LANGUAGES_SHOWN:
            raise Malformed("bad_value", field="language", value=language, wanted=" | ".join(LANGUAGES_SHOWN))
        at, party = clock(), request.user.party
        opened = readable(read_digest(digest, "digest"), party=party, at=at)
        if opened is None:
            raise Forbidden("the statement concerns other parties", code="not_yours")
        address = request.build_absolute_uri(f"/api/v1/statements/{digest}/proof")
        record = record_of(opened, language=language, party=party, check_at=address, at=at)
        return HttpResponse(
            write_record(record, _sign),
            content_type=PDF,
            headers={
                "Content-Disposition": f'attachment; filename="record-{digest[:16]}.pdf"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )


def _sign(message: bytes) -> Signature:
    """Sign as the registry."""
    signer = custody().signer("registry")
    return Signature(keyid=signer.public.keyid, kind=signer.public.kind, sig=signer.sign(message))
