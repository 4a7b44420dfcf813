"""
`/passkeys`: make a passkey, and let one sign a draft.

The options are what a browser reads: `PublicKeyCredential.parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON`.
"""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.authentication import needs
from registry.api.parsing import StrictJSONParser
from registry.core.envelope import MAX_PAYLOAD_BYTES
from registry.core.fields import Reader
from registry.locks import clock
from registry.services import passkeys

_SIGNERS = needs("sign", "rights", "enrol")


class ChallengeSerializer(serializers.Serializer):
    """What the challenge is for."""

    purpose = serializers.ChoiceField(choices=["create", "sign"])
    name = serializers.CharField(
        allow_null=True, required=False, help_text="`create`: how the authenticator calls a party not yet registered"
    )
    payload = serializers.CharField(
        allow_null=True, required=False, help_text="`sign`: the payload of `POST /statements/draft`, base64"
    )


class OptionsSerializer(serializers.Serializer):
    """Options for `navigator.credentials.create` or `.get`, in the browsers' JSON."""

    publicKey = serializers.JSONField()


class MadeSerializer(serializers.Serializer):
    """`credential.toJSON()` of what `navigator.credentials.create` returned."""

    credential = serializers.JSONField()


class PasskeySerializer(serializers.Serializer):
    """A key for the body of `party.registered` or `key.added`; nothing is enrolled yet."""

    key = serializers.JSONField()
    keyid = serializers.CharField()


class PasskeyChallengesView(APIView):
    """A challenge for a new passkey of the caller's party, or the one that stands for a draft."""

    parser_classes = [StrictJSONParser]
    permission_classes = [_SIGNERS]

    @extend_schema(
        request=ChallengeSerializer, responses={200: OptionsSerializer}, operation_id="passkeys_challenges_create"
    )
    def post(self, request: Request) -> Response:
        body = Reader(request.data)
        if body.choice("purpose", {"create", "sign"}) == "create":
            name = body.opt_str("name", max_chars=200)
            body.finish()
            options = passkeys.offer(party=request.user.party, name=name, at=clock())
        else:
            payload = body.base64("payload", max_bytes=MAX_PAYLOAD_BYTES)
            body.finish()
            options = passkeys.asked(payload, party=request.user.party)
        return Response({"publicKey": options})


class PasskeysView(APIView):
    """Read what a browser made for the caller's party, and answer with the key."""

    parser_classes = [StrictJSONParser]
    permission_classes = [_SIGNERS]

    @extend_schema(request=MadeSerializer, responses={201: PasskeySerializer}, operation_id="passkeys_create")
    def post(self, request: Request) -> Response:
        body = Reader(request.data)
        credential = body.raw("credential")
        body.finish()
        key = passkeys.made(credential, party=request.user.party, at=clock())
        return Response({"key": key.format(), "keyid": key.keyid}, status=status.HTTP_201_CREATED)
