"""
`/consent-requests`: a refusal made into a question to the person, and the answers to it.

Whatever is asked, the answer is a request that was sent: it does not say whether anybody is there to hear it.
"""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent.kinds import CONSENT_GRANTED
from consent.models import ConsentRequest
from consent.selectors.requests import (
    asked_by,
    describe_requests,
    muted_by,
    open_proposals,
    received_by,
    require_request,
)
from consent.services import requests
from consent.services.requests import REASONS
from registry.api.authentication import needs
from registry.api.pagination import Newest
from registry.api.parsing import StrictJSONParser
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_uuid
from registry.core.record import LANGUAGES_SHOWN
from registry.errors import Inadmissible
from registry.locks import clock
from registry.selectors.names import names_for
from registry.selectors.parties import kind_of

_ID = {"type": "string", "format": "uuid"}
_ASKS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["performer", "project", "until", "description", "scenes", "dialogue", "replica_use",
                 "replaces_in_person_work"],
    "properties": {
        "performer": _ID,
        "project": _ID,
        "obstacles": {"type": "array", "description": "of a refusal or a check; those that ask the performer count"},
        "decision": {"type": "object", "description": "instead of `obstacles`: the whole decision"},
        "until": {"type": "string", "format": "date-time", "description": "until when shots are to be made"},
        "description": {"type": "string", "maxLength": 500},
        "role": {"type": ["string", "null"], "maxLength": 200},
        "scenes": {"description": "`any`, or a sorted list of scenes"},
        "dialogue": {"type": "object"},
        "replica_use": {"type": "array", "items": {"type": "string"}},
        "replaces_in_person_work": {"type": "boolean"},
        "basis": {"type": "string", "enum": ["consent", "contract"]},
        "lasts_days": {"type": "integer", "minimum": 1, "maximum": 90},
    },
}  # fmt: skip
_LANGUAGE = OpenApiParameter("language", str, enum=list(LANGUAGES_SHOWN))


class _Step(serializers.Serializer):
    state = serializers.ChoiceField(choices=["sent", "passed_on", "seen", "declined"])
    at = serializers.DateTimeField()
    by = serializers.UUIDField(allow_null=True, help_text="null where the reader is not told")
    reason = serializers.ChoiceField(choices=REASONS, allow_null=True)


class ConsentRequestSerializer(serializers.Serializer):
    """A request for consent."""

    id = serializers.UUIDField()
    digest = serializers.CharField(help_text="what the consent that answers it names in `answers`")
    asker = serializers.UUIDField()
    performer = serializers.UUIDField()
    project = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=["sent", "seen", "answered", "declined", "expired"])
    sent_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    history = _Step(many=True)
    answer = serializers.CharField(allow_null=True, help_text="digest of the consent that answered it")
    draft = serializers.JSONField(allow_null=True, help_text="body of the `consent.granted` that would give it")
    text = serializers.CharField(required=False, help_text="the draft in plain words; where one is read alone")


class ConsentRequests(APIView):
    """What the caller asked of others, or is asked."""

    parser_classes = [StrictJSONParser]

    def get_permissions(self) -> list[Any]:
        scopes = ("produce", "rights") if self.request.method == "POST" else ("read", "sign", "produce", "rights")
        return [needs(*scopes)()]

    @extend_schema(
        request={"application/json": _ASKS},
        responses={201: ConsentRequestSerializer},
        operation_id="consent_requests_ask",
    )
    def post(self, request: Request) -> Response:
        at = clock()
        row = requests.ask(request.data, asker=request.user.party, at=at)
        return Response(_one(row, request, at=at), status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("side", str, enum=["asked", "received"])],
        responses=ConsentRequestSerializer(many=True),
        operation_id="consent_requests_list",
    )
    def get(self, request: Request) -> Response:
        at, party = clock(), request.user.party
        side = request.query_params.get("side", "received")
        if side not in ("asked", "received"):
            raise Malformed("bad_value", field="side", value=side, wanted="asked | received")
        rows = asked_by(party) if side == "asked" else received_by(party, at=at)
        pages = Newest()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(describe_requests(page or (), reader=party, at=at))


class ConsentRequestView(APIView):
    """One request, with its draft in plain words; reading it is noted."""

    permission_classes = [needs("read", "sign", "produce", "rights")]

    @extend_schema(parameters=[_LANGUAGE], responses=ConsentRequestSerializer, operation_id="consent_requests_read")
    def get(self, request: Request, request_id: str) -> Response:
        at = clock()
        row = require_request(read_uuid(request_id, "request"), party=request.user.party, at=at)
        requests.see(row, party=request.user.party, at=at)
        return Response(_one(row, request, at=at))


class DeclineSerializer(serializers.Serializer):
    """No; why, from a closed list."""

    reason = serializers.ChoiceField(choices=REASONS, allow_null=True, required=False)
    mute = serializers.BooleanField(required=False, help_text="hear no more from this asker")


class ConsentRequestDecline(APIView):
    """Say no."""

    parser_classes = [StrictJSONParser]
    permission_classes = [needs("sign")]

    @extend_schema(request=DeclineSerializer, responses={204: None}, operation_id="consent_requests_decline")
    def post(self, request: Request, request_id: str) -> Response:
        body = Reader(request.data)
        reason, mute = body.opt_choice("reason", REASONS), body.opt_bool("mute") or False
        body.finish()
        id_ = read_uuid(request_id, "request")
        requests.decline(id_, party=request.user.party, reason=reason, mute=mute, at=clock())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConsentRequestPassOn(APIView):
    """A representative shows the person what it was sent for them."""

    permission_classes = [needs("sign")]

    @extend_schema(request=None, responses={204: None}, operation_id="consent_requests_pass_on")
    def post(self, request: Request, request_id: str) -> Response:
        requests.pass_on(read_uuid(request_id, "request"), party=request.user.party, at=clock())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MuteSerializer(serializers.Serializer):
    asker = serializers.UUIDField()
    at = serializers.DateTimeField()


class Mutes(APIView):
    """Whom the caller does not want to hear from."""

    permission_classes = [needs("read", "sign")]

    @extend_schema(responses=MuteSerializer(many=True), operation_id="consent_requests_mutes")
    def get(self, request: Request) -> Response:
        return Response(muted_by(request.user.party))


class MuteView(APIView):
    """Mute an asker, or hear from it again."""

    permission_classes = [needs("sign")]

    @extend_schema(request=None, responses={204: None}, operation_id="consent_requests_mute")
    def put(self, request: Request, asker: str) -> Response:
        kind_of(read_uuid(asker, "asker"), field="asker")
        if asker == request.user.party:
            raise Inadmissible("nobody mutes themselves", code="bad_value", field="asker")
        requests.silence(person=request.user.party, asker=asker, at=clock())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={204: None}, operation_id="consent_requests_unmute")
    def delete(self, request: Request, asker: str) -> Response:
        requests.listen(person=request.user.party, asker=read_uuid(asker, "asker"))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _one(row: ConsentRequest, request: Request, *, at: Any) -> dict[str, Any]:
    """Describe one request with its text; the asker reads the performer's id, not a name that it did not bring."""
    language = request.query_params.get("language", "en")
    if language not in LANGUAGES_SHOWN:
        raise Malformed("bad_value", field="language", value=language, wanted=" | ".join(LANGUAGES_SHOWN))
    reader = request.user.party
    (described,) = describe_requests([row], reader=reader, at=at)
    proposal = open_proposals([row]).get(row.id)
    if proposal is None:
        return described

    called = names_for(reader, at=at)

    def named(id_: str) -> str:
        return id_ if reader == row.asker and id_ == row.performer else called(id_)

    record = CONSENT_GRANTED.parse(Reader(proposal.draft(), "draft"))
    return described | {"text": CONSENT_GRANTED.describe(record, language, named)}
