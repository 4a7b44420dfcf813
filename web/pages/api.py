"""`GET /token`: for whom a token acts, and which passkeys can sign for them; what a page needs to know first."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.core.passkey import Passkey, base64url
from registry.models import Key
from registry.selectors.parties import ever_had_a_key, party_records


class _Credential(serializers.Serializer):
    keyid = serializers.CharField()
    id = serializers.CharField(help_text="of the credential, base64url")


class TokenSerializer(serializers.Serializer):
    """Whose token it is."""

    party = serializers.UUIDField()
    person = serializers.UUIDField()
    scopes = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField(allow_null=True, help_text="null for a party that is not registered, or was erased")
    has_key = serializers.BooleanField(help_text="the party has, or had, a key; a further one needs its signature too")
    passkeys = _Credential(many=True, help_text="that stand, oldest first")


class TokenView(APIView):
    """The token that the call comes with."""

    @extend_schema(responses=TokenSerializer, operation_id="token_read")
    def get(self, request: Request) -> Response:
        party = request.user.party
        record = party_records([party]).get(party)
        rows = Key.objects.filter(party=party, revoked=None).exclude(credential=None).order_by("added", "keyid")
        return Response(
            {
                "party": party,
                "person": request.user.person,
                "scopes": sorted(request.user.scopes),
                "name": None if record is None else record.name,
                "has_key": ever_had_a_key(party),
                "passkeys": [
                    {"keyid": keyid, "id": base64url(Passkey.parse(credential).credential_id)}
                    for keyid, credential in rows.values_list("keyid", "credential")
                ],
            }
        )
