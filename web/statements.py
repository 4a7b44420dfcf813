"""
Where signed statements come in, and the table of their kinds.

The table is the one place that knows every app's statement types. ``POST /statements`` reads an envelope's type, finds
the kind here and gives both to ``registry.services.accept``, so that nothing imports upward.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import consent.kinds
import generation.kinds
import registry.kinds
from generation.core.pay import check_private
from registry.api.authentication import needs
from registry.api.parsing import StrictJSONParser
from registry.core.envelope import Envelope, parse_statement
from registry.core.errors import Malformed
from registry.core.fields import Reader
from registry.kinds.kind import Kind
from registry.services.accept import Accepted, accept

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {kind.type: kind for kind in (*registry.kinds.KINDS, *consent.kinds.KINDS, *generation.kinds.KINDS)}
)
MAX_TEXT_CHARS: Final = 1_000_000  # fifty boxes that list every territory and language take about half


def kind_of(type_: str) -> Kind:
    """Return the kind of a type; a type that is reserved, or unknown, is refused alike."""
    if type_ not in KINDS:
        raise Malformed("unknown_type", field="type", value=type_)
    return KINDS[type_]


def submit(obj: object, *, by: Any, pinned: bool = False) -> Accepted:
    """Take in `{"envelope", "text", "private"}`; raises a ``DomainError``."""
    reader = Reader(obj)
    envelope = Envelope.parse(reader.raw("envelope"), "envelope")
    text = reader.opt_str("text", max_chars=MAX_TEXT_CHARS)
    private = reader.opt_raw("private")
    reader.finish()
    kind = kind_of(parse_statement(envelope.payload).type)
    check_private(kind.type, private)
    return accept(envelope, kind, text=text, private=private, by=by, pinned=pinned)


class SubmissionSerializer(serializers.Serializer):
    """A signed statement with what was shown and what stays private."""

    envelope = serializers.JSONField(help_text="DSSE envelope over the canonical payload")
    text = serializers.CharField(allow_null=True, help_text="the text that was shown to the signer")
    private = serializers.JSONField(allow_null=True, help_text="the salted private part")


class AcceptedSerializer(serializers.Serializer):
    """The answer to an envelope; the same envelope again gets the same."""

    digest = serializers.CharField()
    type = serializers.CharField()
    accepted_at = serializers.DateTimeField()
    proof = serializers.CharField(help_text="where the receipt will be")


class StatementsView(APIView):
    """The one write path for rights: 201 for a new statement, 200 for one that was accepted before."""

    parser_classes = [StrictJSONParser]
    permission_classes = [needs("sign", "rights", "enrol")]

    @extend_schema(
        request=SubmissionSerializer,
        responses={200: AcceptedSerializer, 201: AcceptedSerializer},
        operation_id="statements_submit",
    )
    def post(self, request: Request) -> Response:
        accepted = submit(request.data, by=request.user)
        return Response(
            {
                "digest": accepted.digest,
                "type": accepted.type,
                "accepted_at": accepted.accepted_at,
                "proof": f"/api/v1/statements/{accepted.digest}/proof",
            },
            status=status.HTTP_201_CREATED if accepted.first else status.HTTP_200_OK,
        )
