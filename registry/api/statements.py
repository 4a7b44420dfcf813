"""`GET /statements/{digest}` and its receipt."""

import threading
import time
from typing import Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import log
from registry.core.fields import read_digest
from registry.errors import Conflict, Forbidden, Unknown
from registry.locks import clock
from registry.selectors.statements import is_stored, may_read
from registry.statements import open_private, open_statement

WAIT_S: Final = 5.0  # how long `?wait=1` waits for the publisher, whose passes are shorter than a second
PAUSE_S: Final = 0.1
MAX_WAITING: Final = 2  # at once, of a web server's few threads: anybody may ask, and nobody may hold them all

_waiting = threading.BoundedSemaphore(MAX_WAITING)


class StatementSerializer(serializers.Serializer):
    """A statement as those concerned read it."""

    digest = serializers.CharField()
    type = serializers.CharField()
    issuer = serializers.UUIDField()
    issued_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField()
    index = serializers.IntegerField(allow_null=True, help_text="null until it is under a published checkpoint")
    envelope = serializers.JSONField(help_text="the DSSE envelope as it was accepted")
    text = serializers.CharField(allow_null=True)
    private = serializers.JSONField(allow_null=True, help_text="for the issuer and the data subject only")


class StatementView(APIView):
    """One statement, for those whom it concerns."""

    @extend_schema(responses=StatementSerializer, operation_id="statements_read")
    def get(self, request: Request, digest: str) -> Response:
        opened = open_statement(read_digest(digest, "digest"))
        if opened is None:
            raise Unknown(kind="statement", id=digest, status=404)
        if not may_read(opened, party=request.user.party, at=clock()):
            raise Forbidden("the statement concerns other parties", code="not_yours")
        own = request.user.party in (opened.statement.issuer, opened.subject)
        return Response(
            {
                "digest": digest,
                "type": opened.statement.type,
                "issuer": opened.statement.issuer,
                "issued_at": opened.statement.issued_at,
                "accepted_at": opened.accepted_at,
                "index": log.indices([digest])[digest],
                "envelope": opened.envelope.format(),
                "text": opened.text,
                "private": open_private(digest, opened.subject) if own else None,
            }
        )


class ProofView(APIView):
    """The receipt of a statement: a `c2sp.org/tlog-proof@v1` file. It holds digests only, so anybody may have it."""

    permission_classes = [AllowAny]

    @extend_schema(
        parameters=[OpenApiParameter("wait", OpenApiTypes.INT, description="1: wait a few seconds to be published")],
        responses={(200, "text/plain"): OpenApiTypes.STR},
        operation_id="statements_proof",
    )
    def get(self, request: Request, digest: str) -> HttpResponse:
        if not is_stored(read_digest(digest, "digest")):
            raise Unknown(kind="statement", id=digest, status=404)
        proof = log.proof(digest)
        if proof is None and request.query_params.get("wait") == "1":
            proof = _awaited(digest)
        if proof is None:
            raise Conflict("the statement is accepted and not yet under a checkpoint", code="not_yet_published")
        named = f'inline; filename="{digest}.tlog-proof"'  # the extension that C2SP asks for; it names no media type
        headers = {"Content-Disposition": named, "X-Content-Type-Options": "nosniff"}
        return HttpResponse(proof, content_type="text/plain; charset=utf-8", headers=headers)


def _awaited(digest: str) -> str | None:
    """Wait for the publisher; who finds no place to wait asks again, as without `?wait=1`."""
    if not _waiting.acquire(blocking=False):
        return None
    try:
        deadline = time.monotonic() + WAIT_S
        while (proof := log.proof(digest)) is None and time.monotonic() < deadline:
            time.sleep(PAUSE_S)
        return proof
    finally:
        _waiting.release()
