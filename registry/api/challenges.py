"""`/parties/{id}/challenges` and `/challenges/{id}`: show that a person is there now."""

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
from registry.api.pagination import Newest
from registry.api.parsing import StrictJSONParser
from registry.api.uploads import UnnamedUpload
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_uuid
from registry.core.passcodes import KINDS
from registry.locks import clock
from registry.models import Challenge, Vouch
from registry.selectors.challenges import challenges_of, require_challenge
from registry.services.challenges import answer, challenge, read
from registry.texts.challenges import instruction


class ChallengeRequestSerializer(serializers.Serializer):
    """What to ask of a person, and who is to look at the answer."""

    kind = serializers.ChoiceField(choices=KINDS)
    voucher = serializers.UUIDField(required=False, help_text="who is to vouch; the caller, unless that is the person")


class _Text(serializers.Serializer):
    en = serializers.CharField()
    fr = serializers.CharField()


class ChallengeSerializer(serializers.Serializer):
    """A passcode to say or to write, and what became of it."""

    id = serializers.UUIDField()
    party = serializers.UUIDField(help_text="the person")
    voucher = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    passcode = serializers.CharField(help_text="words spelled alike in English and French, then digits")
    text = _Text(help_text="what to tell the person")
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True, help_text="of the answer")
    size = serializers.IntegerField(allow_null=True)
    mime = serializers.CharField(allow_null=True)
    used_by = serializers.CharField(allow_null=True, help_text="digest of the vouch that rests on it")


class ChallengesView(APIView):
    """The challenges of a person that concern the caller, newest first; make one."""

    parser_classes = [StrictJSONParser]
    permission_classes = [needs("rights", "sign")]

    @extend_schema(responses=ChallengeSerializer(many=True), operation_id="challenges_list")
    def get(self, request: Request, party: str) -> Response:
        pages = Newest()
        rows = challenges_of(read_uuid(party, "party"), party=request.user.party)
        page = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response([_described(row) for row in page])

    @extend_schema(
        request=ChallengeRequestSerializer, responses={201: ChallengeSerializer}, operation_id="challenges_create"
    )
    def post(self, request: Request, party: str) -> Response:
        body = Reader(request.data)
        kind, voucher = body.choice("kind", KINDS), body.opt_uuid("voucher")
        body.finish()
        person, caller = read_uuid(party, "party"), request.user
        if voucher is None and caller.party == person:
            raise Malformed("missing_field", field="voucher")
        row = challenge(person, voucher=voucher or caller.party, kind=kind, by=caller, at=clock())
        return Response(_described(row), status=status.HTTP_201_CREATED)


class ChallengeView(APIView):
    """One challenge, for the person and the voucher."""

    permission_classes = [needs("rights", "sign")]

    @extend_schema(responses=ChallengeSerializer, operation_id="challenges_read")
    def get(self, request: Request, challenge: str) -> Response:
        return Response(_described(require_challenge(read_uuid(challenge, "challenge"), party=request.user.party)))


class AnswerUploadSerializer(serializers.Serializer):
    """Film, sound, a picture of what was written, or a text."""

    file = serializers.FileField()


class AnswerView(APIView):
    """The answer: given once, by the person, before the challenge ends; seen by the person and the voucher alone."""

    parser_classes = [MultiPartParser]
    permission_classes = [needs("rights", "sign")]

    @extend_schema(
        request={"multipart/form-data": AnswerUploadSerializer},
        responses=ChallengeSerializer,
        operation_id="challenges_answer",
    )
    def put(self, request: Request, challenge: str) -> Response:
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            raise Malformed("missing_field", field="file")
        return Response(_described(answer(read_uuid(challenge, "challenge"), file, by=request.user, at=clock())))

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, operation_id="challenges_read_answer"
    )
    def get(self, request: Request, challenge: str) -> HttpResponse:
        ident = read_uuid(challenge, "challenge")
        plain, mime = read(ident, by=request.user)
        return HttpResponse(
            plain,
            content_type=mime,
            headers={
                "Content-Disposition": f'attachment; filename="{ident}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        request.upload_handlers = [UnnamedUpload(request)]  # before anything reads the body
        return super().initialize_request(request, *args, **kwargs)


def _described(row: Challenge) -> dict[str, Any]:
    names = ("id", "party", "voucher", "kind", "passcode", "made_at", "expires_at", "answered_at")
    return {
        **{name: getattr(row, name) for name in (*names, "sha256", "size", "mime")},
        "text": instruction(row.kind, row.passcode, row.expires_at),
        "used_by": Vouch.objects.filter(challenge=row.id).values_list("digest", flat=True).first(),
    }
